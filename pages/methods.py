"""Location vs market: what does each method say, and what makes the difference?"""

from typing import Any, Final

import polars as pl
import streamlit as st

from pages.ui import bar, charts, gate, numbers, states, tables, words
from pages.ui.view import View

BOTH: Final = ("location", "market")

_STEPS: Final = {
    **words.RUNGS,
    "location": "Location-based",
    "market": "Market-based",
    "one_method_only": "Energy with one factor only",
}


def draw(view: View) -> None:
    """The whole screen."""
    st.title("Location vs market", anchor=False)
    st.caption(
        "The grid's average against what was bought: two totals, side by side, never mixed. "
        + ("" if view.is_empty else numbers.period(view.first_month, view.last_month) + ".")
    )
    if view.is_empty:
        states.empty(
            "Here both methods will stand side by side, with what makes the difference.",
            "No activity was imported yet.",
        )
        return
    if states.nothing_in_view(view):
        return
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _markets(view)
    with right:
        _bridge(view)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _rungs(view)
    with right:
        _months(view)
    _instruments(view)


def _markets(view: View) -> None:
    st.subheader("By country of use", anchor=False)
    rows = view.rows("country")
    charts.show(charts.ranked(rows, "country", BOTH), key="countries")
    tables.beside(
        rows,
        key="countries_table",
        alt="Emissions by country under both methods",
        columns=tables.measures("country"),
        download="emissions-by-country.csv",
    )


def _bridge(view: View) -> None:
    st.subheader("What makes the difference", anchor=False)
    markets = view.of_period("rungs")["market"].drop_nulls().unique().sort().to_list()
    if st.session_state.get("market") not in (None, *markets):
        # Another period or workspace: its market boundaries are others.
        st.session_state["market"] = None
    market = st.selectbox(
        "Market boundary",
        [None, *markets],
        format_func=lambda name: name or "All of them",
        key="market",
        bind="query-params",
        width=220,
    )
    steps: pl.DataFrame = view.ask(
        "bridge", view.month_from, view.month_to, scope=view.scope, market=market
    )
    named = [(_STEPS[step], kg) for step, kg in steps.select("step", "kg_co2e").iter_rows()]
    charts.show(charts.bridge(named), key="bridge", height=330)
    tables.beside(
        steps.with_columns(pl.col("step").replace_strict(_STEPS, default=pl.col("step"))),
        key="bridge_table",
        alt="The steps from the location-based to the market-based figure",
        titles={"step": "Step", "kg_co2e": "Total or difference [kgCO₂e]"},
        download="location-to-market.csv",
    )


def _rungs(view: View) -> None:
    st.subheader("What the market-based figure rests on", anchor=False)
    st.caption(
        "Share of energy on each rung. Scope 2 takes instruments first; what they leave open takes "
        "the residual mix, and only where there is none the grid average, disclosed. Instruments "
        "never reach purchased compute."
    )
    rungs: pl.DataFrame = view.of_period("rungs")
    for category, name in words.SCOPE_CATEGORIES.items():
        part = rungs.filter(pl.col("scope_category") == category)
        if part.is_empty():
            continue
        st.markdown(f"**{name}**")
        charts.show(charts.rungs_by_market(part), key=f"rungs_{category}")
    tables.beside(
        rungs,
        key="rungs_table",
        alt="Energy and emissions on each rung, by market boundary",
        download="market-based-rungs.csv",
    )


def _months(view: View) -> None:
    st.subheader("Month by month", anchor=False)
    rows = view.footprint("month").rows
    charts.show(charts.methods_by_month(rows), key="methods_months", height=330)
    tables.beside(
        rows,
        key="methods_months_table",
        alt="Emissions by month under both methods",
        columns=tables.measures("month"),
        download="methods-by-month.csv",
    )


def _instruments(view: View) -> None:
    st.subheader("Contractual instruments", anchor=False)
    frame: pl.DataFrame = view.ask("instruments")
    if frame.is_empty():
        st.markdown(
            "No instrument was imported. Certificates, power purchase agreements and supplier "
            "rates come in through the instrument template, on Import."
        )
        return
    for number, row in enumerate(frame.to_dicts()):
        _instrument(row, number)
    tables.csv_button(frame, "instruments.csv", key="instruments_csv")


def _instrument(row: dict[str, Any], number: int) -> None:
    covered, volume = row["used_kwh"], row["kwh"]
    with st.container(border=True, key=f"instrument_{number}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{numbers.plain(row['instrument_id'])}**")
            st.caption(
                f"{words.name_of(words.INSTRUMENT_KINDS, row['kind'])} · "
                f"{numbers.plain(row['market'])} · "
                f"{numbers.day(row['period_start'].isoformat())} to "
                f"{numbers.last_day(row['period_end'].isoformat())} · "
                f"{numbers.full(row['kg_co2e_per_kwh'])} kgCO₂e per kWh"
            )
        st.markdown(_outcome(row["failed"], row["matched"], covered, volume))
        with st.expander("Scope 2 Quality Criteria", icon=":material/checklist:"):
            for code, sentence in words.CRITERIA.items():
                st.markdown(f"{_answer(row[code])}: {sentence}")
            if row.get("document"):
                st.caption(f"Document: {numbers.plain(row['document'])}")


def _outcome(failed: str | None, matched: bool, covered: float, volume: float) -> str:
    """What the instrument did for the market-based figure, in a sentence."""
    if failed:
        return (
            f":material/close: Covers nothing: {numbers.plain(failed)}. The consumption takes the "
            "supplier rate or the residual mix instead."
        )
    if not matched:
        return (
            f":material/close: Covers nothing: no Scope 2 consumption lies in its market and "
            f"period. Its {numbers.energy(volume)} are surplus."
        )
    surplus = volume - covered
    if surplus > 1e-6 * volume:
        return (
            f":material/check: Covers {numbers.energy(covered)} of its {numbers.energy(volume)}; "
            f"{numbers.energy(surplus)} are surplus, because its market uses no more in its period."
        )
    return f":material/check: Covers {numbers.energy(covered)}, its whole volume."


def _answer(value: bool | None) -> str:
    if value is None:
        return "n.a."
    return ":material/check: met" if value else ":material/close: **not met**"


gate.require()
draw(bar.current())
