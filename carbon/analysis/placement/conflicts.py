"""Which constraints leave no placement, and how little of each would have to give.

Deletion filter (Chinneck 2008, "Feasibility and Infeasibility in Optimization", ch. 6): leave out
one group of constraints after the other; a group whose absence does not help is not of the
conflict. What is left conflicts, and no part of it does alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from carbon.analysis.placement.problem import Problem
from carbon.analysis.placement.solve import place

NO_FACTOR = "factors"
"""Stands for no constraint at all: nobody knows what a workload would emit anywhere."""

HALVINGS = 30
"""Of an interval, to find how much would have to give: to a billionth of it."""


@dataclass(frozen=True)
class Conflict:
    """One of the constraints that cannot be kept together.

    Attributes:
        constraint: its name, as in a scenario file.
        workloads: the workloads that it leaves without a place, sorted; empty where it is not
            about single workloads.
        least: what it would have to become, if it alone gave way: a share for
            `max_share_per_region` and `movable_share`, kWh more in every limited place for
            `capacity_kwh`, an amount for `budget`; None where it is not a number.
    """

    constraint: str
    workloads: tuple[str, ...] = ()
    least: float | None = None


def conflicts(problem: Problem) -> tuple[Conflict, ...]:
    """A smallest set of constraints that cannot be kept together; empty where there is none.

    Args:
        problem: what `place` found infeasible.

    Returns:
        each with the least that it would have to give, the others kept.
    """
    if place(problem).feasible:
        return ()
    lifts = _lifts(problem)
    named = list(lifts)
    loose = problem
    for name in list(lifts):
        without = lifts[name](loose)
        if not place(without).feasible:
            loose = without
            named.remove(name)
    if not named:
        return (Conflict(NO_FACTOR, _nowhere(problem)),)
    return tuple(_conflict(loose, name, lifts) for name in named)


Lift = Callable[[Problem], Problem]


def _lifts(problem: Problem) -> Mapping[str, Lift]:
    """How each group of constraints is left out, those first that a person would keep least."""
    found: dict[str, Lift] = {}
    if problem.whole:
        found["whole"] = lambda p: p.changed(whole=False)
    if problem.budget is not None:
        found["budget"] = lambda p: p.changed(budget=None)
    if problem.movable is not None:
        found["movable_share"] = lambda p: p.changed(movable=None)
    if problem.max_share is not None:
        found["max_share_per_region"] = lambda p: p.changed(max_share=None)
    if problem.capacity_kwh is not None:
        found["capacity_kwh"] = lambda p: p.changed(capacity_kwh=None)
    for barrier in problem.barriers:
        found[barrier.name] = lambda p, name=barrier.name: p.without(name)  # type: ignore[misc]
    return found


def _conflict(problem: Problem, name: str, lifts: Mapping[str, Lift]) -> Conflict:
    open_ = lifts[name](problem)
    if name == "budget":
        cost = problem.cost if problem.cost is not None else problem.kg
        known = np.where(np.isfinite(problem.kg), cost, np.nan)
        return Conflict(name, least=place(open_.changed(kg=known)).kg)
    if name == "max_share_per_region" and problem.max_share is not None:
        stated = problem.max_share
        least = _least(lambda s: problem.changed(max_share=np.where(stated < s, s, stated)), 1.0)
        return Conflict(name, least=least)
    if name == "movable_share" and problem.movable is not None:
        share = problem.movable
        least = _least(lambda s: problem.changed(movable=np.maximum(share, s)), 1.0)
        return Conflict(name, _stuck(problem), least)
    if name == "capacity_kwh" and problem.capacity_kwh is not None:
        capacity, all_of_it = problem.capacity_kwh, float(problem.energy_kwh.sum())
        least = _least(lambda s: problem.changed(capacity_kwh=capacity + s), all_of_it)
        return Conflict(name, least=least)
    return Conflict(name, _needing(problem, name))


def _least(changed: Callable[[float], Problem], greatest: float) -> float | None:
    """The smallest number with which there is a placement, by halving; None where none helps."""
    if not place(changed(greatest)).feasible:
        return None
    low, high = 0.0, greatest
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if place(changed(middle)).feasible:
            high = middle
        else:
            low = middle
    return high


def _stuck(problem: Problem) -> tuple[str, ...]:
    """Workloads that may not stay where they are and may not wholly leave."""
    home = problem.permitted[np.arange(len(problem.home)), problem.home]
    stuck = (problem.freedom < 1.0) & ~home
    return tuple(sorted({problem.workloads[load] for load in np.flatnonzero(stuck)}))


def _nowhere(problem: Problem) -> tuple[str, ...]:
    """Workloads of which no place is known that they could run in."""
    nowhere = ~np.isfinite(problem.kg).any(axis=1)
    return tuple(sorted({problem.workloads[load] for load in np.flatnonzero(nowhere)}))


def _needing(problem: Problem, name: str) -> tuple[str, ...]:
    """Workloads that would have to be where a barrier forbids it, as little energy as possible."""
    bars = np.zeros(problem.kg.shape, dtype=bool)
    for barrier in problem.barriers:
        if barrier.name == name:
            bars = bars | barrier.bars
    energy = np.maximum(problem.energy_kwh, 1.0)[:, None]
    open_ = problem.without(name)
    found = place(open_.changed(kg=np.where(np.isfinite(problem.kg), energy * bars, np.nan)))
    inside = ((found.shares > 0) & bars).any(axis=1)
    return tuple(sorted({problem.workloads[load] for load in np.flatnonzero(inside)}))
