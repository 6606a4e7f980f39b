"""A question of placement in arrays, and its answer.

What is placed is a *load*: what a workload runs in one place today. Places are the columns; the
place of today is one of them, and staying there costs what it costs today.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Barrier:
    """A constraint that keeps loads out of places.

    Attributes:
        name: of the constraint, as in a scenario file: `allowed_regions`, `residency`.
        bars: loads x places; True where it forbids.
        by: what a person would lift: "place" (allow a region) or "workload" (lift a residency).
    """

    name: str
    bars: Flags
    by: Literal["place", "workload"]


@dataclass(frozen=True)
class Cap:
    """A limit on energy that ties loads together.

    Attributes:
        constraint: its name, as in a scenario file: `max_share_per_region`, `movable_share`.
        subject: the place, places or workload that it limits.
        kwh: the most energy [kWh].
        places: whose energy counts, a flag for each; None for all.
        loads: whose energy counts, a flag for each; None for all.
        away: only energy that has left its place of today counts.
    """

    constraint: str
    subject: str
    kwh: float
    places: Flags | None = None
    loads: Flags | None = None
    away: bool = False

    def counts(self, problem: "Problem", rows: Integers, cols: Integers) -> Flags:
        """Of cells (load, place), whether their energy counts."""
        found = np.ones(len(rows), dtype=bool)
        if self.places is not None:
            found &= self.places[cols]
        if self.loads is not None:
            found &= self.loads[rows]
        if self.away:
            found &= cols != problem.home[rows]
        return found


@dataclass(frozen=True)
class Problem:
    """What is placed, where it may go, and what that emits.

    Attributes:
        workloads: the workload of each load.
        places: the id of each place, as `aws:eu-north-1` or `zone:FR`; unique.
        home: index of each load's place of today.
        kg: loads x places [kgCO2e]: what the whole load would emit there over the period; in its
            home what it emits today. NaN where nobody knows: it cannot go there.
        energy_kwh: of each load [kWh]: what counts against shares and capacities.
        barriers: constraints that keep loads out of places.
        caps: limits on the energy of places, and on how much of a workload leaves.
        cost: loads x places, what the whole load would cost there; NaN where nobody knows; None
            where no prices are known.
        budget: the most that everything may cost together, in the currency of `cost`.
        whole: a load goes as a whole or not at all.
    """

    workloads: tuple[str, ...]
    places: tuple[str, ...]
    home: Integers
    kg: Floats
    energy_kwh: Floats
    barriers: tuple[Barrier, ...] = ()
    caps: tuple[Cap, ...] = ()
    cost: Floats | None = None
    budget: float | None = None
    whole: bool = False

    def __post_init__(self) -> None:
        shape = (len(self.workloads), len(self.places))
        if len(set(self.places)) != len(self.places):
            raise ValueError("places must be unique")
        for name, want in self._shapes(shape).items():
            array = getattr(self, name)
            if array is not None and array.shape != want:
                raise ValueError(f"{name} has the shape {array.shape}; it must be {want}")
        for barrier in self.barriers:
            if barrier.bars.shape != shape:
                raise ValueError(f"{barrier.name} has the shape {barrier.bars.shape}, not {shape}")
        if np.isnan(self.energy_kwh).any() or (self.energy_kwh < 0).any():
            raise ValueError("energy_kwh must be known and not negative")
        if self.budget is not None and self.cost is None:
            raise ValueError("a budget needs prices")

    @staticmethod
    def _shapes(shape: tuple[int, int]) -> dict[str, tuple[int, ...]]:
        loads = shape[0]
        return {
            "home": (loads,),
            "kg": shape,
            "energy_kwh": (loads,),
            "cost": shape,
        }

    # --- what follows from it ------------------------------------------------------------------

    @property
    def at_home(self) -> Flags:
        """Loads x places: True in each load's place of today."""
        found: Flags = np.arange(len(self.places))[None, :] == self.home[:, None]
        return found

    @property
    def permitted(self) -> Flags:
        """Loads x places: where a load may run; with a budget only where its cost is known."""
        found = np.isfinite(self.kg)
        for barrier in self.barriers:
            found = found & ~barrier.bars
        if self.budget is not None and self.cost is not None:
            found = found & np.isfinite(self.cost)
        return found

    @property
    def today(self) -> Floats:
        """The shares of today: everything at home."""
        return self.at_home.astype(np.float64)

    def total(self, rates: Floats, shares: Floats) -> float:
        """What a placement emits or costs: sum of rates x shares where there is a share."""
        return float(np.where(shares > 0, rates, 0.0).ravel() @ shares.ravel())

    def energy_at(self, shares: Floats) -> Floats:
        """Energy in each place under a placement [kWh]."""
        found: Floats = self.energy_kwh @ shares
        return found

    def capped_kwh(self, shares: Floats) -> Floats:
        """Of each cap, the energy under a placement that counts [kWh]."""
        rows, cols = np.nonzero(shares)
        energy = self.energy_kwh[rows] * shares[rows, cols]
        return np.array([float(energy[cap.counts(self, rows, cols)].sum()) for cap in self.caps])

    def changed(self, **fields: Any) -> "Problem":
        """The same question with other fields."""
        return replace(self, **fields)

    def without(self, name: str, opened: Flags | None = None) -> "Problem":
        """The same question with a barrier lifted, everywhere or in some cells.

        Args:
            name: of the barriers that are lifted.
            opened: loads x places; None for all.
        """
        lifted = np.ones(self.kg.shape, dtype=bool) if opened is None else opened
        barriers = tuple(
            replace(barrier, bars=barrier.bars & ~lifted) if barrier.name == name else barrier
            for barrier in self.barriers
        )
        return replace(self, barriers=barriers)


@dataclass(frozen=True)
class Placement:
    """Where everything runs, or that no placement keeps every constraint.

    Attributes:
        feasible: whether a placement keeps every constraint.
        shares: loads x places: the share of each load in each place; rows sum to 1. Those of
            today where it is infeasible.
        kg: what it emits over the period [kgCO2e]; None where it is infeasible.
        cost: what it costs; None where some price is unknown, or it is infeasible.
        kg_per_kwh: of each cap, what one more kWh of it would change [kgCO2e/kWh], zero or
            negative (its dual); zeros for placements of whole loads.
        kg_per_cost: what one more unit of budget would change [kgCO2e], zero or negative.
        gap: by how much of `kg` another placement might be better at most [1]; 0 but for many
            whole loads, of which not every combination is looked at.
    """

    feasible: bool
    shares: Floats
    kg: float | None
    cost: float | None
    kg_per_kwh: Floats
    kg_per_cost: float
    gap: float = 0.0
