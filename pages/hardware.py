"""Embodied: what hardware is booked in category 2 this year, and what of it models are charged?"""

from typing import Any, Final

import polars as pl
import streamlit as st

from pages.ui import bar, charts, gate, hardware_charts, numbers, states, tables
from pages.ui.view import View

TITLES: Final = {
    "asset_id": "Asset",
    "item": "As the file names it",
    "known_as": "As the library knows it",
    "kind": "Kind",
    "count": "Pieces",
    "purchased_on": "Bought on",
    "retired_on": "Left service on",
    "life_years": "Service life [years]",
    "each_kg": "Of one piece [kgCO₂e]",
    "central_kg": "Embodied [kgCO₂e]",
    "low_kg": "Low [kgCO₂e]",
    "high_kg": "High [kgCO₂e]",
    "source": "Where the figure is from",
    "year": "Year",
    "pieces": "Pieces bought",
    "without_figure": "Assets without a figure",
    "charged_kg": "Charged to models [kgCO₂e]",
    "years": "Service life [years]",
    "due_kg": "Due by straight line [kgCO₂e]",
    "what": "Step",
    "kg": "Carbon [kgCO₂e]",
}


def draw(view: View) -> None:
    """The whole screen."""
    st.title("Embodied", anchor=False)
    st.caption(
        "Carbon of making hardware: booked whole in the year in which it is bought, and charged to "
        "models as they use it. Two views of the same carbon, which are never summed. By calendar "
        "year, whatever period the bar shows."
    )
    years = view.ask("hardware_years", scope=view.scope)
    if not years:
        states.empty(
            "Here purchases of hardware will stand beside what models are charged of them.",
            "No hardware was bought or charged yet. The hardware template on Import says how.",
        )
        return
    year = st.selectbox(
        "Calendar year",
        list(reversed(years)),
        key="hardware_year",
        bind="query-params",
        width=160,
    )
    found = view.ask("hardware", year, scope=view.scope)
    of_year = found.by_year.filter(pl.col("year") == year).row(0, named=True)
    _headline(view, found, of_year)
    st.subheader("From what was bought to what was charged", anchor=False)
    charts.show(hardware_charts.steps(found.reconciliation), key=f"steps_{year}")
    st.caption(
        "A piece is borne in equal parts over its service life; what is left when it leaves "
        "service early falls in that year. The difference is what no model used: idle hours, "
        "hardware that is not in the register, hours of hardware whose figure is another."
    )
    tables.beside(
        found.reconciliation.drop("step"),
        key="steps_table",
        alt="Reconciliation of purchases and charges, step by step",
        titles=TITLES,
        download=f"embodied-reconciliation-{year}.csv",
    )
    _assets(found)
    left, right = st.columns(2, gap="medium")
    with left:
        _charged(found)
    with right:
        _lifetimes(found)


def _headline(view: View, found: Any, of_year: dict[str, Any]) -> None:
    """The two figures, each with its range and what it is."""
    with st.grid(2, min_column_width=330):
        with st.container(border=True, height="stretch"):
            st.markdown(f"**Bought in {found.year}: category 2, in full**")
            _figure(of_year["low_kg"], of_year["central_kg"], of_year["high_kg"])
            notes = ["capital goods, cradle to gate, no depreciation"]
            if of_year["without_figure"]:
                missing = numbers.count(of_year["without_figure"], "asset")
                notes.append(f":orange[{missing} without a figure, not in it]")
            st.caption(" · ".join(notes))
        with st.container(border=True, height="stretch"):
            st.markdown(f"**Charged to models in {found.year}: amortised, memo item**")
            _figure(of_year["charged_low_kg"], of_year["charged_kg"], of_year["charged_high_kg"])
            where = "workloads in scope" if view.scope == "in" else "all workloads"
            st.caption(
                f"own and colocated hardware, {where} · purchased compute belongs to category 1"
            )


def _figure(low: float | None, kg: float | None, high: float | None) -> None:
    if kg is None:
        st.markdown("Nothing is known.")
        return
    st.markdown(f"## {numbers.mass(kg)} CO₂e", unsafe_allow_html=False)
    if low is not None and high is not None and low < high:
        st.caption(
            f"published figures give {numbers.mass(low)} to {numbers.mass(high)}",
            help="Low, central and high figures of the parts, summed; a part without a range "
            "stands at its own figure. It is the spread of publications, not a 95 % interval.",
        )


def _assets(found: Any) -> None:
    st.subheader("Hardware bought", anchor=False)
    if found.assets.is_empty():
        st.caption(
            "No purchase is in the register: what models are charged has no category 2 beside it. "
            "Import a hardware template."
        )
        return
    unknown = found.assets.filter(pl.col("central_kg").is_null())
    if unknown.height:
        names = ", ".join(numbers.plain(name) for name in unknown["item"].unique().sort())
        st.warning(
            f"No figure is known of {names}. State kg_co2e_each with its document in the "
            "template, or name the accelerator as the library does.",
            icon=":material/help:",
        )
    tables.show(
        found.assets.sort("purchased_on", "asset_id", descending=[True, False]),
        key="assets",
        alt="Hardware bought, the latest first",
        columns=[
            *("asset_id", "item", "count", "purchased_on", "retired_on", "site"),
            *("central_kg", "low_kg", "high_kg", "life_years", "source"),
        ],
        titles=TITLES,
        download="hardware-bought.csv",
    )


def _charged(found: Any) -> None:
    st.subheader(f"Charged in {found.year}, by workload", anchor=False)
    if found.charged.is_empty():
        st.caption("No workload states hours of own accelerators of known hardware in this year.")
        return
    tables.show(
        found.charged,
        key="charged",
        alt="Amortised embodied carbon by workload",
        columns=["workload", "model", "central_kg", "low_kg", "high_kg"],
        titles=TITLES,
        download=f"embodied-charged-{found.year}.csv",
    )


def _lifetimes(found: Any) -> None:
    st.subheader("If every piece lived so long", anchor=False)
    tables.show(
        found.lifetimes,
        key="lifetimes",
        alt="The year's amortised figures by service life",
        titles=TITLES,
        download=f"embodied-lifetimes-{found.year}.csv",
    )
    st.caption(
        "What category 2 books does not depend on it. The policy's lives are "
        "accelerator_lifetime_years and server_lifetime_years."
    )


gate.require()
draw(bar.current())
