"""Placements of scenarios against the what-if: it says the same, and no other does better."""

from itertools import product

from accounting_rows import at
from hypothesis import given, settings
from hypothesis import strategies as st
from placement_stage import placement_stage
from whatif_rows import it

from carbon.analysis.placement.optimum import least_carbon, trade_off
from carbon.analysis.whatif.scenario_file import scenario_from_dict, scenario_to_toml

SITES = ("FR", "DE", "SE", "CAMX")
PLACES = ("aws:eu-north-1", "aws:us-west-1", *(f"site:{zone}" for zone in SITES))
CLOSE = 1e-6

shares = st.sampled_from([0.3, 0.5, 0.8])
places = st.sampled_from(PLACES)
limits = st.fixed_dictionaries(
    {},
    optional={
        "allowed_regions": st.lists(places, min_size=1, max_size=3),
        "forbidden": st.lists(places, min_size=1, max_size=2),
        "residency": st.dictionaries(
            st.sampled_from(["a", "b", "*"]), st.sampled_from(["EU", "SE", "US"]), max_size=1
        ),
        "max_share_per_region": shares,
        "capacity_share": st.dictionaries(places, shares, max_size=2),
        "capacity_kwh": st.dictionaries(places, st.sampled_from([50.0, 400.0]), max_size=2),
        "movable_share": st.sampled_from([0.25, 0.5, 1.0]),
        "max_cost": st.sampled_from([20.0, 80.0, 200.0]),
    },
)
loads = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.sampled_from(SITES),
        st.sampled_from([1, 2]),
        st.sampled_from([40.0, 100.0, 300.0]),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda load: load[:2],
)
cases = st.fixed_dictionaries(
    {
        "constraints": limits,
        "changes": st.sampled_from([{}, {"growth": 1.5}, {"pue": 1.1}]),
        "prices": st.fixed_dictionaries(
            {place: st.sampled_from([0.1, 0.2, 0.5]) for place in PLACES}
        ),
    }
)


def staged(found):
    return placement_stage(
        [
            it(
                kwh,
                workload=workload,
                row_number=row,
                zone=zone,
                site=zone,
                period_start=at(f"2024-0{month}"),
                period_end=at(f"2024-0{month + 1}"),
            )
            for row, (workload, zone, month, kwh) in enumerate(found, 2)
        ]
    )


def moved(case, load, to):
    """A scenario in which loads go whole to the places of `to`."""
    moves = []
    for (workload, zone, _, _), place in zip(load, to, strict=True):
        kind, name = place.split(":", 1)
        where = {"to_site": name} if kind == "site" else {"to_provider": kind, "to_region": name}
        if place != f"site:{zone}":
            moves.append({"workload": workload, "from_place": f"site:{zone}", **where})
    return scenario_from_dict({**case, "moves": moves})


@given(loads, cases, st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_what_if_says_the_same_and_no_limit_is_broken(load, case, whole):
    on = staged(load)
    found = least_carbon(on, scenario_from_dict(case), whole=whole)
    if not found.feasible:
        assert found.conflicts
        return
    again = scenario_from_dict(found.scenario)
    outcome = on.outcome(again)
    known = [row for row in outcome.violations if "is called" not in row["words"]]
    assert known == []
    assert outcome.scenario == found.after
    by_place = {row["place"]: row["energy_kwh_after"] for row in found.by_place}
    for row in outcome.by_place:
        energy = row["scenario"]["energy_it_kwh"]
        assert abs(by_place.get(row["place"], 0.0) - energy) < CLOSE
    assert found.after["energy_it_kwh"] == outcome.scenario["energy_it_kwh"]
    assert abs(found.after["energy_it_kwh"] - found.before["energy_it_kwh"]) < CLOSE
    assert not any("placements were compared without" in note for note in found.notes)
    assert scenario_to_toml(again)


@given(loads, cases)
@settings(max_examples=20, deadline=None)
def test_no_scenario_of_whole_loads_that_keeps_the_limits_emits_less(load, case):
    on = staged(load)
    found = least_carbon(on, scenario_from_dict(case), whole=True)
    there = [place for place in PLACES if on.places.position(place) is not None]
    best = None
    for to in product(there, repeat=len(load)):
        outcome = on.outcome(moved(case, load, to))
        if not [row for row in outcome.violations if "is called" not in row["words"]]:
            kg = outcome.scenario["location_kg_co2e"]
            best = kg if best is None else min(best, kg)
    assert found.feasible == (best is not None)
    if best is not None:
        assert abs(found.kg_after - best) < CLOSE
        divided = least_carbon(on, scenario_from_dict(case))
        assert divided.kg_after <= best + CLOSE


@given(loads, cases)
@settings(max_examples=30, deadline=None)
def test_points_of_the_frontier_are_what_the_what_if_says(load, case):
    on = staged(load)
    found = trade_off(on, scenario_from_dict(case), points=4)
    for point, scenario in zip(found.points, found.scenarios, strict=True):
        outcome = on.outcome(scenario_from_dict(scenario))
        assert abs(outcome.scenario["location_kg_co2e"] - point["kg"]) < CLOSE
        assert abs(outcome.cost["scenario"] - point["cost"]) < CLOSE


@given(loads, cases)
@settings(max_examples=30, deadline=None)
def test_allowing_a_region_saves_what_is_told(load, case):
    on = staged(load)
    found = least_carbon(on, scenario_from_dict(case))
    for price in found.shadow_prices:
        if price["constraint"] == "allowed_regions":
            allowed = [*case["constraints"]["allowed_regions"], price["subject"]]
            opened = {**case, "constraints": {**case["constraints"], "allowed_regions": allowed}}
            other = least_carbon(on, scenario_from_dict(opened))
            assert abs(found.kg_after - other.kg_after - price["kg"]) < CLOSE
