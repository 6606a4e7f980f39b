"""The placement that emits least."""

import numpy as np

from carbon.analysis.placement.problem import Floats, Placement, Problem
from carbon.analysis.placement.program import (
    REDUCED,
    Program,
    canonical_weights,
    is_blocked,
    program,
    shares_of,
    solve_shares,
    solve_whole,
)

ALIKE = 1e-12
"""Relative difference below which two places emit alike: the rounding of a product of factors."""

WITHIN = 1e-12
"""Relative excess over a limit that is rounding."""


def place(problem: Problem) -> Placement:
    """The placement that emits least and keeps every constraint.

    Minimises sum of kg[i, p] x[i, p] over x >= 0 with sum over p of x[i, p] = 1, where a load may
    run only where no barrier stands, where a place takes no more than its cap, where no more than
    its movable share of a load leaves its home, and where the cost is within the budget. Without a
    limit that ties loads together each goes to its own best place. Placements that emit alike are
    told apart in one way: what can stay stays, then the names of places decide.

    Args:
        problem: what is placed, where it may go.

    Returns:
        the placement; `feasible` is False where no placement keeps every constraint.
    """
    if is_blocked(problem).any():
        return _none(problem)
    alone = _each_alone(problem)
    if _within(problem, alone):
        return _answer(problem, alone)
    prog = program(problem)
    return _whole(problem, prog) if problem.whole else _shared(problem, prog)


def _each_alone(problem: Problem) -> Floats:
    """Each load in its own best place, as if it were the only one."""
    kg = np.where(problem.permitted, problem.kg, np.inf)
    best = kg.min(axis=1, keepdims=True)
    alike = kg <= best + np.abs(best) * ALIKE
    names = np.argsort(np.asarray(problem.places, dtype=object), kind="stable")
    first = names[np.argmax(alike[:, names], axis=1)]
    loads = np.arange(len(problem.home))
    chosen = np.where(alike[loads, problem.home], problem.home, first)
    free = problem.freedom
    shares = np.zeros(problem.kg.shape)
    shares[loads, problem.home] = 1.0 - free
    shares[loads, chosen] += free
    return shares


def _within(problem: Problem, shares: Floats) -> bool:
    """Whether the limits that tie loads together hold."""
    slack = problem.energy_kwh.sum() * WITHIN
    if (problem.energy_at(shares) > problem.cap_kwh + slack).any():
        return False
    if problem.budget is None or problem.cost is None:
        return True
    return problem.total(problem.cost, shares) <= problem.budget + abs(problem.budget) * WITHIN


def _shared(problem: Problem, prog: Program) -> Placement:
    """Loads may be shared out: two linear programs, the second among all that emit least."""
    kg, scale = _objective(problem, prog)
    first = solve_shares(prog, kg)
    if first is None:
        return _none(problem)
    duals = np.asarray(first.ineqlin.marginals) if len(prog.limits) else np.zeros(0)
    second = solve_shares(
        prog,
        canonical_weights(problem, prog),
        exact=duals < -REDUCED,
        closed=np.asarray(first.lower.marginals) > REDUCED,
    )
    # Rounding may leave the face of optima empty; the first answer is an optimum all the same.
    best = first if second is None else second
    per_kwh = np.zeros(len(problem.places))
    per_kwh[prog.caps] = duals[: len(prog.caps)] * scale / prog.energy_scale
    per_cost = float(duals[-1]) * scale / prog.cost_scale if prog.has_budget else 0.0
    return _answer(problem, shares_of(problem, prog, best.x), per_kwh, per_cost)


def _whole(problem: Problem, prog: Program) -> Placement:
    """Loads go as a whole: branch and bound, the second time among all that emit least."""
    kg, _ = _objective(problem, prog)
    first = solve_whole(prog, kg)
    if first is None:
        return _none(problem)
    best, proven = first, first.status == 0
    if proven:
        most = float(kg @ np.rint(first.x))
        second = solve_whole(
            prog, canonical_weights(problem, prog), most=(kg, most + abs(most) * ALIKE)
        )
        if second is not None and second.status == 0:
            best = second
    shares = shares_of(problem, prog, np.rint(best.x))
    return _answer(problem, shares, proven=proven)


def _objective(problem: Problem, prog: Program) -> tuple[Floats, float]:
    """kg of each cell in units of the greatest, and that unit."""
    kg = problem.kg[prog.rows, prog.cols] * problem.freedom[prog.rows]
    scale = float(np.abs(kg).max(initial=0.0)) or 1.0
    return kg / scale, scale


def _answer(
    problem: Problem,
    shares: Floats,
    kg_per_kwh: Floats | None = None,
    kg_per_cost: float = 0.0,
    *,
    proven: bool = True,
) -> Placement:
    cost = None if problem.cost is None else problem.total(problem.cost, shares)
    return Placement(
        feasible=True,
        shares=shares,
        kg=problem.total(problem.kg, shares),
        cost=None if cost is None or np.isnan(cost) else cost,
        kg_per_kwh=np.zeros(len(problem.places)) if kg_per_kwh is None else kg_per_kwh,
        kg_per_cost=kg_per_cost,
        proven=proven,
    )


def _none(problem: Problem) -> Placement:
    nothing = np.zeros(len(problem.places))
    return Placement(False, problem.today, None, None, nothing, 0.0)
