"""Comma-separated text that a scanner may read as it stands, and the proof that it did.

A scanner is fast because it forgives: it fills short lines up, cuts long ones, and skips what it
does not need. The proof is a sum: the bytes of all cells, one delimiter or line end for each, and
the quotation marks around and within them are the bytes of the file. It is taken on the way.
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
        if first.count('"') % 2 or not _good_names(columns) or DAMAGED.encode() in data:
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

    def measure(self, prefix: str) -> pl.Expr:
        """Bytes of all cells of a line, summed up.

        Args:
            prefix: what stands before the name of each column.
        """
        cells = [pl.col(prefix + column) for column in self.columns]
        return pl.sum_horizontal(c.str.len_bytes() for c in cells).cast(pl.Int64).sum().alias(BYTES)

    def adds_up(self, lines: int, cells: int) -> bool:
        """Whether the cells that were read are the whole file.

        Args:
            lines: lines of data that were read.
            cells: bytes of all their cells.
        """
        ends = lines * (2 if self.returns else 1)
        if not self.data.endswith(b"\n"):
            ends -= 2 if self.returns else 1
        delimiters = lines * (len(self.columns) - 1)
        marks = len(self.data) - self.start - cells - delimiters - ends
        written = self.data.count(b'"', self.start)
        # A mark within a cell stands twice in the file: once in the cell, once among the marks.
        return marks == written if not written else marks == written - self._marks_within()

    def _marks_within(self) -> int:
        """Quotation marks that stand within cells."""
        marks = [
            pl.col(c).str.count_matches('"', literal=True).cast(pl.Int64) for c in self.columns
        ]
        found = self.lines().select(pl.sum_horizontal(marks).sum())
        return int(found.collect(engine="streaming").item())


def _good_names(columns: Sequence[str]) -> bool:
    return (
        len(columns) > 1
        and len(set(columns)) == len(columns)
        and all(name and name == name.strip() for name in columns)
    )
