"""Lines of a bill read cell by cell, by the rules for numbers, dates and damaged rows of any table.

This is the way of workbooks, JSON, text with another delimiter or decimal mark, ragged lines, and
of single lines of a Parquet file that cannot be added up as they stand.
"""

from typing import Final

import polars as pl

from carbon.activity.bill_layout import (
    MOMENTS,
    Layout,
    Lines,
    clean,
    find_columns,
    period_end,
)
from carbon.activity.bill_lines import HASH, MOMENT, MOST, NUMBERS, sum_lines
from carbon.activity.sheet import Sheet, sheet_of
from carbon.activity.source import Problem
from carbon.tables import Table, day_first

_MONTH_FIRST: Final = r"^\s*(0?[1-9]|1[0-2])/(\d{1,2})/(\d{4})"
_DAY_FIRST: Final = r"^\s*(\d{1,2})/(0?[1-9]|1[0-2])/(\d{4})"


def read_by_hand(name: str, table: Table, layout: Layout) -> Lines:
    """Sums of lines, of which every cell is read.

    Args:
        name: file name, for messages.
        table: the lines as text.
        layout: the columns.

    Raises:
        RefusalError: a required column is missing.
    """
    found = find_columns(name, table.columns, layout)
    long = {house: found.columns[house] for house in layout.long if house in found.columns}
    short = {column: house for house, column in found.columns.items() if house not in long}
    absent = {f"({h})": h for h in (*MOMENTS, *NUMBERS) if h not in found.columns}
    sheet = sheet_of(name, table, short | absent, ())
    sheet.notes.extend(found.notes)
    # Tags may be longer than the cells that a sheet takes, so they come from what it leaves over.
    cells = [pl.col(column).alias(house) for house, column in long.items()]
    sheet.frame = sheet.frame.hstack(sheet.extra.select(*cells, *found.tags))
    sheet.require(["start"] if layout.day or not sheet.has("end") else MOMENTS)
    sheet.numbers(dict.fromkeys(NUMBERS), least=None)
    _read_moments(sheet, layout)
    _reject_impossible(sheet, layout)
    kept = sheet.rejections.keep(sheet.frame).lazy()
    sums = sum_lines(kept, found.keys(layout), found.carried(layout)).drop(HASH)
    return Lines(clean(sums, found, layout), found, sheet.rows, sheet.rejections, sheet.notes)


def _read_moments(sheet: Sheet, layout: Layout) -> None:
    """Parse start and end in place. Bills are in UTC, whether they say so or not."""
    stated = [house for house in MOMENTS if sheet.has(house)]
    _slashed_to_iso(sheet, stated, layout)
    sheet.instants(stated, "UTC")
    sheet.local_times = False


def _slashed_to_iso(sheet: Sheet, stated: list[str], layout: Layout) -> None:
    """Rewrite `11/02/2026` as year, month, day: in the order that any date of the file tells, else
    month first, as Azure documents it."""
    told = [sheet.frame[house] for house in (*stated, *layout.dates) if sheet.has(house)]
    slashed = pl.concat(told).str.contains(_MONTH_FIRST) if told else pl.Series(dtype=pl.Boolean)
    if not slashed.any():
        return
    order = day_first(told)
    if order is None:
        first = sheet.column(stated[0])
        sheet.notes.append(
            Problem(
                "No date of the file tells whether day or month comes first; they were read as "
                "month/day/year, as Azure writes them.",
                column=first,
            )
        )
    pattern, iso = (_DAY_FIRST, "$3-$2-$1") if order else (_MONTH_FIRST, "$3-$1-$2")
    sheet.frame = sheet.frame.with_columns(pl.col(h).str.replace(pattern, iso) for h in stated)


def _reject_impossible(sheet: Sheet, layout: Layout) -> None:
    """Set aside lines whose period cannot be, and numbers beyond all use."""
    sheet.frame = sheet.frame.with_columns(pl.col(MOMENTS).cast(MOMENT)).with_columns(
        period_end(layout)
    )
    sheet.reject(
        pl.col("end") < pl.col("start"),
        "the line ends before it starts; export the bill again",
        "end" if sheet.has("end") else "start",
    )
    for house in NUMBERS:
        sheet.reject(pl.col(house).abs() > MOST, "this number is too large to be meant", house)
