"""How much a calendar month of a grid lies above or below its year: the seasonal index.

    ratio   r = EF / T, T the centred 2 x 12 moving average; S'_m = median of r over the years
    stl     S'_m = median over the years of exp(seasonal), of a robust STL of ln EF (period 12)
    both    S_m = S'_m x 12 / sum S'

An index belongs to one zone and one publisher: another zone's, or another source's, is never
borrowed. Sources: the ratio to moving average of classical decomposition; Cleveland et al. 1990
for STL.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from carbon.factors.averages import each_once, with_period_means
from carbon.policy import Policy

SERIES: Final = ("zone", "basis", "publisher")
"""What an index belongs to."""

ROW: Final = {
    **dict.fromkeys(SERIES, pl.String),
    "month": pl.Int64,
    "index": pl.Float64,
    "years": pl.Int64,
    "spread": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "weak": pl.Boolean,
    "method": pl.String,
    "release": pl.String,
    "first_month": pl.String,
    "last_month": pl.String,
}
"""Columns of an index."""

BY_YEAR: Final = {
    **dict.fromkeys(SERIES, pl.String),
    "year": pl.Int64,
    "month": pl.Int64,
    "ratio": pl.Float64,
}
"""Columns of the indices of single years."""

REFUSED: Final = {**dict.fromkeys(SERIES, pl.String), "reason": pl.String}

_YEAR: Final = 12
_WEIGHTS: Final = np.array([0.5, *[1.0] * 11, 0.5]) / _YEAR
"""Of the centred 2 x 12 moving average: thirteen months, the outer two by half."""
_STL_SEASONAL: Final = 7
"""Years that a seasonal subseries of STL is smoothed over: the least that is advised."""

Values = np.ndarray[Any, np.dtype[np.float64]]
Months = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Indices:
    """The indices of every series that has one, and why the others have none.

    Attributes:
        rows: columns ROW, twelve a series: index [1] with mean 1; years, the full years behind
            it; spread, the coefficient of variation of the month's ratio between years [1]; low
            and high, its least and its greatest ratio; weak, true in all twelve rows where any
            month's spread exceeds `policy.seasonal.weak_spread`.
        by_year: columns BY_YEAR: the month's factor over the mean of its twelve months [1]; year
            counts from 1, the last being the latest.
        refused: columns REFUSED: why a series of monthly factors has no index, in words.
    """

    rows: pl.DataFrame
    by_year: pl.DataFrame
    refused: pl.DataFrame


def no_indices() -> Indices:
    """No index of any series."""
    return Indices(
        pl.DataFrame(schema=ROW), pl.DataFrame(schema=BY_YEAR), pl.DataFrame(schema=REFUSED)
    )


def monthly_series(factors: pl.DataFrame) -> pl.DataFrame:
    """Monthly location-based factors, those of hourly series as the mean of each complete month.

    Args:
        factors: schema Factor; marginal, residual and suppliers' factors play no part.

    Returns:
        zone, basis, publisher, release, month (its first day) and kg_co2e_per_kwh, sorted.
    """
    fine = factors.filter(
        pl.col("method") == "location", pl.col("granularity").is_in(["hour", "month"])
    )
    months = with_period_means(fine).filter(pl.col("granularity") == "month")
    return (
        each_once(months)
        .filter(pl.col("valid_from").dt.day() == 1)
        .with_columns(month=pl.col("valid_from").dt.date())
        .sort(*SERIES, "release", "month", "finest", "factor_id", nulls_last=True)
        .unique([*SERIES, "release", "month"], keep="last", maintain_order=True)
        .select(*SERIES, "release", "month", "kg_co2e_per_kwh")
    )


def seasonal_index(
    monthly: pl.DataFrame,
    policy: Policy,
    *,
    method: str | None = None,
    years: tuple[int, int] | None = None,
) -> Indices:
    """The seasonal index of every series of monthly factors.

    The longest unbroken run of months of one release is used, the latest of equals; where no
    release alone is long enough, the publisher's releases together.

    Args:
        monthly: as `monthly_series` gives it.
        policy: `seasonal.least_years`, `seasonal.weak_spread`, and `seasonal.method` unless
            `method` is named.
        method: "ratio" or "stl".
        years: first and last calendar year to be used, inclusive: a window after a structural
            break (a coal exit, a new interconnector). None uses every year.

    Raises:
        ValueError: the method is neither of the two.
    """
    chosen = method or policy.seasonal.method
    if chosen not in ("ratio", "stl"):
        raise ValueError(f"method {chosen!r} is not known; use 'ratio' or 'stl'")
    if years is not None:
        monthly = monthly.filter(pl.col("month").dt.year().is_between(*years))
    rows: list[dict[str, Any]] = []
    by_year: list[dict[str, Any]] = []
    refused: list[dict[str, Any]] = []
    for key, series in monthly.group_by(SERIES, maintain_order=True):
        named = dict(zip(SERIES, key, strict=True))
        run = _run(series, policy.seasonal.least_years)
        reason = _unfit(run, policy.seasonal.least_years)
        if reason:
            refused.append({**named, "reason": reason})
            continue
        found, single = _of_run(run, chosen, policy.seasonal.weak_spread)
        rows += [{**named, **row} for row in found]
        by_year += [{**named, **row} for row in single]
    return Indices(
        pl.DataFrame(rows, schema=ROW).sort(*SERIES, "month", nulls_last=True),
        pl.DataFrame(by_year, schema=BY_YEAR).sort(*SERIES, "year", "month", nulls_last=True),
        pl.DataFrame(refused, schema=REFUSED).sort(*SERIES, nulls_last=True),
    )


def _run(series: pl.DataFrame, least_years: int) -> pl.DataFrame:
    """The longest unbroken run of months of one release, or else of all of them."""
    runs = [
        run
        for _, release in series.group_by("release", maintain_order=True)
        for run in _unbroken(release)
    ]
    if max(run.height for run in runs) < least_years * _YEAR:
        # A later release restates what an earlier one said of the same month.
        together = series.sort("month", "release", nulls_last=False).unique(
            "month", keep="last", maintain_order=True
        )
        runs += _unbroken(together)
    return max(runs, key=lambda run: (run.height, run["month"].max()))


def _unbroken(series: pl.DataFrame) -> list[pl.DataFrame]:
    """A series of months cut where one is missing."""
    ordered = series.sort("month")
    count = pl.col("month").dt.year().cast(pl.Int64) * _YEAR + pl.col("month").dt.month()
    numbered = ordered.with_columns(_run=(count - pl.int_range(pl.len())).rle_id())
    return [run.drop("_run") for run in numbered.partition_by("_run", maintain_order=True)]


def _unfit(run: pl.DataFrame, least_years: int) -> str | None:
    """Why no index can be made of a run of months; None where one can."""
    needed = least_years * _YEAR
    if run.height < needed:
        return (
            f"{run.height} monthly factors in a row are known; an index needs {needed}, and "
            f"{max(needed, 3 * _YEAR)} are better. Import the earlier months of the same source."
        )
    if run["kg_co2e_per_kwh"].min() <= 0:  # type: ignore[operator]
        return "a month's factor is 0, and a ratio to it says nothing"
    return None


def _of_run(
    run: pl.DataFrame, method: str, weak_spread: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of one index, and those of its single years."""
    values = run["kg_co2e_per_kwh"].to_numpy()
    months = run["month"].dt.month().to_numpy().astype(np.int64)
    index = (_by_ratio if method == "ratio" else _by_stl)(values, months)
    whole = values[len(values) % _YEAR :].reshape(-1, _YEAR)
    single = _of_calendar(whole / whole.mean(axis=1, keepdims=True), months[-_YEAR:])
    spread = single.std(axis=0, ddof=1) / single.mean(axis=0)
    low, high = np.minimum(index, single.min(axis=0)), np.maximum(index, single.max(axis=0))
    releases = run["release"].drop_nulls().unique().sort().to_list()
    common = {
        "years": len(whole),
        "weak": bool(spread.max() > weak_spread),
        "method": method,
        "release": ", ".join(releases) or None,
        "first_month": run["month"][0].strftime("%Y-%m"),
        "last_month": run["month"][-1].strftime("%Y-%m"),
    }
    rows = [
        {
            **common,
            "month": month + 1,
            "index": float(index[month]),
            "spread": float(spread[month]),
            "low": float(low[month]),
            "high": float(high[month]),
        }
        for month in range(_YEAR)
    ]
    years = [
        {"year": year + 1, "month": month + 1, "ratio": float(single[year, month])}
        for year in range(len(whole))
        for month in range(_YEAR)
    ]
    return rows, years


def _of_calendar(blocks: Values, months: Months) -> Values:
    """Blocks of twelve months in the order January to December."""
    return blocks[:, np.argsort(months)]


def _by_ratio(values: Values, months: Months) -> Values:
    trend = np.convolve(values, _WEIGHTS, mode="valid")
    half = _YEAR // 2
    return _normalised(values[half:-half] / trend, months[half:-half])


def _by_stl(values: Values, months: Months) -> Values:
    # Imported here: it takes seconds, and brings a library that the core otherwise does without.
    from statsmodels.tsa.seasonal import STL  # noqa: PLC0415

    fit = STL(np.log(values), period=_YEAR, seasonal=_STL_SEASONAL, robust=True).fit()
    return _normalised(np.exp(np.asarray(fit.seasonal)), months)


def _normalised(ratios: Values, months: Months) -> Values:
    """The median of each calendar month, scaled to a mean of 1."""
    medians = np.array([np.median(ratios[months == month + 1]) for month in range(_YEAR)])
    normalised: Values = medians * _YEAR / medians.sum()
    return normalised
