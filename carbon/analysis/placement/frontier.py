"""What less carbon costs: placements between the cheapest and the one that emits least.

Epsilon-constraint method (Haimes, Lasdon and Wismer 1971, IEEE Transactions on Systems, Man, and
Cybernetics 1): least carbon within a budget, for budgets between the two ends. Of a linear program
that frontier is convex, so that every further unit of money buys less.
"""

from dataclasses import dataclass

import numpy as np

from carbon.analysis.placement.problem import Floats, Placement, Problem
from carbon.analysis.placement.solve import place

SAME = 1e-9
"""Relative difference of cost and carbon below which two points are one."""


@dataclass(frozen=True)
class FrontierPoint:
    """A placement that no other beats on carbon and cost together.

    Attributes:
        cost: what it costs over the period.
        kg: what it emits over the period [kgCO2e].
        kg_per_cost: what one more unit of money would change there [kgCO2e], zero or negative.
        shares: loads x places.
    """

    cost: float
    kg: float
    kg_per_cost: float
    shares: Floats


def frontier(problem: Problem, points: int = 12) -> tuple[FrontierPoint, ...]:
    """The trade-off of carbon and cost, from the cheapest placement to the one that emits least.

    Args:
        problem: what is placed; its own budget, if it has one, ends the frontier.
        points: how many budgets are tried, at least 2; evenly spaced in cost.

    Returns:
        points by rising cost and falling carbon; of points alike the cheaper one. Empty where no
        price is known or no placement keeps the constraints.

    Raises:
        ValueError: fewer than two points.
    """
    if points < 2:
        raise ValueError(f"a frontier has two ends; {points} points are too few")
    if problem.cost is None:
        return ()
    priced = problem.changed(kg=np.where(np.isfinite(problem.cost), problem.kg, np.nan))
    cheapest = _cost_of(place(_by_cost(priced, problem.cost)), priced)
    cleanest = place(priced)
    if cheapest is None or not cleanest.feasible or cleanest.cost is None:
        return ()
    budgets = np.linspace(cheapest, max(cheapest, cleanest.cost), points)
    found = [_point(priced, float(budget)) for budget in budgets]
    return _falling([point for point in found if point is not None])


def _by_cost(problem: Problem, cost: Floats) -> Problem:
    """The question of least cost: cost in the place of carbon."""
    return problem.changed(kg=np.where(np.isfinite(problem.kg), cost, np.nan), budget=None)


def _cost_of(placement: Placement, problem: Problem) -> float | None:
    """The least cost; None where nothing fits, or not within the problem's own budget."""
    if not placement.feasible or placement.kg is None:
        return None
    over = problem.budget is not None and placement.kg > problem.budget + abs(placement.kg) * SAME
    return None if over else placement.kg


def _point(problem: Problem, budget: float) -> FrontierPoint | None:
    """Least carbon within a budget; the budget is loosened by the rounding of its own sum."""
    found = place(problem.changed(budget=budget + abs(budget) * SAME / 10))
    if not found.feasible or found.kg is None or found.cost is None:
        return None
    return FrontierPoint(found.cost, found.kg, found.kg_per_cost, found.shares)


def _falling(points: list[FrontierPoint]) -> tuple[FrontierPoint, ...]:
    """By cost, without those that cost more and emit no less."""
    kept: list[FrontierPoint] = []
    for point in sorted(points, key=lambda p: (p.cost, p.kg)):
        if not kept or point.kg < kept[-1].kg - abs(kept[-1].kg) * SAME:
            kept.append(point)
    return tuple(kept)
