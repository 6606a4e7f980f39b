"""Writes the sample portfolio: `python -m data.sample.generator [DIRECTORY]` at the root.

Meridian Health AI does not exist, and every figure here is invented; only the formats are real.
The same code writes the same bytes on every machine: seeded chance, no clock.
"""
