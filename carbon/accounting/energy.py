"""Energy of each source row: which of its quantities counts, its IT part, its overhead."""

from typing import Final

import polars as pl

from carbon.accounting.efficiency import nearest_year
from carbon.accounting.sums import sum_by
from carbon.policy import Policy
from carbon.schema import COMPONENTS, ENERGY_KINDS, METERED_KINDS, SUPPORT_KINDS, USAGE_KINDS
from carbon.units import W_PER_KW

SOURCE_ORDER: Final = (
    "evidence_id",
    "row_number",
    "assigned_part",
    "quantity_kind",
    "component",
    "resource",
    "workload",
    "period_start",
    "quantity",
    "accelerator",
    "instance_type",
)
"""An order of activity that does not depend on how it was stored: same rows, same bytes."""

NOT_USED: Final = (
    *("import_id", "key", "superseded_in_file", "owner", "architecture", "parameters"),
    *("dataset_size", "account", "service", "resource", "tags", "boundary", "note"),
    *("source_rows", "sku", "host", "currency", "endpoint", "run_status", "batch_size", "rule_id"),
)
"""Columns of activity that no step needs line by line: every later step would copy them."""

POLICY_DEFAULT: Final = "policy default"
"""`pue_source` where neither the row nor the region's operator gives a PUE."""

SPENT: Final = (
    *("accelerator", "accelerator_named", "accelerator_count", "average_power_w", "tdp_w"),
    *("instance_type", "instance_known", "instance_accelerators", "instance_w"),
    *("medium", "coverage", "stated_kg_co2e", "utilisation"),
)
"""Columns that have done their work once a row's watts are known."""


def in_order(activity: pl.DataFrame) -> pl.DataFrame:
    """Activity in a fixed order, numbered.

    Args:
        activity: `Activity` rows, with what `assignment.assign` adds.

    Returns:
        activity with `row`, its position, `file_row`, the position of its row of the file, and
        `source`, that of its row or of the part of it that a rule gave to one workload.
    """
    ordered = activity.sort(SOURCE_ORDER, nulls_last=True).with_row_index("row")
    return ordered.with_columns(
        file_row=pl.struct("evidence_id", "row_number").rle_id(),
        source=pl.struct("evidence_id", "row_number", "assigned_part").rle_id(),
    )


def energy_rows(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """The rows that state a quantity from which energy follows, without what plays no part in it.

    Args:
        rows: as `in_order` gives them.
        known: `row` of the rows of use of whose unit an energy is known.
    """
    stated = pl.col("quantity_kind").is_in(ENERGY_KINDS)
    return rows.filter(stated | _of(known)).drop(NOT_USED)


def unmetered(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Rows of files that state use, but nothing from which energy follows; bills aside.

    Args:
        rows: as `in_order` gives them, described.
        known: `row` of the rows of use of whose unit an energy is known.

    Returns:
        evidence_id, row_number, workload, in_scope, month (YYYY-MM) and quantity_kinds.
    """
    metered = pl.col("quantity_kind").is_in(ENERGY_KINDS) | _of(known)
    return (
        rows.filter(~metered.any().over("file_row") & (pl.col("quantity_kind") != "cost"))
        .group_by("source", maintain_order=True)
        .agg(
            pl.col("evidence_id", "row_number", "workload", "in_scope").first(),
            month=pl.col("period_start").first().dt.strftime("%Y-%m"),
            quantity_kinds=pl.col("quantity_kind").unique().sort().str.join(", "),
        )
        .drop("source")
    )


def _of(known: pl.DataFrame) -> pl.Expr:
    return pl.col("row").is_in(known["row"].implode()) if known.height else pl.lit(False)


def choose_kind(rows: pl.DataFrame) -> pl.DataFrame:
    """Of each source row, the one kind of quantity that its energy is computed from.

    The first of ENERGY_KINDS that is there and gives an energy; where none does, the first that is
    there, so that the row stays visible with its energy not known. kWh and hours of the same run
    are never added up, whatever workloads a rule gives them to; supporting services of one row are
    parts of it, and count together.

    Args:
        rows: file_row, quantity_kind, power_w.
    """
    kinds = [kind for kind in ENERGY_KINDS if kind not in SUPPORT_KINDS]
    ranks = {kind: rank for rank, kind in enumerate(kinds)}
    ranks |= dict.fromkeys(SUPPORT_KINDS, len(kinds)) | dict.fromkeys(USAGE_KINDS, len(kinds) + 1)
    rank = pl.col("quantity_kind").replace_strict(ranks, return_dtype=pl.Int64)
    metered = pl.col("quantity_kind").is_in(METERED_KINDS)
    computable = metered | pl.col("power_w").is_not_null()
    behind = pl.when(computable).then(0).otherwise(len(ENERGY_KINDS))
    return (
        rows.with_columns(_kind=rank)
        .with_columns(_rank=(pl.col("_kind") + behind).min().over("file_row", "_kind"))
        .filter(pl.col("_rank") == pl.col("_rank").min().over("file_row"))
        .drop("_kind", "_rank", "file_row")
    )


def apply_pue(lines: pl.DataFrame, efficiency: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The PUE of each line and where it is from.

    A facility meter already holds the overhead: only the row's own PUE tells its parts apart.
    Otherwise the row's PUE, else the region's published figure for the year (else of the nearest
    earlier year, and the source says how far it lies back), else the policy's. A figure of a later
    year is never applied: the hall of that year may be another one.

    Args:
        lines: quantity_kind, provider, region, year, pue.
        efficiency: `RegionEfficiency` rows.
        policy: `energy.default_pue` and `energy.default_pue_by_provider` are used.

    Returns:
        lines with pue [1] and pue_source.
    """
    published = nearest_year(
        lines.select("provider", "region", "year"), efficiency, "pue", later=False
    ).rename({"pue": "region_pue"})
    by_provider = policy.energy.default_pue_by_provider
    default = pl.lit(policy.energy.default_pue)
    if by_provider:
        default = pl.col("provider").replace_strict(
            list(by_provider), list(by_provider.values()), default=policy.energy.default_pue
        )
    facility = pl.col("quantity_kind") == "energy_facility_kwh"
    row, region = pl.col("pue").is_not_null(), pl.col("region_pue").is_not_null()
    behind = pl.col("year") - pl.col("pue_year")
    lag = (
        pl.when(behind == 1)
        .then(pl.lit(", 1 year before the use"))
        .when(behind > 1)
        .then(pl.format(", {} years before the use", behind))
        .otherwise(pl.lit(""))
    )
    source = (
        pl.when(facility)
        .then(
            pl.when(row).then(pl.lit("row, inside the meter")).otherwise(pl.lit("inside the meter"))
        )
        .when(row)
        .then(pl.lit("row"))
        .when(region)
        .then(pl.format("region {}{}", "pue_year", lag))
        .otherwise(pl.lit(POLICY_DEFAULT))
    )
    return (
        lines.join(
            published,
            on=["provider", "region", "year"],
            how="left",
            validate="m:1",
            maintain_order="left",
        )
        .with_columns(
            pue_source=source,
            pue=pl.when(facility)
            .then(pl.col("pue"))
            .otherwise(pl.coalesce("pue", "region_pue", default)),
        )
        .drop("region_pue", "pue_year")
    )


def components(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Energy of each line, split into the parts of the equipment.

    IT energy [kWh]: the meter's; facility energy / PUE where the row gives one; hours x W / 1000.
    Each part's facility energy is its IT energy; the overhead, IT x (PUE - 1), is one line per
    source row and month, whatever the parts it cools. A facility meter without a PUE is one
    `facility` line whose IT energy is not known. PUE 1 has no overhead line. A part of which
    nothing counts, because another source states it better, has no line.

    Args:
        lines: source x month, with quantity, counted_share (of the row) and host_share (of the
            host modelled beside it), month_share, assigned_share, equity_share, power_w, host_w,
            pue.
        policy: names the host's power in its power_source.

    Returns:
        lines x components with energy_it_kwh and energy_facility_kwh, in a fixed order.
    """
    main = lines.with_columns(energy_it_kwh=it_energy_kwh()).with_columns(
        energy_facility_kwh=pl.coalesce(
            "energy_it_kwh",
            pl.when(pl.col("quantity_kind") == "energy_facility_kwh").then(_counted()),
        )
    )
    host_source = f"policy: {policy.energy.host_w_per_accelerator:g} W per accelerator"
    host_kwh = _stated() * pl.col("host_share") * pl.col("host_w") / W_PER_KW
    host = main.filter(pl.col("host_w") > 0, pl.col("host_share") > 0).with_columns(
        component=pl.lit("host"),
        counted_share="host_share",
        accelerator_hours=pl.lit(None, pl.Float64),
        power_w="host_w",
        power_source=pl.lit(host_source),
        energy_it_kwh=host_kwh,
        energy_facility_kwh=host_kwh,
    )
    position = pl.col("component").replace_strict(
        list(COMPONENTS), list(range(len(COMPONENTS))), return_dtype=pl.Int64
    )
    order = ("source", "month_start", "position", "row")
    alive = (pl.col("counted_share") > 0) | pl.col("accelerator_hours").is_not_null()
    return (
        pl.concat([main.filter(alive), host, _overhead(main)])
        .with_columns(position=position)
        .sort(order)
        .drop("position", "host_w", "host_share")
        .rechunk()
    )


def it_energy_kwh() -> pl.Expr:
    """IT energy of a line [kWh]: null for a facility meter without a PUE, or unknown watts."""
    return (
        pl.when(pl.col("quantity_kind") == "energy_facility_kwh")
        .then(_counted() / pl.col("pue"))
        .when(pl.col("quantity_kind") == "energy_it_kwh")
        .then(_counted())
        .otherwise(_counted() * pl.col("power_w") / W_PER_KW)
    )


def _counted() -> pl.Expr:
    """The quantity of the row that falls in the month and counts."""
    return _stated() * pl.col("counted_share")


def _stated() -> pl.Expr:
    """The quantity of the row that falls in the month, whether or not another states it better."""
    return (
        pl.col("quantity")
        * pl.col("month_share")
        * pl.col("assigned_share")
        * pl.col("equity_share")
    )


def _overhead(main: pl.DataFrame) -> pl.DataFrame:
    """One line per source row, month, kind and workload: the sum of IT energy x (PUE - 1).

    Its quantity is the sum of the rows' and its power_w their mean with the host, both of what
    counts, so that the line can be recomputed from its own columns.
    """
    host = (pl.col("host_w") * pl.col("host_share")).fill_null(0.0)
    watts = pl.col("power_w") * pl.col("counted_share") + host
    hours = ~pl.col("quantity_kind").is_in(METERED_KINDS)
    counted = pl.when(hours).then(1.0).otherwise("counted_share")
    cooled = main.with_row_index("_first").filter(
        pl.col("pue") > 1,
        pl.col("energy_it_kwh").is_not_null(),
        (pl.col("counted_share") > 0) | (host > 0),
    )
    cooled = cooled.with_columns(quantity=pl.col("quantity") * counted)
    key = ["source", "month", "quantity_kind", "pue", "workload"]
    largest = cooled.group_by(key, maintain_order=True).agg(
        pl.col("_first").first(), watts.max().alias("widest"), pl.col("tier").max()
    )
    parts = sum_by(
        cooled.select(*key, "quantity", power_w=pl.col("quantity") * watts),
        key,
        ["quantity", "power_w"],
    ).with_columns(
        largest["_first", "tier"],
        power_w=pl.when(pl.col("quantity") > 0)
        .then(pl.col("power_w") / pl.col("quantity"))
        .otherwise(largest["widest"]),
    )
    it_kwh = _stated() * pl.when(hours).then(pl.col("power_w") / W_PER_KW).otherwise(1.0)
    metered = pl.col("quantity_kind") == "energy_facility_kwh"
    kwh = (
        pl.when(metered)
        .then(_stated() * (1 - 1 / pl.col("pue")))
        .otherwise(it_kwh * (pl.col("pue") - 1))
    )
    return (
        main[parts["_first"]]
        .with_columns(parts["quantity"], parts["power_w"], parts["tier"])
        .with_columns(
            component=pl.lit("overhead"),
            counted_share=pl.lit(1.0),
            accelerator_hours=pl.lit(None, pl.Float64),
            power_w=pl.when(hours).then(pl.col("power_w")),
            power_source=pl.when(hours & pl.col("host_w").is_not_null())
            .then(pl.format("{}, and the host's", "power_source"))
            .otherwise("power_source"),
            energy_it_kwh=pl.lit(0.0),
            energy_facility_kwh=kwh,
        )
        .select(main.columns)
    )
