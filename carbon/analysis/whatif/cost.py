"""What load costs: stated prices per kWh, else what bills state of it."""

from collections.abc import Mapping

import numpy as np

from carbon.analysis.whatif.flows import Flows, Measure
from carbon.analysis.whatif.grids import Array
from carbon.analysis.whatif.groups import matches
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.today import Today


def costs(
    today: Today, places: Places, flow: Flows, prices: Mapping[str, float]
) -> tuple[Measure, Measure]:
    """Cost, and the facility energy that it stands for.

    Prices of energy and what bills state (machines and all) are not the same thing, and are never
    added: where the scenario states any price, prices alone count. A price holds for all load at
    its place, and a place's own goes before that of its zone. Without prices, load that stays
    costs what bills state of it, in proportion to its energy, and of load that moves nothing is
    known.

    Args:
        today: with what bills state.
        places: of the same months.
        flow: energy of the scenario.
        prices: place -> price per kWh of facility energy.
    """
    months = np.ones_like(flow.pue)
    if not prices:
        silent = np.zeros_like(flow.pue)
        return (
            flow.rated(today.cost * flow.scale, silent),
            flow.rated(today.cost_kwh * flow.scale, silent),
        )
    of_place = _prices(places, prices)
    there = of_place[flow.targets][:, None] * months
    here = np.where(flow.homes >= 0, of_place[flow.homes], np.nan)[:, None]
    energy = today.facility_kwh * flow.scale
    return (
        flow.rated(energy * np.nan_to_num(here), np.nan_to_num(there)),
        flow.rated(np.where(np.isnan(here), 0.0, energy), (~np.isnan(there)).astype(np.float64)),
    )


def _prices(places: Places, prices: Mapping[str, float]) -> Array:
    """The price of each place; NaN where none is stated."""
    found = np.full(len(places.ids), np.nan)
    for exact in (False, True):
        for name, price in prices.items():
            if (places.position(name) is not None and not name.startswith("zone:")) == exact:
                found[matches(places, name)] = price
    return found
