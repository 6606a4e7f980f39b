"""What a placement makes of energy: how much runs where, and any rate on it, by matrix products.

A row's facility energy at a target is `IT x PUE + blind`, and what it is today where no PUE of the
target is known; `blind` is energy of which no IT part is known, which no PUE changes.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from carbon.analysis.whatif.changes import Scales
from carbon.analysis.whatif.grids import Array, Ints
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.shares import Placement
from carbon.analysis.whatif.today import Today


@dataclass(frozen=True)
class Measure:
    """One measure of a scenario.

    Attributes:
        stay: of what stays, rows x months.
        moved: of what is at each target, rows x targets, over all months.
        months: the same, targets x months.
    """

    stay: Array
    moved: Array
    months: Array

    @cached_property
    def total(self) -> float:
        """The whole."""
        return float(self.stay.sum() + self.months.sum())

    @cached_property
    def by_row(self) -> Array:
        """By row, over places and months."""
        return np.asarray(self.stay.sum(axis=1) + self.moved.sum(axis=1))

    @cached_property
    def by_month(self) -> Array:
        """By month, over rows and places."""
        return np.asarray(self.stay.sum(axis=0) + self.months.sum(axis=0))

    def by_place(self, homes: Ints, targets: Ints, count: int) -> Array:
        """By place; the last figure is of rows whose place is not known."""
        at = np.concatenate([np.where(homes < 0, count, homes), targets])
        figures = np.concatenate([self.stay.sum(axis=1), self.moved.sum(axis=0)])
        return np.asarray(np.bincount(at, figures, count + 1), dtype=np.float64)


@dataclass(frozen=True)
class Flows:
    """Energy of a scenario, all shares taken together.

    Attributes:
        stay: share of each row that stays [1].
        shares: rows x targets [1].
        it: IT energy, rows x months [kWh].
        blind: facility energy without a known IT part [kWh].
        facility: facility energy with the PUE that the row has without moving [kWh].
        scale: facility energy of what stays / today's, rows x months [1].
        pue: of targets, targets x months [1]; NaN where none is known.
        published: whether that PUE is a region's published one.
        targets: their positions in `Places`.
        homes: of rows.
    """

    stay: Array
    shares: Array
    it: Array
    blind: Array
    facility: Array
    scale: Array
    pue: Array
    published: NDArray[np.bool_]
    targets: Ints
    homes: Ints

    @cached_property
    def energy_there(self) -> Array:
        """Facility energy of all that moved, by target and month [kWh]."""
        return self.at_targets(self.shares)

    def per_share(self, rate: Array) -> Array:
        """`sum over months of facility energy at the target x rate`, rows x targets, if all moved.

        Args:
            rate: targets x months.
        """
        known = ~np.isnan(self.pue)
        with_pue = np.where(known, rate, 0.0)
        figures = self.it @ np.where(known, rate * self.pue, 0.0).T
        if self.blind.any():
            figures += self.blind @ with_pue.T
        if not known.all():
            figures += self.facility @ np.where(known, 0.0, rate).T
        return np.asarray(figures)

    def at_targets(self, shares: Array) -> Array:
        """Facility energy by target and month [kWh].

        Args:
            shares: rows x targets.
        """
        known = ~np.isnan(self.pue)
        with_pue = (shares.T @ self.it) * np.where(known, self.pue, 0.0)
        if self.blind.any():
            with_pue += shares.T @ self.blind
        if known.all():
            return np.asarray(with_pue)
        return np.asarray(np.where(known, with_pue, shares.T @ self.facility))

    def rated(self, stay: Array, rate: Array) -> Measure:
        """A measure that goes by facility energy.

        Args:
            stay: of what stays, rows x months.
            rate: of targets, targets x months; 0 where none is known.
        """
        return Measure(stay, self.shares * self.per_share(rate), self.energy_there * rate)

    def carried(self, whole: Array) -> Measure:
        """A measure that moving does not change, such as IT energy or embodied carbon.

        Args:
            whole: rows x months, wherever it runs.
        """
        return Measure(
            whole * self.stay[:, None],
            self.shares * whole.sum(axis=1)[:, None],
            self.shares.T @ whole,
        )


def flows(today: Today, places: Places, placement: Placement, scale: Scales) -> Flows:
    """Energy by row, place and month."""
    work = scale.work[:, None]
    ratio = np.ones_like(today.facility_kwh)
    changed = ~np.isnan(scale.pue)
    if changed.any():
        with_pue = today.it_kwh * scale.pue[:, None] + today.blind_kwh
        np.divide(
            with_pue,
            today.facility_kwh,
            out=ratio,
            where=changed[:, None] & (today.facility_kwh > 0),
        )
    targets = np.array([target.place for target in placement.targets], dtype=np.int64)
    pue = places.pue[targets]
    for at, target in enumerate(placement.targets):
        if target.pue is not None:
            pue[at] = target.pue
    stay = placement.shares[:, 0]
    return Flows(
        stay=stay,
        shares=placement.shares[:, 1:],
        it=today.it_kwh * work,
        blind=today.blind_kwh * work,
        facility=today.facility_kwh * ratio * work,
        scale=stay[:, None] * work * ratio,
        pue=pue,
        published=np.array(
            [
                target.pue is None and places.kinds[target.place] == "region"
                for target in placement.targets
            ],
            dtype=bool,
        ),
        targets=targets,
        homes=places.homes,
    )
