"""Scores of inputs by the pedigree matrix: what stands, and one more."""

from collections.abc import Callable
from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from pages.ui import gate, numbers, tables, words
from pages.ui.view import View

OF: Final = {
    "energy": "Energy of a workload",
    "factor": "Emission factor",
    "pue": "PUE",
    "embodied": "Embodied figure",
}

KINDS: Final = {"energy": "workload", "factor": "factor", "pue": "pue", "embodied": "embodied"}
"""What a score is of -> the kind of a driver."""

_SAID: Final = "scores_said"

TITLES: Final = {
    **words.INDICATORS,
    "of": "Input",
    "name": "Name or pattern",
    "gsd2": "95 % factor [1]",
    "reason": "Reason",
    "evidence": "Evidence",
    "indicator": "Indicator",
    **{str(score): f"Score {score}" for score in range(1, 6)},
}


def draw(view: View, doubt: Any) -> None:
    """The section: which set, which scores stand, and a form for one more.

    Args:
        view: whose policy.
        doubt: the figure that is looked into, for the names of its inputs.
    """
    st.subheader("Scores by the pedigree matrix", anchor=False)
    if text := st.session_state.pop(_SAID, None):
        st.success(numbers.plain(text), icon=":material/check:")
    st.caption(
        "An input without scores takes its tier's factor (energy) or that of its basis and age "
        "(grid factors). Where you know better, score it: five scores from 1, best, to 5, worst. "
        "The scores replace what is assumed, in every interval, and stand in the history."
    )
    standing = view.ask("scores")
    if standing.is_empty():
        st.markdown("No input is scored yet.")
    else:
        _standing(view, standing)
    with st.expander("Score an input", icon=":material/add:"):
        _form(view, doubt)
    with st.expander("Figures behind the scores", icon=":material/table:"):
        _matrix(view)


def _standing(view: View, standing: pl.DataFrame) -> None:
    tables.show(
        standing.with_columns(pl.col("of").replace(OF)),
        key="scores_standing",
        alt="Scores that stand",
        titles=TITLES,
        download="scores.csv",
    )
    rows = standing.select("of", "name").rows()
    chosen = st.selectbox(
        "Take a score back",
        rows,
        index=None,
        format_func=lambda row: f"{OF[row[0]]}: {row[1]}",
        placeholder="Choose a score",
        key="scores_take_back",
    )
    if st.button("Take it back", disabled=chosen is None, icon=":material/undo:"):
        of, name = chosen
        _do(f"{OF[of]} {name} is not scored any more.", view.portfolio.unscore_input, of, name)


def _form(view: View, doubt: Any) -> None:
    of = st.segmented_control(
        "Input",
        list(OF),
        format_func=OF.get,
        default="embodied" if doubt.method == "embodied" else "energy",
        required=True,
        key=f"scores_of_{doubt.method}",
    )
    names = doubt.drivers.filter(pl.col("kind") == KINDS[of])["name"].to_list()
    with st.form("scores_form", border=False):
        name = st.selectbox(
            f"{OF[of]}, or a pattern with * and ?",
            names,
            index=None,
            accept_new_options=True,
            placeholder="Choose, or write a pattern",
            key=f"scores_name_{of}",
        )
        given: dict[str, int] = {}
        with st.grid(min_column_width=300):
            for indicator, title in words.INDICATORS.items():
                given[indicator] = st.selectbox(
                    title,
                    range(1, 6),
                    index=1,
                    format_func=lambda score, of=indicator: (
                        f"{score}: {words.SCORES[of][score - 1]}"
                    ),
                    key=f"scores_{indicator}",
                )
        reason = st.text_input("Reason, for the auditor", key="scores_reason")
        evidence = st.text_input(
            "Evidence: document or link", placeholder="optional", key="scores_evidence"
        )
        if st.form_submit_button("Score it", type="primary", icon=":material/grading:"):
            _do(
                f"{OF[of]} {name} is scored.",
                view.portfolio.score_input,
                of,
                name or "",
                given,
                reason,
                evidence=evidence,
            )


def _matrix(view: View) -> None:
    chosen = view.portfolio.policy.uncertainty
    with st.form("scores_set", border=False):
        pedigree_set = st.selectbox(
            "Set",
            list(words.PEDIGREE_SETS),
            index=list(words.PEDIGREE_SETS).index(chosen.pedigree_set),
            format_func=words.PEDIGREE_SETS.get,
            key="scores_set_name",
        )
        inputs = st.selectbox(
            "Inputs without scores of their own",
            list(words.DOUBT_INPUTS),
            index=list(words.DOUBT_INPUTS).index(chosen.inputs),
            format_func=words.DOUBT_INPUTS.get,
            key="scores_inputs",
        )
        if st.form_submit_button("Use these", icon=":material/check:"):
            _do("The figures behind the scores are chosen.", _choose, view, pedigree_set, inputs)
    tables.show(
        view.ask("pedigree").with_columns(pl.col("indicator").replace(words.INDICATORS)),
        key="scores_matrix",
        alt="95 % factors by indicator and score",
        titles=TITLES,
        download="pedigree-matrix.csv",
    )
    st.caption(
        "95 % factors (GSD²), multiplied in the logs with the basic factor of the input: "
        "electricity and factors 1.05, hardware 3."
    )


def _choose(view: View, pedigree_set: str, inputs: str, *, who: str | None) -> None:
    view.portfolio.choose_uncertainty("pedigree_set", pedigree_set, who=who)
    view.portfolio.choose_uncertainty("inputs", inputs, who=who)


def _do(done: str, verb: Callable[..., Any], *args: Any, **options: Any) -> None:
    """A verb that writes; what it did is said on the fresh screen, what it cannot do at once."""
    try:
        verb(*args, who=gate.who(), **options)
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    st.session_state[_SAID] = done
    st.rerun()
