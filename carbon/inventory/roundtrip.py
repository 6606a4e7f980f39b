"""The inventory as a file that is edited elsewhere and comes back.

A cell that is as the inventory shows it changes nothing, so an unchanged file changes nothing. A
blank cell leaves the field as it is; a statement is taken back by naming the field in the column
`take_back`. Columns that follow from the sources are there to be read and are passed over.
"""

import difflib
import re
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from carbon.inventory.checks import CellProblem
from carbon.inventory.edits import as_text
from carbon.inventory.fields import FIELDS, KINDS, STATED, TITLES
from carbon.tables import (
    Problem,
    Table,
    blank_to_null,
    day_first,
    decimal_mark,
    match_names,
    parse_instant,
    parse_number,
)

KEY: Final = "workload"
"""Column that names the workload."""

TAKE_BACK: Final = "take_back"
"""Column that names fields whose statement is taken back, with commas between them."""

TO_READ: Final = ("first_month", "last_month", "formats", "rows", "completeness", "missing")
"""Columns that tell whoever edits the file what there is; they are not read back."""

SEEN: Final = (*(field.name for field in FIELDS if not field.stated), *TO_READ)
COLUMNS: Final = (KEY, *STATED, TAKE_BACK, *SEEN)
"""Columns of the file, in order."""

_RUNS: Final = r"^'*[=+\-@\t\r]"
"""Text that a spreadsheet would run, or that is marked already, so that the mark comes off as it
was put on."""


@dataclass(frozen=True)
class FileEdits:
    """What a file states.

    Attributes:
        changes: one mapping a workload: workload_id and what the file states otherwise.
        rows: workload -> its row of the file.
        problems: what cannot be read; empty where all of it can.
        notes: what is to be known of the file and stops nothing.
    """

    changes: list[dict[str, Any]]
    rows: dict[str, int]
    problems: tuple[CellProblem, ...]
    notes: tuple[str, ...] = ()


def sheet(inventory: pl.DataFrame) -> pl.DataFrame:
    """The inventory as the rows of a file: COLUMNS, all of them text, a blank for null."""
    derived = [
        pl.col(name).cast(pl.String) if name in inventory.columns else pl.lit(None, pl.String)
        for name in SEEN
    ]
    yes_no = [pl.col(name).replace_strict({True: "yes", False: "no"}) for name in ("in_scope",)]
    rest = [name for name in STATED if name != "in_scope"]
    return inventory.select(
        pl.col("workload_id").alias(KEY),
        *rest,
        *(expression.alias("in_scope") for expression in yes_no),
        pl.lit(None, pl.String).alias(TAKE_BACK),
        *(expression.alias(name) for name, expression in zip(SEEN, derived, strict=True)),
    ).select(COLUMNS)


def csv(inventory: pl.DataFrame) -> bytes:
    """The file as UTF-8 CSV; text that a spreadsheet would run is marked as text with `'`."""
    marked = (
        pl.when(pl.col(name).str.contains(_RUNS))
        .then(pl.lit("'") + pl.col(name))
        .otherwise(name)
        .alias(name)
        for name in COLUMNS
    )
    # The byte-order mark makes Excel read UTF-8.
    return sheet(inventory).select(marked).write_csv(include_bom=True).encode()


def read(table: Table, inventory: pl.DataFrame, *, marked: bool) -> FileEdits:
    """What a file states otherwise than the inventory shows.

    Args:
        table: the file's cells, as `carbon.tables.read_table` gives them.
        inventory: the AI inventory as shown.
        marked: whether text that a spreadsheet would run bears the mark `'`, as in `csv`. In any
            other file a mark is taken off where the text is not known with it: it may have been
            copied from such a file.
    """
    known = [KEY, *STATED, TAKE_BACK]
    names, notes = match_names(table.columns, [*known, *SEEN, "workload_id"])
    key = names.get(KEY) or names.get("workload_id")
    problems = _headers(table, set(names.values()))
    problems += [_defect(row) for row in table.defects.to_dicts()]
    if key is None:
        return FileEdits([], {}, (*problems, _no_key(table)), _said(notes))
    fields = [name for name in STATED if name in names]
    cells = table.frame.select(
        blank_to_null(pl.col(key).cast(pl.String)).alias(KEY),
        *(blank_to_null(pl.col(names[name]).cast(pl.String)).alias(name) for name in fields),
        (pl.col(names[TAKE_BACK]) if TAKE_BACK in names else pl.lit(None, pl.String)).alias(
            TAKE_BACK
        ),
    ).with_columns(row=table.row_numbers)
    cells, unread = _typed(cells, fields, table)
    changes, rows, wrong = _differences(cells, fields, inventory, marked)
    return FileEdits(changes, rows, (*problems, *unread, *wrong), _said(notes))


def _said(notes: tuple[Problem, ...]) -> tuple[str, ...]:
    return tuple(note.reason for note in notes)


def _no_key(table: Table) -> CellProblem:
    reason = f"no column names the workload; call one '{KEY}', as in the file that was downloaded."
    return CellProblem("", KEY, None, reason, table.header_row)


def _headers(table: Table, read_as: set[str]) -> list[CellProblem]:
    """Columns that nobody knows: a change that was meant must not be passed over in silence."""
    found = []
    for column in table.columns:
        if column in read_as:
            continue
        near = difflib.get_close_matches(column.casefold(), COLUMNS, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "rename it, or delete the column."
        reason = f"there is no column '{column}'; {hint}"
        found.append(CellProblem("", column, None, reason, table.header_row))
    return found


def _defect(row: dict[str, Any]) -> CellProblem:
    return CellProblem("", row["column"], row["value"], row["reason"], row["row_number"])


def _unmarked(text: str) -> str:
    """A text without the mark that kept a spreadsheet from running it."""
    return text[1:] if text.startswith("'") and re.match(_RUNS, text) else text


def _typed(
    cells: pl.DataFrame, fields: list[str], table: Table
) -> tuple[pl.DataFrame, list[CellProblem]]:
    """Numbers and days in the house's way, by the file's decimal mark and its order of days."""
    numbers = [name for name in fields if KINDS[name] == "number"]
    days = [name for name in fields if KINDS[name] == "date"]
    mark = decimal_mark([cells[name] for name in numbers], table.delimiter, table.decimal)
    order = day_first([cells[name] for name in days])
    problems: list[CellProblem] = []
    for name in numbers:
        values, reasons = parse_number(cells[name], mark=mark)
        problems += _unread(cells, name, reasons)
        whole = values == values.round(0)
        text = values.to_frame("v").select(
            pl.when(pl.lit(whole) & (pl.col("v").abs() < 1e15))
            .then(pl.col("v").cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(pl.col("v").cast(pl.String))
        )
        cells = cells.with_columns(text.to_series().alias(name))
    for name in days:
        read_as = parse_instant(cells[name], order=order, serial_dates=table.serial_dates)
        problems += _unread(cells, name, read_as["reason"])
        cells = cells.with_columns(read_as["instant"].dt.strftime("%Y-%m-%d").alias(name))
    return cells, problems


def _unread(cells: pl.DataFrame, name: str, reasons: pl.Series) -> list[CellProblem]:
    wrong = cells.with_columns(_reason=reasons).filter(pl.col("_reason").is_not_null())
    return [
        CellProblem(row[KEY] or "", name, row[name], row["_reason"], row["row"])
        for row in wrong.to_dicts()
    ]


def _differences(
    cells: pl.DataFrame, fields: list[str], inventory: pl.DataFrame, marked: bool
) -> tuple[list[dict[str, Any]], dict[str, int], list[CellProblem]]:
    """Each row as what it states otherwise than the inventory shows."""
    shown = {row["workload_id"]: row for row in inventory.to_dicts()}
    changes: list[dict[str, Any]] = []
    rows: dict[str, int] = {}
    problems: list[CellProblem] = []
    for cell in cells.to_dicts():
        workload, number = cell[KEY], cell["row"]
        if workload is None:
            reason = "the row names no workload; write one, or delete the row."
            problems.append(CellProblem("", KEY, None, reason, number))
            continue
        if marked or workload not in shown:
            workload = _unmarked(workload)
        if workload in rows:
            reason = f"row {rows[workload]} states the same workload; keep one of the two."
            problems.append(CellProblem(workload, KEY, workload, reason, number))
            continue
        rows[workload] = number
        now = shown.get(workload, {})
        change = {}
        for field in fields:
            text, stands = cell[field], now.get(field)
            if text is not None and (marked or not _same(field, text, stands)):
                text = _unmarked(text)
            if text is not None and not _same(field, text, stands):
                change[field] = text
        back, wrong = _taken_back(workload, cell[TAKE_BACK], number)
        problems += wrong
        change |= dict.fromkeys(back)
        if change or workload not in shown:
            changes.append({"workload_id": workload, **change})
    return changes, rows, problems


def _same(field: str, text: str, now: Any) -> bool:
    """Whether a cell says what the inventory shows already."""
    shown = as_text(field, now)
    if shown is None:
        return False
    if KINDS[field] == "number":
        try:
            return float(text) == float(shown)
        except ValueError:
            return text == shown
    if KINDS[field] in ("yes_no", "lifecycle"):
        return text.casefold() == shown.casefold()
    return text == " ".join(shown.split()) or text == shown.strip()


def _taken_back(workload: str, cell: str | None, row: int) -> tuple[list[str], list[CellProblem]]:
    """The fields that a cell of TAKE_BACK names, by column or by title."""
    by_title = {title.casefold(): name for name, title in TITLES.items()}
    fields, problems = [], []
    for word in (cell or "").replace(";", ",").split(","):
        name = word.strip()
        if not name:
            continue
        field = by_title.get(name.casefold(), name.casefold().replace(" ", "_"))
        if field in STATED:
            fields.append(field)
            continue
        near = difflib.get_close_matches(field, STATED, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        reason = f"there is no field '{name}' that can be taken back.{hint}"
        problems.append(CellProblem(workload, TAKE_BACK, name, reason, row))
    return fields, problems
