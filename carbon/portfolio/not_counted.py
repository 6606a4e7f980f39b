"""What the files state and no figure holds, summed up: energy that another source states better,
and general IT. Pure functions over what the accounting sets apart.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from carbon.accounting.sums import ordered_known_sum

ROW: Final = ("evidence_id", "row_number")


def by_device(superseded: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """What is superseded, a line for each file, device, workload, month and reason.

    Args:
        superseded: as `carbon.accounting.superseded` gives it.
        names: evidence id -> name of the file.

    Returns:
        file, resource, workload, month, rows, kwh_not_counted [kWh] (before any PUE; null where it
        is not known), instead (the file that counts) and why, sorted.
    """
    by = ["file", "resource", "workload", "month", "instead", "why"]
    named = superseded.with_columns(
        file=_named("evidence_id", names), instead=_named("superseded_by_evidence_id", names)
    )
    return (
        named.group_by(by, maintain_order=True)
        .agg(
            pl.struct(ROW).n_unique().cast(pl.Int64).alias("rows"),
            ordered_known_sum("kwh_not_counted"),
        )
        .select(*by[:4], "rows", "kwh_not_counted", "instead", "why")
        .sort("file", "month", "resource", "workload", "instead", "why", nulls_last=True)
    )


def by_service(general: pl.DataFrame) -> pl.DataFrame:
    """General IT, a line for each account, service, SKU and workload of a bill.

    Args:
        general: as `carbon.inventory.ai_use` gives it: a line of the bill may stand in several
            rows, one for each quantity, and one for its cost.

    Returns:
        provider, account, service, sku, workload, first_month, last_month, lines (of the bill),
        cost (null where none is stated) and currency; dearest first.
    """
    paid = pl.col("quantity_kind") == "cost"
    lines = general.group_by(ROW, maintain_order=True).agg(
        pl.col("provider", "account", "service", "sku", "workload", "month").first(),
        lines=pl.col("source_rows").fill_null(1).max(),
        cost=pl.col("quantity").filter(paid).first(),
        currency=pl.col("currency").filter(paid).first(),
    )
    by = ["provider", "account", "service", "sku", "workload", "currency"]
    return (
        lines.group_by(by, maintain_order=True)
        .agg(
            pl.col("lines").sum(),
            ordered_known_sum("cost"),
            first_month=pl.col("month").min(),
            last_month=pl.col("month").max(),
        )
        .select(*by[:5], "first_month", "last_month", "lines", "cost", "currency")
        .sort("cost", *by, descending=[True, *[False] * len(by)], nulls_last=True)
    )


def _named(column: str, names: Mapping[str, str]) -> pl.Expr:
    return pl.col(column).replace_strict(dict(names), default=None, return_dtype=pl.String)
