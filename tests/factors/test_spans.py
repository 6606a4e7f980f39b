"""Hourly factors over the span of a use: worked by hand, and against a plain loop over hours."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbon.factors.resolver import resolve, with_hours
from carbon.policy import Policy

ZONES = (("AA", "country", None), ("AA-1", "subdivision", "AA"), ("BB", "country", None))
FIRST = datetime(2024, 1, 1, tzinfo=UTC)


def hour(number: float, kg: float, **columns) -> dict:
    """The factor of one hour, counted from the first of January 2024."""
    return {
        "factor_id": f"h{number:g}",
        "origin": "workspace",
        "granularity": "hour",
        "valid_from": FIRST + timedelta(hours=number),
        "valid_to": FIRST + timedelta(hours=number + 1),
        "kg_co2e_per_kwh": kg,
        **columns,
    }


@pytest.fixture
def ask(make, gwp):
    """The answer for a use from one hour of January 2024 to another."""

    def answer(factors, start, end, zone="AA", month="2024-01"):
        requests = pl.DataFrame(
            {
                "zone": [zone],
                "month": [month],
                "method": ["location"],
                "use_start": [FIRST + timedelta(hours=start)],
                "use_end": [FIRST + timedelta(hours=end)],
            }
        )
        answers = resolve(factors, make.zones(*ZONES), gwp, requests, Policy())
        assert answers.height == 1
        return answers.row(0, named=True)

    return answer


def test_the_mean_is_over_the_hours_of_the_use_not_of_the_month(make, ask):
    factors = make.factors(hour(0, 0.1), hour(1, 0.3), {"year": 2024, "kg_co2e_per_kwh": 0.291})
    answer = ask(factors, 0, 2)
    assert answer["kg_co2e_per_kwh"] == pytest.approx(0.2)  # (0.1 + 0.3) / 2
    assert (answer["valid_from"], answer["valid_to"]) == (FIRST, FIRST + timedelta(hours=2))
    assert answer["factor_id"] == (
        "mean of 2 hourly factors: h0 over 2024-01-01T00:00:00Z/2024-01-01T02:00:00Z"
    )
    assert answer["why"].endswith(
        "Mean of 2 hourly factors over 2024-01-01 00:00 to 2024-01-01 02:00 UTC, "
        "100.0 % of it covered."
    )
    assert answer["lag_years"] == 0


def test_hours_weigh_by_their_overlap_with_the_use(make, ask):
    # 00:30 to 02:00: (0.5 x 0.1 + 1 x 0.3) / 1.5.
    answer = ask(make.factors(hour(0, 0.1), hour(1, 0.3)), 0.5, 2)
    assert answer["kg_co2e_per_kwh"] == pytest.approx(0.35 / 1.5)


def test_a_use_within_one_hour_takes_that_factor_as_published(make, ask):
    factors = make.factors(hour(0, 0.7), hour(5, 0.123456789012345), hour(6, 0.9))
    for start, end in ((5, 6), (5.25, 5.5)):
        answer = ask(factors, start, end)
        assert answer["factor_id"] == "h5"
        assert answer["kg_co2e_per_kwh"] == 0.123456789012345
        assert "100.0 % of it covered" in answer["why"]


def test_nineteen_of_twenty_hours_are_enough_and_eighteen_are_not(make, ask):
    year = {"year": 2024, "kg_co2e_per_kwh": 0.4, "factor_id": "year"}
    # 19 / 20 = 95 %.
    enough = ask(make.factors(year, *(hour(n, 0.1) for n in range(19))), 0, 20)
    assert enough["kg_co2e_per_kwh"] == pytest.approx(0.1)
    assert "95.0 % of it covered" in enough["why"]
    short = ask(make.factors(year, *(hour(n, 0.1) for n in range(18))), 0, 20)
    assert short["factor_id"] == "year"
    assert short["why"].endswith(
        "Hourly factors for AA are there, but cover only 90.0 % of 2024-01-01 00:00 to "
        "2024-01-01 20:00 UTC."
    )


def test_a_use_outside_of_the_hours_takes_the_year_and_says_nothing_of_them(make, ask):
    answer = ask(make.factors(hour(0, 0.1), {"year": 2024, "factor_id": "year"}), 1, 2)
    assert answer["factor_id"] == "year"
    assert "ourly" not in answer["why"]


def test_the_span_goes_before_the_mean_of_the_whole_month(make, ask):
    factors = make.factors(*(hour(n, 0.9 if n >= 742 else 0.1) for n in range(744)))
    assert ask(factors, 742, 744)["kg_co2e_per_kwh"] == pytest.approx(0.9)
    # The first 100 hours are missing, which leaves 644 / 744 = 86.6 % of the month.
    without = make.factors(*(hour(n, 0.1) for n in range(100, 744)))
    assert ask(without, 0, 2)["factor_id"] is None


def test_gases_are_averaged_each_and_not_known_where_one_hour_does_not_give_them(make, ask):
    gases = {"gwp_set": "AR4", "n2o_kg_per_kwh": 0.0}
    first = hour(0, 9.0, co2_kg_per_kwh=0.1, ch4_kg_per_kwh=0.001, **gases)
    second = hour(1, 9.0, co2_kg_per_kwh=0.3, ch4_kg_per_kwh=0.003, **gases)
    # CO2 0.2 + 28 x CH4 0.002 = 0.256 kg in AR5.
    assert ask(make.factors(first, second), 0, 2)["kg_co2e_per_kwh"] == pytest.approx(0.256)
    partly = make.factors(first, {**second, "ch4_kg_per_kwh": None})
    answer = ask(partly, 0, 2)
    assert (answer["kg_co2e_per_kwh"], answer["gwp_set"]) == (pytest.approx(9.0), "AR4")
    # The hour that states them is known by itself.
    assert ask(partly, 0, 1)["kg_co2e_per_kwh"] == pytest.approx(0.128)
    begins_without = make.factors({**first, "ch4_kg_per_kwh": None}, second)
    assert ask(begins_without, 0, 2)["gwp_set"] == "AR4"


def test_zone_and_basis_still_decide_first(make, ask):
    direct = {"zone": "AA-1", "year": 2024, "factor_id": "own"}
    hours = [hour(0, 0.1), hour(1, 0.1)]
    assert ask(make.factors(direct, *hours), 0, 2, zone="AA-1")["factor_id"] == "own"
    wider = ask(make.factors(*hours), 0, 2, zone="AA-1")
    assert (wider["factor_zone"], wider["kg_co2e_per_kwh"]) == ("AA", pytest.approx(0.1))
    lifecycle = [{**h, "basis": "lifecycle"} for h in hours]
    year = {"year": 2023, "factor_id": "year"}
    assert ask(make.factors(year, *lifecycle), 0, 2)["factor_id"] == "year"


@pytest.mark.parametrize("month", ["2024-01", "2024"])
def test_a_zone_with_a_few_hours_alone_refuses_with_a_true_sentence(make, gwp, month):
    requests = pl.DataFrame({"zone": ["AA"], "month": [month], "method": ["location"]})
    factors = make.factors(hour(0, 0.1), hour(1, 0.3))
    answer = resolve(factors, make.zones(*ZONES), gwp, requests, Policy()).row(0, named=True)
    assert answer["factor_id"] is None
    # 2 / 744 hours = 0.27 %; 2 / 8784 = 0.02 %.
    share = "0.2" if month == "2024-01" else "0.0"
    assert answer["why"] == (
        f"No location-based factor for AA covers {month}: hourly factors for AA are there, but "
        f"cover only {share} % of it, and their mean is taken from 95 % on. Import the other "
        "hours, or a factor of the whole month or year."
    )


def test_the_month_after_a_few_hours_is_not_told_that_they_come_too_late(make, gwp):
    requests = pl.DataFrame({"zone": ["AA"], "month": ["2024-02"], "method": ["location"]})
    factors = make.factors(hour(0, 0.1), hour(1, 0.3))
    why = resolve(factors, make.zones(*ZONES), gwp, requests, Policy())["why"].item()
    assert why.startswith("No location-based factor for AA covers 2024-02")
    assert "later" not in why


def test_zones_with_hours_are_those_that_have_them_or_lie_in_one_that_has(make):
    factors = make.factors(hour(0, 0.1), {"zone": "BB", "year": 2024})
    asked = pl.Series("zone", ["AA-1", "BB", "AA", None])
    assert with_hours(asked, make.zones(*ZONES), factors).to_list() == ["AA", "AA-1"]


@given(
    rates=st.dictionaries(st.integers(0, 60), st.integers(0, 1000), min_size=1),
    start=st.integers(-60, 3600),
    minutes=st.integers(1, 3000),
)
def test_property_a_span_is_the_plain_weighted_mean(make, gwp, rates, start, minutes):
    """Minute by minute in a loop, against the difference of running sums."""
    seen = [rates[m // 60] for m in range(start, start + minutes) if m // 60 in rates]
    requests = pl.DataFrame(
        {
            "zone": ["AA"],
            "month": ["2024-01"],
            "method": ["location"],
            "use_start": [FIRST + timedelta(minutes=start)],
            "use_end": [FIRST + timedelta(minutes=start + minutes)],
        }
    )
    factors = make.factors(*(hour(n, kg / 1000) for n, kg in rates.items()))
    answer = resolve(factors, make.zones(*ZONES), gwp, requests, Policy()).row(0, named=True)
    if len(seen) >= 0.95 * minutes:
        assert answer["kg_co2e_per_kwh"] == pytest.approx(
            sum(seen) / len(seen) / 1000, rel=1e-9, abs=1e-12
        )
    else:
        assert answer["factor_id"] is None
