"""A placement as a linear program, and HiGHS's answer to it.

Variables are the shares of loads in the places that may take them, x[i, p] >= 0 with
sum over p of x[i, p] = 1.
Rows are scaled to all energy and to the greatest cost, so that tolerances mean the same at any
size.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, linprog, milp
from scipy.sparse import csr_array, vstack

from carbon.analysis.placement.problem import Flags, Floats, Integers, Problem

TOLERANCE = 1e-10
"""Of HiGHS, on rows and reduced costs; the smallest that it takes."""

REDUCED = 1e-9
"""A reduced cost below is none: cells of one zone and one PUE differ by rounding alone."""

NODES = 200
"""How many nodes the search for whole loads visits: a limit on time would not repeat itself."""

FEW = 2_000
"""Cells up to which whole loads are looked at until nothing better is left."""

CLOSE = 2e-3
"""For more cells: share of the figure by which another placement may be better."""

SHARP = 1e3
"""Rows of whole loads are multiplied by this: HiGHS allows 1e-6 there, which would be too much."""


@dataclass(frozen=True)
class Program:
    """Cells that may be used, and the rows that tie them together.

    Attributes:
        rows: load of each cell.
        cols: place of each cell.
        each: loads x cells, sums the shares of a load.
        coupling: rows x cells, the caps and then, if there is one, the budget.
        limits: right-hand side of `coupling`.
        energy_scale: kWh that stand for 1 in a cap row.
        cost_scale: currency that stands for 1 in the budget's row.
    """

    rows: Integers
    cols: Integers
    each: csr_array
    coupling: csr_array
    limits: Floats
    energy_scale: float
    cost_scale: float


def program(problem: Problem) -> Program:
    """The rows and cells of a problem."""
    rows, cols = np.nonzero(problem.permitted)
    loads = len(problem.workloads)
    cells = np.arange(len(rows))
    each = csr_array((np.ones(len(rows)), (rows, cells)), shape=(loads, len(rows)))
    energy_scale = float(problem.energy_kwh.sum()) or 1.0
    energy = problem.energy_kwh[rows] / energy_scale
    counted = [np.flatnonzero(cap.counts(problem, rows, cols)) for cap in problem.caps]
    entries = [energy[inside] for inside in counted]
    limits = [cap.kwh / energy_scale for cap in problem.caps]
    cost_scale = 1.0
    if problem.budget is not None and problem.cost is not None:
        cost = problem.cost[rows, cols]
        cost_scale = float(np.abs(cost).max(initial=0.0)) * max(loads, 1) or 1.0
        counted.append(cells)
        entries.append(cost / cost_scale)
        limits.append(problem.budget / cost_scale)
    starts = np.cumsum([0, *(len(inside) for inside in counted)])
    coupling = csr_array(
        (np.concatenate([[], *entries]), np.concatenate([cells[:0], *counted]), starts),
        shape=(len(limits), len(rows)),
    )
    return Program(rows, cols, each, coupling, np.array(limits), energy_scale, cost_scale)


def shares_of(problem: Problem, prog: Program, solution: Floats) -> Floats:
    """Loads x places: the shares of cells, without the crumbs of rounding."""
    shares = np.zeros(problem.kg.shape)
    shares[prog.rows, prog.cols] = np.where(solution < TOLERANCE, 0.0, solution)
    found: Floats = shares / shares.sum(axis=1, keepdims=True)
    return found


def canonical_weights(problem: Problem, prog: Program) -> Floats:
    """What decides between placements that emit alike: stay, then the places in their names' order.

    Moving costs a load's share of energy; going to a place late in the order a quarter of that at
    most, and more for later loads, so that two loads never change places without a reason.
    """
    loads, places = problem.kg.shape
    order = np.empty(places)
    order[np.argsort(np.asarray(problem.places, dtype=object), kind="stable")] = np.arange(places)
    size = problem.energy_kwh / prog.energy_scale + 1e-3 / max(loads, 1)
    late = (1.0 + np.arange(loads) / max(loads, 1)) / 2.0
    weights = (prog.cols != problem.home[prog.rows]) + (
        0.25 * order[prog.cols] / max(places, 1) * late[prog.rows]
    )
    found: Floats = weights * size[prog.rows]
    return found


def solve_shares(
    prog: Program,
    objective: Floats,
    *,
    exact: Flags | None = None,
    closed: Flags | None = None,
) -> OptimizeResult:
    """HiGHS's dual simplex, or None where no placement fulfils the rows.

    Args:
        prog: the rows.
        objective: of each cell.
        exact: coupling rows that hold with equality.
        closed: cells that stay at zero.
    """
    equal = np.zeros(len(prog.limits), dtype=bool) if exact is None else exact
    ceiling = np.full(len(objective), np.inf)
    if closed is not None:
        ceiling[closed] = 0.0
    loads = prog.each.shape[0]
    result = linprog(
        objective,
        A_ub=prog.coupling[~equal, :] if (~equal).any() else None,
        b_ub=prog.limits[~equal] if (~equal).any() else None,
        A_eq=vstack([prog.each, prog.coupling[equal, :]], format="csr"),
        b_eq=np.concatenate([np.ones(loads), prog.limits[equal]]),
        bounds=np.column_stack([np.zeros(len(objective)), ceiling]),
        method="highs-ds",
        options={
            "primal_feasibility_tolerance": TOLERANCE,
            "dual_feasibility_tolerance": TOLERANCE,
        },
    )
    if result.status not in (0, 2):
        raise ArithmeticError(f"The linear program could not be solved: {result.message}")
    return result if result.status == 0 else None


def solve_whole(
    prog: Program, objective: Floats, *, most: tuple[Floats, float] | None = None
) -> OptimizeResult:
    """HiGHS's branch and bound over whole loads, or None where there is no placement.

    Args:
        prog: the rows.
        objective: of each cell.
        most: a further row, and the most that it may come to.
    """
    loads = prog.each.shape[0]
    rows = [LinearConstraint(prog.each, np.ones(loads), np.ones(loads))]
    if len(prog.limits):
        rows.append(LinearConstraint(prog.coupling * SHARP, -np.inf, prog.limits * SHARP))
    if most is not None:
        rows.append(LinearConstraint(csr_array(most[0][None, :]) * SHARP, -np.inf, most[1] * SHARP))
    result = milp(
        objective,
        integrality=np.ones(len(objective)),
        bounds=Bounds(0.0, 1.0),
        constraints=rows,
        options={
            "mip_rel_gap": 1e-9 if len(objective) <= FEW else CLOSE,
            "node_limit": NODES * max(1, FEW // max(len(objective), 1)),
        },
    )
    return None if result.x is None else result
