"""Uncertainty: how sure are we, and what would make it surer?"""

from typing import Any, Final

import polars as pl
import streamlit as st

from pages.panels import scores
from pages.ui import bar, charts, doubt_charts, figure, gate, numbers, states, tables, words
from pages.ui.view import View

FIGURES: Final = {**words.METHODS, "embodied": "Embodied hardware"}

TITLES: Final = {
    "kind": "What",
    "name": "Identifier",
    "label": "Name",
    "step": "Step",
    "kg": "Rests on it [kg]",
    "gsd2": "95 % factor",
    "variance_share": "Share of the doubt",
    "low_kg": "Low [kg]",
    "high_kg": "High [kg]",
    "narrowing_kg": "Narrows by [kg]",
    "kwh": "Energy [kWh]",
    "kwh_share": "Of energy",
    "kg_share": "Of emissions",
    "way": "Way",
    "central_kg": "Median [kg]",
}

MOST_NEXT: Final = 8


def draw(view: View) -> None:
    """The whole screen."""
    states.title("Uncertainty", "How sure the figures are, and what would make them surer.", view)
    if view.is_empty:
        states.empty(
            "Here the interval of every figure will stand, and what it comes from.",
            "No activity was imported yet.",
        )
        return
    if states.nothing_in_view(view):
        return
    found = {method: view.of_period("uncertainty", method, ()) for method in view.methods}
    _headline(view, found)
    method = _figure(view)
    chosen = found.get(method) or view.of_period("uncertainty", method, ())
    if chosen.total["kg"] is None:
        st.info(
            f"Nothing is known of this figure in the period: {FIGURES[method].lower()}.",
            icon=":material/info:",
        )
        return
    _next(chosen)
    _tornado(chosen)
    left, right = st.columns(2, gap="medium")
    with left:
        _rests_on(chosen)
    with right:
        _two_ways(chosen)
    scores.draw(view, chosen)


def _headline(view: View, found: dict[str, Any]) -> None:
    """The interval of the compute total under each method, and the share measured."""
    with st.grid(len(found) + 1, min_column_width=260):
        for method, doubt in found.items():
            with st.container(border=True, height="stretch"):
                _total(doubt.total, method)
        with st.container(border=True, height="stretch"):
            first = found[view.methods[0]]
            st.metric(
                "Share measured",
                numbers.percent(first.measured_kwh),
                help="Facility energy known from a meter or telemetry (tiers T1 to T3) as a share "
                "of all known energy; the rest is estimated.",
            )
            st.caption(
                f"of the energy; {numbers.percent(first.measured_kg)} of the "
                f"{FIGURES[view.methods[0]].lower()} figure rests on it"
            )
    st.caption("Scope 2 and Category 1 together: not a GHG Protocol total.")


def _total(total: dict[str, Any], method: str) -> None:
    kg, low, high = (total[name] for name in ("kg", "low_kg", "high_kg"))
    st.metric(
        f"{FIGURES[method]}, compute total",
        f"{numbers.mass(kg)} CO₂e" if kg is not None else numbers.NOT_KNOWN,
        help=f"{numbers.full(kg)} kgCO₂e",
    )
    if low is not None:
        st.html(figure.range_bar(kg, low, high, method))
    spread = f", ÷ and × {numbers.significant(total['gsd2'])}" if total["gsd2"] else ""
    st.caption(f"{numbers.interval(low, high)}{spread}")


def _figure(view: View) -> str:
    """The figure that is looked into, kept in the address."""
    return st.segmented_control(
        "Look into",
        [*view.methods, "embodied"],
        format_func=FIGURES.__getitem__,
        default=view.methods[0],
        required=True,
        key="doubt_of",
        bind="query-params",
        help="Embodied hardware is a figure of its own, in neither of the two totals.",
    )


def _next(doubt: Any) -> None:
    """What to measure next, the most useful first."""
    st.subheader("Measure next", anchor=False)
    if doubt.measure_next.is_empty():
        st.markdown(
            "Nothing that could be measured or looked up would narrow this interval."
            if doubt.method != "embodied"
            else "No meter narrows it: state scores below where you hold the maker's own figure."
        )
        return
    first = doubt.measure_next.row(0, named=True)
    st.markdown(
        f"{words.NEXT_STEPS[first['kind']]} **{numbers.plain(first['label'])}** first: the 95 % "
        f"interval would be **{numbers.mass(first['narrowing_kg'])}** narrower, "
        f"{numbers.mass(first['low_kg'])} to {numbers.mass(first['high_kg'])}. The figure itself "
        "would move too; nobody knows where to."
    )
    rows = doubt.measure_next.with_columns(pl.col("kind").replace(words.NEXT_STEPS).alias("step"))
    tables.show(
        rows.head(MOST_NEXT),
        key="doubt_next",
        alt="What would narrow the interval, the most first",
        columns=["label", "narrowing_kg", "step", "tier", "kg"],
        titles=TITLES,
    )
    if rows.height > MOST_NEXT:
        tables.beside(
            rows, key="doubt_next_all", alt="Everything that would narrow the interval",
            download="measure-next.csv", titles=TITLES,
        )  # fmt: skip


def _tornado(doubt: Any) -> None:
    st.subheader("What the doubt comes from", anchor=False)
    charts.show(
        doubt_charts.tornado(doubt.drivers, doubt.total, doubt.method),
        key=f"tornado_{doubt.method}",
    )
    st.caption(
        "Each bar: the figure when this input alone is at its own low and high end; beside it its "
        "share of the variance. A factor, a PUE and the energy of a workload are one input "
        "wherever they are used, so that more rows do not make the figure look surer."
    )
    tables.beside(
        doubt.drivers.with_columns(pl.col("kind").replace(words.INPUT_KINDS)),
        key="tornado_table",
        alt="Inputs by their share of the doubt",
        titles=TITLES,
        download=f"doubt-{doubt.method}.csv",
    )


def _rests_on(doubt: Any) -> None:
    st.subheader("What it rests on", anchor=False)
    tables.show(
        doubt.tiers,
        key="doubt_tiers",
        alt="Energy and emissions by how the energy is known",
        columns=["tier", "kwh_share", "kg_share"]
        if doubt.method != "embodied"
        else ["tier", "kg_share"],
        titles=TITLES,
        download=f"doubt-tiers-{doubt.method}.csv",
    )


def _two_ways(doubt: Any) -> None:
    """The formula's interval beside the drawn one."""
    st.subheader("By formula and drawn", anchor=False)
    total = doubt.total
    rows = pl.DataFrame(
        [
            {
                "way": "Formula",
                "gsd2": total["gsd2"],
                "low_kg": total["low_kg"],
                "high_kg": total["high_kg"],
                "central_kg": total["kg"],
            },
            {
                "way": f"{numbers.integer(doubt.draws)} draws",
                "gsd2": total["mc_gsd2"],
                "low_kg": total["mc_low_kg"],
                "high_kg": total["mc_high_kg"],
                "central_kg": total["mc_median_kg"],
            },
        ]
    )
    tables.show(
        rows, key="doubt_ways", alt="The interval by formula and by Monte Carlo", titles=TITLES,
        download=f"doubt-ways-{doubt.method}.csv",
    )  # fmt: skip
    st.caption(
        "Kilograms of CO₂e. Compare the 95 % factors: a figure is the median of each of its parts, "
        "which spread further up than down, so that the draws of a sum lie above the formula's "
        f"interval. Seed {doubt.seed}; the same seed gives the same draws."
    )


gate.require()
draw(bar.current())
