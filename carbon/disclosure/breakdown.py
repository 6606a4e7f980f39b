"""The results of a report: totals and tables, each summed once by `accounting.summary`."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from carbon.accounting.pipeline import Footprint
from carbon.accounting.summary import summarise
from carbon.accounting.sums import ordered_known_sum, ordered_sum
from carbon.policy import Policy
from carbon.schema import COMPONENTS, LIFECYCLES, MEASURES, SCOPE_CATEGORIES, TIERS

MEASURED_TIERS: Final = ("T1", "T2", "T3")
"""Tiers at which a meter or the chip's own telemetry stands behind the energy."""

RUNGS: Final = {
    "row_factor": "Factor stated on the row",
    "instrument": "Contractual instrument",
    "supplier": "Supplier's rate",
    "residual": "Residual mix",
    "row_location": "Location-based factor of the row (no residual mix)",
    "grid_average": "Grid average (no residual mix)",
    "none": "No factor found: in no figure",
}
"""The market-based hierarchy, best first; then what found no factor at all."""

_SLICE: Final = ("line_id", "rung", "kwh", "kg_co2e", "asserted")

CATEGORIES: Final = {
    "scope_2": {
        "title": "Scope 2",
        "subtitle": "Electricity of own and colocated hardware",
        "embodied": "Memo item beside Scope 3 category 2: the hardware is owned, and its purchase "
        "is booked there in full in the year it was made.",
    },
    "scope_3_cat_1": {
        "title": "Category 1, electricity part only",
        "subtitle": "Scope 3, purchased compute",
        "embodied": "Belongs to category 1: the provider's hardware, amortised over its use.",
    },
}
"""How a scope category is called wherever it is printed. Electricity is a part of category 1,
which is cradle-to-gate, so the figure never goes by the category's bare name."""

COMPONENT_WORDS: Final = {
    "it": "IT equipment metered as a whole",
    "accelerator": "Accelerators",
    "host": "Servers without their accelerators",
    "cpu": "Processors",
    "memory": "Memory",
    "storage": "Storage",
    "network": "Network",
    "idle": "Provisioned but idle",
    "gap_estimate": "Estimated for gaps in telemetry",
    "facility": "Facility meter, overhead not told apart",
    "overhead": "Cooling and power distribution (PUE − 1)",
}

NOTHING: Final[dict[str, Any]] = dict.fromkeys(MEASURES)


def results(footprint: Footprint, policy: Policy, months: Sequence[str]) -> dict[str, Any]:
    """Totals by scope category and as a whole, and the tables by workload, month, zone, ….

    Every row carries the measures of `schema.MEASURES` and `share_measured`, the share of its
    known facility energy at tiers T1 to T3.
    """
    by_category = {r["scope_category"]: r for r in table(footprint, ["scope_category"], policy)}
    total = table(footprint, [], policy)
    return {
        "categories": [
            {
                "scope_category": name,
                "title": CATEGORIES[name]["title"],
                "subtitle": CATEGORIES[name]["subtitle"],
                "embodied_treatment": CATEGORIES[name]["embodied"],
                "present": name in by_category,
                **{k: v for k, v in by_category.get(name, EMPTY).items() if k != "scope_category"},
            }
            for name in SCOPE_CATEGORIES
        ],
        "compute_total": total[0] if total else EMPTY,
        "by_workload": _largest_first(
            table(footprint, ["workload", "model", "lifecycle", "scope_category"], policy)
        ),
        "by_month": _every_month(table(footprint, ["month"], policy), months),
        "by_month_category": table(footprint, ["month", "scope_category"], policy),
        "by_month_lifecycle": _in_order(
            table(footprint, ["month", "lifecycle"], policy), "lifecycle", LIFECYCLES
        ),
        "by_lifecycle": _in_order(
            table(footprint, ["lifecycle", "scope_category"], policy), "lifecycle", LIFECYCLES
        ),
        "by_zone": _largest_first(table(footprint, ["zone", "scope_category"], policy)),
        "by_component": _in_order(table(footprint, ["component"], policy), "component", COMPONENTS),
    }


EMPTY: Final[dict[str, Any]] = {**NOTHING, "share_measured": None}
"""Measures of nothing: every one unknown, none 0."""


def table(footprint: Footprint, by: list[str], policy: Policy) -> list[dict[str, Any]]:
    """The footprint by some columns, as rows, with `share_measured` beside the measures."""
    measured = (
        footprint.lines.group_by(by or pl.lit(0).alias("all"))
        .agg(
            ordered_sum(
                pl.col("energy_facility_kwh").filter(pl.col("tier").is_in(MEASURED_TIERS))
            ).alias("measured_kwh"),
            ordered_known_sum("energy_facility_kwh").alias("known_kwh"),
        )
        .with_columns(
            pl.when(pl.col("known_kwh") > 0)
            .then(pl.col("measured_kwh") / pl.col("known_kwh"))
            .alias("share_measured")
        )
        .drop("measured_kwh", "known_kwh")
    )
    rows = summarise(footprint, by, policy)
    if by:
        joined = rows.join(measured, on=by, how="left", nulls_equal=True, validate="1:1")
        return joined.sort(by, nulls_last=True).to_dicts()
    share = measured["share_measured"][0] if measured.height else None
    return [{**row, "share_measured": share} for row in rows.to_dicts()]


def quality(footprint: Footprint) -> dict[str, Any]:
    """How the energy is known: by tier, and what is not known at all.

    Shares are of the known facility energy [1].
    """
    lines = footprint.lines
    known = lines.filter(pl.col("energy_facility_kwh").is_not_null())
    total = float(known["energy_facility_kwh"].sum())
    tiers = (
        known.group_by("tier")
        .agg(ordered_sum(pl.col("energy_facility_kwh")), ordered_known_sum("location_kg"))
        .to_dicts()
    )
    by_tier = {r["tier"]: r for r in tiers}
    rows = [
        {
            "tier": tier,
            "energy_facility_kwh": by_tier[tier]["energy_facility_kwh"],
            "location_kg_co2e": by_tier[tier]["location_kg"],
            "share": by_tier[tier]["energy_facility_kwh"] / total if total else None,
        }
        for tier in TIERS
        if tier in by_tier
    ]
    rows_of = ["evidence_id", "row_number", "workload"]
    unknown = lines.filter(pl.col("energy_facility_kwh").is_null()).select(rows_of)
    if not footprint.unmetered.is_empty():
        unknown = pl.concat([unknown, footprint.unmetered.select(rows_of)])
    no_factor = known.filter(pl.col("location_kg").is_null())
    return {
        "tiers": rows,
        "share_measured": (
            sum(r["energy_facility_kwh"] for r in rows if r["tier"] in MEASURED_TIERS) / total
            if total
            else None
        ),
        "rows_without_energy": unknown.select("evidence_id", "row_number").unique().height,
        "workloads_without_energy": sorted(unknown["workload"].unique().to_list()),
        "kwh_without_location_factor": float(no_factor["energy_facility_kwh"].sum()),
        "zones_without_location_factor": sorted(
            z for z in no_factor["zone"].unique().to_list() if z is not None
        ),
    }


def rungs(footprint: Footprint) -> list[dict[str, Any]]:
    """What the market-based figures rest on: energy and mass by rung, per scope category.

    `share` is of the category's facility energy [1]; energy that found no market-based factor has
    the rung "none" and no mass. `asserted_kwh` is energy whose rate was typed in without a
    document.
    """
    category = footprint.lines.select("line_id", "scope_category")
    slices = (
        pl.concat([footprint.market.select(_SLICE), _without_rung(footprint.lines)])
        .join(category, on="line_id", how="inner", validate="m:1")
        .group_by("scope_category", "rung", maintain_order=True)
        .agg(
            ordered_sum(pl.col("kwh")).alias("energy_facility_kwh"),
            ordered_known_sum("kg_co2e").alias("market_kg_co2e"),
            ordered_sum(pl.col("kwh").filter("asserted")).alias("asserted_kwh"),
        )
        .with_columns(
            pl.col("rung").replace_strict(RUNGS, default=pl.col("rung")).alias("words"),
            (
                pl.col("energy_facility_kwh")
                / pl.col("energy_facility_kwh").sum().over("scope_category")
            ).alias("share"),
        )
        .to_dicts()
    )
    order = {rung: i for i, rung in enumerate(RUNGS)}
    return sorted(slices, key=lambda r: (r["scope_category"], order.get(r["rung"], 99), r["rung"]))


def _without_rung(lines: pl.DataFrame) -> pl.DataFrame:
    """Facility energy that found no market-based factor, as slices."""
    rest = pl.col("energy_facility_kwh") - pl.col("market_kwh_covered").fill_null(0.0)
    return lines.filter(rest > 1e-9 * pl.col("energy_facility_kwh")).select(
        "line_id",
        pl.lit("none").alias("rung"),
        rest.alias("kwh"),
        pl.lit(None, pl.Float64).alias("kg_co2e"),
        pl.lit(False).alias("asserted"),
    )


def components(lines: pl.DataFrame) -> list[dict[str, str]]:
    """The parts of the equipment that the footprint counts, in words."""
    present = set(lines["component"].unique().to_list())
    return [{"component": c, "words": COMPONENT_WORDS[c]} for c in COMPONENTS if c in present]


def _largest_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By location-based mass, then energy, largest first; what is not known comes last.

    Equal figures keep the order of their names; equal means to 12 digits, so that the order in
    which a machine adds up decides nothing.
    """

    def size(row: dict[str, Any], column: str) -> float:
        value = row[column]
        return 1.0 if value is None else -float(f"{value:.12g}")

    return sorted(rows, key=lambda r: (size(r, "location_kg_co2e"), size(r, "energy_facility_kwh")))


def _in_order(
    rows: list[dict[str, Any]], column: str, words: Sequence[str]
) -> list[dict[str, Any]]:
    order = {word: i for i, word in enumerate(words)}
    return sorted(rows, key=lambda r: order.get(r[column], len(words)))


def _every_month(rows: list[dict[str, Any]], months: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each month of the period: a month of which nothing is known is shown so."""
    by_month = {r["month"]: r for r in rows}
    return [by_month.get(m, {"month": m, **EMPTY}) for m in months]
