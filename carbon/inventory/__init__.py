"""What AI is run, whose it is, and whether it is inside the boundary."""
