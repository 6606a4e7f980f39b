"""The share of what nobody claims that the workloads beside it bear: idle capacity, per unit.

Methodology, section 5: energy of a shared machine, site or account that no workload claims is
spread over those that reserved accelerators there, by their accelerator-hours in the month (full
absorption), or left apart. It enters per-request figures alone; the inventory keeps it under
`(unassigned)`.
"""

from typing import Final

import polars as pl

from carbon.accounting.sums import known_sum_by, sum_by
from carbon.schema import UNASSIGNED

PLACES: Final = ("host", "site", "account")
"""What a machine shares with others, the narrowest first."""

MEASURED: Final = ("energy_it_kwh", "energy_facility_kwh", "location_kg", "market_kg")

_KEPT: Final = ("tier", "zone", "market", "location_factor_id", "location_gsd2", "energy_gsd2")
_POOL: Final = ["pool", "month"]


def pool_share(
    lines: pl.DataFrame, sliced: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Idle lines: the pool of each host, site or account, given to those who reserved there.

    `share_j = reserved accelerator-hours_j / sum of reserved accelerator-hours`, by pool and
    month. A pool beside which nobody reserved anything stays where it is.

    Args:
        lines: `FootprintLine` rows, all of the period.
        sliced: `MarketLine` rows.

    Returns:
        Lines of component `idle`, with the columns of `lines` (what a pool does not say is null);
        their market slices; and the pools: pool, month, energy_facility_kwh [kWh] and spread
        (whether anybody bears it).
    """
    claimed = lines.filter(
        pl.col("workload") != UNASSIGNED, pl.col("accelerator_hours").fill_null(0.0) > 0
    )
    names = {place: _name(place) for place in PLACES}
    beside = pl.concat(
        [claimed.select(pool=name, month="month").drop_nulls().unique() for name in names.values()]
    ).unique()
    idle = lines.filter(pl.col("workload") == UNASSIGNED)
    idle = _pooled(idle, names, beside)
    groups = [*_POOL, *_KEPT]
    numbered = (
        known_sum_by(idle, groups, [*MEASURED, "embodied_kg", "market_kwh_covered"])
        .sort(groups, nulls_last=True)
        .with_row_index("_pool")
    )
    shares = _shares(claimed, names, numbered)
    spread = shares.join(
        numbered, on=_POOL, how="inner", validate="m:m", maintain_order="left"
    ).with_columns(line_id=pl.format("idle:{}:{}", "_pool", pl.int_range(pl.len())))
    made = spread.select(
        *(name for name in shares.columns if name in lines.columns and name != "month"),
        *("line_id", "month"),
        *_KEPT,
        *(
            (pl.col(name) * pl.col("_share")).alias(name)
            for name in (*MEASURED, "embodied_kg", "market_kwh_covered")
        ),
        component=pl.lit("idle"),
        boundary=pl.lit("node"),
    )
    borne = numbered.select(_POOL).join(shares.select(_POOL).unique(), on=_POOL, how="semi")
    pools = (
        sum_by(idle.filter(pl.col("pool").is_not_null()), _POOL, ["energy_facility_kwh"])
        .join(
            borne.unique().with_columns(spread=pl.lit(True)), on=_POOL, how="left", validate="1:1"
        )
        .with_columns(pl.col("spread").fill_null(False))
        .sort(_POOL)
    )
    return _like(made, lines), _slices(spread, idle, numbered, sliced), pools


def _name(place: str) -> pl.Expr:
    """The pool that a line would belong to by a place: the account of a provider is its own."""
    name = pl.concat_str("provider", place, separator=" ") if place == "account" else pl.col(place)
    return pl.format("{} {}", pl.lit(place), name)


def _pooled(idle: pl.DataFrame, names: dict[str, pl.Expr], beside: pl.DataFrame) -> pl.DataFrame:
    """Each unclaimed line with its pool: the narrowest place where anybody reserved."""
    found = idle
    for place, name in names.items():
        found = found.with_columns(name.alias(f"_{place}")).join(
            beside.with_columns(pl.col("pool").alias(f"_there_{place}")),
            left_on=[f"_{place}", "month"],
            right_on=_POOL,
            how="left",
            validate="m:1",
            maintain_order="left",
        )
    there = [f"_there_{place}" for place in names]
    anyhow = [f"_{place}" for place in names]
    return found.with_columns(pool=pl.coalesce(*there, *anyhow)).drop(*there, *anyhow)


def _shares(claimed: pl.DataFrame, names: dict[str, pl.Expr], pools: pl.DataFrame) -> pl.DataFrame:
    """Who reserved accelerators beside a pool, and the share of it that each bears."""
    keys = ["workload", "model", "lifecycle", "in_scope", "endpoint", "accelerator", "region"]
    keys += ["provider", "site", "batch_size"]
    reserved = pl.concat([claimed.with_columns(pool=name) for name in names.values()]).join(
        pools.select(_POOL).unique(), on=_POOL, how="semi", maintain_order="left"
    )
    hours = sum_by(reserved.sort("line_id"), [*keys, *_POOL], ["accelerator_hours"])
    return (
        hours.sort(*_POOL, *keys, nulls_last=True)
        .with_columns(
            _share=pl.col("accelerator_hours") / pl.col("accelerator_hours").sum().over(_POOL)
        )
        .drop("accelerator_hours")
    )


def _slices(
    spread: pl.DataFrame, idle: pl.DataFrame, numbered: pl.DataFrame, sliced: pl.DataFrame
) -> pl.DataFrame:
    """Market slices of the idle lines, each its share of the pool's."""
    groups = [*_POOL, *_KEPT]
    of_pool = idle.select("line_id", *groups).join(
        numbered.select("_pool", *groups),
        on=groups,
        how="inner",
        validate="m:1",
        nulls_equal=True,
        maintain_order="left",
    )
    rung = ["_pool", "rung", "source_id", "kg_co2e_per_kwh", "asserted", "gsd2"]
    amounts = sum_by(
        sliced.join(
            of_pool.select("line_id", "_pool"),
            on="line_id",
            how="inner",
            validate="m:1",
            maintain_order="left",
        ).sort("line_id", "rung", "source_id"),
        rung,
        ["kwh", "kg_co2e"],
    )
    return (
        spread.select("line_id", "_pool", "_share")
        .join(amounts, on="_pool", how="inner", validate="m:m", maintain_order="left")
        .with_columns(pl.col("kwh", "kg_co2e") * pl.col("_share"))
        .select(sliced.columns)
    )


def _like(made: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """The columns of lines, in their order; null where a pool has none."""
    return made.select(
        pl.col(name) if name in made.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in lines.schema.items()
    )
