"""Today's footprint as arrays: rows (workload x place) by months, built once and asked often.

Sums are over what is known. What is not known stands apart: energy without a factor is in no
`..._kwh` of its method, and whether embodied carbon or water is known at all is a mask.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from carbon.accounting.result import Footprint
from carbon.accounting.summary import location_parts, market_parts, summarise
from carbon.accounting.sums import sum_by
from carbon.analysis.whatif.bills import billed
from carbon.analysis.whatif.grids import Array, Ints, codes, grids
from carbon.policy import Policy
from carbon.schema import TIERS

ROW: Final = (
    *("workload", "model", "project", "business_unit", "lifecycle"),
    *("deployment", "scope_category", "provider", "region", "site"),
    *("zone", "country", "market", "accelerator"),
)
"""What makes a row: whose load it is, where it runs, on what."""

MEASURED: Final = (
    *("it_kwh", "facility_kwh", "blind_kwh", "location_kg", "location_kwh"),
    *("open_kwh", "embodied_kg", "site_water_l", "grid_water_l", "energy_ln", "location_ln"),
)

POOLS: Final = ("fixed", "covered", "rest")
"""Market-based energy: out of reach of instruments; covered by them; the rest in their reach."""


@dataclass(frozen=True)
class Parts:
    """Figures that hang on a shared factor: one entry per row, month and factor.

    Attributes:
        row, month, factor, pool: where each entry belongs; pool is a position in POOLS.
        kg_ln: kg x ln of the factor's 95 % factor [kg].
    """

    row: Ints
    month: Ints
    factor: Ints
    pool: Ints
    kg_ln: Array


@dataclass(frozen=True)
class Today:
    """Arrays are rows x months.

    Attributes:
        months: YYYY-MM, in order.
        hours: hours of each month [h].
        rows: ROW, and `place`, the name of where the row runs.
        measures: R of the whole, as `portfolio.footprint` gives it.
        it_kwh: IT energy where known [kWh].
        facility_kwh: facility energy where known [kWh].
        blind_kwh: that of lines whose IT energy is not known [kWh].
        location_kg, location_kwh: location-based [kg], and energy that found a factor [kWh].
        open_kwh: Scope 2 load that instruments may cover [kWh].
        market_kg, market_kwh, market_ln: by pool (pools x rows x months): [kg], energy that found
            a rate [kWh], and kg x ln of the energy's 95 % factor [kg].
        embodied_kg: [kg]; embodied_known says of which rows anything is known.
        site_water_l, grid_water_l: water of the site, by IT energy, and of generation [L].
        cost, cost_kwh: what bills state, and the facility energy that it stands for [kWh].
        currency: of cost; None where no bill states one.
        energy_ln: ln of the energy's 95 % factor x facility kWh [kWh].
        location_ln: kg x ln of the energy's 95 % factor [kg].
        location_parts, market_parts: what hangs on shared factors.
        factors: id of each factor.
        tier_kwh: facility energy by tier, rows x tiers [kWh].
    """

    months: tuple[str, ...]
    hours: Array
    rows: pl.DataFrame
    measures: dict[str, Any]
    it_kwh: Array
    facility_kwh: Array
    blind_kwh: Array
    location_kg: Array
    location_kwh: Array
    open_kwh: Array
    market_kg: Array
    market_kwh: Array
    market_ln: Array
    embodied_kg: Array
    embodied_known: NDArray[np.bool_]
    site_water_l: Array
    grid_water_l: Array
    water_known: NDArray[np.bool_]
    cost: Array
    cost_kwh: Array
    currency: str | None
    energy_ln: Array
    location_ln: Array
    location_parts: Parts
    market_parts: Parts
    factors: tuple[str, ...]
    tier_kwh: Array

    @cached_property
    def workloads(self) -> tuple[str, ...]:
        """Names of the workloads, in order."""
        return tuple(self.rows["workload"].unique().sort())

    @cached_property
    def workload_of(self) -> Ints:
        """Position of each row's workload in `workloads`."""
        return codes(self.rows["workload"], list(self.workloads))

    @cached_property
    def markets(self) -> tuple[str, ...]:
        """Market boundaries with load, in order."""
        return tuple(self.rows["market"].drop_nulls().unique().sort())

    @cached_property
    def own(self) -> NDArray[np.bool_]:
        """Rows that are Scope 2: own and colocated hardware."""
        return (self.rows["scope_category"] == "scope_2").to_numpy()

    @cached_property
    def names(self) -> Mapping[str, Mapping[str, Ints]]:
        """Column of a row's groups -> name -> positions of its rows."""
        columns = ("workload", "model", "business_unit", "project", "lifecycle", "accelerator")
        return {column: _positions(self.rows[column]) for column in columns}

    @cached_property
    def stands(self) -> Mapping[str, NDArray[np.object_]]:
        """Place and zone of each row; None where not known."""
        return {
            column: np.array(self.rows[column].to_list(), dtype=object)
            for column in ("place", "zone")
        }

    @cached_property
    def work_kwh(self) -> Array:
        """IT energy, and facility energy where no IT energy is known [kWh]: what a share is of."""
        return self.it_kwh + self.blind_kwh


def place_id() -> pl.Expr:
    """The name of a row's place: `aws:eu-north-1`, `site:Lyon`, `zone:FR`, else `unknown`."""
    return (
        pl.when(pl.col("provider").is_not_null() & pl.col("region").is_not_null())
        .then(pl.format("{}:{}", "provider", "region"))
        .when(pl.col("site").is_not_null())
        .then(pl.format("site:{}", "site"))
        .when(pl.col("zone").is_not_null())
        .then(pl.format("zone:{}", "zone"))
        .otherwise(pl.lit("unknown"))
    )


def today(footprint: Footprint, policy: Policy, costs: pl.DataFrame | None = None) -> Today:
    """Arrays of a footprint, already cut to its period and boundary.

    Args:
        footprint: the lines that count.
        policy: tiers and the threshold of `summarise`.
        costs: workload, provider, region, month, currency and cost, unique; what bills state.
            Costs of several currencies are not added: the one with the most rows counts.
    """
    lines = footprint.lines.rechunk()
    rows = lines.select(ROW).unique().sort(ROW, nulls_last=True)
    rows = rows.with_columns(place=place_id()).with_row_index("_row")
    months = tuple(lines["month"].unique().sort())
    numbered = lines.join(
        rows.select("_row", *ROW),
        on=ROW,
        how="left",
        validate="m:1",
        nulls_equal=True,
        maintain_order="left",
    ).with_columns(_month=codes(lines["month"], list(months)))
    shape = (rows.height, len(months))
    of_location = location_parts(numbered).with_columns(pue=shared_pue())
    arrays = grids(_measured(of_location), MEASURED, shape)
    slices = _slices(footprint.market, numbered)
    ids = _inputs(of_location, slices)
    tiers = grids(
        numbered.with_columns(
            _month=codes(numbered["tier"], list(TIERS)), kwh="energy_facility_kwh"
        ).filter(pl.col("_month") >= 0),
        ("kwh",),
        (rows.height, len(TIERS)),
    )
    cost, cost_kwh, currency = billed(costs, rows, months, arrays["facility_kwh"])
    return Today(
        months=months,
        hours=_hours(months),
        rows=rows.drop("_row"),
        measures=summarise(footprint, [], policy).to_dicts()[0],
        market_kg=_pools(slices, "kg_co2e", shape),
        market_kwh=_pools(slices, "kwh", shape),
        market_ln=_pools(slices, "energy_ln", shape),
        embodied_known=_any(numbered, "embodied_kg", rows.height),
        water_known=_any(numbered, "water_l", rows.height),
        cost=cost,
        cost_kwh=cost_kwh,
        currency=currency,
        location_parts=_parts(of_location.with_columns(pool=pl.lit(0)), ids),
        market_parts=_parts(slices, ids),
        factors=tuple(ids),
        tier_kwh=tiers["kwh"],
        **arrays,
    )


def _measured(lines: pl.DataFrame) -> pl.DataFrame:
    facility, kg = pl.col("energy_facility_kwh"), pl.col("location_kg")
    ln = pl.col("energy_gsd2").log()
    return lines.with_columns(
        it_kwh="energy_it_kwh",
        facility_kwh=facility,
        blind_kwh=pl.when(pl.col("energy_it_kwh").is_null()).then(facility),
        location_kwh=pl.when(kg.is_not_null()).then(facility),
        open_kwh=pl.when(_open()).then(facility),
        site_water_l=pl.col("energy_it_kwh") * pl.col("wue_l_per_kwh"),
        grid_water_l=facility * pl.col("source_water_l_per_kwh"),
        energy_ln=facility * ln,
        location_ln=kg * ln,
    )


def _open() -> pl.Expr:
    """As `accounting.market.open_to_instruments`: Scope 2 load without a rate of its own."""
    own_rate = pl.col("market_rung").eq_missing("row_factor")
    return (pl.col("scope_category") == "scope_2") & pl.col("in_scope") & ~own_rate


def _slices(market: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Market slices with the row, month and pool of their line."""
    pool = pl.when(~_open()).then(0).when(pl.col("rung") == "instrument").then(1).otherwise(2)
    of_line = ("_row", "_month", "scope_category", "in_scope", "market_rung")
    return market_parts(market, lines, of_line).with_columns(
        pool=pool, energy_ln=pl.col("kg") * pl.col("energy_gsd2").log(), pue=shared_pue()
    )


def shared_pue() -> pl.Expr:
    """A PUE as one of the inputs that figures share, beside the factors."""
    return pl.format("PUE {}", "pue")


def _inputs(*parts: pl.DataFrame) -> list[str]:
    """Names of all that parts share: factors and PUEs."""
    return sorted(
        {name for part in parts for kind in ("factor", "pue") for name in part[kind]} - {None}
    )


def _pools(slices: pl.DataFrame, column: str, shape: tuple[int, int]) -> Array:
    pools = [slices.filter(pl.col("pool") == pool) for pool in range(len(POOLS))]
    return np.stack([grids(part, (column,), shape)[column] for part in pools])


def _parts(parts: pl.DataFrame, ids: list[str]) -> Parts:
    """Of each input that is shared, kg x ln of its 95 % factor by row, month and pool."""
    key = ["_row", "_month", "factor", "pool"]
    known = pl.concat(
        parts.select(
            "_row",
            "_month",
            pl.col(kind).alias("factor"),
            "pool",
            kg_ln=pl.col("kg") * pl.col(f"{kind}_gsd2").log(),
        )
        for kind in ("factor", "pue")
    ).drop_nulls(["factor", "kg_ln"])
    summed = sum_by(known, key, ["kg_ln"]).sort(key)
    return Parts(
        row=summed["_row"].to_numpy().astype(np.int64),
        month=summed["_month"].to_numpy().astype(np.int64),
        factor=codes(summed["factor"], ids),
        pool=summed["pool"].to_numpy().astype(np.int64),
        kg_ln=summed["kg_ln"].to_numpy().astype(np.float64),
    )


def _positions(names: pl.Series) -> dict[str, Ints]:
    found = names.to_frame("name").with_row_index("at").drop_nulls().group_by("name").agg("at")
    return {
        name: np.sort(np.array(at, dtype=np.int64)) for name, at in found.sort("name").iter_rows()
    }


def _any(lines: pl.DataFrame, column: str, height: int) -> NDArray[np.bool_]:
    known = np.zeros(height, dtype=bool)
    known[lines.filter(pl.col(column).is_not_null())["_row"].unique().to_numpy()] = True
    return known


def _hours(months: tuple[str, ...]) -> Array:
    first = pl.Series(months, dtype=pl.String).str.to_date("%Y-%m", strict=True) if months else None
    if first is None:
        return np.zeros(0)
    days = (first.dt.offset_by("1mo") - first).dt.total_days()
    return days.to_numpy().astype(np.float64) * 24
