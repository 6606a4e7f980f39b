"""The table of workloads: what AI runs, whose it is, and whether it is in scope."""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from carbon.schema import LIFECYCLES, UNASSIGNED
from pages.ui import gate, lineage, numbers, states, tables, words
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
    "missing",
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
    """The whole panel."""
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
    # The table forgets its edits when the reader leaves the page; `kept` holds them, and on return
    # they are part of the rows that the table starts from.
    kept, start = f"inventory_kept_{view.workspace}", f"inventory_start_{view.workspace}"
    if key not in st.session_state:
        st.session_state[start] = st.session_state.get(kept, {})
    shown = _with(before, st.session_state.get(start, {}))
    st.data_editor(
        shown,
        key=key,
        hide_index=True,
        column_order=[name if name != "completeness" else "percent_complete" for name in SHOWN],
        num_rows="fixed",
        height=560,
        disabled=[name for name in before.columns if name not in EDITABLE],
        column_config=_columns(),
        alt="The AI inventory; cells can be edited",
    )
    changes = _changes(before, shown, st.session_state[key]["edited_rows"])
    st.session_state[kept] = {change["workload_id"]: change for change in changes}
    _save(view, changes, kept)


def _save(view: View, changes: list[dict[str, Any]], kept: str) -> None:
    """The button, and what stands in its way."""
    if saved := st.session_state.pop("inventory_saved", None):
        st.success(saved, icon=":material/check:")
    if changes:
        st.info(
            f"{numbers.count(_cells(changes), 'unsaved change')}, "
            "kept while you visit other pages: "
            + ", ".join(numbers.plain(change["workload_id"]) for change in changes)
            + ".",
            icon=":material/edit:",
        )
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
    with st.container(horizontal=True):
        if st.button(
            f"Save {numbers.count(_cells(changes), 'change')}" if changes else "Save",
            type="primary",
            icon=":material/save:",
            disabled=not changes or bool(unexplained),
        ):
            try:
                view.portfolio.edit_workloads(changes, who=gate.who())
            except PortfolioError as error:
                st.error(numbers.plain(str(error)), icon=":material/error:")
                return
            del st.session_state[kept]
            st.session_state["inventory_saved"] = (
                f"Saved: {numbers.count(_cells(changes), 'change')} to "
                f"{numbers.count(len(changes), 'workload')}."
            )
            st.rerun()


def _cells(changes: list[dict[str, Any]]) -> int:
    """Cells that changed; a reason that a boundary decision emptied is none of them."""
    return sum(
        len(change) - 1 - ("boundary_reason" in change and change["boundary_reason"] is None)
        for change in changes
    )


def _with(before: pl.DataFrame, kept: dict[str, dict[str, Any]]) -> pl.DataFrame:
    """The table with edits that were kept from an earlier visit of the page."""
    if not kept:
        return before
    edited = [
        {
            name: kept.get(row["workload_id"], {}).get(name, value) if name in EDITABLE else value
            for name, value in row.items()
        }
        for row in before.to_dicts()
    ]
    return pl.DataFrame(edited, schema=before.schema)


def _changes(
    before: pl.DataFrame, shown: pl.DataFrame, edited: dict[Any, dict[str, Any]]
) -> list[dict[str, Any]]:
    """The edits as the portfolio takes them: one mapping a workload.

    Args:
        before: the inventory as it is saved.
        shown: what the table started from: `before` with edits kept from an earlier visit.
        edited: row number -> column -> value, as the table gives them.
    """
    cells_of = {int(index): cells for index, cells in edited.items()}
    changes = []
    for index, (saved, start) in enumerate(
        zip(before.iter_rows(named=True), shown.iter_rows(named=True), strict=True)
    ):
        now = {name: start[name] for name in EDITABLE} | cells_of.get(index, {})
        # A cell that was emptied says the same as one that never held anything.
        moved = {
            name: value or None if isinstance(value, str) else value
            for name, value in now.items()
            if (value or "") != (saved[name] or "")
        }
        if not moved:
            continue
        if "in_scope" in moved and "boundary_reason" not in moved:
            # A reason that stood for the other decision does not explain this one.
            moved["boundary_reason"] = None
        changes.append({"workload_id": saved["workload_id"], **moved})
    return changes


def _columns() -> dict[str, Any]:
    return {
        "workload_id": st.column_config.TextColumn("Workload", pinned=True, width="medium"),
        "percent_complete": st.column_config.ProgressColumn(
            "Complete", min_value=0, max_value=100, format="%.0f\u202f%%", width=110
        ),
        "missing": st.column_config.TextColumn("Missing", width=250),
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
