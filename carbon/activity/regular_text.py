"""Comma-separated text that a scanner may read as it stands, and the proof that it did.

A scanner is fast because it forgives: it fills short lines up, cuts long ones, and skips what it
does not need. The proof is a sum: the bytes of all cells, one delimiter or line end for each, and
the quotation marks around and within them are the bytes of the file. It is taken on the way.

A cell with a line break is left to the careful way, so that a stray quotation mark cannot swallow
lines. What the proof does not tell is a cell whose own marks are muddled (`""a"" b"`) on a line
with its due number of fields: it is taken as the scanner reads it.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.activity.source import Payload
from carbon.tables.table import DAMAGED

_ENCODINGS: Final = ("UTF-8", "UTF-8 with BOM")
BYTES: Final = "(bytes)"
MARKS: Final = "(marks)"
_MAX_HEADER: Final = 1 << 20


@dataclass(frozen=True)
class RegularText:
    """A text file that looks regular by its beginning.

    Attributes:
        data: the bytes.
        columns: the header's names.
        start: where the first line of data begins.
        returns: whether lines end with carriage return and newline.
    """

    data: bytes
    columns: tuple[str, ...]
    start: int
    returns: bool

    @classmethod
    def of(cls, payload: Payload) -> "RegularText | None":
        """The file, where nothing in its beginning or its characters speaks against it."""
        data = payload.data
        end = data.find(b"\n", 0, _MAX_HEADER)
        if payload.encoding not in _ENCODINGS or payload.warnings or end < 0:
            return None
        first = data[: end + 1].decode("utf-8-sig").rstrip("\r\n")
        columns = next(csv.reader([first]), [])
        if first.count('"') % 2 or not _good_names(columns):
            return None
        # Of a text that is all ASCII this is known without a look at it.
        if not payload.text.isascii() and DAMAGED.encode() in data:
            return None
        returns = data.count(b"\r")
        if returns and returns != data.count(b"\n"):
            return None
        return cls(data, tuple(columns), end + 1, bool(returns))

    def lines(self) -> pl.LazyFrame:
        """Every line: `(row)`, as a spreadsheet numbers it, and the columns as text."""
        return pl.scan_csv(
            self.data,
            schema=dict.fromkeys(self.columns, pl.String),
            row_index_name="(row)",
            row_index_offset=2,
        )

    def measures(self, prefix: str, quoted: Sequence[str]) -> list[pl.Expr]:
        """Bytes of all cells of a line, and quotation marks within some, summed up.

        Args:
            prefix: what stands before the name of each column.
            quoted: columns in which such marks are expected.
        """
        cells = [pl.col(prefix + column).str.len_bytes() for column in self.columns]
        marks = [_marks(prefix + column) for column in quoted]
        return [
            pl.sum_horizontal(cells).cast(pl.Int64).sum().alias(BYTES),
            pl.sum_horizontal(pl.lit(0, pl.Int64), *marks).sum().alias(MARKS),
        ]

    def adds_up(self, lines: int, cells: int, marks: int) -> bool:
        """Whether the cells that were read are the whole file.

        Args:
            lines: lines of data that were read.
            cells: bytes of all their cells.
            marks: quotation marks within the cells in which they were expected.
        """
        closed = self.data.endswith(b"\n")
        breaks = lines if closed else lines - 1
        if self.data.count(b"\n", self.start) != breaks:
            return False  # A cell holds a line break, or lines are blank.
        ends = breaks * (2 if self.returns else 1)
        delimiters = lines * (len(self.columns) - 1)
        left = len(self.data) - self.start - cells - delimiters - ends
        written = self.data.count(b'"', self.start)
        if written % 2:
            return False  # One is not closed.
        # A mark within a cell stands twice in the file: once in the cell, once among the marks.
        within = written - left
        return within == marks or (within > marks and within == self._marks_within())

    def _marks_within(self) -> int:
        """Quotation marks within all cells, by a look of its own."""
        marks = pl.sum_horizontal([_marks(column) for column in self.columns])
        return int(self.lines().select(marks.sum()).collect(engine="streaming").item())


def _marks(column: str) -> pl.Expr:
    return pl.col(column).str.count_matches('"', literal=True).cast(pl.Int64)


def _good_names(columns: Sequence[str]) -> bool:
    return (
        len(columns) > 1
        and len(set(columns)) == len(columns)
        and all(name and name == name.strip() for name in columns)
    )
