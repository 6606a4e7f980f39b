"""Watts behind an hour: of an accelerator, of an instance, and of the host beside it."""

import polars as pl

from carbon.factors.hardware import match_accelerators
from carbon.factors.library import Library
from carbon.policy import Policy
from carbon.schema import SUPPORT_KINDS


def recognise(rows: pl.DataFrame, library: Library) -> pl.DataFrame:
    """The accelerator and the instance type that a row names, as the library knows them.

    Args:
        rows: quantity_kind, provider, instance_type, accelerator, stated_accelerator.
        library: `accelerators` and `instances` are used.

    Returns:
        rows with accelerator (canonical; null where not known), accelerator_named (as the source
        names it), tdp_w [W], instance_known, instance_accelerators (per instance [1]) and
        instance_w (modelled at 50 % load [W]).
    """
    instances = library.instances.select(
        "provider",
        _instance=pl.col("instance_type").str.to_lowercase(),
        instance_known=pl.lit(True),
        instance_accelerator="accelerator",
        instance_accelerators="accelerator_count",
        instance_w="power_50_w",
    ).unique(["provider", "_instance"], keep="first", maintain_order=True)
    named = rows.with_columns(
        # SageMaker bills the same machine with `ml.` before its type.
        _instance=pl.col("instance_type")
        .str.strip_chars()
        .str.to_lowercase()
        .str.strip_prefix("ml.")
    ).join(
        instances,
        on=["provider", "_instance"],
        how="left",
        validate="m:1",
        maintain_order="left",
    )
    own, stated = (
        _canonical(named, column, library) for column in ("accelerator", "stated_accelerator")
    )
    tdp = library.accelerators.select("accelerator", "tdp_w")
    return (
        named.join(own, on="accelerator", how="left", validate="m:1", maintain_order="left")
        .join(stated, on="stated_accelerator", how="left", validate="m:1", maintain_order="left")
        .with_columns(
            accelerator_named="accelerator",
            instance_known=pl.col("instance_known").fill_null(False),
            accelerator=pl.when(_is("instance_hours"))
            .then(pl.col("instance_accelerator"))
            .otherwise(
                pl.coalesce(
                    "canonical_accelerator", "canonical_stated_accelerator", "instance_accelerator"
                )
            ),
        )
        .join(tdp, on="accelerator", how="left", validate="m:1", maintain_order="left")
        .drop(
            "_instance",
            "canonical_accelerator",
            "canonical_stated_accelerator",
            "instance_accelerator",
            "stated_accelerator",
        )
    )


def watts(rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Power that turns a row's hours into energy, with its tier and where it is from.

    Per accelerator-hour: the row's average_power_w (T4; measured system power counts as is), else
    `TDP x u_P` of the known accelerator (T5). Per instance-hour: the row's average_power_w x its
    accelerators (T4; per instance where it has none), else `accelerators x TDP x u_P` (T5), else
    the modelled power of a CPU-only type at 50 % load (T4).

    Where energy is modelled from TDP the host is a component of its own: `host_w_per_accelerator`
    for each accelerator. Where watts were given nothing is added.

    Source: E = h x (TDP x u_P + host_W); host_W 150 W = 1.2 kW / 8 as EcoLogits uses.

    Args:
        rows: as `recognise` gives them.
        policy: `energy.tdp_utilisation` and `energy.host_w_per_accelerator` are used.

    Returns:
        rows with power_w [W], power_source, host_w [W], tier, component. Null power: not known, or
        a supporting service's, which `carbon.accounting.support` knows.
    """
    accelerators = (
        pl.when(_is("accelerator_hours"))
        .then(pl.lit(1.0))
        .otherwise(pl.coalesce("instance_accelerators", "accelerator_count"))
    )
    cpu_only = _is("instance_hours") & pl.col("instance_known") & pl.col("accelerator").is_null()
    hours = _is("accelerator_hours") | _is("instance_hours")
    measured = pl.when(hours).then(
        pl.col("average_power_w") * pl.when(cpu_only).then(1.0).otherwise(accelerators)
    )
    from_tdp = pl.when(hours & (_is("accelerator_hours") | pl.col("instance_known"))).then(
        accelerators * pl.col("tdp_w") * policy.energy.tdp_utilisation
    )
    modelled = pl.when(_is("instance_hours")).then(pl.col("instance_w"))
    return (
        rows.with_columns(_count=accelerators, _measured=measured, _tdp=from_tdp, _model=modelled)
        .with_columns(
            power_w=pl.coalesce("_measured", "_tdp", "_model"),
            power_source=_power_source(policy),
            host_w=pl.when(_by_tdp()).then(pl.col("_count") * policy.energy.host_w_per_accelerator),
            tier=_tier(),
            component=_component(cpu_only),
        )
        .drop("_count", "_measured", "_tdp", "_model")
    )


def _is(kind: str) -> pl.Expr:
    return pl.col("quantity_kind") == kind


def _by_tdp() -> pl.Expr:
    return pl.col("_measured").is_null() & pl.col("_tdp").is_not_null()


def _canonical(rows: pl.DataFrame, column: str, library: Library) -> pl.DataFrame:
    names = rows[column].drop_nulls().unique().sort()
    return match_accelerators(names, library.accelerators).select(
        pl.col("name").alias(column), pl.col("accelerator").alias(f"canonical_{column}")
    )


def _power_source(policy: Policy) -> pl.Expr:
    use = policy.energy.tdp_utilisation
    share = "" if use == 1 else f" x {use:g}"
    each = (
        pl.when(_is("instance_hours") & (pl.col("_count") != 1))
        .then(pl.format("{} x ", pl.col("_count").cast(pl.Int64, strict=False)))
        .otherwise(pl.lit(""))
    )
    return (
        pl.when(pl.col("_measured").is_not_null())
        .then(pl.format("{}average_power_w of the row", each))
        .when(_by_tdp())
        .then(
            pl.format("{}TDP of {} ({} W){}", each, "accelerator", _plain("tdp_w"), pl.lit(share))
        )
        .when(pl.col("_model").is_not_null())
        .then(pl.format("modelled power of {} at 50 % load", "instance_type"))
    )


def _plain(column: str) -> pl.Expr:
    """700.0 as `700`."""
    return pl.col(column).cast(pl.String).str.strip_suffix(".0")


def _tier() -> pl.Expr:
    return (
        pl.when(_is("energy_facility_kwh"))
        .then(pl.col("tier").fill_null("T1"))
        .when(_is("energy_it_kwh"))
        .then(pl.col("tier").fill_null("T2"))
        .when(_by_tdp())
        .then(pl.lit("T5"))
        .when(pl.col("_measured").is_not_null() | pl.col("_model").is_not_null())
        .then(pl.lit("T4"))
    )


def _component(cpu_only: pl.Expr) -> pl.Expr:
    """What the row's energy is of: stated by the source, else what its hours are hours of."""
    return (
        pl.when(pl.col("component").is_not_null())
        .then(pl.col("component"))
        .when(_is("energy_it_kwh"))
        .then(pl.lit("it"))
        .when(_is("energy_facility_kwh"))
        .then(pl.when(pl.col("pue").is_null()).then(pl.lit("facility")).otherwise(pl.lit("it")))
        .when(cpu_only)
        .then(pl.lit("host"))
        .when(~pl.col("quantity_kind").is_in(SUPPORT_KINDS))
        .then(pl.lit("accelerator"))
    )
