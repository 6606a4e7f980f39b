"""A placement as a linear program, and HiGHS's answer to it.

Variables are the movable shares of loads in the places that may take them, y[i, p] >= 0 with
sum over p of y[i, p] = 1. What may not move (1 - freedom) stays in the home and is a constant.
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

NODES = 20_000
"""How many nodes the search for whole loads visits: a limit on time would not repeat itself."""

SHARP = 1e3
"""Rows of whole loads are multiplied by this: HiGHS allows 1e-6 there, which would be too much."""


@dataclass(frozen=True)
class Program:
    """Cells that may be used, and the rows that tie them together.

    Attributes:
        rows: load of each cell.
        cols: place of each cell.
        each: loads x cells, sums the shares of a load.
        coupling: rows x cells, caps of places and then the budget.
        limits: right-hand side of `coupling`.
        caps: the place of each cap row; the budget's row, if there is one, follows them.
        energy_scale: kWh that stand for 1 in a cap row.
        cost_scale: currency that stands for 1 in the budget's row.
    """

    rows: Integers
    cols: Integers
    each: csr_array
    coupling: csr_array
    limits: Floats
    caps: Integers
    energy_scale: float
    cost_scale: float

    @property
    def has_budget(self) -> bool:
        """Whether the last coupling row is the budget."""
        return len(self.limits) > len(self.caps)


def program(problem: Problem) -> Program:
    """The rows and cells of a problem."""
    rows, cols = np.nonzero(problem.permitted)
    loads, places = problem.kg.shape
    cells = np.arange(len(rows))
    each = csr_array((np.ones(len(rows)), (rows, cells)), shape=(loads, len(rows)))
    free = problem.freedom
    energy_scale = float(problem.energy_kwh.sum()) or 1.0
    caps = np.flatnonzero(np.isfinite(problem.cap_kwh))
    stays = problem.energy_kwh * (1.0 - free) / energy_scale
    at_place = csr_array(
        ((problem.energy_kwh * free)[rows] / energy_scale, (cols, cells)),
        shape=(places, len(rows)),
    )
    coupling = at_place[caps, :]
    fixed = np.bincount(problem.home, weights=stays, minlength=places)
    limits = problem.cap_kwh[caps] / energy_scale - fixed[caps]
    cost_scale = 1.0
    if problem.budget is not None and problem.cost is not None:
        cost = problem.cost[rows, cols] * free[rows]
        cost_scale = float(np.abs(cost).max(initial=0.0)) * max(loads, 1) or 1.0
        coupling = vstack([coupling, csr_array((cost / cost_scale)[None, :])], format="csr")
        limit = (problem.budget - _staying(problem, problem.cost)) / cost_scale
        limits = np.append(limits, limit)
    return Program(rows, cols, each, coupling, limits, caps, energy_scale, cost_scale)


def _staying(problem: Problem, rates: Floats) -> float:
    """What the shares that may not move emit or cost at home."""
    at_home = rates[np.arange(len(problem.home)), problem.home]
    kept = 1.0 - problem.freedom
    return float(np.where(kept > 0, at_home, 0.0) @ kept)


def is_blocked(problem: Problem) -> Flags:
    """Of each load, whether it has no place at all: what stays may not stay, or nowhere to go."""
    permitted = problem.permitted
    home = permitted[np.arange(len(problem.home)), problem.home]
    found: Flags = ~permitted.any(axis=1) | ((problem.freedom < 1.0) & ~home)
    return found


def shares_of(problem: Problem, prog: Program, solution: Floats) -> Floats:
    """Loads x places: shares, from the movable shares of cells."""
    moved = np.zeros(problem.kg.shape)
    moved[prog.rows, prog.cols] = np.where(solution < TOLERANCE, 0.0, solution)
    moved /= moved.sum(axis=1, keepdims=True)
    free = problem.freedom[:, None]
    return (1.0 - free) * problem.at_home + free * moved


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
    found: Floats = weights * (size * problem.freedom)[prog.rows]
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
        options={"mip_rel_gap": 1e-9, "node_limit": NODES},
    )
    return None if result.x is None else result
