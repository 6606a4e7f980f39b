"""The least-carbon placement of a scenario by hand, as figures, moves and sentences.

a: 1 000 kWh of IT energy in France (PUE 1.2, 0.05 kg/kWh), b: 500 kWh in Germany (PUE 1.2, 0.4).
Stockholm has a PUE of 1.1 and 0.01 kg/kWh, California 1.2 and 0.2; a January has 744 h.
"""

import numpy as np
import pytest
from accounting_rows import at, certificate
from placement_stage import least, placement_stage, traded
from whatif_rows import WHATIF_FACTORS, it

from carbon.analysis.placement.conflicts import Conflict
from carbon.analysis.placement.prices import ShadowPrice
from carbon.analysis.placement.problem import Barrier
from carbon.analysis.placement.question import question
from carbon.analysis.placement.words import STANDS, conflict_in_words, per_year, price_in_words
from carbon.analysis.whatif.scenario import Constraints
from carbon.analysis.whatif.scenario_file import ScenarioError, scenario_from_dict

A = it(1000, workload="a")
B = it(500, workload="b", row_number=3, zone="DE", site="Halle")
TODAY_KG = 1000 * 1.2 * 0.05 + 500 * 1.2 * 0.4
NORTH_KG_PER_KWH = 1.1 * 0.01
YEAR = 8760 / 744


def limited(**constraints):
    return {"constraints": constraints}


def test_all_goes_to_where_it_emits_least():
    found = least([A, B], {"name": "Plan"})
    assert found.kg_before == pytest.approx(TODAY_KG)
    assert found.kg_after == pytest.approx(1500 * NORTH_KG_PER_KWH)
    assert found.scenario["name"] == "Plan, least carbon"
    assert found.moves == found.scenario["moves"]
    assert [(move["workload"], move["from_place"]) for move in found.moves] == [
        (["a"], "site:Hall"),
        (["b"], "site:Halle"),
    ]
    assert found.by_place[0] == {
        "place": "aws:eu-north-1",
        "name": "Stockholm",
        "energy_kwh_before": 0.0,
        "energy_kwh_after": 1500.0,
        "share_before": 0.0,
        "share_after": 1.0,
    }
    assert (found.shadow_prices, found.violations, found.conflicts) == ([], [], [])


def test_what_is_best_where_it_is_stays():
    found = least([A], limited(forbidden=["aws:*"]))
    assert (found.moves, found.kg_after) == ([], pytest.approx(60.0))


def test_a_region_that_may_take_a_half_takes_the_dirtiest_half():
    # of 1 500 kWh Stockholm takes 750: b's 500 (0.48 kg/kWh today), and 250 of a's (0.06)
    found = least([A, B], limited(max_share_per_region=0.5))
    north = 750 * NORTH_KG_PER_KWH
    assert found.kg_after == pytest.approx(750 * 1.2 * 0.05 + north)
    # ten points more are 150 kWh of a's
    price = found.shadow_prices[0]
    saved = 150 * (1.2 * 0.05 - NORTH_KG_PER_KWH)
    assert (price["constraint"], price["subject"]) == ("max_share_per_region", "aws:eu-north-1")
    assert price["step"] == pytest.approx(0.1)
    assert price["kg"] == pytest.approx(saved)
    assert price["kg_per_unit"] == pytest.approx(saved / 150)
    assert price["kg_per_year"] == pytest.approx(saved * YEAR)
    assert price["words"] == (
        "10 percentage points more in aws:eu-north-1 (Stockholm) would lower your location-based "
        f"figure by {saved * YEAR:.3g} kg a year."
    )
    assert any("744 h x 11.77" in note for note in found.notes)


def test_allowing_a_region_is_priced_to_the_kilogram():
    # Germany's b may go to California alone: 0.48 -> 0.24 kg/kWh; Stockholm would take both
    asked = limited(allowed_regions=["aws:us-west-1"])
    found = least([A, B], asked)
    kept = 1000 * 1.2 * 0.05 + 500 * 1.2 * 0.2
    assert found.kg_after == pytest.approx(kept)
    first = found.shadow_prices[0]
    opened = least([A, B], limited(allowed_regions=["aws:us-west-1", "aws:eu-north-1"]))
    assert first["kg"] == pytest.approx(found.kg_after - opened.kg_after)
    assert first["kg"] == pytest.approx(kept - 1500 * NORTH_KG_PER_KWH)
    assert first["words"].startswith("Allowing aws:eu-north-1 (Stockholm) would lower your")
    # and the site in France would take b as well: 0.06 instead of 0.24 kg/kWh
    second = found.shadow_prices[1]
    assert (second["subject"], second["kg"]) == ("site:Hall", pytest.approx(500 * 0.18))


def test_residency_latency_accelerators_and_what_may_move():
    eu = least([A, B], limited(residency={"b": ["DE"]}))
    assert [move["workload"] for move in eu.moves] == [["a"]]
    assert eu.shadow_prices[0]["words"].startswith("Lifting the residency of b would lower")
    # Stockholm is some 1 700 km from a user in Lyon, which light in glass takes 17 ms for
    far = least([A], limited(max_latency_ms=7, users={"a": "45.8, 4.8"}))
    assert far.conflicts == [
        "No place is near enough to the users of a: allow more latency.",
    ]
    near = least([A], limited(max_latency_ms=20, users={"a": "45.8, 4.8"}))
    assert near.kg_after == pytest.approx(1000 * NORTH_KG_PER_KWH)
    fast = it(100, workload="c", accelerator="NVIDIA H100")
    slow = least([fast], limited(accelerators_by_region={"aws:*": ["NVIDIA B200"], "zone:SE": []}))
    assert slow.moves == []
    part = least([A], limited(movable_share={"a": 0.25}))
    assert part.moves[0]["share"] == 0.25
    assert part.kg_after == pytest.approx(750 * 0.06 + 250 * NORTH_KG_PER_KWH)


def test_a_load_shared_out_over_two_regions_takes_sequential_shares():
    # of b Stockholm may have 200 and California 150 of 500 kWh: 0.4, then 0.3 / 0.6 of the rest
    found = least(
        [B],
        limited(
            capacity_kwh={"aws:eu-north-1": 200, "aws:us-west-1": 150},
            allowed_regions=["aws:*"],
        ),
    )
    assert [(move["to_region"], move["share"]) for move in found.moves] == [
        ("eu-north-1", pytest.approx(0.4)),
        ("us-west-1", pytest.approx(0.5)),
    ]
    assert found.kg_after == pytest.approx(200 * 0.011 + 150 * 0.24 + 150 * 0.48)


def test_changes_hold_and_moves_of_the_scenario_are_left_out():
    found = least(
        [A],
        {"changes": {"growth": 2.0}, "moves": [{"to_provider": "aws", "to_region": "us-west-1"}]},
    )
    assert found.kg_before == pytest.approx(2000 * 0.06)
    assert found.kg_after == pytest.approx(2000 * NORTH_KG_PER_KWH)


def test_market_based_takes_the_residual_mix_and_tells_of_contracts():
    # b: 600 kWh at the German residual mix 0.6; Stockholm: Sweden's residual mix 0.02
    plain = least([B], {}, method="market")
    assert plain.kg_before == pytest.approx(600 * 0.6)
    assert plain.kg_after == pytest.approx(500 * 1.1 * 0.02)
    assert not any("Contracts that" in note for note in plain.notes)
    # 600 kWh certified of b's and c's 1 200: b may not stay, so its 300 kWh cover the rest of c
    c = it(500, workload="c", row_number=4, zone="DE", site="Halle")
    limits = limited(movable_share={"c": 0.0})
    found = least([B, c], limits, method="market", given={"instruments": [certificate("k", 600)]})
    assert found.kg_after == pytest.approx(500 * 1.1 * 0.02)
    (said,) = [note for note in found.notes if "Contracts that" in note]
    # c with its 300 kWh open at 0.6, and b in the north
    assert f"would be {300 * 0.6 + 11:,.0f} kg instead of 11 kg" in said


def test_what_arrives_finds_contracts_to_be_bought_taken():
    # 600 kWh are bought for Germany, whose only load is b: nothing left for a
    asked = {
        "changes": {"procurement": [{"market": "DE", "kwh": 600}]},
        "constraints": {"allowed_regions": ["site:Halle"]},
    }
    assert least([A, B], asked, method="market").moves == []


def test_without_a_factor_of_today_load_stays():
    nowhere = it(10, workload="c", row_number=5, zone=None, site="?")
    found = least([A, nowhere], {})
    assert [move["workload"] for move in found.moves] == [["a"]]
    assert found.notes[0].startswith("c stays, since today's figure is not known in full")


def test_a_month_without_a_factor_is_no_place_to_go():
    rows = [
        A,
        it(10, workload="a", row_number=4, period_start=at("2023-01"), period_end=at("2023-02")),
    ]
    factors = [
        *(
            {**factor, "factor_id": f"{factor['factor_id']}-{year}", "year": year}
            for factor in WHATIF_FACTORS
            for year in (2023, 2024)
            if factor["zone"] != "SE" or year == 2024
        )
    ]
    found = least(rows, {}, given={"factors": factors})
    assert found.moves == []


# --- costs -----------------------------------------------------------------------------------

PRICES = {"zone:FR": 0.1, "zone:DE": 0.1, "aws:eu-north-1": 0.2, "aws:us-west-1": 0.05}


def test_carbon_against_cost():
    asked = {"prices": PRICES, "currency": "EUR"}
    found = traded([A, B], asked, points=3)
    assert found.today == (pytest.approx(1800 * 0.1), pytest.approx(TODAY_KG))
    # the cheapest: all in California; the cleanest: all in Stockholm
    assert (found.points[0]["cost"], found.points[0]["kg"]) == (
        pytest.approx(1800 * 0.05),
        pytest.approx(1500 * 1.2 * 0.2),
    )
    assert (found.points[-1]["cost"], found.points[-1]["kg"]) == (
        pytest.approx(1500 * 1.1 * 0.2),
        pytest.approx(1500 * NORTH_KG_PER_KWH),
    )
    on = placement_stage([A, B])
    for point, scenario in zip(found.points, found.scenarios, strict=True):
        outcome = on.outcome(scenario_from_dict(scenario))
        assert outcome.scenario["location_kg_co2e"] == pytest.approx(point["kg"])
        assert outcome.cost["scenario"] == pytest.approx(point["cost"])
    assert traded([A, B], {}).points == []


def test_where_no_price_is_known_load_stays():
    found = traded([A, B], {"prices": {"zone:FR": 0.1, "aws:eu-north-1": 0.2}})
    assert found.points[-1]["kg"] == pytest.approx(1000 * NORTH_KG_PER_KWH + 500 * 0.48)
    assert "where b runs today" in found.notes[-1]


def test_within_a_budget_and_what_more_of_it_would_do():
    # b to Stockholm: 110 instead of 60, and saves 240 - 5.5; 25 more than 180 pays for half of it
    asked = {"prices": {k: v for k, v in PRICES.items() if "west" not in k}, "currency": "EUR"}
    found = least([A, B], {**asked, **limited(max_cost=205, forbidden=["site:Hall"])})
    assert found.kg_after == pytest.approx(TODAY_KG - (240 - 5.5) / 2)
    assert found.cost["scenario"] == pytest.approx(205)
    price = next(p for p in found.shadow_prices if p["constraint"] == "max_cost")
    assert price["words"].startswith("20.50 EUR more in the period would lower")
    assert price["kg"] == pytest.approx(20.5 * 234.5 / 50)
    # as a whole b does not fit
    whole = least([A, B], {**asked, **limited(max_cost=205, forbidden=["site:Hall"])}, whole=True)
    assert whole.moves == []
    with pytest.raises(ScenarioError, match=r"needs prices.*state \[prices\]"):
        least([A], limited(max_cost=10))


# --- in words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (limited(residency={"a": ["JP"]}), ["Residency leaves no place for a: widen it."]),
        (
            limited(residency={"a": ["US"]}, allowed_regions=["zone:SE"]),
            {
                "No region that is allowed can take a: allow another one.",
                "Residency leaves no place for a: widen it.",
            },
        ),
        (limited(max_share_per_region=0.1), ["One region may take too little of all energy: "]),
        (
            {"prices": PRICES, "currency": "EUR", **limited(max_cost=50)},
            ["The cost limit is too low: the cheapest placement costs 90.00 EUR."],
        ),
        (
            limited(residency={"a": ["SE"]}, movable_share=0.5),
            {
                "Too little may move of a, b: allow 100.0%.",
                "Residency leaves no place for a: widen it.",
            },
        ),
    ],
    ids=["residency", "allowed", "share", "cost", "movable"],
)
def test_what_cannot_be_kept_together_is_named(scenario, said):
    found = least([A, B], scenario)
    assert (found.feasible, found.after, found.moves, found.scenario) == (False, None, [], None)
    if isinstance(said, set):
        assert set(found.conflicts) == said
    else:
        assert [
            words[: len(start)] for words, start in zip(found.conflicts, said, strict=True)
        ] == said


def test_every_constraint_of_a_scenario_has_words():
    names = set(Constraints.model_fields) - {"users", "route_factor"}
    assert names <= set(STANDS)
    for name in names:
        price = ShadowPrice(name, "aws:eu-north-1", "more", 0.1, 2500.0)
        said = price_in_words(price, "market", 8760.0, {"aws:eu-north-1": "Stockholm"}, "EUR")
        assert said.endswith(" would lower your market-based figure by 2.5 t a year."), said
        assert "None" not in conflict_in_words(Conflict(name, ("w",)), {}, "EUR")
    assert per_year(8784.0) == 1.0
    assert per_year(4380.0) == 2.0


def test_loads_places_and_limits_as_arrays():
    on = placement_stage([A, B])
    asked = question(
        on.today,
        on.places,
        scenario_from_dict(
            limited(allowed_regions=["zone:FR"], movable_share={"*": 0.5, "b": 1.0})
        ),
        on.policy,
        on.library,
    )
    problem = asked.problem
    assert problem.workloads == ("a", "b")
    assert set(problem.places) == {
        *("aws:eu-north-1", "aws:us-west-1", "site:Hall", "site:Halle", "zone:FR"),
    }
    assert problem.kg[0, problem.places.index("site:Halle")] == pytest.approx(1200 * 0.4)
    # a is in France already, b would be there at its own PUE
    assert np.isnan(problem.kg[0, problem.places.index("zone:FR")])
    assert problem.kg[1, problem.places.index("zone:FR")] == pytest.approx(600 * 0.05)
    assert [(cap.constraint, cap.subject, cap.kwh) for cap in problem.caps] == [
        ("movable_share", "a", 500.0)
    ]
    (barrier,) = problem.barriers
    assert isinstance(barrier, Barrier)
    assert not barrier.bars[:, problem.places.index("zone:FR")].any()
    assert barrier.bars[1, problem.places.index("aws:eu-north-1")]
    assert asked.hours == 744.0
