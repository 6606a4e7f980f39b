"""Portfolio: what is it made of, what makes most of it, and how does it move?"""

from typing import Final

import polars as pl
import streamlit as st

from pages.ui import (
    bar,
    charts,
    gate,
    lineage,
    numbers,
    portfolio_charts,
    states,
    tables,
    theme,
    words,
)
from pages.ui.view import View

MEASURES: Final = {
    "location_kg_co2e": "Location-based emissions",
    "market_kg_co2e": "Market-based emissions",
    "energy_facility_kwh": "Facility energy",
    "embodied_kg_co2e": "Embodied hardware, amortised",
}

PER: Final = {
    "query": ("Per request", "a request"),
    "1k_output_tokens": ("Per 1,000 output tokens", "1,000 output tokens"),
    "1k_tokens": ("Per 1,000 tokens", "1,000 tokens"),
}
"""What a figure is per -> on the button, and in a sentence."""

PARTS: Final = {"model": "Models", "workload": "Workloads", "business_unit": "Business units"}


def draw(view: View) -> None:
    """The whole screen."""
    states.title(
        "Portfolio", "What the emissions are made of, what makes most of them, how they move.", view
    )
    if view.is_empty:
        states.empty(
            "Here the portfolio's parts will stand: business units, models, lifecycles.",
            "No activity was imported yet.",
        )
        return
    if states.nothing_in_view(view):
        return
    measure = _measure(view)
    _tree(view, measure)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _pareto(view, measure)
    with right:
        _trend(view)
    _per_unit(view)


def _measure(view: View) -> str:
    """The measure that the screen shows; the first is the bar's method."""
    first = f"{view.methods[0]}_kg_co2e"
    options = sorted(MEASURES, key=lambda name: name != first)
    return st.selectbox(
        "Measure",
        options,
        format_func=MEASURES.__getitem__,
        key=f"portfolio_measure_{view.method}",
        width=300,
    )


def _tree(view: View, measure: str) -> None:
    st.subheader("Business unit, model, lifecycle", anchor=False)
    nodes = view.of_period("tree")
    charts.show(portfolio_charts.treemap(nodes, measure, MEASURES[measure]), key=f"tree_{measure}")
    unstated = nodes.filter((pl.col("level") == 1) & ~pl.col("stated") & (pl.col(measure) > 0))
    if unstated.height:
        st.caption(
            f"{_amount(measure, unstated[measure][0])} belong to no business unit. State it in the "
            "AI inventory; it then moves to its place."
        )
    st.caption("A click on a part opens it; the path on top leads back.")
    tables.beside(
        nodes.filter(pl.col("level") == len(portfolio_charts.LEVELS)).drop("level", "stated"),
        key="tree_table",
        alt="Emissions by business unit, model and lifecycle",
        download="portfolio.csv",
    )


def _pareto(view: View, measure: str) -> None:
    st.subheader("What makes most of it", anchor=False)
    by = st.segmented_control(
        "By",
        list(PARTS),
        format_func=PARTS.__getitem__,
        default="model",
        required=True,
        key="pareto_by",
        bind="query-params",
        label_visibility="collapsed",
    )
    rows = view.of_period("pareto", by, measure)
    if rows.is_empty():
        st.caption("Nothing is known of this measure in this period.")
        return
    vital = rows.filter("vital")
    makes = "makes" if vital.height == 1 else "make"
    st.markdown(
        f"**{numbers.count(vital.height, PARTS[by].lower().removesuffix('s'))}** of "
        f"{numbers.integer(rows.height)} {makes} "
        f"**{numbers.percent(vital['cumulative_share'].max())}** of it."
    )
    hue = theme.METHODS.get(measure.partition("_")[0], theme.EMBODIED)
    charts.show(portfolio_charts.pareto(rows, by, measure, hue), key=f"pareto_{by}_{measure}")
    tables.beside(
        rows,
        key="pareto_table",
        alt="Parts by size, with their cumulative share",
        columns=["rank", by, measure, "part_share", "cumulative_share"],
        titles={"rank": "Rank", "part_share": "Share", "cumulative_share": "Added up"},
        download=f"pareto-by-{by.replace('_', '-')}.csv",
        **(
            {"select": lambda row: lineage.workload(view, row["workload"])}
            if by == "workload"
            else {}
        ),
    )


def _trend(view: View) -> None:
    st.subheader("How it moves", anchor=False)
    method = view.methods[0]
    moved = view.of_period("moved", f"{method}_kg_co2e")
    if moved:
        way = "more" if moved["change"] > 0 else "less"
        st.markdown(
            f"{words.METHODS[method]}: **{numbers.percent(abs(moved['change']))} {way}** in "
            f"{numbers.month_name(moved['last'])} ({numbers.mass(moved['after'])}) than in "
            f"{numbers.month_name(moved['first'])} ({numbers.mass(moved['before'])})."
        )
    rows, totals = view.footprint("month", "lifecycle").rows, view.footprint("month").rows
    charts.show(charts.months_by_lifecycle(rows, totals, method), key=f"trend_{method}", height=380)
    st.caption("Actual figures; seasons are not taken out of them.")


def _per_unit(view: View) -> None:
    st.subheader("Carbon per unit of work", anchor=False)
    rows = view.of_period("per_unit_of_work")
    there = [per for per in PER if per in rows["per"]]
    if not there:
        st.caption(
            "No inference states requests or tokens in this period. Import a usage export or a "
            "call log, or add requests and tokens to the activity template."
        )
        return
    per = st.segmented_control(
        "Per",
        there,
        format_func=lambda name: PER[name][0],
        default=there[0],
        required=True,
        key="work_per",
        bind="query-params",
        label_visibility="collapsed",
    )
    method = view.methods[0]
    shown = rows.filter(pl.col("per") == per)
    unit = f"g CO₂e, {words.METHODS[method].lower()}, for {PER[per][1]}"
    charts.show(
        portfolio_charts.per_unit(shown, "model", f"{method}_g", unit), key=f"work_{per}_{method}"
    )
    st.caption(
        "Facility energy of serving, in months whose requests or tokens are known; training is not "
        "in it. Models are measured to different boundaries: the table names each. Compare a model "
        "with itself over time."
    )
    tables.beside(
        shown,
        key="work_table",
        alt="Energy and emissions per unit of work, by model and month",
        columns=[
            *("model", "month", "units", "energy_wh", "location_g", "location_low_g"),
            *("location_high_g", "market_g", "embodied_g", "boundary", "tier", "unit_coverage"),
        ],
        titles={
            "units": PER[per][0].removeprefix("Per ").capitalize(),
            "energy_wh": "Facility energy [Wh]",
            "location_g": "Location-based [gCO₂e]",
            "location_low_g": "Location-based, low [gCO₂e]",
            "location_high_g": "Location-based, high [gCO₂e]",
            "market_g": "Market-based [gCO₂e]",
            "embodied_g": "Embodied hardware [gCO₂e]",
            "boundary": "Boundary",
            "unit_coverage": "Share of energy with known work",
        },
        download="carbon-per-unit-of-work.csv",
    )


def _amount(measure: str, value: float | None) -> str:
    return (numbers.energy if measure == "energy_facility_kwh" else numbers.mass)(value)


gate.require()
draw(bar.current())
