"""What each constraint costs in carbon: what would be emitted less if it gave a little.

A dual value says what the next kWh of room would save, and holds only for a little of it; so each
answer is computed by solving the question again with the constraint changed. Duals say beforehand
where that cannot help: for the duals of the first answer, Lagrange's bound on the second.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from carbon.analysis.placement.looser import least_kg, priced
from carbon.analysis.placement.problem import Barrier, Flags, Floats, Placement, Problem
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

    Each is solved anew, of a barrier the places or workloads one by one; what a bound on its saving
    shows to be outside the first `most` is not. For placements of whole loads the answers are
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
    prices = priced(problem, placement)
    now = placement.kg or 0.0
    least = NOTHING * max(abs(now), _scale(problem))
    tried = [*_of_caps(problem, placement), *_of_budget(problem, placement)]
    for barrier in problem.barriers:
        tried += _of_barrier(problem, prices, barrier)
    tried.sort(key=lambda one: (-one.price.kg, one.price.constraint, one.price.subject or ""))
    found: list[ShadowPrice] = []
    for one in tried:
        dearest = sorted((price.kg for price in found), reverse=True)
        if one.price.kg <= (dearest[most - 1] if len(dearest) >= most else least):
            break
        kg = now - least_kg(one.looser(), placement, prices)
        if kg > least:
            found.append(replace(one.price, kg=kg))
    found.sort(key=lambda price: (-price.kg, price.constraint, price.subject or ""))
    return tuple(found[:most])


@dataclass(frozen=True)
class _Tried:
    """A constraint that might cost carbon: its price, with a bound for `kg`, and the question.

    The least figure is convex in the room that there is, so no more is saved than the dual says.
    """

    price: ShadowPrice
    looser: Callable[[], Problem]


def _scale(problem: Problem) -> float:
    return float(np.abs(np.nan_to_num(problem.kg)).sum() / max(problem.kg.shape[1], 1))


def _of_caps(problem: Problem, placement: Placement) -> list[_Tried]:
    """Ten points more of a share, or a tenth more of a capacity, where a cap is full."""
    found = []
    total = float(problem.energy_kwh.sum())
    for at in np.flatnonzero(placement.kg_per_kwh < 0).tolist():
        cap = problem.caps[at]
        of = total if cap.loads is None else float(problem.energy_kwh[cap.loads].sum())
        by_share = cap.constraint in SHARES
        more = min(MORE_SHARE * of, of - cap.kwh) if by_share else MORE * cap.kwh
        step = more / of if by_share and of > 0 else more
        dual = -float(placement.kg_per_kwh[at])
        price = ShadowPrice(cap.constraint, cap.subject, "more", step, dual * more, dual)
        found.append(_Tried(price, partial(_with_room, problem, at, more)))
    return found


def _with_room(problem: Problem, at: int, more: float) -> Problem:
    cap = problem.caps[at]
    caps = (*problem.caps[:at], replace(cap, kwh=cap.kwh + more), *problem.caps[at + 1 :])
    return problem.changed(caps=caps)


def _of_budget(problem: Problem, placement: Placement) -> list[_Tried]:
    if problem.budget is None or placement.kg_per_cost >= 0:
        return []
    step, dual = MORE * abs(problem.budget), -placement.kg_per_cost
    price = ShadowPrice("max_cost", None, "more", step, dual * step, dual)
    return [_Tried(price, partial(problem.changed, budget=problem.budget + step))]


def _of_barrier(problem: Problem, prices: Floats, barrier: Barrier) -> list[_Tried]:
    """The places or workloads that a barrier is about, by the most that opening them can save."""
    now = np.where(problem.permitted, prices, np.inf).min(axis=1)
    then = np.where(problem.without(barrier.name).permitted, prices, np.inf)
    gain = np.maximum(now[:, None] - then, 0.0) * barrier.bars
    change = "allow" if barrier.by == "place" else "lift"
    return [
        _Tried(
            ShadowPrice(
                barrier.name,
                subject,
                change,
                None,
                float((gain * opened).max(axis=1, initial=0.0).sum()),
            ),
            partial(problem.without, barrier.name, opened),
        )
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
