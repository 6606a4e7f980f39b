"""What AI exists that nobody declared: what sources show, what of it is one thing, what to do."""
