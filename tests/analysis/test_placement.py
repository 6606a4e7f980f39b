"""Placements against hand arithmetic."""

import numpy as np
import pytest
from placement_problems import barrier, judge, most, movable, problem

from carbon.analysis.placement import Cap, Problem, conflicts, frontier, place, shadow_prices


def test_each_goes_to_its_best_place():
    # a: 8 at home, 2 in the north; b is at its best already
    found = place(problem([[8.0, 2.0], [3.0, 5.0]]))
    assert found.shares.tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert found.kg == 2.0 + 3.0


def test_what_emits_alike_stays_and_else_goes_to_the_first_name():
    assert place(problem([[4.0, 4.0, 4.0]])).shares.tolist() == [[1.0, 0.0, 0.0]]
    # `aws:eu-north-1` stands before `zone:FR`
    assert place(problem([[9.0, 4.0, 4.0]])).shares.tolist() == [[0.0, 1.0, 0.0]]
    third = 0.1 + 0.2  # not 0.3, but alike
    assert place(problem([[third, 0.3]])).shares.tolist() == [[1.0, 0.0]]


def test_a_full_region_takes_the_load_that_gains_most_by_kwh():
    # a gains 6 on 3 kWh (2 a kWh), b gains 3 on 1 kWh (3 a kWh); the north takes 2 of 4 kWh:
    # b whole and 1/3 of a: kg = 8 - 6/3 + 1 = 7
    asked = problem([[8.0, 2.0], [4.0, 1.0]], [3.0, 1.0], caps=most([np.inf, 2.0]))
    found = place(asked)
    assert found.shares == pytest.approx(np.array([[2 / 3, 1 / 3], [0.0, 1.0]]))
    assert found.kg == pytest.approx(7.0)
    # one more kWh there would take one of a's: 2 kg less
    assert found.kg_per_kwh == pytest.approx([-2.0])


def test_a_limit_makes_load_leave_a_place_that_is_full():
    # 2 kWh at home, where at most 0.5 of them may be
    found = place(problem([[1.0, 3.0], [1.0, 2.0]], caps=most([1.0, np.inf])))
    assert found.kg == pytest.approx(1.0 + 2.0)


def test_no_more_than_the_movable_share_leaves():
    asked = problem([[8.0, 2.0]], caps=(movable(0.25, [1.0]),))
    assert place(asked).shares.tolist() == [[0.75, 0.25]]
    assert place(asked).kg == 0.75 * 8 + 0.25 * 2


def test_where_nobody_knows_the_figure_nothing_goes():
    assert place(problem([[8.0, np.nan, 5.0]])).kg == 5.0


def test_whole_loads_are_not_cut():
    # the north takes 2 of 4 kWh: only b fits as a whole
    asked = problem([[8.0, 2.0], [4.0, 1.0]], [3.0, 1.0], caps=most([np.inf, 2.0]), whole=True)
    found = place(asked)
    assert found.shares.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert found.kg == 9.0
    assert found.gap == 0.0


def test_within_a_budget():
    # the north costs 10 more and saves 6; half of it is paid for
    asked = problem([[8.0, 2.0]], cost=np.array([[10.0, 20.0]]), budget=15.0)
    found = place(asked)
    assert found.kg == pytest.approx(8.0 - 3.0)
    assert found.cost == pytest.approx(15.0)
    assert found.kg_per_cost == pytest.approx(-0.6)


def test_the_frontier_runs_from_the_cheapest_to_the_cleanest():
    # a: 10 more money saves 6 kg (0.6), b: 10 more saves 2 kg (0.2); first a, then b
    asked = problem([[8.0, 2.0], [4.0, 2.0]], cost=np.array([[10.0, 20.0], [10.0, 20.0]]))
    found = frontier(asked, points=5)
    assert [point.cost for point in found] == pytest.approx([20.0, 25.0, 30.0, 35.0, 40.0])
    assert [point.kg for point in found] == pytest.approx([12.0, 9.0, 6.0, 5.0, 4.0])


def test_without_prices_there_is_no_frontier():
    assert frontier(problem([[8.0, 2.0]])) == ()
    with pytest.raises(ValueError, match="two ends"):
        frontier(problem([[8.0, 2.0]]), points=1)


def test_an_ended_frontier_keeps_to_the_budget():
    asked = problem([[8.0, 2.0]], cost=np.array([[10.0, 20.0]]), budget=15.0)
    assert [point.cost for point in frontier(asked, points=3)] == pytest.approx([10, 12.5, 15])


def test_opening_a_region_is_priced_by_solving_again():
    # not allowed: the north (saves a 6, b 0) and FR (saves a 3)
    bars = [[False, True, True], [False, True, False]]
    asked = problem([[8.0, 2.0, 5.0], [1.0, 1.0, 1.0]], barriers=(barrier(bars),))
    found = shadow_prices(asked, place(asked))
    assert [(price.subject, price.change, price.kg) for price in found] == [
        ("aws:eu-north-1", "allow", 6.0),
        ("zone:FR", "allow", 3.0),
    ]


def test_lifting_a_residency_is_priced_by_workload():
    bars = [[False, True], [False, True]]
    asked = problem([[8.0, 2.0], [4.0, 3.0]], barriers=(barrier(bars, "residency", "workload"),))
    found = shadow_prices(asked, place(asked))
    assert [(price.subject, price.kg) for price in found] == [("a", 6.0), ("b", 1.0)]


def test_ten_points_more_of_a_full_region():
    # 10 kWh of which the north takes 20 %; 6 kg less for 10 kWh there, so 0.6 for one more
    asked = problem([[8.0, 2.0]], [10.0], caps=most([np.inf, 2.0]))
    (price,) = shadow_prices(asked, place(asked))
    assert (price.constraint, price.subject, price.step) == (
        "max_share_per_region",
        "aws:eu-north-1",
        0.10,
    )
    assert price.kg == pytest.approx(0.6)
    assert price.kg_per_unit == pytest.approx(0.6)


def test_more_room_than_there_is_load_saves_no_more_than_that():
    # at 95 % only five points are left
    asked = problem([[8.0, 2.0]], [10.0], caps=most([np.inf, 9.5]))
    (price,) = shadow_prices(asked, place(asked))
    assert price.step == pytest.approx(0.05)
    assert price.kg == pytest.approx(0.05 * 6)


def test_a_tenth_more_capacity_and_budget():
    asked = problem([[8.0, 2.0]], [10.0], caps=most([np.inf, 5.0], "capacity_kwh"))
    (price,) = shadow_prices(asked, place(asked))
    assert (price.constraint, price.step) == ("capacity_kwh", 0.5)
    assert price.kg == pytest.approx(0.5 * 0.6)
    asked = problem([[8.0, 2.0]], cost=np.array([[10.0, 20.0]]), budget=15.0)
    (price,) = shadow_prices(asked, place(asked))
    assert (price.constraint, price.step) == ("max_cost", 1.5)
    assert price.kg == pytest.approx(1.5 * 0.6)


def test_who_has_nowhere_to_go_is_named():
    bars = [[True, True], [False, False]]
    asked = problem([[8.0, 2.0], [4.0, 3.0]], barriers=(barrier(bars, "residency", "workload"),))
    found = place(asked)
    assert not found.feasible
    assert found.shares.tolist() == asked.today.tolist()
    assert [(c.constraint, c.subjects) for c in conflicts(asked)] == [("residency", ("a",))]


def test_regions_that_together_take_too_little_say_how_much_they_need():
    asked = problem([[8.0, 2.0]], caps=most([0.3, 0.3]))
    (conflict,) = conflicts(asked)
    assert conflict.constraint == "max_share_per_region"
    assert conflict.least == pytest.approx(0.5)


def test_two_constraints_that_only_together_leave_nothing():
    # all must leave home, and the north takes half
    asked = problem(
        [[8.0, 2.0], [8.0, 2.0]],
        caps=most([np.inf, 1.0]),
        barriers=(barrier([[True, False], [True, False]], "residency", "workload"),),
    )
    assert {conflict.constraint for conflict in conflicts(asked)} == {
        "max_share_per_region",
        "residency",
    }


def test_a_budget_that_is_too_small_says_what_is_needed():
    asked = problem([[8.0, 2.0]], cost=np.array([[10.0, 20.0]]), budget=5.0)
    (conflict,) = conflicts(asked)
    assert (conflict.constraint, conflict.least) == ("max_cost", 10.0)


def test_what_must_leave_and_may_not():
    asked = problem(
        [[8.0, 2.0]], barriers=(barrier([[True, False]], "residency"),), caps=(movable(0.5, [1.0]),)
    )
    found = {conflict.constraint: conflict for conflict in conflicts(asked)}
    assert set(found) == {"residency", "movable_share"}
    assert found["movable_share"].subjects == ("a",)
    assert found["movable_share"].least == pytest.approx(1.0)


def test_nothing_known_anywhere_is_no_constraint():
    (conflict,) = conflicts(problem([[np.nan, np.nan]]))
    assert (conflict.constraint, conflict.subjects) == ("factors", ("a",))


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="energy_kwh has the shape"):
        problem([[1.0, 2.0]], [1.0, 2.0])
    with pytest.raises(ValueError, match="needs prices"):
        problem([[1.0, 2.0]], budget=1.0)


def test_five_hundred_loads_and_forty_places_keep_every_limit():
    made = np.random.default_rng(7)
    loads = 500
    big = Problem(
        workloads=tuple(f"w{n}" for n in range(loads)),
        places=tuple(f"aws:r{n}" for n in range(40)),
        home=made.integers(0, 40, loads),
        kg=made.uniform(0.01, 0.9, (loads, 40)) * made.lognormal(8, 2, (loads, 1)),
        energy_kwh=made.lognormal(8, 2, loads),
    )
    total = big.energy_kwh.sum()
    caps = [
        Cap("max_share_per_region", f"r{at}", 0.05 * total, np.arange(40) == at) for at in range(40)
    ]
    big = big.changed(caps=tuple(caps))
    found = place(big)
    judge(big, found)
    assert (place(big).shares == found.shares).all()
