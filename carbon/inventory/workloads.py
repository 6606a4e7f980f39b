"""The inventory: what the sources say of each workload, overlaid with what the analyst stated."""

from typing import Final

import polars as pl

from carbon.policy import Policy
from carbon.schema import (
    UNASSIGNED,
    WORKLOAD_STATED_COLUMNS,
    WORKLOAD_TEXT_COLUMNS,
    Workload,
)

IMPORTANT: Final = (
    "model",
    "lifecycle",
    "accelerator",
    "place",
    "project",
    "business_unit",
    "owner",
)
"""What a reader of the inventory asks first of a workload; `place` is its region or its site."""


def inventory(activity: pl.DataFrame, overlay: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Every workload that activity names or an analyst stated, with its metadata.

    A column takes the analyst's word, else the latest value that any source states (by the end of
    its period), else null. Activity that nobody claims appears as `(unassigned)`.

    Args:
        activity: `Activity` rows that count.
        overlay: `Workload` rows, one per workload_id: the analyst's edits.
        policy: `boundary.in_scope_by_default` decides where nobody did.

    Returns:
        The columns of `Workload` (in_scope never null) and first_month, last_month (YYYY-MM),
        formats (comma-separated), rows [1] (distinct rows of files), completeness (share of the
        important metadata that is stated, 0 to 1) and missing (what it lacks, in words; where most
        lacks, "all but" what is there), one row per workload, sorted by workload_id.
    """
    edits = overlay.select(pl.all().name.prefix("stated_")).rename(
        {"stated_workload_id": "workload_id"}
    )
    stated = [
        pl.coalesce(pl.col(f"stated_{column}"), pl.col(column)).alias(column)
        for column in WORKLOAD_TEXT_COLUMNS
    ]
    return (
        from_sources(activity)
        .join(edits, on="workload_id", how="full", coalesce=True, validate="1:1")
        .with_columns(
            *stated,
            *(pl.col(f"stated_{column}").alias(column) for column in WORKLOAD_STATED_COLUMNS),
            name=pl.coalesce("stated_name", "workload_id"),
            in_scope=pl.col("stated_in_scope").fill_null(policy.boundary.in_scope_by_default),
            boundary_reason=pl.col("stated_boundary_reason"),
            rows=pl.col("rows").fill_null(0),
        )
        .with_columns(completeness=_completeness(), missing=_missing())
        .select(
            *Workload.column_names(),
            *("first_month", "last_month", "formats", "rows", "completeness", "missing"),
        )
        .sort("workload_id")
    )


def from_sources(activity: pl.DataFrame) -> pl.DataFrame:
    """The latest metadata that sources state of each workload.

    Args:
        activity: `Activity` rows that count.

    Returns:
        workload_id, the workload's text columns, first_month, last_month (YYYY-MM; the last month
        that holds any of its period), formats and rows, one row per workload.
    """
    last_moment = pl.col("period_end").max() - pl.duration(microseconds=1)
    return (
        activity.sort("period_end", "evidence_id", "row_number", "quantity_kind")
        .with_columns(
            workload_id=pl.col("workload").fill_null(UNASSIGNED),
            accelerator_count=_count_text(pl.col("accelerator_count")),
        )
        .group_by("workload_id", maintain_order=True)
        .agg(
            *(pl.col(column).drop_nulls().last() for column in WORKLOAD_TEXT_COLUMNS),
            first_month=pl.col("period_start").min().dt.strftime("%Y-%m"),
            last_month=last_moment.dt.strftime("%Y-%m"),
            formats=pl.col("format").unique().sort().str.join(", "),
            rows=pl.struct("evidence_id", "row_number").n_unique().cast(pl.Int64),
        )
    )


def _count_text(count: pl.Expr) -> pl.Expr:
    """8.0 as `8`, 0.5 as `0.5`: a count as a person writes it."""
    whole = count.cast(pl.Int64, strict=False)
    return pl.when(whole == count).then(whole.cast(pl.String)).otherwise(count.cast(pl.String))


def _stated() -> dict[str, pl.Expr]:
    """Whether each part of the important metadata is stated, by its name in words."""
    place = pl.col("region").is_not_null() | pl.col("site").is_not_null()
    return {
        name.replace("_", " "): place if name == "place" else pl.col(name).is_not_null()
        for name in IMPORTANT
    }


def _completeness() -> pl.Expr:
    return pl.mean_horizontal(*[part.cast(pl.Float64) for part in _stated().values()])


def _missing() -> pl.Expr:
    stated = _stated()
    lacks = {word: ~there for word, there in stated.items()}
    how_many = pl.sum_horizontal(lacks.values())
    return (
        pl.when(how_many == len(lacks))
        .then(pl.lit("everything"))
        .when(how_many > len(lacks) / 2)
        .then(pl.lit("all but ") + _listed(stated))
        .otherwise(_listed(lacks))
    )


def _listed(holds: dict[str, pl.Expr]) -> pl.Expr:
    """The words whose condition holds, with commas."""
    chosen = [pl.when(condition).then(pl.lit(word)) for word, condition in holds.items()]
    return pl.concat_str(chosen, separator=", ", ignore_nulls=True)
