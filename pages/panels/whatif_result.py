"""The result of a scenario, drawn again at every move of a slider: few elements."""

from typing import Any, Final

import streamlit as st

from carbon.portfolio import PortfolioError
from pages.panels import whatif_controls, whatif_moves, whatif_saved
from pages.panels import whatif_state as state
from pages.ui import charts, numbers, whatif_charts, whatif_figures
from pages.ui.view import View

DRAWN: Final = {"months": "Months", "places": "Places"}


@st.fragment
def studio(view: View, *, shifting: bool, best: str) -> None:
    """Sliders left, result right; a slider draws nothing but this again.

    Args:
        view: the period and boundary.
        shifting: whether load can be moved within a day.
        best: what would lower the figure most, in words, for as long as nothing moves.
    """
    with st.container(key="whatif_studio"):
        whatif_controls.share()
        left, right = st.columns([0.34, 0.66], gap="medium")
        with left:
            whatif_controls.sliders(shifting=shifting)
            _further()
        with right:
            _result(view, best)


def _further() -> None:
    kept = state.rest().get("moves", [])
    with st.container(horizontal=True):
        if st.button(
            "Keep this move, add another",
            key="whatif_keep",
            icon=":material/add:",
            on_click=state.keep_move,
            disabled=state.move() is None,
        ):
            st.rerun()
        if st.button(
            "Back to today", key="whatif_reset", icon=":material/undo:", on_click=state.reset
        ):
            st.rerun()
    if kept:
        st.caption(f"{numbers.count(len(kept), 'move')} kept before this one, under Moves.")


def _result(view: View, best: str) -> None:
    document = state.scenario(view)
    try:
        outcome = view.portfolio.whatif(document)
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    today, after = outcome.baseline, outcome.scenario
    st.html(
        whatif_figures.told(whatif_moves.in_words(document) or f"Nothing moves yet. {best}")
        + whatif_figures.cards(today, after, view.methods)
        + whatif_figures.facts(whatif_figures.beside(outcome))
    )
    _violations(outcome.violations)
    _chart(view, outcome)
    _notes(outcome.notes)
    whatif_saved.hand_over(view, document, outcome)


def _violations(violations: Any) -> None:
    if not violations:
        return
    told = "\n".join(f"- {numbers.plain(each['words'])}" for each in violations)
    st.warning(
        f"**{numbers.count(len(violations), 'limit')} not kept:**\n\n{told}",
        icon=":material/gavel:",
    )


def _chart(view: View, outcome: Any) -> None:
    drawn = st.segmented_control(
        "Draw",
        list(DRAWN),
        format_func=DRAWN.__getitem__,
        default="months",
        required=True,
        key="whatif_drawn",
        label_visibility="collapsed",
        persist_state="session",
    )
    if drawn == "months":
        chart = whatif_charts.months(outcome.by_month, view.methods)
    else:
        chart = whatif_charts.places(outcome.by_place, view.methods[0])
    charts.show(chart, key=f"whatif_chart_{drawn}_{view.method}")


def _notes(notes: Any) -> None:
    if notes:
        st.caption(" ".join(numbers.plain(note) for note in notes))
