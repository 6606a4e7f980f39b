"""Figures that a provider reports: one row of the file -> one row per scope and method."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.sheet import Sheet


@dataclass(frozen=True)
class Figure:
    """A column of figures [kgCO2e] and what it counts."""

    name: str
    scope: str
    method: str


def read_month(sheet: Sheet) -> None:
    """Parse `month` in place to the first day of its month; months are UTC labels."""
    sheet.instants(["month"], "UTC")
    sheet.local_times = False
    sheet.frame = sheet.frame.with_columns(
        pl.col("month").dt.truncate("1mo").dt.date().alias("month")
    )


def reported_rows(
    sheet: Sheet,
    format: str,
    provider: str,
    figures: Sequence[Figure],
    evidence_id: str,
    *,
    key: Sequence[str] = (
        "payer_account",
        "account",
        "service",
        "region",
        "month",
        "model_version",
    ),
) -> pl.DataFrame:
    """Unfold the figures of each row; a row without any is set aside.

    Args:
        sheet: rows with `month` and the figures in kgCO2e.
        format: name of the reader.
        provider: aws, gcp or azure.
        figures: columns to unfold.
        evidence_id: sha256 of the file.
        key: columns that, with the provider, say what a later file supersedes.
    """
    names = [figure.name for figure in figures]
    sheet.reject(
        pl.all_horizontal(pl.col(f"{name} (raw)").is_null() for name in names),
        f"the row states no figure; one of {', '.join(sheet.column(n) for n in names)} is needed",
    )
    kept = [
        column
        for column in (
            "row_number",
            "month",
            "payer_account",
            "account",
            "service",
            "region",
            "resource",
            "view",
            "model_version",
            "scope",
        )
        if column in sheet.frame.columns
    ]
    parts = [
        sheet.frame.filter(pl.col(figure.name).is_not_null()).select(
            *[c for c in kept if c != "scope"],
            (pl.col("scope") if "scope" in kept else pl.lit(figure.scope)).alias("scope"),
            pl.lit(figure.method).alias("method"),
            pl.col(figure.name).alias("kg_co2e"),
            joined_key(provider, *key),
        )
        for figure in figures
    ]
    return pl.concat(parts).with_columns(
        pl.lit(evidence_id).alias("evidence_id"),
        pl.lit(format).alias("format"),
        pl.lit(provider).alias("provider"),
    )
