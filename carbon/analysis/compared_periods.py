"""Which period a period is best compared with."""

from dataclasses import dataclass
from typing import Final

import polars as pl

MONTHS_OF_A_YEAR: Final = 12


@dataclass(frozen=True)
class Pair:
    """Two periods by their first and last month, YYYY-MM, both inclusive."""

    before_from: str
    before_to: str
    after_from: str
    after_to: str


def a_year_before(
    lines: pl.DataFrame, month_from: str | None = None, month_to: str | None = None
) -> Pair | None:
    """A period against the same months a year earlier.

    Args:
        lines: `FootprintLine` rows: month and use_end play a part.
        month_from: first month of the later period; None for as far back as a year of history
            allows, at most twelve months.
        month_to: its last month; None for the last that activity fills to its end.

    Returns:
        the pair; None where no activity reaches that far back.
    """
    first, last = _record(lines)
    if first is None or last is None:
        return None
    end = _number(month_to) if month_to else last
    earliest = max(first + MONTHS_OF_A_YEAR, end - MONTHS_OF_A_YEAR + 1)
    start = _number(month_from) if month_from else earliest
    if start > end or start - MONTHS_OF_A_YEAR < first:
        return None
    if end - start >= MONTHS_OF_A_YEAR:
        return None
    return _pair(start - MONTHS_OF_A_YEAR, start, end)


def just_before(
    lines: pl.DataFrame, month_from: str | None = None, month_to: str | None = None
) -> Pair | None:
    """A period against as many months right before it.

    Args:
        lines: as above.
        month_from: first month of the later period; None for the later half of the record.
        month_to: its last month; None for the last that activity fills to its end.

    Returns:
        the pair; None where no activity reaches that far back.
    """
    first, last = _record(lines)
    if first is None or last is None:
        return None
    end = _number(month_to) if month_to else last
    half = min((end - first + 1) // 2, MONTHS_OF_A_YEAR)
    start = _number(month_from) if month_from else end - half + 1
    length = end - start + 1
    if length < 1 or start - length < first:
        return None
    return _pair(start - length, start, end)


def _pair(before: int, start: int, end: int) -> Pair:
    return Pair(_name(before), _name(before + end - start), _name(start), _name(end))


def _record(lines: pl.DataFrame) -> tuple[int | None, int | None]:
    """The first month with activity, and the last one that activity fills to its end."""
    if lines.is_empty():
        return None, None
    ends = lines.group_by("month").agg(pl.col("use_end").max()).sort("month")
    month_end = (pl.col("month") + "-01").str.to_datetime(time_zone="UTC").dt.offset_by("1mo")
    full = ends.filter(pl.col("use_end") >= month_end.dt.offset_by("-1d"))["month"]
    last = full[-1] if full.len() else ends["month"][-1]
    return _number(ends["month"][0]), _number(last)


def _number(month: str) -> int:
    return int(month[:4]) * MONTHS_OF_A_YEAR + int(month[5:7]) - 1


def _name(number: int) -> str:
    return f"{number // MONTHS_OF_A_YEAR:04d}-{number % MONTHS_OF_A_YEAR + 1:02d}"
