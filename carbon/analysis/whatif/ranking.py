"""Which places would lower a figure, and by how much for each kWh that moves there."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from carbon.analysis.whatif.changes import scales
from carbon.analysis.whatif.flows import flows
from carbon.analysis.whatif.grids import Array
from carbon.analysis.whatif.limits import admissible
from carbon.analysis.whatif.methods import location_based, market_based
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.scenario import EVERY, Changes, Scenario
from carbon.analysis.whatif.shares import Placement, Target, of_workloads
from carbon.analysis.whatif.state import unchanged
from carbon.analysis.whatif.today import Today
from carbon.factors.library import Library
from carbon.policy import Policy


def ranking(
    today: Today,
    places: Places,
    scenario: Scenario,
    policy: Policy,
    library: Library,
    *,
    workloads: tuple[str, ...] = (EVERY,),
) -> pl.DataFrame:
    """Every place, by what moving all of the workloads' load there would save.

    Args:
        today: the rows.
        places: the candidates.
        scenario: its constraints say which places are allowed; its moves play no part.
        policy: as for a scenario.
        library: as for a scenario.
        workloads: whose load, or "*".

    Returns:
        place, kind, name, provider, region, zone, country, latitude, longitude; pue [1] and
        location_kg_per_kwh and market_kg_per_kwh [kg/kWh facility], means over the months by
        hours; location_saving_kg and market_saving_kg [kg] of moving all of the load, and the
        same per IT kWh; allowed: whether every row of the load may go there. Nulls where no factor
        is known. Sorted by location-based saving, the largest first.
    """
    rows = of_workloads(today, workloads)
    before = unchanged(today, places, Scenario(), policy, library)
    targets = tuple(Target(at, None) for at in range(len(places.ids)))
    shares = np.zeros((today.rows.height, 1 + len(targets)))
    shares[:, 0] = 1.0
    scale = scales(today, Changes(), library, policy)
    flow = flows(today, places, Placement(targets, shares, ()), scale)
    location = location_based(today, places, flow, scale, policy)
    market = market_based(today, places, flow, (), policy)
    energy = (flow.it + flow.blind)[rows].sum()
    saved = {
        name: _saving(method.per_share, before_kg.stay, rows)
        for name, method, before_kg in (
            ("location", location, before.location.kg),
            ("market", market, before.market.kg),
        )
    }
    hours = today.hours / today.hours.sum()
    go, _ = admissible(today, places, scenario.constraints)
    known = np.asarray(~np.isnan(places.location.kg_per_kwh).any(axis=1), dtype=bool)
    return (
        places.table.drop("site", "market")
        .with_columns(
            pue=_mean(places.pue, hours),
            location_kg_per_kwh=_mean(places.location.kg_per_kwh, hours),
            market_kg_per_kwh=_mean(places.bought.kg_per_kwh, hours),
            location_saving_kg=_null(saved["location"], known),
            market_saving_kg=_null(saved["market"], known),
            allowed=pl.Series(go[rows].all(axis=0)),
        )
        .with_columns(
            location_saving_kg_per_kwh=_per(pl.col("location_saving_kg"), energy),
            market_saving_kg_per_kwh=_per(pl.col("market_saving_kg"), energy),
        )
        .sort("location_saving_kg", "place", descending=[True, False], nulls_last=True)
    )


def _saving(per_share: Array, stay: Array, rows: NDArray[np.bool_]) -> Array:
    return np.asarray(stay[rows].sum() - per_share[rows].sum(axis=0))


def _mean(rate: Array, hours: Array) -> pl.Series:
    mean = rate @ hours
    return _null(mean, np.asarray(~np.isnan(mean), dtype=bool))


def _null(values: Array, known: NDArray[np.bool_]) -> pl.Series:
    return pl.Series(
        [float(v) if k else None for v, k in zip(values, known, strict=True)], dtype=pl.Float64
    )


def _per(saving: pl.Expr, energy: float) -> pl.Expr:
    return saving / energy if energy > 0 else pl.lit(None, pl.Float64)
