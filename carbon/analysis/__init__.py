"""The footprint looked at again: seasons, doubt, change, and what would lower it."""
