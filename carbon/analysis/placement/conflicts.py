"""Which constraints leave no placement, and how little of each would have to give.

Deletion filter (Chinneck 2008, "Feasibility and Infeasibility in Optimization", ch. 6): leave out
one group of constraints after the other; a group whose absence does not help is not of the
conflict. What is left conflicts, and no part of it does alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

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
        subjects: whom it concerns: the workloads that a barrier leaves without a place, the places
            or workloads that caps limit; empty for what concerns everything.
        least: what it would have to become, if it alone gave way: for caps a share of all energy
            (for `movable_share` of the workload's), for `max_cost` an amount; None where it is no
            number.
    """

    constraint: str
    subjects: tuple[str, ...] = ()
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
        found["max_cost"] = lambda p: p.changed(budget=None)
    for name in dict.fromkeys(cap.constraint for cap in problem.caps):
        found[name] = lambda p, name=name: _looser(p, name, np.inf)  # type: ignore[misc]
    for barrier in problem.barriers:
        found[barrier.name] = lambda p, name=barrier.name: p.without(name)  # type: ignore[misc]
    return found


def _conflict(problem: Problem, name: str, lifts: Mapping[str, Lift]) -> Conflict:
    open_ = lifts[name](problem)
    if name == "max_cost":
        cost = problem.cost if problem.cost is not None else problem.kg
        known = np.where(np.isfinite(problem.kg), cost, np.nan)
        return Conflict(name, least=place(open_.changed(kg=known)).kg)
    subjects = tuple(cap.subject for cap in problem.caps if cap.constraint == name)
    if subjects:
        return Conflict(name, subjects, _least(problem, name))
    return Conflict(name, _needing(problem, name))


def _looser(problem: Problem, name: str, share: float) -> Problem:
    """The question with the caps of a name raised to a share of what they are of, at least."""
    caps = []
    for cap in problem.caps:
        of = problem.energy_kwh if cap.loads is None else problem.energy_kwh[cap.loads]
        raised = max(cap.kwh, share * float(of.sum())) if of.sum() > 0 else cap.kwh
        caps.append(replace(cap, kwh=raised) if cap.constraint == name else cap)
    caps = [cap for cap in caps if np.isfinite(cap.kwh)]
    return problem.changed(caps=tuple(caps))


def _least(problem: Problem, name: str) -> float | None:
    """The smallest share with which there is a placement, by halving; None where none helps."""
    if not place(_looser(problem, name, 1.0)).feasible:
        return None
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if place(_looser(problem, name, middle)).feasible:
            high = middle
        else:
            low = middle
    return high


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
