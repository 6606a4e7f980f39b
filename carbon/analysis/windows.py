"""Hours of months and years: how much of a year a record covers.

Months and years are weighed by their hours (UTC), so that February, leap years and a record that
begins or ends within a month weigh what they are.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import polars as pl

_HOUR_US: Final = 3_600_000_000
_YEAR: Final = 12


@dataclass(frozen=True)
class Window:
    """Twelve months, and which of their hours a record covers.

    Attributes:
        months: month (YYYY-MM), hours (of the month) and observed (of them, covered) [h], in order.
        starts: first moment that is covered; None where nothing is.
        ends: end of the last one (exclusive).
    """

    months: pl.DataFrame
    starts: dt.datetime | None
    ends: dt.datetime | None

    @property
    def hours(self) -> float:
        """Hours of the twelve months [h]."""
        return float(self.months["hours"].sum())

    @property
    def observed(self) -> float:
        """Hours of them that are covered [h]."""
        return float(self.months["observed"].sum())

    @property
    def label(self) -> str:
        """A calendar year as 2025, other twelve months as 2025-04 to 2026-03."""
        first, last = self.months["month"][0], self.months["month"][-1]
        return str(first[:4]) if first.endswith("-01") else f"{first} to {last}"


def twelve_months(month_from: str, month_to: str, year: int | None = None) -> list[str]:
    """The twelve months that a period is to stand for.

    The year that is named; else the calendar year that the period lies in; else, where it is no
    longer than a year, the twelve months that begin with it; else the calendar year of its end.

    Args:
        month_from: first month of the period, YYYY-MM.
        month_to: last month, inclusive.
        year: a calendar year, where one is asked for.
    """
    first = month_from
    if year is not None:
        first = f"{year:04d}-01"
    elif month_from[:4] == month_to[:4]:
        first = f"{month_from[:4]}-01"
    elif len(months_between(month_from, month_to)) > _YEAR:
        first = f"{month_to[:4]}-01"
    start = _number(first)
    return [_named(number) for number in range(start, start + _YEAR)]


def months_between(month_from: str, month_to: str) -> list[str]:
    """Every month from one to another, both inclusive."""
    return [_named(number) for number in range(_number(month_from), _number(month_to) + 1)]


def observed_window(
    spans: pl.DataFrame, months: list[str], month_from: str, month_to: str
) -> Window:
    """Which hours of some months a record covers.

    A month with any use in the period is covered whole; the first of them from its first use on,
    the last to the end of its last use.

    Args:
        spans: month, use_start, use_end (exclusive) of every line of the record.
        months: the months that are asked about, in order.
        month_from: first month of the period that counts as observed.
        month_to: last month, inclusive.
    """
    asked = pl.DataFrame({"month": months}, schema={"month": pl.String}).with_columns(
        start=(pl.col("month") + "-01").str.to_datetime("%Y-%m-%d", time_unit="us", time_zone="UTC")
    )
    asked = asked.with_columns(end=pl.col("start").dt.offset_by("1mo"))
    inside = pl.col("month").is_between(pl.lit(month_from), pl.lit(month_to))
    inside &= pl.col("month").is_between(pl.lit(months[0]), pl.lit(months[-1]))
    record = spans.filter(inside).select(
        starts=pl.col("use_start").min(), ends=pl.col("use_end").max()
    )
    starts, ends = record.row(0)
    used = spans["month"].unique()
    covered = pl.min_horizontal("end", pl.lit(ends, pl.Datetime("us", "UTC"))) - pl.max_horizontal(
        "start", pl.lit(starts, pl.Datetime("us", "UTC"))
    )
    there = inside & pl.col("month").is_in(used.implode())
    hours = asked.select(
        "month",
        hours=_hours(pl.col("end") - pl.col("start")),
        observed=pl.when(there).then(_hours(covered)).otherwise(0.0).clip(lower_bound=0.0),
    )
    return Window(hours, starts, ends)


def _hours(length: pl.Expr) -> pl.Expr:
    return length.dt.total_microseconds() / _HOUR_US


def _number(month: str) -> int:
    return int(month[:4]) * _YEAR + int(month[5:7]) - 1


def _named(number: int) -> str:
    return f"{number // _YEAR:04d}-{number % _YEAR + 1:02d}"
