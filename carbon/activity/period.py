"""Periods with two ends: from period_start up to, and without, period_end."""

import polars as pl

from carbon.activity.sheet import Sheet


def read_period(sheet: Sheet, timezone: str) -> None:
    """Parse period_start and period_end in place; the end becomes exclusive.

    An end with a time, or on the first of a month, is exclusive already. Any other day counts
    whole, and so does a month written without a day.
    """
    sheet.instants(["period_start", "period_end"], timezone)
    close_period(sheet)


def close_period(sheet: Sheet) -> None:
    """Make `period_end` exclusive in place, by the precision in which it is written."""
    end, precision = pl.col("period_end"), pl.col("period_end (precision)")
    sheet.frame = sheet.frame.with_columns(
        pl.when(precision == "year")
        .then(end.dt.offset_by("1y"))
        .when(precision == "month")
        .then(end.dt.offset_by("1mo"))
        .when((precision == "day") & (end.dt.day() != 1))
        .then(end.dt.offset_by("1d"))
        .otherwise(end)
        .alias("period_end")
    )
    reject_empty_period(sheet)


def reject_empty_period(sheet: Sheet) -> None:
    """Set aside rows whose period ends before it starts."""
    sheet.reject(
        pl.col("period_end") <= pl.col("period_start"),
        "the period ends before it starts; an end on the first of a month is exclusive",
        "period_end",
    )
