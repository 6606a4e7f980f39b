"""Placements against every placement that there is, and duals against differences."""

import itertools
from dataclasses import replace
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from placement_problems import barrier, best_by_grid, judge, most, problem, questions

from carbon.analysis.placement import conflicts, frontier, looser, place, shadow_prices, solve


@given(questions(loads=2, places=3))
@settings(max_examples=60, deadline=None)
def test_no_placement_on_a_grid_emits_less(asked):
    found = place(asked)
    best = best_by_grid(asked, steps=4)
    if best is not None:
        assert found.feasible
        assert found.kg <= best + 1e-7


@given(questions(loads=3, places=3, whole=True))
@settings(max_examples=60, deadline=None)
def test_whole_loads_match_brute_force(asked):
    found, best = place(asked), best_by_grid(asked, steps=1)
    assert found.feasible == (best is not None)
    if best is not None:
        assert found.gap == 0.0
        assert abs(found.kg - best) < 1e-7


@given(questions(loads=3, places=4, whole=True))
@settings(max_examples=60, deadline=None)
def test_many_whole_loads_are_no_farther_from_the_best_than_told(asked):
    best = place(asked)
    with patch.object(solve, "FEW", 0), patch.object(solve, "NEAR", 2):
        found = place(asked)
    assert found.feasible == best.feasible
    if found.feasible:
        judge(asked, found)
        assert best.kg - 1e-7 <= found.kg
        assert found.kg * (1 - found.gap) <= best.kg + 1e-7


@given(questions(loads=3, places=3, tied=False))
@settings(max_examples=60, deadline=None)
def test_what_nothing_ties_together_is_at_its_best_alone(asked):
    found = place(asked)
    if not found.feasible:
        return
    alone = 0.0
    for load in range(len(asked.workloads)):
        alone += min(asked.kg[load, at] for at in np.flatnonzero(asked.permitted[load]))
    assert abs(found.kg - alone) < 1e-9


@given(questions(loads=5, places=4))
@settings(max_examples=150, deadline=None)
def test_no_constraint_is_ever_broken_and_no_energy_lost(asked):
    found = place(asked)
    if found.feasible:
        judge(asked, found)
        assert abs(asked.energy_at(found.shares).sum() - asked.energy_kwh.sum()) < 1e-9
    else:
        assert conflicts(asked)


@given(questions(loads=4, places=4, whole=True))
@settings(max_examples=80, deadline=None)
def test_whole_loads_break_no_constraint_either(asked):
    found = place(asked)
    if found.feasible:
        judge(asked, found)
        shared = place(asked.changed(whole=False))
        assert found.kg >= shared.kg - 1e-7


@given(questions(loads=4, places=4))
@settings(max_examples=80, deadline=None)
def test_duals_are_subgradients_of_the_least_carbon(asked):
    # least kg is convex in the room of a place: f(r + h) >= f(r) + dual x h, for h of both signs
    found = place(asked)
    if not found.feasible:
        return
    for at, cap in enumerate(asked.caps):
        for step in (-0.25, 0.25):
            caps = list(asked.caps)
            caps[at] = replace(cap, kwh=cap.kwh + step)
            other = place(asked.changed(caps=tuple(caps)))
            if other.feasible:
                assert other.kg >= found.kg + found.kg_per_kwh[at] * step - 1e-7
    if asked.budget is not None:
        other = place(asked.changed(budget=asked.budget + 0.5))
        assert found.kg + found.kg_per_cost * 0.5 - 1e-7 <= other.kg <= found.kg + 1e-7


@given(questions(loads=4, places=4))
@settings(max_examples=60, deadline=None)
def test_what_lifting_saves_is_what_solving_again_gives(asked):
    found = place(asked)
    if not found.feasible:
        return
    given_prices = {(p.constraint, p.subject): p.kg for p in shadow_prices(asked, found, most=99)}
    for stands in asked.barriers:
        names = asked.places if stands.by == "place" else asked.workloads
        for at, name in enumerate(names):
            opened = np.zeros(asked.kg.shape, dtype=bool)
            opened[(slice(None), at) if stands.by == "place" else at] = True
            saved = found.kg - place(asked.without(stands.name, opened)).kg
            assert abs(saved - given_prices.get((stands.name, name), 0.0)) < 1e-6
    for price in shadow_prices(asked, found, most=99):
        if price.constraint == "max_cost":
            more = place(asked.changed(budget=asked.budget + price.step))
            assert abs(found.kg - more.kg - price.kg) < 1e-6


@given(questions(loads=4, places=4), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_the_dearest_few_are_the_first_of_all(asked, count):
    found = place(asked)
    if found.feasible:
        every = [price.kg for price in shadow_prices(asked, found, most=99)]
        few = [price.kg for price in shadow_prices(asked, found, most=count)]
        assert np.allclose(few, every[:count], rtol=0.0, atol=1e-7)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_a_looser_question_with_few_cells_has_the_answer_of_all(seed):
    # opening the cleanest place of all moves much, so that the old duals say little
    made = np.random.default_rng(seed)
    kg = made.uniform(1.0, 9.0, (12, 4))
    kg[:, 3] = made.uniform(0.0, 1.0, 12)
    asked = problem(
        kg,
        energy=made.uniform(1.0, 5.0, 12),
        workloads=tuple("abcdefghijkl"),
        barriers=(barrier(np.arange(4)[None, :].repeat(12, axis=0) == 3),),
    )
    most_kwh = made.uniform(0.34, 0.5, 4) * asked.energy_kwh.sum()
    asked = asked.changed(caps=most(most_kwh))
    found, open_ = place(asked), asked.without("allowed_regions")
    with patch.object(looser, "FIRST", 1):
        kg_open = looser.least_kg(open_, found, looser.priced(asked, found))
    assert abs(kg_open - place(open_).kg) < 1e-7


@given(questions(loads=4, places=4))
@settings(max_examples=60, deadline=None)
def test_the_frontier_falls_and_every_further_unit_of_money_buys_less(asked):
    points = frontier(asked, points=6)
    for before, after in itertools.pairwise(points):
        assert after.cost > before.cost
        assert after.kg < before.kg
    slopes = [
        (after.kg - before.kg) / (after.cost - before.cost)
        for before, after in itertools.pairwise(points)
    ]
    assert all(later >= earlier - 1e-6 for earlier, later in itertools.pairwise(slopes))


@given(questions(loads=4, places=4))
@settings(max_examples=60, deadline=None)
def test_the_order_of_loads_and_places_changes_no_total(asked):
    found = place(asked)
    loads = np.arange(len(asked.workloads))[::-1]
    turned = asked.changed(
        workloads=tuple(asked.workloads[at] for at in loads),
        home=asked.home[loads],
        kg=asked.kg[loads],
        energy_kwh=asked.energy_kwh[loads],
        caps=tuple(
            replace(cap, loads=None if cap.loads is None else cap.loads[loads])
            for cap in asked.caps
        ),
        cost=None if asked.cost is None else asked.cost[loads],
        barriers=tuple(
            type(stands)(stands.name, stands.bars[loads], stands.by) for stands in asked.barriers
        ),
    )
    again = place(turned)
    assert again.feasible == found.feasible
    if found.feasible:
        assert abs(again.kg - found.kg) < 1e-7
