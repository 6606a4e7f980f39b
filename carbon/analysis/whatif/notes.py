"""What a reader of a scenario should know: what is assumed, and what is not known."""

import numpy as np

from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.scenario import Scenario
from carbon.analysis.whatif.state import Computed
from carbon.analysis.whatif.today import Today


def notes(today: Today, places: Places, scenario: Scenario, state: Computed) -> list[str]:
    """Sentences, in a fixed order; none where there is nothing to say."""
    said = [*_of_months(today, scenario), *_of_moves(today, places, state)]
    if scenario.changes.time_shift:
        said.append(_of_time(places, state))
    said += _of_purchases(scenario, state)
    if scenario.changes.utilisation and not scenario.changes.idle_share:
        said.append(
            "Utilisation changes hours of hardware and embodied carbon; energy stays, as no "
            "idle_share is stated."
        )
    if scenario.marginal is None and scenario.moves:
        said.append(
            "Average factors of the inventory. There is no consequential view: the scenario "
            "names no marginal factors."
        )
    return said


def _of_months(today: Today, scenario: Scenario) -> list[str]:
    if not today.months:
        return []
    first, last = today.months[0], today.months[-1]
    if (scenario.month_from or first) >= first and (scenario.month_to or last) <= last:
        return []
    return [f"There is activity from {first} to {last} only; the scenario is computed on that."]


def _of_moves(today: Today, places: Places, state: Computed) -> list[str]:
    if not state.placement.targets:
        return []
    said = [
        "What moves leaves its contracts behind; they cover what stays uncovered in their market "
        "and month, pro rata, no further than the load there."
    ]
    again = [str(at) for at, step in enumerate(state.placement.steps, 1) if step.taken[1:].any()]
    if again:
        said.append(
            f"Moves are applied in order: {', '.join(again)} also took load that an earlier move "
            "had brought. With from_place a move takes only what runs there today."
        )
    used = (state.flow.shares > 0).any(axis=0)
    at = state.flow.targets
    silent = sorted(
        {
            places.ids[place]
            for place, pue in zip(at[used], state.flow.pue[used], strict=True)
            if np.isnan(pue).any()
        }
    )
    if silent:
        said.append(f"No PUE is published for {', '.join(silent)}: overhead stays as it is today.")
    if (today.blind_kwh * (1 - state.flow.stay)[:, None]).any():
        said.append(
            "Of some load only the facility's energy is known: moving it does not change its "
            "overhead."
        )
    rate = places.location.kg_per_kwh[at[used]]
    dry = np.isnan(places.grid_water[at[used]]) & np.isnan(places.wue[at[used]])
    if np.isnan(rate).any():
        said.append("A target has no factor for some months: its emissions are not known there.")
    if dry.any():
        said.append("Water of some targets is not known: the scenario's water is a lower bound.")
    return said


def _of_time(places: Places, state: Computed) -> str:
    here = [*state.flow.targets.tolist(), *state.flow.homes[state.flow.homes >= 0].tolist()]
    clean = places.clean[sorted(set(here))]
    if np.isnan(clean).all():
        return (
            "No zone of this load has hourly factors: shifting it within the day changes nothing."
        )
    return (
        "Load that waits takes the day's cleanest hours (UTC) where its zone has hourly factors, "
        "location-based only; today's load is taken as even over the day."
    )


def _of_purchases(scenario: Scenario, state: Computed) -> list[str]:
    cover = state.market.cover
    if cover is None:
        return []
    return [
        f"Of {purchase.kwh:,.0f} kWh to be bought for {purchase.market}, {used:,.0f} kWh find "
        "Scope 2 load that nothing else covers."
        for purchase, used in zip(scenario.changes.procurement, cover.bought_kwh, strict=True)
        if used < purchase.kwh * (1 - 1e-9)
    ]
