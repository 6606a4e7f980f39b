"""A bill's file -> sums of its lines: the fast way where the file is regular, else the careful one.

*Fast*: a Parquet or comma-separated file is scanned, and its lines are added up as they pass
(`bill_lines.sum_lines`). *Careful*: every cell is read (`bill_by_hand`); of a Parquet file only the
lines that the fast way cannot take. Both give the same sums.

A text file is regular where it is undamaged UTF-8, its first line is a header without twins, its
numbers and dates are written in one plain way, and its bytes add up (`regular_text`).
"""

from typing import Final

import polars as pl
import pyarrow as pa

from carbon.activity.bill_by_hand import read_by_hand
from carbon.activity.bill_layout import Layout, Lines, clean, find_columns
from carbon.activity.bill_lines import HASH, sum_lines
from carbon.activity.bill_parquet import parquet_cells, parquet_lines
from carbon.activity.bill_typed import HEAD_ROWS, ODD, RAW, Scan, has_unusable, typed_lines
from carbon.activity.regular_text import BYTES, MARKS, RegularText
from carbon.activity.source import Payload, RefusalError
from carbon.tables import read_table

_UNREADABLE: Final = (
    pl.exceptions.PolarsError,
    pl.exceptions.PanicException,
    pa.ArrowException,
    OSError,
    UnicodeDecodeError,
)
"""What scanners say of a damaged file. The careful way meets it again, and says it in words."""


def read_lines(payload: Payload, layout: Layout) -> Lines:
    """Sums of the lines of a bill.

    Args:
        payload: the file.
        layout: its columns.

    Raises:
        RefusalError: no table, or a required column is missing.
    """
    ways = {"parquet": parquet_lines, "text": _csv_lines}
    fast = None
    if payload.kind in ways and not payload.corrections:
        try:
            fast = ways[payload.kind](payload, layout)
        except _UNREADABLE:
            fast = None
    if fast is not None:
        return fast
    if payload.kind == "parquet":
        return read_by_hand(payload.name, parquet_cells(payload, layout), layout)
    return read_by_hand(payload.name, read_table(payload, list(layout.names)), layout)


def _csv_lines(payload: Payload, layout: Layout) -> Lines | None:
    """Lines of a comma-separated file; None where it is not regular."""
    text = RegularText.of(payload)
    if text is None:
        return None
    try:
        found = find_columns(payload.name, text.columns, layout)
    except RefusalError:
        return None  # The header may stand below a preamble.
    lines = text.lines()
    typed = typed_lines(Scan(lines, lines.head(HEAD_ROWS).collect(), found), layout)
    if typed is None:
        return None
    keys, carried = found.keys(layout), found.carried(layout)
    quoted = [found.columns[house] for house in layout.long if house in found.columns]
    measures = [ODD, *text.measures(RAW, quoted)]
    sums = sum_lines(typed, keys, carried, measures=measures)
    rows, *proof, odd = (int(sums[name].sum()) for name in ("lines", BYTES, MARKS, "odd"))
    if odd or has_unusable(sums, found, layout) or not text.adds_up(rows, *proof):
        return None
    regular = clean(sums.drop("odd", BYTES, MARKS, HASH), found, layout)
    return Lines(regular, found, rows, notes=list(found.notes))
