"""The placement that emits least under the limits, what limits cost, and carbon against cost."""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from pages.panels import whatif_moves
from pages.panels import whatif_state as state
from pages.ui import charts, numbers, tables, whatif_charts, whatif_figures, words
from pages.ui.view import View

_ASKED: Final = "whatif_asked"


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
            found = view.portfolio.optimise(question[1], method=method, whole=whole)
            line = view.portfolio.frontier(question[1], method=method)
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    _answer(view, found, method)
    _frontier(line, method)


def _question(view: View) -> state.Document:
    """The limits and prices of the screen; what the sliders move is not part of the question."""
    document = state.scenario(view)
    document.pop("moves", None)
    return document


def _answer(view: View, found: Any, method: str) -> None:
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
            on_click=_use,
            args=(view, found.moves),
            disabled=not found.moves,
        )
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**What moves**")
        if not found.moves:
            st.caption("Nothing: no move under these limits would lower the figure.")
        tables.show(
            pl.DataFrame({"move": [whatif_moves.said(move) for move in found.moves]}),
            key="whatif_least_moves",
            alt="Moves of the placement with least carbon",
            titles={"move": "Move"},
            height=min(46 + 35 * len(found.moves), 320),
        )
    with right:
        st.markdown("**What limits cost**")
        if not found.shadow_prices:
            st.caption("No limit holds the placement back.")
        for price in found.shadow_prices:
            st.markdown(f"- {numbers.plain(price['words'])}")


def _use(view: View, moves: list[dict[str, Any]]) -> None:
    state.open_next(
        {**state.rest(), "moves": moves, "changes": state.scenario(view).get("changes", {})}
    )


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
