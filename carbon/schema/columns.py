"""Column types that several tables share, named once."""

from typing import Any

import dataframely as dy


def text(description: str, *, nullable: bool = True, **kw: Any) -> dy.String:
    """A string column; null means *not stated*."""
    return dy.String(nullable=nullable, description=description, **kw)


def number(description: str, *, nullable: bool = True, **kw: Any) -> dy.Float64:
    """A finite float column; null means *not known*, which is not 0."""
    return dy.Float64(nullable=nullable, description=description, **kw)


def instant(description: str, *, nullable: bool = False) -> dy.Datetime:
    """A moment in UTC, microseconds: the resolution that Delta Lake keeps."""
    return dy.Datetime(nullable=nullable, time_zone="UTC", time_unit="us", description=description)
