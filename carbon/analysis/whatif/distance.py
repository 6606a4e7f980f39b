"""Distances between places, and the time that light takes for them."""

from typing import Final

import numpy as np

from carbon.analysis.whatif.grids import Array

EARTH_RADIUS_KM: Final = 6371.0
"""Mean radius of the Earth [km] (IUGG: (2a + b) / 3 of WGS 84 = 6371.0 km)."""

KM_PER_MS: Final = 200.0
"""Light in fibre [km/ms]: c / 1.5, two thirds of 299,792 km/s, rounded as is usual."""


def great_circle_km(latitude: Array, longitude: Array, to: tuple[float, float]) -> Array:
    """Great-circle distance of places to a point [km]: the haversine formula on a sphere.

    Args:
        latitude, longitude: of places [deg]; NaN where not known, which stays NaN.
        to: latitude and longitude of the point [deg].
    """
    first, second = np.radians(latitude), np.radians(to[0])
    turn = np.radians(longitude - to[1])
    half = np.sin((first - second) / 2) ** 2
    half = half + np.cos(first) * np.cos(second) * np.sin(turn / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def round_trip_ms(km: Array, route_factor: float) -> Array:
    """There and back in fibre [ms]: 1 ms for each 100 km of fibre. Equipment on the way adds.

    Args:
        km: great-circle distance [km].
        route_factor: length of the fibre / great circle [1].
    """
    return np.asarray(2 * km * route_factor / KM_PER_MS)
