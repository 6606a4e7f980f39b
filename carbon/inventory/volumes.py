"""How much a workload was used, and how long its runs took."""

from typing import Final

import polars as pl

from carbon.exact import ratio
from carbon.schema import UNASSIGNED

VOLUMES: Final = (
    "requests",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
)
"""Quantities of use. Cached tokens are part of the input, reasoning tokens of the output."""

RUN_FORMATS: Final = (
    "boamps",
    "carbontracker",
    "codecarbon",
    "eco2ai",
    "mlflow-runs",
    "slurm-sacct",
    "wandb-runs",
    "zeus",
)
"""Formats whose rows are runs: their periods are the time from start to end, not months of a
table."""


def volumes(
    activity: pl.DataFrame, month_from: str | None = None, month_to: str | None = None
) -> pl.DataFrame:
    """Requests and tokens of each workload: sum of quantity x assigned_share x share of time.

    A row that straddles an end of the period is taken by the hours that lie inside.

    Args:
        activity: `Activity` rows with `assigned_share`, as `carbon.inventory.assignment` gives
            them.
        month_from: first month, YYYY-MM; None: from the first there is.
        month_to: last month, YYYY-MM; None: to the last there is.

    Returns:
        workload_id and the columns of VOLUMES [1], null where no source states them, sorted.
    """
    rows = _within(activity.filter(pl.col("quantity_kind").is_in(VOLUMES)), month_from, month_to)
    whole = (pl.col("period_end") - pl.col("period_start")).dt.total_microseconds()
    inside = (pl.col("end") - pl.col("start")).dt.total_microseconds()
    share = pl.when(whole > 0).then(ratio(inside, whole)).otherwise(1.0)
    amount = pl.col("quantity") * pl.col("assigned_share").fill_null(1.0) * share
    sums = [
        # Sorted first, so that a sum is the same whatever order the rows came in.
        pl.col("amount").filter(pl.col("quantity_kind") == kind).sort().sum().alias(kind)
        for kind in VOLUMES
    ]
    there = [(pl.col("quantity_kind") == kind).any().alias(f"has_{kind}") for kind in VOLUMES]
    return (
        rows.with_columns(amount=amount)
        .group_by("workload_id")
        .agg(*sums, *there)
        .select("workload_id", *(pl.when(f"has_{kind}").then(kind).alias(kind) for kind in VOLUMES))
        .sort("workload_id")
    )


def wall_hours(
    activity: pl.DataFrame, month_from: str | None = None, month_to: str | None = None
) -> pl.DataFrame:
    """Hours on the clock during which at least one run of a workload went on.

    The union of the runs' periods: two runs at the same time count once, and a run of many
    accelerators counts as long as one. A run is a row of RUN_FORMATS, or one that says how it
    ended.

    Args:
        activity: `Activity` rows.
        month_from: first month, YYYY-MM; None: from the first there is.
        month_to: last month, YYYY-MM; None: to the last there is.

    Returns:
        workload_id and wall_hours [h], one row per workload with runs, sorted.
    """
    is_run = pl.col("format").is_in(RUN_FORMATS) | pl.col("run_status").is_not_null()
    spans = (
        _within(activity.filter(is_run), month_from, month_to)
        .select("workload_id", "start", "end")
        .unique()
        .sort("workload_id", "start", "end")
    )
    before = pl.col("end").cum_max().shift().over("workload_id")
    fresh = pl.col("end") - pl.max_horizontal("start", before)
    seconds = pl.max_horizontal(fresh.dt.total_microseconds(), 0) / 1e6
    return (
        spans.with_columns(seconds=seconds)
        .group_by("workload_id", maintain_order=True)
        .agg(wall_hours=pl.col("seconds").sum() / 3600)
    )


def _within(activity: pl.DataFrame, month_from: str | None, month_to: str | None) -> pl.DataFrame:
    """Rows that touch the period, with workload_id, and start and end of what lies inside."""
    first = _month(month_from or "0001-01")
    after = _month(month_to or "9998-12").dt.offset_by("1mo")
    return activity.with_columns(
        workload_id=pl.col("workload").fill_null(UNASSIGNED),
        start=pl.max_horizontal("period_start", first),
        end=pl.min_horizontal("period_end", after),
    ).filter((pl.col("end") > pl.col("start")) | (pl.col("period_start") == pl.col("period_end")))


def _month(month: str) -> pl.Expr:
    return pl.lit(f"{month}-01").str.to_datetime("%Y-%m-%d", time_unit="us", time_zone="UTC")
