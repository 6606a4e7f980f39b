"""The inventory as a workbook that is edited elsewhere and comes back."""

import datetime as dt
import io
from typing import Final

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from carbon.inventory.fields import FIELDS, KINDS, STATED, TITLES
from carbon.inventory.roundtrip import COLUMNS, KEY, SEEN, TAKE_BACK, sheet
from carbon.schema import LIFECYCLES

LONGEST: Final = 32_767
"""Characters that a cell of a workbook holds."""

DATED: Final = dt.datetime(2000, 1, 1)
"""Date in the workbook's properties: the same inventory gives the same bytes."""

HOW: Final = (
    "Edit the sheet Workloads and give the file back on the AI inventory screen, or with "
    "`carbon workloads import`.",
    "A cell that you leave as it is changes nothing. A blank cell leaves the field as it is.",
    f"To take a statement back, so that what the sources say shows again, name the field in the "
    f"column {TAKE_BACK}, as: owner, project.",
    "A row with a new workload adds it, once you confirm it.",
    "A decision on the boundary (in_scope) needs its boundary_reason.",
    "Grey columns follow from the sources; they are there to be read and are passed over.",
)
"""What the reader of the workbook is told."""

_WIDTHS: Final = {KEY: 36, "missing": 34, "boundary_reason": 34, "evidence": 34, TAKE_BACK: 24}


def workbook(inventory: pl.DataFrame) -> bytes:
    """The inventory as .xlsx: every text is text, whatever it begins with."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": "AI inventory", "created": DATED})
    base = {"font_name": "Calibri", "font_size": 10}
    heading = book.add_format({**base, "bold": True, "bottom": 2, "bottom_color": "#0F766E"})
    text = book.add_format({**base, "num_format": "@"})
    seen = book.add_format({**base, "num_format": "@", "font_color": "#64748B"})
    number = book.add_format({**base, "num_format": "General"})
    page = book.add_worksheet("Workloads")
    rows = sheet(inventory)
    for x, name in enumerate(COLUMNS):
        page.write_string(0, x, name, heading)
        page.set_column(x, x, _WIDTHS.get(name, 16), seen if name in SEEN else text)
        for y, value in enumerate(rows[name], start=1):
            if value is None:
                continue
            if KINDS.get(name) == "number" and _is_number(value):
                page.write_number(y, x, float(value), seen if name in SEEN else number)
            else:
                page.write_string(y, x, value[:LONGEST], seen if name in SEEN else text)
    page.freeze_panes(1, 1)
    _choices(page, rows.height)
    _explained(book.add_worksheet("How to"), heading, text)
    book.close()
    return buffer.getvalue()


def _is_number(value: str) -> bool:
    """Whether a number of the sheet is exactly what the text says."""
    try:
        return len(value.replace(".", "")) <= 15 and float(value) < float("inf")
    except ValueError:
        return False


def _choices(page: Worksheet, rows: int) -> None:
    """Lists to choose from, with room for rows that are added."""
    for name, choices in (("lifecycle", list(LIFECYCLES)), ("in_scope", ["yes", "no"])):
        x = COLUMNS.index(name)
        page.data_validation(
            1, x, rows + 500, x, {"validate": "list", "source": choices, "error_type": "warning"}
        )


def _explained(page: Worksheet, heading: object, text: object) -> None:
    """The second sheet: how the file is edited, and what each column holds."""
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 90)
    for y, sentence in enumerate(HOW):
        page.write_string(y, 0, sentence, text)
    start = len(HOW) + 1
    page.write_string(start, 0, "column of Workloads", heading)
    page.write_string(start, 1, "what it holds", heading)
    for y, field in enumerate(FIELDS, start=start + 1):
        what = TITLES[field.name] if field.name in STATED else f"{TITLES[field.name]} (read only)"
        page.write_string(y, 0, field.name, text)
        page.write_string(y, 1, f"{field.group}: {what}", text)
