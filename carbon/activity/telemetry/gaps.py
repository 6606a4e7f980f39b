"""The time that a meter did not see, and the energy that its neighbouring hours make likely."""

from typing import Final

import polars as pl

NEIGHBOURHOOD_US: Final = 3_600_000_000
"""How far before and after a gap the meter's mean power is taken from [µs]."""


def share_of(fraction: pl.Expr) -> pl.Expr:
    """Share of a step's energy up to a fraction of its time, power changing linearly.

    With f the fraction and s = (p1 - p0) / (p1 + p0): (1 - s) f + s f^2.
    """
    return (1 - pl.col("skew")) * fraction + pl.col("skew") * fraction**2


def edges_of(whole: pl.DataFrame, measured: pl.DataFrame) -> pl.DataFrame:
    """The time before a meter's first value and after its last in which it gave no value."""
    time = pl.col("time").to_physical()
    if whole.height == measured.height:
        return _no_steps(whole)
    seen = measured.group_by("series").agg(
        first=time.min(),
        last=time.max(),
        first_value=pl.col("value").first(),
        last_value=pl.col("value").last(),
    )
    every = whole.group_by("series").agg(begin=time.min(), until=time.max())
    both = every.join(seen, on="series", how="inner", validate="1:1").sort("series")
    lead = both.filter(pl.col("begin") < pl.col("first")).select(
        "series", start="begin", end="first", guess="first_value"
    )
    trail = both.filter(pl.col("until") > pl.col("last")).select(
        "series", start="last", end="until", guess="last_value"
    )
    return pl.concat([_no_steps(whole), lead, trail], how="diagonal")


def _no_steps(samples: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "series": samples.schema["series"],
            "owner": samples.schema["owner"],
            "owner_after": samples.schema["owner"],
            "start": pl.Int64,
            "end": pl.Int64,
            "guess": pl.Float64,
            "skew": pl.Float64,
            "ticks": pl.Int64,
        }
    )


def estimated(gaps: pl.DataFrame, steps: pl.LazyFrame) -> pl.DataFrame:
    """Gaps with the energy that the meter's neighbouring hours make likely.

    P = energy measured in the hour before and the hour after / time measured in them. Where both
    hours were not seen, the mean of the readings at its ends. Gaps that touch are one.
    """
    if gaps.is_empty():
        return gaps
    start, end = pl.col("start"), pl.col("end")
    apart = pl.col("series").ne_missing(pl.col("series").shift()) | (start != end.shift())
    gaps = gaps.with_columns(run=apart.fill_null(True).cum_sum())
    length = end - start
    runs = gaps.group_by("run", maintain_order=True).agg(
        pl.col("series").first(),
        start.min(),
        end.max(),
        guess=(pl.col("guess") * length).sum() / length.sum(),
        guessed=pl.col("guess").is_not_null().all(),
    )
    power = runs.select(
        "run",
        watts=pl.coalesce(_neighbouring_power(runs, steps), pl.when("guessed").then("guess")),
    )
    same_owner = pl.col("owner").eq_missing(pl.col("owner_after"))
    return gaps.join(power, on="run", how="left", validate="m:1", maintain_order="left").select(
        "series",
        "start",
        "end",
        owner=pl.when(same_owner).then("owner"),
        ticks=(pl.col("watts") * length).round().cast(pl.Int64),
        skew=pl.lit(0.0),
    )


def _neighbouring_power(runs: pl.DataFrame, steps: pl.LazyFrame) -> pl.Series:
    """Mean power [W] in the hour before and after each run of gaps; null where nothing was seen."""
    seen = pl.col("ticks").is_not_null()
    length = pl.col("end") - pl.col("start")
    near = (
        steps.filter("inner")
        .join(runs.lazy().select("series").unique(), on="series", how="semi")
        .select("series", "start", "end", "ticks", "skew", seen=pl.when(seen).then(length))
        .with_columns(pl.col("ticks", "seen").fill_null(0))
        .sort("series", "start")
        .with_columns(
            energy=pl.col("ticks").cum_sum() - pl.col("ticks"),
            time=pl.col("seen").cum_sum() - pl.col("seen"),
        )
        .collect()
    )
    moments = [
        pl.col("start") - NEIGHBOURHOOD_US,
        pl.col("start"),
        pl.col("end"),
        pl.col("end") + NEIGHBOURHOOD_US,
    ]
    totals = [_up_to(runs.select("series", moment=moment), near) for moment in moments]
    ticks, time = (
        (totals[1][name] - totals[0][name]) + (totals[3][name] - totals[2][name])
        for name in ("energy", "time")
    )
    both = pl.DataFrame({"ticks": ticks, "time": time})
    return both.select(
        pl.when(pl.col("time") > 0).then(pl.col("ticks") / pl.col("time"))
    ).to_series()


def _up_to(moments: pl.DataFrame, near: pl.DataFrame) -> pl.DataFrame:
    """Running energy and measured time of a series up to a moment, in the order of `moments`."""
    base = near.group_by("series").agg(
        pl.col("energy").min().alias("first_energy"), pl.col("time").min().alias("first_time")
    )
    found = (
        moments.with_row_index("at")
        .sort("moment")
        .join_asof(
            near.sort("start"),
            left_on="moment",
            right_on="start",
            by="series",
            strategy="backward",
            check_sortedness=False,
        )
        .join(base, on="series", how="left", validate="m:1", maintain_order="left")
        .sort("at")
    )
    fraction = (pl.min_horizontal("moment", "end") - pl.col("start")) / (
        pl.col("end") - pl.col("start")
    )
    return found.select(
        energy=pl.coalesce(
            pl.col("energy") + (share_of(fraction) * pl.col("ticks")).round().cast(pl.Int64),
            "first_energy",
        ).fill_null(0),
        time=pl.coalesce(
            pl.col("time") + (fraction * pl.col("seen")).round().cast(pl.Int64), "first_time"
        ).fill_null(0),
    )
