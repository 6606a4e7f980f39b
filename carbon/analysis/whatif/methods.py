"""Location-based and market-based figures of a scenario, each with its 95 % factor."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from carbon.analysis.whatif.changes import Scales
from carbon.analysis.whatif.flows import Flows, Measure
from carbon.analysis.whatif.grids import Array, Ints
from carbon.analysis.whatif.instruments import NEGLIGIBLE, Cover, Load, by_market, cover
from carbon.analysis.whatif.places import Places, Rates
from carbon.analysis.whatif.scenario import Procurement
from carbon.analysis.whatif.today import Parts, Today
from carbon.policy import Policy


@dataclass(frozen=True)
class Method:
    """One method's figures.

    Attributes:
        kg: emissions [kg].
        kwh: facility energy that found a factor [kWh].
        per_share: kg of each row if all of it were at a target, rows x targets [kg].
        ln_gsd2: ln of the 95 % factor of the total [1]; 0 where the total is 0.
        cover: of instruments; None for the location-based method.
    """

    kg: Measure
    kwh: float
    per_share: Array
    ln_gsd2: float
    cover: Cover | None = None


def location_based(
    today: Today, places: Places, flow: Flows, scale: Scales, policy: Policy
) -> Method:
    """Grid average of where energy is used; load that waits takes its zone's cleaner hours."""
    at = flow.targets
    rate = _zero(places.location.kg_per_kwh[at])
    staying = flow.scale * _waiting(places, flow, scale)
    per_share = flow.per_share(rate)
    moved, months = flow.shares * per_share, flow.energy_there * rate
    for hours, share in scale.shift.items():
        cleaner = rate * (1 - _one(places.clean[at, :, hours - 1]))
        less = share[:, None] * flow.per_share(cleaner)
        per_share = per_share - less
        moved -= flow.shares * less
        months -= flow.at_targets(flow.shares * share[:, None]) * cleaner
    kg = Measure(today.location_kg * staying, moved, months)
    known = _known(places.location.kg_per_kwh[at])
    kwh = (today.location_kwh * flow.scale).sum() + (flow.energy_there * known).sum()
    energy = (today.location_ln * staying).sum(axis=1) + _mean_ln(today) * moved.sum(axis=1)
    factors = _Factors(today, places)
    factors.stay(today.location_parts, staying[None])
    factors.moved(places.location, at, months)
    factors.overhead(flow, months, policy)
    return Method(kg, float(kwh), per_share, _ln_gsd2(today, energy, factors, kg.total))


def market_based(
    today: Today,
    places: Places,
    flow: Flows,
    purchases: Sequence[Procurement],
    policy: Policy,
) -> Method:
    """Contracts that stay, contracts that are freed, contracts to be bought, and the rest.

    What moves leaves its contracts behind: purchased compute takes the target's residual mix, else
    its grid average; Scope 2 load the supplier's factor there before these.
    """
    at = flow.targets
    scope_2 = _scope_2_at(today, places, flow)
    drawn_shares = flow.shares * scope_2
    bought_shares = flow.shares - drawn_shares
    drawn, bought = flow.at_targets(drawn_shares), flow.at_targets(bought_shares)
    monthly = policy.factors.match_granularity == "monthly"
    home, there = places.market_of_rows, places.market_of[at]
    cov = _cover(today, places, flow, drawn, purchases, monthly=monthly)
    fixed, covered, rest = today.market_kg
    open_today = today.open_kwh - today.market_kwh[1]
    open_today[open_today < NEGLIGIBLE * today.open_kwh] = 0.0
    kept = cov.kept[home] * flow.scale
    uncovered = np.maximum(0.0, today.open_kwh * flow.scale - today.market_kwh[1] * kept)
    still = uncovered * cov.open_share[home]
    ratio = np.divide(still, open_today, out=np.zeros_like(still), where=open_today > 0)
    # Load that is wholly covered today shows no rate of its rest: its zone's stands in.
    fresh = np.where(open_today > 0, 0.0, still)
    its_rate = np.where((flow.homes >= 0)[:, None], _zero(places.drawn.kg_per_kwh[flow.homes]), 0.0)
    newly = uncovered * cov.kg_per_uncovered[home]
    stay = fixed * flow.scale + covered * kept + rest * ratio + newly + fresh * its_rate
    stay_kwh = (
        today.market_kwh[0] * flow.scale
        + today.market_kwh[1] * kept
        + today.market_kwh[2] * ratio
        + (uncovered - still)
        + np.where(its_rate > 0, fresh, 0.0)
    )
    rate_bought = _zero(places.bought.kg_per_kwh[at])
    left = cov.open_share[there]
    rate_left = _zero(places.drawn.kg_per_kwh[at]) * left
    rate_drawn = rate_left + cov.kg_per_uncovered[there]
    if_drawn, if_bought = flow.per_share(rate_drawn), flow.per_share(rate_bought)
    kg = Measure(
        stay,
        drawn_shares * if_drawn + bought_shares * if_bought,
        drawn * rate_drawn + bought * rate_bought,
    )
    known = _known(places.drawn.kg_per_kwh[at])
    kwh = stay_kwh.sum() + (drawn * (known * left + 1 - left)).sum()
    kwh += (bought * _known(places.bought.kg_per_kwh[at])).sum()
    per_share = scope_2 * if_drawn + (1 - scope_2) * if_bought
    pools = np.stack([flow.scale, kept, ratio])
    mean = _mean_ln(today)
    energy = (today.market_ln * pools).sum(axis=(0, 2)) + mean * (
        (newly + fresh * its_rate).sum(axis=1) + kg.moved.sum(axis=1)
    )
    factors = _Factors(today, places)
    factors.stay(today.market_parts, pools)
    factors.moved(places.drawn, at, drawn * rate_left)
    factors.moved(places.bought, at, bought * rate_bought)
    factors.moved(places.drawn, flow.homes, fresh * its_rate)
    factors.overhead(flow, kg.months, policy)
    contracts = newly.sum() + (drawn * cov.kg_per_uncovered[there]).sum()
    factors.alone(float(contracts) * float(np.log(policy.uncertainty.factor_row)))
    return Method(kg, float(kwh), per_share, _ln_gsd2(today, energy, factors, kg.total), cov)


def _cover(
    today: Today,
    places: Places,
    flow: Flows,
    drawn: Array,
    purchases: Sequence[Procurement],
    *,
    monthly: bool,
) -> Cover:
    """The cover by market; load without a market takes the last place, which nothing covers."""
    count = len(places.markets) + 1
    home = places.market_of_rows
    volume, kg = today.market_kwh[1], today.market_kg[1]
    load = Load(
        volume=by_market(volume, home, count),
        kg=by_market(kg, home, count),
        kept=by_market(volume * flow.scale, home, count),
        total=by_market(today.open_kwh * flow.scale, home, count)
        + by_market(drawn, places.market_of[flow.targets], count),
    )
    return cover(load, purchases, places.markets, today.hours, monthly=monthly)


def _scope_2_at(today: Today, places: Places, flow: Flows) -> Array:
    """Rows x targets: 1 where load is Scope 2 there. A zone leaves load what it is today."""
    kinds = [places.kinds[at] for at in flow.targets]
    columns = [
        np.ones(len(today.own)) if kind == "site" else today.own * (kind == "zone")
        for kind in kinds
    ]
    return np.array(columns, dtype=np.float64).reshape(len(kinds), len(today.own)).T


def _waiting(places: Places, flow: Flows, scale: Scales) -> Array:
    """Factor of time shifting on what stays, rows x months [1]."""
    factor = np.ones_like(flow.it)
    for hours, share in scale.shift.items():
        clean = np.where(
            (flow.homes >= 0)[:, None], _one(places.clean[flow.homes, :, hours - 1]), 1.0
        )
        factor -= share[:, None] * (1 - clean)
    return factor


class _Factors:
    """`sum over factors (sum_i kg_i ln G_i)^2` [kg^2]: a factor is drawn once for all its uses."""

    def __init__(self, today: Today, places: Places) -> None:
        self._code, self._pue_code, count = _shared_codes(today, places)
        self._sums = np.zeros(count)
        self._alone = 0.0

    def stay(self, parts: Parts, pools: Array) -> None:
        """Add what stays; pools: pools x rows x months, the factor on each entry."""
        kept = parts.kg_ln * pools[parts.pool, parts.row, parts.month]
        self._sums += np.bincount(parts.factor, kept, len(self._sums))

    def moved(self, rates: Rates, at: Ints, kg: Array) -> None:
        """Add what is at places `at`: kg by place and month."""
        codes_there, ln = rates.factor[at], rates.ln_gsd2[at]
        known = (codes_there >= 0) & (at >= 0)[:, None] & (kg != 0)
        np.add.at(self._sums, self._code[codes_there[known]], (kg * ln)[known])

    def overhead(self, flow: Flows, kg: Array, policy: Policy) -> None:
        """Add the doubt of published PUEs: of targets' kg the part `1 - 1 / PUE` is overhead."""
        part = kg * np.nan_to_num(1 - 1 / flow.pue) * flow.published[:, None]
        ln = np.log(policy.uncertainty.region_pue)
        np.add.at(self._sums, self._pue_code[flow.targets], part.sum(axis=1) * ln)

    def alone(self, kg_ln: float) -> None:
        """Add one factor that nothing else shares."""
        self._alone += kg_ln**2

    @property
    def variance(self) -> float:
        """The sum of squares [kg^2]."""
        return float((self._sums**2).sum()) + self._alone


def _shared_codes(today: Today, places: Places) -> tuple[Ints, Ints, int]:
    """Of each factor of the places, and of each place's PUE, the input that it is; their number.

    An input of today's that a place shares is one and the same.
    """
    if "shared" not in places.memory:
        names = list(dict.fromkeys([*today.factors, *places.factors, *places.pue_names]))
        at = {name: position for position, name in enumerate(names)}
        places.memory["shared"] = (
            np.array([at[name] for name in places.factors], dtype=np.int64),
            np.array([at[name] for name in places.pue_names], dtype=np.int64),
            len(names),
        )
    found: tuple[Ints, Ints, int] = places.memory["shared"]
    return found


def _ln_gsd2(today: Today, energy: Array, factors: _Factors, total: float) -> float:
    """As `accounting.uncertainty.interval`: the energy of one workload is one input."""
    if total <= 0:
        return 0.0
    by_workload = np.bincount(today.workload_of, energy, len(today.workloads))
    return float(np.sqrt((by_workload**2).sum() + factors.variance) / total)


def _mean_ln(today: Today) -> Array:
    """ln of the 95 % factor of each row's energy, by facility energy [1]."""
    facility = today.facility_kwh.sum(axis=1)
    whole = np.where(facility > 0, facility, 1.0)
    return np.asarray(today.energy_ln.sum(axis=1) / whole)


def _zero(rate: Array) -> Array:
    return np.nan_to_num(rate, nan=0.0)


def _one(ratio: Array) -> Array:
    return np.nan_to_num(ratio, nan=1.0)


def _known(rate: Array) -> Array:
    return (~np.isnan(rate)).astype(np.float64)
