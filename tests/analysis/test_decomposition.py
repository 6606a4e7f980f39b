"""The parts of a change against a slow calculation from the definition, and what must hold."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbon.analysis.decomposition import EFFECTS, decompose
from carbon.analysis.observed import CELL, Observed

WORK = pl.Schema(
    {"workload": pl.String, "unit": pl.String, "amount": pl.Float64, "behind": pl.Float64}
)


def observed(cells, work=(), **more):
    """A period from (workload, zone, it, pue, covered share, location rate, market rate) rows.

    A market rate of None is the location rate.
    """
    rows = []
    for workload, zone, it, pue, covered, rate, market in cells:
        kwh = it * pue
        bought = rate if market is None else market
        sums = (it, kwh, 0.0, kwh * covered, kwh * covered * rate, kwh * covered,
                kwh * covered * bought)  # fmt: skip
        rows.append((workload, zone, *sums))
    schema = {"workload": pl.String, "zone": pl.String, **dict.fromkeys(CELL, pl.Float64)}
    return Observed(
        cells=pl.DataFrame(rows, schema=schema, orient="row").sort("workload", "zone"),
        work=pl.DataFrame([(*row, 1.0) for row in work], schema=WORK, orient="row"),
        by_category=pl.DataFrame(),
        **more,
    )


def parts(before, after, method="location"):
    """(workload, effect) -> kg."""
    rows = decompose(before, after, method).parts.iter_rows()
    return {(workload, effect): kg for workload, effect, kg in rows}


def of(before, after, method="location"):
    """effect -> kg of the one workload."""
    return {effect: kg for (_, effect), kg in parts(before, after, method).items()}


# --- the definition, one number at a time ----------------------------------------------------


def slow_mean(a, b):
    if a <= 0 or b <= 0:
        return 0.0
    # Nearly the same, the quotient has no digits left; the arithmetic mean is within 1e-12 of it.
    return (a + b) / 2 if abs(a - b) < 1e-6 * a else (a - b) / math.log(a / b)


def slow_effects(first, last):
    """Ang (2015): L(V1, V0) ln(x1 / x0); Ang and Liu (2007): a factor of 0 takes it all."""
    v0, v1 = math.prod(first), math.prod(last)
    if v0 > 0 and v1 > 0:
        return [slow_mean(v1, v0) * math.log(b / a) for a, b in zip(first, last, strict=True)]
    end = first if v0 == 0 else last
    zeros = sum(value == 0 for value in end) or 1
    return [(v1 - v0) / zeros if value == 0 else 0.0 for value in end]


def slow(before, after, q0, q1):
    """One workload: zone -> (it kWh, PUE, kg/kWh) before and after, all energy with a factor."""
    zones = sorted({*before, *after})
    e0, e1 = (sum(it for it, _, _ in side.values()) for side in (before, after))
    c0, c1 = (sum(it * pue * g for it, pue, g in side.values()) for side in (before, after))
    activity, efficiency, rate = slow_effects([q0, e0 / q0, c0 / e0], [q1, e1 / q1, c1 / e1])
    sums = [0.0, 0.0, 0.0]
    for zone in zones:
        it0, u0, g0 = before.get(zone) or (0.0, *after[zone][1:])
        it1, u1, g1 = after.get(zone) or (0.0, *before[zone][1:])
        told = slow_effects([it0 / e0, u0, g0], [it1 / e1, u1, g1])
        sums = [total + part for total, part in zip(sums, told, strict=True)]
    r0, r1 = c0 / e0, c1 / e1
    if r0 > 0 and r1 > 0:
        scale = slow_mean(c1, c0) / slow_mean(r1, r0)
    else:
        scale = rate / (r1 - r0) if r1 != r0 else 0.0
    place, overhead, grid = (scale * part for part in sums)
    return {"activity": activity, "efficiency": efficiency, "overhead": overhead, "place": place,
            "grid": grid}  # fmt: skip


amounts = st.floats(0.01, 1e6)
pues = st.floats(1.0, 2.5)
rates = st.one_of(st.just(0.0), st.floats(1e-4, 2.0))
zones = st.dictionaries(st.sampled_from("ABCD"), st.tuples(amounts, pues, rates), min_size=1)


@given(before=zones, after=zones, q0=amounts, q1=amounts)
def test_the_parts_are_those_of_the_definition(before, after, q0, q1):
    first = observed([("w", z, it, u, 1.0, g, None) for z, (it, u, g) in before.items()],
                     [("w", "requests", q0)])  # fmt: skip
    last = observed([("w", z, it, u, 1.0, g, None) for z, (it, u, g) in after.items()],
                    [("w", "requests", q1)])  # fmt: skip
    found = of(first, last)
    size = max(first.cells["location_kg"].sum(), last.cells["location_kg"].sum())
    expected = slow(before, after, q0, q1)
    assert set(found) <= set(expected)
    for effect, kg in expected.items():
        assert found.get(effect, 0.0) == pytest.approx(kg, rel=1e-6, abs=1e-7 * size + 1e-12)


# --- what must hold, whatever the figures -----------------------------------------------------

cells = st.tuples(
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["X", "Y", ""]),
    st.one_of(st.just(0.0), amounts),
    pues,
    st.sampled_from([0.0, 0.3, 1.0]),
    rates,
    st.one_of(st.none(), rates),
)
sides = st.builds(
    observed,
    st.lists(cells, max_size=7, unique_by=lambda cell: cell[:2]),
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["requests", "runs"]), amounts),
        max_size=4,
        unique_by=lambda row: row[:2],
    ),
)


@given(before=sides, after=sides, method=st.sampled_from(["location", "market"]))
def test_the_parts_add_up_to_the_change(before, after, method):
    found = parts(before, after, method)
    start, end = (side.cells[f"{method}_kg"].sum() for side in (before, after))
    assert all(math.isfinite(kg) for kg in found.values())
    assert math.fsum(found.values()) == pytest.approx(
        end - start, rel=1e-9, abs=1e-9 * max(start, end)
    )


@given(before=sides, after=sides, method=st.sampled_from(["location", "market"]))
def test_looking_back_turns_every_part_over(before, after, method):
    there, back = parts(before, after, method), parts(after, before, method)
    turned = {"new": "gone", "gone": "new"}
    size = max(before.cells[f"{method}_kg"].sum(), after.cells[f"{method}_kg"].sum())
    for (workload, effect), kg in there.items():
        other = back.get((workload, turned.get(effect, effect)), 0.0)
        assert other == pytest.approx(-kg, rel=1e-9, abs=1e-9 * size)
    assert len(there) == len(back)


@given(side=sides, method=st.sampled_from(["location", "market"]))
def test_a_period_against_itself_changes_nothing(side, method):
    assert decompose(side, side, method).parts.is_empty()


# --- by hand ----------------------------------------------------------------------------------


def test_one_workload_by_hand():
    # 1000 requests take 100 kWh, PUE 1.2, 0.5 kg/kWh: 100 x 1.2 x 0.5 = 60 kg.
    # 2000 requests take 150 kWh, PUE 1.1, 0.4 kg/kWh: 150 x 1.1 x 0.4 = 66 kg.
    before = observed([("w", "DE", 100.0, 1.2, 1.0, 0.5, None)], [("w", "requests", 1000.0)])
    after = observed([("w", "DE", 150.0, 1.1, 1.0, 0.4, None)], [("w", "requests", 2000.0)])
    found = of(before, after)
    # L(66, 60) = 6 / ln(1.1) = 6 / 0.0953101798 = 62.95234...
    mean = 6.0 / 0.09531017980432493
    assert found == pytest.approx(
        {
            "activity": mean * 0.6931471805599453,  # ln 2 = 43.64 kg
            "efficiency": mean * -0.2876820724517809,  # ln(0.075 / 0.1) = ln 0.75 = -18.11 kg
            "overhead": mean * -0.08701137698962981,  # ln(1.1 / 1.2) = -5.48 kg
            "grid": mean * -0.2231435513142097,  # ln 0.8 = -14.05 kg
        }
    )
    assert sum(found.values()) == pytest.approx(6.0)


def test_only_the_factor_changed():
    work = [("w", "requests", 10.0)]
    before = observed(
        [("w", "DE", 100.0, 1.2, 1.0, 0.5, None), ("w", "FR", 50.0, 1.1, 1.0, 0.05, None)], work
    )
    after = observed(
        [("w", "DE", 100.0, 1.2, 1.0, 0.4, None), ("w", "FR", 50.0, 1.1, 1.0, 0.05, None)], work
    )
    # 100 x 1.2 x (0.4 - 0.5) = -12 kg
    assert of(before, after) == pytest.approx({"grid": -12.0})


def test_only_the_overhead_changed():
    before = observed(
        [("w", "DE", 100.0, 1.2, 1.0, 0.5, None), ("w", "FR", 50.0, 1.1, 1.0, 0.05, None)]
    )
    after = observed(
        [("w", "DE", 100.0, 1.5, 1.0, 0.5, None), ("w", "FR", 50.0, 1.1, 1.0, 0.05, None)]
    )
    # 100 x (1.5 - 1.2) x 0.5 = 15 kg
    assert of(before, after) == pytest.approx({"overhead": 15.0})


def test_a_move_is_place_wholly():
    # All of 100 kWh from 0.5 to 0.05 kg/kWh: 100 x (0.05 - 0.5) = -45 kg.
    before = observed([("w", "DE", 100.0, 1.0, 1.0, 0.5, None)])
    after = observed([("w", "FR", 100.0, 1.0, 1.0, 0.05, None)])
    assert of(before, after) == pytest.approx({"place": -45.0})
    # A part of it: 30 kWh stay in DE, so 70 x -0.45 = -31.5 kg.
    part = observed(
        [("w", "DE", 30.0, 1.0, 1.0, 0.5, None), ("w", "FR", 70.0, 1.0, 1.0, 0.05, None)]
    )
    assert of(before, part) == pytest.approx({"place": -31.5})
    # Between two zones that it was in already: 100 kWh each; 40 move: 40 x -0.45 = -18 kg.
    two = observed(
        [("w", "DE", 100.0, 1.0, 1.0, 0.5, None), ("w", "FR", 100.0, 1.0, 1.0, 0.05, None)]
    )
    moved = observed(
        [("w", "DE", 60.0, 1.0, 1.0, 0.5, None), ("w", "FR", 140.0, 1.0, 1.0, 0.05, None)]
    )
    assert of(two, moved) == pytest.approx({"place": -18.0})


def test_growth_of_what_moves_is_activity_and_not_place():
    # Twice the requests at the same energy each, and all of it from 0.5 to 0.25 kg/kWh:
    # 50 kg stay 50 kg. L(50, 50) = 50; activity 50 ln 2, place 50 ln 0.5.
    before = observed([("w", "DE", 100.0, 1.0, 1.0, 0.5, None)], [("w", "requests", 1.0)])
    after = observed([("w", "SE", 200.0, 1.0, 1.0, 0.25, None)], [("w", "requests", 2.0)])
    half = 50 * 0.6931471805599453
    assert of(before, after) == pytest.approx({"activity": half, "place": -half})


def test_where_no_work_is_known_energy_is_activity():
    before = observed([("w", "DE", 100.0, 1.0, 1.0, 0.5, None)])
    after = observed([("w", "DE", 80.0, 1.0, 1.0, 0.5, None)])
    told = decompose(before, after, "location")
    assert dict(told.parts.select("effect", "kg_co2e").iter_rows()) == pytest.approx(
        {"activity": -10.0}
    )
    assert told.workloads["unit"].to_list() == ["energy"]


def test_work_that_only_one_period_knows_is_not_taken():
    before = observed(
        [("w", "DE", 100.0, 1.0, 1.0, 0.5, None)], [("w", "requests", 5.0), ("w", "runs", 2.0)]
    )
    after = observed([("w", "DE", 100.0, 1.0, 1.0, 0.5, None)], [("w", "runs", 4.0)])
    told = decompose(before, after, "location")
    assert told.workloads.select("unit", "work_before", "work_after").row(0) == ("runs", 2.0, 4.0)


def test_workloads_of_one_period_are_new_or_gone():
    before = observed(
        [("old", "DE", 10.0, 1.0, 1.0, 0.5, None), ("both", "DE", 1.0, 1.0, 1.0, 0.5, None)]
    )
    after = observed(
        [("fresh", "FR", 20.0, 1.0, 1.0, 0.1, None), ("both", "DE", 1.0, 1.0, 1.0, 0.5, None)]
    )
    assert parts(before, after) == pytest.approx({("old", "gone"): -5.0, ("fresh", "new"): 2.0})


def test_a_workload_that_left_the_boundary_is_not_gone():
    before = observed([("w", "DE", 10.0, 1.0, 1.0, 0.5, None)])
    out = observed([], beyond=frozenset({"w"}))
    assert parts(before, out) == pytest.approx({("w", "boundary"): -5.0})


def test_energy_that_becomes_known_is_coverage():
    dark = observed([], unmeasured=frozenset({"w"}))
    after = observed([("w", "DE", 10.0, 1.0, 1.0, 0.5, None)])
    assert parts(dark, after) == pytest.approx({("w", "coverage"): 5.0})


def test_a_factor_that_is_found_is_coverage_and_no_efficiency():
    # Half of 100 kWh had a factor of 0.5 kg/kWh; now all of it has: + 25 kg.
    before = observed([("w", "DE", 100.0, 1.0, 0.5, 0.5, None)])
    after = observed([("w", "DE", 100.0, 1.0, 1.0, 0.5, None)])
    assert of(before, after) == pytest.approx({"coverage": 25.0})
    none = observed([("w", "DE", 100.0, 1.0, 0.0, 0.5, None)])
    assert of(none, after) == pytest.approx({"coverage": 50.0})


def test_certificates_are_procurement_and_change_no_location_based_figure():
    before = observed([("w", "DE", 100.0, 1.0, 1.0, 0.5, 0.7)])
    after = observed([("w", "DE", 100.0, 1.0, 1.0, 0.5, 0.0)])
    assert of(before, after, "market") == pytest.approx({"procurement": -70.0})
    assert of(before, after, "location") == {}


def test_a_residual_mix_that_follows_the_grid_is_grid():
    # Both halve: 0.5 -> 0.25 and 0.7 -> 0.35 kg/kWh: nothing was bought differently.
    before = observed([("w", "DE", 100.0, 1.0, 1.0, 0.5, 0.7)])
    after = observed([("w", "DE", 100.0, 1.0, 1.0, 0.25, 0.35)])
    assert of(before, after, "market") == pytest.approx({"grid": -35.0})


def test_where_the_grids_factor_is_0_the_change_is_what_was_bought():
    before = observed([("w", "IS", 100.0, 1.0, 1.0, 0.0, 0.4)])
    after = observed([("w", "IS", 100.0, 1.0, 1.0, 0.0, 0.1)])
    assert of(before, after, "market") == pytest.approx({"procurement": -30.0})


def test_a_meter_that_holds_the_overhead_tells_none():
    before = observed([("w", "DE", 100.0, 1.2, 1.0, 0.5, None)])
    cells = before.cells.with_columns(
        it_kwh=pl.lit(0.0), whole_kwh=pl.lit(150.0), facility_kwh=pl.lit(150.0),
        location_kwh=pl.lit(150.0), location_kg=pl.lit(75.0),
    )  # fmt: skip
    after = Observed(cells, before.work, before.by_category)
    # 120 kWh at the facility meter before, 150 after: (150 - 120) x 0.5 = 15 kg, all activity.
    assert of(before, after) == pytest.approx({"activity": 15.0})


def test_an_unknown_method_is_refused():
    with pytest.raises(ValueError, match="use 'location' or 'market'"):
        decompose(observed([]), observed([]), "both")


def test_effects_have_one_order():
    assert len(set(EFFECTS)) == len(EFFECTS)
