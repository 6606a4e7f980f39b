"""Where a trend leads: a forecast from monthly values, with a 95 % prediction interval.

    6 to 23 months   straight line by ordinary least squares:  y = a + b t + e
    24 and more      Holt-Winters with damped trend and additive season, where no month is missing

A twelve-month value ahead is a weighted sum c of months, known ones as they are, so that its
variance is that of the sum and not the sum of the months' intervals:

    line           c'X V X'c + s^2 c'c                  V: covariance of a and b
    Holt-Winters   s^2 c' L L' c                        L: what a shock adds to later months

A trend knows nothing of what is planned. Planned scenarios multiply what is ahead by their change.
Sources: Montgomery, Peck, Vining, Introduction to Linear Regression Analysis, 5th ed., section 3.5
(prediction of new observations); Hyndman et al., Forecasting with Exponential Smoothing (2008),
section 6.2 (class 1 models).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.stats import t as student

from carbon.analysis.targets import hours_of, months_after, rate, twelve_up_to

FEWEST: Final = 6
"""Fewer months carry no trend."""

SEASONAL: Final = 24
"""So many months carry a season of their own."""

HALF: Final = 0.5
"""A month of which less is covered tells little of a trend [1]."""

LINE: Final = "straight line (ordinary least squares)"
HOLT_WINTERS: Final = "Holt-Winters, damped trend, additive season"

_YEAR_H: Final = 8760.0
_TWELVE: Final = 12
_CERTAIN: Final = 0.975
_HANGS_TOGETHER: Final = 1.0
"""A Durbin-Watson statistic below it: neighbouring months err alike [1]."""

_Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Change:
    """What a planned scenario changes: from a month on, by a share.

    Attributes:
        scenario: its name.
        start: first month in which it is in force, YYYY-MM.
        change: relative change of the measure, -0.2 for a fifth less [1].
    """

    scenario: str
    start: str
    change: float


@dataclass(frozen=True)
class Forecast:
    """A trend carried on.

    Attributes:
        method: LINE or HOLT_WINTERS.
        months: months that it rests on.
        rows: month, value, low, high: the twelve months up to it, by the trend alone; planned: the
            same with the planned scenarios, planned_low and planned_high; all in the target's unit.
        notes: what a careful reader would say beside it.
    """

    method: str
    months: int
    rows: pl.DataFrame
    notes: tuple[str, ...]

    def at(self, month: str) -> dict[str, float] | None:
        """The row of a month; None where the forecast does not reach it."""
        found = self.rows.filter(pl.col("month") == month)
        return found.row(0, named=True) if found.height else None


@dataclass(frozen=True)
class _Ahead:
    """Months ahead: their mean, the factor S of their covariance S S', degrees of freedom."""

    mean: _Array
    root: _Array
    freedom: float


def forecast(
    series: pl.DataFrame, until: str, *, absolute: bool, planned: Sequence[Change] = ()
) -> Forecast:
    """Carry the trend of a record on until a month.

    Args:
        series: `targets.MONTHLY`.
        until: last month, YYYY-MM.
        absolute: whether values are of a year, else per unit.
        planned: scenarios; those in force in a month multiply.

    Raises:
        ValueError: until is no later than the record, or fewer than FEWEST months carry a trend.
    """
    monthly = series.with_columns(rate=rate(absolute=absolute))
    last = monthly["month"][-1] if monthly.height else ""
    ahead = months_after(last, until) if monthly.height else []
    if not ahead:
        raise ValueError(f"the record reaches {last or 'no month'}: nothing lies ahead of {until}")
    thin = pl.col("observed") < HALF * pl.col("hours")
    usable = monthly.with_row_index("t").filter(pl.col("rate").is_not_null(), ~thin)
    if usable.height < FEWEST:
        raise ValueError(
            f"a trend needs {FEWEST} months of which at least half is covered; "
            f"{usable.height} are there"
        )
    whole = usable.height == monthly.height and usable.height >= SEASONAL
    found, notes = (_holt_winters if whole else _line)(usable, monthly.height, len(ahead))
    rows = _years(monthly, ahead, found, planned, absolute=absolute)
    return Forecast(
        HOLT_WINTERS if whole else LINE,
        usable.height,
        rows,
        (*notes, *_notes(usable, monthly, rows, planned)),
    )


def _line(usable: pl.DataFrame, length: int, steps: int) -> tuple[_Ahead, tuple[str, ...]]:
    """The straight line through the months, carried on."""
    # Takes a second to load; most verbs need no statistics.
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415
    from statsmodels.stats.stattools import durbin_watson  # noqa: PLC0415

    def design(at: _Array) -> _Array:
        return np.column_stack([np.ones_like(at), at])

    fit = OLS(usable["rate"].to_numpy(), design(usable["t"].to_numpy().astype(float))).fit()
    there = design(np.arange(length, length + steps, dtype=float))
    spread = np.linalg.cholesky(_symmetric(fit.cov_params()))
    noise = np.sqrt(fit.scale) * np.eye(steps)
    said: tuple[str, ...] = ()
    if fit.scale > 0 and durbin_watson(fit.resid) < _HANGS_TOGETHER:
        said = ("Neighbouring months err alike: the interval is narrower than it should be.",)
    return _Ahead(there @ fit.params, np.hstack([there @ spread, noise]), fit.df_resid), said


def _symmetric(covariance: _Array) -> _Array:
    """A covariance that can be factored even where all points lie on the line."""
    tiny = 1e-300 + 1e-14 * float(np.trace(covariance))
    return (covariance + covariance.T) / 2 + tiny * np.eye(len(covariance))


def _holt_winters(usable: pl.DataFrame, _: int, steps: int) -> tuple[_Ahead, tuple[str, ...]]:
    """Level, damped trend and season by exponential smoothing, carried on."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # noqa: PLC0415

    values = usable["rate"].to_numpy()
    scale = float(np.abs(values).mean()) or 1.0
    model = ETSModel(
        values / scale,
        error="add",
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=_TWELVE,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a flat record has no best smoothing; any of them serves
        fit = model.fit(disp=False)
    freedom = max(len(values) - len(fit.params), 1)
    sigma = float(np.sqrt(fit.sse / freedom)) * scale
    root = sigma * shocks(fit.alpha, fit.beta, fit.gamma, fit.phi, steps)
    return _Ahead(np.asarray(fit.forecast(steps)) * scale, root, float(freedom)), ()


def shocks(alpha: float, beta: float, gamma: float, phi: float, steps: int) -> _Array:
    """What a shock of 1 adds to its own month and to those after it: a lower triangle L [1].

        c_j = alpha + beta (phi + phi^2 + ... + phi^j) + gamma where j is whole years

    Source: Hyndman et al. (2008), table 6.1.
    """
    later = np.arange(1, steps)
    damped = np.cumsum(phi**later)
    column = np.concatenate([[1.0], alpha + beta * damped + gamma * (later % _TWELVE == 0)])
    lag = np.subtract.outer(np.arange(steps), np.arange(steps))
    return np.where(lag >= 0, column[np.abs(lag)], 0.0)


def _years(
    monthly: pl.DataFrame,
    ahead: list[str],
    found: _Ahead,
    planned: Sequence[Change],
    *,
    absolute: bool,
) -> pl.DataFrame:
    """The twelve months up to each month ahead, and their interval."""
    known = dict(monthly.drop_nulls("rate").select("month", "rate").iter_rows())
    factors = np.array([_in_force(planned, month) for month in ahead])
    place = {month: step for step, month in enumerate(ahead)}
    quantile = float(student.ppf(_CERTAIN, found.freedom))
    weigh = _weights(monthly, ahead, absolute=absolute)
    rows = []
    for month in ahead:
        window = [m for m in twelve_up_to(month) if m in place or m in known]
        # An incomplete year is scaled to the year that it stands for.
        wanted = hours_of(twelve_up_to(month)) / _YEAR_H if absolute else 1.0
        scale = wanted / sum(weigh[m] for m in window)
        past = sum(known[m] * weigh[m] for m in window if m not in place) * scale
        weights = np.zeros(len(ahead))
        for m in window:
            if m in place:
                weights[place[m]] = weigh[m] * scale
        rows.append({"month": month, **_ends(past, weights, found, quantile, "")})
        rows[-1] |= _ends(past, weights * factors, found, quantile, "planned")
    return pl.DataFrame(rows)


def _weights(monthly: pl.DataFrame, ahead: list[str], *, absolute: bool) -> dict[str, float]:
    """What a month's rate counts in twelve months: its hours, or the work done in it.

    Ahead a month does as much work as one of the latest twelve did.
    """
    if absolute:
        return {m: hours_of([m]) / _YEAR_H for m in (*monthly["month"], *ahead)}
    worked = monthly.drop_nulls("rate").select("month", "units")
    usual = float(worked["units"].tail(_TWELVE).to_numpy().mean())
    return {**dict.fromkeys(ahead, usual), **dict(worked.iter_rows())}


def _ends(
    past: float, weights: _Array, found: _Ahead, quantile: float, name: str
) -> dict[str, float]:
    """Value and interval of a weighted sum; nothing emits less than nothing."""
    value = past + float(weights @ found.mean)
    half = quantile * float(np.linalg.norm(weights @ found.root))
    prefix = f"{name}_" if name else ""
    return {
        name or "value": max(value, 0.0),
        f"{prefix}low": max(value - half, 0.0),
        f"{prefix}high": max(value + half, 0.0),
    }


def _in_force(planned: Sequence[Change], month: str) -> float:
    return float(np.prod([1.0 + plan.change for plan in planned if plan.start <= month]))


def _notes(
    usable: pl.DataFrame, monthly: pl.DataFrame, rows: pl.DataFrame, planned: Sequence[Change]
) -> tuple[str, ...]:
    said = []
    if left := monthly.height - usable.height:
        said.append(f"{left} of {monthly.height} months are covered by less than half: left out.")
    if rows.height > usable.height:
        said.append(
            f"It reaches {rows.height} months ahead and rests on {usable.height}: the interval "
            "knows the scatter of the months, not whether the trend itself goes on."
        )
    if rows.filter(pl.col("value") <= 0).height:
        said.append("The line falls to 0, and no figure is shown below it.")
    if len(planned) > 1:
        said.append("Planned scenarios multiply: where two act on the same load, it is too much.")
    return tuple(said)
