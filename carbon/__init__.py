"""A carbon footprint baseline for an AI portfolio."""

from importlib.metadata import version

__version__ = version("carbon")
