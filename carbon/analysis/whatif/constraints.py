"""What a scenario breaks: each limit, where, and by how much, in words."""

from collections.abc import Iterable

import numpy as np

from carbon.analysis.whatif.groups import matches
from carbon.analysis.whatif.limits import (
    Mask,
    equipped,
    near_enough,
    open_to_moves,
    point_of,
    resident,
    specific_last,
)
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.scenario import EVERY, Constraints, Scenario
from carbon.analysis.whatif.state import Computed
from carbon.analysis.whatif.today import Today

HARDLY = 1e-9
"""Share beyond a limit that is rounding."""

NAMED = 5
"""Workloads that a violation names; it counts the others."""

Violation = dict[str, str]


def violations(
    today: Today, places: Places, scenario: Scenario, state: Computed
) -> list[Violation]:
    """Every limit that the scenario breaks.

    Args:
        today: the rows.
        places: where they may run.
        scenario: with its constraints.
        state: the load of the scenario.

    Returns:
        constraint, where and words of each.
    """
    limits = scenario.constraints
    broken = _unknown_names(today, places, limits)
    broken += _of_places(today, places, limits, state)
    broken += _of_shares(places, limits, state)
    broken += _of_movable(today, limits, state)
    if limits.max_cost is not None:
        broken += _of_cost(limits.max_cost, state)
    return broken


def _of_places(
    today: Today, places: Places, limits: Constraints, state: Computed
) -> list[Violation]:
    """Limits on where a row may be; one violation per limit and place, which names workloads."""
    flow = state.flow
    energy = state.measures["work_kwh"].by_row
    moved = flow.shares > HARDLY
    stays = flow.stay > HARDLY
    opened = open_to_moves(places, limits)[flow.targets]
    checks: list[tuple[str, Mask, Mask | None, str]] = [
        ("allowed_regions", moved & ~opened, None, "is not among the places where load may go"),
    ]
    if limits.residency:
        checks.append(
            (
                "residency",
                moved & ~resident(today, places, limits, flow.targets),
                stays & ~_diagonal(resident(today, places, limits, flow.homes)),
                "lies outside of where it has to be",
            )
        )
    if limits.accelerators_by_region:
        checks.append(
            (
                "accelerators_by_region",
                moved & ~equipped(today, places, limits, flow.targets),
                None,
                "does not offer its accelerator",
            )
        )
    if limits.max_latency_ms:
        checks.append(
            (
                "max_latency_ms",
                moved & ~near_enough(today, places, limits, flow.targets),
                stays & ~_diagonal(near_enough(today, places, limits, flow.homes)),
                "is farther from its users than allowed, or the distance is not known",
            )
        )
    found: dict[tuple[str, str, str], set[str]] = {}
    for name, going, staying, words in checks:
        for row, target in zip(*np.nonzero(going & (energy > 0)[:, None]), strict=True):
            of_place = found.setdefault((name, places.ids[flow.targets[target]], words), set())
            of_place.add(today.workloads[today.workload_of[row]])
        if staying is not None:
            for row in np.nonzero(staying & (energy > 0))[0]:
                key = (name, str(today.stands["place"][row]), f"{words}, as today")
                found.setdefault(key, set()).add(today.workloads[today.workload_of[row]])
    return [
        {"constraint": name, "where": place, "words": f"{_few(workloads)}: {place} {words}."}
        for (name, place, words), workloads in sorted(found.items())
    ]


def _few(workloads: set[str]) -> str:
    names = sorted(workloads)
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _of_shares(places: Places, limits: Constraints, state: Computed) -> list[Violation]:
    energy = state.measures["work_kwh"].by_place(
        state.flow.homes, state.flow.targets, len(places.ids)
    )[:-1]
    whole = state.measures["work_kwh"].total
    broken = []
    if limits.max_share_per_region is not None and whole > 0:
        most = limits.max_share_per_region
        broken += [
            _too_much("max_share_per_region", places.ids[at], energy[at] / whole, most)
            for at in np.nonzero(energy > whole * (most + HARDLY))[0]
        ]
    for name, most in limits.capacity_share.items():
        share = energy[matches(places, name)].sum() / whole if whole > 0 else 0.0
        if share > most + HARDLY:
            broken.append(_too_much("capacity_share", name, share, most))
    for name, kwh in limits.capacity_kwh.items():
        there = energy[matches(places, name)].sum()
        if there > kwh * (1 + HARDLY):
            words = f"{name} would have {there:,.0f} kWh of IT energy; its capacity is {kwh:,.0f}."
            broken.append({"constraint": "capacity_kwh", "where": name, "words": words})
    return broken


def _too_much(constraint: str, where: str, share: float, most: float) -> Violation:
    words = f"{where} would have {share:.1%} of all IT energy; at most {most:.1%} is allowed."
    return {"constraint": constraint, "where": where, "words": words}


def _of_movable(today: Today, limits: Constraints, state: Computed) -> list[Violation]:
    if not limits.movable_share:
        return []
    energy = state.measures["work_kwh"].by_row
    count = len(today.workloads)
    whole = np.bincount(today.workload_of, energy, count)
    moved = np.bincount(today.workload_of, energy * (1 - state.flow.stay), count)
    most = np.ones(count)
    for workload, share in specific_last(limits.movable_share):
        most[[workload in (EVERY, name) for name in today.workloads]] = share
    return [
        {
            "constraint": "movable_share",
            "where": today.workloads[at],
            "words": f"{today.workloads[at]}: {moved[at] / whole[at]:.1%} of its energy would "
            f"move; at most {most[at]:.1%} may.",
        }
        for at in np.nonzero(moved > whole * (most + HARDLY))[0]
    ]


def _of_cost(most: float, state: Computed) -> list[Violation]:
    cost = state.cost.total
    if cost <= most * (1 + HARDLY):
        return []
    words = f"The load whose price is known would cost {cost:,.2f}; at most {most:,.2f} is allowed."
    return [{"constraint": "max_cost", "where": "all", "words": words}]


def _unknown_names(today: Today, places: Places, limits: Constraints) -> list[Violation]:
    """A limit that names nothing known would hold nothing, without a word."""
    named: dict[str, tuple[str, ...]] = {
        "allowed_regions": limits.allowed_regions,
        "forbidden": limits.forbidden,
        "capacity_share": tuple(limits.capacity_share),
        "capacity_kwh": tuple(limits.capacity_kwh),
        "accelerators_by_region": tuple(limits.accelerators_by_region),
        "residency": tuple(name for names in limits.residency.values() for name in names),
        "users": tuple(where for where in limits.users.values() if point_of(places, where) is None),
    }
    broken = [
        {"constraint": key, "where": name, "words": f"No place is called {name!r}; correct it."}
        for key, names in named.items()
        for name in names
        if not matches(places, name).any()
    ]
    whose: dict[str, Iterable[str]] = {
        "residency": limits.residency,
        "max_latency_ms": limits.max_latency_ms,
        "users": limits.users,
        "movable_share": limits.movable_share,
    }
    return broken + [
        {
            "constraint": key,
            "where": name,
            "words": f"No workload is called {name!r} in these months; correct it.",
        }
        for key, stated in whose.items()
        for name in stated
        if name != EVERY and name not in today.names["workload"]
    ]


def _diagonal(square: Mask) -> Mask:
    return np.diagonal(square)
