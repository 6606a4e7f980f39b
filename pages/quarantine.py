"""Quarantine: why was this not taken, and how do I get it in?"""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from pages.ui import bar, gate, mending, numbers, states, tables
from pages.ui.view import View

ROW: Final = "(row)"
LINE: Final = "(whole line)"
WRONG: Final = "(what is wrong)"

MOST_REASONS: Final = 8
"""So many reasons stand in the list at once; the others follow on request."""

MOST_ROWS: Final = 300
"""So many rows can be edited one by one at once; a rule for the column mends all of them."""

DONE: Final = "quarantine_done"


def draw(view: View) -> None:
    """The whole screen."""
    bar.without_period()
    st.title("Quarantine", anchor=False)
    st.caption(
        "Rows that were not taken: why, and how to get them in. They are in no figure. The files "
        "themselves stay as they were received; what you write here stands beside them."
    )
    # The place stays when what was said goes, so that nothing below it is drawn anew.
    with st.container():
        if said := st.session_state.pop(DONE, None):
            st.success(said, icon=":material/check:")
    reasons: pl.DataFrame = view.ask("quarantine_reasons")
    if reasons.is_empty():
        states.empty(
            "Here rows that could not be taken will stand, each with the reason and its cells.",
            "Nothing is set aside: every row of every file was taken, or discarded with a reason.",
        )
    else:
        _summary(view, reasons)
        left, right = st.columns([1, 2], gap="medium")
        with left:
            reason = _choose(reasons)
        with right:
            _reason(view, reason)
    mending.history(view, DONE)


def _summary(view: View, reasons: pl.DataFrame) -> None:
    rows = view.ask("quarantine")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{numbers.count(tables.rows_of(rows), 'row')}** of "
            f"{numbers.count(reasons['evidence_id'].n_unique(), 'file')} "
            f"{'is' if tables.rows_of(rows) == 1 else 'are'} set aside, for "
            f"{numbers.count(reasons.height, 'reason')}.",
            width="content",
        )
        tables.csv_button(rows, "rows-set-aside.csv", key="quarantine_csv")


def _choose(reasons: pl.DataFrame) -> dict[str, Any]:
    """The reason that is looked at: those with most rows come first."""
    st.subheader("Reasons", anchor=False)
    found = reasons.to_dicts()
    if len(found) > MOST_REASONS and not st.toggle(f"Show all {len(found)} reasons"):
        found = found[:MOST_REASONS]
    index = st.radio(
        "Reason",
        range(len(found)),
        format_func=lambda at: (
            f"**{numbers.count(found[at]['rows'], 'row')}**: {numbers.plain(found[at]['reason'])}"
        ),
        captions=[_where(reason) for reason in found],
        label_visibility="collapsed",
        key="quarantine_reason",
    )
    return found[index if index is not None and index < len(found) else 0]


def _where(reason: dict[str, Any]) -> str:
    column = f"Column {numbers.plain(reason['column'])} of " if reason["column"] else ""
    return f"{column}{numbers.plain(reason['file'])}"


def _reason(view: View, reason: dict[str, Any]) -> None:
    """The rows of one reason, and what can be done about them."""
    aside = view.ask("quarantine_rows").filter(
        pl.col("evidence_id") == reason["evidence_id"], pl.col("discarded").is_null()
    )
    chosen = aside.filter(
        pl.col("kind") == reason["kind"], pl.col("column").eq_missing(pl.lit(reason["column"]))
    )
    cells = view.ask("quarantine_cells", reason["evidence_id"]).filter(
        pl.col(ROW).is_in(chosen["row"].implode())
    )
    st.subheader("Rows", anchor=False)
    changes = _editor(view, reason, cells, aside) if cells.height else []
    with st.container(horizontal=True):
        _submit(view, reason, changes)
    hidden = chosen.filter(~pl.col("row").is_in(cells[ROW].implode()))
    if hidden.height:
        st.caption(
            "The cells of these rows cannot be written here: their format is no plain table. "
            "Correct the file and import it again, or discard the rows."
        )
        tables.reasons(
            hidden.select("row", "column", "value", "reason"),
            key=f"quarantine_hidden_{reason['evidence_id'][:8]}",
            alt="Rows that are set aside and cannot be edited here",
        )
    alike, gone = st.tabs(["Fix all alike", "Discard"], key="quarantine_what")
    with alike:
        columns = [name for name in cells.columns if name not in (ROW, LINE)]
        if changed := mending.rule(view, reason, columns):
            _submitted(view, reason, changed)
    with gone:
        if said := mending.discard(view, reason, chosen["row"].unique().sort().to_list()):
            _leave(said)


def _editor(view: View, reason: dict[str, Any], cells: pl.DataFrame, aside: pl.DataFrame) -> None:
    """The rows with the cell at fault first, and a button that submits what was written."""
    faulty = reason["column"] or (LINE if LINE in cells.columns else None)
    shown, marked = _arranged(cells.head(MOST_ROWS), faulty, aside)
    st.caption(
        "Edit a cell, then submit. "
        + (f"The cell at fault stands first, under ⚠ {numbers.plain(faulty)}." if faulty else "")
        + (f" The first {MOST_ROWS} rows are shown." if cells.height > MOST_ROWS else "")
    )
    key = f"quarantine_{view.version}_{mending.key_of(reason)}"
    st.data_editor(
        shown,
        key=key,
        hide_index=True,
        num_rows="fixed",
        disabled=[ROW, WRONG],
        column_config={
            ROW: st.column_config.NumberColumn("Row", format="%d", width=60, pinned=True),
            WRONG: st.column_config.TextColumn("What is wrong", width=320),
            **{
                name: st.column_config.TextColumn(f"⚠ {'Whole line' if name == LINE else name}")
                for name in marked
            },
        },
        alt="Rows that are set aside; the columns at fault are marked, cells can be edited",
    )
    edited = st.session_state[key]["edited_rows"]
    return [
        {
            "evidence_id": reason["evidence_id"],
            "row": shown[ROW][int(index)],
            "column": column,
            "after": value,
        }
        for index, row in edited.items()
        for column, value in row.items()
    ]


def _submit(view: View, reason: dict[str, Any], changes: list[dict[str, Any]]) -> None:
    """The buttons that read the file again, with what was written or as it is."""
    if st.button(
        f"Submit {numbers.count(len(changes), 'change')}" if changes else "Submit changes",
        type="primary",
        icon=":material/check:",
        disabled=not changes,
        key="submit_changes",
    ):
        try:
            changed = view.portfolio.correct(changes, who=gate.who())
        except PortfolioError as error:
            st.error(numbers.plain(str(error)), icon=":material/error:")
            return
        _submitted(view, reason, changed)
    if st.button(
        "Submit the file again as it is",
        icon=":material/refresh:",
        key="submit_again",
        help="A grid zone may be known by now, or a mapping may have changed.",
    ):
        _submitted(view, reason, 0)


def _arranged(
    cells: pl.DataFrame, faulty: str | None, aside: pl.DataFrame
) -> tuple[pl.DataFrame, list[str]]:
    """Row, the cell at fault, the other cells, what is wrong; and which columns are at fault in any
    of the rows.
    """
    said = aside.filter(pl.col("row").is_in(cells[ROW].implode()))
    words = {
        row: "; ".join(said.filter(pl.col("row") == row)["reason"].unique(maintain_order=True))
        for row in cells[ROW]
    }
    marked = [name for name in cells.columns if name in set(said["column"]) or name == LINE]
    first = [name for name in cells.columns if name == faulty]
    others = [name for name in cells.columns if name not in (ROW, *first)]
    wrong = pl.Series(WRONG, [words[row] for row in cells[ROW]], dtype=pl.String)
    return cells.with_columns(wrong).select(ROW, *first, *others, WRONG), marked


def _submitted(view: View, reason: dict[str, Any], changed: int) -> None:
    """Read the file again, and say what came of it once the page is drawn anew."""
    try:
        result = view.portfolio.resubmit(reason["evidence_id"], who=gate.who())
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    mended = f"{numbers.count(changed, 'cell')} mended. " if changed else ""
    _leave(
        f"{mended}{numbers.plain(result.name)} was read again: "
        f"{numbers.count(result.accepted, 'row')} taken, "
        f"{numbers.count(result.quarantined, 'row')} still set aside."
    )


def _leave(said: str) -> None:
    st.session_state[DONE] = said
    st.rerun()


gate.require()
draw(bar.current())
