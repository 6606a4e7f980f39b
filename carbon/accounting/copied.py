"""Rows that look wrong beside others: figures copied from another model, facility below IT energy.

Published cases: a row of a table filled in from another model's keeps its energy or emissions while
the hours differ; and a table that divides by the PUE where it should multiply states less energy
for the building than for the machines inside it. A remark marks a row and never removes it.
"""

from typing import Final

import polars as pl

from carbon.schema import METERED_KINDS, UNASSIGNED

DIGITS: Final = 2
"""A figure of no more significant digits than these is a round one, and may be met twice."""

PLACE: Final = ("workload", "provider", "region", "site", "zone")


def compare(rows: pl.DataFrame) -> pl.DataFrame:
    """Remarks on rows beside each other.

    * Rows of different models (workloads, where no model is named) state the same energy or the
      same emissions, and different accelerator-hours.
    * The facility energy of a row is below its IT energy: its PUE would be below 1.
    * So it is for a workload at one place over one and the same period, in two rows.

    Args:
        rows: every row that may carry energy, with source, workload, model, quantity_kind,
            quantity, stated_kg_co2e, format, tier, component, a place and a period.

    Returns:
        rows with `compared`: a remark, or null.
    """
    remarks = pl.concat([_copies(rows), _inverted_row(rows), _inverted_beside(rows)])
    joined = (
        remarks.sort("source", "remark")
        .group_by("source", maintain_order=True)
        .agg(compared=pl.col("remark").str.join("; "))
    )
    return rows.join(joined, on="source", how="left", validate="m:1", maintain_order="left")


def _copies(rows: pl.DataFrame) -> pl.DataFrame:
    """Figures that two models share though their hours differ: source, remark."""
    of_row = (
        rows.group_by("source")
        .agg(
            pl.coalesce("model", "workload").first().alias("name"),
            hours=_of("accelerator_hours"),
            energy=_energy("energy_facility_kwh", "energy_it_kwh"),
            emissions=pl.col("stated_kg_co2e").max(),
        )
        .filter(pl.col("hours") > 0)
        .sort("source")
    )
    parts = []
    for figure, unit in (("energy", "kWh"), ("emissions", "kgCO2e")):
        value = pl.col(figure)
        stated = of_row.filter(value > 0, value != value.round_sig_figs(DIGITS))
        twins = stated.filter(
            pl.col("name").n_unique().over(figure) > 1, pl.col("hours").n_unique().over(figure) > 1
        )
        others = pl.col("name").unique().sort().str.join(", ").over(figure)
        parts.append(
            twins.select(
                "source",
                remark=pl.format(
                    "{} of {} {} is stated for different hours of {}: copied?",
                    pl.lit(figure),
                    value.round_sig_figs(6),
                    pl.lit(unit),
                    others,
                ),
            )
        )
    return pl.concat(parts)


def _inverted_row(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows whose facility energy is below their IT energy: source, remark."""
    both = rows.group_by("source").agg(
        facility=_energy("energy_facility_kwh"), it=_energy("energy_it_kwh")
    )
    return _below(both)


def _inverted_beside(rows: pl.DataFrame) -> pl.DataFrame:
    """The same in two rows of one workload, place and period: source, remark.

    Several meters may see one machine: its IT energy is what the widest of their views sums up to.
    """
    key = [*PLACE, "period_start", "period_end"]
    metered = rows.filter(
        pl.col("quantity_kind").is_in(METERED_KINDS),
        pl.col("workload") != UNASSIGNED,
        pl.col("component").ne_missing(pl.lit("gap_estimate")),
    )
    it = (
        metered.filter(pl.col("quantity_kind") == "energy_it_kwh")
        .group_by(*key, "format", "tier")
        .agg(pl.col("quantity").sort().sum())
        .group_by(key)
        .agg(it=pl.col("quantity").max())
    )
    facility = (
        metered.filter(pl.col("quantity_kind") == "energy_facility_kwh")
        .group_by(key)
        .agg(pl.col("source").unique(), facility=pl.col("quantity").sort().sum())
    )
    both = facility.join(it, on=key, how="inner", validate="1:1", nulls_equal=True)
    return _below(both.explode("source"))


def _below(both: pl.DataFrame) -> pl.DataFrame:
    return both.filter(pl.col("facility") < pl.col("it") * (1 - 1e-9)).select(
        "source",
        remark=pl.format(
            "facility energy of {} kWh is below IT energy of {} kWh: PUE inverted?",
            pl.col("facility").round_sig_figs(6),
            pl.col("it").round_sig_figs(6),
        ),
    )


def _of(kind: str) -> pl.Expr:
    return pl.col("quantity").filter(pl.col("quantity_kind") == kind).sort().sum()


def _energy(*kinds: str) -> pl.Expr:
    """The sum of what a row states as one of some kinds; null where it states none."""
    stated = pl.col("quantity").filter(pl.col("quantity_kind").is_in(kinds))
    return pl.when(stated.len() > 0).then(stated.sort().sum())
