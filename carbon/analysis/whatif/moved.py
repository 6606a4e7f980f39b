"""What each move took: how much, from where to where, and what it emits before and after."""

from typing import Any

import numpy as np

from carbon.analysis.whatif.distance import great_circle_km
from carbon.analysis.whatif.flows import Flows
from carbon.analysis.whatif.methods import Method
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.shares import Placement, Step
from carbon.analysis.whatif.today import Array, Today

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
    location, market = methods
    before_location = _as_it_stands(today, flow, today.location_kg, location)
    before_market = _as_it_stands(today, flow, today.market_kg.sum(axis=0), market)
    energy = (flow.it + flow.blind).sum(axis=1)
    rows = []
    for step in placement.steps:
        taken = step.taken
        amounts = taken * energy[:, None]
        origins = _origins(places, flow, amounts)
        rows.append(
            {
                "workload": _whom(step),
                "share": step.move.share,
                "from": [places.ids[at] if at >= 0 else "unknown" for at in origins[:LISTED]],
                "to": places.ids[placement.targets[step.target].place],
                "pue": _pue(flow, step.target),
                "energy_kwh": float(amounts.sum()),
                "distance_km": _distance(places, flow, amounts, step.target),
                "location_kg_before": _sum(taken, before_location),
                "location_kg_after": _after(taken, location, step.target),
                "market_kg_before": _sum(taken, before_market),
                "market_kg_after": _after(taken, market, step.target),
            }
        )
    return rows


def _as_it_stands(today: Today, flow: Flows, kg: Array, method: Method) -> Array:
    """kg of each row if all of it stayed (column 0), or were at a target; NaN where unknown."""
    full = np.divide(
        flow.facility, today.facility_kwh, out=np.ones_like(kg), where=today.facility_kwh > 0
    )
    whole = (kg * full).sum(axis=1)
    return np.column_stack([whole, method.per_share])


def _sum(taken: Array, kg: Array) -> float | None:
    if not taken.any():
        return 0.0
    return float((taken * kg).sum())


def _after(taken: Array, method: Method, target: int) -> float | None:
    if not taken.any():
        return 0.0
    return float(taken.sum(axis=1) @ method.per_share[:, target])


def _whom(step: Step) -> str | list[str]:
    names = list(step.move.workload)
    return names[0] if len(names) == 1 else names


def _pue(flow: Flows, target: int) -> float | None:
    known = flow.pue[target][~np.isnan(flow.pue[target])]
    return float(known.mean()) if len(known) else None


def _origins(places: Places, flow: Flows, amounts: Array) -> list[int]:
    """Places that load is taken from, most energy first; -1 where none is known."""
    energy = np.zeros(len(places.ids) + 1)
    np.add.at(energy, flow.homes, amounts[:, 0])
    np.add.at(energy, flow.targets, amounts[:, 1:].sum(axis=0))
    order = np.argsort(-energy, kind="stable")
    last = len(places.ids)
    return [-1 if at == last else int(at) for at in order if energy[at] > 0]


def _distance(places: Places, flow: Flows, amounts: Array, target: int) -> float | None:
    """Mean great-circle distance of what moves, by energy [km]; None where a place has no point."""
    latitude, longitude = places.points
    to = flow.targets[target]
    km = great_circle_km(latitude, longitude, (latitude[to], longitude[to]))
    km = np.append(km, np.nan)
    along = np.column_stack(
        [km[flow.homes], np.repeat(km[flow.targets][None], len(flow.homes), axis=0)]
    )
    known = ~np.isnan(along) & (amounts > 0)
    weight = amounts[known].sum()
    return float((amounts[known] * along[known]).sum() / weight) if weight > 0 else None
