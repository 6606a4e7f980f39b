"""What a careful reader would ask before the figures are handed on."""

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from carbon.accounting.findings_of_boundary import of_boundary
from carbon.accounting.findings_of_sources import of_sources
from carbon.accounting.findings_of_usage import of_usage
from carbon.accounting.phrases import (
    KWH,
    count_rows,
    energy_of,
    in_kwh,
    listed,
    percent,
    workloads_of,
)
from carbon.accounting.result import Finding, Footprint
from carbon.policy import Policy

__all__ = ["Finding", "find"]

LOOKED_AT = (
    *("line_id", "evidence_id", "row_number", "format", "month", "workload", "scope_category"),
    *("use_start", "use_end"),
    *("zone", "market", "pue", "pue_source", "tier", "energy_facility_kwh", "flags"),
    *("location_basis", "location_factor_id", "location_kg", "market_kwh_covered"),
    "quantity_kind",
)
"""Columns of a line that findings are about."""


def find(footprint: Footprint) -> tuple[Finding, ...]:
    """Findings about the lines of a footprint, those that stop a freeze first.

    Args:
        footprint: the lines that are looked at, with their market slices and instruments.
    """
    about_boundary = list(of_boundary(footprint))
    # Narrow lines: what a finding filters it also copies.
    footprint = replace(footprint, lines=footprint.lines.select(LOOKED_AT))
    found = [
        *_energy(footprint),
        *of_sources(footprint),
        *about_boundary,
        *of_usage(footprint),
        *_factors(footprint),
        *_market(footprint),
        *_instruments(footprint),
        *_plausibility(footprint),
    ]
    order = ("block", "warn", "info")
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def _energy(footprint: Footprint) -> Iterator[Finding]:
    lines, policy = footprint.lines, footprint.policy
    unknown = lines.filter(KWH.is_null())
    if unknown.height:
        yield Finding(
            "energy_unknown",
            "block",
            f"Energy is not known for {count_rows(unknown)}",
            "The hours of these rows have no watts and no known hardware behind them, so the total "
            "is without them. Give average_power_w, or an accelerator or instance type that the "
            "library knows, or state the mean power of the workload in the AI inventory: "
            + listed(unknown["flags"].drop_nulls())
            + ".",
            workloads=workloads_of(unknown),
        )
    unmetered = footprint.unmetered
    if unmetered.height:
        kinds = ", ".join(sorted({k for v in unmetered["quantity_kinds"] for k in v.split(", ")}))
        yield Finding(
            "no_energy_stated",
            "warn",
            f"{count_rows(unmetered)} with use but no energy",
            f"They give {kinds.replace('_', ' ')}, from which no energy follows. Add energy_kwh, "
            "accelerator_hours or instance_hours for them, or state Wh per request or per 1,000 "
            "output tokens of their workload.",
            workloads=workloads_of(unmetered),
        )
    yield from _share_of_energy(
        lines,
        pl.col("pue_source") == "policy default",
        policy,
        code="default_pue",
        what=f"rests on the default PUE of {policy.energy.default_pue:g}",
        detail="Neither the rows nor the operators of these regions give a PUE. State the site's "
        "own in the pue column, or set energy.default_pue in the policy.",
    )
    yield from _share_of_energy(
        lines,
        pl.col("tier") == "T5",
        policy,
        code="energy_from_tdp",
        what="is estimated from TDP",
        detail="Nobody measured it. Measured watts (average_power_w) or kWh narrow the interval.",
    )
    ones = lines.filter((pl.col("pue") == 1.0) & KWH.is_not_null())
    if ones.height:
        yield Finding(
            "pue_of_one",
            "info",
            f"{count_rows(ones)} with a PUE of 1.0",
            "No cooling or power distribution is counted for them. Trackers write 1.0 where nobody "
            "set a PUE; state the site's own where that is so.",
            energy_of(ones),
            workloads_of(ones),
        )


def _factors(footprint: Footprint) -> Iterator[Finding]:
    lines, policy = footprint.lines, footprint.policy
    total = energy_of(lines)
    missing = lines.filter(
        KWH.is_not_null() & pl.col("location_kg").is_null() & pl.col("zone").is_not_null()
    )
    if missing.height:
        share = energy_of(missing) / total if total else 0.0
        places = listed(missing["zone"])
        yield Finding(
            "factor_missing",
            "block" if share > policy.readiness.significant_share else "warn",
            f"{share:.1%} of energy found no location-based factor",
            f"No factor fits {places}. Import one with the factor template; until then this energy "
            "is outside the emissions and lowers the coverage.",
            energy_of(missing),
            workloads_of(missing),
        )
    answers = footprint.factors_used.filter(pl.col("method") == "location")
    looked_up = lines.filter(
        (pl.col("location_basis") != "row") & pl.col("location_kg").is_not_null()
    )
    # Uses of one month may have taken several factors, and several uses the same one.
    key = ["zone", "month", "location_factor_id"]
    answers = answers.rename({"factor_id": "location_factor_id"}).unique(key)
    with_answer = looked_up.join(
        answers.select(*key, "lag_years", "gwp_set"),
        on=key,
        how="left",
        validate="m:1",
        maintain_order="left",
    )
    lagging = with_answer.filter(pl.col("lag_years") > 1)
    if lagging.height:
        yield Finding(
            "lagging_factors",
            "warn",
            f"{percent(energy_of(lagging), total)} of energy uses factors more than a year behind",
            f"Up to {lagging['lag_years'].max()!s} years, for {listed(lagging['zone'])}. "
            "Import the newer edition where there is one, and restate when it appears.",
            energy_of(lagging),
            workloads_of(lagging),
        )
    lifecycle = looked_up.filter(
        (pl.col("location_basis") == "lifecycle") & (pl.col("scope_category") == "scope_2")
    )
    if lifecycle.height:
        yield Finding(
            "lifecycle_in_scope_2",
            "warn",
            f"{percent(energy_of(lifecycle), total)} of energy: a life-cycle factor stands in "
            "Scope 2",
            f"For {listed(lifecycle['zone'])} no direct factor is known. A life-cycle factor holds "
            "upstream emissions that belong to Scope 3 category 3, so Scope 2 is overstated, and "
            "category 3 must not add them again.",
            energy_of(lifecycle),
            workloads_of(lifecycle),
        )
    other_gwp = with_answer.filter(pl.col("gwp_set") != policy.factors.gwp_set)
    if other_gwp.height:
        sets = listed(other_gwp["gwp_set"])
        yield Finding(
            "other_gwp_set",
            "info",
            f"{percent(energy_of(other_gwp), total)} of energy uses factors in another GWP set",
            f"The policy asks for {policy.factors.gwp_set}; {listed(other_gwp['zone'])} are "
            f"published in {sets} without their gases, and kept as published.",
            energy_of(other_gwp),
            workloads_of(other_gwp),
        )


def _market(footprint: Footprint) -> Iterator[Finding]:
    asserted = _placed(footprint, pl.col("asserted"))
    if asserted.height:
        kwh = float(asserted["kwh"].sum())
        yield Finding(
            "asserted_market_factor",
            "warn",
            f"{in_kwh(kwh)} use a market factor that no document stands behind",
            "A market factor that is merely typed in is used and marked asserted. Name the "
            "contract or the supplier's document in factor_source, or import the instrument.",
            kwh,
            workloads_of(asserted),
        )
    stood_in = _placed(footprint, pl.col("rung").is_in(["grid_average", "row_location"]))
    for category, name in (("scope_2", "Scope 2"), ("scope_3_cat_1", "Category 1")):
        stand_in = stood_in.filter(pl.col("scope_category") == category)
        if stand_in.height:
            kwh = float(stand_in["kwh"].sum())
            markets = listed(stand_in["market"].fill_null("no place"))
            yield Finding(
                f"no_residual_mix_{category}",
                "info",
                f"{name}: no residual mix for {markets}",
                f"{in_kwh(kwh)} that no instrument or supplier covers stand at the location-based "
                "factor, which is disclosed. Import a residual mix with the factor template where "
                "one is published.",
                kwh,
                workloads_of(stand_in),
            )
    short = footprint.lines.filter(
        KWH.is_not_null(), pl.col("market_kwh_covered").fill_null(0.0) < KWH * (1 - 1e-9)
    )
    if short.height:
        kwh = energy_of(short) - float(short["market_kwh_covered"].sum())
        yield Finding(
            "market_factor_missing",
            "warn",
            f"{in_kwh(kwh)} found no market-based factor",
            f"Nothing fits {listed(short['zone'].fill_null('no place'))}: import a supplier's "
            "factor, a residual mix or a grid average with the factor template.",
            kwh,
            workloads_of(short),
        )


def _instruments(footprint: Footprint) -> Iterator[Finding]:
    if not footprint.instruments.width:
        return
    for row in footprint.instruments.iter_rows(named=True):
        name, kwh, market = row["instrument_id"], row["kwh"], row["market"]
        if row["failed"] is not None:
            yield Finding(
                "instrument_failed",
                "warn",
                f"Instrument {name} does not meet the Scope 2 Quality Criteria",
                f"Its {in_kwh(kwh)} cover nothing: {row['failed']}. The energy takes the "
                "supplier's factor or the residual mix instead.",
                kwh,
            )
        elif not row["matched"]:
            yield Finding(
                "instrument_out_of_reach",
                "warn",
                f"Instrument {name} covers no Scope 2 energy",
                f"No own or colocated load lies in its market ({market}) and period "
                f"({row['period_start']} to {row['period_end']}). Instruments never cover "
                "purchased compute.",
                kwh,
            )
        elif kwh - row["used_kwh"] > 1e-9 * kwh:
            left = kwh - row["used_kwh"]
            yield Finding(
                "instrument_surplus",
                "info",
                f"Instrument {name} is larger than the load: {in_kwh(left)} of {in_kwh(kwh)} "
                "unused",
                f"The surplus is not carried to another market ({market}) or period and lowers "
                "nothing.",
                left,
            )


def _plausibility(footprint: Footprint) -> Iterator[Finding]:
    flagged = footprint.lines.filter(pl.col("flags").is_not_null() & KWH.is_not_null())
    if flagged.height:
        yield Finding(
            "implausible",
            "warn",
            f"{count_rows(flagged)} with implausible figures",
            "They count as given. Check them: "
            + listed(flagged["flags"].str.split("; ").explode())
            + ".",
            energy_of(flagged),
            workloads_of(flagged),
        )


def _placed(footprint: Footprint, which: pl.Expr) -> pl.DataFrame:
    """Some market slices, with the place, scope category and workload of their lines."""
    return footprint.market.filter(which).join(
        footprint.lines.select("line_id", "market", "scope_category", "workload"),
        on="line_id",
        how="inner",
        validate="m:1",
    )


def _share_of_energy(
    lines: pl.DataFrame, which: pl.Expr, policy: Policy, *, code: str, what: str, detail: str
) -> Iterator[Finding]:
    """A finding where the named lines carry a significant share of the energy."""
    part = lines.filter(which & KWH.is_not_null())
    kwh, total = energy_of(part), energy_of(lines)
    if total and kwh / total > policy.readiness.significant_share:
        title = f"{percent(kwh, total)} of energy {what}"
        yield Finding(code, "warn", title, detail, kwh, workloads_of(part))
