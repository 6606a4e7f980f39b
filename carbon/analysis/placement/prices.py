"""What each constraint costs in carbon: what would be emitted less if it gave a little.

A dual value says what the next kWh of room would save, and holds only for a little of it; so each
answer is computed by solving the question again with the constraint changed. Duals say beforehand
where that cannot help: for the duals of the first answer, Lagrange's bound on the second.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from carbon.analysis.placement.problem import Barrier, Flags, Placement, Problem
from carbon.analysis.placement.solve import place

MORE_SHARE = 0.10
"""Ten percentage points more of all energy: the step in which a person thinks of it."""

MORE = 0.10
"""A tenth more of a capacity or a budget."""

SHARES = ("max_share_per_region", "capacity_share", "movable_share")
"""Caps that are stated as a share: of all energy, or of a workload's."""

NOTHING = 1e-9
"""Share of the total below which a saving is rounding."""


@dataclass(frozen=True)
class ShadowPrice:
    """What changing one constraint would lower the figure by.

    Attributes:
        constraint: its name, as in a scenario file.
        subject: the place or workload that it is about; None where it is about everything.
        change: what is changed: "allow", "lift" or "more".
        step: how much more: a share of all energy (of a workload's for `movable_share`), kWh, or
            an amount of money; None for the others.
        kg: what the whole would emit less over the period [kgCO2e], never negative.
        kg_per_unit: the dual, what the next unit of room would save [kgCO2e per kWh or per unit of
            money]; None where the constraint is no number.
    """

    constraint: str
    subject: str | None
    change: str
    step: float | None
    kg: float
    kg_per_unit: float | None = None


def shadow_prices(
    problem: Problem, placement: Placement, most: int = 10
) -> tuple[ShadowPrice, ...]:
    """Every constraint that costs carbon, the dearest first.

    Of a barrier the places or workloads are tried one by one; whatever a bound on its saving shows
    to be outside the first `most` is not solved. For placements of whole loads the answers are
    those of loads that may be shared out, since whole loads have no duals.

    Args:
        problem: the question.
        placement: its answer, of `place`.
        most: how many are given.

    Returns:
        by falling saving, then by name; only such as save anything.
    """
    if not placement.feasible:
        return ()
    if problem.whole:
        problem = problem.changed(whole=False)
        placement = place(problem)
    now = placement.kg or 0.0
    least = NOTHING * max(abs(now), _scale(problem))
    found = [*_of_caps(problem, placement), *_of_budget(problem, placement)]
    found = [price for price in found if price.kg > least]
    for barrier in problem.barriers:
        found += _of_barrier(problem, placement, barrier, least, most)
    found.sort(key=lambda price: (-price.kg, price.constraint, price.subject or ""))
    return tuple(found[:most])


def _scale(problem: Problem) -> float:
    return float(np.abs(np.nan_to_num(problem.kg)).sum() / max(problem.kg.shape[1], 1))


def _saving(placement: Placement, changed: Problem) -> float:
    """What the changed question emits less; more room never emits more."""
    after = place(changed)
    return max((placement.kg or 0.0) - (after.kg if after.kg is not None else np.inf), 0.0)


def _of_caps(problem: Problem, placement: Placement) -> list[ShadowPrice]:
    """Ten points more of a share, or a tenth more of a capacity, where a cap is full."""
    found = []
    total = float(problem.energy_kwh.sum())
    for at in np.flatnonzero(placement.kg_per_kwh < 0).tolist():
        cap = problem.caps[at]
        of = total if cap.loads is None else float(problem.energy_kwh[cap.loads].sum())
        by_share = cap.constraint in SHARES
        more = min(MORE_SHARE * of, of - cap.kwh) if by_share else MORE * cap.kwh
        caps = (*problem.caps[:at], replace(cap, kwh=cap.kwh + more), *problem.caps[at + 1 :])
        step = more / of if by_share and of > 0 else more
        kg = _saving(placement, problem.changed(caps=caps))
        dual = -float(placement.kg_per_kwh[at])
        found.append(ShadowPrice(cap.constraint, cap.subject, "more", step, kg, dual))
    return found


def _of_budget(problem: Problem, placement: Placement) -> list[ShadowPrice]:
    if problem.budget is None or placement.kg_per_cost >= 0:
        return []
    step = MORE * abs(problem.budget)
    kg = _saving(placement, problem.changed(budget=problem.budget + step))
    return [ShadowPrice("max_cost", None, "more", step, kg, -placement.kg_per_cost)]


def _of_barrier(
    problem: Problem, placement: Placement, barrier: Barrier, least: float, most: int
) -> list[ShadowPrice]:
    """The places or workloads whose opening saves most, solved until no other can be among them."""
    bounds = _bounds(problem, placement, barrier)
    found: list[ShadowPrice] = []
    for subject, opened, bound in sorted(bounds, key=lambda entry: (-entry[2], entry[0])):
        ranked = sorted((price.kg for price in found), reverse=True)
        floor = ranked[most - 1] if len(ranked) >= most else least
        if bound <= floor:
            break
        kg = _saving(placement, problem.without(barrier.name, opened))
        if kg > least:
            change = "allow" if barrier.by == "place" else "lift"
            found.append(ShadowPrice(barrier.name, subject, change, None, kg))
    return found


def _bounds(
    problem: Problem, placement: Placement, barrier: Barrier
) -> list[tuple[str, Flags, float]]:
    """Of each place or workload: its cells that would open, and the most that this can save."""
    rows, cols = np.indices(problem.kg.shape).reshape(2, -1)
    dual = np.zeros(len(rows))
    for at in np.flatnonzero(placement.kg_per_kwh < 0).tolist():
        dual += placement.kg_per_kwh[at] * problem.caps[at].counts(problem, rows, cols)
    priced = problem.kg - dual.reshape(problem.kg.shape) * problem.energy_kwh[:, None]
    if problem.budget is not None and problem.cost is not None:
        priced = priced - placement.kg_per_cost * problem.cost
    now = np.where(problem.permitted, priced, np.inf).min(axis=1)
    then = np.where(problem.without(barrier.name).permitted, priced, np.inf)
    gain = np.maximum(now[:, None] - then, 0.0) * barrier.bars
    return [
        (subject, opened, float((gain * opened).max(axis=1, initial=0.0).sum()))
        for subject, opened in _subjects(problem, barrier)
    ]


def _subjects(problem: Problem, barrier: Barrier) -> list[tuple[str, Flags]]:
    """What a person would open, each with its cells."""
    shape = problem.kg.shape
    pick: Callable[[str], Flags]
    if barrier.by == "place":
        names = np.asarray(problem.places, dtype=object)

        def pick(name: str) -> Flags:
            return np.broadcast_to((names == name)[None, :], shape)
    else:
        names = np.asarray(problem.workloads, dtype=object)

        def pick(name: str) -> Flags:
            return np.broadcast_to((names == name)[:, None], shape)

    cells = [(name, pick(name)) for name in sorted(set(names))]
    return [(name, cell) for name, cell in cells if (cell & barrier.bars).any()]
