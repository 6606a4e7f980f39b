"""What each move took: how much, from where to where, and what it emits before and after."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from carbon.analysis.whatif.distance import great_circle_km
from carbon.analysis.whatif.flows import Flows
from carbon.analysis.whatif.grids import Array, Ints
from carbon.analysis.whatif.methods import Method
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.shares import Placement, Step
from carbon.analysis.whatif.today import Today

LISTED = 10
"""Places that a move names as its origin, most energy first."""


def moved(
    today: Today,
    places: Places,
    placement: Placement,
    flow: Flows,
    methods: tuple[Method, Method],
) -> list[dict[str, Any]]:
    """One row per move, in order. `methods` is location-based and market-based.

    Before: what the load that it takes emits where it is by then, with the scenario's changes;
    market-based with the cover that it has today. After: at the target. None where no factor is
    known of it.

    Returns:
        workload, share, from, to, pue, energy_kwh (IT [kWh]), distance_km (mean, by energy),
        location_kg_before, location_kg_after, market_kg_before, market_kg_after [kg].
    """
    steps = placement.steps
    if not steps:
        return []
    energy = (flow.it + flow.blind).sum(axis=1)
    there = _by_origin(places, flow, steps, energy)
    to = np.array([step.target for step in steps])
    of_today = (today.location_kg, today.market_kg.sum(axis=0))
    names = ("location", "market")
    before = {
        name: _before(steps, _as_it_stands(today, flow, kg, method))
        for name, kg, method in zip(names, of_today, methods, strict=True)
    }
    after = {name: _after(steps, method) for name, method in zip(names, methods, strict=True)}
    kwh, distance = there.sum(axis=1).tolist(), _distances(places, there, flow.targets[to])
    return [
        {
            "workload": _whom(step),
            "share": step.move.share,
            "from": _origins(places, there[at]),
            "to": places.ids[flow.targets[step.target]],
            "pue": _pue(flow, step.target),
            "energy_kwh": kwh[at],
            "distance_km": distance[at],
            "location_kg_before": before["location"][at],
            "location_kg_after": after["location"][at],
            "market_kg_before": before["market"][at],
            "market_kg_after": after["market"][at],
        }
        for at, step in enumerate(steps)
    ]


def _as_it_stands(today: Today, flow: Flows, kg: Array, method: Method) -> Array:
    """kg of each row if all of it stayed (line 0), or were at a target."""
    full = np.divide(
        flow.facility, today.facility_kwh, out=np.ones_like(kg), where=today.facility_kwh > 0
    )
    return np.vstack([(kg * full).sum(axis=1), method.per_share.T])


def _before(steps: Sequence[Step], kg: Array) -> list[float]:
    return [
        float(np.einsum("lr,lr->", step.taken, kg[: len(step.taken), step.rows])) for step in steps
    ]


def _after(steps: Sequence[Step], method: Method) -> list[float]:
    return [float(step.arrives @ method.per_share[step.rows, step.target]) for step in steps]


def _by_origin(places: Places, flow: Flows, steps: Sequence[Step], energy: Array) -> Array:
    """IT energy that moves take, moves x places [kWh]; the last figure is of no known place."""
    count = len(places.ids) + 1
    home = np.where(flow.homes < 0, count - 1, flow.homes)
    there = np.zeros((len(steps), count))
    for at, step in enumerate(steps):
        here = energy[step.rows]
        there[at] = np.bincount(home[step.rows], step.taken[0] * here, count)
        np.add.at(there[at], flow.targets[: len(step.taken) - 1], step.taken[1:] @ here)
    return there


def _whom(step: Step) -> str | list[str]:
    names = list(step.move.workload)
    return names[0] if len(names) == 1 else names


def _pue(flow: Flows, target: int) -> float | None:
    known = flow.pue[target][~np.isnan(flow.pue[target])]
    return float(known.mean()) if len(known) else None


def _origins(places: Places, there: Array) -> list[str]:
    """Names of the places that load is taken from, most energy first."""
    used = np.flatnonzero(there > 0)
    order = used[np.argsort(-there[used], kind="stable")][:LISTED]
    return [places.ids[at] if at < len(places.ids) else "unknown" for at in order]


def _distances(places: Places, there: Array, to: Ints) -> list[float | None]:
    """Mean great-circle distances of what moves, by energy [km]; None where no point is known."""
    km = np.array([_km_to(places, target) for target in to])
    weight = np.where(np.isnan(km), 0.0, there)
    whole = weight.sum(axis=1)
    along = (weight * np.nan_to_num(km)).sum(axis=1)
    return [float(a / w) if w > 0 else None for a, w in zip(along, whole, strict=True)]


def _km_to(places: Places, target: int) -> Array:
    """Distance of each place to one of them [km], and NaN for no known place."""
    key = ("km", int(target))
    if key not in places.memory:
        latitude, longitude = places.points
        point = (latitude[target], longitude[target])
        places.memory[key] = np.append(great_circle_km(latitude, longitude, point), np.nan)
    found: Array = places.memory[key]
    return found
