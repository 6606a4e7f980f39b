"""Counters -> increases by meter and span: what a reset, a wrap and a long pause mean.

A counter that only grows tells what was used between two samples however far apart they lie; a
pause loses nothing. When it falls it has either started again from 0 (driver reloaded, server
restarted: the new value is the increase since then), or wrapped at the end of its range (RAPL).

* Restarting counters: after a fall the new value counts, where the step is no longer than the limit
  of a gap and the value is one that the device can have used in that time; else the step is not
  measured.
* Wrapping counters: the range is not in the export, so that a step with a fall is not measured; nor
  is one so long that the counter may have wrapped unseen: range / the most that the device draws.
* A rise beyond the most that the device can draw is a fault of the meter, and not measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.activity.telemetry.kernel import (
    MICRO,
    SPAN_US,
    Reduced,
    by_series,
    gap_limits,
    in_order,
    reduce_steps,
    with_values,
)
from carbon.policy import Telemetry

UNBOUNDED: Final = float("inf")


@dataclass(frozen=True)
class Counter:
    """What is known of one counter beside its samples.

    Attributes:
        most_w: more than this the device cannot draw [W].
        range_j: where it wraps [J]; None for a counter that never does.
    """

    most_w: float = UNBOUNDED
    range_j: float | None = None


def reduce_counters(
    samples: pl.DataFrame, counters: Sequence[Counter], telemetry: Telemetry
) -> Reduced:
    """Energy of counters by meter and span.

    Args:
        samples: series (numbered from 0), owner, time (UTC), value [J; null: not measured].
        counters: what is known of each series, by its number.
        telemetry: limits of gaps, and the span.

    Returns:
        E = sum of the counter's rises, as the module says; in microjoules.
    """
    whole = in_order(samples)
    measured = with_values(whole)
    most = pl.Series([c.most_w for c in counters], dtype=pl.Float64)
    safe = pl.Series(
        [UNBOUNDED if c.range_j is None else c.range_j / c.most_w * MICRO for c in counters],
        dtype=pl.Float64,
    )
    wraps = pl.Series([c.range_j is not None for c in counters], dtype=pl.Boolean)
    limit = gap_limits(measured, telemetry)

    def judge(steps: pl.LazyFrame) -> pl.LazyFrame:
        length = pl.col("end") - pl.col("start")
        rise = pl.col("v1") - pl.col("v0")
        bound = by_series(most) * length / MICRO
        grows = (rise >= 0) & (rise <= bound) & (length <= by_series(safe))
        restarts = (
            (rise < 0) & ~by_series(wraps) & (length <= by_series(limit)) & (pl.col("v1") <= bound)
        )
        used = pl.when(grows).then(rise).when(restarts).then("v1")
        return steps.with_columns(
            ticks=(used * MICRO).round().cast(pl.Int64),
            skew=pl.lit(0.0),
            guess=pl.lit(None, pl.Float64),
        )

    return reduce_steps(whole, measured, judge, SPAN_US[telemetry.resolution])


def reduce_counts(samples: pl.DataFrame, telemetry: Telemetry) -> Reduced:
    """Counts (requests, tokens) by series and span; a fall means that the counter began again at 0.

    A step that crosses the boundary of a span is split by time into whole numbers.

    Args:
        samples: series (numbered from 0), owner, time (UTC), value [1; null: not known].
        telemetry: the span.

    Returns:
        Sums of rises, in ones; the gaps are of no meaning here.
    """
    whole = in_order(samples)
    measured = with_values(whole)

    def judge(steps: pl.LazyFrame) -> pl.LazyFrame:
        rise = pl.col("v1") - pl.col("v0")
        used = pl.when(rise >= 0).then(rise).otherwise("v1")
        return steps.with_columns(
            ticks=used.round().cast(pl.Int64),
            skew=pl.lit(0.0),
            guess=pl.lit(None, pl.Float64),
        )

    return reduce_steps(whole, measured, judge, SPAN_US[telemetry.resolution])
