"""A provider's own figures by mapping: one row of the file -> one row per scope and method."""

from typing import Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.mapping.fields import FIGURES
from carbon.activity.mapping.model import Mapping
from carbon.activity.places import read_providers
from carbon.activity.sheet import Sheet

SCOPE_WORDS: Final = {
    "total": "total",
    "all": "total",
    "all scopes": "total",
    "total emissions": "total",
    **{
        f"{before}{number}": f"scope_{number}"
        for number in (1, 2, 3)
        for before in ("", "scope", "scope ", "scope_", "scope-")
    },
}
"""What sources call a scope -> house name."""

METHOD_WORDS: Final = {
    **dict.fromkeys(
        ("location", "location-based", "location based", "location_based", "lbm", "lb"), "location"
    ),
    **dict.fromkeys(
        ("market", "market-based", "market based", "market_based", "mbm", "mb"), "market"
    ),
    **dict.fromkeys(("unspecified", "not stated", "n/a"), "unspecified"),
}
"""What sources call a method -> house name."""

KEY: Final = (
    "provider",
    "payer_account",
    "account",
    "service",
    "region",
    "month",
    "model_version",
)
"""What a later file supersedes."""


def read_words(sheet: Sheet) -> None:
    """Scope, method and provider in house words, in place; the month as the first of its days."""
    sheet.require(["provider"])
    read_providers(sheet)
    sheet.translate(
        "scope", SCOPE_WORDS, "scope '{value}' is not known{near}; use total, 1, 2 or 3"
    )
    sheet.translate(
        "method", METHOD_WORDS, "method '{value}' is not known{near}; use location or market"
    )
    sheet.frame = sheet.frame.with_columns(
        pl.col("period_start").dt.truncate("1mo").dt.date().alias("month")
    )


def rows(sheet: Sheet, mapping: Mapping, evidence_id: str) -> pl.DataFrame:
    """Unfold the figures of each row; a row without any is set aside.

    Args:
        sheet: rows with `month`, provider, scope and method in house words, figures in kgCO2e.
        mapping: which figures there are.
        evidence_id: sha256 of the file.
    """
    figures = [name for name in ("carbon", *FIGURES) if sheet.has(name)]
    sheet.reject(
        pl.all_horizontal(pl.col(f"{name} (raw)").is_null() for name in figures)
        & pl.all_horizontal(pl.col(name).is_null() for name in figures),
        f"the row states no figure; one of {', '.join(sheet.column(n) for n in figures)} is needed",
    )
    parts = []
    for name in figures:
        scope, method = (
            (pl.lit(word) for word in FIGURES[name])
            if name in FIGURES
            else (pl.col("scope").fill_null("total"), pl.col("method").fill_null("unspecified"))
        )
        parts.append(
            sheet.frame.filter(pl.col(name).is_not_null()).select(
                "row_number",
                *KEY,
                "resource",
                scope.alias("scope"),
                method.alias("method"),
                pl.col(name).alias("kg_co2e"),
            )
        )
    return pl.concat(parts).with_columns(
        joined_key(mapping.format, *KEY),
        pl.lit(evidence_id).alias("evidence_id"),
        pl.lit(mapping.format).alias("format"),
    )
