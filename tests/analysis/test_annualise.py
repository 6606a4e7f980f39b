"""A year from its first quarter: the synthetic zone, annual factors, leap years, part of a month.

S as in `seasonal_rows`, level 0.4 kg/kWh, 10 kW flat. Of the first quarter of 2025 (744 + 672 +
744 = 2160 h):

    actual   = 10 x 0.4 x (1.20 x 744 + 1.15 x 672 + 1.05 x 744) = 4 x 2446.8 = 9787.2 kg
    naive    = 9787.2 x 8760 / 2160 = 39 692.53 kg
    the year = 4 x sum of S x hours = 4 x 8752.8 = 35 011.2 kg; 0.4 x 87 600 kWh = 35 040 kg
    bias     = 2446.8 / 2160 = 1.13278
"""

from pathlib import Path

import pytest
from seasonal_rows import (
    HEADER,
    LEVEL,
    SEASON,
    SOUTH,
    annual_file,
    first_quarter,
    monthly_file,
    used,
)

from carbon.portfolio import Portfolio, PortfolioError

HOURS = (744, 672, 744, 720, 744, 720, 744, 744, 720, 744, 720, 744)
YEARS = (2022, 2023, 2024, 2025)


@pytest.fixture
def portfolio(tmp_path: Path):
    """A workspace of some files."""

    def of(*files: bytes) -> Portfolio:
        made = Portfolio(tmp_path / "ws")
        made.import_files([(f"{n}.csv", data) for n, data in enumerate(files)])
        return made

    return of


@pytest.mark.parametrize("method", ["ratio", "stl"])
def test_the_synthetic_zone(portfolio, method):
    made = portfolio(monthly_file("ZZ1", YEARS), first_quarter("ZZ1"))
    found = made.seasonal("2025-01", "2025-03", method=method)
    quarter = 10 * LEVEL * (1.20 * 744 + 1.15 * 672 + 1.05 * 744)
    year = 10 * LEVEL * sum(s * h for s, h in zip(SEASON, HOURS, strict=True))
    assert found.basis == "monthly factors"
    assert (found.hours_observed, found.hours_year) == (2160, 8760)
    assert found.actual_kg == pytest.approx(quarter)
    assert found.annualised_naive_kg == pytest.approx(quarter * 8760 / 2160)
    assert found.annualised_seasonal_kg == pytest.approx(year, rel=1e-9)
    # Within 0.5 % of 0.4 kg/kWh x 87 600 kWh; by hours alone 13.4 % off.
    assert found.annualised_seasonal_kg == pytest.approx(0.4 * 87_600, rel=0.005)
    assert found.annualised_naive_kg / found.annualised_seasonal_kg - 1 == pytest.approx(
        0.134, abs=5e-4
    )
    assert found.bias == pytest.approx((1.20 * 744 + 1.15 * 672 + 1.05 * 744) / 2160)
    assert found.adjustment_kg == pytest.approx(year - quarter * 8760 / 2160)
    assert found.adjustment_share == pytest.approx(year / (quarter * 8760 / 2160) - 1)
    assert found.rows.select("zone", "month").rows() == [("ZZ1", m) for m in range(1, 13)]
    assert found.rows["years"].unique().to_list() == [4]


def test_annual_factors_adjust_nothing(portfolio):
    made = portfolio(annual_file("ZZ1", 2025, 0.4), first_quarter("ZZ1"))
    found = made.seasonal("2025-01", "2025-03")
    # 21 600 kWh x 0.4 = 8640 kg; x 8760 / 2160 = 35 040 kg in both.
    assert found.basis == "annual factors"
    assert found.actual_kg == pytest.approx(8640)
    assert found.annualised_naive_kg == pytest.approx(35_040)
    assert found.annualised_seasonal_kg == found.annualised_naive_kg
    assert (found.bias, found.adjustment_kg) == (1.0, 0.0)
    assert found.rows.is_empty()
    assert "ZZ1: annual factor: no seasonal adjustment of intensity." in found.notes


def test_an_index_of_earlier_years_says_nothing_of_an_annual_factor(portfolio):
    made = portfolio(
        monthly_file("ZZ1", (2021, 2022, 2023)),
        annual_file("ZZ1", 2025, 0.4),
        first_quarter("ZZ1"),
    )
    found = made.seasonal("2025-01", "2025-03")
    assert found.basis == "annual factors"
    assert found.annualised_seasonal_kg == found.annualised_naive_kg


@pytest.mark.parametrize(("years", "basis"), [((2025,), "annual"), ((2024, 2025), "monthly")])
def test_two_years_are_enough_and_one_is_not(portfolio, years, basis):
    made = portfolio(monthly_file("ZZ1", years), first_quarter("ZZ1"))
    found = made.seasonal("2025-01", "2025-03")
    assert found.basis == f"{basis} factors"
    said = " ".join(found.notes)
    if basis == "annual":
        assert "ZZ1: no index for this zone: 12 monthly factors in a row are known" in said
        assert "Its season stays in the figures." in said
        assert found.annualised_seasonal_kg == found.annualised_naive_kg
    else:
        assert "three years are better" in said
        assert found.annualised_seasonal_kg == pytest.approx(35_011.2)


def test_no_zone_borrows_the_index_of_another(portfolio):
    made = portfolio(
        monthly_file("ZZ1", YEARS), monthly_file("ZZ2", (2025,), season=SOUTH), first_quarter("ZZ2")
    )
    found = made.seasonal("2025-01", "2025-03")
    assert found.basis == "annual factors"
    assert any(note.startswith("ZZ2: no index for this zone") for note in found.notes)


def test_each_zone_has_its_own_season(portfolio):
    both = used(
        ("chat", "ZZ1", "2025-01-01", "2025-04-01", 21_600),
        ("chat", "ZZ2", "2025-01-01", "2025-04-01", 21_600),
    )
    made = portfolio(monthly_file("ZZ1", YEARS), monthly_file("ZZ2", YEARS, season=SOUTH), both)
    found = made.seasonal("2025-01", "2025-03")
    # Both stand for the same load and level: winter in one is summer in the other.
    assert found.annualised_seasonal_kg == pytest.approx(2 * 35_040, rel=0.005)
    north, south = found.zones.sort("zone")["bias"]
    assert north > 1.13
    assert south < 0.90
    alone = made.seasonal("2025-01", "2025-03", zone="ZZ2")
    assert alone.bias == pytest.approx((0.85 * 744 + 0.85 * 672 + 0.95 * 744) / 2160)


def test_a_leap_year_has_8784_hours(portfolio):
    made = portfolio(monthly_file("ZZ1", (2022, 2023, 2024)), first_quarter("ZZ1", year=2024))
    found = made.seasonal("2024-01", "2024-03")
    leap = (744, 696, *HOURS[2:])
    assert (found.hours_observed, found.hours_year) == (2184, 8784)
    year = 10 * LEVEL * sum(s * h for s, h in zip(SEASON, leap, strict=True))
    assert found.annualised_seasonal_kg == pytest.approx(year)
    quarter = 10 * LEVEL * (1.20 * 744 + 1.15 * 696 + 1.05 * 744)
    assert found.annualised_naive_kg == pytest.approx(quarter * 8784 / 2184)


def test_half_a_month_weighs_its_hours(portfolio):
    # January, and February to the 15th: 744 + 336 = 1080 h at 10 kW.
    half = used(
        ("chat", "ZZ1", "2025-01-01", "2025-02-01", 7440),
        ("chat", "ZZ1", "2025-02-01T00:00:00Z", "2025-02-15T00:00:00Z", 3360),
    )
    found = portfolio(monthly_file("ZZ1", YEARS), half).seasonal("2025-01", "2025-02")
    actual = 4 * (1.20 * 744 + 1.15 * 336)
    assert found.hours_observed == 744 + 336
    assert found.actual_kg == pytest.approx(actual)
    assert found.annualised_naive_kg == pytest.approx(actual * 8760 / 1080)
    # The rest of February is still to come: the year is the same.
    assert found.annualised_seasonal_kg == pytest.approx(35_011.2)


def test_demand_by_activity_instead_of_by_hours(portfolio):
    made = portfolio(monthly_file("ZZ1", YEARS), first_quarter("ZZ1"))
    volumes = {f"2025-{month:02d}": 100.0 for month in range(1, 4)}
    volumes |= {f"2025-{month:02d}": 200.0 for month in range(4, 13)}
    found = made.seasonal("2025-01", "2025-03", volumes=volumes)
    # 21 600 kWh for 300 units: 72 kWh a unit, 14 400 kWh in each of nine months to come.
    ahead = sum(14_400 * 0.4 * s for s in SEASON[3:])
    assert found.annualised_seasonal_kg == pytest.approx(9787.2 + ahead)
    assert found.annualised_naive_kg == pytest.approx(9787.2 * 8760 / 2160)
    del volumes["2025-09"]
    with pytest.raises(PortfolioError, match="no volume is given for 2025-09"):
        made.seasonal("2025-01", "2025-03", volumes=volumes)


def test_a_whole_year_is_what_it_is(portfolio):
    whole = used(("chat", "ZZ1", "2025-01-01", "2026-01-01", 87_600))
    found = portfolio(monthly_file("ZZ1", YEARS), whole).seasonal("2025-01", "2025-12")
    assert found.hours_observed == 8760
    assert found.annualised_naive_kg == pytest.approx(found.actual_kg)
    assert found.annualised_seasonal_kg == pytest.approx(found.actual_kg)
    assert found.bias == pytest.approx(
        sum(s * h for s, h in zip(SEASON, HOURS, strict=True)) / 8760
    )


def test_rows_with_factors_of_their_own_go_by_hours(portfolio):
    own = (
        b"workload,zone,period_start,period_end,energy_kwh,energy_boundary,"
        b"location_factor_kg_per_kwh,factor_source\n"
        b"chat,ZZ1,2025-01-01,2025-04-01,1000,facility,0.5,meter.pdf\n"
    )
    found = portfolio(monthly_file("ZZ1", YEARS), own).seasonal("2025-01", "2025-03")
    assert found.basis == "annual factors"
    assert found.annualised_seasonal_kg == pytest.approx(500 * 8760 / 2160)
    assert "ZZ1: the rows bring factors of their own: annualised by hours." in found.notes


def test_the_index_is_that_of_the_zone_whose_factors_apply(portfolio):
    # A parish of Andorra has no factors of its own: Andorra's apply, and so does its index.
    parish = used(("chat", "AD-02", "2025-01-01", "2025-04-01", 21_600))
    found = portfolio(monthly_file("AD", YEARS), parish).seasonal("2025-01", "2025-03")
    assert found.rows["zone"].unique().to_list() == ["AD"]
    assert found.zones["zone"].to_list() == ["AD"]


def test_the_factor_of_another_month_bears_no_season_of_this_one(portfolio):
    january = HEADER + "\nZZ1,2025-01-01,2025-02-01,location,direct,0.48,Grid,series,2025,own,x"
    march = used(("chat", "ZZ1", "2025-03-01", "2025-04-01", 7440))
    found = portfolio(january.encode(), march).seasonal("2025-03", "2025-03")
    assert found.basis == "annual factors"
    assert any("the factor of another period stands in" in note for note in found.notes)


def test_a_month_in_which_a_workload_rests_is_observed(portfolio):
    # chat rests in February, when other runs: chat's quarter is two months' worth of energy.
    rests = used(
        ("chat", "ZZ1", "2025-01-01", "2025-02-01", 7440),
        ("other", "ZZ1", "2025-02-01", "2025-03-01", 6720),
        ("chat", "ZZ1", "2025-03-01", "2025-04-01", 7440),
    )
    made = portfolio(annual_file("ZZ1", 2025, 0.4), rests)
    found = made.seasonal("2025-01", "2025-03", workloads=["chat"])
    assert found.hours_observed == 2160
    assert found.annualised_naive_kg == pytest.approx(2 * 7440 * 0.4 * 8760 / 2160)


def test_years_that_differ_give_a_range(portfolio):
    made = portfolio(
        monthly_file("ZZ1", (2023, 2024)),
        monthly_file("ZZ1", (2025,), season=(1.4, *SEASON[1:])),
        first_quarter("ZZ1"),
    )
    found = made.seasonal("2025-01", "2025-03")
    assert found.low_kg < found.annualised_seasonal_kg < found.high_kg


def test_the_year_that_a_period_stands_for(portfolio):
    made = portfolio(
        monthly_file("ZZ1", YEARS), used(("chat", "ZZ1", "2024-11-01", "2025-03-01", 1000))
    )
    assert made.seasonal("2024-11", "2025-02").year == "2024-11 to 2025-10"
    assert made.seasonal("2025-01", "2025-02").year == "2025"
    assert made.seasonal("2024-11", "2025-02", year=2024).hours_observed == 720 + 744
    with pytest.raises(PortfolioError, match="Nothing of 2023 is observed"):
        made.seasonal(year=2023)
    with pytest.raises(PortfolioError, match="no activity in this period"):
        made.seasonal("2019-01", "2019-03")
    with pytest.raises(PortfolioError, match="'x13' is not known"):
        made.seasonal(method="x13")


def test_normalised_figures_change_no_total(portfolio):
    made = portfolio(monthly_file("ZZ1", YEARS), first_quarter("ZZ1"))
    before = made.footprint().totals
    made.seasonal("2025-01", "2025-03")
    assert made.footprint().totals == before
    assert not any("normalised" in name or "seasonal" in name for name in before)
