"""Certificates and hourly factors go by when in the month energy was used."""

import datetime as dt

import polars as pl
import pytest
from accounting_rows import account, at, certificate, codes, grid, policy, totals, use

from carbon.accounting.explain import explain
from carbon.policy import Policy

RESIDUAL = (grid("DE", 0.4), grid("DE", 0.7, method="residual"))
LATE_JANUARY = certificate(
    "GO", 100_000.0, period_start=dt.date(2024, 1, 20), period_end=dt.date(2024, 2, 1)
)


def load(start: str, end: str, kwh: float = 1000.0, **columns):
    """Facility load in Germany over a period, its end exclusive."""
    return use(
        zone="DE",
        quantity_kind="energy_facility_kwh",
        quantity=kwh,
        period_start=at(start),
        period_end=at(end),
        **columns,
    )


def market_kg(*rows, instruments=(LATE_JANUARY,), text="") -> float:
    result = account(rows, factors=RESIDUAL, instruments=instruments, policy=policy(text))
    return totals(result)["market_kg_co2e"]


def hour(moment: str, kg: float, zone: str = "DE", **columns):
    """The user's own factor of one hour."""
    start = at(moment)
    return grid(
        zone,
        kg,
        factor_id=f"{zone}-{moment}",
        origin="workspace",
        granularity="hour",
        valid_from=start,
        valid_to=start + dt.timedelta(hours=1),
        **columns,
    )


def test_a_use_before_the_certificates_period_is_not_covered():
    # 1000 kWh x 0.7.
    result = account([load("2024-01-01", "2024-01-11")], factors=RESIDUAL,
                     instruments=[LATE_JANUARY])  # fmt: skip
    assert totals(result)["market_kg_co2e"] == pytest.approx(700.0)
    assert "instrument_out_of_reach" in codes(result)


def test_a_use_within_the_certificates_period_is_covered_whole():
    assert market_kg(load("2024-01-20", "2024-02-01")) == 0.0


def test_a_use_over_its_first_day_is_covered_by_its_hours():
    # 15 to 25 January: 5 of 10 days lie inside; 500 kWh x 0.7. By the hour: 6 of 24 h, 750 x 0.7.
    assert market_kg(load("2024-01-15", "2024-01-25")) == pytest.approx(350.0)
    assert market_kg(load("2024-01-19T06", "2024-01-20T06")) == pytest.approx(525.0)


def test_a_use_that_begins_and_ends_within_the_certificates_period_takes_its_own_kwh():
    # 22 to 26 January: 100 kWh, neither more for the days before nor less for those after.
    rows, certificates = [load("2024-01-22", "2024-01-26", 100.0)], [LATE_JANUARY]
    result = account(rows, factors=RESIDUAL, instruments=certificates)
    assert result.instruments["used_kwh"].item() == pytest.approx(100.0)
    assert result.market["kwh"].sum() == pytest.approx(100.0)


def test_of_two_loads_of_a_month_only_the_one_inside_is_covered():
    outside = load("2024-01-01", "2024-01-11", 100.0)
    inside = load("2024-01-20", "2024-02-01", 100.0, row_number=3, workload="v")
    result = account([outside, inside], factors=RESIDUAL, instruments=[LATE_JANUARY])
    by_workload = dict(result.lines.select("workload", "market_kg").iter_rows())
    assert by_workload == {"w": pytest.approx(70.0), "v": 0.0}
    assert result.instruments["used_kwh"].item() == pytest.approx(100.0)


def test_a_small_certificate_is_shared_by_what_lies_in_its_period():
    # In reach: 60 kWh of the first (6 of 10 days) and 100 of the second. 80 kWh are half of that:
    # 30 and 50. Left: 70 x 0.7 = 49 and 50 x 0.7 = 35.
    small = {**LATE_JANUARY, "kwh": 80.0}
    rows = [
        load("2024-01-16", "2024-01-26", 100.0),
        load("2024-01-20", "2024-02-01", 100.0, row_number=3, workload="v"),
    ]
    result = account(rows, factors=RESIDUAL, instruments=[small])
    by_workload = dict(result.lines.select("workload", "market_kg").iter_rows())
    assert by_workload == {"w": pytest.approx(49.0), "v": pytest.approx(35.0)}


def test_month_by_month_the_volume_is_spread_and_the_use_keeps_its_span():
    # 20 January to 29 February: 12 + 29 = 41 days, so 12/41 x 410 = 120 kWh are January's, and
    # 290 are February's. January's 200 kWh keep 80 x 0.7 = 56; February's 100 are covered.
    over_two = {**LATE_JANUARY, "kwh": 410.0, "period_end": dt.date(2024, 3, 1)}
    rows = [
        load("2024-01-20", "2024-02-01", 200.0),
        load("2024-02-03", "2024-02-05", 100.0, row_number=3),
    ]
    monthly = '[factors]\nmatch_granularity = "monthly"'
    assert market_kg(*rows, instruments=[over_two], text=monthly) == pytest.approx(56.0)


def test_lines_say_when_their_energy_was_used():
    lines = account([load("2024-01-30T12", "2024-02-02")], factors=RESIDUAL).lines
    assert lines.select("month", "use_start", "use_end").rows() == [
        ("2024-01", at("2024-01-30T12"), at("2024-02-01")),
        ("2024-02", at("2024-02-01"), at("2024-02-02")),
    ]


def test_two_hours_take_the_mean_of_their_own_factors():
    # 1000 kWh x (0.1 + 0.3) / 2 = 200 kg, not 1000 x 0.291.
    factors = [grid("DE", 0.291), hour("2024-01-01T00", 0.1), hour("2024-01-01T01", 0.3)]
    result = account([load("2024-01-01T00", "2024-01-01T02")], factors=factors)
    assert totals(result)["location_kg_co2e"] == pytest.approx(200.0)
    assert "Mean of 2 hourly factors over 2024-01-01 00:00" in result.lines["location_why"].item()
    used = result.factors_used.filter(method="location")
    assert used.select("use_start", "use_end").rows() == [(at("2024-01-01"), at("2024-01-01T02"))]


def test_a_zone_of_ones_own_with_the_one_hour_that_is_needed():
    row = {**load("2024-01-01T05", "2024-01-01T06"), "zone": "HALL"}
    result = account([row], factors=[hour("2024-01-01T05", 0.25, "HALL")])
    measures = totals(result)
    assert measures["location_kg_co2e"] == pytest.approx(250.0)
    assert measures["location_coverage"] == 1.0
    assert result.lines["location_factor_id"].item() == "HALL-2024-01-01T05"


def test_of_a_month_of_hours_only_those_of_the_use_count():
    first = at("2024-01")
    moments = [first + dt.timedelta(hours=n) for n in range(744)]
    factors = [
        hour(m.strftime("%Y-%m-%dT%H"), 0.9 if n >= 742 else 0.1) for n, m in enumerate(moments)
    ]
    late = account([load("2024-01-31T22", "2024-02-01")], factors=factors)
    assert totals(late)["location_kg_co2e"] == pytest.approx(900.0)
    # The whole month: (742 x 0.1 + 2 x 0.9) / 744 of 744 kWh = 76 kg.
    whole = account([load("2024-01", "2024-02", 744.0)], factors=factors)
    assert totals(whole)["location_kg_co2e"] == pytest.approx(76.0)


def test_hourly_residual_factors_go_by_the_span_too():
    factors = [grid("DE", 0.4), hour("2024-01-01T00", 0.6, method="residual"),
               hour("2024-01-01T01", 0.8, method="residual")]  # fmt: skip
    result = account([load("2024-01-01T00", "2024-01-01T02")], factors=factors)
    assert totals(result)["market_kg_co2e"] == pytest.approx(700.0)
    assert totals(result)["location_kg_co2e"] == pytest.approx(400.0)


def test_overhead_and_several_spans_of_one_month_each_have_their_own_factor():
    # 100 kWh IT x PUE 1.5 x 0.1 = 15; the same x 0.3 = 45; outside the hours x 0.4 = 60.
    factors = [grid("DE", 0.4), hour("2024-01-01T00", 0.1), hour("2024-01-01T01", 0.3)]
    it = {"quantity_kind": "energy_it_kwh", "pue": 1.5}
    rows = [
        {**load("2024-01-01T00", "2024-01-01T01", 100.0), **it},
        {**load("2024-01-01T01", "2024-01-01T02", 100.0, row_number=3), **it},
        {**load("2024-01-05T01", "2024-01-05T02", 100.0, row_number=4), **it},
    ]
    result = account(rows, factors=factors)
    by_row = result.lines.group_by("row_number").agg(pl.col("location_kg").sum())
    assert dict(by_row.iter_rows()) == {
        2: pytest.approx(15.0),
        3: pytest.approx(45.0),
        4: pytest.approx(60.0),
    }


def test_an_explanation_names_the_hours_that_a_figure_rests_on_and_no_others():
    factors = [grid("DE", 0.4), *(hour(f"2024-01-01T0{n}", n / 10) for n in range(1, 5))]
    rows = [
        load("2024-01-01T01", "2024-01-01T03"),
        load("2024-01-01T03", "2024-01-01T05", row_number=3, workload="other"),
    ]
    result = account(rows, factors=factors)
    activity = pl.DataFrame(
        {"evidence_id": ["e" * 64], "row_number": [2], "factor_source": [None]},
        schema_overrides={"factor_source": pl.String},
    )
    explained = explain(result, activity, "w", None, Policy())
    located = [f for f in explained["factors"] if f["method"] == "location"]
    # (0.1 + 0.2) / 2; the other workload's (0.3 + 0.4) / 2 is not there.
    assert [f["kg_co2e_per_kwh"] for f in located] == [pytest.approx(0.15)]
    assert explained["lines"][0]["use_start"] == "2024-01-01T01:00:00Z"
    assert explained["lines"][0]["use_end"] == "2024-01-01T03:00:00Z"


def test_an_explanation_says_of_its_own_use_alone_how_far_the_hours_reach():
    # One of two hours is there for the one, one of four for the other: both take the year's 0.4.
    factors = [grid("DE", 0.4), hour("2024-01-01T01", 0.1)]
    rows = [
        load("2024-01-01T01", "2024-01-01T03"),
        load("2024-01-01T01", "2024-01-01T05", row_number=3, workload="other"),
    ]
    result = account(rows, factors=factors)
    activity = pl.DataFrame(
        {"evidence_id": ["e" * 64], "row_number": [2], "factor_source": [None]},
        schema_overrides={"factor_source": pl.String},
    )
    located = [
        f
        for f in explain(result, activity, "w", None, Policy())["factors"]
        if f["method"] == "location"
    ]
    assert [f["kg_co2e_per_kwh"] for f in located] == [0.4]
    assert "cover only 50.0 %" in located[0]["why"]
