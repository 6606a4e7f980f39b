"""What-if against a slow loop in plain Python, for any rows, moves and changes."""

from dataclasses import dataclass, replace
from itertools import product

import pytest
from accounting_rows import at, certificate
from hypothesis import given, settings
from hypothesis import strategies as st
from whatif_rows import it, outcome

LOCATION = {"FR": 0.05, "DE": 0.4, "SE": 0.01, "CAMX": 0.2}
MARKET = {"FR": 0.05, "DE": 0.6, "SE": 0.02, "CAMX": 0.2}
MARKETS = {"FR": "FR", "DE": "DE", "SE": "SE", "CAMX": "US"}
MONTHS = ("2024-01", "2024-02")
WORKLOADS = ("a", "b", "c")
REGION_PUE = {"aws:eu-north-1": 1.1, "aws:us-west-1": 1.2}
REGION_ZONE = {"aws:eu-north-1": "SE", "aws:us-west-1": "CAMX"}

shares = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.8, 1.0])
kwh = st.sampled_from([0.0, 1.0, 37.5, 400.0, 1200.0])

moves = st.fixed_dictionaries(
    {
        "workload": st.sampled_from(["*", *WORKLOADS]),
        "share": shares,
        "to": st.sampled_from([*(f"zone:{zone}" for zone in LOCATION), *REGION_PUE]),
        "pue": st.sampled_from([None, 1.0, 1.3]),
        "from_zone": st.sampled_from([None, "FR", "SE"]),
    }
)

cases = st.fixed_dictionaries(
    {
        "loads": st.lists(
            st.tuples(
                st.sampled_from(WORKLOADS),
                st.sampled_from(MONTHS),
                st.sampled_from([*LOCATION, *REGION_PUE]),
                st.sampled_from([1.0, 1.25, 1.5]),
                kwh,
            ),
            min_size=1,
            max_size=6,
        ),
        "moves": st.lists(moves, max_size=4),
        "growth": st.sampled_from([1.0, 0.5, 1.7]),
        "pue": st.sampled_from([None, 1.4]),
        "certified": st.sampled_from([0.0, 100.0, 5000.0]),
        "bought": st.sampled_from([0.0, 250.0, 9000.0]),
    }
)


@dataclass
class Lot:
    """A piece of load that runs in one place."""

    workload: str
    month: str
    place: str
    zone: str
    own: bool
    pue: float
    home_pue: float
    owned: bool
    kwh: float
    covered: float
    moved: str


def _name(move: dict) -> str:
    return f"{move['to']}@{move['pue']}"


def slowly(case: dict) -> dict[str, float]:
    """Lot by lot: energy, location-based and market-based."""
    lots = _today(case)
    volume = {(lot.month, MARKETS[lot.zone]): 0.0 for lot in lots}
    for lot in lots:
        volume[lot.month, MARKETS[lot.zone]] += lot.covered
    for move in case["moves"]:
        lots = _moved(lots, move)
    for lot in lots:
        lot.kwh *= case["growth"]
        lot.covered *= case["growth"]
        if case["pue"] is not None and not lot.moved:
            lot.covered *= case["pue"] / lot.pue if lot.pue else 1
            lot.pue = case["pue"]
    _cover(lots, volume)
    _buy(lots, case["bought"])
    return {
        "energy_it_kwh": sum(lot.kwh for lot in lots),
        "energy_facility_kwh": sum(lot.kwh * lot.pue for lot in lots),
        "location_kg_co2e": sum(lot.kwh * lot.pue * LOCATION[lot.zone] for lot in lots),
        "market_kg_co2e": sum((lot.kwh * lot.pue - lot.covered) * MARKET[lot.zone] for lot in lots),
    }


def _today(case: dict) -> list[Lot]:
    lots = []
    for workload, month, place, pue, energy in case["loads"]:
        own = place in LOCATION
        zone = place if own else REGION_ZONE[place]
        home = f"site:{place}" if own else place
        # Where no PUE is known, overhead is what it is today, or what the scenario makes of it.
        after = case["pue"] or pue
        lots.append(Lot(workload, month, home, zone, own, pue, after, own, energy, 0.0, ""))
    german = [lot for lot in lots if lot.own and lot.zone == "DE"]
    load = sum(lot.kwh * lot.pue for lot in german)
    for lot in german:
        lot.covered = lot.kwh * lot.pue * min(1.0, case["certified"] / load) if load else 0.0
    return lots


def _moved(lots: list[Lot], move: dict) -> list[Lot]:
    after = []
    for lot in lots:
        named = move["workload"] in ("*", lot.workload)
        left = move["from_zone"] in (None, lot.zone)
        stays = (
            lot.moved == _name(move)
            if lot.moved
            else (f"zone:{lot.zone}" == move["to"] or lot.place == move["to"])
        )
        if not named or not left or stays:
            after.append(lot)
            continue
        region = move["to"] in REGION_PUE
        zone = REGION_ZONE[move["to"]] if region else move["to"].removeprefix("zone:")
        there = replace(
            lot,
            place=move["to"],
            zone=zone,
            own=lot.owned and not region,
            pue=move["pue"] or REGION_PUE.get(move["to"]) or lot.home_pue,
            kwh=lot.kwh * move["share"],
            covered=0.0,
            moved=_name(move),
        )
        lot.kwh *= 1 - move["share"]
        lot.covered *= 1 - move["share"]
        after += [there, lot]
    return after


def _cover(lots: list[Lot], volume: dict[tuple[str, str], float]) -> None:
    """Cover that is kept, cut to the volume; what is free goes to the rest, pro rata."""
    for key, kwh_there in volume.items():
        here = [lot for lot in lots if lot.own and (lot.month, MARKETS[lot.zone]) == key]
        kept = sum(lot.covered for lot in here)
        if kept > kwh_there:
            for lot in here:
                lot.covered *= kwh_there / kept
            continue
        open_kwh = sum(lot.kwh * lot.pue - lot.covered for lot in here)
        share = min(1.0, (kwh_there - kept) / open_kwh) if open_kwh > 1e-9 else 0.0
        for lot in here:
            lot.covered += (lot.kwh * lot.pue - lot.covered) * share


def _buy(lots: list[Lot], bought: float) -> None:
    """French certificates cover what is left of the load of all months, pro rata."""
    here = [lot for lot in lots if lot.own and MARKETS[lot.zone] == "FR"]
    open_kwh = sum(lot.kwh * lot.pue - lot.covered for lot in here)
    share = min(1.0, bought / open_kwh) if open_kwh > 1e-9 else 0.0
    for lot in here:
        lot.covered += (lot.kwh * lot.pue - lot.covered) * share


def quickly(case: dict):
    rows = []
    for number, (workload, month, place, pue, energy) in enumerate(case["loads"]):
        stands = {"zone": place, "site": place}
        if place in REGION_PUE:
            provider, region = place.split(":")
            stands = {"zone": None, "site": None, "provider": provider, "region": region}
        end = MONTHS[1] if month == MONTHS[0] else "2024-03"
        rows.append(
            it(
                energy,
                workload=workload,
                row_number=number + 2,
                key=str(number),
                pue=pue,
                period_start=at(month),
                period_end=at(end),
                **stands,
            )
        )
    scenario = {
        "moves": [_as_file(move) for move in case["moves"]],
        "changes": {
            "growth": case["growth"],
            "procurement": [{"market": "FR", "kwh": case["bought"]}],
            **({"pue": case["pue"]} if case["pue"] else {}),
        },
    }
    certified = [certificate("c", case["certified"])] if case["certified"] else []
    return outcome(rows, scenario, instruments=certified)


def _as_file(move: dict) -> dict:
    target = {"to_zone": move["to"].removeprefix("zone:")}
    if move["to"] in REGION_PUE:
        provider, region = move["to"].split(":")
        target = {"to_provider": provider, "to_region": region}
    stated = {key: move[key] for key in ("pue", "from_zone") if move[key] is not None}
    return {"workload": move["workload"], "share": move["share"], **target, **stated}


def _known(case: dict) -> dict:
    """A case whose moves name workloads that have load."""
    there = {load[0] for load in case["loads"]}
    named = [move for move in case["moves"] if move["workload"] in ("*", *there)]
    return {**case, "moves": named}


@settings(max_examples=60)
@given(cases)
def test_any_scenario_is_what_a_slow_loop_says(case):
    case = _known(case)
    wanted, done = slowly(case), quickly(case)
    for measure, figure in wanted.items():
        assert done.scenario[measure] == pytest.approx(figure, rel=1e-9, abs=1e-6), measure


@settings(max_examples=40)
@given(cases)
def test_it_energy_is_conserved_and_every_listing_adds_up(case):
    case = {**_known(case), "growth": 1.0}
    done = quickly(case)
    energy = sum(load[4] for load in case["loads"])
    assert done.scenario["energy_it_kwh"] == pytest.approx(energy, abs=1e-9)
    listings = (done.by_workload, done.by_place, done.by_month)
    measures = ("energy_it_kwh", "energy_facility_kwh", "location_kg_co2e", "market_kg_co2e")
    for listing, measure in product(listings, measures):
        for state, whole in (("today", done.baseline), ("scenario", done.scenario)):
            summed = sum(row[state][measure] for row in listing)
            assert summed == pytest.approx(whole[measure], rel=1e-9, abs=1e-6)
