"""The table of workloads, edited cell by cell."""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from carbon.schema import LIFECYCLES
from pages.ui import gate, numbers, tables, words
from pages.ui.view import View

OVERVIEW: Final = ("lifecycle", "model", "owner", "in_scope", "boundary_reason")
"""What is asked first of a workload, of all groups of fields."""

FURTHER: Final = ("business_unit", "project", "provider", "region", "site")
LEFT: Final = ("workload_id",)
RIGHT: Final = ("percent_complete", "missing")
BASES: Final = {
    "statement": "Stated here",
    "decision": "Policy, by name",
    "lifecycle": "Policy, by lifecycle",
    "default": "Policy's default",
}
"""Who decided on which side of the boundary a workload is."""

SPAN: Final = ("first_month", "last_month", "rows", "files")


def draw(view: View, frame: pl.DataFrame) -> None:
    """The table, what stands in the way of saving it, and its CSV."""
    group, found = _choices(view, frame)
    st.caption(
        "Edit a cell, then save. What you state stands above what the files say; an emptied cell "
        "takes it back. Moving a workload in or out of scope needs a reason."
        + (" What you change in the sample stays in the sample." if view.is_sample else "")
    )
    if found.is_empty():
        st.info("No workload holds that text.", icon=":material/search_off:")
        return
    _editor(view, found, group)
    tables.csv_button(frame, "ai-inventory.csv", key="inventory_csv")


def _choices(view: View, frame: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """The group of fields that is shown, and the workloads that hold what was searched for."""
    groups = list(dict.fromkeys(field.group for field in view.portfolio.workload_fields()))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        group = st.segmented_control(
            "Columns",
            ["Overview", *groups],
            default="Overview",
            required=True,
            key="inventory_columns",
        )
        sought = st.text_input(
            "Find", key="inventory_find", placeholder="a workload, owner, model …", width=240
        )
    if not sought:
        return group, frame
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    holds = pl.any_horizontal(
        pl.col(name).str.to_lowercase().str.contains(sought.lower(), literal=True).fill_null(False)
        for name in texts
    )
    return group, frame.filter(holds)


def _editor(view: View, frame: pl.DataFrame, group: str) -> None:
    fields = view.portfolio.workload_fields()
    editable = [field.name for field in fields if field.stated]
    results = ["energy_facility_kwh", *(f"{method}_kg_co2e" for method in view.methods)]
    if group == "Overview":
        who, boundary = OVERVIEW[:3], OVERVIEW[3:]
        order = [*LEFT, *who, *results, *RIGHT[:1], *boundary, *RIGHT[1:], *FURTHER, *SPAN]
    else:
        chosen = [field.name for field in fields if field.group == group]
        order = [*LEFT, *chosen, *results, *RIGHT, *(SPAN if group == "Identity" else ())]
    texts = [name for name in editable if name not in ("in_scope", "lifecycle")]
    before = frame.with_columns(
        pl.col(texts).fill_null(""),
        pl.col("boundary_basis").replace(BASES),
        percent_complete=(pl.col("completeness") * 100).round(),
    ).select(*LEFT, *[field.name for field in fields], *results, *RIGHT, *SPAN)
    sought = st.session_state.get("inventory_find")
    key = f"inventory_{view.version}" + (f"_{sought}" if sought else "")
    # The table forgets its edits when the reader leaves the page; `kept` holds them, and on return
    # they are part of the rows that the table starts from.
    kept, start = f"inventory_kept_{view.workspace}", f"inventory_start_{view.workspace}"
    if key not in st.session_state:
        st.session_state[start] = st.session_state.get(kept, {})
    shown = _with(before, st.session_state.get(start, {}), editable)
    st.data_editor(
        tables.styled(shown),
        key=key,
        hide_index=True,
        column_order=order,
        num_rows="fixed",
        height=min(560, 38 + 35 * shown.height),
        disabled=[name for name in before.columns if name not in editable],
        column_config=_columns(view),
        placeholder="–",
        alt="The AI inventory; cells can be edited",
    )
    here = _changes(before, shown, st.session_state[key]["edited_rows"], editable)
    changes = [*_elsewhere(st.session_state.get(kept, {}), before), *here]
    st.session_state[kept] = {change["workload_id"]: change for change in changes}
    _save(view, changes, kept)


def _elsewhere(kept: dict[str, dict[str, Any]], before: pl.DataFrame) -> list[dict[str, Any]]:
    """Unsaved edits of workloads that the search hides."""
    here = set(before["workload_id"])
    return [change for workload, change in kept.items() if workload not in here]


def _save(view: View, changes: list[dict[str, Any]], kept: str) -> None:
    """The button, and what stands in its way."""
    if saved := st.session_state.pop("inventory_saved", None):
        st.success(saved, icon=":material/check:")
    wrong = view.ask("try_edits", changes).problems if changes else ()
    if changes:
        st.info(
            f"{numbers.count(_cells(changes), 'unsaved change')}, "
            "kept while you visit other pages: "
            + ", ".join(numbers.plain(change["workload_id"]) for change in changes)
            + ".",
            icon=":material/edit:",
        )
    problems(wrong)
    with st.container(horizontal=True):
        pressed = st.button(
            f"Save {numbers.count(_cells(changes), 'change')}" if changes else "Save",
            type="primary",
            icon=":material/save:",
            disabled=not changes or bool(wrong),
        )
        if changes and st.button("Discard", icon=":material/undo:", type="tertiary"):
            _forget(view, kept)
            st.rerun()
    if pressed:
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


def _forget(view: View, kept: str) -> None:
    """Let go of edits that were not saved, and of the table that holds them."""
    st.session_state.pop(kept, None)
    for key in [str(key) for key in st.session_state if str(key).startswith("inventory_start_")]:
        del st.session_state[key]
    for key in [str(key) for key in st.session_state]:
        if key.startswith(f"inventory_{view.version}"):
            del st.session_state[key]


def problems(found: Any) -> None:
    """Statements that cannot be kept: each cell, and what to write."""
    unexplained = [one for one in found if one.field == "boundary_reason"]
    if unexplained:
        st.warning(
            "Say in the column Reason why the boundary changes for: "
            + ", ".join(numbers.plain(one.workload) for one in unexplained),
            icon=":material/edit_note:",
        )
    others = [one for one in found if one.field != "boundary_reason"]
    if others:
        lines = "\n".join(f"- {numbers.plain(one.in_words())}" for one in others)
        st.error(
            f"{numbers.count(len(others), 'cell')} cannot be kept:\n\n{lines}",
            icon=":material/error:",
        )


def _cells(changes: list[dict[str, Any]]) -> int:
    """Cells that changed; a reason that a boundary decision emptied is none of them."""
    return sum(
        len(change) - 1 - ("boundary_reason" in change and change["boundary_reason"] is None)
        for change in changes
    )


def _with(
    before: pl.DataFrame, kept: dict[str, dict[str, Any]], editable: list[str]
) -> pl.DataFrame:
    """The table with edits that were kept from an earlier visit of the page."""
    if not kept:
        return before
    edited = [
        {
            name: kept.get(row["workload_id"], {}).get(name, value) if name in editable else value
            for name, value in row.items()
        }
        for row in before.to_dicts()
    ]
    return pl.DataFrame(edited, schema=before.schema)


def _changes(
    before: pl.DataFrame,
    shown: pl.DataFrame,
    edited: dict[Any, dict[str, Any]],
    editable: list[str],
) -> list[dict[str, Any]]:
    """The edits as the portfolio takes them: one mapping a workload.

    Args:
        before: the inventory as it is saved.
        shown: what the table started from: `before` with edits kept from an earlier visit.
        edited: row number -> column -> value, as the table gives them.
        editable: the columns that may be edited.
    """
    cells_of = {int(index): cells for index, cells in edited.items()}
    changes = []
    for index, (saved, start) in enumerate(
        zip(before.iter_rows(named=True), shown.iter_rows(named=True), strict=True)
    ):
        now = {name: start[name] for name in editable} | cells_of.get(index, {})
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


def _columns(view: View) -> dict[str, Any]:
    column = st.column_config
    fields = view.portfolio.workload_fields()
    config: dict[str, Any] = {field.name: field.title for field in fields}
    return config | {
        "workload_id": column.TextColumn("Workload", pinned=True, width=170),
        "percent_complete": column.ProgressColumn(
            "Complete", min_value=0, max_value=100, format="%.0f\u202f%%", width=105
        ),
        "missing": column.TextColumn("Missing", width=250),
        "in_scope": column.CheckboxColumn("In scope", width=90),
        "boundary_reason": column.TextColumn("Reason", width="medium"),
        "boundary_decided_on": column.TextColumn("Decided on (YYYY-MM-DD)", width="small"),
        "evidence": column.TextColumn("Evidence: document or link", width="medium"),
        "lifecycle": column.SelectboxColumn(
            "Lifecycle",
            width=130,
            options=list(LIFECYCLES),
            format_func=lambda code: words.name_of(words.LIFECYCLES, code),
        ),
        **{
            name: column.NumberColumn(title, width=105)
            for name, title in (
                ("energy_facility_kwh", "Energy [kWh]"),
                ("location_kg_co2e", "Loc. [kgCO₂e]"),
                ("market_kg_co2e", "Mkt. [kgCO₂e]"),
            )
        },
        "model": column.TextColumn("Model", width=110),
        "owner": column.TextColumn("Owner", width=100),
        "first_month": "First month",
        "last_month": "Last month",
        "rows": column.NumberColumn("Rows", format="%d"),
        "files": column.TextColumn("Files", width="medium"),
    }
