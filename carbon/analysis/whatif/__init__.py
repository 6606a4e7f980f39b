"""What-if: a scenario is today's footprint with load moved and changed, computed on arrays."""
