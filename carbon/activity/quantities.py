"""From a row that states several quantities to one row a quantity."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from carbon.activity.sheet import Sheet

PASSED_ON: Final = (
    "workload",
    "model",
    "lifecycle",
    "project",
    "business_unit",
    "owner",
    "architecture",
    "parameters",
    "dataset_size",
    "period_start",
    "period_end",
    "provider",
    "region",
    "zone",
    "country",
    "site",
    "tags",
    "accelerator",
    "accelerator_count",
    "average_power_w",
    "instance_type",
    "pue",
    "location_factor_kg_per_kwh",
    "market_factor_kg_per_kwh",
    "factor_source",
)
"""Columns that every row of a quantity takes along."""

NOTHING: Final = pl.lit(None, pl.String)

HOURS_DERIVED: Final = pl.when("(counted)").then(
    pl.lit("accelerator-hours derived: accelerator_count x hours of the period")
)
INSTANCES_DERIVED: Final = pl.when("(instances counted)").then(
    pl.lit("instance-hours derived: instance_count x hours of the period")
)
"""Remarks on hours that `derive_hours` found."""


def period_hours() -> pl.Expr:
    """Length of a row's period [h]."""
    return (pl.col("period_end") - pl.col("period_start")).dt.total_microseconds() / 3.6e9


def derive_hours(sheet: Sheet) -> None:
    """Hours that the row leaves out, in place: count x length of its period.

    Accelerator-hours are derived where the row states neither energy nor hours of any kind.
    """
    no_instances = pl.col("instance_hours").is_null()
    counted = (
        pl.col("energy_kwh").is_null()
        & pl.col("accelerator_hours").is_null()
        & no_instances
        & pl.col("accelerator_count").is_not_null()
    )
    instances = no_instances & pl.col("instance_count").is_not_null()
    sheet.frame = sheet.frame.with_columns(
        pl.when(counted)
        .then(pl.col("accelerator_count") * period_hours())
        .otherwise("accelerator_hours")
        .alias("accelerator_hours"),
        pl.when(instances)
        .then(pl.col("instance_count") * period_hours())
        .otherwise("instance_hours")
        .alias("instance_hours"),
        counted.alias("(counted)"),
        instances.alias("(instances counted)"),
    )


def hours_tier() -> pl.Expr:
    """Tier of accelerator-hours: T4 with watts, T5 with the accelerator's name alone."""
    return (
        pl.when(pl.col("average_power_w").is_not_null())
        .then(pl.lit("T4"))
        .when(pl.col("accelerator").is_not_null())
        .then(pl.lit("T5"))
    )


def stated(
    sheet: Sheet,
    column: str,
    kind: str,
    *,
    passed_on: Sequence[str] = PASSED_ON,
    tier: pl.Expr = NOTHING,
    boundary: pl.Expr = NOTHING,
    remark: pl.Expr = NOTHING,
    where: pl.Expr | None = None,
) -> pl.DataFrame:
    """Rows of one kind of quantity; `where` limits them, `remark` goes behind the row's note."""
    has = pl.col(column).is_not_null()
    note = pl.concat_str("note", remark, separator="; ", ignore_nulls=True)
    return sheet.frame.filter(has if where is None else has & where).select(
        "row_number",
        *passed_on,
        pl.lit(kind).alias("quantity_kind"),
        pl.col(column).alias("quantity"),
        tier.alias("tier"),
        boundary.alias("boundary"),
        pl.when(note != "").then(note).alias("note"),
    )
