"""What a report holds: the one content model that PDF, workbook and JSON print.

Plain JSON values in a fixed order. Nothing here depends on the clock, the user, a path or the
time of receipt: the same evidence, policy and factors give the same content.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import polars as pl

from carbon.accounting.completeness import completeness
from carbon.accounting.pipeline import Footprint
from carbon.accounting.summary import select
from carbon.accounting.sums import ordered_known_sum
from carbon.disclosure import assumptions, breakdown, methodology, sources
from carbon.disclosure.calendar import last_day, months_between, period_kind, period_words
from carbon.factors.references import references
from carbon.policy import Policy

SCHEMA: Final = "carbon-report/1"
TITLE: Final = "Carbon footprint of the AI portfolio"
DIGITS: Final = 12
"""Significant digits of a figure in the content. No input is known to as many, and with fewer
than a float holds, the order in which a machine adds up cannot be seen in the bytes."""

Scope = Literal["in", "all"]

APPROACHES: Final = {
    "operational_control": "operational control",
    "financial_control": "financial control",
    "equity_share": "equity share",
}


def content(
    footprint: Footprint,
    policy: Policy,
    *,
    inventory: pl.DataFrame,
    evidence: pl.DataFrame,
    quarantine: pl.DataFrame,
    period_start: str,
    period_end: str,
    scope: Scope = "in",
    reported: pl.DataFrame | None = None,
    collection: pl.DataFrame | None = None,
    scenarios: Sequence[Mapping[str, Any]] = (),
    title: str = TITLE,
) -> dict[str, Any]:
    """The whole report as JSON values.

    Args:
        footprint: the footprint; months outside of the period are left out here.
        policy: the choices that the footprint was computed with.
        inventory: workloads (`workload_id`, `in_scope`, `boundary_reason` and what is stated).
        evidence: files as received: `evidence_id`, `name`, `format`, `rows`.
        quarantine: rows not taken: `file`, `row`, `column`, `value`, `reason`.
        period_start: first month, "YYYY-MM".
        period_end: last month, "YYYY-MM"; its last day is the date that the report prints.
        scope: "in" for the workloads inside the boundary, "all" for every one.
        reported: providers' own figures: `provider`, `month`, `method`, `kg_co2e`.
        collection: the data collection policy, as `disclosure.collection.collected` gives it.
        scenarios: what load would emit elsewhere, beside the inventory: name, scope, words,
            month_from, month_to, today, scenario, violations, notes, fault.
        title: title on the cover.

    Returns:
        A dictionary of JSON values; mass in kgCO2e, energy in kWh, water in L.

    Raises:
        ValueError: where the period ends before it starts or a month is not "YYYY-MM".
    """
    months = months_between(period_start, period_end)
    chosen = select(footprint, period_start, period_end, scope=scope)
    whole = select(footprint, period_start, period_end, scope="all")
    results = breakdown.results(chosen, policy, months)
    model: dict[str, Any] = {
        "schema": SCHEMA,
        "title": title,
        "organisation": policy.boundary.organisation,
        "period": {
            "start": period_start,
            "end": period_end,
            "months": len(months),
            "words": period_words(period_start, period_end),
            "date": last_day(period_end).isoformat(),
            "kind": period_kind(months),
        },
        "policy_hash": policy.hash,
        "boundary": _boundary(whole.lines, inventory, policy, scope),
        "results": results,
        "quality": breakdown.quality(chosen),
        "market": {
            "rungs": breakdown.rungs(chosen),
            "instruments": sources.instruments(chosen, months),
        },
        "factors": sources.factors(chosen),
        "row_factors": sources.row_factors(chosen, evidence),
        "reported": sources.reported(reported, months),
        "evidence": sources.evidence(chosen, evidence),
        "superseded": sources.superseded(chosen),
        "general_it": sources.general_it(chosen),
        "left_out": sources.left_out(chosen),
        "missing": completeness(chosen.lines, references().published, policy).to_dicts(),
        "collection": [] if collection is None else collection.to_dicts(),
        "quarantine": sources.quarantine(quarantine),
        "findings": sources.findings(chosen.findings),
        "assumptions": assumptions.assumptions(chosen.lines),
        "choices": assumptions.choices(policy),
        "scenarios": list(scenarios),
    }
    model["methodology"] = methodology.chapters(model, chosen, policy)
    tidied: dict[str, Any] = _tidy(model)
    return tidied


def _boundary(
    lines: pl.DataFrame, inventory: pl.DataFrame, policy: Policy, scope: Scope
) -> dict[str, Any]:
    """Who counts and which workloads are in or out, with what leaving them out leaves out.

    The inventory lists every workload; activity that nobody claims is listed beside them.
    """
    by_workload = (
        lines.group_by("workload")
        .agg(
            pl.col("in_scope").all(),
            ordered_known_sum("energy_facility_kwh"),
            ordered_known_sum("location_kg"),
        )
        .rename({"in_scope": "in_scope_lines"})
    )
    wanted = ["name", "model", "lifecycle", "business_unit", "owner", "in_scope", "boundary_reason"]
    stated = inventory.select(
        pl.col("workload_id").alias("workload"),
        *(
            pl.col(c)
            if c in inventory.columns
            else pl.lit(None, pl.Boolean if c == "in_scope" else pl.String).alias(c)
            for c in wanted
        ),
    )
    rows = (
        stated.join(by_workload, on="workload", how="full", coalesce=True, validate="1:1")
        .with_columns(
            pl.coalesce(
                "in_scope_lines", "in_scope", pl.lit(policy.boundary.in_scope_by_default)
            ).alias("in_scope"),
            (pl.col("in_scope").is_null()).alias("by_default"),
        )
        .drop("in_scope_lines")
        .sort("workload")
        .to_dicts()
    )
    return {
        "approach": policy.boundary.consolidation_approach,
        "approach_words": APPROACHES[policy.boundary.consolidation_approach],
        "scope": scope,
        "gwp_set": policy.factors.gwp_set,
        "included": [r for r in rows if r["in_scope"]],
        "excluded": [r for r in rows if not r["in_scope"]],
        "components": breakdown.components(lines),
    }


def _tidy(value: Any) -> Any:
    """JSON values only, floats to `DIGITS` significant digits, no NaN."""
    if isinstance(value, dict):
        return {str(k): _tidy(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_tidy(v) for v in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
