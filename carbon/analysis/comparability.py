"""What stands against reading a change between two periods as a trend."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.analysis.observed import Period

ALIKE: Final = 0.015
"""Periods whose days differ by no more than this share count as equally long: a quarter with the
29th of February (91 days) beside one without (90)."""


@dataclass(frozen=True)
class Note:
    """A remark on a comparison.

    Attributes:
        text: a sentence or two: what is so, and what to do.
        warns: whether the change itself must not be read without it.
    """

    text: str
    warns: bool = False


_CALENDAR: Final = pl.col("month").str.slice(5, 2)


def notes(
    before: Period, after: Period, workloads: pl.DataFrame, scope: str, *, per_day: bool
) -> tuple[Note, ...]:
    """What a careful reader would say of a comparison, the gravest first.

    Args:
        before: the first period.
        after: the second.
        workloads: as `decompose` gives them: status, unit, facility_kwh_before and _after.
        scope: "in" the declared boundary, or "all".
        per_day: whether each period was divided by its days.
    """
    grave = (
        _overlap(before, after),
        _length(before, after, per_day=per_day),
        _seasons(before, after),
        _silent(before, scope, "first"),
        _silent(after, scope, "second"),
    )
    light = (_uncounted(workloads), _overhead(before, after, scope))
    told = ((text, True) for text in grave), ((text, False) for text in light)
    return tuple(Note(text, warns) for part in told for text, warns in part if text)


def _overlap(before: Period, after: Period) -> str | None:
    if before.month_from > after.month_to or after.month_from > before.month_to:
        return None
    if before.footprint is not after.footprint:
        return None
    return "The two periods share months: what happened in those is no change between them."


def _length(before: Period, after: Period, *, per_day: bool) -> str | None:
    first, last = before.days(), after.days()
    if per_day or abs(first - last) <= ALIKE * max(first, last):
        return None
    return (
        f"The first period has {first} days and the second {last}: a part of the change is their "
        "length. Compare them per day."
    )


def _seasons(before: Period, after: Period) -> str | None:
    months = [_calendar(period) for period in (before, after)]
    if months[0] == months[1]:
        return None
    return (
        "The two periods are not the same months of the year: a part of grid, overhead and "
        "activity may be the season. Compare the same months a year apart, or see Seasonality."
    )


def _calendar(period: Period) -> set[str]:
    return set(_months(period).select(_CALENDAR).to_series())


def _months(period: Period) -> pl.DataFrame:
    ends = pl.Series([f"{period.month_from}-01", f"{period.month_to}-01"]).str.to_date()
    every = pl.date_range(ends[0], ends[1], "1mo", eager=True).dt.strftime("%Y-%m")
    return pl.DataFrame({"month": every})


def _silent(period: Period, scope: str, which: str) -> str | None:
    """Months of a period that hold no activity at all."""
    there = period.lines(scope)["month"].unique()
    silent = _months(period).filter(~pl.col("month").is_in(there.implode()))["month"].to_list()
    if not silent:
        return None
    listed = ", ".join(silent[:3]) + (f" and {len(silent) - 3} more" if len(silent) > 3 else "")
    return (
        f"The {which} period holds no activity in {listed}. Import those months, or leave them out "
        "of both periods: nothing imported is not the same as nothing used."
    )


def _uncounted(workloads: pl.DataFrame) -> str | None:
    """Energy of workloads in both periods of whose work nothing is known."""
    both = workloads.filter(pl.col("status") == "both")
    kwh = pl.col("facility_kwh_before") + pl.col("facility_kwh_after")
    whole = both.select(kwh.sum()).item()
    part = both.filter(pl.col("unit") == "energy").select(kwh.sum()).item()
    if not whole or not part:
        return None
    return (
        f"{_share(part / whole)} of the compared energy is of workloads whose work (requests, "
        "tokens, runs or accelerator-hours) is not known in both periods: more or less energy "
        "counts as activity there, and no efficiency can be told."
    )


def _overhead(before: Period, after: Period, scope: str) -> str | None:
    """Energy of meters that hold the overhead without a PUE."""
    lines = pl.concat([before.lines(scope), after.lines(scope)])
    kwh = pl.col("energy_facility_kwh")
    inside = pl.col("energy_it_kwh").is_null() & (pl.col("component") != "overhead")
    whole, part = lines.select(whole=kwh.sum(), part=kwh.filter(inside).sum()).row(0)
    if not whole or not part:
        return None
    return (
        f"{_share(part / whole)} of the energy is of facility meters without a PUE: a change of "
        "their cooling counts as activity or efficiency, not as overhead."
    )


def _share(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else "Less than 1%"
