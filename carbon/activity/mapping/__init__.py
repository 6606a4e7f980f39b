"""What the columns of an unknown table mean: stated, guessed, written as TOML, and read by."""
