"""What the screens share: the bar, the sign-in gate, charts, tables, numbers and lineage."""
