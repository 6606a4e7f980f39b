"""Paths and twelve-month values by hand.

A target of 1 000 kg in 2024, 500 kg in 2028: 48 months from the base period's end to its month.
"""

import json

import polars as pl
import pytest
from monthly_rows import hours, of_rates, per_unit, target

from carbon.analysis.targets import (
    MONTHLY,
    Planned,
    Target,
    path_value,
    progress,
    twelve_month_value,
    value_of,
)


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ("2024-11", None),  # the base period is not over
        ("2024-12", 1000.0),
        ("2025-12", 1000 + (500 - 1000) * 12 / 48),  # 875
        ("2026-05", 1000 - 500 * 17 / 48),
        ("2028-12", 500.0),
        ("2031-01", 500.0),  # the level holds
    ],
    ids=["before", "start", "a-year", "within-a-year", "end", "after"],
)
def test_a_linear_path(month, expected):
    assert path_value(target(), month) == (expected and pytest.approx(expected))


@pytest.mark.parametrize(
    ("month", "expected"),
    [
        ("2024-12", 1000.0),
        ("2026-12", 1000 * 0.5**0.5),  # half of the way: 707.1
        ("2025-04", 1000 * 0.5 ** (4 / 48)),
        ("2028-12", 500.0),
        ("2030-01", 500.0),
    ],
    ids=["start", "half", "four-months", "end", "after"],
)
def test_a_geometric_path(month, expected):
    assert path_value(target(path="geometric"), month) == pytest.approx(expected)


def test_a_path_upward_is_a_path():
    # An allowance that grows: 1 000 kg to 1 480 kg in 48 months is 10 kg a month.
    assert path_value(target(level=1480.0), "2025-03") == pytest.approx(1030)
    assert target(level=1480.0).reduction == pytest.approx(-0.48)


def test_a_target_is_kept_as_it_was_set():
    made = target(planned=[{"scenario": "North", "start": "2026-01"}])
    assert made.planned == (Planned("North", "2026-01"),)
    assert Target.from_dict("halve", json.loads(json.dumps(made.to_dict()))) == made
    assert made.reduction == pytest.approx(0.5)


def test_twelve_covered_months_are_their_sum():
    record = of_rates("2024-01", [999.0] * 3 + [100.0] * 12)
    found = twelve_month_value(record, "2025-03", absolute=True)
    # April 2024 to March 2025 has no 29 February: 8 760 hours at 100 a year.
    assert found.value == pytest.approx(100.0)
    assert (found.months, found.estimated) == (12, False)
    assert found.how == "the twelve months 2024-04 to 2025-03"
    leap = twelve_month_value(of_rates("2024-01", [100.0] * 12), "2024-12", absolute=True)
    assert leap.value == pytest.approx(100 * 8784 / 8760)


def test_partial_hours_are_scaled_and_marked():
    # January to April 2025; of April 10 days. 744 + 672 + 744 + 240 = 2400 h, 24 kg: 87.6 kg a year
    amounts, covered = [8.0, 6.0, 7.0, 3.0], [744.0, 672.0, 744.0, 240.0]
    months = ["2025-01", "2025-02", "2025-03", "2025-04"]
    record = pl.DataFrame(
        {
            **{"month": months, "amount": amounts, "units": [None] * 4},
            **{"hours": [hours(month) for month in months], "observed": covered},
        },
        schema=MONTHLY,
    )
    found = twelve_month_value(record, "2025-04", absolute=True)
    # The twelve months that end in April 2025 have 8 760 hours.
    assert found.value == pytest.approx(24 * 8760 / 2400)
    assert (found.months, found.estimated) == (4, True)
    assert found.how == (
        "estimated: 2024-05 to 2025-04, 2,400 of 8,760 hours covered, scaled to a year by hours"
    )
    # January and February alone are 1 416 hours: fewer than 90 days make no year.
    few = twelve_month_value(record, "2025-02", absolute=True)
    assert (few.value, few.months, few.estimated) == (None, 2, False)
    assert "fewer than 90 days" in few.how


def test_a_month_that_is_not_known_is_no_zero():
    record = of_rates("2025-01", [100.0] * 5 + [None] + [100.0] * 6)
    found = twelve_month_value(record, "2025-12", absolute=True)
    assert found.value == pytest.approx(100.0)  # of 8 040 hours, scaled to 8 760
    assert (found.months, found.estimated) == (11, True)
    unknown = record.with_columns(
        amount=pl.when(pl.col("month") == "2025-02").then(None).otherwise(pl.col("amount"))
    )
    assert twelve_month_value(unknown, "2025-12", absolute=True).months == 10


def test_an_intensity_is_a_ratio_of_sums():
    record = per_unit("2025-01", [2.0, 4.0]).with_columns(units=pl.Series([10.0, 30.0]))
    found = value_of(record, ["2025-01", "2025-02"], absolute=False)
    assert found.value == pytest.approx((20 + 40) / (10 + 30))  # 1.5, not the mean of 2 and 4/3
    assert not found.estimated
    idle = record.with_columns(units=pl.lit(0.0))
    assert value_of(idle, ["2025-01", "2025-02"], absolute=False).value is None
    assert value_of(per_unit("2025-01", [None]), ["2025-01"], absolute=False).value is None


@pytest.mark.parametrize(
    ("rate", "status"),
    [
        # December 2025: the path is 875 kg; within 1 % of it (8.75 kg) counts as on it.
        (875.0, "on path"),
        (883.0, "on path"),
        (884.0, "above path"),
        (867.0, "on path"),
        (866.0, "below path"),
    ],
)
def test_status_in_words(rate, status):
    found = progress(target(), of_rates("2025-01", [rate] * 12))
    assert (found.month, found.status) == ("2025-12", status)
    assert found.path == pytest.approx(875)
    assert found.actual.value == pytest.approx(rate)
    assert found.difference == pytest.approx(rate - 875)
    assert found.change == pytest.approx(rate / 1000 - 1)


def test_what_is_left_to_do_a_year():
    found = progress(target(), of_rates("2025-01", [800.0] * 12))
    # From 800 kg at the end of 2025 to 500 kg at the end of 2028: three years.
    assert found.yearly == pytest.approx((500 / 800) ** (1 / 3) - 1)
    late = progress(target(until="2025-12"), of_rates("2025-01", [800.0] * 12))
    assert late.yearly is None
    assert late.ahead.is_empty()
    assert late.status == "above path"
    assert progress(target(level=0.0), of_rates("2025-01", [800.0] * 12)).yearly is None


def test_what_is_not_known_has_no_status():
    found = progress(target(), of_rates("2025-01", [800.0]))
    assert (found.actual.value, found.status) == (None, "not known")
    assert (found.difference, found.change, found.yearly) == (None, None, None)
    within = progress(target(), of_rates("2024-01", [800.0] * 6))
    assert (within.path, within.difference, within.status) == (None, None, "not known")
    with pytest.raises(ValueError, match="nothing is recorded"):
        progress(target(), pl.DataFrame(schema=MONTHLY))


def test_the_months_behind_and_ahead():
    found = progress(target(), of_rates("2024-11", [1000.0] * 5))
    assert found.rows["month"].to_list() == ["2024-11", "2024-12", "2025-01", "2025-02", "2025-03"]
    assert found.rows["rate"].to_list() == pytest.approx([1000.0] * 5)
    path = [None, *(1000 - 500 * month / 48 for month in range(4))]
    assert found.rows["path"].to_list() == path
    # 90 days: 30 + 31 + 31 = 92 with January.
    assert found.rows["actual"].is_null().to_list() == [True, True, False, False, False]
    assert found.rows["estimated"].to_list() == [False, False, True, True, True]
    assert found.ahead.height == 45
    assert found.ahead.row(0) == ("2025-04", pytest.approx(1000 - 500 * 4 / 48))
    assert found.ahead.row(-1) == ("2028-12", 500.0)


def test_a_careful_reader_is_told():
    found = progress(
        target(base_from="2024-07", base_how="estimated: half of it"),
        of_rates("2024-07", [900.0] * 9),
    )
    assert found.notes == (
        "The base period has 6 of the twelve months of a base year: estimated: half of it.",
        "The latest twelve months share 6 with the base period: the change since then shows in "
        "part only.",
    )
    holed = progress(target(base_how="estimated: a hole"), of_rates("2025-01", [900.0] * 12))
    assert holed.notes == ("The base value is estimated: a hole.",)
    assert progress(target(), of_rates("2025-01", [900.0] * 12)).notes == ()
