"""What a model's page shows, and how its parts are put together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from carbon.accounting import comparison
from carbon.accounting.ladder import published
from carbon.accounting.pipeline import Footprint
from carbon.accounting.summary import measured
from carbon.factors.references import References
from carbon.policy import Policy
from carbon.schema import MEASURES


@dataclass(frozen=True)
class ModelView:
    """One model, as its page shows it.

    Attributes:
        name: the model.
        workloads: rows of the inventory that train or serve it.
        totals: the measures R of the period.
        months: month, lifecycle and the measures.
        training: what it took to make it, over the whole record, one row; empty where nothing
            trained it.
        endings: the same by how runs ended.
        runs: the same by run, largest first.
        per_unit: rows of `carbon intensity` of the model, with intervals and boundary.
        inference: requests, tokens and energy by month.
        places: provider, region, site, zone, accelerator and the measures.
        batches: energy and emissions per request by endpoint, batch size and accelerator, where
            they are told apart.
        accelerator_only: Wh of accelerators per 1,000 requests, where boards were metered.
        accelerators: that figure beside imported ones of accelerators alone, per 1,000 requests.
        comparison: its figures beside published ones and other models of the portfolio.
        ladder: the published rungs of one service: boundary -> Wh.
        equivalents: its training and its period in everyday terms.
        evidence: file, format, rows, first and last month.
    """

    name: str
    workloads: pl.DataFrame
    totals: Mapping[str, Any]
    months: pl.DataFrame
    training: pl.DataFrame
    endings: pl.DataFrame
    runs: pl.DataFrame
    per_unit: pl.DataFrame
    inference: pl.DataFrame
    places: pl.DataFrame
    batches: pl.DataFrame
    accelerator_only: pl.DataFrame
    accelerators: pl.DataFrame
    comparison: pl.DataFrame
    ladder: Mapping[str, float]
    equivalents: pl.DataFrame
    evidence: pl.DataFrame


def named(footprint: Footprint) -> Footprint:
    """The lines that name a model."""
    return replace(footprint, lines=footprint.lines.filter(pl.col("model").is_not_null()))


def only(footprint: Footprint, model: str) -> Footprint:
    return replace(footprint, lines=footprint.lines.filter(pl.col("model") == model))


def places(chosen: Footprint, policy: Policy) -> pl.DataFrame:
    """Hardware and regions of a model."""
    groups = ["provider", "region", "site", "zone", "accelerator"]
    if chosen.lines.is_empty():
        return chosen.lines.select(groups).with_columns(
            pl.lit(None, pl.String if name == "tier" else pl.Float64).alias(name)
            for name in MEASURES
        )
    return measured(chosen.lines, chosen.market, groups, policy).sort(
        "energy_facility_kwh", *groups, descending=[True, *[False] * len(groups)], nulls_last=True
    )


def beside(own: pl.DataFrame, others: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """A model's figures beside published ones, and beside the portfolio's other models.

    Args:
        own: the model's rows of `carbon intensity`.
        others: those of the portfolio's other models.
        known: as `carbon.factors.references.with_own` gives it.
    """
    ladder = published(known)
    ours = others.filter(pl.col("model").is_not_null()).select(
        name="model", per="per", boundary="boundary", energy_wh="energy_wh",
        location_g="location_g", market_g="market_g",
    )  # fmt: skip
    beside = [
        comparison.with_published(own, known)
        .with_columns(whose=pl.when("own").then(pl.lit("imported")).otherwise(pl.lit("published")))
        .drop("own"),
        comparison.compare(own, ours, ladder).with_columns(whose=pl.lit("portfolio")),
    ]
    return pl.concat(beside, how="diagonal").filter(pl.col("per") != "gpu_hour")


def equivalents(
    baseline: pl.DataFrame, totals: Mapping[str, Any], known: References
) -> pl.DataFrame:
    """Training, and the period as a whole, in everyday terms."""
    trained = baseline["location_kg_co2e"].to_list()
    amounts = {"training": trained[0] if trained else None, "period": totals["location_kg_co2e"]}
    return pl.concat(
        comparison.equivalents(kg, known.equivalents).with_columns(
            what=pl.lit(what), emissions_kg=pl.lit(kg, pl.Float64)
        )
        for what, kg in amounts.items()
    )
