"""Every measure of one state of the load: today's, or a scenario's."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from carbon.analysis.whatif.changes import scales
from carbon.analysis.whatif.cost import costs
from carbon.analysis.whatif.flows import Flows, Measure, flows
from carbon.analysis.whatif.grids import Array
from carbon.analysis.whatif.methods import Method, location_based, market_based
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.scenario import Scenario
from carbon.analysis.whatif.shares import Placement, placed
from carbon.analysis.whatif.today import Today
from carbon.factors.library import Library
from carbon.policy import Policy


@dataclass(frozen=True, eq=False)
class Computed:
    """Every measure of one state of the load."""

    placement: Placement
    flow: Flows
    location: Method
    market: Method
    measures: Mapping[str, Measure]
    cost: Measure
    cost_kwh: Measure
    tier_kwh: Array


def unchanged(
    today: Today, places: Places, scenario: Scenario, policy: Policy, library: Library
) -> Computed:
    """Today's own measures, computed once for each set of prices."""
    key = ("unchanged", tuple(sorted(scenario.prices.items())))
    of_policy, found = places.memory.get(key, (None, None))
    if found is None or of_policy != policy:
        found = computed(today, places, Scenario(prices=scenario.prices), policy, library)
        places.memory[key] = policy, found
    answer: Computed = found
    return answer


def computed(
    today: Today, places: Places, scenario: Scenario, policy: Policy, library: Library
) -> Computed:
    """The measures of a scenario, by row, place and month."""
    placement = placed(today, places, scenario.moves)
    scale = scales(today, scenario.changes, library, policy)
    flow = flows(today, places, placement, scale)
    location = location_based(today, places, flow, scale, policy)
    market = market_based(today, places, flow, scenario.changes.procurement, policy)
    facility = flow.rated(today.facility_kwh * flow.scale, np.ones_like(flow.pue))
    cost, cost_kwh = costs(today, places, flow, scenario.prices)
    return Computed(
        placement=placement,
        flow=flow,
        location=location,
        market=market,
        measures={
            "work_kwh": flow.carried(today.work_kwh * scale.work[:, None]),
            "energy_it_kwh": flow.carried(flow.it),
            "energy_facility_kwh": facility,
            "location_kg_co2e": location.kg,
            "market_kg_co2e": market.kg,
            "embodied_kg_co2e": flow.carried(today.embodied_kg * scale.embodied[:, None]),
            "water_l": _water(today, places, flow),
        },
        cost=cost,
        cost_kwh=cost_kwh,
        tier_kwh=_tiers(today, facility),
    )


def _water(today: Today, places: Places, flow: Flows) -> Measure:
    """`IT x site WUE + facility x water of generation`; a part that is not known adds nothing."""
    wue = np.nan_to_num(places.wue[flow.targets])
    generation = flow.rated(
        today.grid_water_l * flow.scale, np.nan_to_num(places.grid_water[flow.targets])
    )
    per_it = np.divide(flow.it, today.it_kwh, out=np.ones_like(flow.it), where=today.it_kwh > 0)
    site = Measure(
        today.site_water_l * per_it * flow.stay[:, None],
        flow.shares * (flow.it @ wue.T),
        (flow.shares.T @ flow.it) * wue,
    )
    return Measure(
        site.stay + generation.stay, site.moved + generation.moved, site.months + generation.months
    )


def _tiers(today: Today, facility: Measure) -> Array:
    """Facility energy by tier [kWh]: energy that moves is known as well as before."""
    energy, before = facility.by_row, today.tier_kwh.sum(axis=1)
    ratio = np.divide(energy, before, out=np.zeros_like(energy), where=before > 0)
    return np.asarray(ratio @ today.tier_kwh)
