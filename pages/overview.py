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

# Columns of the places that are read first, and those that are read last.
_PLACE = ("place", "country", "energy_facility_kwh", "location_kg", "market_kg", "kg_per_kwh")
_POINT = ("latitude", "longitude")


def draw(view: View) -> None:
    """The whole screen."""
    states.title(
        "Overview", "What the AI portfolio emits, how sure that is, and what is missing.", view
    )
    if view.is_empty:
        _empty(view)
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


def _empty(view: View) -> None:
    """No activity yet; what a provider reports itself is shown, and makes no footprint."""
    reported = view.ask("reported")
    states.empty(
        "Here the portfolio's emissions will stand: by method, month, workload and place.",
        "No activity was imported yet. For a footprint, import what was used: kWh, accelerator-"
        "hours or instance-hours of each workload, in the activity template, or a CodeCarbon log."
        + (
            ""
            if reported.is_empty()
            else " A provider's own figures, beneath, stand beside a footprint and never make one."
        ),
    )
    _reported(view)


def _months(view: View) -> None:
    st.subheader("Emissions by month", anchor=False)
    rows = view.footprint("month", "lifecycle").rows
    totals = view.footprint("month").rows
    for method in view.methods:
        if len(view.methods) > 1:
            st.markdown(f"**{words.METHODS[method]}**")
        chart = charts.months_by_lifecycle(rows, totals, method)
        key = f"months_{method}_{tables.panels_closed()}"
        picked = charts.show(chart, key=key, height=320, select=True)
        charts.opened(key, picked, lambda point: lineage.month(view, str(point["x"])[:7]))
    st.caption("A click on a bar opens the workloads of its month.")
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
    key = f"top_{tables.panels_closed()}"
    picked = charts.show(charts.ranked(shown, "workload", view.methods), key=key, select=True)
    charts.opened(
        key, picked, lambda point: lineage.workload(view, shown["workload"][point["point_index"]])
    )
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
        points.select(*_PLACE, pl.exclude(*_PLACE, *_POINT), *_POINT),
        key="places",
        alt="Energy, emissions and intensity by place",
        download="places.csv",
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
