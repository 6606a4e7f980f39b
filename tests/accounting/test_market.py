"""The market-based hierarchy, rung by rung, with hand-made loads and certificates."""

import datetime as dt

import polars as pl
import pytest
from accounting_rows import account, at, certificate, codes, grid, policy, totals, use


def load(zone: str = "DE", kwh: float = 100.0, **columns):
    """Own facility-metered load in January 2024, unless told otherwise."""
    return use(zone=zone, quantity_kind="energy_facility_kwh", quantity=kwh, **columns)


def rungs(result) -> dict[str, float]:
    """kWh by rung."""
    by_rung = result.market.group_by("rung").agg(pl.col("kwh").sum())
    return dict(by_rung.sort("rung").iter_rows())


def market_kg(rows, **kw) -> float:
    return totals(account(rows, **kw))["market_kg_co2e"]


def test_certificates_cover_their_kwh_and_the_rest_takes_the_residual_mix():
    # 60 kWh x 0 + 40 kWh x 0.6 = 24 kg. Location-based stays 100 kWh x 0.4 = 40 kg.
    result = account([load()], instruments=[certificate("GO", 60.0)])
    assert rungs(result) == {"instrument": pytest.approx(60.0), "residual": pytest.approx(40.0)}
    assert totals(result)["market_kg_co2e"] == pytest.approx(24.0)
    assert totals(result)["location_kg_co2e"] == pytest.approx(40.0)


def test_uncovered_energy_never_takes_the_grid_average_while_a_residual_mix_exists():
    # Trap 10: 100 x 0.6 = 60 kg, not 100 x 0.4 = 40 kg.
    assert market_kg([load()]) == pytest.approx(60.0)


def test_without_a_residual_mix_the_grid_average_stands_in_and_is_disclosed():
    result = account([load("FR")])
    assert rungs(result) == {"grid_average": 100.0}
    assert totals(result)["market_kg_co2e"] == pytest.approx(5.0)
    finding = next(f for f in result.findings if f.code == "no_residual_mix_scope_2")
    assert finding.kwh == pytest.approx(100.0)
    assert "FR" in finding.title


def test_without_a_residual_mix_the_rows_location_factor_stands_in_before_the_grid_average():
    row = load("FR", location_factor_kg_per_kwh=0.07)
    result = account([row])
    assert rungs(result) == {"row_location": 100.0}
    assert totals(result)["market_kg_co2e"] == pytest.approx(7.0)
    # Where a residual mix exists it goes first.
    assert rungs(account([load("DE", location_factor_kg_per_kwh=0.07)])) == {"residual": 100.0}


def test_a_market_factor_on_the_row_is_used_and_asserted_unless_a_document_is_named():
    asserted = account([load(market_factor_kg_per_kwh=0.1)])
    assert totals(asserted)["market_kg_co2e"] == pytest.approx(10.0)
    assert asserted.lines["asserted_kwh"].sum() == pytest.approx(100.0)
    assert "asserted_market_factor" in codes(asserted)
    documented = account([load(market_factor_kg_per_kwh=0.1, factor_source="Contract 12")])
    assert documented.lines["asserted_kwh"].sum() == 0.0
    assert "asserted_market_factor" not in codes(documented)


def test_a_row_with_its_own_market_factor_leaves_the_certificates_to_others():
    rows = [load(market_factor_kg_per_kwh=0.1), load(row_number=3)]
    result = account(rows, instruments=[certificate("GO", 100.0)])
    assert rungs(result) == {"instrument": pytest.approx(100.0), "row_factor": 100.0}


def test_the_suppliers_factor_goes_before_the_residual_mix():
    factors = [
        grid("DE", 0.4),
        grid("DE", 0.6, method="residual"),
        grid("DE", 0.3, method="supplier"),
    ]
    assert market_kg([load()], factors=factors) == pytest.approx(30.0)
    # Purchased compute has no supplier of the reporter's own.
    assert market_kg([load(provider="aws")], factors=factors) == pytest.approx(60.0)


@pytest.mark.parametrize(
    "change",
    [
        {"q3": False},  # not retired for the reporter
        {f"q{n}": None for n in range(1, 9)},  # nobody answered a single criterion
    ],
)
def test_an_instrument_that_fails_the_criteria_covers_nothing(change):
    result = account([load()], instruments=[certificate("GO", 60.0, **change)])
    assert rungs(result) == {"residual": 100.0}
    assert "instrument_failed" in codes(result)


@pytest.mark.parametrize(
    ("market", "zone", "covered"),
    [
        ("DE", "DE", True),
        ("DEU", "DE", True),
        ("de", "DE", True),
        ("US", "CAMX", True),  # an ancestor of the load's zone
        ("CAMX", "CAMX", True),
        ("USA", "CAMX", True),
        ("FR", "DE", False),  # trap 11: another market
        ("CAMX", "US", False),  # narrower than what is known of the load
    ],
)
def test_an_instrument_covers_its_own_market_only(market, zone, covered):
    result = account([load(zone)], instruments=[certificate("GO", 100.0, market)])
    assert ("instrument" in rungs(result)) == covered
    assert ("instrument_out_of_reach" in codes(result)) == (not covered)


def test_an_instrument_covers_its_own_period_only():
    # Trap 11: certificates of 2023 do nothing for January 2024.
    old = certificate("GO", 100.0, period_start=dt.date(2023, 1, 1), period_end=dt.date(2024, 1, 1))
    result = account([load()], instruments=[old])
    assert rungs(result) == {"residual": 100.0}
    assert "instrument_out_of_reach" in codes(result)


def test_a_month_that_an_instrument_covers_in_part_is_open_to_it_in_that_part():
    # 12 of January's 31 days: 310 kWh x 12 / 31 = 120 kWh.
    part = certificate(
        "GO", 1e6, period_start=dt.date(2024, 1, 10), period_end=dt.date(2024, 1, 22)
    )
    result = account([load(kwh=310.0)], instruments=[part])
    assert rungs(result)["instrument"] == pytest.approx(120.0)


def test_two_instruments_of_the_same_days_do_not_cover_the_other_days():
    days = {"period_start": dt.date(2024, 1, 1), "period_end": dt.date(2024, 1, 11)}
    two = [certificate(name, 1000.0, **days) for name in ("A", "B")]
    # Ten of 31 days: 100 of 310 kWh, and no more for the second one.
    result = account([load(kwh=310.0)], instruments=two)
    assert rungs(result)["instrument"] == pytest.approx(100.0)


def test_cover_is_shared_pro_rata_and_never_exceeds_the_load():
    rows = [load(kwh=100.0), load(row_number=3, kwh=300.0, workload="v")]
    result = account(rows, instruments=[certificate("GO", 200.0)])
    slices = result.market.filter(pl.col("rung") == "instrument")["kwh"].to_list()
    assert slices == [pytest.approx(50.0), pytest.approx(150.0)]
    too_much = account(rows, instruments=[certificate("GO", 1000.0), certificate("H", 1000.0)])
    assert rungs(too_much) == {"instrument": pytest.approx(400.0)}
    surplus = {f.title.split()[1]: f.kwh for f in too_much.findings if "surplus" in f.code}
    assert surplus == {"GO": pytest.approx(600.0), "H": pytest.approx(1000.0)}


def test_certificates_go_before_contracts_and_contracts_before_tariffs():
    kinds = [
        ("T", "green_tariff", 0.3),
        ("S", "supplier_rate", 0.2),
        ("P", "ppa", 0.1),
        ("E", "eac", 0),
    ]
    instruments = [
        certificate(name, 30.0, kind=kind, kg_co2e_per_kwh=rate) for name, kind, rate in kinds
    ]
    result = account([load()], instruments=instruments)
    used = dict(result.instruments.select("instrument_id", "used_kwh").iter_rows())
    # 100 kWh: 30 + 30 + 30, and 10 left for the tariff.
    assert used == {
        "E": pytest.approx(30.0),
        "P": pytest.approx(30.0),
        "S": pytest.approx(30.0),
        "T": pytest.approx(10.0),
    }
    # 30 x 0 + 30 x 0.1 + 30 x 0.2 + 10 x 0.3 = 12 kg.
    assert totals(result)["market_kg_co2e"] == pytest.approx(12.0)


def test_annual_matching_lets_a_summer_certificate_cover_winter_and_monthly_does_not():
    # 20 kWh certified for the whole of 2024; load 10 kWh in January and 10 kWh in July.
    rows = [
        load(kwh=10.0),
        load(row_number=3, kwh=10.0, period_start=at("2024-07"), period_end=at("2024-08")),
    ]
    year = [certificate("GO", 20.0)]
    assert market_kg(rows, instruments=year) == pytest.approx(0.0)
    monthly = policy('[factors]\nmatch_granularity = "monthly"')
    # Each month of 31 days brings 20 x 31 / 366 kWh; the rest of 20 kWh takes 0.6.
    expected = (20 - 2 * 20 * 31 / 366) * 0.6
    assert market_kg(rows, instruments=year, policy=monthly) == pytest.approx(expected)


def test_a_certificate_of_january_does_nothing_for_february():
    rows = [
        load(kwh=10.0),
        load(row_number=3, kwh=10.0, period_start=at("2024-02"), period_end=at("2024-03")),
    ]
    january = certificate(
        "GO", 20.0, period_start=dt.date(2024, 1, 1), period_end=dt.date(2024, 2, 1)
    )
    assert market_kg(rows, instruments=[january]) == pytest.approx(10 * 0.6)


def test_instruments_never_cover_purchased_compute():
    result = account([load(provider="aws")], instruments=[certificate("GO", 100.0)])
    assert rungs(result) == {"residual": 100.0}
    assert "instrument_out_of_reach" in codes(result)


def test_instruments_are_not_spent_on_work_outside_the_boundary():
    rows = [load(), load(row_number=3, workload="sold")]
    result = account(
        rows,
        instruments=[certificate("GO", 100.0)],
        overlay=[{"workload_id": "sold", "in_scope": False, "boundary_reason": "sold"}],
    )
    inside = result.lines.filter("in_scope")
    assert inside["market_kg"].sum() == pytest.approx(0.0)
    assert result.lines.filter(~pl.col("in_scope"))["market_kg"].sum() == pytest.approx(60.0)


def test_a_line_is_named_after_the_rung_that_carries_most_of_it():
    result = account([load()], instruments=[certificate("GO", 60.0)])
    assert result.lines["market_rung"].to_list() == ["instrument"]
    result = account([load()], instruments=[certificate("GO", 40.0)])
    assert result.lines["market_rung"].to_list() == ["residual"]


def test_energy_that_finds_no_rate_lowers_the_market_coverage():
    rows = [load(kwh=75.0), load("XX", 25.0, row_number=3)]
    result = account(rows)
    assert totals(result)["market_coverage"] == pytest.approx(0.75)
    assert totals(account(rows[1:]))["market_kg_co2e"] is None
    # A certificate for that place gives its energy a rate, and the rest still has none.
    covered = account(rows[1:], instruments=[certificate("GO", 5.0, "XX")])
    assert totals(covered)["market_coverage"] == pytest.approx(0.2)
    assert totals(covered)["market_kg_co2e"] == 0.0


def test_load_of_zero_kwh_is_zero_kg():
    measures = totals(account([load(kwh=0.0)], instruments=[certificate("GO", 5.0)]))
    assert measures["market_kg_co2e"] == 0.0
