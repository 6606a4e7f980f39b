"""Two periods like for like: what the season is of a change, and when to be careful.

Zone and load as in `seasonal_rows`: level 0.4 kg/kWh, S 1.20 in January and 0.85 in July.
"""

from pathlib import Path

import pytest
from seasonal_rows import SOUTH, annual_file, first_day, following, monthly_file, used

from carbon.analysis.windows import months_between, twelve_months
from carbon.portfolio import Portfolio, PortfolioError

YEARS = (2022, 2023, 2024, 2025)


@pytest.fixture
def portfolio(tmp_path: Path):
    def of(*files: bytes) -> Portfolio:
        made = Portfolio(tmp_path / "ws")
        made.import_files([(f"{n}.csv", data) for n, data in enumerate(files)])
        return made

    return of


def months(zone: str, kwh: dict[tuple[int, int], float]) -> bytes:
    """A month of use each: (year, month) -> kWh."""
    return used(
        *(("chat", zone, first_day(*at), first_day(*following(*at)), kwh[at]) for at in kwh)
    )


def test_winter_against_summer_is_no_change_of_the_load(portfolio):
    # 7440 kWh in January and in July 2025, both of 744 h:
    # 7440 x 0.4 x 1.20 = 3571.2 kg, 7440 x 0.4 x 0.85 = 2529.6 kg: -29.17 %.
    made = portfolio(monthly_file("ZZ1", YEARS), months("ZZ1", {(2025, 1): 7440, (2025, 7): 7440}))
    found = made.compare_windows(("2025-01", "2025-01"), ("2025-07", "2025-07")).change
    assert found.first.actual_kg == pytest.approx(3571.2)
    assert found.second.actual_kg == pytest.approx(2529.6)
    assert found.first.normalised_kg == pytest.approx(2976)
    assert found.second.normalised_kg == pytest.approx(2976)
    assert found.actual_change == pytest.approx(0.85 / 1.20 - 1)
    assert found.normalised_change == pytest.approx(0, abs=1e-12)
    assert found.energy_change == pytest.approx(0)
    assert found.intensity_change == pytest.approx(0.85 / 1.20 - 1)
    assert found.normalised_intensity_change == pytest.approx(0, abs=1e-12)
    assert (found.same_months, found.normalised, found.warning) == (False, True, None)


def test_it_warns_where_the_season_is_left_in(portfolio):
    made = portfolio(monthly_file("ZZ1", YEARS), months("ZZ1", {(2025, 1): 7440, (2025, 7): 7440}))
    found = made.compare_windows(
        ("2025-01", "2025-01"), ("2025-07", "2025-07"), normalise=False
    ).change
    assert found.normalised_change is None
    assert found.normalised_intensity_change is None
    assert found.warning is not None
    assert "2025-01 and 2025-07 are not the same months of a year" in found.warning
    assert "Compare with the season taken out" in found.warning


def test_it_warns_where_no_index_applies(portfolio):
    made = portfolio(
        annual_file("ZZ1", 2025, 0.4), months("ZZ1", {(2025, 1): 7440, (2025, 7): 7440})
    )
    found = made.compare_windows(("2025-01", "2025-01"), ("2025-07", "2025-07"))
    assert not found.change.normalised
    assert found.change.warning is not None
    assert "No index applies to both: the season stays in." in found.change.warning
    assert found.notes == ("ZZ1: annual factor: no seasonal adjustment of intensity.",)


def test_the_same_months_of_two_years_need_no_index(portfolio):
    made = portfolio(
        annual_file("ZZ1", 2024, 0.4), months("ZZ1", {(2024, 7): 7440, (2025, 7): 8184})
    )
    found = made.compare_windows(("2024-07", "2024-07"), ("2025-07", "2025-07")).change
    # 8184 / 7440 = 1.1.
    assert found.actual_change == pytest.approx(0.1)
    assert (found.same_months, found.warning) == (True, None)


def test_two_januaries_in_a_period_are_not_the_months_of_one_year(portfolio):
    load = {(2024 + n // 12, n % 12 + 1): 1000.0 for n in range(24)}
    made = portfolio(annual_file("ZZ1", 2024, 0.4), months("ZZ1", load))
    years = made.compare_windows(("2024-01", "2024-12"), ("2024-01", "2025-12")).change
    assert years.same_months
    more = made.compare_windows(("2024-01", "2024-12"), ("2024-01", "2025-01")).change
    assert not more.same_months


def test_periods_of_different_length_are_compared_by_the_hour(portfolio):
    # January (744 h) against February and March (672 + 744 h), 10 kW throughout.
    load = {(2025, 1): 7440.0, (2025, 2): 6720.0, (2025, 3): 7440.0}
    made = portfolio(monthly_file("ZZ1", YEARS), months("ZZ1", load))
    found = made.compare_windows(("2025-01", "2025-01"), ("2025-02", "2025-03")).change
    assert found.energy_change == pytest.approx(0)
    assert found.normalised_change == pytest.approx(0, abs=1e-12)
    later = (1.15 * 672 + 1.05 * 744) / (672 + 744)
    assert found.actual_change == pytest.approx(later / 1.20 - 1)


def test_a_unit_of_work_takes_demand_out(portfolio):
    # July serves twice as many requests as January, each with the same 0.1 kWh.
    served = (
        b"workload,model,lifecycle,zone,period_start,period_end,energy_kwh,energy_boundary,requests\n"
        b"chat,Helix,inference_realtime,ZZ1,2025-01-01,2025-02-01,1000,facility,10000\n"
        b"chat,Helix,inference_realtime,ZZ1,2025-07-01,2025-08-01,2000,facility,20000\n"
    )
    made = portfolio(monthly_file("ZZ1", YEARS), served)
    periods = (("2025-01", "2025-01"), ("2025-07", "2025-07"))
    (row,) = made.units_of_windows(*periods).filter(per="query").to_dicts()
    # 0.1 x 0.48 = 48 g, 0.1 x 0.34 = 34 g.
    assert (row["first_g"], row["second_g"]) == pytest.approx((48.0, 34.0))
    assert row["change"] == pytest.approx(34 / 48 - 1)
    assert row["normalised_change"] == pytest.approx(0, abs=1e-12)
    found = made.compare_windows(*periods).change
    assert found.actual_change == pytest.approx(2 * 34 / 48 - 1)
    assert found.normalised_change == pytest.approx(1.0)


def test_a_line_without_its_winter(portfolio):
    load = {(2025, month): 1000.0 for month in range(1, 13)}
    made = portfolio(monthly_file("ZZ1", YEARS), months("ZZ1", load))
    series = made.seasonal_series(zone="ZZ1")
    january = series.row(0, named=True)
    assert january["actual_kg"] == pytest.approx(480)
    assert january["normalised_kg"] == pytest.approx(400)
    assert january["intensity"] == pytest.approx(0.48)
    assert january["normalised_intensity"] == pytest.approx(0.40)
    assert (january["index"], january["low"], january["high"]) == pytest.approx((1.2, 1.2, 1.2))
    assert series["normalised_kg"].to_list() == pytest.approx([400] * 12)
    assert made.seasonal_series(zone="FR").is_empty()


def test_a_workload_in_two_zones_has_the_season_of_both(portfolio):
    both = used(
        ("chat", "ZZ1", "2025-01-01", "2025-02-01", 1000),
        ("chat", "ZZ2", "2025-01-01", "2025-02-01", 1000),
        ("other", "ZZ2", "2025-01-01", "2025-02-01", 500),
    )
    made = portfolio(monthly_file("ZZ1", YEARS), monthly_file("ZZ2", YEARS, season=SOUTH), both)
    (row,) = made.seasonal_series(workload="chat").to_dicts()
    # 400 x 1.20 + 400 x 0.85 = 820 kg; without season 800 kg.
    assert row["actual_kg"] == pytest.approx(820)
    assert row["normalised_kg"] == pytest.approx(800)
    assert row["index"] == pytest.approx(820 / 800)
    assert row["indexed_share"] == pytest.approx(1)


def test_a_month_without_an_index_has_none(portfolio):
    made = portfolio(annual_file("ZZ1", 2025, 0.4), months("ZZ1", {(2025, 1): 1000}))
    (row,) = made.seasonal_series().to_dicts()
    assert (row["index"], row["low"], row["high"], row["indexed_share"]) == (None, None, None, 0)
    assert row["normalised_kg"] == row["actual_kg"] == pytest.approx(400)


def test_periods_that_cannot_be_compared_are_named(portfolio):
    made = portfolio(annual_file("ZZ1", 2025, 0.4), months("ZZ1", {(2025, 1): 1000}))
    with pytest.raises(PortfolioError, match="ends before it begins: 2025-02 to 2025-01"):
        made.compare_windows(("2025-02", "2025-01"), ("2025-01", "2025-01"))
    with pytest.raises(PortfolioError, match="ends before it begins"):
        made.units_of_windows(("2025-01", "2025-01"), ("2025-02", "2025-01"))
    with pytest.raises(PortfolioError, match="nothing was recorded from 2025-06 to 2025-07"):
        made.compare_windows(("2025-01", "2025-01"), ("2025-06", "2025-07"))


@pytest.mark.parametrize(
    ("period", "year", "first"),
    [
        (("2025-04", "2025-06"), None, "2025-01"),
        (("2024-11", "2025-02"), None, "2024-11"),
        (("2024-02", "2025-03"), None, "2025-01"),
        (("2024-11", "2025-02"), 2024, "2024-01"),
    ],
    ids=["inside a year", "across a year", "longer than a year", "named"],
)
def test_twelve_months_of_a_period(period, year, first):
    found = twelve_months(*period, year)
    assert len(found) == 12
    assert found[0] == first
    assert found == months_between(found[0], found[-1])
