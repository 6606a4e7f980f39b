"""A carbon footprint baseline for an AI portfolio."""
