"""Delimited text -> table: delimiter, header and records, with the rows that do not fit named."""

from collections.abc import Iterable, Sequence
from typing import Final

from carbon.tables.corrections import lines_of
from carbon.tables.lines import cells_of_lines, iterate_records, parse_records
from carbon.tables.names import count_known, find_header, plain
from carbon.tables.payload import Correction, RefusalError
from carbon.tables.table import Table, build_table

DELIMITERS: Final = (",", ";", "\t", "|")

HEAD_RECORDS: Final = 30
"""The header must stand within this many records."""


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
    records = iterate_records(lines, delimiter, len(header))
    found = next((found for found in records if found[0][1] == header), None)
    if found is None:
        raise RefusalError(
            f"{name}: a quotation mark before or in the header is not closed. Mend row {start}."
        )
    (header_row, _, _), end = found
    cells, numbers, defects = cells_of_lines(
        lines[end:], header_row + 1, delimiter, header, lines_of(corrections)
    )
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
