"""The placement that emits least under the limits, what limits cost, and carbon against cost."""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from pages.panels import whatif_state as state
from pages.ui import charts, numbers, tables, whatif_charts, whatif_figures, words
from pages.ui.view import View

MOST_SAID: Final = 5
"""Limits whose cost is said at once."""

_ASKED: Final = "whatif_asked"
_MOVES: Final = {"from": pl.String, "to": pl.String, "share": pl.Float64, "whose": pl.String}


def draw(view: View) -> None:
    """The whole panel."""
    st.subheader("Least-carbon placement", anchor=False)
    limits = state.rest().get("constraints", {})
    st.caption(
        "Places all load anew where it emits least, under "
        + (f"{numbers.count(len(limits), 'limit')}" if limits else "no limits")
        + ", as the part Limits sets them; none is ever broken."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = st.segmented_control(
            "By which figure",
            list(view.methods),
            format_func=words.METHODS.__getitem__,
            default=view.methods[0],
            required=True,
            key=f"whatif_least_by_{view.method}",
        )
        whole = st.toggle(
            "Workloads whole",
            key="whatif_whole",
            persist_state="session",
            help="Each workload goes to one place or stays, instead of being shared out.",
        )
        asked = st.button(
            "Find the least-carbon placement",
            key="whatif_find",
            type="primary",
            icon=":material/travel_explore:",
        )
    question = (view.version, _question(view), method, whole)
    if asked:
        st.session_state[_ASKED] = question
    if st.session_state.get(_ASKED) != question:
        return
    try:
        with st.spinner("Placing every workload…"):
            found = view.ask("optimise", question[1], method=method, whole=whole)
            line = view.ask("frontier", question[1], method=method)
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    _answer(found, method)
    _frontier(line, method)


def _question(view: View) -> state.Document:
    """The limits and prices of the screen; what the sliders move is not part of the question."""
    document = state.scenario(view)
    document.pop("moves", None)
    return document


def _answer(found: Any, method: str) -> None:
    if not found.feasible:
        st.warning(
            "**No placement keeps every limit.**\n\n"
            + "\n".join(f"- {numbers.plain(reason)}" for reason in found.conflicts),
            icon=":material/gavel:",
        )
        return
    with st.container(border=True, key="whatif_least"):
        st.markdown(
            f"**{numbers.mass(found.kg_before)} → {numbers.mass(found.kg_after)} CO₂e**: "
            + whatif_figures.change(found.kg_before, found.kg_after, method)
            + "."
        )
        st.button(
            "Use this placement",
            key="whatif_use",
            icon=":material/tune:",
            on_click=state.open_next,
            args=(found.scenario,),
            disabled=not found.moves,
        )
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**What moves**")
        if not found.moves:
            st.caption("Nothing: no move under these limits would lower the figure.")
        tables.show(
            pl.DataFrame([_line(move) for move in found.moves], schema=_MOVES),
            key="whatif_least_moves",
            alt="Moves of the placement with least carbon",
            titles={"from": "From", "to": "To", "share": "Share", "whose": "Whose load"},
            height=min(46 + 35 * len(found.moves), 320),
            download="placement.csv",
        )
    with right:
        st.markdown("**What limits cost**")
        if not found.shadow_prices:
            st.caption("No limit holds the placement back.")
        _say(found.shadow_prices[:MOST_SAID])
        if further := found.shadow_prices[MOST_SAID:]:
            with st.expander(f"{len(further)} more"):
                _say(further)
    if found.notes:
        st.caption(" ".join(numbers.plain(note) for note in found.notes))


def _line(move: dict[str, Any]) -> dict[str, Any]:
    """A move's row of the table."""
    return {
        "from": state.place_of(move, "from"),
        "to": state.place_of(move, "to"),
        "share": move.get("share", 1.0),
        "whose": ", ".join(state.names(move.get("workload", state.ALL))),
    }


def _say(prices: list[dict[str, Any]]) -> None:
    st.markdown("\n".join(f"- {numbers.plain(price['words'])}" for price in prices))


def _frontier(line: Any, method: str) -> None:
    st.markdown("**Carbon against cost**")
    if not line.points:
        st.caption(
            "No prices known: set prices under Limits, and the least carbon for each "
            "cost is drawn here."
        )
        return
    rows = pl.DataFrame(line.points)
    charts.show(
        whatif_charts.frontier(rows, method, line.currency or "", line.today),
        key=f"whatif_frontier_{method}",
    )
    tables.beside(
        rows,
        key="whatif_frontier_table",
        alt="Least carbon for each cost",
        titles={"cost": f"Cost [{line.currency}]", "kg": "Emissions [kgCO₂e]"},
        download="frontier.csv",
    )
