"""Tables beneath each other on the sheets of a workbook, every value in its own format."""

from collections.abc import Sequence
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

Heading = tuple[str, str]
"""Key of a row and the heading of its column."""

SHARES: Final = frozenset({"location_coverage", "market_coverage", "share_measured", "share"})
RATES: Final = frozenset({"kg_co2e_per_kwh"})

NOT_KNOWN: Final = "not known"
LONGEST: Final = 32_767
"""Characters that a cell of a workbook holds."""


class Writer:
    """Tables beneath each other on a sheet; every string is text, whatever it begins with."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        base = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
        self.title = book.add_format({**base, "bold": True, "font_size": 14})
        self.heading = book.add_format(
            {**base, "bold": True, "text_wrap": True, "bottom": 2, "bottom_color": "#0F766E"}
        )
        self.text = book.add_format({**base, "num_format": "@", "text_wrap": True})
        self.number = book.add_format({**base, "num_format": "#,##0.0##"})
        self.count = book.add_format({**base, "num_format": "#,##0"})
        self.rate = book.add_format({**base, "num_format": "0.0#####"})
        self.share = book.add_format({**base, "num_format": "0.0%"})
        self.sheet: Worksheet
        self.row = 0

    def new_sheet(self, name: str, title: str, widths: Sequence[int]) -> None:
        """A sheet with its title; `widths` are of its columns, in characters."""
        self.sheet = self.book.add_worksheet(name)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)
        self.sheet.write_string(0, 0, title, self.title)
        self.row = 2

    def paragraph(self, words: str) -> None:
        """A line of text in the first column."""
        self.sheet.write_string(self.row, 0, words[:LONGEST], self.text)
        self.row += 1

    def table(
        self, columns: Sequence[Heading], rows: Sequence[dict[str, Any]], freeze: bool = False
    ) -> None:
        """A table with its headings; `freeze` keeps them in sight."""
        for x, (_, words) in enumerate(columns):
            self.sheet.write_string(self.row, x, words, self.heading)
        self.row += 1
        if freeze:
            self.sheet.freeze_panes(self.row, 1)
        for row in rows:
            for x, (key, _) in enumerate(columns):
                self._cell(x, key, row.get(key))
            self.row += 1
        self.row += 1

    def _cell(self, column: int, key: str, value: Any) -> None:
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if isinstance(value, int | float):
            self.sheet.write_number(self.row, column, value, self._format(key, value))
            return
        if isinstance(value, list):
            value = "; ".join(str(v) for v in value)
        words = NOT_KNOWN if value is None and _is_figure(key) else "" if value is None else value
        self.sheet.write_string(self.row, column, str(words)[:LONGEST], self.text)

    def _format(self, key: str, value: float) -> Format:
        if isinstance(value, int):
            return self.count
        return self.share if key in SHARES else self.rate if key in RATES else self.number


def _is_figure(key: str) -> bool:
    """Whether an empty cell means a figure that is not known, rather than nothing to say."""
    return (
        key in SHARES | {"tier", "water_l"}
        or key.startswith("energy_")
        or key.endswith(("_kg", "_kg_co2e"))
    )
