"""The inventory in a spreadsheet: download, edit, give it back, see what changes, apply."""

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from pages.panels.workload_bulk import listed
from pages.ui import gate, numbers, tables
from pages.ui.view import View

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def draw(view: View, frame: pl.DataFrame) -> None:
    """Download, upload, preview, apply."""
    st.caption(
        "Edit the inventory in a spreadsheet and give it back. A cell that you leave as it is "
        "changes nothing, and neither does a blank cell: to take a statement back, name the field "
        "in the column take\\_back. A new name in the column workload adds a workload, once you "
        "confirm it. All of a file is taken, or nothing."
    )
    portfolio = view.portfolio
    with st.container(horizontal=True):
        st.download_button(
            "Download XLSX",
            data=lambda: portfolio.export_workloads("xlsx"),
            file_name="ai-inventory.xlsx",
            mime=XLSX,
            key="inventory_xlsx",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            "Download CSV",
            data=lambda: portfolio.export_workloads("csv"),
            file_name="ai-inventory-to-edit.csv",
            mime="text/csv",
            key="inventory_edit_csv",
            on_click="ignore",
            icon=":material/download:",
        )
    number = st.session_state.get("inventory_uploads", 0)
    file = st.file_uploader(
        "The edited file", type=["csv", "xlsx"], key=f"inventory_upload_{number}"
    )
    if file is not None:
        _given(view, file.name, file.getvalue(), number)


def _given(view: View, name: str, data: bytes, number: int) -> None:
    """What the file would change, and the button."""
    try:
        found = view.ask("try_workloads", name, data)
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    for note in found.notes:
        st.caption(f":material/info: {numbers.plain(note)}")
    if found.problems:
        st.error(
            f"Nothing can be taken before {numbers.count(len(found.problems), 'cell')} is mended."
            if len(found.problems) == 1
            else f"Nothing can be taken before {len(found.problems)} cells are mended.",
            icon=":material/error:",
        )
        tables.reasons(_reasons(found.problems), key="inventory_file", alt="Cells to mend")
        return
    if found.changes.is_empty() and not found.new:
        st.info(
            f"{numbers.count(found.rows, 'row')} read: nothing changes.", icon=":material/check:"
        )
        return
    st.markdown(
        f"**What changes**: {numbers.count(found.changes.height, 'field')}, in "
        f"{numbers.count(found.changes['workload'].n_unique(), 'workload')}."
    )
    listed(view, found.changes, key="inventory_file_changes")
    add_new = True
    if found.new:
        add_new = st.checkbox(
            f"Add {numbers.count(len(found.new), 'workload')} that nobody named before: "
            + ", ".join(numbers.plain(workload) for workload in found.new),
            key=f"inventory_add_new_{number}",
        )
    if st.button(
        "Apply the file",
        type="primary",
        icon=":material/save:",
        disabled=not add_new,
        key="inventory_apply_file",
    ):
        _apply(view, name, data, number)


def _apply(view: View, name: str, data: bytes, number: int) -> None:
    try:
        taken = view.portfolio.import_workloads(name, data, add_new=True, who=gate.who())
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    st.session_state["inventory_uploads"] = number + 1
    st.session_state["inventory_said"] = (
        f"Changed {numbers.count(taken.changes.height, 'field')} as {numbers.plain(name)} says."
    )
    st.rerun()


def _reasons(problems: tuple) -> pl.DataFrame:  # type: ignore[type-arg]
    """Problems as rows: row, column, value, reason."""
    return pl.DataFrame(
        [
            {
                "row": one.row,
                "column": one.field,
                "value": one.value,
                "reason": f"{one.workload}: {one.reason}" if one.workload else one.reason,
            }
            for one in problems
        ],
        schema={"row": pl.Int64, "column": pl.String, "value": pl.String, "reason": pl.String},
    )
