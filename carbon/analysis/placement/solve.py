"""The placement that emits least."""

import numpy as np

from carbon.analysis.placement.problem import Floats, Placement, Problem
from carbon.analysis.placement.program import (
    FEW,
    REDUCED,
    Program,
    canonical_weights,
    program,
    shares_of,
    solve_shares,
    solve_whole,
)

ALIKE = 1e-12
"""Relative difference below which two places emit alike: the rounding of a product of factors."""

EXACT = 1e-8
"""Relative gap below which the search for whole loads has found the best."""

NEAR = 8
"""Of many whole loads: places of each that are looked at, the nearest to be worth it."""

STRIDE = 7
"""Places by which each load begins later than the one before to look among alike ones."""

WITHIN = 1e-12
"""Relative excess over a limit that is rounding."""


def place(problem: Problem, *, canonical: bool = True) -> Placement:
    """The placement that emits least and keeps every constraint.

    Minimises sum of kg[i, p] x[i, p] over x >= 0 with sum over p of x[i, p] = 1, where a load may
    run only where no barrier stands, no cap is exceeded, and the cost is within the budget. Without
    a limit that ties loads together each goes to its own best place. Placements that emit alike are
    told apart in one way: what can stay stays, then the names of places decide.

    Args:
        problem: what is placed, where it may go.
        canonical: tell placements apart that emit alike. Without, any of them will do, where loads
            may be shared out; it takes half the time.

    Returns:
        the placement; `feasible` is False where no placement keeps every constraint.
    """
    if not problem.permitted.any(axis=1).all():
        return _none(problem)
    alone = _each_alone(problem)
    if _within(problem, alone):
        return _answer(problem, alone)
    prog = program(problem)
    return _whole(problem, prog) if problem.whole else _shared(problem, prog, canonical)


def _each_alone(problem: Problem) -> Floats:
    """Each load in its own best place, as if it were the only one."""
    kg = np.where(problem.permitted, problem.kg, np.inf)
    best = kg.min(axis=1, keepdims=True)
    alike = kg <= best + np.abs(best) * ALIKE
    names = np.argsort(np.asarray(problem.places, dtype=object), kind="stable")
    first = names[np.argmax(alike[:, names], axis=1)]
    loads = np.arange(len(problem.home))
    chosen = np.where(alike[loads, problem.home], problem.home, first)
    shares = np.zeros(problem.kg.shape)
    shares[loads, chosen] = 1.0
    return shares


def _within(problem: Problem, shares: Floats) -> bool:
    """Whether the limits that tie loads together hold."""
    slack = problem.energy_kwh.sum() * WITHIN
    limits = np.array([cap.kwh for cap in problem.caps])
    if (problem.capped_kwh(shares) > limits + slack).any():
        return False
    if problem.budget is None or problem.cost is None:
        return True
    return problem.total(problem.cost, shares) <= problem.budget + abs(problem.budget) * WITHIN


def _shared(problem: Problem, prog: Program, canonical: bool) -> Placement:
    """Loads may be shared out: two linear programs, the second among all that emit least."""
    kg, scale = _objective(problem, prog)
    first = solve_shares(prog, kg)
    if first is None:
        return _none(problem)
    duals = np.asarray(first.ineqlin.marginals) if len(prog.limits) else np.zeros(0)
    second = None
    if canonical:
        second = solve_shares(
            prog,
            canonical_weights(problem, prog),
            exact=duals < -REDUCED,
            closed=np.asarray(first.lower.marginals) > REDUCED,
        )
    # Rounding may leave the face of optima empty; the first answer is an optimum all the same.
    best = first if second is None else second
    per_kwh = duals[: len(problem.caps)] * scale / prog.energy_scale
    per_cost = 0.0 if problem.budget is None else float(duals[-1]) * scale / prog.cost_scale
    return _answer(problem, shares_of(problem, prog, best.x), per_kwh, per_cost)


def _whole_of_many(problem: Problem, prog: Program) -> Placement | None:
    """Whole loads in those cells that would be nearly worth it if loads could be shared out.

    None where these cells leave no placement. The gap is that to loads shared out, which no whole
    ones beat.
    """
    kg, scale = _objective(problem, prog)
    shared = solve_shares(prog, kg)
    if shared is None:
        return _none(problem)
    near = np.zeros(problem.kg.shape, dtype=bool)
    near[prog.rows, prog.cols] = shared.x > 0
    reduced: Floats = np.full(problem.kg.shape, np.inf)
    reduced[prog.rows, prog.cols] = np.where(
        shared.lower.marginals > REDUCED, shared.lower.marginals, 0.0
    )
    # Of alike places each load begins with another one, or all would look at the same few.
    at_load, at_place = np.indices(problem.kg.shape)
    turn = (at_place - STRIDE * at_load) % len(problem.places)
    np.put_along_axis(near, np.lexsort((turn, reduced), axis=1)[:, :NEAR], True, axis=1)
    fewer = problem.changed(kg=np.where(near, problem.kg, np.nan))
    small = program(fewer)
    found = solve_whole(small, _objective(fewer, small)[0])
    if found is None:
        return None
    shares = shares_of(problem, small, np.rint(found.x))
    total = problem.total(problem.kg, shares)
    gap = 1 - float(shared.fun) * scale / total if total > 0 else 0.0
    return _answer(problem, shares, gap=gap if gap > EXACT else 0.0)


def _whole(problem: Problem, prog: Program) -> Placement:
    """Loads go as a whole: branch and bound, the second time among all that emit least."""
    if len(prog.rows) > FEW and (found := _whole_of_many(problem, prog)) is not None:
        return found
    kg, _ = _objective(problem, prog)
    first = solve_whole(prog, kg)
    if first is None:
        return _none(problem)
    best, gap = first, max(float(first.mip_gap or 0.0), 0.0)
    if first.status == 0 and len(kg) <= FEW:
        most = float(kg @ np.rint(first.x))
        second = solve_whole(
            prog, canonical_weights(problem, prog), most=(kg, most + abs(most) * ALIKE)
        )
        if second is not None and second.status == 0:
            best = second
    shares = shares_of(problem, prog, np.rint(best.x))
    return _answer(problem, shares, gap=0.0 if gap <= EXACT else gap)


def _objective(problem: Problem, prog: Program) -> tuple[Floats, float]:
    """kg of each cell in units of the greatest, and that unit."""
    kg = problem.kg[prog.rows, prog.cols]
    scale = float(np.abs(kg).max(initial=0.0)) or 1.0
    return kg / scale, scale


def _answer(
    problem: Problem,
    shares: Floats,
    kg_per_kwh: Floats | None = None,
    kg_per_cost: float = 0.0,
    *,
    gap: float = 0.0,
) -> Placement:
    cost = None if problem.cost is None else problem.total(problem.cost, shares)
    return Placement(
        feasible=True,
        shares=shares,
        kg=problem.total(problem.kg, shares),
        cost=None if cost is None or np.isnan(cost) else cost,
        kg_per_kwh=np.zeros(len(problem.caps)) if kg_per_kwh is None else kg_per_kwh,
        kg_per_cost=kg_per_cost,
        gap=gap,
    )


def _none(problem: Problem) -> Placement:
    nothing = np.zeros(len(problem.caps))
    return Placement(False, problem.today, None, None, nothing, 0.0)
