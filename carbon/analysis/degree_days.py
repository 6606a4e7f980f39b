"""PUE by degree days: the regression, and whether it may be believed.

    PUE_i = b0 + b_c CDD_i(T_c) + b_h HDD_i(T_h)
    CDD_i(T) = mean of max(0, temperature - T) over the span i      HDD_i(T) = ... max(0, T - ...)

Base temperatures are those with the highest adjusted R² of a grid, among candidates whose slopes
are positive, as the CalTRACK daily methods choose them (sections 3.3 and 3.4). Gates are those of
ASHRAE Guideline 14: |NMBE| and CV(RMSE), by month for monthly and daily data and by hour for
hourly data. An ordinary regression has no bias on its own data, so that each month is also
predicted from the others, and has to pass the same gates. Standard errors allow for errors that
persist from day to day (Newey and West 1987).
"""

from dataclasses import dataclass
from itertools import product
from typing import Any, Final, Literal

import numpy as np

from carbon.policy import Policy

Values = np.ndarray[Any, np.dtype[np.float64]]
Places = np.ndarray[Any, np.dtype[np.int64]]
Driver = Literal["mean_temp_c", "wet_bulb_c"]

LAGS: Final = {"hour": 24, "day": 7, "month": 1}
"""Spans over which errors are taken to persist."""

LEAST_WARM: Final = 10
"""Spans that must lie beyond a base temperature, so that no handful of them sets a slope."""

FLAT: Final = 1e-6
"""A PUE that varies by less is one figure, written down many times [1]."""

_DIGITS: Final = 12


@dataclass(frozen=True)
class Observed:
    """Temperatures of spans (hours, days or months), and the PUE of each span.

    Attributes:
        span: hour, day or month: what `pue` is of.
        temperatures: driver -> temperature of every row of weather [°C].
        of: for every row of weather, which element of `pue` it belongs to.
        pue: facility energy / IT energy [1].
        weights: IT energy of each span, or 1 [kWh or 1].
        months: YYYY-MM of each span.
    """

    span: str
    temperatures: dict[Driver, Values]
    of: Places
    pue: Values
    weights: Values
    months: tuple[str, ...]

    def excess(self, driver: Driver, base_c: float, sign: int) -> Values:
        """Mean degrees of each span above (sign 1) or below (sign -1) a base [K]."""
        beyond = np.clip(sign * (self.temperatures[driver] - base_c), 0.0, None)
        count = np.bincount(self.of, minlength=len(self.pue))
        return np.asarray(np.bincount(self.of, weights=beyond, minlength=len(self.pue)) / count)


@dataclass(frozen=True)
class Gate:
    """One criterion: its value, its limit, and over what."""

    name: str
    value: float
    limit: float

    @property
    def passed(self) -> bool:
        return abs(self.value) <= self.limit


@dataclass(frozen=True)
class Fit:
    """A regression of PUE on degree days.

    Attributes:
        driver: mean_temp_c (dry bulb) or wet_bulb_c.
        span: hour, day or month.
        base_cooling_c: temperature above which cooling takes more [°C].
        base_heating_c: temperature below which the facility takes more [°C]; None: no such term.
        intercept: PUE with no degree above or below [1].
        per_cooling: rise of PUE per K above the base [1/K].
        per_cooling_low: low end of its 95 % interval.
        per_cooling_high: high end of it.
        per_heating: rise of PUE per K below the heating base [1/K]; 0 without that term.
        p_cooling: how often chance alone would give such an effect of heat [1].
        r_squared: share of the variance that it explains [1].
        n: spans that it is fitted to.
        first_month: first of their months, YYYY-MM.
        last_month: last of them.
        gates: NMBE and CV(RMSE), on its own data and on months predicted from the others.
        weak: R² is below `policy.cooling.good_r_squared`.
    """

    driver: Driver
    span: str
    base_cooling_c: float
    base_heating_c: float | None
    intercept: float
    per_cooling: float
    per_cooling_low: float
    per_cooling_high: float
    per_heating: float
    p_cooling: float
    r_squared: float
    n: int
    first_month: str
    last_month: str
    gates: tuple[Gate, ...]
    weak: bool


@dataclass(frozen=True)
class Unfit:
    """Why no regression may be used, and what to do about it; with the fit where there was one."""

    reason: str
    fit: Fit | None = None


@dataclass(frozen=True)
class _Candidate:
    driver: Driver
    cooling_c: float
    heating_c: float | None
    adjusted: float


def fit_degree_days(observed: Observed, policy: Policy, base_c: float | None = None) -> Fit | Unfit:
    """Fit PUE to degree days, or say why not.

    Args:
        observed: at least a year of days or hours, or `policy.cooling.least_months` months.
        policy: `cooling` is used.
        base_c: cooling base temperature [°C], where somebody states it; None tries a grid.
    """
    short = _short(observed, policy)
    if short:
        return Unfit(short)
    best = _best(observed, policy, base_c)
    if best is None:
        return Unfit(
            "PUE does not rise with the temperature outdoors at any base temperature: there is "
            "no cooling to normalise. Look whether PUE and temperatures are of the same site."
        )
    fit = _regress(observed, best, policy)
    if fit.p_cooling > policy.cooling.p_value:
        return Unfit(
            f"Chance alone would give such an effect of heat on PUE in {fit.p_cooling:.0%} of "
            f"cases (at most {policy.cooling.p_value:.0%} is accepted): nothing is normalised. "
            "Bring a longer record, or wet-bulb temperatures.",
            fit,
        )
    failed = [gate for gate in fit.gates if not gate.passed]
    if failed:
        said = "; ".join(f"{gate.name} {gate.value:.1%}, limit {gate.limit:.0%}" for gate in failed)
        return Unfit(
            f"The fit fails the gates of ASHRAE Guideline 14 ({said}): nothing is normalised. "
            "Something other than weather moves the PUE; bring a period without such changes.",
            fit,
        )
    return fit


def _short(observed: Observed, policy: Policy) -> str | None:
    """Why a record is too short; None where it is not."""
    months = set(observed.months)
    calendar = {month[5:] for month in months}
    if observed.span == "month":
        if len(months) >= policy.cooling.least_months and len(calendar) == 12:
            return None
        return (
            f"{len(months)} months of PUE and temperature are known; monthly data need "
            f"{policy.cooling.least_months}, daily data a year. Bring daily values, or more months."
        )
    days = len(observed.pue) / (24 if observed.span == "hour" else 1)
    if days >= policy.cooling.least_days and len(calendar) == 12:
        return None
    return (
        f"{days:.0f} days of PUE and temperature in {len(calendar)} calendar months are known; "
        f"{policy.cooling.least_days} days in all twelve are needed. Bring the rest of the year."
    )


def _best(observed: Observed, policy: Policy, base_c: float | None) -> _Candidate | None:
    """The candidate with the highest adjusted R²; of equals that with fewer terms comes first."""
    section = policy.cooling
    steps = round((section.base_to_c - section.base_from_c) / section.base_step_c)
    grid = [section.base_from_c + step * section.base_step_c for step in range(steps + 1)]
    cooling = grid if base_c is None else [base_c]
    found = [
        candidate
        for driver in observed.temperatures
        for candidate in _candidates(observed, driver, cooling, grid)
    ]
    ranked = sorted(
        found,
        key=lambda each: (
            -round(each.adjusted, _DIGITS),
            each.heating_c is not None,
            each.driver,
            each.cooling_c,
            each.heating_c or 0.0,
        ),
    )
    return ranked[0] if ranked else None


def _candidates(
    observed: Observed, driver: Driver, cooling: list[float], heating: list[float]
) -> list[_Candidate]:
    """Every model of a driver whose slopes are positive: cooling alone, and with heating."""
    centred = observed.pue - observed.pue.mean()
    total = float(centred @ centred)
    n = len(centred)
    if np.ptp(observed.pue) <= FLAT:
        return []
    above = {base: observed.excess(driver, base, 1) for base in cooling}
    below = {base: observed.excess(driver, base, -1) for base in heating}
    enough = {base: np.count_nonzero(column) >= LEAST_WARM for base, column in above.items()}
    cold = {base: np.count_nonzero(column) >= LEAST_WARM for base, column in below.items()}
    if observed.span == "month":
        # Of two years a month or two may lie beyond a base; a slope needs three points.
        enough = {base: np.count_nonzero(column) >= 3 for base, column in above.items()}
        cold = {base: np.count_nonzero(column) >= 3 for base, column in below.items()}
    pairs: list[tuple[float, float | None]] = [(base, None) for base in cooling if enough[base]]
    pairs += [
        (warm, chill)
        for warm, chill in product(cooling, heating)
        if chill <= warm and enough[warm] and cold[chill]
    ]
    found = []
    for warm, chill in pairs:
        columns = [above[warm]] if chill is None else [above[warm], below[chill]]
        design = np.column_stack([column - column.mean() for column in columns])
        normal = design.T @ design
        if np.linalg.cond(normal) > 1e10:
            continue
        slopes = np.linalg.solve(normal, design.T @ centred)
        if (slopes <= 0).any():
            continue
        residual = total - float(slopes @ (design.T @ centred))
        adjusted = 1 - (residual / (n - len(columns) - 1)) / (total / (n - 1))
        found.append(_Candidate(driver, warm, chill, adjusted))
    return found


def _design(observed: Observed, chosen: _Candidate) -> Values:
    columns = [np.ones(len(observed.pue)), observed.excess(chosen.driver, chosen.cooling_c, 1)]
    if chosen.heating_c is not None:
        columns.append(observed.excess(chosen.driver, chosen.heating_c, -1))
    return np.column_stack(columns)


def _regress(observed: Observed, chosen: _Candidate, policy: Policy) -> Fit:
    """The chosen model with its standard errors and gates."""
    # Imported here: it takes seconds, and brings a library that the core otherwise does without.
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415

    design = _design(observed, chosen)
    result = OLS(observed.pue, design).fit(
        cov_type="HAC", cov_kwds={"maxlags": LAGS[observed.span]}, use_t=True
    )
    low, high = (float(end) for end in np.asarray(result.conf_int())[1])
    slopes = np.asarray(result.params, dtype=np.float64)
    r_squared = float(result.rsquared)
    return Fit(
        driver=chosen.driver,
        span=observed.span,
        base_cooling_c=chosen.cooling_c,
        base_heating_c=chosen.heating_c,
        intercept=float(slopes[0]),
        per_cooling=float(slopes[1]),
        per_cooling_low=low,
        per_cooling_high=high,
        per_heating=float(slopes[2]) if chosen.heating_c is not None else 0.0,
        p_cooling=float(np.asarray(result.pvalues)[1]),
        r_squared=r_squared,
        n=len(observed.pue),
        first_month=min(observed.months),
        last_month=max(observed.months),
        gates=_gates(observed, design, slopes, policy),
        weak=r_squared < policy.cooling.good_r_squared,
    )


def _gates(observed: Observed, design: Values, slopes: Values, policy: Policy) -> tuple[Gate, ...]:
    """NMBE and CV(RMSE) of the fit, and of each month predicted from the others."""
    section, hourly = policy.cooling, observed.span == "hour"
    bias = section.nmbe_hourly if hourly else section.nmbe_monthly
    scatter = section.cv_rmse_hourly if hourly else section.cv_rmse_monthly
    own = goodness(observed, design @ slopes, design.shape[1])
    left_out = goodness(observed, _from_the_others(observed, design), design.shape[1])
    return (
        Gate("NMBE", own[0], bias),
        Gate("CV(RMSE)", own[1], scatter),
        Gate("NMBE of months left out", left_out[0], bias),
        Gate("CV(RMSE) of months left out", left_out[1], scatter),
    )


def _from_the_others(observed: Observed, design: Values) -> Values:
    """Each month's PUE, predicted by the same model fitted to all other months."""
    months = np.array(observed.months)
    predicted = np.empty(len(observed.pue))
    for month in sorted(set(observed.months)):
        out = months == month
        slopes, *_ = np.linalg.lstsq(design[~out], observed.pue[~out], rcond=None)
        predicted[out] = design[out] @ slopes
    return predicted


def goodness(observed: Observed, predicted: Values, parameters: int) -> tuple[float, float]:
    """NMBE and CV(RMSE) of a prediction [1]: by hour for hourly data, else by month.

        NMBE = sum(y - y') / ((n - p) mean y)      CV(RMSE) = sqrt(sum (y - y')² / (n - p)) / mean y

    Args:
        observed: the PUE of each span, and its weight.
        predicted: what a model says of it [1].
        parameters: p, parameters of the model.
    """
    actual = observed.pue
    if observed.span != "hour":
        _, of_month = np.unique(np.array(observed.months), return_inverse=True)
        weight = np.bincount(of_month, weights=observed.weights)
        actual = np.bincount(of_month, weights=observed.weights * observed.pue) / weight
        predicted = np.bincount(of_month, weights=observed.weights * predicted) / weight
    off = actual - predicted
    free = max(len(off) - parameters, 1)
    mean = float(actual.mean())
    return float(off.sum()) / free / mean, float(np.sqrt((off @ off) / free)) / mean
