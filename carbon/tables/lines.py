"""Lines of delimited text -> cells, with the rows that do not fit named.

Most lines are regular: no quotation mark, or marks that enclose whole cells. These are split all at
once. A line that is not is read by itself, as spreadsheets read it (`csv`), and so is a cell that
runs over several lines.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import polars as pl

from carbon.tables.corrections import SHOWN_CHARACTERS, retyped
from carbon.tables.payload import Correction
from carbon.tables.rejections import REJECTION_SCHEMA

MAX_RECORD_LINES: Final = 200
"""A quoted cell may hold this many lines; a quotation mark open for longer is an unclosed one."""

UNCLOSED: Final = "a quotation mark is not closed"

Record = tuple[int, list[str], str | None]
"""Row number, fields, and what is wrong with it (None: nothing)."""

Opened = tuple[int, list[str], str | None]
"""Number of lines that a record takes, its fields, and what is wrong with it."""

Cells = tuple[pl.DataFrame, pl.Series, pl.DataFrame]
"""Text of the cells as `c0`, `c1`…, their row numbers, and the rows that do not fit."""


def parse_records(lines: Sequence[str], delimiter: str, width: int | None) -> list[Record]:
    """Split lines into records; a quoted cell may hold delimiters and line breaks.

    A quotation mark that never closes, or that would swallow lines into a record of the wrong
    width, costs only its own line.
    """
    return [record for record, _ in iterate_records(lines, delimiter, width)]


def iterate_records(
    lines: Sequence[str], delimiter: str, width: int | None
) -> Iterator[tuple[Record, int]]:
    """Records one by one, each with the number of lines up to its end."""
    at, row = 0, 0
    while at < len(lines):
        row += 1
        taken, fields, fault = _record_at(lines, at, delimiter, width)
        at += taken
        yield (row, fields, fault), at


def cells_of_lines(
    lines: Sequence[str],
    first_row: int,
    delimiter: str,
    header: Sequence[str],
    mended: Mapping[int, Correction],
) -> Cells:
    """Cells of the lines under a header; the same records that `parse_records` finds.

    Args:
        lines: everything under the header.
        first_row: row number of the first of them.
        delimiter: what separates cells.
        header: the header's cells.
        mended: lines that a user retyped, by row number.
    """
    width = len(header)
    frame = pl.DataFrame({"line": pl.Series(lines, dtype=pl.String)}).with_row_index("at")
    marks = pl.col("line").str.count_matches('"', literal=True)
    frame = frame.with_columns(pl.col("at").cast(pl.Int64), marks.alias("marks"))
    odd = frame.filter(pl.col("marks") % 2 == 1)["at"].to_list()
    opened = _opened(lines, odd, delimiter, width)
    frame = _numbered(frame, opened, first_row).with_columns(
        pl.col("row_number").is_in(list(mended)).alias("mended")
        if mended
        else pl.lit(False).alias("mended")
    )
    ways = frame.with_columns(_regular(delimiter, width)).partition_by(
        ["regular", "quoted"], as_dict=True, include_key=False
    )
    parts = [
        _split_plain(ways.get((True, False), frame.clear()), delimiter, width),
        _split_quoted(ways.get((True, True), frame.clear()), delimiter, width),
    ]
    alone = [ways[key] for key in ((False, False), (False, True)) if key in ways]
    records = _one_by_one(alone, opened, delimiter, mended)
    cells, numbers, defects = _from_records(records, header, delimiter)
    both = pl.concat([*parts, cells.with_columns(numbers)]).sort("row_number")
    return both.drop("row_number"), both["row_number"], defects


def _record_at(lines: Sequence[str], at: int, delimiter: str, width: int | None) -> Opened:
    """The record that starts at a line: how many lines it takes, its fields, its fault."""
    line = lines[at]
    if '"' not in line:
        return 1, line.split(delimiter), None
    complete = None if width is None else _split(line, delimiter, strict=True)
    if complete is not None and len(complete) == width:
        return 1, complete, None  # `24" display`: a mark within a cell opens nothing
    taken = _lines_of_record(lines, at)
    fields = _split("\n".join(lines[at : at + taken]), delimiter) if taken else None
    if fields is None or (taken > 1 and width is not None and len(fields) != width):
        reason = None if taken == 1 else UNCLOSED
        return 1, _split(line, delimiter) or [line], reason
    return taken, fields, None


def _lines_of_record(lines: Sequence[str], at: int) -> int:
    """How many lines make the record that starts here; 0 where its quotation never closes."""
    quotes = 0
    for taken in range(1, min(MAX_RECORD_LINES, len(lines) - at) + 1):
        quotes += lines[at + taken - 1].count('"')
        if quotes % 2 == 0:
            return taken
    return 0


def _split(record: str, delimiter: str, *, strict: bool = False) -> list[str] | None:
    try:
        return next(csv.reader([record], delimiter=delimiter, strict=strict))
    except (csv.Error, StopIteration):
        return None


def _opened(
    lines: Sequence[str], odd: Sequence[int], delimiter: str, width: int
) -> dict[int, Opened]:
    """Records that start at a line which opens a quotation and does not close it.

    Only such a line can reach into the next ones, so that the others need not be visited.
    """
    found: dict[int, Opened] = {}
    after = 0
    for at in odd:
        if at >= after:
            found[at] = _record_at(lines, at, delimiter, width)
            after = at + found[at][0]
    return found


def _numbered(frame: pl.DataFrame, opened: Mapping[int, Opened], first_row: int) -> pl.DataFrame:
    """One line a record, that with which it starts, with its row number."""
    inner = [i for at, (taken, _, _) in opened.items() for i in range(at + 1, at + taken)]
    if inner:
        frame = frame.filter(~pl.col("at").is_in(inner))
    return frame.with_row_index("row_number", offset=first_row).with_columns(
        pl.col("row_number").cast(pl.Int64)
    )


def _regular(delimiter: str, width: int) -> list[pl.Expr]:
    """`quoted`: a line holds quotation marks; `regular`: it splits into cells as it stands."""
    line, quoted = pl.col("line"), pl.col("marks") > 0
    apart = re.escape(delimiter)
    cell = f'(?:"(?:[^"]|"")*"|[^"\ufeff{apart}]*)'
    # A line longer than `csv` takes is left to it, and so is a mark that ends no cell.
    whole = (line.str.len_bytes() <= csv.field_size_limit()) & line.str.contains(
        f"^{cell}(?:{apart}{cell})*$"
    )
    bare = pl.when(quoted).then(line.str.replace_all('"[^"]*"', "")).otherwise(line)
    fits = bare.str.count_matches(delimiter, literal=True) + 1 == width
    regular = fits & ~pl.col("mended") & pl.when(quoted).then(whole).otherwise(pl.lit(True))
    return [quoted.alias("quoted"), regular.alias("regular")]


def _split_plain(frame: pl.DataFrame, delimiter: str, width: int) -> pl.DataFrame:
    """Cells of lines without quotation marks."""
    return (
        frame["line"]
        .str.split_exact(delimiter, width - 1)
        .struct.rename_fields(_names(width))
        .struct.unnest()
        .with_columns(frame["row_number"])
    )


def _split_quoted(frame: pl.DataFrame, delimiter: str, width: int) -> pl.DataFrame:
    """Cells of lines in which quotation marks enclose whole cells."""
    schema = dict.fromkeys(_names(width), pl.String())
    if not frame.height:
        return pl.DataFrame(schema=schema).with_columns(frame["row_number"])
    text = frame["line"].str.join("\n").item()
    return pl.read_csv(
        text.encode(),
        has_header=False,
        schema=schema,
        separator=delimiter,
        empty_string_is_null=False,
    ).with_columns(frame["row_number"])


def _one_by_one(
    frames: Sequence[pl.DataFrame],
    opened: Mapping[int, Opened],
    delimiter: str,
    mended: Mapping[int, Correction],
) -> list[Record]:
    """Records of lines that are not regular, in order."""
    if not frames:
        return []
    lines = pl.concat(frames).sort("row_number").select("row_number", "at", "line")
    records: list[Record] = []
    for row, at, line in lines.iter_rows():
        _, fields, fault = opened.get(at) or _record_at([line], 0, delimiter, None)
        records.append(_retyped((row, fields, fault), mended, delimiter))
    return records


def _retyped(record: Record, mended: Mapping[int, Correction], delimiter: str) -> Record:
    """A record, its line as the user retyped it."""
    row, fields, _ = record
    typed = retyped(_shown(fields, delimiter), mended.get(row))
    return record if typed is None else (row, _split(typed, delimiter) or [typed], None)


def _from_records(records: Sequence[Record], header: Sequence[str], delimiter: str) -> Cells:
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
    columns = zip(*rows, strict=True) if rows else ((),) * width
    names = _names(width)
    return (
        pl.DataFrame([pl.Series(n, c, pl.String) for n, c in zip(names, columns, strict=True)]),
        pl.Series("row_number", numbers, dtype=pl.Int64),
        pl.DataFrame(defects, schema=REJECTION_SCHEMA, orient="row"),
    )


def _names(width: int) -> list[str]:
    return [f"c{i}" for i in range(width)]


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
