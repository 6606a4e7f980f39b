"""The least figure of questions that differ from an answered one by a little more room.

Sifting (Bixby and others 1992, "Very large-scale linear programming: a case study in combining
interior point and simplex methods", Operations Research 40): the program is solved with few of its
cells, and those are added that its duals show to be worth it, until there are none. So the answer
is that of all cells. The old answer still keeps every constraint, so there always is one.
"""

import numpy as np

from carbon.analysis.placement.problem import Flags, Floats, Placement, Problem
from carbon.analysis.placement.solve import place

FIRST = 3
"""Cells of each load that are looked at first: the cheapest by the old duals."""

WORTH = 1e-10
"""Reduced cost, as a share of the greatest figure, below which a cell is not worth adding."""


def priced(problem: Problem, placement: Placement) -> Floats:
    """Loads x places: kg of a load in a place, and what the room that it takes is worth [kgCO2e].

    `kg - sum over caps of dual x kWh that count - dual of the budget x cost`, duals being negative.
    """
    rows, cols = np.indices(problem.kg.shape).reshape(2, -1)
    dual = np.zeros(len(rows))
    for at in np.flatnonzero(placement.kg_per_kwh < 0).tolist():
        dual += placement.kg_per_kwh[at] * problem.caps[at].counts(problem, rows, cols)
    found: Floats = problem.kg - dual.reshape(problem.kg.shape) * problem.energy_kwh[:, None]
    if problem.budget is not None and problem.cost is not None:
        found = found - placement.kg_per_cost * problem.cost
    return found


def least_kg(looser: Problem, placement: Placement, prices: Floats) -> float:
    """What the best placement of a looser question emits [kgCO2e].

    Args:
        looser: the answered question with a barrier lifted, or more room; not of whole loads.
        placement: the answer to the question, feasible.
        prices: `priced` of both.
    """
    open_ = looser.permitted
    keep = (placement.shares > 0) | _cheapest(np.where(open_, prices, np.inf))
    worth = WORTH * float(np.abs(looser.kg[open_]).max(initial=0.0))
    while True:
        found = place(looser.changed(kg=np.where(keep, looser.kg, np.nan)), canonical=False)
        if found.kg is None:
            # The old answer keeps limits but for its rounding: too much at times with few cells.
            if keep.all():
                raise ArithmeticError("A looser question has lost the answer of the stricter one.")
            keep = np.ones_like(keep)
            continue
        now = np.where(open_, priced(looser, found), np.inf)
        least = np.where(keep, now, np.inf).min(axis=1, keepdims=True)
        missing = (now < least - worth) & ~keep
        if not missing.any():
            return found.kg
        keep |= missing & _cheapest(now)


def _cheapest(prices: Floats) -> Flags:
    """The FIRST cheapest cells of each load."""
    last = min(FIRST, prices.shape[1]) - 1
    found: Flags = prices <= np.partition(prices, last, axis=1)[:, last : last + 1]
    return found & np.isfinite(prices)
