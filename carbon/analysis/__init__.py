"""What the footprint says when it is looked at again: seasons, doubt, change, and what would lower it."""
