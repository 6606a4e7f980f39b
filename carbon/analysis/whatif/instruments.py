"""Contracts in a scenario: what is freed where load leaves, and what is bought besides.

What covers load today stays in its market boundary. Each row keeps its cover in proportion to its
load; what leaves frees its cover, which covers what is not covered there yet, pro rata, no further
than the load of that market and month. Load that grows is not covered by more than today's volume.
Instruments to be bought come after that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carbon.analysis.whatif.grids import Array, Ints
from carbon.analysis.whatif.scenario import Procurement

NEGLIGIBLE = 1e-9
"""Share of a volume that is rounding, not energy."""


@dataclass(frozen=True)
class Load:
    """Scope 2 load in the reach of instruments, markets x months [kWh].

    Attributes:
        volume: covered today; kg its emissions [kg].
        kept: covered by the same instruments of the load that stays, in proportion to it.
        total: all open load of the scenario, staying and moved there.
    """

    volume: Array
    kg: Array
    kept: Array
    total: Array


@dataclass(frozen=True)
class Cover:
    """How far load is covered, markets x months [1].

    Attributes:
        kept: factor on the cover that rows keep: below 1 where load grows beyond the volume.
        freed: share of the uncovered load that freed volume covers, at `freed_rate` [kg/kWh].
        bought: by purchase, the share of the uncovered load that it covers.
        bought_kwh: by purchase, how much of it finds load [kWh].
    """

    kept: Array
    freed: Array
    freed_rate: Array
    bought: tuple[Array, ...]
    bought_kwh: tuple[float, ...]
    rates: tuple[float, ...]

    @property
    def open_share(self) -> Array:
        """Share of the uncovered load that stays uncovered [1]."""
        return np.maximum(0.0, 1 - self.freed - sum(self.bought, np.zeros_like(self.freed)))

    @property
    def kg_per_uncovered(self) -> Array:
        """Emissions of what is covered newly, per kWh of uncovered load [kg/kWh]."""
        bought = zip(self.bought, self.rates, strict=True)
        return self.freed * self.freed_rate + sum(
            (share * rate for share, rate in bought), np.zeros_like(self.freed)
        )


def cover(
    load: Load,
    purchases: Sequence[Procurement],
    markets: Sequence[str],
    hours: Array,
    *,
    monthly: bool,
) -> Cover:
    """How instruments cover the load of a scenario.

    Args:
        load: by market and month.
        purchases: in the order in which they cover.
        markets: names of the market boundaries; the last row of load has none.
        hours: of each month [h].
        monthly: a purchase is spread over the months by hours and covers each month by itself;
            else it covers the load of all months pro rata, no further than that load.
    """
    over = load.kept > load.volume * (1 + NEGLIGIBLE)
    kept = np.where(over, _ratio(load.volume, load.kept), 1.0)
    freed_kwh = np.where(over, 0.0, load.volume - load.kept)
    freed_kwh[freed_kwh < NEGLIGIBLE * load.volume] = 0.0
    uncovered = np.maximum(0.0, load.total - load.kept * kept)
    freed = np.minimum(1.0, _ratio(freed_kwh, uncovered))
    rest = uncovered * (1 - freed)
    bought, found = [], []
    for purchase in purchases:
        taken = np.zeros_like(rest)
        if purchase.market in markets:
            at = list(markets).index(purchase.market)
            taken[at] = _taken(purchase.kwh, rest[at], hours, monthly=monthly)
        rest = rest - taken
        bought.append(_ratio(taken, uncovered))
        found.append(float(taken.sum()))
    return Cover(
        kept=kept,
        freed=freed,
        freed_rate=_ratio(load.kg, load.volume),
        bought=tuple(bought),
        bought_kwh=tuple(found),
        rates=tuple(purchase.kg_co2e_per_kwh for purchase in purchases),
    )


def _taken(kwh: float, rest: Array, hours: Array, *, monthly: bool) -> Array:
    if monthly:
        return np.asarray(np.minimum(rest, kwh * hours / hours.sum()))
    whole = rest.sum()
    return rest * min(1.0, kwh / whole) if whole > 0 else np.zeros_like(rest)


def by_market(values: Array, market: Ints, count: int) -> Array:
    """Sum rows x months by the market of each row -> markets x months."""
    months = values.shape[1]
    at = market[:, None] * months + np.arange(months)
    summed = np.bincount(at.ravel(), values.ravel(), count * months)
    return np.asarray(summed.reshape(count, months), dtype=np.float64)


def _ratio(part: Array, whole: Array) -> Array:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
