"""Workbooks -> table: the sheet that looks most like what is sought, its cells as text."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import fastexcel
import polars as pl

from carbon.tables.cells import ERROR_VALUES
from carbon.tables.names import count_known, find_header, plain
from carbon.tables.payload import Correction, RefusalError
from carbon.tables.table import Table, build_table

HEAD_ROWS: Final = 30
"""The header must stand within this many rows of its sheet."""

_ROUNDING: Final = 1e-8
"""The text of a number cell is rounded to nine decimals; a float this near is the cell itself."""


_ERROR: Final = re.compile(r"got 'Error\((\w+)\)'")
"""How the library names the error of a cell."""


def read_workbook(
    name: str,
    data: bytes,
    known: Iterable[str],
    rows: int | None = None,
    corrections: Sequence[Correction] = (),
    *,
    sheets: Sequence[str] = (),
) -> Table:
    """Read an XLSX workbook.

    Of several sheets the first that holds most of the known names is read. A date cell becomes
    `YYYY-MM-DD`, with its time of day where it has one; a number cell its shortest exact decimal.

    Args:
        name: file name, for messages.
        data: the workbook.
        known: column names that tell the sheet and its header.
        rows: read no more than this many rows of a sheet; None reads all.
        corrections: cells that a user mended.
        sheets: names of the sheets that may hold the table; none: any.

    Raises:
        RefusalError: no workbook, no header, or no rows.
    """
    known = tuple(known)
    book = _open(name, data)
    sheet, header_index = _best_sheet(name, book, known, sheets or book.sheet_names)
    cells = _cells(name, book, sheet, rows)
    header = cells.row(header_index)
    numbers = pl.Series("row_number", range(1, cells.height + 1), dtype=pl.Int64)
    return build_table(
        name,
        cells.slice(header_index + 1),
        numbers.slice(header_index + 1),
        header,
        header_index + 1,
        decimal=".",
        serial_dates=True,
        known=known,
        corrections=corrections,
    )


def _open(name: str, data: bytes) -> Any:
    try:
        return fastexcel.read_excel(data)
    except fastexcel.FastExcelError as error:
        raise RefusalError(
            f"{name}: the workbook cannot be opened; it may be cut off or password-protected. "
            "Save it again as .xlsx, or as CSV."
        ) from error


def _best_sheet(
    name: str, book: Any, known: tuple[str, ...], sheets: Sequence[str]
) -> tuple[str, int]:
    known_plain = frozenset(plain(column) for column in known)
    best: tuple[int, str, int] | None = None
    for sheet in sheets:
        head = _cells(name, book, sheet, HEAD_ROWS)
        index = find_header(head.rows(), known)
        if index is None:
            continue
        score = count_known(head.row(index), known_plain)
        if best is None or score > best[0]:
            best = (score, sheet, index)
    if best is None:
        raise RefusalError(f"{name}: the workbook has no sheet with a header and rows.")
    return best[1], best[2]


def _cells(name: str, book: Any, sheet: str, rows: int | None) -> pl.DataFrame:
    """Every cell of a sheet as text, blank rows kept so that row numbers stay true."""

    def load(dtype: str) -> Any:
        return book.load_sheet(sheet, header_row=None, skip_rows=0, n_rows=rows, dtypes=dtype)

    try:
        texts_of = load("string")
        shown: pl.DataFrame = texts_of.to_polars()
        exact: pl.DataFrame = load("float").to_polars()
        # A formula without a result is no empty cell: its error is told apart here.
        _, faults = texts_of.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        raise RefusalError(
            f"{name}: sheet '{sheet}' cannot be read. Save it again as .xlsx, or as CSV."
        ) from error
    columns = []
    errors = _errors(faults)
    for index in range(shown.width):
        texts = shown.to_series(index).cast(pl.String)
        if index in errors:
            rows_of, words = zip(*errors[index], strict=True)
            texts = texts.scatter(list(rows_of), list(words))
        floats = exact.to_series(index).cast(pl.Float64, strict=False)
        columns.append(_exactly(texts, floats).alias(f"c{index}"))
    # A workbook knows no dates without a time; midnight is how it writes one.
    return pl.DataFrame(columns).with_columns(
        pl.all().str.replace(r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", "$1")
    )


def _errors(faults: Any) -> dict[int, list[tuple[int, str]]]:
    """Column -> rows with the error that each shows, such as `#DIV/0!`."""
    found: dict[int, list[tuple[int, str]]] = {}
    for fault in faults.errors if faults else ():
        kind = _ERROR.search(fault.detail)
        if kind:
            row, column = fault.offset_position
            found.setdefault(column, []).append((row, ERROR_VALUES.get(kind[1], "#VALUE!")))
    return found


def _exactly(texts: pl.Series, floats: pl.Series) -> pl.Series:
    """The text of a cell, or the number behind it where the text is rounded."""
    frame = pl.DataFrame({"text": texts, "float": floats})
    gap = (pl.col("text").cast(pl.Float64, strict=False) - pl.col("float")).abs()
    return frame.select(
        pl.when((gap > 0) & (gap < _ROUNDING))
        .then(pl.col("float").cast(pl.String))
        .otherwise("text")
    ).to_series()


def sheet_cells(name: str, data: bytes, sheet: str) -> pl.DataFrame:
    """Every cell of one sheet as text, row 1 first: for sheets that hold more than one table.

    Raises:
        RefusalError: the workbook or the sheet cannot be read.
    """
    return _cells(name, _open(name, data), sheet, None)


def sheet_names(data: bytes) -> tuple[str, ...]:
    """Names of a workbook's sheets; none where it cannot be opened."""
    try:
        return tuple(fastexcel.read_excel(data).sheet_names)
    except fastexcel.FastExcelError:
        return ()
