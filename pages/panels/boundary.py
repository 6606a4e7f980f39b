"""The boundary: what is in scope and why, which parts count, and what is missing of it."""

from typing import Final

import polars as pl
import streamlit as st

from pages.panels import boundary_forms as forms
from pages.ui import numbers, states, tables
from pages.ui.view import View

BASES: Final = {
    "statement": "the analyst, on the workload",
    "decision": "a decision by name",
    "lifecycle": "its lifecycle",
    "default": "the default",
}

REASONS: Final = {
    "declared": "Declared to be outside",
    "component": "Part of the equipment",
    "gap_estimate": "Estimate for a gap",
    "support": "Supporting services",
    "host": "Host beside accelerators",
}

MISSING: Final = {
    "host": "Host servers",
    "overhead": "Cooling and power distribution",
    "idle": "Machines that stood ready",
    "storage and network": "Storage and network",
}


def draw(view: View) -> None:
    """The whole panel."""
    known: pl.DataFrame = view.ask("workloads")
    if known.is_empty():
        states.empty(
            "Here the boundary will stand: what is in scope, and what is missing of it.",
            "No workload was imported yet.",
        )
        return
    missing: pl.DataFrame = view.of_period("completeness")
    left_out: pl.DataFrame = view.of_period("left_out")
    forms.said()
    _summary(view, known, missing)
    _decisions(view, known)
    _left_out(view, left_out)
    _components(view)
    _completeness(missing)
    with st.expander("Consolidation approach and defaults", icon=":material/account_balance:"):
        forms.general(view)


def _summary(view: View, known: pl.DataFrame, missing: pl.DataFrame) -> None:
    outside = known.filter(~pl.col("in_scope"))
    host = missing.filter(pl.col("central_kwh").is_not_null())
    boundary = view.ask("boundary")
    with st.grid(min_column_width=170):
        st.metric("Inside", numbers.integer(known.height - outside.height), border=True)
        st.metric("Outside", numbers.integer(outside.height), border=True)
        st.metric(
            "Missing, est.",
            numbers.percent(host["central_share"].sum()) if host.height else "0\u202f%",
            border=True,
            help="Energy that the boundary asks for and no source holds, as a share of what is "
            "known. It is in no figure.",
        )
    st.caption(
        f"Consolidated by {forms.APPROACHES[boundary.consolidation_approach].lower()}. The PUE on "
        "AI load is inside; other load of a data centre is not. What an analyst states on a "
        "workload stands above a decision by name, that above its lifecycle, and that above the "
        "default."
    )


def _decisions(view: View, known: pl.DataFrame) -> None:
    st.subheader("Who is in scope", anchor=False)
    decisions: pl.DataFrame = view.ask("boundary_decisions")
    if decisions.is_empty():
        st.markdown("No project, model or business unit is decided on by name yet.")
    else:
        tables.show(
            decisions.with_columns(
                pl.col("of").replace(forms.OF), pl.col("side").replace(forms.SIDES)
            ),
            key="boundary_decisions",
            alt="Decisions on the boundary with what each moves",
            titles={
                "of": "Of",
                "name": "Name or pattern",
                "side": "Side",
                "reason": "Reason",
                "decided_on": "Decided on",
                "evidence": "Evidence",
                "workloads": "Workloads that it decides",
                "energy_facility_kwh": "Their energy, all months [kWh]",
            },
            download="boundary-decisions.csv",
        )
    with st.expander("Decide", icon=":material/gavel:", expanded=decisions.is_empty()):
        forms.decide(view, known)
    if decisions.height:
        with st.expander("Take a decision back", icon=":material/undo:"):
            forms.take_back(view, decisions)
    lifecycles: pl.DataFrame = view.ask("boundary_lifecycles")
    with st.expander("By lifecycle", icon=":material/timeline:"):
        forms.lifecycles(view, lifecycles)
        tables.show(
            lifecycles.with_columns(pl.col("side").replace(forms.SIDES).fill_null("As default")),
            key="boundary_lifecycle_table",
            alt="Lifecycles with their side and their energy",
            titles={"side": "Side", "workloads": "Workloads"},
        )
    with st.expander("Every workload and who decided", icon=":material/list:"):
        tables.show(
            known.select(
                "workload_id",
                side=pl.when("in_scope").then(pl.lit("Inside")).otherwise(pl.lit("Outside")),
                by=pl.col("boundary_basis").replace(BASES),
                reason="boundary_reason",
                decided_on="boundary_decided_on",
            ).sort("side", "workload_id", descending=[True, False]),
            key="boundary_workloads",
            alt="Workloads with their side of the boundary",
            titles={
                "side": "Side",
                "by": "Decided by",
                "reason": "Reason",
                "decided_on": "Decided on",
            },
            download="boundary-workloads.csv",
        )


def _left_out(view: View, left_out: pl.DataFrame) -> None:
    st.subheader("Left out by declaration", anchor=False)
    if left_out.is_empty():
        st.markdown("Nothing is left out: every row that bears energy counts.")
    else:
        tables.show(
            left_out.with_columns(pl.col("reason").replace(REASONS)),
            key="boundary_left_out",
            alt="What is left out, with the reason",
            titles={
                "reason": "What",
                "why": "In the words of the policy",
                "rows": "Rows",
                "workloads": "Workloads",
                "kwh": "Energy left out, before overhead [kWh]",
            },
            download="left-out.csv",
        )
    with st.expander("Leave activity out: laptops, R&D that is not AI", icon=":material/block:"):
        forms.leave_out(view)
    if view.ask("boundary").left_out:
        with st.expander("Let something count again", icon=":material/undo:"):
            forms.back_in(view)


def _components(view: View) -> None:
    st.subheader("Parts of the equipment", anchor=False)
    rows: pl.DataFrame = view.of_period("boundary_components")
    forms.components(view, rows)
    tables.beside(
        rows.with_columns(pl.col("component").replace(forms.PARTS)),
        key="boundary_components",
        alt="Parts of the equipment with the energy that counts and that is left out",
        download="boundary-components.csv",
        titles={"included": "Counts", "left_out_kwh": "Left out [kWh]"},
    )
    st.caption(
        "Energy that was metered as a whole holds all of its parts and cannot be parted; hosts "
        "are told apart where they are modelled."
    )


def _completeness(missing: pl.DataFrame) -> None:
    st.subheader("What is missing", anchor=False)
    estimated = missing.filter(pl.col("central_kwh").is_not_null())
    open_ = missing.filter(pl.col("central_kwh").is_null())
    if missing.is_empty():
        st.markdown("Nothing that the boundary asks for is missing.")
        return
    if estimated.height:
        st.markdown(
            ":material/straighten: **Estimates, in no figure.** Each says what a meter of the part "
            "would most likely add, and the range in which published ratios and the policy put it."
        )
        for part, title in MISSING.items():
            rows = estimated.filter(pl.col("missing") == part)
            if rows.height:
                st.markdown(_sentence(title, rows))
        tables.show(
            estimated.with_columns(pl.col("missing").replace(MISSING)),
            key="boundary_missing",
            alt="What the boundary asks for and no source holds, by workload, as an estimate",
            columns=[
                *("workload", "place", "missing", "low_kwh", "central_kwh", "high_kwh"),
                *("central_kg", "central_share", "how"),
            ],
            titles={
                "missing": "Missing",
                "low_kwh": "Low [kWh]",
                "central_kwh": "Estimate [kWh]",
                "high_kwh": "High [kWh]",
                "central_kg": "Location-based [kgCO₂e]",
                "central_share": "Share of all energy",
                "how": "How it is estimated",
            },
            download="completeness.csv",
        )
    if open_.height:
        st.caption(
            "Not estimated: storage and network of "
            f"{numbers.count(open_['workload'].n_unique(), 'workload')}; no source states what "
            "they store or move. A bill that lists it, or a meter of the hall, closes the gap."
        )


def _sentence(title: str, rows: pl.DataFrame) -> str:
    span = f"{numbers.energy(rows['low_kwh'].sum())} to {numbers.energy(rows['high_kwh'].sum())}"
    who = numbers.count(rows["workload"].n_unique(), "workload")
    return (
        f"- **{title}** of {who}: {numbers.energy(rows['central_kwh'].sum())} ({span}), "
        f"{numbers.percent(rows['central_share'].sum())} of all energy."
    )
