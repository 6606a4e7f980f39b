"""Several workloads at once: choose them, say what holds for all of them, see it, change it."""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from carbon.schema import LIFECYCLES, UNASSIGNED
from pages.panels.workload_table import problems
from pages.ui import gate, numbers, tables, words
from pages.ui.view import View

NOT_STATED: Final = "(not stated)"
COMMON: Final = (
    "lifecycle",
    "owner",
    "business_unit",
    "project",
    "model",
    "provider",
    "region",
    "site",
    "accelerator",
)
"""Fields by which workloads are commonly chosen."""


def draw(view: View, frame: pl.DataFrame) -> None:
    """Choose, set, preview, change."""
    named = frame.filter(pl.col("workload_id") != UNASSIGNED).sort("workload_id")
    left, right = st.columns(2, gap="medium")
    with left:
        chosen = _chosen(view, named)
    with right:
        stated = _stated(view)
    if not chosen or not stated:
        st.caption("Choose workloads and at least one field: what would change is shown first.")
        return
    changes = [{"workload_id": workload, **stated} for workload in chosen]
    found = view.ask("try_edits", changes)
    _preview(view, found, chosen)
    problems(found.problems)
    if st.button(
        f"Change {numbers.count(found.rows.height, 'workload')}",
        type="primary",
        icon=":material/done_all:",
        key="bulk_apply",
        disabled=bool(found.problems) or found.rows.is_empty(),
    ):
        try:
            view.portfolio.edit_workloads(changes, who=gate.who())
        except PortfolioError as error:
            st.error(numbers.plain(str(error)), icon=":material/error:")
            return
        st.session_state["inventory_said"] = (
            f"Changed {numbers.count(found.changes.height, 'field')} of "
            f"{numbers.count(found.rows.height, 'workload')}."
        )
        st.rerun()


def _chosen(view: View, frame: pl.DataFrame) -> list[str]:
    """The workloads, by name or by what they have in common."""
    st.markdown("**1. Which workloads**")
    way = st.segmented_control(
        "Choose workloads",
        ["By name", "By what they share"],
        default="By name",
        required=True,
        key="bulk_way",
        label_visibility="collapsed",
    )
    names: list[str] = frame["workload_id"].to_list()
    if way == "By name":
        everything = st.checkbox("All of them", key="bulk_all")
        picked = st.multiselect("Workloads", names, key="bulk_names", disabled=everything)
        return names if everything else picked
    titles = {field.name: field.title for field in view.portfolio.workload_fields()}
    field = st.selectbox("Field", COMMON, format_func=titles.__getitem__, key="bulk_field")
    values = [NOT_STATED, *frame[field].drop_nulls().unique().sort()]
    value = st.selectbox("Holds", values, format_func=_word, key="bulk_value")
    holds = pl.col(field).is_null() if value == NOT_STATED else pl.col(field) == value
    found: list[str] = frame.filter(holds)["workload_id"].to_list()
    st.caption(
        f"{numbers.count(len(found), 'workload')}: "
        + ", ".join(map(numbers.plain, found[:8]))
        + (" …" if len(found) > 8 else "")
    )
    return found


def _stated(view: View) -> dict[str, Any]:
    """What is to hold for all of them: field -> value; None takes a statement back."""
    st.markdown("**2. What holds for all of them**")
    fields = {
        field.name: field
        for field in view.portfolio.workload_fields()
        if field.stated and field.name != "name"
    }
    chosen = st.multiselect(
        "Fields",
        list(fields),
        format_func=lambda name: fields[name].title,
        key="bulk_fields",
        help="Moving workloads in or out of scope needs a reason: choose Reason too.",
    )
    stated: dict[str, Any] = {}
    for name in chosen:
        value = _value(name, fields[name].title)
        if value is not None:
            stated[name] = value
    back = st.multiselect(
        "Take back what was stated of",
        [name for name in fields if name not in chosen],
        format_func=lambda name: fields[name].title,
        key="bulk_back",
        help="What the sources say shows again.",
    )
    return stated | dict.fromkeys(back)


def _value(name: str, title: str) -> Any:
    """The value of one field; None while nothing is written."""
    key = f"bulk_set_{name}"
    if name == "lifecycle":
        return st.selectbox(title, LIFECYCLES, index=None, format_func=_word, key=key)
    if name == "in_scope":
        side = st.selectbox(title, ["yes", "no"], index=None, key=key)
        return None if side is None else side == "yes"
    return st.text_input(title, key=key).strip() or None


def _word(code: str) -> str:
    return words.LIFECYCLES.get(code, code)


def _preview(view: View, found: Any, chosen: list[str]) -> None:
    """What would change, before it does."""
    same = len(chosen) - found.rows.height
    st.markdown(
        f"**3. What changes**: {numbers.count(found.changes.height, 'field')} of "
        f"{numbers.count(found.rows.height, 'workload')}"
        + (f"; {numbers.integer(same)} of {len(chosen)} stay as they are" if same else "")
        + "."
    )
    listed(view, found.changes, key="bulk_changes")


def listed(view: View, frame: pl.DataFrame, *, key: str) -> None:
    """A list of changes: workload, field, before and after."""
    if frame.is_empty():
        return
    titles = {field.name: field.title for field in view.portfolio.workload_fields()}
    tables.show(
        frame.with_columns(
            pl.col("field").replace(titles), pl.col("after").fill_null("(as the sources say)")
        ),
        key=key,
        alt="What changes in the AI inventory",
        titles={"field": "Field", "before": "Before", "after": "After"},
    )
