"""From activity and factors to a footprint: one idea a module, in the order of `pipeline`."""
