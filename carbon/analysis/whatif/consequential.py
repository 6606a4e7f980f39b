"""The consequential view: what grids would emit more or less, by the user's marginal factors.

GHG Protocol Scope 2 Guidance (2015): inventories take average factors; marginal ones answer what a
change causes. So this figure stands apart and is in no total.
"""

from typing import Any

import numpy as np

from carbon.analysis.whatif.flows import Measure
from carbon.analysis.whatif.grids import Array
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.scenario import Scenario
from carbon.analysis.whatif.state import Computed


def consequential(
    places: Places, scenario: Scenario, before: Computed, after: Computed
) -> dict[str, Any] | None:
    """`sum over zones of (facility energy, scenario - today) x marginal factor`.

    Args:
        places: of the scenario's months.
        scenario: its `marginal` names the factors.
        before, after: both states of the load.

    Returns:
        change_kg [kg] (None where a zone whose load changes has no factor), missing (those zones),
        source and kwh_by_zone; None where the scenario brings no marginal factors.
    """
    if scenario.marginal is None:
        return None
    change = _by_zone(places, after) - _by_zone(places, before)
    zones = _zones(places)
    limit = 1e-9 * max(1.0, float(np.abs(change).max(initial=0.0)))
    changed = {
        zone: float(kwh) for zone, kwh in zip(zones, change, strict=True) if abs(kwh) > limit
    }
    factors = scenario.marginal.kg_per_kwh
    missing = sorted(zone for zone in changed if zone not in factors)
    known = sum(kwh * factors[zone] for zone, kwh in changed.items() if zone in factors)
    return {
        "change_kg": None if missing else float(known),
        "missing": missing,
        "source": scenario.marginal.source,
        "kwh_by_zone": changed,
    }


def _zones(places: Places) -> list[str]:
    return [*places.table["zone"].fill_null("unknown").unique().sort(), "unknown"]


def _by_zone(places: Places, state: Computed) -> Array:
    zones = _zones(places)
    energy: Measure = state.measures["energy_facility_kwh"]
    by_place = energy.by_place(state.flow.homes, state.flow.targets, len(places.ids))
    position = {zone: at for at, zone in enumerate(zones)}
    of_place = [position[zone] for zone in places.table["zone"].fill_null("unknown")]
    return np.asarray(
        np.bincount([*of_place, position["unknown"]], by_place, len(zones)), dtype=np.float64
    )
