"""AI inventory: what AI do we run, whose is it, is it in scope?"""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from carbon.schema import LIFECYCLES, UNASSIGNED
from pages.ui import bar, gate, lineage, numbers, states, tables, words
from pages.ui.view import View

EDITABLE: Final = (
    "in_scope",
    "boundary_reason",
    "model",
    "lifecycle",
    "owner",
    "business_unit",
    "project",
    "architecture",
    "parameters",
    "dataset_size",
)

SHOWN: Final = (
    "workload_id",
    "completeness",
    *EDITABLE,
    "provider",
    "region",
    "site",
    "accelerator",
    "accelerator_count",
    "first_month",
    "last_month",
    "rows",
)


def draw(view: View) -> None:
    """The whole screen."""
    states.title("AI inventory", "What AI runs, whose it is, and whether it is in scope.", view)
    frame: pl.DataFrame = view.ask("workloads")
    if frame.is_empty():
        states.empty(
            "Here every workload will stand, with its owner, place, lifecycle and boundary.",
            "No workload was imported yet.",
        )
        return
    ordered = frame.sort(
        pl.col("workload_id") != UNASSIGNED, "completeness", "workload_id", nulls_last=True
    )
    _summary(ordered)
    _editor(view, ordered)
    with st.container(horizontal=True):
        tables.csv_button(frame, "ai-inventory.csv", key="inventory_csv")
    _detail(view, ordered)


def _summary(frame: pl.DataFrame) -> None:
    incomplete = frame.filter(pl.col("completeness") < 1).height
    outside = frame.filter(~pl.col("in_scope")).height
    with st.grid(min_column_width=170):
        st.metric("Workloads", numbers.integer(frame.height), border=True)
        st.metric("Outside the boundary", numbers.integer(outside), border=True)
        st.metric("Incomplete", numbers.integer(incomplete), border=True)
    if frame["workload_id"][0] == UNASSIGNED:
        st.warning(
            "Some energy belongs to no workload: the first row. Name a workload in the source file "
            "and import it again.",
            icon=":material/help:",
        )


def _editor(view: View, frame: pl.DataFrame) -> None:
    st.caption(
        "Edit a cell, then save. What you state stands above what the files say. Moving a workload "
        "in or out of scope needs a reason."
        + (" What you change in the sample stays in the sample." if view.is_sample else "")
    )
    texts = [name for name in EDITABLE if name not in ("in_scope", "lifecycle")]
    before = frame.select(SHOWN).with_columns(
        pl.col(texts).fill_null(""), percent_complete=(pl.col("completeness") * 100).round()
    )
    key = f"inventory_{view.version}"
    st.data_editor(
        before,
        key=key,
        hide_index=True,
        column_order=[name if name != "completeness" else "percent_complete" for name in SHOWN],
        num_rows="fixed",
        height=560,
        disabled=[name for name in before.columns if name not in EDITABLE],
        column_config=_columns(),
        alt="The AI inventory; cells can be edited",
    )
    changes = _changes(before, st.session_state[key]["edited_rows"])
    unexplained = [
        change["workload_id"]
        for change in changes
        if "in_scope" in change and not change.get("boundary_reason")
    ]
    if unexplained:
        st.warning(
            "Say in the column Reason why the boundary changes for: "
            + ", ".join(numbers.plain(name) for name in unexplained),
            icon=":material/edit_note:",
        )
    if st.button(
        f"Save {numbers.count(len(changes), 'change')}" if changes else "Save",
        type="primary",
        icon=":material/save:",
        disabled=not changes or bool(unexplained),
    ):
        try:
            view.portfolio.edit_workloads(changes, who=gate.who())
        except PortfolioError as error:
            st.error(numbers.plain(str(error)), icon=":material/error:")
            return
        st.toast(f"Saved {numbers.count(len(changes), 'workload')}.", icon=":material/check:")
        st.rerun()


def _changes(before: pl.DataFrame, edited: dict[Any, dict[str, Any]]) -> list[dict[str, Any]]:
    """The edits of the table as the portfolio takes them: one mapping a workload."""
    changes = []
    for index, cells in sorted(edited.items(), key=lambda item: int(item[0])):
        row = before.row(int(index), named=True)
        # A cell that was emptied says the same as one that never held anything.
        moved = {
            name: value or None if isinstance(value, str) else value
            for name, value in cells.items()
            if (value or "") != (row[name] or "")
        }
        if not moved:
            continue
        if "in_scope" in moved and "boundary_reason" not in moved:
            # A reason that stood for the other decision does not explain this one.
            moved["boundary_reason"] = None
        changes.append({"workload_id": row["workload_id"], **moved})
    return changes


def _columns() -> dict[str, Any]:
    return {
        "workload_id": st.column_config.TextColumn("Workload", pinned=True, width="medium"),
        "percent_complete": st.column_config.ProgressColumn(
            "Complete", min_value=0, max_value=100, format="%.0f\u202f%%", width=110
        ),
        "in_scope": st.column_config.CheckboxColumn("In scope", width=90),
        "boundary_reason": st.column_config.TextColumn("Reason", width="medium"),
        "model": "Model",
        "lifecycle": st.column_config.SelectboxColumn(
            "Lifecycle",
            width=150,
            options=list(LIFECYCLES),
            format_func=lambda code: words.name_of(words.LIFECYCLES, code),
        ),
        "owner": "Owner",
        "business_unit": "Business unit",
        "project": "Project",
        "architecture": "Architecture",
        "parameters": "Parameters",
        "dataset_size": "Data set",
        "provider": "Provider",
        "region": "Region",
        "site": "Site",
        "accelerator": "Accelerator",
        "accelerator_count": "Accelerators",
        "first_month": "First month",
        "last_month": "Last month",
        "rows": st.column_config.NumberColumn("Rows", format="%d"),
    }


def _detail(view: View, frame: pl.DataFrame) -> None:
    rows = view.rows("workload")
    if rows.is_empty():
        return
    st.subheader("What each workload emits", anchor=False)
    st.caption("A click on a row opens where its figure comes from.")
    tables.show(
        rows,
        key="inventory_emissions",
        alt="Energy and emissions by workload",
        columns=tables.measures("workload"),
        download="emissions-by-workload.csv",
        select=lambda row: lineage.workload(view, row["workload"]),
    )


gate.require()
draw(bar.current())
