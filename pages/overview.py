"""Overview: how much, how sure, and can we disclose it?"""

import polars as pl
import streamlit as st

from pages.ui import (
    bar,
    charts,
    findings,
    gate,
    headline,
    lineage,
    numbers,
    states,
    tables,
    words,
    worldmap,
)
from pages.ui.view import View

TOP_WORKLOADS = 10


def draw(view: View) -> None:
    """The whole screen."""
    states.title(
        "Overview", "What the AI portfolio emits, how sure that is, and what is missing.", view
    )
    if view.is_empty:
        states.empty(
            "Here the portfolio's emissions will stand: by method, month, workload and place.",
            "No activity was imported yet. A spreadsheet, tracker file or provider export is "
            "enough for a first figure.",
        )
        return
    if states.nothing_in_view(view):
        return
    headline.draw(view)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _months(view)
    with right:
        findings.readiness(view)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _top(view)
    with right:
        _map(view)
    _reported(view)


def _months(view: View) -> None:
    st.subheader("Emissions by month", anchor=False)
    rows = view.footprint("month", "lifecycle").rows
    totals = view.footprint("month").rows
    for method in view.methods:
        if len(view.methods) > 1:
            st.markdown(f"**{words.METHODS[method]}**")
        chart = charts.months_by_lifecycle(rows, totals, method)
        charts.show(chart, key=f"months_{method}", height=270)
    tables.beside(
        rows,
        key="months",
        alt="Emissions by month and lifecycle",
        columns=tables.measures("month", "lifecycle"),
        download="emissions-by-month.csv",
    )


def _top(view: View) -> None:
    rows = view.rows("workload")
    shown = rows.head(TOP_WORKLOADS)
    st.subheader("Largest workloads" if rows.height > TOP_WORKLOADS else "Workloads", anchor=False)
    picked = charts.show(charts.ranked(shown, "workload", view.methods), key="top", select=True)
    charts.opened("top", picked, lambda index: lineage.workload(view, shown["workload"][index]))
    st.caption("A click on a bar opens where its figure comes from.")
    tables.beside(
        rows,
        key="workloads",
        alt="Every workload with its emissions under both methods",
        columns=tables.measures("workload"),
        download="emissions-by-workload.csv",
        select=lambda row: lineage.workload(view, row["workload"]),
    )


def _map(view: View) -> None:
    st.subheader("Where it is used", anchor=False)
    points = view.of_period("map_points")
    charts.show(worldmap.places(points, view.methods[0]), key="map")
    st.caption(
        f"Bubbles: {words.METHODS[view.methods[0]].lower()} emissions. Shading: the carbon "
        "intensity of the grid, weighted by the energy used there."
    )
    hidden = points.filter(pl.col("latitude").is_null())
    if hidden.height:
        st.caption(
            f"Not on the map: {numbers.count(hidden.height, 'place')} without a known position."
        )
    tables.beside(
        points, key="places", alt="Energy, emissions and intensity by place", download="places.csv"
    )


def _reported(view: View) -> None:
    reported = view.ask("reported", view.month_from, view.month_to)
    if reported.is_empty():
        return
    st.subheader("What the providers report themselves", anchor=False)
    st.markdown(
        "Shown beside the footprint and never added to it: providers draw their boundaries, "
        "factors and months in their own ways."
    )
    tables.show(
        reported,
        key="reported",
        alt="Providers' own figures by month and method",
        columns=["provider", "month", "method", "kg_co2e", "model_version"],
        titles={"kg_co2e": "Reported [kgCO₂e]", "model_version": "Provider's model version"},
        download="reported-by-providers.csv",
    )


gate.require()
draw(bar.current())
