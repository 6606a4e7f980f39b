"""A target: a path from a base period to a level, and how far the record is from it.

    linear      path(m) = base + (level - base) x p        p = months since the base period's end
    geometric   path(m) = base x (level / base) ^ p            / months from there to the target

The path and the record are compared as twelve-month values: what the twelve months up to a month
emitted or used, or took per unit of work. Fewer months are scaled by their hours and marked as
estimated. A target changes no figure of the footprint, and neither does being on its path.
Source: methodology, section 7 (base year); Corporate Standard, chapter 11 (setting a GHG target).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

from carbon.analysis.windows import months_between

MEASURES: Final = ("location", "market", "energy")
"""What a target is about: location-based or market-based emissions [kgCO2e], facility energy
[kWh]."""

PER: Final = ("year", "1k_requests", "1k_output_tokens", "kwh_it")
"""Absolute (a year), or an intensity: per unit of work, or per kWh of IT energy."""

PATHS: Final = ("linear", "geometric")

MONTHLY: Final = {
    "month": pl.String,
    "amount": pl.Float64,
    "units": pl.Float64,
    "hours": pl.Float64,
    "observed": pl.Float64,
}
"""A record by month: amount (kgCO2e or kWh), units of work (null in an absolute one), hours of the
month and those of them that the record covers [h]. One row a month from the first to the last."""

ON_PATH: Final = 0.01
"""A figure within so much of the path's value counts as on it [1]."""

FEWEST_HOURS: Final = 2160.0
"""Fewer hours (90 days) are no year: no figure is made of them [h]."""

_YEAR: Final = 12
_WHOLE: Final = 1 - 1e-9


@dataclass(frozen=True)
class Planned:
    """A scenario that is to be in force from a month on."""

    scenario: str
    start: str


@dataclass(frozen=True)
class Target:
    """What is to be reached, from where, until when.

    Attributes:
        name: what a person calls it.
        measure: one of MEASURES.
        per: one of PER.
        base_from: first month of the base period, YYYY-MM.
        base_to: last month, inclusive.
        base_value: kgCO2e or kWh a year, or per unit, computed when the target was set.
        base_how: how the base period stands for a year, in words.
        policy_hash: of the choices under which base_value was computed.
        until: last of the twelve months that are to be at the level, YYYY-MM.
        level: what is to be reached, in the unit of base_value.
        path: one of PATHS.
        scope: "in" the declared boundary, or "all".
        planned: scenarios that the forecast counts in.
    """

    name: str
    measure: str
    per: str
    base_from: str
    base_to: str
    base_value: float
    base_how: str
    policy_hash: str
    until: str
    level: float
    path: str = "linear"
    scope: str = "in"
    planned: tuple[Planned, ...] = ()

    @property
    def reduction(self) -> float:
        """Share by which the level lies below the base value [1]."""
        return 1.0 - self.level / self.base_value

    def to_dict(self) -> dict[str, Any]:
        """As it is kept: without its name, under which it is kept."""
        kept = asdict(self)
        del kept["name"]
        return {**kept, "planned": [asdict(plan) for plan in self.planned]}

    @classmethod
    def from_dict(cls, name: str, body: Mapping[str, Any]) -> "Target":
        """As it was kept."""
        planned = tuple(Planned(**plan) for plan in body.get("planned", ()))
        return cls(name=name, **{**body, "planned": planned})


@dataclass(frozen=True)
class Value:
    """A twelve-month value.

    Attributes:
        value: kgCO2e or kWh of twelve months, or per unit; None where nothing is known.
        months: months that the record knows of them.
        estimated: whether hours without a record were filled by scaling.
        how: what it is, in words.
    """

    value: float | None
    months: int
    estimated: bool
    how: str


@dataclass(frozen=True)
class Progress:
    """How far the record is from a target's path.

    Attributes:
        month: last month of the record, up to which the twelve months are taken.
        actual: those twelve months.
        path: the path's value there; None before the base period's end.
        difference: actual - path; above 0: more than the path allows.
        status: "on path", "above path", "below path", or "not known".
        change: actual / base - 1 [1].
        yearly: change a year that would still lead to the level in time [1], where time is left.
        rows: month, actual, estimated, rate (the month itself, as of a year), path.
        ahead: month and path of the months that come, until the target's.
        notes: what a careful reader would say beside it.
    """

    month: str
    actual: Value
    path: float | None
    difference: float | None
    status: str
    change: float | None
    yearly: float | None
    rows: pl.DataFrame
    ahead: pl.DataFrame
    notes: tuple[str, ...]


def path_value(target: Target, month: str) -> float | None:
    """What the path allows for the twelve months up to a month; None before it begins.

    Beyond the target's month the level holds.

    Returns:
        in the unit of the base value.
    """
    passed = _months(target.base_to, month)
    if passed < 0:
        return None
    share = min(passed / _months(target.base_to, target.until), 1.0)
    if target.path == "geometric":
        return target.base_value * float((target.level / target.base_value) ** share)
    return target.base_value + (target.level - target.base_value) * share


def twelve_month_value(series: pl.DataFrame, month: str, *, absolute: bool) -> Value:
    """The value of the twelve months up to a month.

        absolute    sum of amounts x hours of the twelve months / hours that the record covers
        intensity   sum of amounts / sum of units

    Args:
        series: MONTHLY.
        month: last of the twelve months, YYYY-MM.
        absolute: whether it is of a year, else per unit.
    """
    return value_of(series, twelve_up_to(month), absolute=absolute)


def value_of(series: pl.DataFrame, months: list[str], *, absolute: bool) -> Value:
    """The value of some months as of a year, or per unit.

    Args:
        series: MONTHLY.
        months: the months; fewer than twelve are scaled to the hours of the twelve up to the last.
        absolute: whether it is of a year, else per unit.
    """
    part = series.filter(pl.col("month").is_in(months), pl.col("observed") > 0)
    part = part.drop_nulls("amount" if absolute else ["amount", "units"])
    known, span = part.height, f"{months[0]} to {months[-1]}"
    amount = float(part["amount"].sum())
    if not absolute:
        units = float(part["units"].sum())
        how = f"{span}, the {known} months in which work is known"
        return Value(amount / units if units > 0 else None, known, False, how)
    covered, year = float(part["observed"].sum()), hours_of(twelve_up_to(months[-1]))
    if covered < FEWEST_HOURS:
        return Value(None, known, False, f"{span}: fewer than 90 days are covered")
    if covered >= year * _WHOLE:
        return Value(amount, known, False, f"the twelve months {span}")
    how = f"{span}, {covered:,.0f} of {year:,.0f} hours covered, scaled to a year by hours"
    return Value(amount * year / covered, known, True, f"estimated: {how}")


def progress(target: Target, series: pl.DataFrame) -> Progress:
    """Compare the record with the path.

    Args:
        target: what was set.
        series: MONTHLY, of the target's measure and boundary.

    Raises:
        ValueError: the record has no month.
    """
    if series.is_empty():
        raise ValueError("nothing is recorded that the target could be compared with")
    absolute, last = target.per == "year", series["month"][-1]
    actual = twelve_month_value(series, last, absolute=absolute)
    path = path_value(target, last)
    known = actual.value is not None
    left = _months(last, target.until) / _YEAR
    return Progress(
        month=last,
        actual=actual,
        path=path,
        difference=actual.value - path if known and path is not None else None,  # type: ignore[operator]
        status=_status(actual.value, path),
        change=actual.value / target.base_value - 1.0 if known else None,  # type: ignore[operator]
        yearly=_yearly(actual.value, target.level, left),
        rows=_rows(target, series, absolute=absolute),
        ahead=_ahead(target, last),
        notes=_notes(target, last),
    )


def hours_of(months: list[str]) -> float:
    """Hours of some months, UTC [h]."""
    starts = pl.Series([f"{month}-01" for month in months]).str.to_date()
    return float(pl.select(pl.lit(starts).dt.days_in_month().sum()).item() * 24)


def twelve_up_to(month: str) -> list[str]:
    """The twelve months of which a month is the last."""
    return months_between(_shifted(month, 1 - _YEAR), month)


def months_after(month: str, until: str) -> list[str]:
    """The months after one, until another, inclusive; none where that lies before."""
    return months_between(_shifted(month, 1), until)


def _shifted(month: str, by: int) -> str:
    number = int(month[:4]) * _YEAR + int(month[5:7]) - 1 + by
    return f"{number // _YEAR:04d}-{number % _YEAR + 1:02d}"


def _rows(target: Target, series: pl.DataFrame, *, absolute: bool) -> pl.DataFrame:
    months = series["month"].to_list()
    values = [twelve_month_value(series, month, absolute=absolute) for month in months]
    return series.select("month", rate=rate(absolute=absolute)).with_columns(
        pl.Series("actual", [value.value for value in values], pl.Float64),
        pl.Series("estimated", [value.estimated for value in values], pl.Boolean),
        pl.Series("path", [path_value(target, month) for month in months], pl.Float64),
    )


def _ahead(target: Target, last: str) -> pl.DataFrame:
    months = months_after(last, target.until)
    return pl.DataFrame(
        {"month": months, "path": [path_value(target, month) for month in months]},
        schema={"month": pl.String, "path": pl.Float64},
    )


def rate(*, absolute: bool) -> pl.Expr:
    """A month on its own: per unit, or as of a year of 8,760 hours; null where not covered."""
    if absolute:
        there = pl.col("observed") > 0
        return pl.when(there).then(pl.col("amount") / pl.col("observed") * 8760.0)
    return pl.when(pl.col("units") > 0).then(pl.col("amount") / pl.col("units"))


def _status(actual: float | None, path: float | None) -> str:
    if actual is None or path is None:
        return "not known"
    if abs(actual - path) <= ON_PATH * abs(path):
        return "on path"
    return "above path" if actual > path else "below path"


def _yearly(actual: float | None, level: float, years: float) -> float | None:
    if actual is None or actual <= 0 or level <= 0 or years <= 0:
        return None
    return float((level / actual) ** (1.0 / years) - 1.0)


def _notes(target: Target, last: str) -> tuple[str, ...]:
    base = months_between(target.base_from, target.base_to)
    shared = len({*base} & {*twelve_up_to(last)})
    said = []
    if len(base) < _YEAR:
        said.append(
            f"The base period has {len(base)} of the twelve months of a base year: "
            f"{target.base_how}."
        )
    elif target.base_how.startswith("estimated"):
        said.append(f"The base value is {target.base_how}.")
    if shared:
        said.append(
            f"The latest twelve months share {shared} with the base period: the change since then "
            "shows in part only."
        )
    return tuple(said)


def _months(first: str, last: str) -> int:
    """Months from one to another; below 0 where the other lies before."""
    return (int(last[:4]) - int(first[:4])) * _YEAR + int(last[5:7]) - int(first[5:7])
