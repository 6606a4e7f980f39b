"""Two periods compared like with like: what is left of a change once the season is taken out.

    normalised kg = sum of kg / S over the months, where an index applies, and kg elsewhere
    change        = second / first - 1, of figures per hour, so that lengths do not matter

A summer month against a winter month says little about what was done in between; where the
calendar months differ and the season is not taken out, or cannot be, the comparison warns.
Normalised figures are indicators: they are never totals.
"""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import polars as pl

from carbon.accounting.sums import sum_by
from carbon.analysis.seasonal_cells import INDEXED, with_index
from carbon.analysis.seasonal_index import Indices
from carbon.analysis.windows import Window, months_between, observed_window

MONTH: Final = (
    *("month", "kwh", "actual_kg", "normalised_kg", "intensity", "normalised_intensity"),
    *("index", "low", "high", "indexed_share"),
)
"""Columns of a series by month."""

_MOSTLY: Final = 0.95
"""Share of the emissions that must have an index for a comparison to count as normalised [1]."""


@dataclass(frozen=True)
class Side:
    """One of the two periods.

    Attributes:
        month_from: first month, YYYY-MM.
        month_to: last month, inclusive.
        hours: hours of it that the record covers [h].
        kwh: facility energy of what has a factor [kWh].
        actual_kg: location-based emissions [kgCO2e].
        normalised_kg: the same without season [kgCO2e]; an indicator, no total.
        indexed_share: share of the actual emissions that an index applies to [1].
    """

    month_from: str
    month_to: str
    hours: float
    kwh: float
    actual_kg: float
    normalised_kg: float
    indexed_share: float


@dataclass(frozen=True)
class Comparison:
    """Two periods, like for like.

    Attributes:
        first: the earlier side, or whichever is compared against.
        second: the other side.
        actual_change: change of kgCO2e per hour, as it is [1]; None where the first is 0.
        normalised_change: the same without season [1].
        energy_change: change of kWh per hour [1].
        intensity_change: change of kgCO2e/kWh [1].
        normalised_intensity_change: the same without season [1].
        same_months: whether both cover the same calendar months, each as often.
        normalised: whether the season is taken out of nearly all of both sides.
        warning: what to be careful about, in words; None where nothing is.
    """

    first: Side
    second: Side
    actual_change: float | None
    normalised_change: float | None
    energy_change: float | None
    intensity_change: float | None
    normalised_intensity_change: float | None
    same_months: bool
    normalised: bool
    warning: str | None


def months_of(cells: pl.DataFrame, indices: Indices) -> pl.DataFrame:
    """Emissions of each month, as they are and without season.

    Args:
        cells: as `seasonal_cells` gives them.
        indices: as `seasonal_index` gives them.

    Returns:
        MONTH, sorted by month: kwh [kWh], actual_kg and normalised_kg [kgCO2e], intensity and
        normalised_intensity [kgCO2e/kWh], index, low and high [1], those of the emissions of the
        month together and null where no index applies, and indexed_share [1].
    """
    kg = pl.col("kg")
    flat = kg / pl.col("index")
    indexed = pl.col("treatment") == INDEXED
    rows = with_index(cells, indices).select(
        "month",
        "kwh",
        actual_kg=kg,
        normalised_kg=flat,
        _low=flat * pl.col("low"),
        _high=flat * pl.col("high"),
        _indexed=pl.when(indexed).then(kg).otherwise(0.0),
        _any=indexed.cast(pl.Int64),
    )
    sums = sum_by(
        rows,
        ["month"],
        ["kwh", "actual_kg", "normalised_kg", "_low", "_high", "_indexed", "_any"],
    )
    normalised = pl.col("normalised_kg")
    there = (pl.col("_any") > 0) & (normalised > 0)
    return (
        sums.with_columns(
            intensity=_per("actual_kg", "kwh"),
            normalised_intensity=_per("normalised_kg", "kwh"),
            index=pl.when(there).then(pl.col("actual_kg") / normalised),
            low=pl.when(there).then(pl.col("_low") / normalised),
            high=pl.when(there).then(pl.col("_high") / normalised),
            indexed_share=_per("_indexed", "actual_kg"),
        )
        .select(MONTH)
        .sort("month")
    )


def season_of(cells: pl.DataFrame, indices: Indices) -> pl.DataFrame:
    """How far the season of its months lifts each workload: emissions over those without season.

    Args:
        cells: as `seasonal_cells` gives them.
        indices: as `seasonal_index` gives them.

    Returns:
        workload and season [1]; 1 where no index applies or nothing is emitted.
    """
    rows = with_index(cells, indices).select("workload", "kg", flat=pl.col("kg") / pl.col("index"))
    there = pl.col("flat") > 0
    return sum_by(rows, ["workload"], ["kg", "flat"]).select(
        "workload",
        season=pl.when(there).then(pl.col("kg") / pl.col("flat")).otherwise(1.0),
    )


def compare_windows(
    cells: pl.DataFrame,
    indices: Indices,
    spans: pl.DataFrame,
    first: tuple[str, str],
    second: tuple[str, str],
    *,
    normalise: bool = True,
) -> Comparison:
    """Compare any two periods, as they are and without season.

    Args:
        cells: as `seasonal_cells` gives them, of both periods.
        indices: as `seasonal_index` gives them.
        spans: month, use_start, use_end of the record's lines: which hours are covered.
        first: first and last month (YYYY-MM, inclusive) of the period compared against.
        second: those of the other period.
        normalise: False shows the change as it is, and warns where that misleads.

    Raises:
        ValueError: one of the periods has no hour that the record covers.
    """
    windows = [_covered(spans, period) for period in (first, second)]
    months = months_of(cells, indices)
    one, other = (
        _side(months, period, window)
        for period, window in zip((first, second), windows, strict=True)
    )
    same = _calendar(windows[0]) == _calendar(windows[1])
    normalised = normalise and min(one.indexed_share, other.indexed_share) >= _MOSTLY
    return Comparison(
        one,
        other,
        actual_change=_change(one.actual_kg / one.hours, other.actual_kg / other.hours),
        normalised_change=_change(one.normalised_kg / one.hours, other.normalised_kg / other.hours)
        if normalise
        else None,
        energy_change=_change(one.kwh / one.hours, other.kwh / other.hours),
        intensity_change=_change_of_ratio(one.actual_kg, one.kwh, other.actual_kg, other.kwh),
        normalised_intensity_change=_change_of_ratio(
            one.normalised_kg, one.kwh, other.normalised_kg, other.kwh
        )
        if normalise
        else None,
        same_months=same,
        normalised=normalised,
        warning=None if same or normalised else _warning(one, other, normalise),
    )


def _covered(spans: pl.DataFrame, period: tuple[str, str]) -> Window:
    window = observed_window(spans, months_between(*period), *period)
    if window.observed <= 0:
        raise ValueError(f"nothing was recorded from {period[0]} to {period[1]}")
    return window


def _side(months: pl.DataFrame, period: tuple[str, str], window: Window) -> Side:
    part = months.filter(pl.col("month").is_between(pl.lit(period[0]), pl.lit(period[1])))
    actual = float(part["actual_kg"].sum())
    indexed = float((part["indexed_share"] * part["actual_kg"]).sum())
    return Side(
        *period,
        window.observed,
        float(part["kwh"].sum()),
        actual,
        float(part["normalised_kg"].sum()),
        indexed / actual if actual > 0 else 0.0,
    )


def _calendar(window: Window) -> dict[str, Fraction]:
    """The calendar months of which any hour is covered, each with its share of all of them."""
    covered = window.months.filter(pl.col("observed") > 0)["month"].str.slice(5, 2)
    return {month: Fraction(count, len(covered)) for month, count in Counter(covered).items()}


def _warning(first: Side, second: Side, asked: bool) -> str:
    periods = (
        f"{_period(first)} and {_period(second)} are not the same months of a year: "
        "grids, cooling and demand have seasons, and part of the change is theirs."
    )
    if not asked:
        return f"{periods} Compare with the season taken out, or the same months of two years."
    share = min(first.indexed_share, second.indexed_share)
    known = (
        f"An index takes the season of the grid out of {share:.0%} of the emissions alone."
        if share > 0
        else "No index applies to both: the season stays in."
    )
    return f"{periods} {known} Compare the same months of two years, or import monthly factors."


def _period(side: Side) -> str:
    if side.month_from == side.month_to:
        return side.month_from
    return f"{side.month_from} to {side.month_to}"


def _change(before: float, after: float) -> float | None:
    return after / before - 1.0 if before > 0 else None


def _change_of_ratio(kg: float, kwh: float, later_kg: float, later_kwh: float) -> float | None:
    if kwh <= 0 or later_kwh <= 0:
        return None
    return _change(kg / kwh, later_kg / later_kwh)


def _per(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))
