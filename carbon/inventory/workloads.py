"""The inventory: what the sources say of each workload, overlaid with what the analyst stated."""

from typing import Final

import polars as pl

from carbon.inventory import boundary
from carbon.inventory.known import Known
from carbon.inventory.places import placed
from carbon.inventory.sighted import of_sightings
from carbon.policy import Policy
from carbon.schema import (
    UNASSIGNED,
    WORKLOAD_STATED_COLUMNS,
    WORKLOAD_TEXT_COLUMNS,
    Workload,
)

NOTHING_KNOWN: Final = Known()
SOURCED: Final = (*WORKLOAD_TEXT_COLUMNS, "zone", "endpoint")
"""What activity says of its workload; the analyst's word stands above it."""

IMPORTANT: Final = (
    "model",
    "lifecycle",
    "accelerator",
    "place",
    "project",
    "business_unit",
    "owner",
)
"""What a reader of the inventory asks first of a workload; `place` is its region, its site or its
grid zone."""


def inventory(
    activity: pl.DataFrame,
    overlay: pl.DataFrame,
    policy: Policy,
    *,
    known: Known = NOTHING_KNOWN,
    sightings: pl.DataFrame | None = None,
    decisions: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Every workload that activity names or an analyst stated, with its metadata.

    A column takes the analyst's word, else the latest value that any activity states (by the end
    of its period), else the latest that discovery's files say of a thing that was accepted as this
    workload, else null. Activity that nobody claims appears as `(unassigned)`.

    Args:
        activity: `Activity` rows that count.
        overlay: `Workload` rows, one per workload_id: the analyst's edits.
        policy: `boundary.in_scope_by_default` decides where nobody did; `boundary.places` says
            where hosts, sites and accounts stand.
        known: the accelerators of instance types, and the grid zones of regions.
        sightings: `Sighting` rows that count.
        decisions: `Decision` rows, the last of each proposal.

    Returns:
        The columns of `Workload` (in_scope never null), boundary_basis, first_month, last_month
        (YYYY-MM), formats (comma-separated), rows [1] (distinct rows of files), completeness
        (share of the important metadata that is stated, 0 to 1) and missing (what it lacks, in
        words; where most lacks, "all but" what is there), one row per workload, sorted by
        workload_id.
    """
    edits = overlay.select(pl.all().name.prefix("stated_")).rename(
        {"stated_workload_id": "workload_id"}
    )
    stated = [
        pl.coalesce(pl.col(f"stated_{column}"), pl.col(column)).alias(column) for column in SOURCED
    ]
    only_stated = [column for column in WORKLOAD_STATED_COLUMNS if column not in SOURCED]
    return (
        from_sources(placed(activity, policy, known), known)
        .join(edits, on="workload_id", how="full", coalesce=True, validate="1:1")
        .with_columns(*stated)
        .pipe(_with_sightings, sightings, decisions)
        .with_columns(
            *(pl.col(f"stated_{column}").alias(column) for column in only_stated),
            name=pl.coalesce("stated_name", "workload_id"),
            in_scope=pl.col("stated_in_scope"),
            boundary_reason=pl.col("stated_boundary_reason"),
            rows=pl.col("rows").fill_null(0),
        )
        .pipe(boundary.decide, policy)
        .with_columns(completeness=_completeness(), missing=_missing())
        .select(
            *Workload.column_names(),
            "boundary_basis",
            *("first_month", "last_month", "formats", "rows", "completeness", "missing"),
        )
        .sort("workload_id")
    )


def from_sources(activity: pl.DataFrame, known: Known = NOTHING_KNOWN) -> pl.DataFrame:
    """The latest metadata that sources state of each workload.

    Args:
        activity: `Activity` rows that count.
        known: the accelerators of instance types, for rows that name only the type; and the grid
            zones of regions.

    Returns:
        workload_id, the columns of SOURCED, first_month, last_month (YYYY-MM; the last month that
        holds any of its period), formats and rows, one row per workload.
    """
    last_moment = pl.col("period_end").max() - pl.duration(microseconds=1)
    return (
        _with_reference(activity, known)
        .sort("period_end", "evidence_id", "row_number", "quantity_kind")
        .with_columns(
            workload_id=pl.col("workload").fill_null(UNASSIGNED),
            accelerator_count=_count_text(pl.col("accelerator_count")),
        )
        .group_by("workload_id", maintain_order=True)
        .agg(
            *(pl.col(column).drop_nulls().last() for column in SOURCED),
            first_month=pl.col("period_start").min().dt.strftime("%Y-%m"),
            last_month=last_moment.dt.strftime("%Y-%m"),
            formats=pl.col("format").unique().sort().str.join(", "),
            rows=pl.struct("evidence_id", "row_number").n_unique().cast(pl.Int64),
        )
        # What nobody claims is many things: what one of them is says nothing of the others.
        .with_columns(
            pl.when(pl.col("workload_id") != UNASSIGNED).then(column).alias(column)
            for column in SOURCED
        )
    )


def _with_reference(activity: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Rows with the accelerators of their instance type, and the grid zone of their place."""
    kinds = known.instances.select(
        "provider",
        _type=pl.col("instance_type").str.to_lowercase(),
        _accelerator="accelerator",
        _count="accelerator_count",
    ).unique(["provider", "_type"], keep="first", maintain_order=True)
    zones = known.region_zones.select("provider", "region", _zone="zone")
    # SageMaker bills the same machine with `ml.` before its type.
    kind = pl.col("instance_type").str.strip_chars().str.to_lowercase().str.strip_prefix("ml.")
    return (
        activity.with_columns(_type=kind)
        .join(kinds, on=["provider", "_type"], how="left", validate="m:1", maintain_order="left")
        .join(zones, on=["provider", "region"], how="left", validate="m:1", maintain_order="left")
        .with_columns(
            accelerator=pl.coalesce("accelerator", "_accelerator"),
            accelerator_count=pl.coalesce("accelerator_count", "_count"),
            zone=pl.coalesce("zone", "_zone", "country"),
        )
        .drop("_type", "_accelerator", "_count", "_zone")
    )


def _with_sightings(
    rows: pl.DataFrame, sightings: pl.DataFrame | None, decisions: pl.DataFrame | None
) -> pl.DataFrame:
    """Workloads with what discovery's files say of them, where nobody says it better."""
    if sightings is None or decisions is None or sightings.is_empty():
        return rows
    seen = of_sightings(sightings, decisions)
    columns = [column for column in seen.columns if column != "workload_id"]
    return (
        rows.join(seen, on="workload_id", how="left", suffix="_seen", validate="m:1")
        .with_columns(pl.coalesce(column, f"{column}_seen").alias(column) for column in columns)
        .drop(f"{column}_seen" for column in columns)
    )


def _count_text(count: pl.Expr) -> pl.Expr:
    """8.0 as `8`, 0.5 as `0.5`: a count as a person writes it."""
    whole = count.cast(pl.Int64, strict=False)
    return pl.when(whole == count).then(whole.cast(pl.String)).otherwise(count.cast(pl.String))


def _stated() -> dict[str, pl.Expr]:
    """Whether each part of the important metadata is stated, by its name in words."""
    place = pl.any_horizontal(pl.col("region", "site", "zone").is_not_null())
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
