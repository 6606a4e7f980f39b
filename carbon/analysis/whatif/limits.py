"""Where load may go, and where it may be: residency, latency, accelerators, allowed regions."""

import numpy as np
from numpy.typing import NDArray

from carbon.analysis.whatif.distance import great_circle_km, round_trip_ms
from carbon.analysis.whatif.grids import Array, Ints
from carbon.analysis.whatif.groups import any_of, matches
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.scenario import EVERY, Constraints
from carbon.analysis.whatif.today import Today

Mask = NDArray[np.bool_]


def open_to_moves(places: Places, limits: Constraints) -> Mask:
    """Places that moves may take load to: `allowed_regions` without `forbidden`."""
    allowed = np.ones(len(places.ids), dtype=bool)
    if limits.allowed_regions:
        allowed = any_of(places, limits.allowed_regions)
    return allowed & ~any_of(places, limits.forbidden)


def resident(today: Today, places: Places, limits: Constraints, at: Ints) -> Mask:
    """Whether each row's load may lie at places `at` by `residency`, rows x places.

    A place that is not known (-1) may be anywhere, so it keeps no residency.
    """
    allowed = np.ones((today.rows.height, len(at)), dtype=bool)
    for workload, names in limits.residency.items():
        inside = np.append(any_of(places, names), False)[at]
        allowed[rows_of(today, workload)] &= inside
    return allowed


def equipped(today: Today, places: Places, limits: Constraints, at: Ints) -> Mask:
    """Whether places `at` offer each row's accelerator, rows x places; others need none."""
    allowed = np.ones((today.rows.height, len(at)), dtype=bool)
    for name, offered in limits.accelerators_by_region.items():
        wanting = np.zeros(today.rows.height, dtype=bool)
        for accelerator, rows in today.names["accelerator"].items():
            wanting[rows] = accelerator not in offered
        here = np.append(matches(places, name), False)[at]
        allowed &= ~np.outer(wanting, here)
    return allowed


def latency_ms(today: Today, places: Places, limits: Constraints, at: Ints) -> Array:
    """Round trip from each row's users to places `at`, rows x places [ms]; NaN where not known."""
    latency = np.full((today.rows.height, len(at)), np.nan)
    latitude, longitude = places.points
    for workload, where in limits.users.items():
        point = point_of(places, where)
        if point is None:
            continue
        km = np.append(great_circle_km(latitude, longitude, point), np.nan)
        latency[rows_of(today, workload)] = round_trip_ms(km[at], limits.route_factor)
    return latency


def near_enough(today: Today, places: Places, limits: Constraints, at: Ints) -> Mask:
    """Whether places `at` keep `max_latency_ms`, rows x places; what is not known keeps it not."""
    allowed = np.ones((today.rows.height, len(at)), dtype=bool)
    if not limits.max_latency_ms:
        return allowed
    latency = latency_ms(today, places, limits, at)
    for workload, most in specific_last(limits.max_latency_ms):
        rows = rows_of(today, workload)
        allowed[rows] = latency[rows] <= most
    return allowed


def admissible(today: Today, places: Places, limits: Constraints) -> tuple[Mask, Mask]:
    """Where load may go, and whether it may stay.

    Args:
        today: the rows.
        places: the candidates.
        limits: `allowed_regions`, `forbidden` and `accelerators_by_region` say where moves may
            take load; `residency` and `max_latency_ms` where it may be at all.

    Returns:
        rows x places, and one answer per row for where it is today.
    """
    every = np.arange(len(places.ids), dtype=np.int64)
    homes = places.homes
    be = resident(today, places, limits, every) & near_enough(today, places, limits, every)
    go = be & equipped(today, places, limits, every) & open_to_moves(places, limits)
    each = np.arange(today.rows.height)
    stay = resident(today, places, limits, homes) & near_enough(today, places, limits, homes)
    return go, stay[each, each]


def specific_last(by_workload: dict[str, float]) -> list[tuple[str, float]]:
    """What holds for all comes first, so that a workload's own number overrules it."""
    return sorted(by_workload.items(), key=lambda item: item[0] != EVERY)


def rows_of(today: Today, workload: str) -> Mask:
    if workload == EVERY:
        return np.ones(today.rows.height, dtype=bool)
    hit = np.zeros(today.rows.height, dtype=bool)
    hit[today.names["workload"].get(workload, [])] = True
    return hit


def point_of(places: Places, where: str) -> tuple[float, float] | None:
    """Latitude and longitude of a place, a zone, or "48.85, 2.35"; None where not known."""
    parts = where.split(",")
    if len(parts) == 2:
        try:
            return float(parts[0]), float(parts[1])
        except ValueError:
            return None
    at = places.position(where)
    at = places.position(f"zone:{where}") if at is None else at
    if at is None:
        return None
    latitude, longitude = places.points
    point = float(latitude[at]), float(longitude[at])
    return None if np.isnan(point).any() else point
