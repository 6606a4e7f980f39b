"""The first rows of a file as understood: what to check before an import, first things first."""

from datetime import time
from typing import Final

import polars as pl

from pages.ui import words

FIRST: Final = (
    "workload",
    # activity
    "quantity_kind",
    "quantity",
    "unit",
    "period_start",
    "period_end",
    "provider",
    "region",
    "zone",
    "country",
    "site",
    "accelerator",
    "accelerator_count",
    "average_power_w",
    "instance_type",
    "pue",
    "location_factor_kg_per_kwh",
    "market_factor_kg_per_kwh",
    # a provider's own figures
    "month",
    "scope",
    "method",
    "kg_co2e",
    # instruments and factors
    "instrument_id",
    "kind",
    "market",
    "kwh",
    "basis",
    "kg_co2e_per_kwh",
    "valid_from",
    "valid_to",
    # weather
    "place",
    "at",
    "mean_temp_c",
    "wet_bulb_c",
    "normal",
)
"""What a reader compares with the file, in this order; every other column follows."""

BOOKKEEPING: Final = (
    "superseded_in_file",
    "row_number",
    "tags",
    "origin",
    "factor_id",
    "checked_against_original",
)
"""Columns that say nothing about what the file states. `row_number` comes back as the last."""


def readable(head: pl.DataFrame) -> pl.DataFrame:
    """The rows in the analyst's words, what needs checking first; moments at midnight as days.

    Args:
        head: rows of `Activity`, `Reported`, `Instrument` or `Factor`, any of their columns.
    """
    frame = head.with_columns(_days(head))
    if "quantity_kind" in frame.columns:
        kind = pl.col("quantity_kind")
        frame = frame.with_columns(
            kind.replace_strict(
                {code: name for code, (name, _) in words.QUANTITIES.items()}, default=kind
            ),
            unit=kind.replace_strict(
                {code: unit for code, (_, unit) in words.QUANTITIES.items()}, default=None
            ),
        )
    first = [name for name in FIRST if name in frame.columns]
    last = [name for name in ("row_number",) if name in frame.columns]
    others = [name for name in frame.columns if name not in (*first, *BOOKKEEPING)]
    return frame.select(*first, *others, *last)


def _days(head: pl.DataFrame) -> list[pl.Expr]:
    """Moments whose whole column is at midnight, as days."""
    return [
        pl.col(column.name).dt.date()
        for column in head
        if isinstance(column.dtype, pl.Datetime)
        and (column.drop_nulls().dt.time() == time(0)).all()
    ]
