"""What a scenario makes of today's footprint: R of both, where they differ, and what it breaks."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from carbon.analysis.whatif.consequential import consequential
from carbon.analysis.whatif.constraints import violations
from carbon.analysis.whatif.grids import Array
from carbon.analysis.whatif.methods import Method
from carbon.analysis.whatif.moved import moved
from carbon.analysis.whatif.notes import notes
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.scenario import Scenario
from carbon.analysis.whatif.state import Computed, computed, unchanged
from carbon.analysis.whatif.today import Today
from carbon.factors.library import Library
from carbon.policy import Policy
from carbon.schema import TIERS

SHOWN: Final = (
    "energy_it_kwh",
    "energy_facility_kwh",
    "location_kg_co2e",
    "market_kg_co2e",
    "embodied_kg_co2e",
    "water_l",
)
"""Measures that are listed by workload, place and month."""


@dataclass(frozen=True)
class Outcome:
    """A scenario computed.

    Attributes:
        name: of the scenario.
        month_from, month_to: the months that it is computed on.
        baseline: R of today, as `portfolio.footprint` gives it.
        scenario: R of the scenario.
        moves: what each move took: workload, share, from, to, energy_kwh (IT), distance_km,
            location_kg_before and _after, market_kg_before and _after.
        violations: constraint, where, words.
        by_workload, by_place, by_month: the name, and each of SHOWN for `today` and `scenario`.
        cost: today, scenario, currency, basis ("prices" of the scenario, or "bills") and the share
            of energy of which it is known; nulls where nothing is.
        consequential: change by marginal factors, apart from both totals; None without factors.
        notes: what a reader should know.
    """

    name: str
    month_from: str | None
    month_to: str | None
    baseline: dict[str, Any]
    scenario: dict[str, Any]
    moves: list[dict[str, Any]]
    violations: list[dict[str, str]]
    by_workload: list[dict[str, Any]]
    by_place: list[dict[str, Any]]
    by_month: list[dict[str, Any]]
    cost: dict[str, Any]
    consequential: dict[str, Any] | None
    notes: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """The answer of `carbon whatif`."""
        return dict(vars(self))


def whatif(
    today: Today, places: Places, scenario: Scenario, policy: Policy, library: Library
) -> Outcome:
    """Today's footprint and the scenario's.

    The scenario's R is today's own, as the footprint gives it, plus what the arrays of both
    differ by; so a scenario that changes nothing is the footprint to the last digit.

    Args:
        today: of the scenario's months.
        places: of the same months.
        scenario: what moves and changes.
        policy: `factors.match_granularity`, `uncertainty` and `readiness.significant_share`.
        library: hardware, for what replaces it.

    Raises:
        ScenarioError: the scenario names what is not known.
    """
    before = unchanged(today, places, scenario, policy, library)
    after = computed(today, places, scenario, policy, library)
    return Outcome(
        name=scenario.name,
        month_from=today.months[0] if today.months else scenario.month_from,
        month_to=today.months[-1] if today.months else scenario.month_to,
        baseline=dict(today.measures),
        scenario=_measures(today, before, after, policy),
        moves=moved(today, places, after.placement, after.flow, (after.location, after.market)),
        violations=violations(today, places, scenario, after),
        by_workload=_by_workload(today, before, after),
        by_place=_by_place(places, before, after),
        by_month=_by_month(today, before, after),
        cost=_cost(today, scenario, before, after),
        consequential=consequential(places, scenario, before, after),
        notes=notes(today, places, scenario, after),
    )


def _measures(today: Today, before: Computed, after: Computed, policy: Policy) -> dict[str, Any]:
    measures = dict(today.measures)
    known = _known(today, after)
    for name in SHOWN:
        change = after.measures[name].total - before.measures[name].total
        stated = today.measures[name]
        measures[name] = None if not known[name] else (stated or 0.0) + change
    for name in ("location", "market"):
        old, new = getattr(before, name), getattr(after, name)
        kg, was = measures[f"{name}_kg_co2e"], today.measures[f"{name}_kg_co2e"]
        low, high = today.measures[f"{name}_low_kg"], today.measures[f"{name}_high_kg"]
        if not (kg == was and new.ln_gsd2 == old.ln_gsd2):
            spread = _spread(high, was, new.ln_gsd2, old.ln_gsd2)
            low, high = (None, None) if kg is None else (kg / spread, kg * spread)
        measures[f"{name}_low_kg"], measures[f"{name}_high_kg"] = low, high
        covered = _share(new, after) - _share(old, before)
        coverage = today.measures[f"{name}_coverage"]
        measures[f"{name}_coverage"] = (
            None if coverage is None else min(1.0, max(0.0, coverage + covered))
        )
    measures["tier"] = _tier(after.tier_kwh, policy.readiness.significant_share)
    return measures


def _spread(high: float | None, kg: float | None, new: float, old: float) -> float:
    """95 % factor of a scenario: today's own, as wide again as the arrays say it becomes [1]."""
    if not kg or high is None or old <= 0:
        return math.exp(new)
    return math.exp(math.log(high / kg) * new / old)


def _share(method: Method, state: Computed) -> float:
    energy = state.measures["energy_facility_kwh"].total
    return method.kwh / energy if energy > 0 else 0.0


def _known(today: Today, after: Computed) -> dict[str, bool]:
    """Whether anything is known of a measure: a sum of which nothing is known is no 0."""
    water = today.measures["water_l"] is not None or after.measures["water_l"].total > 0
    energy = after.measures["energy_facility_kwh"].total
    as_today = energy == 0 or not after.flow.shares.any()
    return {
        "energy_it_kwh": today.measures["energy_it_kwh"] is not None,
        "energy_facility_kwh": today.measures["energy_facility_kwh"] is not None,
        "location_kg_co2e": after.location.kwh > 0
        or (today.measures["location_kg_co2e"] is not None and as_today),
        "market_kg_co2e": after.market.kwh > 0
        or (today.measures["market_kg_co2e"] is not None and as_today),
        "embodied_kg_co2e": today.measures["embodied_kg_co2e"] is not None,
        "water_l": water,
    }


def _tier(tier_kwh: Array, threshold: float) -> str | None:
    whole = tier_kwh.sum()
    if whole <= 0:
        return None
    return max((tier for tier, kwh in zip(TIERS, tier_kwh, strict=True) if kwh / whole > threshold))


def _by_workload(today: Today, before: Computed, after: Computed) -> list[dict[str, Any]]:
    count = len(today.workloads)

    def summed(state: Computed, name: str) -> Array:
        return np.asarray(
            np.bincount(today.workload_of, state.measures[name].by_row, count), dtype=np.float64
        )

    embodied = np.bincount(today.workload_of, today.embodied_known, count) > 0
    rows = _side_by_side("workload", today.workloads, before, after, summed)
    for row, known in zip(rows, embodied, strict=True):
        if not known:
            row["today"]["embodied_kg_co2e"] = row["scenario"]["embodied_kg_co2e"] = None
    return rows


def _by_place(places: Places, before: Computed, after: Computed) -> list[dict[str, Any]]:
    figures = {
        (state, name): state.measures[name].by_place(
            state.flow.homes, state.flow.targets, len(places.ids)
        )
        for state in (before, after)
        for name in SHOWN
    }
    used = np.nonzero(np.any([column != 0 for column in figures.values()], axis=0))[0]
    names = [places.ids[at] if at < len(places.ids) else "unknown" for at in used]
    return _side_by_side(
        "place", names, before, after, lambda state, name: figures[state, name][used]
    )


def _by_month(today: Today, before: Computed, after: Computed) -> list[dict[str, Any]]:
    return _side_by_side(
        "month", today.months, before, after, lambda state, name: state.measures[name].by_month
    )


def _side_by_side(
    key: str,
    names: Sequence[str],
    before: Computed,
    after: Computed,
    summed: Callable[[Computed, str], Array],
) -> list[dict[str, Any]]:
    today, scenario = (
        np.column_stack([summed(state, name) for name in SHOWN]).tolist()
        for state in (before, after)
    )
    return [
        {
            key: name,
            "today": dict(zip(SHOWN, old, strict=True)),
            "scenario": dict(zip(SHOWN, new, strict=True)),
        }
        for name, old, new in zip(names, today, scenario, strict=True)
    ]


def _cost(today: Today, scenario: Scenario, before: Computed, after: Computed) -> dict[str, Any]:
    def share(state: Computed) -> float:
        energy = state.measures["energy_facility_kwh"].total
        return state.cost_kwh.total / energy if energy > 0 else 0.0

    def known(state: Computed) -> float | None:
        return state.cost.total if state.cost_kwh.total > 0 else None

    return {
        "basis": "prices" if scenario.prices else "bills",
        "currency": scenario.currency if scenario.prices else today.currency,
        "today": known(before),
        "scenario": known(after),
        "today_known_share": min(1.0, share(before)),
        "scenario_known_share": min(1.0, share(after)),
    }
