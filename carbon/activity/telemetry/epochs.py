"""Moments written as a count since 1970, whose unit is told by its size.

Between 1990 and 2100 seconds, milliseconds, microseconds and nanoseconds do not overlap.
"""

from typing import Final

import polars as pl

from carbon.tables.dates import EARLIEST, FAR, LATEST

_UNITS_US: Final = (1e6, 1e3, 1.0, 1e-3)
"""Microseconds of one second, millisecond, microsecond and nanosecond."""

FARAWAY: Final = f"this moment {FAR}"


def from_epoch(counts: pl.Expr) -> pl.Expr:
    """Counts since 1970 -> time (UTC, microseconds); null where no unit gives 1990 to 2100.

    Args:
        counts: Float64, in s, ms, µs or ns.
    """
    low, high = (moment.timestamp() * 1e6 for moment in (EARLIEST, LATEST))
    in_micros = [counts * unit for unit in _UNITS_US]
    micros = pl.coalesce(pl.when(m.is_between(low, high)).then(m) for m in in_micros)
    return micros.round().cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
