"""The period that an imported factor applies to."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from carbon.tables import Rejections, day_first, parse_instant

_SHORTEST_MONTH_H: Final = 27 * 24.0
_LONGEST_MONTH_H: Final = 32 * 24.0


def read_validity(
    frame: pl.DataFrame, rejections: Rejections, found: Mapping[str, str], *, serial_dates: bool
) -> pl.DataFrame:
    """Parse valid_from and valid_to in place and add granularity.

    The end becomes exclusive: it is already where it has a time or is the first of a month; any
    other day, month or year counts whole.

    Args:
        frame: row_number, valid_from and valid_to as text.
        rejections: where rows go whose period cannot be read, is empty, or is neither an hour, a
            month nor longer.
        found: house name -> the file's own column name.
        serial_dates: whether the file is a workbook, whose dates are typed.
    """
    order = day_first((frame["valid_from"], frame["valid_to"]))
    for name in ("valid_from", "valid_to"):
        is_year = frame[name].str.contains(r"^\d{4}$").fill_null(False)
        text = frame.select(
            pl.when(is_year)
            .then(pl.col(name) + ("-01" if name == "valid_from" else "-12"))
            .otherwise(name)
        ).to_series()
        parsed = parse_instant(text, "UTC", order, serial_dates=serial_dates)
        frame = frame.with_columns(
            parsed["instant"].alias(name),
            parsed["precision"].alias(f"{name} (precision)"),
            pl.col(name).alias(f"{name} (raw)"),
            parsed["reason"].alias("(reason)"),
        )
        rejections.add_where(
            frame,
            pl.col("(reason)").is_not_null(),
            pl.col("(reason)"),
            column=found[name],
            value=f"{name} (raw)",
        )
    frame = frame.with_columns(_exclusive_end(serial_dates).alias("valid_to"))
    hours = (pl.col("valid_to") - pl.col("valid_from")).dt.total_seconds() / 3600
    rejections.add_where(
        frame,
        (hours <= 0).fill_null(False),
        "the period ends before it starts; an end on the first of a month is exclusive",
        column=found["valid_to"],
        value="valid_to (raw)",
    )
    rejections.add_where(
        frame,
        ((hours > 1) & (hours < _SHORTEST_MONTH_H)).fill_null(False),
        "the period is neither an hour, a month nor a year; give one factor for each of those",
        column=found["valid_to"],
        value="valid_to (raw)",
    )
    return frame.with_columns(
        pl.when(hours <= 1)
        .then(pl.lit("hour"))
        .when(hours < _LONGEST_MONTH_H)
        .then(pl.lit("month"))
        .otherwise(pl.lit("year"))
        .alias("granularity")
    )


def _exclusive_end(typed_dates: bool) -> pl.Expr:
    """The first moment after the period.

    A workbook shows midnight as a bare date: the end of an hour that begins at 23:00 is that
    moment, not the whole day after it.
    """
    end, precision = pl.col("valid_to"), pl.col("valid_to (precision)")
    length = end - pl.col("valid_from")
    closes_an_hour = length.is_between(pl.duration(hours=0), pl.duration(hours=1), closed="right")
    whole_day = (precision == "day") & (end.dt.day() != 1) & ~(typed_dates & closes_an_hour)
    return (
        pl.when(precision == "month")
        .then(end.dt.offset_by("1mo"))
        .when(whole_day)
        .then(end.dt.offset_by("1d"))
        .otherwise(end)
    )
