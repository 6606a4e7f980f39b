"""Samples of meters -> energy by meter and span: the kernel that every telemetry reader shares.

A step is the time between two neighbouring samples of one meter.

* Power [W]: the trapezoid of its two ends. A pause longer than the limit of the policy is a gap: it
  is never bridged.
* Energy counters [J] (`carbon.activity.telemetry.counters`): the difference of its two ends.

A step that crosses the boundary of a span (hour or day, UTC) is split there, power interpolated
linearly. What is not measured (a gap, a sentinel, a lost wrap) keeps its seconds, and its energy is
estimated from the meter's own mean power in the hour before and the hour after, as far as they were
seen; it is handed back apart, as `gaps`.

A sample that holds no value is as good as missing: the pause that it leaves is judged like any
other.

Energy is summed as whole microjoules (1 W x 1 µs), because sums of integers do not depend on the
order in which threads, files or machines add them. Rows in order of (series, time) are reduced by
`shift` and a mask, without a group-by over the samples.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.activity.telemetry.gaps import edges_of, estimated, share_of
from carbon.policy import Telemetry
from carbon.units import J_PER_KWH

MICRO: Final = 1_000_000
"""Microseconds per second; microjoules per joule."""

SPAN_US: Final = {"hour": 3600 * MICRO, "day": 86_400 * MICRO}
"""Length of a span [µs]. Both divide the time since 1970 evenly, so that spans start on the hour
and at midnight UTC."""

KWH_PER_TICK: Final = 1 / (J_PER_KWH * MICRO)


@dataclass(frozen=True)
class Reduced:
    """Energy of meters by span.

    Attributes:
        energy: series, owner, span (number of the span since 1970), ticks [µJ; of a counter of
            another unit that unit], seen_us [µs].
        gaps: series, owner, span, ticks (estimated; null where nothing tells), unseen_us [µs].
    """

    energy: pl.DataFrame
    gaps: pl.DataFrame


Judge = Callable[[pl.LazyFrame], pl.LazyFrame]
"""Adds to steps (start, end [µs], v0, v1): ticks (null: not measured), skew and guess."""


def reduce_power(samples: pl.DataFrame, telemetry: Telemetry) -> Reduced:
    """Energy of power samples by meter and span.

    Args:
        samples: series (numbered from 0), owner (who used the device; null where nobody is named),
            time (UTC), value [W; null: not measured].
        telemetry: limits of gaps, and the span.

    Returns:
        E = sum of (p0 + p1) / 2 x (t1 - t0) over steps no longer than
        min(gap_limit_steps x the meter's median step, gap_limit_s).
    """
    whole = in_order(samples)
    measured = with_values(whole)
    limit = gap_limits(measured, telemetry)

    def judge(steps: pl.LazyFrame) -> pl.LazyFrame:
        length, both = pl.col("end") - pl.col("start"), pl.col("v0") + pl.col("v1")
        seen = length <= by_series(limit)
        return steps.with_columns(
            ticks=pl.when(seen).then((both * 0.5 * length).round().cast(pl.Int64)),
            skew=pl.when(both > 0).then((pl.col("v1") - pl.col("v0")) / both).otherwise(0.0),
            guess=both * 0.5,
        )

    return reduce_steps(whole, measured, judge, SPAN_US[telemetry.resolution])


def in_order(samples: pl.DataFrame) -> pl.DataFrame:
    """Samples by (series, time), of each moment the first; untouched where they are so already."""
    series, time = pl.col("series"), pl.col("time")
    later = (series > series.shift()) | ((series == series.shift()) & (time > time.shift()))
    if samples.select(later.fill_null(True).all()).item():
        return samples
    ordered = samples.sort("series", "time", maintain_order=True)
    again = (series == series.shift()) & (time == time.shift())
    return ordered.filter(~again.fill_null(False))


def with_values(samples: pl.DataFrame) -> pl.DataFrame:
    """The samples that hold a value."""
    if not samples["value"].null_count():
        return samples
    return samples.filter(pl.col("value").is_not_null())


def gap_limits(samples: pl.DataFrame, telemetry: Telemetry) -> pl.Series:
    """The longest step of each meter that is no gap [µs], by the number of its series."""
    same = pl.col("series") == pl.col("series").shift()
    step = pl.when(same).then(pl.col("time").to_physical().diff())
    medians = samples.lazy().select("series", step=step).group_by("series")
    limits = medians.agg(
        limit=pl.min_horizontal(
            pl.col("step").median() * telemetry.gap_limit_steps,
            pl.lit(telemetry.gap_limit_s * MICRO),
        )
    ).collect()
    count = 1 if samples.is_empty() else int(samples.select(pl.col("series").max()).item()) + 1
    every = pl.select(series=pl.int_range(count)).cast({"series": samples.schema["series"]})
    found = every.join(limits, on="series", how="left", validate="1:1", maintain_order="left")
    return found["limit"]


def by_series(values: pl.Series) -> pl.Expr:
    """The value of each row's series."""
    if values.n_unique() == 1:
        return pl.lit(values[0], values.dtype)
    return pl.lit(values).gather(pl.col("series"))


def reduce_steps(
    whole: pl.DataFrame, measured: pl.DataFrame, judge: Judge, span_us: int
) -> Reduced:
    """Energy and gaps of judged steps.

    Args:
        whole: every sample in order.
        measured: those of them that hold a value.
        judge: says of each step what it gives.
        span_us: length of a span [µs].
    """
    steps = judge(_steps(measured)).with_columns(span=pl.col("start") // span_us)
    within = pl.col("end") <= (pl.col("span") + 1) * span_us
    regular = (pl.col("inner") & within & pl.col("ticks").is_not_null()).fill_null(False)
    steps = steps.with_columns(regular=regular)
    others = steps.filter(pl.col("inner") & ~pl.col("regular"))
    runs, rest = pl.collect_all([_sum_runs(steps), others])
    crossing = rest.filter(pl.col("ticks").is_not_null())
    energy = pl.concat([runs, _pieces(crossing, span_us)])
    gaps = pl.concat(
        [rest.filter(pl.col("ticks").is_null()), edges_of(whole, measured)], how="diagonal"
    )
    return Reduced(
        energy=_merged(energy, "seen_us"),
        gaps=_merged(
            _pieces(estimated(gaps.sort("series", "start"), steps), span_us), "seen_us"
        ).rename({"seen_us": "unseen_us"}),
    )


def _steps(samples: pl.DataFrame) -> pl.LazyFrame:
    """Each sample with the one after it; `inner` where both are of one meter."""
    time, owner = pl.col("time").to_physical(), pl.col("owner")
    return samples.lazy().select(
        "series",
        "owner",
        start=time,
        end=time.shift(-1),
        v0="value",
        v1=pl.col("value").shift(-1),
        inner=(pl.col("series") == pl.col("series").shift(-1)).fill_null(False),
        owner_after=owner.shift(-1),
    )


def _sum_runs(steps: pl.LazyFrame) -> pl.LazyFrame:
    """Sums over neighbouring rows of one series, span and owner, by running totals."""
    ends = pl.any_horizontal(
        pl.col(name).ne_missing(pl.col(name).shift(-1)) for name in ("series", "span", "owner")
    )
    length = pl.col("end") - pl.col("start")
    return (
        steps.select(
            "series",
            "owner",
            "span",
            ticks=pl.when("regular").then("ticks").otherwise(0).cum_sum(),
            seen_us=pl.when("regular").then(length).otherwise(0).cum_sum(),
            ends=ends,
        )
        .filter("ends")
        .drop("ends")
        .with_columns(pl.col("ticks", "seen_us") - pl.col("ticks", "seen_us").shift(fill_value=0))
        .filter(pl.col("seen_us") > 0)
    )


def _pieces(steps: pl.DataFrame, span_us: int) -> pl.DataFrame:
    """Steps split at the boundaries of spans; the parts add up to the whole, to the tick."""
    start, end = pl.col("start"), pl.col("end")
    last = (end - 1) // span_us
    parts = (
        steps.with_row_index("step")
        .with_columns(span=pl.int_ranges(start // span_us, last + 1))
        .explode("span")
        .with_columns(
            begin=pl.max_horizontal(start, pl.col("span") * span_us),
            until=pl.min_horizontal(end, (pl.col("span") + 1) * span_us),
        )
        .with_columns(
            upto=(share_of((pl.col("until") - start) / (end - start)) * pl.col("ticks"))
            .round()
            .cast(pl.Int64)
        )
    )
    first = pl.col("step").ne_missing(pl.col("step").shift())
    before = pl.when(first).then(0).otherwise(pl.col("upto").shift())
    return parts.select(
        "series",
        "owner",
        "span",
        ticks=pl.col("upto") - before,
        seen_us=pl.col("until") - pl.col("begin"),
    )


def _merged(parts: pl.DataFrame, length: str) -> pl.DataFrame:
    """One row per series, span and owner; ticks null where a part of it is not known."""
    known = pl.col("ticks").is_not_null().all()
    return (
        parts.group_by("series", "span", "owner")
        .agg(pl.when(known).then(pl.col("ticks").sum()).alias("ticks"), pl.col(length).sum())
        .sort("series", "span", "owner")
    )
