"""What the record shows of a measure, by hand and against Welch's formula written out.

Welch (1947): difference of two means d, standard error s = sqrt(v1 / n1 + v2 / n2), degrees of
freedom (v1/n1 + v2/n2)^2 / ((v1/n1)^2 / (n1 - 1) + (v2/n2)^2 / (n2 - 1)), interval d +- t s.
"""

import math
from statistics import mean, variance

import polars as pl
import pytest
from scipy.stats import t

from carbon.analysis.measures import Measure, shown, windows

MONTHS = [f"2024-{month:02d}" for month in range(1, 13)]


def measure(**said):
    return Measure(
        **{
            "name": "Batching",
            "workloads": ("chat",),
            "taken": "2024-06-15",
            "done": "Larger batches",
            "of": "energy",
            "expected_share": -0.2,
            **said,
        }
    )


def record(energy, months=MONTHS, work=100.0, unit="query"):
    return pl.DataFrame(
        {
            "month": months,
            "location": [0.5 * kwh for kwh in energy],
            "market": [0.1 * kwh for kwh in energy],
            "energy": energy,
            "work": [work] * len(months),
            "unit": [unit] * len(months),
        }
    )


def test_the_month_of_the_measure_is_on_neither_side():
    before, after, same = windows(measure(), MONTHS)
    assert before == ["2024-01", "2024-02", "2024-03", "2024-04", "2024-05"]
    assert after == ["2024-07", "2024-08", "2024-09", "2024-10", "2024-11", "2024-12"]
    assert not same


def test_the_same_calendar_months_of_the_year_before_go_first():
    two = [f"2023-{month:02d}" for month in range(1, 13)] + MONTHS
    before, after, same = windows(measure(), two)
    assert before == ["2023-07", "2023-08", "2023-09", "2023-10", "2023-11", "2023-12"]
    assert [month[5:] for month in after] == [month[5:] for month in before]
    assert same


def test_a_year_before_is_twelve_months_where_the_year_after_is_later():
    """Of 30 months after it the last twelve: July 2024 to June 2025. All twelve before it go."""
    months = [f"{year}-{month:02d}" for year in (2021, 2022, 2023, 2024) for month in range(1, 13)]
    months += [f"2025-{month:02d}" for month in range(1, 7)]
    before, after, same = windows(measure(taken="2022-12-31"), months)
    assert (before[0], before[-1], len(before)) == ("2021-12", "2022-11", 12)
    assert (after[0], after[-1], len(after)) == ("2024-07", "2025-06", 12)
    assert same  # each calendar month once on either side


@pytest.mark.filterwarnings("error")
def test_rounding_is_no_scatter():
    """0.1 + 0.2 is 0.30000000000000004; and one side may have no scatter where the other has."""
    flat = record([0.1 + 0.2, 0.3, 0.3] * 4)
    found = shown(measure(), flat, "energy")
    assert (found.low, found.high) == pytest.approx((0.0, 0.0), abs=1e-12)
    after = [8.0, 8.2, 7.8, 8.1, 7.9, 8.0]
    found = shown(measure(), record([10.0] * 6 + after), "energy")
    # No variance before: s^2 = v2 / 6 with 5 degrees of freedom.
    logs = [math.log(kwh / 100) for kwh in after]
    half = t.ppf(0.975, 5) * math.sqrt(variance(logs) / 6)
    assert found.low == pytest.approx(math.expm1(mean(logs) - math.log(0.1) - half), rel=1e-9)


def test_a_planted_change_is_shown_exactly():
    """10 kWh a month before, 8 after, 100 requests each: 0.10 -> 0.08 kWh, -20 %.

    After: six months of 100 requests in 184 days = 4416 h, so 600 / 4416 x 8760 = 1190.217 a year;
    -0.02 kWh x 1190.217 = -23.804 kWh a year.
    """
    found = shown(measure(), record([10.0] * 6 + [8.0] * 6), "energy")
    assert found.before_value == pytest.approx(0.10)
    assert found.after_value == pytest.approx(0.08)
    assert (found.change, found.low, found.high) == pytest.approx((-0.2, -0.2, -0.2))
    assert found.a_year == pytest.approx(-23.8043, rel=1e-5)
    assert found.verdict == "as expected"
    assert (found.before, found.after) == (("2024-01", "2024-05"), ("2024-07", "2024-12"))


def test_the_interval_is_welch_s():
    energy = [10.0, 11.0, 9.5, 10.4, 10.1, 9.0, 8.1, 8.4, 7.7, 8.3, 8.0, 7.9]
    first = [math.log(kwh / 100) for kwh in energy[:5]]
    second = [math.log(kwh / 100) for kwh in energy[6:]]
    a, b = variance(first) / 5, variance(second) / 6
    freedom = (a + b) ** 2 / (a**2 / 4 + b**2 / 5)
    half = t.ppf(0.975, freedom) * math.sqrt(a + b)
    middle = mean(second) - mean(first)
    found = shown(measure(), record(energy), "energy")
    assert found.change == pytest.approx(math.expm1(middle), rel=1e-12)
    assert found.low == pytest.approx(math.expm1(middle - half), rel=1e-9)
    assert found.high == pytest.approx(math.expm1(middle + half), rel=1e-9)


def test_demand_plays_no_part():
    """Half the requests at half the energy is no change per request."""
    known = record([10.0] * 6 + [5.0] * 6).with_columns(
        work=pl.when(pl.col("month") > "2024-06").then(50.0).otherwise(100.0)
    )
    assert shown(measure(), known, "energy").change == pytest.approx(0, abs=1e-12)


def test_the_season_of_the_grid_is_taken_out_of_location_based_figures():
    """Winter lifts the grid by 1.25 before, summer lowers it to 0.75 after; nothing else does."""
    season = {month: 1.25 if month < "2024-06" else 0.75 for month in MONTHS}
    known = record([10.0 * season[month] for month in MONTHS])
    level = measure(of="location")
    assert shown(level, known, "location", season).change == pytest.approx(0, abs=1e-12)
    assert shown(level, known, "location", season).season
    assert shown(level, known, "location").change == pytest.approx(0.75 / 1.25 - 1)


SCATTER = [1.02, 0.98, 1.01, 0.99, 1.0, 1.0, 1.02, 0.98, 1.01, 0.99, 1.0, 1.0]


@pytest.mark.parametrize(
    ("after", "expected", "verdict"),
    [
        (8.0, -0.2, "as expected"),
        (9.5, -0.2, "less than expected"),
        (6.0, -0.2, "more than expected"),
        (12.0, -0.2, "less than expected"),
        (10.0, -0.2, "no change shown"),
        (10.0, -0.001, "cannot tell"),
    ],
)
def test_verdicts(after, expected, verdict):
    energy = [(10.0 if at < 6 else after) * noise for at, noise in enumerate(SCATTER)]
    found = shown(measure(expected_share=expected), record(energy), "energy")
    assert found.verdict == verdict


def test_an_amount_is_expected_as_well_as_a_share():
    """-23.804 kWh a year is the -20 % of the planted change."""
    known = record([10.0] * 6 + [8.0] * 6)
    amount = measure(expected_share=None, expected_kg=-23.804347826)
    assert shown(amount, known, "energy").verdict == "as expected"
    assert (
        shown(measure(expected_share=None, expected_kg=-50.0), known, "energy").verdict
        == "less than expected"
    )


@pytest.mark.parametrize(
    ("taken", "words"),
    [("2024-03-10", "2 months are known before"), ("2024-10-10", "2 months are known after")],
    ids=["before", "after"],
)
def test_three_months_are_needed_on_either_side(taken, words):
    with pytest.raises(ValueError, match=words):
        shown(measure(taken=taken), record([10.0] * 12), "energy")


def test_what_a_careful_reader_would_say_stands_beside_it():
    hourly = shown(measure(), record([10.0] * 12, unit="hour"), "energy")
    assert any("a change of demand is part of it" in note for note in hourly.notes)
    located = shown(measure(of="location"), record([10.0] * 12), "location")
    assert any("no seasonal index" in note for note in located.notes)
