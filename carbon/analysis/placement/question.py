"""A scenario's question of placement: loads, candidate places and constraints as arrays.

Figures are those of the what-if, asked for every place at once; so the answer as moves of the same
scenario gives what it says here. Market-based that holds but for contracts: what a load leaves
behind covers other load of its market, and what arrives shares in contracts to be bought, neither
of which a figure per load can know. Here both are lost to what moves.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from carbon.analysis.placement.problem import Barrier, Cap, Flags, Floats, Integers, Problem
from carbon.analysis.whatif.changes import Scales, scales
from carbon.analysis.whatif.cost import costs
from carbon.analysis.whatif.flows import Flows, flows
from carbon.analysis.whatif.grids import codes
from carbon.analysis.whatif.groups import any_of, matches
from carbon.analysis.whatif.limits import equipped, near_enough, resident
from carbon.analysis.whatif.methods import location_based, market_based
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.scenario import EVERY, Constraints, Scenario
from carbon.analysis.whatif.scenario_file import ScenarioError
from carbon.analysis.whatif.shares import Placement as Put
from carbon.analysis.whatif.shares import Target
from carbon.analysis.whatif.today import Today
from carbon.factors.library import Library
from carbon.policy import Policy

Method = Literal["location", "market"]

UNKNOWN = "unknown"
"""The place of load of which nobody says where it runs."""

KNOWN = 1.0 - 1e-9
"""Share of energy that has to have a factor or a price, for the figure to be known."""


@dataclass(frozen=True)
class Question:
    """A problem, and what its rows and columns stand for.

    Attributes:
        problem: the arrays; its loads are a workload in a place of today.
        home_names: of each load, the place of today as rows of `Today` name it.
        pinned: workloads of which some load stays because its figure of today is not known, sorted.
        unpriced: workloads of which some load has no known cost today, sorted; it costs nothing
            here as long as it stays, as in the what-if.
        hours: of the months [h].
    """

    problem: Problem
    home_names: tuple[str, ...]
    pinned: tuple[str, ...]
    unpriced: tuple[str, ...]
    hours: float


@dataclass(frozen=True)
class Axes:
    """What the axes of a problem's arrays are of.

    Attributes:
        columns: position of each candidate in `Places`; one past the last for no known place.
        group: load of each row of `Today`.
        at_home: loads x candidates; True in each load's place of today.
    """

    columns: Integers
    group: Integers
    at_home: Flags


def question(
    today: Today,
    places: Places,
    scenario: Scenario,
    policy: Policy,
    library: Library,
    *,
    method: Method = "location",
    whole: bool = False,
    priced: bool = False,
) -> Question:
    """The question of least carbon for a scenario without its moves.

    Candidates are regions of clouds and own sites, the places of today, and whatever
    `allowed_regions` names; without these anywhere. Load may always stay where residency and
    latency let it. Load whose figure of today is not known in full stays: what it would save is not
    known either.

    Args:
        today: of the scenario's months.
        places: of the same months.
        scenario: its changes, constraints, prices and `max_cost`; its moves are not asked.
        policy: as for the what-if.
        library: as for the what-if.
        method: whose kg are to be least.
        whole: loads are not divided.
        priced: load whose cost of today is not known stays, so that costs can be compared.

    Raises:
        ScenarioError: the changes name what is not known, or `max_cost` is stated without prices.
    """
    if scenario.constraints.max_cost is not None and not scenario.prices:
        raise ScenarioError(
            "max_cost needs prices, or nobody knows what load would cost elsewhere; state [prices]."
        )
    rows = _Rows(today, places, scenario, policy, library)
    columns = _columns(places, scenario.constraints, rows.homes)
    groups = today.rows.select(
        group=pl.struct("workload", "place").rank("dense").cast(pl.Int64) - 1
    ).to_series()
    group = groups.to_numpy()
    count = int(group.max()) + 1 if len(group) else 0
    first = np.array([int(np.argmax(group == at)) for at in range(count)], dtype=np.int64)
    home = np.searchsorted(columns, rows.homes[first])
    kg, known = rows.kg(method, columns)
    cost, cost_known = rows.cost(columns)
    at_home = np.arange(len(columns))[None, :] == home[:, None]
    kg, cost = _sums(kg, group, count), _sums(cost, group, count)
    certain = _sums((~known).astype(np.float64), group, count) == 0
    paid = _sums((~cost_known).astype(np.float64), group, count) == 0
    stays = ~certain | (~paid if priced else False)
    kg = np.where(at_home, kg, np.where(stays[:, None], np.nan, kg))
    names = [places.ids[at] if at < len(places.ids) else UNKNOWN for at in columns]
    workloads = tuple(str(today.rows["workload"][int(at)]) for at in first)
    energy = _sums(rows.work, group, count)
    problem = Problem(
        workloads=workloads,
        places=tuple(names),
        home=home,
        kg=kg,
        energy_kwh=energy,
        barriers=_barriers(today, places, scenario.constraints, Axes(columns, group, at_home)),
        caps=_caps(places, scenario.constraints, columns, workloads, energy),
        cost=cost if scenario.prices else None,
        budget=scenario.constraints.max_cost,
        whole=whole,
    )
    return Question(
        problem=problem,
        home_names=tuple(str(today.rows["place"][int(at)]) for at in first),
        pinned=_named(workloads, ~certain),
        unpriced=_named(workloads, ~paid),
        hours=float(today.hours.sum()),
    )


def _named(workloads: tuple[str, ...], which: Flags) -> tuple[str, ...]:
    return tuple(sorted({workloads[at] for at in np.flatnonzero(which)}))


def _sums(values: Floats, group: Integers, count: int) -> Floats:
    """Sum rows to loads."""
    summed = np.zeros((count, *values.shape[1:]))
    np.add.at(summed, group, values)
    return summed


class _Rows:
    """What each row of today would emit and cost in each place, if all of it were there."""

    def __init__(
        self,
        today: Today,
        places: Places,
        scenario: Scenario,
        policy: Policy,
        library: Library,
    ) -> None:
        self._today, self._places, self._policy = today, places, policy
        self._scenario = scenario
        self._scale: Scales = scales(today, scenario.changes, library, policy)
        targets = tuple(Target(at, None) for at in range(len(places.ids)))
        nothing = np.zeros((today.rows.height, 1 + len(targets)))
        nothing[:, 0] = 1.0
        self._flow: Flows = flows(today, places, Put(targets, nothing, ()), self._scale)
        homes = np.asarray(self._flow.homes)
        self.homes: Integers = np.where(homes < 0, len(places.ids), homes)
        self.work: Floats = (today.work_kwh * self._scale.work[:, None]).sum(axis=1)

    def kg(self, method: Method, columns: Integers) -> tuple[Floats, Flags]:
        """kg by row and column, NaN where no factor is known, and whether today's is in full."""
        today, places = self._today, self._places
        if method == "location":
            asked = location_based(today, places, self._flow, self._scale, self._policy)
            known = today.location_kwh.sum(axis=1)
            rates = places.location.kg_per_kwh
        else:
            purchases = self._scenario.changes.procurement
            asked = market_based(today, places, self._flow, purchases, self._policy)
            alone = market_based(today, places, self._flow, (), self._policy)
            asked = replace(asked, per_share=alone.per_share)
            known = today.market_kwh.sum(axis=(0, 2))
            rates = places.drawn.kg_per_kwh + places.bought.kg_per_kwh
        rated: Flags = np.asarray(~np.isnan(rates).any(axis=1), dtype=bool)
        there = np.where(rated[None, :] & ~self._already_there(), asked.per_share, np.nan)
        certain = known >= today.facility_kwh.sum(axis=1) * KNOWN
        return self._with_homes(there, asked.kg.stay.sum(axis=1), columns), certain

    def cost(self, columns: Integers) -> tuple[Floats, Flags]:
        """Cost by row and column, NaN where no price is known, and whether today's is in full."""
        whole = replace(self._flow, shares=np.ones_like(self._flow.shares))
        cost, kwh = costs(self._today, self._places, whole, self._scenario.prices)
        energy = (self._today.facility_kwh * self._flow.scale).sum(axis=1)
        there = np.where((kwh.moved > 0) | (energy == 0)[:, None], cost.moved, np.nan)
        certain = kwh.stay.sum(axis=1) >= energy * KNOWN
        return self._with_homes(there, cost.stay.sum(axis=1), columns), certain

    def _with_homes(self, there: Floats, home: Floats, columns: Integers) -> Floats:
        """Columns of candidates; in its own place each row has what it has today."""
        every = np.column_stack([there, np.full(len(home), np.nan)])
        every[np.arange(len(home)), self.homes] = home
        found: Floats = every[:, columns]
        return found

    def _already_there(self) -> Flags:
        """Rows x places: zones that a row lies in today; a move there moves nothing."""
        zones = self._places.table["zone"]
        known = sorted(zones.drop_nulls().unique())
        own, there = codes(self._today.rows["zone"], known), codes(zones, known)
        is_zone = np.array([kind == "zone" for kind in self._places.kinds], dtype=bool)
        target = np.where(is_zone, there, len(known))
        return np.asarray(own[:, None] == target[None, :], dtype=bool)


def _columns(places: Places, limits: Constraints, homes: Integers) -> Integers:
    """Positions of the candidates in `Places`, and one past the last for what lies nowhere."""
    open_ = np.array([kind != "zone" for kind in places.kinds], dtype=bool)
    if limits.allowed_regions:
        open_ |= any_of(places, limits.allowed_regions)
    wanted = np.append(open_, False)
    wanted[homes] = True
    return np.flatnonzero(wanted)


def _barriers(today: Today, places: Places, limits: Constraints, axes: Axes) -> tuple[Barrier, ...]:
    """Where constraints keep loads out; a load has to keep what any of its rows has to."""
    at = np.where(axes.columns < len(places.ids), axes.columns, -1)
    shape = (today.rows.height, len(at))
    at_home = axes.at_home

    def column(flags: Flags) -> Flags:
        return np.broadcast_to(np.append(flags, False)[at][None, :], shape)

    def by_load(bars: Flags) -> Flags:
        return _sums(bars.astype(np.float64), axes.group, len(at_home)) > 0

    found = []
    if limits.allowed_regions:
        bars = by_load(~column(any_of(places, limits.allowed_regions))) & ~at_home
        found.append(Barrier("allowed_regions", bars, "place"))
    if limits.forbidden:
        bars = by_load(column(any_of(places, limits.forbidden))) & ~at_home
        found.append(Barrier("forbidden", bars, "place"))
    if limits.accelerators_by_region:
        bars = by_load(~equipped(today, places, limits, at)) & ~at_home
        found.append(Barrier("accelerators_by_region", bars, "place"))
    if limits.residency:
        bars = by_load(~resident(today, places, limits, at))
        found.append(Barrier("residency", bars, "workload"))
    if limits.max_latency_ms:
        bars = by_load(~near_enough(today, places, limits, at))
        found.append(Barrier("max_latency_ms", bars, "workload"))
    return tuple(found)


def _caps(
    places: Places,
    limits: Constraints,
    columns: Integers,
    workloads: tuple[str, ...],
    energy: Floats,
) -> tuple[Cap, ...]:
    """Limits on IT energy by place, and on what leaves of a workload."""
    whole = float(energy.sum())
    found = []
    at = np.where(columns < len(places.ids), columns, -1)
    if limits.max_share_per_region is not None and limits.max_share_per_region < 1:
        for column in np.flatnonzero(at >= 0).tolist():
            only = np.arange(len(columns)) == column
            most = limits.max_share_per_region * whole
            found.append(Cap("max_share_per_region", places.ids[at[column]], most, only))
    stated = [("capacity_share", n, s * whole) for n, s in limits.capacity_share.items()]
    stated += [("capacity_kwh", name, kwh) for name, kwh in limits.capacity_kwh.items()]
    for constraint, name, kwh in stated:
        inside = np.append(matches(places, name), False)[at]
        found.append(Cap(constraint, name, kwh, inside))
    for workload in sorted(set(workloads)):
        share = limits.movable_share.get(workload, limits.movable_share.get(EVERY))
        if share is not None and share < 1:
            loads = np.array([name == workload for name in workloads])
            most = share * float(energy[loads].sum())
            found.append(Cap("movable_share", workload, most, loads=loads, away=True))
    return tuple(found)
