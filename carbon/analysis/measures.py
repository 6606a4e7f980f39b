"""A measure that was taken: what was expected of it, and what the normalised record later shows.

What a unit of work takes is compared before and after the month of the measure, so that demand is
taken out by activity, and the season of the grid by the index where one applies. With x the log of
each month's figure:

    shown = exp(mean x after - mean x before) - 1
    interval: Welch's for the difference of the two means, 95 %

It says what changed when the measure was taken, not that the measure changed it. Nothing here is
netted against the footprint: its totals hold the effect already.
Source: Welch, The generalization of Student's problem when several different population variances
are involved, Biometrika 34 (1947); methodology, section 9 (three effects kept apart).
"""

import math
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from scipy.stats import ttest_ind

from carbon.accounting.sums import sum_by
from carbon.analysis.observed import UNITS, Period, observe
from carbon.analysis.targets import MEASURES, hours_of, months_after, twelve_up_to

FEWEST: Final = 3
"""Fewer months on either side show nothing."""

PER_HOUR: Final = "hour"
"""What is compared where no unit of work is known: a change of demand is then part of it."""

RECORD: Final = (*MEASURES, "work", "unit")
"""Columns of `record`, besides month."""

_BEHIND: Final = 0.95
"""Share of the energy behind which work must be known for it to be a unit [1]."""

_YEAR_H: Final = 8760.0
_NO_SCATTER: Final = 1e-9
"""Logs that lie closer differ by rounding only [1]."""


@dataclass(frozen=True)
class Measure:
    """Something that was done about the footprint.

    Attributes:
        name: what a person calls it.
        workloads: those that it concerns.
        taken: day on which it took effect, YYYY-MM-DD.
        done: what was done.
        of: what the expectation is of, one of targets.MEASURES.
        expected_share: expected change per unit of work, -0.2 for a fifth less [1]; None where the
            expectation is an amount.
        expected_kg: expected change a year [kgCO2e, or kWh where it is of energy].
        scenario: what-if scenario that it goes back to.
        evidence: document, ticket or address that shows it was done.
    """

    name: str
    workloads: tuple[str, ...]
    taken: str
    done: str
    of: str = "location"
    expected_share: float | None = None
    expected_kg: float | None = None
    scenario: str | None = None
    evidence: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As it is kept: without its name, under which it is kept."""
        kept = asdict(self)
        del kept["name"]
        return {**kept, "workloads": list(self.workloads)}

    @classmethod
    def from_dict(cls, name: str, body: Mapping[str, Any]) -> "Measure":
        """As it was kept."""
        return cls(name=name, **{**body, "workloads": tuple(body["workloads"])})


@dataclass(frozen=True)
class Shown:
    """What the record shows of a measure.

    Attributes:
        of: one of targets.MEASURES.
        unit: unit of work, or PER_HOUR.
        before: first and last month compared against.
        after: those after it.
        before_value: geometric mean per unit before [kg or kWh per unit].
        after_value: the same after.
        change: relative change per unit [1].
        low: lower end of its 95 % interval [1].
        high: upper end.
        a_year: the change at the work of the months after, as of a year [kgCO2e or kWh].
        season: whether an index took the season of the grid out.
        verdict: "as expected" (the expectation lies in the interval, 0 does not), "less than
            expected", "more than expected", "no change shown" (0 lies in it, the expectation does
            not), or "cannot tell" (both do).
        notes: what a careful reader would say beside it.
    """

    of: str
    unit: str
    before: tuple[str, str]
    after: tuple[str, str]
    before_value: float
    after_value: float
    change: float
    low: float
    high: float
    a_year: float
    season: bool
    verdict: str
    notes: tuple[str, ...]


def record(period: Period, workloads: tuple[str, ...], months: list[str]) -> pl.DataFrame:
    """What workloads took and did, month by month.

    Args:
        period: footprint and use; its own months play no part.
        workloads: whose.
        months: which months.

    Returns:
        month, location and market [kgCO2e], energy [kWh], and work in unit: the first of
        observed.UNITS that all of the workloads know behind nearly all of their energy in every
        month with any; per hour where they know none in common. Months without energy are left out.
    """
    sums = _sums(period, workloads, months)
    work = _work(period, workloads, sums["month"].to_list())
    return sums.join(work, on="month", how="left", validate="1:1", maintain_order="left").select(
        "month", *RECORD
    )


def _sums(period: Period, workloads: tuple[str, ...], months: list[str]) -> pl.DataFrame:
    mine = period.footprint.lines.filter(
        pl.col("workload").is_in(workloads), pl.col("month").is_in(months)
    )
    columns = {"location": "location_kg", "market": "market_kg", "energy": "energy_facility_kwh"}
    rows = mine.select("month", **{name: pl.col(column) for name, column in columns.items()})
    return sum_by(rows, ["month"], list(columns)).filter(pl.col("energy") > 0).sort("month")


def _work(period: Period, workloads: tuple[str, ...], months: list[str]) -> pl.DataFrame:
    found = [
        observe(Period(period.footprint, month, month, period.usage), "all")
        .work.filter(pl.col("workload").is_in(workloads), pl.col("behind") >= _BEHIND)
        .with_columns(month=pl.lit(month))
        for month in months
    ]
    hourly = pl.DataFrame(
        {"month": months, "work": [hours_of([month]) for month in months]},
        schema={"month": pl.String, "work": pl.Float64},
    ).with_columns(unit=pl.lit(PER_HOUR))
    if not found:
        return hourly
    every = pl.concat(found)
    for unit in UNITS:
        part = every.filter(pl.col("unit") == unit)
        if part.height == len(months) * len(set(workloads)):
            by_month = sum_by(part, ["month"], ["amount"])
            return by_month.select("month", work="amount", unit=pl.lit(unit))
    return hourly


def windows(measure: Measure, months: list[str]) -> tuple[list[str], list[str], bool]:
    """The months to compare: those after the month of the measure, and the same ones before it.

    Args:
        measure: its month itself is on neither side.
        months: months of which something is known, sorted.

    Returns:
        months before, months after, and whether they are the same calendar months. Up to twelve on
        each side; where the record has not the same months of the year before, those of the twelve
        before the measure.
    """
    taken = measure.taken[:7]
    after = [month for month in months if month > taken][-12:]
    earlier = {month for month in months if month < taken}
    same = [f"{int(month[:4]) - 1:04d}{month[4:]}" for month in after]
    if after and earlier.issuperset(same):
        return same, after, True
    year_before = f"{int(taken[:4]) - 1:04d}{taken[4:]}"
    before = sorted(month for month in earlier if month >= year_before)
    return before, after, {month[5:] for month in before} == {month[5:] for month in after}


def shown(
    measure: Measure, known: pl.DataFrame, of: str, season: Mapping[str, float] | None = None
) -> Shown:
    """What the record shows.

    Args:
        measure: what was done.
        known: as `record` gives it.
        of: one of targets.MEASURES.
        season: month -> how far the season of the grid lifts its location-based emissions [1];
            months without an entry have no season in their figures.

    Raises:
        ValueError: fewer than FEWEST months are known before or after.
    """
    there = known.filter(pl.col(of) > 0, pl.col("work") > 0)
    before, after, same = windows(measure, there["month"].to_list())
    # First after: where the same months of the year before count, before has no more than after.
    for months, side in ((after, "after"), (before, "before")):
        if len(months) < FEWEST:
            raise ValueError(
                f"{len(months)} months are known {side} it; {FEWEST} at least are needed"
            )
    seasons = season if season and of == "location" else {}
    there = there.with_columns(
        season=pl.col("month").replace_strict(dict(seasons), default=1.0, return_dtype=pl.Float64)
    ).with_columns(per=pl.col(of) / pl.col("season") / pl.col("work"))
    first, second = (
        np.log(there.filter(pl.col("month").is_in(months))["per"].to_numpy())
        for months in (before, after)
    )
    change, low, high = _difference(first, second)
    late = there.filter(pl.col("month").is_in(after))
    a_year = float(late["work"].sum()) / hours_of(after) * _YEAR_H
    per = math.exp(first.mean())
    indexed = any(seasons.get(month, 1.0) != 1.0 for month in (*before, *after))
    unit = str(there["unit"][0])
    expected = measure.expected_share
    if expected is None and measure.expected_kg is not None:
        expected = measure.expected_kg / (per * a_year)
    return Shown(
        of=of,
        unit=unit,
        before=(before[0], before[-1]),
        after=(after[0], after[-1]),
        before_value=per,
        after_value=math.exp(second.mean()),
        change=change,
        low=low,
        high=high,
        a_year=change * per * a_year,
        season=indexed,
        verdict=_verdict(expected, change, low, high) if of == measure.of else "",
        notes=_notes(measure, of, unit, (len(before), len(after)), same=same, indexed=indexed),
    )


def _difference(before: "np.ndarray[Any, Any]", after: "np.ndarray[Any, Any]") -> tuple[float, ...]:
    """Relative change of geometric means, and its 95 % interval."""
    mean = float(after.mean() - before.mean())
    if max(np.ptp(before), np.ptp(after)) < _NO_SCATTER:
        low = high = mean  # no scatter at all: Welch's degrees of freedom are not defined
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one side may well be without scatter
            ends = ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
        low, high = float(ends.low), float(ends.high)
    return tuple(math.expm1(value) for value in (mean, low, high))


def _verdict(expected: float | None, change: float, low: float, high: float) -> str:
    if expected is None:
        return ""
    met = low <= expected <= high or math.isclose(expected, change, rel_tol=1e-6)
    if low <= 0 <= high and expected != 0:
        return "cannot tell" if met else "no change shown"
    if met:
        return "as expected"
    return (
        "less than expected"
        if abs(change) < abs(expected) or change * expected < 0
        else ("more than expected")
    )


def _notes(
    measure: Measure, of: str, unit: str, counts: tuple[int, int], *, same: bool, indexed: bool
) -> tuple[str, ...]:
    said = []
    if unit == PER_HOUR:
        said.append("No unit of work is known throughout: a change of demand is part of it.")
    if not same and of == "location" and not indexed:
        said.append("Other months of the year, and no seasonal index: a season may be part of it.")
    elif not same and of != "location":
        said.append("Other months of the year: their season is not taken out of this figure.")
    if of != "energy":
        said.append("A change of the grid's or the contract's factors between them is part of it.")
    if len(measure.workloads) > 1:
        said.append("Of several workloads together: a shift between them is part of it.")
    if min(counts) < 6:
        said.append(f"Rests on {counts[0]} months before and {counts[1]} after.")
    return tuple(said)


def months_around(measure: Measure, last: str) -> list[str]:
    """The months that may be compared: from two years before the measure to the last known one."""
    taken = measure.taken[:7]
    start = twelve_up_to(twelve_up_to(taken)[0])[0]
    return [start, *months_after(start, last)]
