"""Remarks on rows that look wrong; a flag marks a row and never removes it."""

import polars as pl

from carbon.policy import Policy
from carbon.schema import METERED_KINDS, SUPPORT_KINDS
from carbon.units import W_PER_KW


def flag_rows(rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Remarks on the watts that a row states or implies.

    Implied watts per accelerator: the source row's IT energy / its accelerator-hours (of all whom
    it serves: an hour of a meter may be of two workloads), or its average_power_w. Outside
    [min, max] x TDP it is flagged: node-hours taken for GPU-hours, and watts already summed over
    GPUs, show up here. A meter that saw its accelerator idle is no mistake: where a row says what
    share of its period it saw, only the upper bound holds. What is estimated for a gap was drawn
    in hours that the meter did not see, and is left out of both.

    Args:
        rows: the rows that carry energy, with component, accelerator_hours, tdp_w, power_w,
            coverage.
        policy: the bounds under `plausibility`.

    Returns:
        rows with `flags`: a remark, or null.
    """
    bounds = policy.plausibility
    kwh = pl.col("quantity_kind").is_in(METERED_KINDS)
    it_kwh = (
        pl.when(pl.col("quantity_kind") == "energy_facility_kwh")
        .then(pl.col("quantity") / pl.col("pue").fill_null(1.0))
        .otherwise("quantity")
    )
    seen_kwh = pl.when(pl.col("component").ne_missing(pl.lit("gap_estimate"))).then(it_kwh)
    hours = pl.col("accelerator_hours")
    implied = (
        pl.when(kwh & (hours > 0))
        .then(seen_kwh.sum().over("source") * W_PER_KW / hours.sum().over("source"))
        .when(~kwh)
        .then(pl.col("average_power_w"))
    )
    ratio = implied / pl.col("tdp_w")
    low = (ratio < bounds.min_power_of_tdp) & pl.col("coverage").is_null()
    outside = low | (ratio > bounds.max_power_of_tdp)
    watts = pl.when(outside).then(
        pl.format(
            "{} W per accelerator is {} x the TDP of {}",
            implied.round(1),
            ratio.round(2),
            "accelerator",
        )
    )
    return rows.with_columns(
        flags=pl.concat_str([watts, _unknown()], separator="; ", ignore_nulls=True)
    )


def flag_factors(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Remarks on factors that a row brings itself, beside the zone's own.

    A location factor is compared both ways; a market factor only upwards, because near 0 is what a
    certificate gives.

    Args:
        lines: flags, row_location_factor, market_factor_kg_per_kwh, grid_kg_per_kwh.
        policy: `plausibility.factor_ratio`.

    Returns:
        lines with `flags` completed; null where there is nothing to say.
    """
    limit = policy.plausibility.factor_ratio
    grid, own = pl.col("grid_kg_per_kwh"), pl.col("row_location_factor")
    market = pl.col("market_factor_kg_per_kwh")
    beside = "the zone's own is {} kg/kWh"
    first = pl.col("component") != "overhead"
    remarks = [
        pl.when(pl.col("flags") != "").then("flags"),
        pl.when(first & ((own > grid * limit) | (own * limit < grid))).then(
            pl.format(f"location factor of the row is {{}} kg/kWh, {beside}", own, grid.round(4))
        ),
        pl.when(first & (market > grid * limit)).then(
            pl.format(f"market factor of the row is {{}} kg/kWh, {beside}", market, grid.round(4))
        ),
    ]
    joined = pl.concat_str(remarks, separator="; ", ignore_nulls=True)
    return lines.with_columns(flags=pl.when(joined != "").then(joined))


def _unknown() -> pl.Expr:
    """Why a row of hours gives no energy."""
    unknown = ~pl.col("quantity_kind").is_in(METERED_KINDS) & pl.col("power_w").is_null()
    accelerator = (
        pl.when(pl.col("accelerator_named").is_null())
        .then(pl.lit("no accelerator and no watts are given: energy not known"))
        .when(pl.col("accelerator").is_null())
        .then(pl.format("accelerator {} is not known: energy not known", "accelerator_named"))
        .otherwise(pl.format("the TDP of {} is not known: energy not known", "accelerator"))
    )
    instance = (
        pl.when(pl.col("instance_type").is_null())
        .then(pl.lit("no instance type is given: energy not known"))
        .when(pl.col("instance_known"))
        .then(pl.format("the power of {} is not known: energy not known", "instance_type"))
        .otherwise(pl.format("instance type {} is not known: energy not known", "instance_type"))
    )
    support = pl.lit(
        "whether the GB-hours are of memory or of storage is not told: energy not known"
    )
    return pl.when(unknown).then(
        pl.when(pl.col("quantity_kind").is_in(SUPPORT_KINDS))
        .then(support)
        .when(pl.col("quantity_kind") == "instance_hours")
        .then(instance)
        .otherwise(accelerator)
    )
