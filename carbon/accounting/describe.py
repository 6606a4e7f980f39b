"""What a row belongs to: its workload, that workload's metadata, and whether it is in scope."""

from typing import Final

import polars as pl

from carbon.schema import UNASSIGNED

METADATA: Final = ("model", "lifecycle", "project", "business_unit")
"""Metadata by which a footprint is summed: the analyst's word, else the row's own, else the
latest that any source states of the workload."""

PLACE: Final = ("provider", "region", "site", "zone")
"""Where a workload runs, as the analyst states it; for rows of which no source says anything."""


def describe(rows: pl.DataFrame, inventory: pl.DataFrame, overlay: pl.DataFrame) -> pl.DataFrame:
    """Give each row its workload's metadata.

    Args:
        rows: activity rows.
        inventory: one row per workload, as `carbon.inventory.workloads.inventory` gives it.
        overlay: `Workload` rows: what the analyst stated.

    Returns:
        rows with workload (never null), the columns of METADATA, in_scope, the place that is stated
        of the workload where the row names none at all, and stated_accelerator, which stands in
        where the row's own is not known.
    """
    known = inventory.select(
        pl.col("workload_id").alias("workload"),
        "in_scope",
        *(pl.col(column).alias(f"known_{column}") for column in METADATA),
    )
    stated = overlay.select(
        pl.col("workload_id").alias("workload"),
        *(
            pl.col(column).alias(f"stated_{column}")
            for column in (*METADATA, *PLACE, "accelerator")
        ),
    )
    nowhere = pl.all_horizontal(pl.col(*PLACE, "country").is_null())
    return (
        rows.with_columns(pl.col("workload").fill_null(UNASSIGNED))
        .join(known, on="workload", how="left", validate="m:1", maintain_order="left")
        .join(stated, on="workload", how="left", validate="m:1", maintain_order="left")
        .with_columns(
            pl.coalesce(f"stated_{column}", column, f"known_{column}").alias(column)
            for column in METADATA
        )
        .with_columns(
            pl.when(nowhere).then(f"stated_{column}").otherwise(column).alias(column)
            for column in PLACE
        )
        .drop(*(f"known_{column}" for column in METADATA))
        .drop(*(f"stated_{column}" for column in (*METADATA, *PLACE)))
    )
