"""Remarks on figures that look wrong; a flag marks a row and never removes it.

Three things are asked of a row by itself: do the watts fit the hardware, could the hours have been
run, and does the emission that its source states fit its energy and the grid. Rows beside each
other are looked at in `carbon.accounting.copied`.
"""

import polars as pl

from carbon.policy import Policy
from carbon.schema import BILL_FORMATS, METERED_KINDS, SUPPORT_KINDS
from carbon.units import W_PER_KW

MICROSECONDS_PER_HOUR = 3.6e9


def flag_rows(rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Remarks on the watts and the hours that a row states or implies.

    Implied watts per accelerator: the source row's IT energy / its accelerator-hours (of all whom
    it serves: an hour of a meter may be of two workloads), or its average_power_w. Outside
    [min, max] x TDP it is flagged: node-hours taken for GPU-hours, and watts already summed over
    GPUs, show up here. A meter that saw its accelerator idle is no mistake: where a row says what
    share of its period it saw, only the upper bound holds. What is estimated for a gap was drawn
    in hours that the meter did not see, and is left out of both. A rule's share of a row holds the
    same share of its energy and its hours, so it implies the same watts.

    Args:
        rows: the rows that carry energy, with component, accelerator_hours, tdp_w, power_w,
            coverage, accelerator_count, instance_accelerators, stated_kg_co2e, a period, and
            `compared`: what was found of the row beside others, or null.
        policy: the bounds under `plausibility`.

    Returns:
        rows with `flags`: a remark, or null, in place of `compared`; and stated_kg_per_kwh, what
        the source's own emissions imply [kgCO2e/kWh].
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
    remarks = [watts, _too_many_hours(bounds.hours_slack), pl.col("compared"), _unknown()]
    return rows.with_columns(
        flags=pl.concat_str(remarks, separator="; ", ignore_nulls=True),
        stated_kg_per_kwh=_stated_rate(),
    ).drop("compared")


def flag_factors(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Remarks on factors that a row brings itself or implies, beside the zone's own.

    A location factor, and one implied by emissions that the source states, are compared both ways;
    a market factor only upwards, because near 0 is what a certificate gives. No bound is fixed:
    0.0017 kg/kWh is implausible in Texas and is right in Quebec.

    Args:
        lines: flags, row_location_factor, market_factor_kg_per_kwh, stated_kg_per_kwh,
            grid_kg_per_kwh.
        policy: `plausibility.factor_ratio`.

    Returns:
        lines with `flags` completed; null where there is nothing to say.
    """
    limit = policy.plausibility.factor_ratio
    grid, own = pl.col("grid_kg_per_kwh"), pl.col("row_location_factor")
    market, implied = pl.col("market_factor_kg_per_kwh"), pl.col("stated_kg_per_kwh")
    beside = "the zone's own is {} kg/kWh"
    first = pl.col("component") != "overhead"
    remarks = [
        pl.when(pl.col("flags") != "").then("flags"),
        pl.when(first & _far(own, grid, limit)).then(
            pl.format(f"location factor of the row is {{}} kg/kWh, {beside}", own, grid.round(4))
        ),
        pl.when(first & (market > grid * limit)).then(
            pl.format(f"market factor of the row is {{}} kg/kWh, {beside}", market, grid.round(4))
        ),
        # What is stated against the row's own factor is no better a witness than that factor.
        pl.when(first & _far(implied, grid, limit)).then(
            pl.format(
                f"emissions that the source states are {{}} kg per kWh, {beside}",
                implied.round_sig_figs(2),
                grid.round(4),
            )
        ),
    ]
    joined = pl.concat_str(remarks, separator="; ", ignore_nulls=True)
    return lines.with_columns(flags=pl.when(joined != "").then(joined))


def _far(one: pl.Expr, other: pl.Expr, limit: float) -> pl.Expr:
    return (one > other * limit) | (one * limit < other)


def _too_many_hours(slack: float) -> pl.Expr:
    """Hours that the stated number of accelerators could not have run in the row's period.

    Bills are left out: a line may be of many machines, and says how many accelerators one has.
    """
    period = (pl.col("period_end") - pl.col("period_start")).dt.total_microseconds()
    hours = period / MICROSECONDS_PER_HOUR
    count = pl.col("accelerator_count")
    declared = ~pl.col("format").is_in(BILL_FORMATS)
    stated = (
        pl.when(pl.col("quantity_kind") == "instance_hours")
        .then(pl.col("quantity") * pl.col("instance_accelerators"))
        .otherwise("accelerator_hours")
    )
    most = count * hours
    return pl.when(declared & (count > 0) & (stated > most * (1 + slack))).then(
        pl.format(
            "{} accelerator-hours are more than the {} that {} accelerators can run in its period",
            stated.round(1),
            most.round(1),
            count.cast(pl.String).str.strip_suffix(".0"),
        )
    )


def _stated_rate() -> pl.Expr:
    """Emissions that the source states of its row / the energy of that row [kgCO2e/kWh].

    The row's own PUE is applied where it states one; a default is not, since nobody knows what the
    source did.
    """
    kind = pl.col("quantity_kind")
    watts = pl.col("power_w") + pl.col("host_w").fill_null(0.0)
    kwh = pl.when(kind.is_in(METERED_KINDS)).then("quantity").otherwise(
        pl.col("quantity") * watts / W_PER_KW
    ) * pl.when(kind == "energy_facility_kwh").then(1.0).otherwise(pl.col("pue").fill_null(1.0))
    whole = kwh.sum().over("source")
    return pl.when(whole > 0).then(pl.col("stated_kg_co2e") / whole)


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
