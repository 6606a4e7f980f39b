"""Calendar years and months as the period of a factor."""

import re
from collections.abc import Iterable
from typing import Final

import polars as pl

from carbon.tables import Payload, Rejections, Table, day_first, parse_instant
from carbon.tables.workbook import sheet_cells, sheet_names

_YEAR: Final = r"^(\d{4})(?:\.0+)?$"
_DATA_YEAR: Final = r"(?i)\b(20[0-4]\d)\s+data\b|\bdata\s+(?:year|for)\s+(20[0-4]\d)\b"
_ANY_YEAR: Final = r"(?<!\d)(20[0-4]\d)(?!\d)"
_TITLE_ROWS: Final = 12


def calendar_periods(table: Table, own: str, rejections: Rejections) -> pl.DataFrame:
    """The year or month that a column names.

    Args:
        table: the file.
        own: the file's own column: `2024`, or a month as `2024-05` or its first day.
        rejections: where rows go that name neither.

    Returns:
        row_number, valid_from and valid_to (UTC, exclusive), granularity ("year" or "month").
    """
    return periods_of(table.numbered().select("row_number", own), own, own, rejections, table)


def periods_of(
    frame: pl.DataFrame, name: str, own: str, rejections: Rejections, table: Table
) -> pl.DataFrame:
    """The year or month of each row of a frame; see `calendar_periods`.

    Args:
        frame: row_number, and the column `name` as text.
        name: the column that is read.
        own: what the file calls it.
        rejections: where rows go that name neither.
        table: the file, for whether its dates are typed.
    """
    cell = frame[name]
    year = cell.str.extract(_YEAR, 1)
    text = pl.select(pl.when(year.is_not_null()).then(year + "-01-01").otherwise(cell)).to_series()
    parsed = parse_instant(text, "UTC", day_first([text]), serial_dates=table.serial_dates)
    result = pl.DataFrame(
        {
            "row_number": frame["row_number"],
            "valid_from": parsed["instant"],
            "granularity": pl.select(
                pl.when(year.is_not_null()).then(pl.lit("year")).otherwise(pl.lit("month"))
            ).to_series(),
            "raw": cell,
            "reason": parsed["reason"],
        }
    )
    start = pl.col("valid_from")
    for failed, reason in (
        (pl.col("reason").is_not_null(), pl.col("reason")),
        (start.is_null() & pl.col("reason").is_null(), pl.lit(f"{own} is empty")),
        (
            (start != start.dt.truncate("1mo")).fill_null(False),
            pl.lit("this is neither a year nor a month; write 2024, or 2024-05"),
        ),
    ):
        rejections.add_where(result, failed, reason, column=own, value="raw")
    return result.select(
        "row_number",
        "valid_from",
        pl.when(pl.col("granularity") == "year")
        .then(start.dt.offset_by("1y"))
        .otherwise(start.dt.offset_by("1mo"))
        .alias("valid_to"),
        "granularity",
    )


def year_told(texts: Iterable[str | None]) -> int | None:
    """The data year that titles, sheet names and headers tell; None where they tell several.

    A year beside the word data (`2025 edition (2023 Data)`) goes before any other.
    """
    words = [text for text in texts if text]
    for pattern in (_DATA_YEAR, _ANY_YEAR):
        found = {
            int(next(group for group in match.groups() if group))
            for text in words
            for match in re.finditer(pattern, text)
        }
        if len(found) == 1:
            return found.pop()
    return None


def titles_of(payload: Payload, table: Table) -> list[str | None]:
    """What stands above a table and around it: first rows, sheet names, headers; last the name."""
    above: list[str | None] = []
    if payload.kind == "text":
        above += payload.text.split("\n", table.header_row)[: table.header_row]
    elif payload.kind == "xlsx":
        sheets = sheet_names(payload.data)
        above += sheets
        if sheets:
            first = sheet_cells(payload.name, payload.data, sheets[0]).head(_TITLE_ROWS)
            above += [cell for row in first.rows() for cell in row]
    return [*above, *table.columns, payload.name]
