"""What load costs: stated prices per kWh, else what bills state of it."""

from collections.abc import Mapping

import numpy as np

from carbon.analysis.whatif.flows import Flows, Measure
from carbon.analysis.whatif.groups import matches
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.today import Array, Today


def costs(
    today: Today, places: Places, flow: Flows, prices: Mapping[str, float]
) -> tuple[Measure, Measure]:
    """Cost, and the facility energy that it stands for.

    A price holds for all load at its place, and a place's own before that of its zone; load whose
    place has none costs what bills state of it, in proportion to its energy, and nothing is known
    of it once it moves.

    Args:
        today: with what bills state.
        places: of the same months.
        flow: energy of the scenario.
        prices: place -> price per kWh of facility energy.
    """
    of_place = _prices(places, prices)
    there = of_place[flow.targets]
    here = np.where(flow.homes >= 0, of_place[flow.homes], np.nan)[:, None]
    energy = today.facility_kwh * flow.scale
    stay = np.where(np.isnan(here), today.cost * flow.scale, energy * np.nan_to_num(here))
    stay_kwh = np.where(np.isnan(here), today.cost_kwh * flow.scale, energy)
    months = np.ones_like(flow.pue)
    return (
        flow.rated(stay, np.nan_to_num(there)[:, None] * months),
        flow.rated(stay_kwh, (~np.isnan(there))[:, None] * months),
    )


def _prices(places: Places, prices: Mapping[str, float]) -> Array:
    """The price of each place; NaN where none is stated."""
    found = np.full(len(places.ids), np.nan)
    for exact in (False, True):
        for name, price in prices.items():
            if (places.position(name) is not None and not name.startswith("zone:")) == exact:
                found[matches(places, name)] = price
    return found
