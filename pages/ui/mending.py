"""Mending rows that were set aside: a rule for a column, a discard, and what was decided."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import FIX_UNITS, Fix, PortfolioError
from pages.ui import gate, numbers, tables
from pages.ui.view import View

RULES: Final = {
    "unit": "Write a unit behind the numbers",
    "dates": "Read dates in another style",
    "decimal": "Read decimals in another style",
    "replace": "Put a text in the place of another",
    "set": "Write one value in every cell",
    "strip": "Leave characters out",
}

DATES: Final = {
    "day first": "Day first: 03/04/2025 is 3 April",
    "month first": "Month first: 03/04/2025 is 4 March",
    "pattern": "As a pattern says",
}

DECIMALS: Final = {",": "Comma: 1.234,5", ".": "Point: 1,234.5"}

MOST_PREVIEWED: Final = 200

_GUESSES: Final = {"unit": "unit", "date": "dates", "number": "decimal", "could mean": "decimal"}
"""A word of the reason -> the rule that most likely helps; else one value for every cell."""


def key_of(reason: dict[str, Any]) -> str:
    """What the widgets of a reason are kept under."""
    words = (reason["evidence_id"], reason["column"], reason["kind"])
    return hashlib.sha256(repr(words).encode()).hexdigest()[:12]


def rule(view: View, reason: dict[str, Any], columns: Sequence[str]) -> int:
    """A rule for a whole column, with its preview; gives how many cells were mended."""
    if not columns:
        st.caption("No cell of these rows can be written here.")
        return 0
    file = reason["evidence_id"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        guess = next((rule for word, rule in _GUESSES.items() if word in reason["kind"]), "set")
        kind = st.selectbox(
            "What to do",
            list(RULES),
            index=list(RULES).index(guess),
            format_func=RULES.__getitem__,
            key=f"fix_kind_{key_of(reason)}",
            width=300,
        )
        at = columns.index(reason["column"]) if reason["column"] in columns else 0
        column = st.selectbox(
            "Column", columns, index=at, key=f"fix_column_{key_of(reason)}", width=220
        )
    fix = _rule(kind)
    if fix is None:
        return 0
    try:
        preview = view.ask("preview_fix", file, column, fix, kind=reason["kind"])
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return 0
    if preview.is_empty():
        st.caption("This would change no cell of these rows.")
        return 0
    _preview(preview)
    if st.button(
        f"Mend {numbers.count(preview.height, 'cell')} and submit the file again",
        type="primary",
        icon=":material/auto_fix_high:",
        key="fix_apply",
    ):
        mended: int = view.portfolio.fix_column(
            file, column, fix, kind=reason["kind"], who=gate.who()
        )
        return mended
    return 0


def _rule(kind: str) -> Fix | None:
    """The rule as the reader states it; None while something is missing."""
    if kind == "unit":
        unit = st.selectbox("Unit", FIX_UNITS, index=None, key="fix_unit", width=220)
        return Fix("unit", unit) if unit else None
    if kind == "dates":
        style = st.radio("Style", list(DATES), format_func=DATES.__getitem__, key="fix_dates")
        if style == "pattern":
            style = st.text_input(
                "Pattern",
                key="fix_pattern",
                placeholder="%d %b %Y",
                help="%d day, %m month, %b Mar, %B March, %Y 2025, %y 25, %H hour, %M minute.",
            )
        return Fix("dates", style) if style else None
    if kind == "decimal":
        mark = st.radio(
            "The cells write", list(DECIMALS), format_func=DECIMALS.__getitem__, key="fix_decimal"
        )
        return Fix("decimal", mark)
    if kind == "replace":
        with st.container(horizontal=True):
            sought = st.text_input("Text", key="fix_sought", width=220)
            other = st.text_input("Write instead", key="fix_other", width=220)
        return Fix("replace", sought, other) if sought else None
    if kind == "set":
        value = st.text_input("Value", key="fix_value", width=300)
        return Fix("set", value) if value else None
    characters = st.text_input("Characters to leave out", key="fix_characters", width=300)
    return Fix("strip", characters) if characters else None


def _preview(preview: pl.DataFrame) -> None:
    passes = int(preview["passes"].sum())
    st.markdown(
        f"**{numbers.integer(passes)} of {numbers.count(preview.height, 'row')}** would then be "
        "taken."
    )
    shown = preview.head(MOST_PREVIEWED).select(
        "row",
        "before",
        "after",
        pl.when("passes").then(pl.lit("yes")).otherwise(pl.lit("no")).alias("taken"),
        "why",
    )
    tables.show(
        shown,
        key="fix_preview",
        alt="Each cell before and after, and whether its row would then be taken",
        titles={
            "before": "Before",
            "after": "After",
            "taken": "Would be taken",
            "why": "What would still be wrong",
        },
    )


def discard(view: View, reason: dict[str, Any], rows: list[int]) -> str:
    """Rows that are not to be taken, with the reason; gives what to say of it once it is done."""
    st.caption("For rows that belong in no figure: a test, a subtotal, a credit. It can be undone.")
    some = st.radio(
        "Which rows",
        ["all", "some"],
        format_func={
            "all": f"All {numbers.count(len(rows), 'row')} of this reason",
            "some": "Some of them",
        }.__getitem__,
        horizontal=True,
        key="discard_which",
    )
    wanted = rows
    if some == "some":
        wanted = st.multiselect("Rows", rows, key=f"discard_rows_{key_of(reason)}")
    why = st.text_input("Reason, for the record", key="discard_reason")
    if st.button(
        f"Discard {numbers.count(len(wanted), 'row')}",
        icon=":material/delete:",
        disabled=not wanted or not why.strip(),
        key="discard_apply",
    ):
        count = view.portfolio.discard(reason["evidence_id"], wanted, reason=why, who=gate.who())
        return f"{numbers.count(count, 'row')} discarded: {numbers.plain(why)}"
    return ""


def history(view: View, done: str) -> None:
    """What was decided before, and a way back for what was discarded."""
    decisions: pl.DataFrame = view.ask("decisions")
    if decisions.is_empty():
        return
    with st.expander(
        f"What was decided before: {numbers.count(decisions.height, 'decision')}",
        icon=":material/history:",
    ):
        tables.show(
            decisions.drop("evidence_id"),
            key="decisions",
            alt="Decisions on rows that were set aside, the latest first",
            titles={
                "at": "When",
                "who": "Who",
                "what": "What",
                "before": "Before",
                "after": "After",
                "reason": "Reason",
                "state": "The row today",
            },
            download="decisions-on-rows-set-aside.csv",
        )
        _restore(view, done)


def _restore(view: View, done: str) -> None:
    gone = view.ask("quarantine_rows").filter(pl.col("discarded").is_not_null())
    rows = gone.select("evidence_id", "file", "row", "discarded").unique(maintain_order=True)
    if rows.is_empty():
        return
    found = rows.to_dicts()
    chosen = st.multiselect(
        "Discarded rows to take back",
        range(len(found)),
        format_func=lambda at: (
            f"{found[at]['file']}, row {found[at]['row']}: {found[at]['discarded']}"
        ),
        key=f"restore_{view.version}",
    )
    if st.button("Take back", disabled=not chosen, icon=":material/undo:", key="restore_apply"):
        for at in chosen:
            row = found[at]
            view.portfolio.restore(row["evidence_id"], [row["row"]], who=gate.who())
        for evidence_id in dict.fromkeys(found[at]["evidence_id"] for at in chosen):
            view.portfolio.resubmit(evidence_id, who=gate.who())
        st.session_state[done] = (
            f"{numbers.count(len(chosen), 'row')} taken back: read again, and set aside where "
            "still at fault."
        )
        st.rerun()
