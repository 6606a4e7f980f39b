"""What the verbs on seasons answer, and the words beside their figures."""

from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from carbon.analysis.annualise import Annualised
from carbon.analysis.like_for_like import Comparison
from carbon.analysis.seasonal_cells import ANNUAL, INDEXED, NO_INDEX, OTHER_PERIOD, ROW_FACTOR
from carbon.analysis.seasonal_index import SERIES, Indices
from carbon.analysis.windows import Window

MONTHLY_BASIS: Final = "monthly factors"
ANNUAL_BASIS: Final = "annual factors"

INDEX_COLUMNS: Final = ("zone", "month", "index", "years", "spread", "weak", "publisher")
"""Columns of an index that are handed on, those of the contract first."""

_WHY: Final = {
    ANNUAL: "annual factor: no seasonal adjustment of intensity",
    OTHER_PERIOD: "the factor of another period stands in for the month: no seasonal adjustment of "
    "intensity",
    ROW_FACTOR: "the rows bring factors of their own: annualised by hours",
}
_BETTER_YEARS: Final = 3


@dataclass(frozen=True)
class Seasonal:
    """Twelve months estimated from a part of them. Normalised: no figure here is a total.

    Attributes:
        rows: zone, month (1 to 12), index [1], years (full years behind it), spread (coefficient
            of variation between years [1]), weak, publisher, low, high [1], method, release:
            the indices that were applied.
        zones: one row a zone and treatment: zone, publisher, treatment, kwh, level, bias,
            actual_kg, annualised_naive_kg, annualised_seasonal_kg, annualised_low_kg,
            annualised_high_kg, reason (why no index applies; null where one does).
        basis: "monthly factors" where an index was applied to anything, else "annual factors".
        year: the twelve months, as 2025 or 2025-04 to 2026-03.
        month_from: first month of the period asked for.
        month_to: last one.
        hours_observed: hours of the twelve months that the record covers [h].
        hours_year: hours of the twelve months [h].
        actual_kg: location-based emissions of the observed hours [kgCO2e].
        annualised_naive_kg: actual x hours_year / hours_observed [kgCO2e].
        annualised_seasonal_kg: actual + the unobserved months by level and index [kgCO2e].
        low_kg: least of what the index of each single year gives [kgCO2e].
        high_kg: greatest of that [kgCO2e].
        bias: how far the observed months lie above their year [1].
        adjustment_kg: seasonal less naive [kgCO2e].
        adjustment_share: adjustment over naive [1]; None where naive is 0.
        notes: sentences: what applies to each zone and why, and how far it carries.
    """

    rows: pl.DataFrame
    zones: pl.DataFrame
    basis: str
    year: str
    month_from: str
    month_to: str
    hours_observed: float
    hours_year: float
    actual_kg: float
    annualised_naive_kg: float
    annualised_seasonal_kg: float
    low_kg: float
    high_kg: float
    bias: float
    adjustment_kg: float
    adjustment_share: float | None
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The answer of `carbon seasonal`."""
        figures = {
            name: value
            for name, value in vars(self).items()
            if name not in ("rows", "zones", "notes")
        }
        return {
            "rows": self.rows.select(INDEX_COLUMNS).to_dicts(),
            **figures,
            "zones": self.zones.to_dicts(),
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class WindowComparison:
    """Two periods, like for like.

    Attributes:
        change: the two sides and what changed between them, as it is and without season.
        notes: sentences on what applies to each zone.
    """

    change: Comparison
    notes: tuple[str, ...]


def seasonal(
    found: Annualised, indices: Indices, window: Window, month_from: str, month_to: str
) -> Seasonal:
    """The figures of an annualisation with what must be said beside them."""
    parts = found.parts.join(
        indices.refused, on=SERIES, how="left", validate="m:1", maintain_order="left"
    ).with_columns(reason=_reason())
    applied = parts.filter(pl.col("treatment") == INDEXED)
    rows = indices.rows.join(applied, on=SERIES, how="semi", maintain_order="left")
    naive = found.figures["annualised_naive_kg"]
    seasonally = found.figures["annualised_seasonal_kg"]
    return Seasonal(
        rows=rows.select(*INDEX_COLUMNS, "low", "high", "method", "release"),
        zones=parts.drop("basis"),
        basis=ANNUAL_BASIS if applied.is_empty() else MONTHLY_BASIS,
        year=window.label,
        month_from=month_from,
        month_to=month_to,
        hours_observed=window.observed,
        hours_year=window.hours,
        actual_kg=found.figures["actual_kg"],
        annualised_naive_kg=naive,
        annualised_seasonal_kg=seasonally,
        low_kg=found.figures["annualised_low_kg"],
        high_kg=found.figures["annualised_high_kg"],
        bias=found.bias,
        adjustment_kg=seasonally - naive,
        adjustment_share=(seasonally - naive) / naive if naive > 0 else None,
        notes=(*notes_of(parts, rows), _observed(window)),
    )


def treated(cells: pl.DataFrame, indices: Indices) -> tuple[str, ...]:
    """What applies to each zone of some cells, in words."""
    parts = (
        cells.select(*SERIES, "treatment")
        .unique(maintain_order=True)
        .join(indices.refused, on=SERIES, how="left", validate="m:1", maintain_order="left")
        .with_columns(reason=_reason())
    )
    applied = parts.filter(pl.col("treatment") == INDEXED)
    return notes_of(parts, indices.rows.join(applied, on=SERIES, how="semi", maintain_order="left"))


def notes_of(parts: pl.DataFrame, rows: pl.DataFrame) -> tuple[str, ...]:
    """A sentence a zone: by what its figures are normalised, or why they are not.

    Args:
        parts: zone, treatment and reason.
        rows: the indices that apply.
    """
    said = [_of_index(series) for _, series in rows.group_by(SERIES, maintain_order=True)]
    left = parts.filter(pl.col("treatment") != INDEXED).select("zone", "reason").unique()
    said += [f"{zone}: {reason}." for zone, reason in left.sort("zone", "reason").iter_rows()]
    return tuple(said)


def _of_index(rows: pl.DataFrame) -> str:
    first = rows.row(0, named=True)
    spread = max(rows["spread"].to_list())
    sentence = (
        f"{first['zone']}: index of {first['years']} years of monthly factors of "
        f"{first['publisher']} ({first['first_month']} to {first['last_month']}), which vary by up "
        f"to {spread:.0%} between years"
    )
    if first["weak"]:
        sentence += "; the index is weak"
    if first["years"] < _BETTER_YEARS:
        sentence += "; three years are better"
    return sentence + "."


def _reason() -> pl.Expr:
    treatment = pl.col("treatment")
    why = pl.col("reason").str.strip_chars_end(".")
    refused = pl.format("no index for this zone: {}. Its season stays in the figures", why)
    return (
        pl.when(treatment == NO_INDEX)
        .then(refused.fill_null("no index for this zone"))
        .when(treatment != INDEXED)
        .then(treatment.replace_strict(_WHY, default=None, return_dtype=pl.String))
        .alias("reason")
    )


def _observed(window: Window) -> str:
    """Which hours the annualisation rests on."""
    moment = "%Y-%m-%d %H:%M"
    if window.starts is None or window.ends is None:
        return f"Nothing of {window.label} is observed."
    observed, hours = (
        f"{value:,.0f}".replace(",", " ") for value in (window.observed, window.hours)
    )
    return (
        f"Observed: {observed} of the {hours} hours of {window.label} "
        f"(record from {window.starts.strftime(moment)} to {window.ends.strftime(moment)} UTC). "
        "Normalised figures are no totals of the inventory."
    )
