"""Delimited text -> table: delimiter, header and records, with the rows that do not fit named."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import polars as pl

from carbon.tables.corrections import SHOWN_CHARACTERS, lines_of, retyped
from carbon.tables.names import count_known, find_header, plain
from carbon.tables.payload import Correction, RefusalError
from carbon.tables.rejections import REJECTION_SCHEMA
from carbon.tables.table import Table, build_table

DELIMITERS: Final = (",", ";", "\t", "|")

HEAD_RECORDS: Final = 30
"""The header must stand within this many records."""

MAX_RECORD_LINES: Final = 200
"""A quoted cell may hold this many lines; a quotation mark open for longer is an unclosed one."""

Record = tuple[int, list[str], str | None]
"""Row number, fields, and what is wrong with it (None: nothing)."""


def read_delimited(
    name: str, text: str, known: Iterable[str], corrections: Sequence[Correction] = ()
) -> Table:
    """Read comma-, semicolon-, tab- or pipe-separated text.

    Args:
        name: file name, for messages.
        text: the decoded file, lines ended by newline.
        known: column names that tell the header from a preamble, and the delimiter.
        corrections: cells that a user mended, and lines that were retyped as a whole.

    Returns:
        The table. Rows with another number of fields than the header are defects; surplus fields
        that are empty are no fault, because spreadsheets write them.

    Raises:
        RefusalError: no header, or no rows.
    """
    known = tuple(known)
    lines = text.split("\n")
    delimiter, start, header = find_layout(lines, known)
    if header is None:
        raise RefusalError(f"{name}: no header was found. The first row must name the columns.")
    mended = lines_of(corrections)
    if '"' in text or mended:
        records = parse_records(lines, delimiter, len(header))
        if mended:
            records = [_retyped(record, mended, delimiter) for record in records]
        position = next((i for i, record in enumerate(records) if record[1] == header), None)
        if position is None:
            raise RefusalError(
                f"{name}: a quotation mark before or in the header is not closed. Mend row {start}."
            )
        header_row = records[position][0]
        cells, numbers, defects = _from_records(records[position + 1 :], header, delimiter)
    else:
        header_row = start
        cells, numbers, defects = _from_lines(lines[start:], start + 1, delimiter, header)
    return build_table(
        name,
        cells,
        numbers,
        header,
        header_row,
        defects=defects,
        delimiter=delimiter,
        known=known,
        corrections=corrections,
    )


def find_layout(lines: Sequence[str], known: Iterable[str]) -> tuple[str, int, list[str] | None]:
    """Delimiter, number of lines up to and with the header, and the header's cells.

    The delimiter is the one under which the header holds most known names, then most columns.
    """
    known = tuple(known)
    known_plain = frozenset(plain(name) for name in known)
    best: tuple[tuple[int, int], str, int, list[str] | None] = ((-1, -1), ",", 0, None)
    for delimiter in DELIMITERS:
        records = parse_records(lines[: HEAD_RECORDS * 4], delimiter, None)[:HEAD_RECORDS]
        index = find_header([fields for _, fields, _ in records], known)
        if index is None:
            continue
        header = records[index][1]
        score = (count_known(header, known_plain), sum(1 for cell in header if cell.strip()))
        if score > best[0]:
            best = (score, delimiter, records[index][0], header)
    return best[1], best[2], best[3]


def parse_records(lines: Sequence[str], delimiter: str, width: int | None) -> list[Record]:
    """Split lines into records; a quoted cell may hold delimiters and line breaks.

    A quotation mark that never closes, or that would swallow lines into a record of the wrong
    width, costs only its own line.
    """
    records: list[Record] = []
    at, row = 0, 0
    while at < len(lines):
        row += 1
        line = lines[at]
        if '"' not in line:
            records.append((row, line.split(delimiter), None))
            at += 1
            continue
        taken = _lines_of_record(lines, at)
        fields = _split("\n".join(lines[at : at + taken]), delimiter) if taken else None
        if fields is None or (taken > 1 and width is not None and len(fields) != width):
            reason = None if taken == 1 else "a quotation mark is not closed"
            records.append((row, _split(line, delimiter) or [line], reason))
            at += 1
        else:
            records.append((row, fields, None))
            at += taken
    return records


def _retyped(record: Record, mended: Mapping[int, Correction], delimiter: str) -> Record:
    """A record, its line as the user retyped it."""
    row, fields, _ = record
    typed = retyped(_shown(fields, delimiter), mended.get(row))
    return record if typed is None else (row, _split(typed, delimiter) or [typed], None)


def _lines_of_record(lines: Sequence[str], at: int) -> int:
    """How many lines make the record that starts here; 0 where its quotation never closes."""
    quotes = 0
    for taken in range(1, min(MAX_RECORD_LINES, len(lines) - at) + 1):
        quotes += lines[at + taken - 1].count('"')
        if quotes % 2 == 0:
            return taken
    return 0


def _split(record: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader([record], delimiter=delimiter, strict=False))
    except (csv.Error, StopIteration):
        return None


def _from_records(
    records: list[Record], header: Sequence[str], delimiter: str
) -> tuple[pl.DataFrame, pl.Series, pl.DataFrame]:
    width, least = len(header), _named_width(header)
    rows: list[list[str]] = []
    numbers: list[int] = []
    defects: list[tuple[int, None, str, str]] = []
    for row, fields, fault in records:
        trimmed = _fitted(fields, width, least)
        if not any(cell.strip() for cell in trimmed):
            continue
        if fault or len(trimmed) != width:
            defects.append((row, None, _shown(fields, delimiter), fault or _misfit(trimmed, width)))
        else:
            rows.append(trimmed)
            numbers.append(row)
    return (
        pl.DataFrame(rows, schema={f"c{i}": pl.String for i in range(width)}, orient="row"),
        pl.Series("row_number", numbers, dtype=pl.Int64),
        pl.DataFrame(defects, schema=REJECTION_SCHEMA, orient="row"),
    )


def _from_lines(
    lines: list[str], first_row: int, delimiter: str, header: Sequence[str]
) -> tuple[pl.DataFrame, pl.Series, pl.DataFrame]:
    """The fast path: no quotation marks, so that a line is a record and nothing is looped over."""
    width = len(header)
    frame = pl.DataFrame({"line": pl.Series(lines, dtype=pl.String)}).with_row_index(
        "row_number", offset=first_row
    )
    fits = pl.col("line").str.count_matches(delimiter, literal=True) + 1 == width
    frame = frame.with_columns(pl.col("row_number").cast(pl.Int64), fits.alias("fits"))
    odd = frame.filter(~pl.col("fits")).select("row_number", "line").iter_rows()
    mended, numbers, defects = _from_records(
        [(row, line.split(delimiter), None) for row, line in odd], header, delimiter
    )
    regular = frame.filter("fits")
    cells = (
        regular["line"]
        .str.split_exact(delimiter, width - 1)
        .struct.rename_fields([f"c{i}" for i in range(width)])
        .struct.unnest()
    )
    both = pl.concat(
        [
            cells.with_columns(regular["row_number"]),
            mended.with_columns(numbers),
        ]
    ).sort("row_number")
    return both.drop("row_number"), both["row_number"], defects


def _fitted(fields: list[str], width: int, least: int) -> list[str]:
    """The fields of a row, where they fit: surplus empty ones cut, unnamed missing ones filled."""
    if len(fields) > width and not any(cell.strip() for cell in fields[width:]):
        return fields[:width]
    if least <= len(fields) < width:
        return fields + [""] * (width - len(fields))
    return fields


def _named_width(header: Sequence[str]) -> int:
    """Columns up to the last that has a name; a row need not hold the unnamed ones behind it."""
    return max((i for i, cell in enumerate(header, start=1) if cell.strip()), default=0)


def _misfit(fields: list[str], width: int) -> str:
    return (
        f"the row has {len(fields)} fields and the header {width}; a delimiter is missing or too "
        "many, or a cell that holds one lacks its quotation marks"
    )


def _shown(fields: list[str], delimiter: str) -> str:
    return delimiter.join(fields)[:SHOWN_CHARACTERS]
