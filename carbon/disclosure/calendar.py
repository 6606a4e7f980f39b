"""Months and periods, as the report counts and names them."""

import calendar
import datetime as dt
from collections.abc import Sequence
from typing import Final

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
"""Spelled out here, because the machine's locale must not decide what a report says."""


def months_between(start: str, end: str) -> list[str]:
    """Every month from the first to the last, both counted, as "YYYY-MM"."""
    first, last = _month_index(start), _month_index(end)
    if last < first:
        raise ValueError(f"The period ends in {end}, before it starts in {start}.")
    return [f"{i // 12:04d}-{i % 12 + 1:02d}" for i in range(first, last + 1)]


def first_day(month: str) -> dt.date:
    """The first day of a month "YYYY-MM"."""
    year, number = divmod(_month_index(month), 12)
    return dt.date(year, number + 1, 1)


def last_day(month: str) -> dt.date:
    """The last day of a month "YYYY-MM"."""
    year, number = divmod(_month_index(month), 12)
    return dt.date(year, number + 1, calendar.monthrange(year, number + 1)[1])


def period_words(start: str, end: str) -> str:
    """The period as a person says it: "August 2025 to September 2026"."""
    first, last = _month_words(start), _month_words(end)
    return first if first == last else f"{first} to {last}"


def _month_words(month: str) -> str:
    year, number = divmod(_month_index(month), 12)
    return f"{MONTHS[number]} {year}"


def _month_index(month: str) -> int:
    year, _, number = month.partition("-")
    if not (len(year) == 4 and year.isdigit() and number.isdigit() and 1 <= int(number) <= 12):
        raise ValueError(f"{month!r} is not a month; write it as YYYY-MM, for example 2025-03.")
    return int(year) * 12 + int(number) - 1


def period_kind(months: Sequence[str]) -> str:
    """A year is a year only where it is whole; totals are never scaled up to one."""
    if len(months) == 12:
        return "A full year"
    if len(months) < 12:
        return "A reference period shorter than a year; no figure is scaled up to a year"
    return "A period longer than a year; no figure is scaled down to a year"
