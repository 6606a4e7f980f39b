"""`carbon intensity` and `carbon models`: what models cost, per use and once."""

from typing import Annotated

import polars as pl
import typer

from carbon.commands.terminal import JsonOption, WorkspaceOption, answer, table, workspace_path
from carbon.portfolio import Portfolio

INTENSITY = (
    "workload",
    "model",
    "per",
    "energy_wh",
    "location_g",
    "market_g",
    "embodied_g",
    "training_share_g",
    "boundary",
    "units",
)
"""Those of the contract, then how much of the machine the figure sees, and the units."""

MODELS = (
    "model",
    "training_kwh",
    "training_location_kg",
    "energy_wh_query",
    "location_g_query",
    "energy_wh_1k_tokens",
    "energy_facility_kwh",
    "location_kg_co2e",
    "market_kg_co2e",
)
REFERENCES = (
    *("own", "model", "task", "per", "energy_wh", "location_g", "market_g", "boundary"),
    *("release", "publisher", "document"),
)
RUNS = (
    "workload",
    "run",
    "ended",
    "energy_facility_kwh",
    "location_kg_co2e",
    "market_kg_co2e",
    "accelerator_hours",
    "node_hours",
    "wall_hours",
)


def intensity(
    workload: Annotated[str | None, typer.Option(help="One workload; default all.")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Energy and emissions per request, per 1,000 tokens, per training and per accelerator-hour."""
    rows = Portfolio(workspace_path(workspace)).intensity(workload).select(INTENSITY).to_dicts()
    answer(
        {"rows": rows},
        as_json,
        lambda: table(
            rows,
            INTENSITY[:9],
            "No figure per unit: import requests or tokens beside energy, or a training.",
        ),
    )


def models(
    model: Annotated[str | None, typer.Option(help="One model, run by run.")] = None,
    references: Annotated[
        bool, typer.Option("--references", help="Published figures, your own imports first.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """What each model took to make, takes per use, and emitted in all."""
    portfolio = Portfolio(workspace_path(workspace))
    if references:
        known = portfolio.references()
        chosen = known if model is None else known.filter(pl.col("model") == model)
        rows = chosen.to_dicts()
        nothing = f"No published figure of '{model}': import one with the references template."
        answer({"references": rows}, as_json, lambda: table(rows, REFERENCES, nothing))
        return
    if model is None:
        rows = portfolio.models().to_dicts()
        empty = "No activity names a model: state it in the inventory."
        answer({"models": rows}, as_json, lambda: table(rows, MODELS, empty))
        return
    found = portfolio.model(model)
    document = {
        "model": model,
        "totals": found.totals,
        "training": found.training.to_dicts(),
        "runs": found.runs.to_dicts(),
        "per_unit": found.per_unit.to_dicts(),
        "comparison": found.comparison.to_dicts(),
    }
    shown = found.per_unit.with_columns(workload=pl.lit(None, pl.String)).to_dicts()

    def say() -> None:
        table(shown, INTENSITY[1:9])
        table(found.runs.to_dicts(), RUNS, "Nothing trained it here.")

    answer(document, as_json, say)
