"""Forms of the boundary: who is inside or outside, what is left out, and which parts count."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final, get_args

import polars as pl
import streamlit as st

from carbon.policy import LEAVES_OUT_BY, Part
from carbon.portfolio import PortfolioError
from pages.ui import gate, numbers, words
from pages.ui.view import View

OF: Final = {
    "workload": "Workload",
    "model": "Model",
    "project": "Project",
    "business_unit": "Business unit",
}

SIDES: Final = {"in": "Inside", "out": "Outside"}

LIFECYCLE_SIDES: Final = {"default": "As the default", **SIDES}

APPROACHES: Final = {
    "operational_control": "Operational control",
    "financial_control": "Financial control",
    "equity_share": "Equity share",
}

DEPLOYMENTS: Final = {"own": "Own hardware", "colocated": "Colocated", "purchased": "Purchased"}

PARTS: Final = {
    **{part: words.COMPONENTS[part] for part in get_args(Part)},
    "supporting services": "Supporting services",
}

_SAID: Final = "boundary_said"


def said() -> None:
    """What the last click did."""
    if text := st.session_state.pop(_SAID, None):
        st.success(numbers.plain(text), icon=":material/check:")


def decide(view: View, known: pl.DataFrame) -> None:
    """Put workloads inside or outside, with the reason.

    Args:
        view: whose boundary.
        known: the AI inventory, for the names to choose from.
    """
    of = st.segmented_control(
        "Decide by",
        list(OF),
        format_func=OF.get,
        default="project",
        required=True,
        key="boundary_of",
    )
    column = "workload_id" if of == "workload" else of
    names = known[column].drop_nulls().unique().sort().to_list()
    with st.form("boundary_decide", border=False):
        name = st.selectbox(
            f"{OF[of]}, or a pattern with * and ?",
            names,
            index=None,
            accept_new_options=True,
            placeholder="Choose, or write a pattern",
            key=f"boundary_name_{of}",
        )
        side = st.radio("Side", list(SIDES), format_func=SIDES.get, index=1, horizontal=True)
        reason = st.text_input("Reason, for the auditor")
        evidence = st.text_input("Evidence: document or link", placeholder="optional")
        if st.form_submit_button("Decide", type="primary", icon=":material/gavel:"):
            _do(
                f"{OF[of]} {name} is {SIDES[side].lower()} the boundary.",
                view.portfolio.decide_boundary,
                of,
                name or "",
                side,
                reason,
                decided_on=_today(),
                evidence=evidence,
            )


def take_back(view: View, decisions: pl.DataFrame) -> None:
    """Take a decision back."""
    rows = decisions.select("of", "name").rows()
    chosen = st.selectbox(
        "Decision",
        rows,
        index=None,
        format_func=lambda row: f"{OF[row[0]]} {row[1]}",
        placeholder="Choose a decision to take back",
        key="boundary_take_back",
    )
    if st.button("Take it back", disabled=chosen is None, icon=":material/undo:"):
        of, name = chosen
        _do(
            f"The decision on {OF[of].lower()} {name} is taken back.",
            view.portfolio.undecide_boundary,
            of,
            name,
        )


def lifecycles(view: View, rows: pl.DataFrame) -> None:
    """Each stage of a model's life: inside, outside, or as the default says."""
    with st.form("boundary_lifecycles", border=False):
        chosen: dict[str, str] = {}
        with st.grid(min_column_width=200):
            for lifecycle, side in rows.select("lifecycle", "side").rows():
                chosen[lifecycle] = st.selectbox(
                    words.LIFECYCLES[lifecycle],
                    list(LIFECYCLE_SIDES),
                    index=list(LIFECYCLE_SIDES).index(side or "default"),
                    format_func=LIFECYCLE_SIDES.get,
                    key=f"boundary_lifecycle_{lifecycle}_{view.version}",
                )
        if st.form_submit_button("Save lifecycles", icon=":material/save:"):
            _do(
                "The lifecycles in scope are saved.",
                view.portfolio.set_boundary,
                "lifecycles",
                {name: side for name, side in chosen.items() if side != "default"},
            )


def leave_out(view: View) -> None:
    """Declare activity to be outside by what it says of itself."""
    with st.form("boundary_leave_out", border=False):
        column = st.selectbox(
            "Column, or tag:NAME",
            LEAVES_OUT_BY,
            format_func=lambda name: name.replace("_", " "),
            accept_new_options=True,
            key="boundary_left_out_column",
        )
        pattern = st.text_input("Value, or a pattern with * and ?", placeholder="laptop-*")
        reason = st.text_input("Reason, for the auditor", key="boundary_left_out_reason")
        if st.form_submit_button("Leave out", icon=":material/block:"):
            _do(
                f"{column} {pattern} is left out of the boundary.",
                view.portfolio.leave_out,
                column,
                pattern,
                reason,
                decided_on=_today(),
            )


def back_in(view: View) -> None:
    """Take back that activity was left out."""
    declared = [(entry.column, entry.pattern) for entry in view.ask("boundary").left_out]
    chosen = st.selectbox(
        "Declared out",
        declared,
        index=None,
        format_func=" ".join,
        placeholder="Choose what is to count again",
        key="boundary_back_in",
    )
    if st.button("Let it count again", disabled=chosen is None, icon=":material/undo:"):
        _do(f"{' '.join(chosen)} counts again.", view.portfolio.take_back_in, *chosen)


def components(view: View, rows: pl.DataFrame) -> None:
    """Which parts of the equipment count."""
    included = rows.filter("included")["component"].to_list()
    with st.form("boundary_components", border=False):
        chosen = st.pills(
            "Parts of the equipment that count",
            list(PARTS),
            format_func=PARTS.get,
            selection_mode="multi",
            default=included,
            key=f"boundary_parts_{view.version}",
        )
        if st.form_submit_button("Save parts", icon=":material/save:"):
            out = [name for name in PARTS if name not in chosen and name != "supporting services"]
            _do("The parts that count are saved.", _save_parts, view, out, chosen)


def general(view: View) -> None:
    """Consolidation, the default side, and hardware that names no place."""
    boundary = view.ask("boundary")
    with st.form("boundary_general", border=False):
        approach = st.selectbox(
            "Consolidation approach",
            list(APPROACHES),
            index=list(APPROACHES).index(boundary.consolidation_approach),
            format_func=APPROACHES.get,
            help="GHG Protocol Corporate Standard, chapter 3: whose emissions count.",
        )
        default = st.radio(
            "A workload that nobody decided on is",
            list(SIDES),
            index=0 if boundary.in_scope_by_default else 1,
            format_func=lambda side: SIDES[side].lower(),
            horizontal=True,
        )
        deployment = st.selectbox(
            "Hardware that names neither a provider nor a site",
            list(DEPLOYMENTS),
            index=list(DEPLOYMENTS).index(boundary.default_deployment),
            format_func=DEPLOYMENTS.get,
        )
        if st.form_submit_button("Save", icon=":material/save:"):
            changes = {
                "consolidation_approach": approach,
                "in_scope_by_default": default == "in",
                "default_deployment": deployment,
            }
            _do("The boundary is saved.", _save_all, view, changes)


def _save_parts(view: View, out: list[str], chosen: list[str], *, who: str | None) -> None:
    view.portfolio.set_boundary("components_out", out, who=who)
    view.portfolio.set_boundary("supporting_services", "supporting services" in chosen, who=who)


def _save_all(view: View, changes: dict[str, Any], *, who: str | None) -> None:
    for name, value in changes.items():
        view.portfolio.set_boundary(name, value, who=who)


def _do(done: str, verb: Callable[..., Any], *args: Any, **options: Any) -> None:
    """A verb that writes; what it did is said on the fresh screen, what it cannot do at once."""
    try:
        verb(*args, who=gate.who(), **options)
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    st.session_state[_SAID] = done
    st.rerun()


def _today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()
