"""The workloads: what AI runs, whose it is, and whether it is in scope."""

from collections.abc import Callable
from typing import Final

import polars as pl
import streamlit as st

from carbon.schema import UNASSIGNED
from pages.panels import (
    workload_add,
    workload_bulk,
    workload_file,
    workload_history,
    workload_table,
)
from pages.ui import lineage, numbers, parts, states, tables
from pages.ui.view import View

WAYS: Final[dict[str, tuple[str, str, Callable[[View, pl.DataFrame], None]]]] = {
    "table": ("Table", ":material/table:", workload_table.draw),
    "several": ("Edit several", ":material/edit_note:", workload_bulk.draw),
    "file": ("In a spreadsheet", ":material/sync_alt:", workload_file.draw),
    "add": ("Add or delete", ":material/add_circle:", workload_add.draw),
    "history": ("History", ":material/history:", workload_history.draw),
}
"""Ways to work on the inventory -> title, icon, and what draws it."""

SAID: Final = "inventory_said"
"""What was done on the last click, said once."""


def draw(view: View) -> None:
    """The whole panel."""
    frame: pl.DataFrame = view.ask("inventory_table", view.month_from, view.month_to)
    if frame.is_empty():
        states.empty(
            "Here every workload will stand, with its owner, place, lifecycle and boundary.",
            "No workload was imported yet.",
        )
        with st.expander("Add a workload by hand", icon=":material/add_circle:"):
            workload_add.form(view)
        return
    ordered = frame.sort(
        pl.col("workload_id") != UNASSIGNED, "completeness", "workload_id", nulls_last=True
    )
    _unassigned(ordered, view.portfolio.policy.billing.workload_tags)
    _summary(ordered)
    way = st.segmented_control(
        "Way to work on the inventory",
        list(WAYS),
        format_func=lambda name: f"{WAYS[name][1]} {WAYS[name][0]}",
        default="table",
        required=True,
        key="inventory_way",
        label_visibility="collapsed",
    )
    if said := st.session_state.pop(SAID, None):
        st.success(said, icon=":material/check:")
    WAYS[way][2](view, ordered)
    if way == "table":
        _emissions(view)


def _unassigned(frame: pl.DataFrame, tags: tuple[str, ...]) -> None:
    """Energy that nobody claims, before everything else, and what to do about it."""
    row = frame.row(0, named=True)
    if row["workload_id"] != UNASSIGNED:
        return
    with st.container(key="unassigned", border=True):
        known = row["energy_facility_kwh"] is not None
        figures = (
            f"**{numbers.energy(row['energy_facility_kwh'])}** and "
            f"**{numbers.mass(row['location_kg_co2e'])} CO₂e** (location-based) belong to no "
            "workload."
            if known
            else f"{numbers.count(row['rows'], 'row')} of activity belong to no workload; their "
            "energy is not known."
        )
        st.markdown(f":material/help: {figures}")
        st.caption(
            "Give it an owner by an assignment rule, or see under Shadow AI who is likely to run "
            "it. Lines of bills are named by the tags in the policy's billing.workload\\_tags: "
            + ", ".join(map(numbers.plain, tags))
            + "."
        )
        with st.container(horizontal=True):
            parts.button("rules", "Assign by a rule", ":material/rule:", key="to_rules")
            parts.button("shadow", "See Shadow AI", ":material/visibility:", key="to_shadow")


def _summary(frame: pl.DataFrame) -> None:
    named = frame.filter(pl.col("workload_id") != UNASSIGNED)
    outside = named.filter(~pl.col("in_scope")).height
    incomplete = named.filter(pl.col("completeness") < 1).height
    st.markdown(
        f"**{numbers.count(named.height, 'workload')}** · "
        f"**{numbers.integer(outside)}** outside the boundary · "
        f"**{numbers.integer(incomplete)}** incomplete"
    )


def _emissions(view: View) -> None:
    rows = view.rows("workload")
    if rows.is_empty():
        return
    st.subheader("What each workload emits", anchor=False)
    st.caption("A click on a row opens where its figure comes from.")
    tables.show(
        rows,
        key="inventory_emissions",
        alt="Energy and emissions by workload",
        columns=tables.measures("workload"),
        download="emissions-by-workload.csv",
        select=lambda row: lineage.workload(view, row["workload"]),
    )
