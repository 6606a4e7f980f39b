"""A placement as moves of a scenario, so that the what-if gives the same figures."""

from collections.abc import Sequence

import numpy as np

from carbon.analysis.placement.problem import Floats
from carbon.analysis.placement.question import Question
from carbon.analysis.whatif.scenario import Move

CRUMB = 1e-9
"""Share of a load that is rounding."""

DIGITS = 12
"""Decimals of a move's share: beyond them is the rounding of the solver."""


def moves_of(asked: Question, shares: Floats) -> tuple[Move, ...]:
    """The moves that bring about a placement.

    Each takes from one place of today only what has not moved yet; so of shares w1, w2, … of a load
    the k-th move takes `w_k / (1 - w_1 - … - w_(k-1))`. Workloads that do the same share a move.

    Args:
        asked: the question.
        shares: loads x places, of its answer.
    """
    taken: dict[tuple[str, str, float], list[str]] = {}
    problem = asked.problem
    for load, workload in enumerate(problem.workloads):
        row = shares[load].copy()
        stays = float(row[problem.home[load]])
        row[problem.home[load]] = 0.0
        targets = [at for at in np.argsort(problem.places) if row[at] > CRUMB]
        rest = 1.0
        for at in targets:
            last = at == targets[-1] and stays <= CRUMB
            share = 1.0 if last else round(min(1.0, float(row[at]) / rest), DIGITS)
            rest -= float(row[at])
            key = (asked.home_names[load], problem.places[at], share)
            taken.setdefault(key, []).append(workload)
    return tuple(
        _move(names, origin, target, share) for (origin, target, share), names in taken.items()
    )


def _move(workloads: Sequence[str], origin: str, target: str, share: float) -> Move:
    kind, _, name = target.partition(":")
    where = {"zone": {"to_zone": name}, "site": {"to_site": name}}.get(
        kind, {"to_provider": kind, "to_region": name}
    )
    return Move(workload=tuple(sorted(workloads)), share=share, from_place=origin, **where)
