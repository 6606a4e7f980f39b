"""Calendar years and months as the period of a factor."""

from typing import Final

import polars as pl

from carbon.tables import Rejections, Table, day_first, parse_instant

_YEAR: Final = r"^(\d{4})(?:\.0+)?$"


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
