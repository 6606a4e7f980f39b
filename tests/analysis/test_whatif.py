"""What-if by hand: every expected figure is worked out in the test."""

import datetime as dt
import math

import polars as pl
import pytest
from accounting_rows import at, certificate, policy, use
from whatif_rows import WHATIF_FACTORS, it, measures, outcome, stage

from carbon.analysis.whatif.compute import whatif
from carbon.analysis.whatif.ranking import ranking
from carbon.analysis.whatif.scenario import Scenario, sequential_shares
from carbon.analysis.whatif.scenario_file import ScenarioError
from carbon.factors.library import load

TO_SWEDEN = {"workload": "w", "to_zone": "SE"}
TO_STOCKHOLM = {"workload": "w", "to_provider": "aws", "to_region": "eu-north-1"}
GERMAN = {"zone": "DE", "site": "Halle"}


def test_a_scenario_without_a_change_is_the_footprint_to_the_last_digit():
    rows = [
        it(1000.3, workload="a"),
        it(333.7, workload="b", row_number=3, **GERMAN),
        use(
            workload="c",
            row_number=4,
            provider="aws",
            region="us-west-1",
            quantity_kind="accelerator_hours",
            quantity=77.7,
            accelerator="NVIDIA H100",
        ),
    ]
    result, now, candidates, choices = stage(rows, instruments=[certificate("c", 100.1)])
    done = whatif(now, candidates, Scenario(), choices, load())
    assert done.baseline == measures(result, choices)
    assert done.scenario == done.baseline
    assert (done.moves, done.violations) == ([], [])


def test_a_quarter_moves_from_france_to_sweden_with_its_own_pue():
    # 1000 kWh IT x 1.2 = 1200 kWh in France. A quarter: 250 kWh IT x 1.1 = 275 kWh in Sweden.
    done = outcome([it(1000)], {"moves": [{**TO_SWEDEN, "share": 0.25, "pue": 1.1}]})
    facility = 750 * 1.2 + 250 * 1.1
    location = 750 * 1.2 * 0.05 + 250 * 1.1 * 0.01
    # France has no residual mix: its grid average stands in. Sweden has one.
    market = 750 * 1.2 * 0.05 + 250 * 1.1 * 0.02
    assert done.baseline["location_kg_co2e"] == pytest.approx(1200 * 0.05)
    assert done.scenario["energy_it_kwh"] == pytest.approx(1000)
    assert done.scenario["energy_facility_kwh"] == pytest.approx(facility)
    assert done.scenario["location_kg_co2e"] == pytest.approx(location)
    assert done.scenario["market_kg_co2e"] == pytest.approx(market)
    (move,) = done.moves
    assert move["energy_kwh"] == pytest.approx(250)
    assert move["location_kg_before"] == pytest.approx(250 * 1.2 * 0.05)
    assert move["location_kg_after"] == pytest.approx(250 * 1.1 * 0.01)
    assert move["market_kg_after"] == pytest.approx(250 * 1.1 * 0.02)
    assert (move["from"], move["to"], move["share"]) == (["site:Hall"], "zone:SE", 0.25)


def test_a_region_brings_its_published_pue_and_a_zone_leaves_it():
    region = outcome([it(1000)], {"moves": [TO_STOCKHOLM]})
    assert region.scenario["energy_facility_kwh"] == pytest.approx(1000 * 1.1)
    zone = outcome([it(1000)], {"moves": [TO_SWEDEN]})
    assert zone.scenario["energy_facility_kwh"] == pytest.approx(1000 * 1.2)
    assert any("No PUE is published for zone:SE" in note for note in zone.notes)
    # What goes where no PUE is known takes the scenario's, if it states one.
    stated = outcome([it(1000)], {"moves": [TO_SWEDEN], "changes": {"pue": 1.15}})
    assert stated.scenario["energy_facility_kwh"] == pytest.approx(1000 * 1.15)


def test_moves_apply_in_order_to_all_of_the_load_wherever_it_is_by_then():
    # Half to Sweden, then half of everything to California: 0.25 France, 0.25 Sweden, 0.5 US.
    moves = [{**TO_SWEDEN, "share": 0.5}, {"workload": "w", "share": 0.5, "to_zone": "CAMX"}]
    done = outcome([it(1000)], {"moves": moves})
    by_place = {row["place"]: row["scenario"]["energy_it_kwh"] for row in done.by_place}
    assert by_place == pytest.approx({"site:Hall": 250, "zone:SE": 250, "zone:CAMX": 500})
    # `from_zone` narrows the second to what lies in Sweden by then.
    moves[1]["from_zone"] = "SE"
    done = outcome([it(1000)], {"moves": moves})
    by_place = {row["place"]: row["scenario"]["energy_it_kwh"] for row in done.by_place}
    assert by_place == pytest.approx({"site:Hall": 500, "zone:SE": 250, "zone:CAMX": 250})


def test_shares_that_are_wanted_in_the_end_are_those_that_moves_in_order_give():
    # 0.2 and 0.3: the second takes 0.3 of all; so the first takes 0.2 / 0.7 before it.
    assert sequential_shares([0.2, 0.3]) == pytest.approx([0.2 / 0.7, 0.3])
    assert sequential_shares([0.6, 0.4]) == pytest.approx([1.0, 0.4])


def test_what_is_at_the_target_already_stays_with_its_contracts_and_pue():
    rows = [it(1000, **{"zone": "SE", "site": "Nord"})]
    done = outcome(rows, {"moves": [{**TO_SWEDEN, "pue": 2.0}]})
    assert done.scenario == done.baseline
    assert done.moves[0]["energy_kwh"] == 0


def test_growth_efficiency_and_pue_by_workload():
    rows = [it(1000, workload="a"), it(500, workload="b", row_number=3)]
    changes = {"growth": 1.2, "energy_per_unit": {"a": 0.8}, "pue": {"b": 1.1}}
    done = outcome(rows, {"changes": changes})
    facility = 1000 * 1.2 * 0.8 * 1.2 + 500 * 1.2 * 1.1
    assert done.scenario["energy_it_kwh"] == pytest.approx(1000 * 1.2 * 0.8 + 500 * 1.2)
    assert done.scenario["energy_facility_kwh"] == pytest.approx(facility)
    assert done.scenario["location_kg_co2e"] == pytest.approx(facility * 0.05)


def hours(quantity: float = 100.0, **columns):
    """Accelerator-hours of H100 in the region of California."""
    return use(
        provider="aws",
        region="us-west-1",
        quantity_kind="accelerator_hours",
        quantity=quantity,
        accelerator="NVIDIA H100",
        **columns,
    )


def test_hardware_by_data_sheet_divides_tdp_by_throughput():
    changes = {"hardware": [{"from": "NVIDIA H100", "to": "NVIDIA B200", "throughput_ratio": 2.5}]}
    before = outcome([hours()], {})
    done = outcome([hours()], {"changes": changes})
    # The host beside the accelerators is a row of the same accelerator: all of it scales.
    ratio = 1050 / 700 / 2.5
    assert done.scenario["energy_it_kwh"] == pytest.approx(before.baseline["energy_it_kwh"] * ratio)
    # No embodied figure of the B200: per hour the H100's stands in, over 1 / 2.5 of the hours.
    embodied = before.baseline["embodied_kg_co2e"] / 2.5
    assert done.scenario["embodied_kg_co2e"] == pytest.approx(embodied)


def test_utilisation_divides_hours_and_only_what_hardware_draws_idle():
    before = outcome([hours()], {}).baseline
    changes = {"utilisation": 1.6, "idle_share": 0.3}
    done = outcome([hours()], {"changes": changes}).scenario
    assert done["embodied_kg_co2e"] == pytest.approx(before["embodied_kg_co2e"] / 1.6)
    assert done["energy_it_kwh"] == pytest.approx(before["energy_it_kwh"] * (0.7 + 0.3 / 1.6))


def test_water_goes_by_the_target():
    done = outcome([hours()], {"moves": [TO_STOCKHOLM]})
    energy = done.baseline["energy_it_kwh"]
    assert done.baseline["water_l"] == pytest.approx(energy * 0.5 + energy * 1.2 * 2.0)
    assert done.scenario["water_l"] == pytest.approx(energy * 0.25 + energy * 1.1 * 3.0)
    assert done.scenario["embodied_kg_co2e"] == pytest.approx(done.baseline["embodied_kg_co2e"])


def test_freed_certificates_cover_what_stays_and_no_more_than_there_is():
    # a and b: 600 kWh each in Germany; 400 kWh certified: 200 of each. Rest at 0.6.
    rows = [
        it(500, workload="a", **GERMAN),
        it(500, workload="b", row_number=3, **GERMAN),
    ]
    given = {"instruments": [certificate("c", 400)]}
    done = outcome(rows, {"moves": [{"workload": "a", "to_zone": "SE"}]}, **given)
    assert done.baseline["market_kg_co2e"] == pytest.approx((1200 - 400) * 0.6)
    # a leaves its 200 kWh of cover behind: b has 400 of 600 covered. a takes Sweden's residual mix.
    assert done.scenario["market_kg_co2e"] == pytest.approx((600 - 400) * 0.6 + 600 * 0.02)
    # All gone: nothing is left to cover; the certificates are worth nothing in Sweden.
    done = outcome(rows, {"moves": [{"to_zone": "SE"}]}, **given)
    assert done.scenario["market_kg_co2e"] == pytest.approx(1200 * 0.02)
    # Growth is not covered: 400 kWh stay 400 kWh.
    done = outcome(rows, {"changes": {"growth": 2}}, **given)
    assert done.scenario["market_kg_co2e"] == pytest.approx((2400 - 400) * 0.6)


def test_load_that_moves_into_a_market_takes_cover_that_is_free_there():
    rows = [it(500, workload="a", **GERMAN), it(500, workload="b", row_number=3)]
    scenario = {
        "moves": [{"workload": "a", "to_zone": "FR"}, {"workload": "b", "to_zone": "DE"}],
    }
    done = outcome(rows, scenario, instruments=[certificate("c", 400)])
    # a leaves 400 kWh of cover in Germany; b comes with 600 kWh and takes them.
    assert done.scenario["market_kg_co2e"] == pytest.approx(600 * 0.05 + (600 - 400) * 0.6)


def test_load_wholly_covered_today_takes_the_residual_mix_for_what_grows():
    done = outcome(
        [it(500, **GERMAN)], {"changes": {"growth": 1.5}}, instruments=[certificate("c", 9999)]
    )
    assert done.baseline["market_kg_co2e"] == 0
    assert done.scenario["market_kg_co2e"] == pytest.approx((900 - 600) * 0.6)


@pytest.mark.parametrize(
    ("kwh", "covered"), [(500, 500), (5000, 1200)], ids=["less than the load", "capped by the load"]
)
def test_purchases_cover_scope_2_load_of_their_market(kwh, covered):
    bought = {"market": "DE", "kwh": kwh, "kg_co2e_per_kwh": 0.1}
    rows = [it(1000, **GERMAN), it(700, workload="b", row_number=3)]
    done = outcome(rows, {"changes": {"procurement": [bought]}})
    german = (1200 - covered) * 0.6 + covered * 0.1
    assert done.scenario["market_kg_co2e"] == pytest.approx(german + 700 * 1.2 * 0.05)
    assert done.scenario["location_kg_co2e"] == done.baseline["location_kg_co2e"]
    assert any("1,200 kWh find" in note for note in done.notes) == (kwh == 5000)


def test_purchases_never_cover_purchased_compute():
    bought = {"market": "US", "kwh": 1e6}
    done = outcome([hours()], {"changes": {"procurement": [bought]}})
    assert done.scenario["market_kg_co2e"] == done.baseline["market_kg_co2e"]


def test_monthly_matching_spreads_a_purchase_by_hours():
    # January 744 h, February 696 h (2024); 1440 kWh: 744 and 696. Load: 1200 and 120.
    rows = [
        it(1000, **GERMAN),
        it(100, row_number=3, period_start=at("2024-02"), period_end=at("2024-03"), **GERMAN),
    ]
    bought = {"procurement": [{"market": "DE", "kwh": 1440}]}
    monthly = policy('[factors]\nmatch_granularity = "monthly"')
    done = outcome(rows, {"changes": bought}, policy=monthly)
    assert done.scenario["market_kg_co2e"] == pytest.approx((1200 - 744) * 0.6)
    annual = outcome(rows, {"changes": bought})
    assert annual.scenario["market_kg_co2e"] == pytest.approx(0)


def test_what_has_no_factor_stays_unknown_until_it_moves_to_where_there_is_one():
    rows = [it(1000, zone=None, site="Hall")]
    still = outcome(rows, {})
    assert still.baseline["location_kg_co2e"] is None
    assert still.scenario["location_kg_co2e"] is None
    half = outcome(rows, {"moves": [{**TO_SWEDEN, "share": 0.5}]})
    assert half.scenario["location_kg_co2e"] == pytest.approx(600 * 0.01)
    assert half.scenario["location_coverage"] == pytest.approx(0.5)
    assert half.scenario["water_l"] is None
    assert half.scenario["embodied_kg_co2e"] is None


def test_a_facility_meter_without_pue_moves_as_a_whole():
    rows = [it(1000, quantity_kind="energy_facility_kwh", pue=None, tier="T1")]
    done = outcome(rows, {"moves": [{**TO_STOCKHOLM, "share": 0.5}]})
    assert done.scenario["energy_it_kwh"] is None
    assert done.scenario["energy_facility_kwh"] == pytest.approx(1000)
    assert done.scenario["location_kg_co2e"] == pytest.approx(500 * 0.05 + 500 * 0.01)
    assert any("only the facility's energy is known" in note for note in done.notes)


def test_the_interval_of_one_workload_that_moves_whole():
    # T2: 1.10; a direct factor of its year: 1.10; PUE stated: exp sqrt(2 ln^2 1.1).
    done = outcome([it(1000)], {"moves": [TO_SWEDEN]})
    spread = math.exp(math.sqrt(2) * math.log(1.1))
    high, kg = done.scenario["location_high_kg"], done.scenario["location_kg_co2e"]
    assert high / kg == pytest.approx(spread)
    assert kg / done.scenario["location_low_kg"] == pytest.approx(spread)


def test_a_factor_is_drawn_once_for_what_is_there_and_what_comes():
    # Two workloads of 100 kg each, one factor: ln G = ln 1.1 x sqrt(2 x 0.5^2 + 1).
    rows = [
        it(1000, workload="a", zone="SE", site="Nord", pue=1.0),
        it(1000, workload="b", row_number=3, pue=1.0),
    ]
    done = outcome(rows, {"moves": [{"workload": "b", "to_zone": "SE"}]})
    spread = math.exp(math.log(1.1) * math.sqrt(2 * 0.25 + 1))
    assert done.scenario["location_high_kg"] / done.scenario["location_kg_co2e"] == pytest.approx(
        spread
    )


def hourly(clean: float, dirty: float) -> list[dict]:
    """January 2024 in Sweden: six clean hours of each day, eighteen dirty ones."""
    first = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    return [
        {
            **WHATIF_FACTORS[-2],
            "factor_id": f"SE-{hour}",
            "granularity": "hour",
            "origin": "workspace",
            "valid_from": first + dt.timedelta(hours=hour),
            "valid_to": first + dt.timedelta(hours=hour + 1),
            "kg_co2e_per_kwh": clean if hour % 24 < 6 else dirty,
        }
        for hour in range(31 * 24)
    ]


def test_load_that_waits_takes_the_cleanest_hours_of_the_day():
    # Mean of the day: (6 x 0.1 + 18 x 0.3) / 24 = 0.25. Half waits for six hours at 0.1.
    factors = [*WHATIF_FACTORS, *hourly(0.1, 0.3)]
    waits = {"changes": {"time_shift": [{"share": 0.5, "hours": 6}]}}
    rows = [it(1000, zone="SE", site="Nord", pue=1.0)]
    done = outcome(rows, waits, factors=factors)
    assert done.baseline["location_kg_co2e"] == pytest.approx(1000 * 0.25)
    assert done.scenario["location_kg_co2e"] == pytest.approx(500 * 0.25 + 500 * 0.1)
    assert done.scenario["market_kg_co2e"] == done.baseline["market_kg_co2e"]
    # The same for load that moves there; twelve hours hold six dirty ones: mean 0.2.
    waits["changes"]["time_shift"][0]["hours"] = 12
    done = outcome([it(1000, pue=1.0)], {"moves": [TO_SWEDEN], **waits}, factors=factors)
    assert done.scenario["location_kg_co2e"] == pytest.approx(500 * 0.25 + 500 * 0.2)
    without = outcome([it(1000)], waits)
    assert without.scenario["location_kg_co2e"] == without.baseline["location_kg_co2e"]
    assert any("No zone of this load has hourly factors" in note for note in without.notes)


def test_cost_by_prices_and_by_bills_are_never_added():
    bills = pl.DataFrame(
        {
            "workload": ["w"],
            "provider": ["aws"],
            "region": ["us-west-1"],
            "month": ["2024-01"],
            "currency": ["USD"],
            "cost": [50.0],
        }
    )
    half = {"moves": [{**TO_STOCKHOLM, "share": 0.5}]}
    done = outcome([hours()], half, costs=bills)
    assert done.cost["basis"] == "bills"
    assert (done.cost["today"], done.cost["currency"]) == (50.0, "USD")
    # Of what moves no price is known: half of the bill stays.
    assert done.cost["scenario"] == pytest.approx(25.0)
    assert done.cost["scenario_known_share"] < 0.55
    prices = {"prices": {"aws:us-west-1": 0.2, "zone:SE": 0.08}, "currency": "EUR"}
    done = outcome([hours()], {**half, **prices}, costs=bills)
    energy = done.baseline["energy_it_kwh"]
    assert done.cost["today"] == pytest.approx(energy * 1.2 * 0.2)
    assert done.cost["scenario"] == pytest.approx(energy / 2 * 1.2 * 0.2 + energy / 2 * 1.1 * 0.08)
    assert outcome([hours()], {}).cost["today"] is None


def test_marginal_factors_stand_apart_from_both_totals():
    marginal = {"source": "a study", "kg_per_kwh": {"FR": 0.5, "SE": 0.3}}
    scenario = {"moves": [{**TO_SWEDEN, "pue": 1.1}]}
    plain = outcome([it(1000)], scenario)
    done = outcome([it(1000)], {**scenario, "marginal": marginal})
    assert plain.consequential is None
    assert done.scenario == plain.scenario
    assert done.consequential["change_kg"] == pytest.approx(1100 * 0.3 - 1200 * 0.5)
    marginal["kg_per_kwh"].pop("SE")
    done = outcome([it(1000)], {**scenario, "marginal": marginal})
    assert (done.consequential["change_kg"], done.consequential["missing"]) == (None, ["SE"])


def test_what_is_not_known_is_named_with_what_is_near_it():
    with pytest.raises(ScenarioError, match=r"'chatt' is not known .* did you mean chat") as said:
        outcome(
            [it(1, workload="chat")],
            {"moves": [{"workload": "chatt", "to_provider": "aws", "to_region": "eu-nort-1"}]},
        )
    assert "did you mean aws:eu-north-1" in str(said.value)


def test_places_are_ranked_by_what_moving_there_would_save():
    _, now, candidates, choices = stage([it(1000)])
    rows = ranking(now, candidates, Scenario(), choices, load())
    saving = dict(rows.select("place", "location_saving_kg").iter_rows())
    assert saving["aws:eu-north-1"] == pytest.approx(1200 * 0.05 - 1100 * 0.01)
    assert saving["zone:SE"] == pytest.approx(1200 * 0.05 - 1200 * 0.01)
    assert saving["zone:DE"] == pytest.approx(1200 * 0.05 - 1200 * 0.4)
    assert rows["place"][0] == "aws:eu-north-1"


def test_groups_of_workloads_move_by_model_and_business_unit():
    rows = [
        it(1000, workload="a", model="Helix", business_unit="Care"),
        it(1000, workload="b", model="Helix", business_unit="Lab", row_number=3),
    ]
    move = {"model": "Helix", "business_unit": "Lab", "to_zone": "SE"}
    done = outcome(rows, {"moves": [move]})
    assert done.moves[0]["energy_kwh"] == pytest.approx(1000)
    changed = [row["workload"] for row in done.by_workload if row["today"] != row["scenario"]]
    assert changed == ["b"]
