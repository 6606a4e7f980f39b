"""A trend carried on: exact lines, textbook intervals, statsmodels beside them, planned scenarios.

The forecast gives twelve-month values. Of one month alone it gives one where the eleven before it
are not known; so the interval of one month can be held against that of statsmodels.
"""

import math
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from monthly_rows import hours, named, of_rates, per_unit
from scipy.stats import t as student
from statsmodels.api import OLS, add_constant
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from carbon.analysis.forecast import HOLT_WINTERS, LINE, Change, forecast, shocks

SCATTERED = [10.0, 12.5, 11.0, 14.0, 13.0, 15.5, 17.0, 15.0, 18.5, 17.5]


@pytest.mark.parametrize("slope", [0.0, 3.0, -5.0], ids=["flat", "up", "down"])
def test_an_exact_line_is_carried_on_without_doubt(slope):
    rates = [500 + slope * month for month in range(10)]
    found = forecast(of_rates("2025-01", rates), "2027-06", absolute=True)
    assert (found.method, found.months) == (LINE, 10)
    assert found.rows["month"].to_list() == named("2025-11", 20)
    # The twelve months to October 2026 are months 10 to 21: each at its rate, by its hours.
    months = named("2025-11", 12)
    line = sum((500 + slope * (10 + n)) * hours(month) / 8760 for n, month in enumerate(months))
    row = found.at("2026-10")
    assert row["value"] == pytest.approx(line, rel=1e-9)
    assert row["high"] - row["low"] == pytest.approx(0, abs=1e-6)
    assert (row["planned"], row["planned_low"]) == (row["value"], row["low"])
    assert found.at("2025-10") is None


def test_months_that_are_known_stay_as_they_are():
    # One month ahead: eleven known ones and the twelfth of the line.
    found = forecast(
        per_unit("2025-01", [float(month) for month in range(12)]), "2026-01", absolute=False
    )
    assert found.rows["value"][0] == pytest.approx((sum(range(1, 12)) + 12) / 12)


def test_an_intensity_ahead_weighs_months_by_their_work():
    # Eleven months of 2 per unit, 10 units each, and one of 8, 90 units: what was served counts.
    record = per_unit("2025-01", [2.0] * 11 + [8.0]).with_columns(
        units=pl.Series([10.0] * 11 + [90.0])
    )
    record = record.with_columns(amount=pl.Series([20.0] * 11 + [720.0]))
    found = forecast(record, "2026-12", absolute=False)
    # Ahead as much work a month as in the latest twelve: 200 / 12 units, at the line's rate.
    t, y = np.arange(12.0), np.array([2.0] * 11 + [8.0])
    slope, start = np.polyfit(t, y, 1)
    ahead = start + slope * 12
    by_hand = (10 * 20 + 720 + 200 / 12 * ahead) / (10 * 10 + 90 + 200 / 12)
    assert found.at("2026-01")["value"] == pytest.approx(by_hand)
    # A year on nothing known is left in it: the mean of the line.
    assert found.at("2026-12")["value"] == pytest.approx(start + slope * 17.5)


def _alone(rates):
    """Months, then eleven of which nothing is known: the next stands alone."""
    return per_unit("2024-01", [*rates, *[None] * 11])


def test_the_interval_of_one_month_is_that_of_statsmodels():
    step = len(SCATTERED) + 11
    found = forecast(_alone(SCATTERED), named("2024-01", step + 1)[-1], absolute=False)
    row = found.rows.row(0, named=True)
    assert found.rows.height == 1
    fit = OLS(np.array(SCATTERED), add_constant(np.arange(10.0))).fit()
    theirs = fit.get_prediction([[1.0, float(step)]]).summary_frame(alpha=0.05)
    assert row["value"] == pytest.approx(theirs["mean"][0])
    assert row["low"] == pytest.approx(theirs["obs_ci_lower"][0])
    assert row["high"] == pytest.approx(theirs["obs_ci_upper"][0])


def _by_textbook(weights, at):
    """Sum w y of new months at t: s^2 (sum w^2 + (sum w)^2 / n + (sum w (t - mean t))^2 / Sxx)."""
    n = len(SCATTERED)
    t, y = np.arange(float(n)), np.array(SCATTERED)
    sxx = float(((t - t.mean()) ** 2).sum())
    slope = float(((t - t.mean()) * (y - y.mean())).sum()) / sxx
    fitted = y.mean() + slope * (t - t.mean())
    s2 = float(((y - fitted) ** 2).sum()) / (n - 2)
    w, at = np.array(weights), np.array(at)
    value = float((w * (y.mean() + slope * (at - t.mean()))).sum())
    variance = s2 * (
        (w**2).sum() + w.sum() ** 2 / n + float((w * (at - t.mean())).sum()) ** 2 / sxx
    )
    return value, float(student.ppf(0.975, n - 2)) * math.sqrt(variance)


def test_the_interval_of_twelve_months_is_the_textbook_s():
    found = forecast(of_rates("2025-01", SCATTERED), "2026-10", absolute=True)
    row = found.at("2026-10")
    value, half = _by_textbook(
        [hours(month) / 8760 for month in named("2025-11", 12)], np.arange(10.0, 22.0)
    )
    assert row["value"] == pytest.approx(value)
    assert row["high"] - row["value"] == pytest.approx(half, rel=1e-6)
    assert row["value"] - row["low"] == pytest.approx(half, rel=1e-6)
    # The sum is not the sum of the months' intervals, nor that of months apart.
    apart = math.sqrt(12) * _by_textbook([1 / 12], [15.5])[1]
    assert half > apart


def test_only_what_is_ahead_is_in_doubt():
    found = forecast(of_rates("2025-01", SCATTERED), "2026-10", absolute=True)
    # The third month ahead: nine known ones of ten, three ahead.
    row = found.at("2026-01")
    months = named("2025-02", 12)
    known = sum(SCATTERED[n] * hours(months[n - 1]) / 8760 for n in range(1, 10))
    value, half = _by_textbook([hours(month) / 8760 for month in months[9:]], [10.0, 11.0, 12.0])
    assert row["value"] == pytest.approx(known + value)
    assert row["high"] - row["value"] == pytest.approx(half, rel=1e-6)


def test_a_planned_scenario_multiplies_what_is_ahead_of_its_start():
    planned = [Change("North", "2026-01", -0.2), Change("Cap", "2026-07", -0.5)]
    flat = per_unit("2025-01", [10.0] * 9)
    found = forecast(flat, "2027-06", absolute=False, planned=planned)
    assert found.at("2025-12")["planned"] == pytest.approx(10)
    # To June 2026: six months as they were and six at 8.
    assert found.at("2026-06")["planned"] == pytest.approx((6 * 10 + 6 * 8) / 12)
    assert found.at("2026-12")["planned"] == pytest.approx((6 * 8 + 6 * 4) / 12)
    assert found.at("2027-06")["planned"] == pytest.approx(10 * 0.8 * 0.5)
    assert found.rows["value"].to_list() == pytest.approx([10.0] * 21)
    assert any("multiply" in note for note in found.notes)


def test_a_planned_scenario_narrows_or_widens_with_the_figure():
    rates = of_rates("2025-01", SCATTERED)
    row = forecast(rates, "2027-06", absolute=True, planned=[Change("Half", "2025-11", -0.5)]).at(
        "2027-06"
    )
    assert row["planned"] == pytest.approx(row["value"] / 2)
    assert row["planned_high"] - row["planned"] == pytest.approx((row["high"] - row["value"]) / 2)


def test_too_few_months_are_refused_in_words():
    with pytest.raises(ValueError, match=r"a trend needs 6 months .* 5 are there"):
        forecast(of_rates("2025-01", [10.0] * 5), "2026-12", absolute=True)
    thin = of_rates("2025-01", [10.0] * 6).with_columns(
        observed=pl.when(pl.col("month") == "2025-06").then(300.0).otherwise(pl.col("hours"))
    )
    with pytest.raises(ValueError, match="at least half is covered; 5 are there"):
        forecast(thin, "2026-12", absolute=True)
    assert forecast(of_rates("2025-01", [10.0] * 6), "2026-12", absolute=True).months == 6


@pytest.mark.parametrize("until", ["2025-08", "2025-03"], ids=["its-last-month", "earlier"])
def test_what_lies_behind_is_not_forecast(until):
    with pytest.raises(ValueError, match=f"reaches 2025-08: nothing lies ahead of {until}"):
        forecast(of_rates("2025-01", [10.0] * 8), until, absolute=True)
    with pytest.raises(ValueError, match="no month"):
        forecast(of_rates("2025-01", []), until, absolute=True)


def test_nothing_falls_below_nothing():
    found = forecast(
        of_rates("2025-01", [100 - 10.0 * n for n in range(9)]), "2027-06", absolute=True
    )
    assert found.at("2027-06") == {
        "month": "2027-06",
        **dict.fromkeys(("value", "low", "planned", "planned_low"), 0.0),
        **dict.fromkeys(("high", "planned_high"), 0.0),
    }
    assert any("falls to 0" in note for note in found.notes)


def test_a_careful_reader_is_told_of_the_line():
    # One long wave: neighbours err alike.
    wave = [100 + 20 * math.sin(math.pi * n / 11) for n in range(12)]
    found = forecast(of_rates("2025-01", [*wave, None]), "2027-06", absolute=True)
    assert any("err alike" in note for note in found.notes)
    assert any("1 of 13 months" in note for note in found.notes)
    assert any("17 months ahead and rests on 12" in note for note in found.notes)


SEASON = [3.0 * math.cos(2 * math.pi * month / 12) for month in range(12)]


def _seasonal(count):
    noise = np.random.default_rng(7).normal(0, 0.4, count)
    return [40 + 0.1 * n + SEASON[n % 12] + noise[n] for n in range(count)]


def _fitted(values):
    index = pd.period_range("2023-01", periods=len(values), freq="M")
    model = ETSModel(
        pd.Series(values, index=index),
        error="add",
        trend="add",
        damped_trend=True,
        seasonal="add",
        seasonal_periods=12,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(disp=False)


def test_what_a_shock_adds_later_is_the_variance_of_statsmodels():
    """Its forecast variance of a class 1 model is sigma^2 x the sum of squares of a row of L."""
    fit = _fitted(_seasonal(36))
    theirs = fit.get_prediction(start=36, end=36 + 29).forecast_variance
    root = shocks(fit.alpha, fit.beta, fit.gamma, fit.phi, 30)
    assert (root**2).sum(axis=1) * fit.scale == pytest.approx(np.asarray(theirs), rel=1e-9)


def test_what_a_shock_adds_by_hand():
    root = shocks(0.5, 0.1, 0.2, 0.9, 14)
    # a month later: 0.5 + 0.1 x 0.9; two: 0.5 + 0.1 x (0.9 + 0.81); twelve: + 0.2 of the season.
    assert root[:3, 0].tolist() == pytest.approx([1.0, 0.59, 0.671])
    damped = 0.1 * sum(0.9**j for j in range(1, 13))
    assert root[12, 0] == pytest.approx(0.5 + damped + 0.2)
    assert root[13, 0] == pytest.approx(0.5 + damped + 0.1 * 0.9**13)
    assert (root[0, 1:] == 0).all()
    assert root[4, 3] == root[1, 0]


def test_a_sum_of_twelve_months_scatters_as_simulated_paths_do():
    """Loosely: 4 000 paths of the fitted model, whose sums spread as L says."""
    fit = _fitted(_seasonal(36))
    paths = fit.simulate(12, anchor="end", repetitions=4000, rng=np.random.default_rng(3))
    spread = float(np.asarray(paths).sum(axis=0).std())
    root = shocks(fit.alpha, fit.beta, fit.gamma, fit.phi, 12)
    assert math.sqrt(fit.scale) * np.linalg.norm(np.ones(12) @ root) == pytest.approx(
        spread, rel=0.05
    )


def test_two_whole_years_carry_their_season():
    values = _seasonal(36)
    found = forecast(per_unit("2023-01", values), "2027-12", absolute=False)
    assert (found.method, found.months) == (HOLT_WINTERS, 36)
    fit = _fitted(values)
    year = np.asarray(fit.forecast(12))
    row = found.at("2026-12")
    assert row["value"] == pytest.approx(year.mean(), rel=5e-3)
    # What the year would be without noise: months 36 to 47 of the line, the season in balance.
    assert row["value"] == pytest.approx(40 + 0.1 * 41.5, rel=0.03)
    # s^2: squared errors over the months less the parameters, of Student's t as many.
    freedom = 36 - len(fit.params)
    spread = math.sqrt(float(fit.sse) / freedom) * np.linalg.norm(
        np.ones(12) / 12 @ shocks(fit.alpha, fit.beta, fit.gamma, fit.phi, 12)
    )
    half = float(student.ppf(0.975, freedom)) * spread
    assert row["high"] - row["value"] == pytest.approx(half, rel=0.02)
    wider = found.at("2027-12")
    assert wider["high"] - wider["low"] > row["high"] - row["low"]


@pytest.mark.parametrize(
    ("rates", "method"),
    [
        (_seasonal(24), HOLT_WINTERS),
        (_seasonal(23), LINE),
        ([*_seasonal(12), None, *_seasonal(24)], LINE),
    ],
    ids=["24", "23", "a-month-missing"],
)
def test_the_method_goes_by_what_is_there(rates, method):
    assert forecast(per_unit("2023-01", rates), "2027-12", absolute=False).method == method


def test_a_flat_record_of_years_is_carried_on():
    found = forecast(per_unit("2023-01", [10.0] * 30), "2026-12", absolute=False)
    assert found.method == HOLT_WINTERS
    assert found.at("2026-12")["value"] == pytest.approx(10, rel=1e-6)
    assert found.at("2026-12")["high"] == pytest.approx(10, rel=1e-4)
