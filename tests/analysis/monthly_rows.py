"""Records by month, as `analysis.targets.MONTHLY` holds them: what tests of targets share."""

import calendar
from collections.abc import Sequence

import polars as pl

from carbon.analysis.targets import MONTHLY, Target
from carbon.analysis.windows import months_between


def hours(month: str) -> float:
    """Hours of a month."""
    return 24.0 * calendar.monthrange(int(month[:4]), int(month[5:]))[1]


def named(first: str, count: int) -> list[str]:
    """So many months from one on."""
    return months_between(first, f"{int(first[:4]) + 1 + count // 12}-12")[:count]


def of_rates(first: str, rates: Sequence[float | None]) -> pl.DataFrame:
    """Months that each ran at a rate of a year of 8,760 hours, wholly covered; None: no record."""
    rows = [
        {
            "month": month,
            "amount": None if rate is None else rate * hours(month) / 8760,
            "units": None,
            "hours": hours(month),
            "observed": 0.0 if rate is None else hours(month),
        }
        for month, rate in zip(named(first, len(rates)), rates, strict=True)
    ]
    return pl.DataFrame(rows, schema=MONTHLY)


def per_unit(first: str, rates: Sequence[float | None]) -> pl.DataFrame:
    """Months of 10 units of work each, at a rate per unit; None: neither is known."""
    rows = [
        {
            "month": month,
            "amount": None if rate is None else rate * 10.0,
            "units": None if rate is None else 10.0,
            "hours": hours(month),
            "observed": hours(month),
        }
        for month, rate in zip(named(first, len(rates)), rates, strict=True)
    ]
    return pl.DataFrame(rows, schema=MONTHLY)


def target(**said: object) -> Target:
    """1 000 kg in 2024, to be halved by 2028, unless told otherwise."""
    body = {
        **{"measure": "location", "per": "year", "base_from": "2024-01", "base_to": "2024-12"},
        **{"base_value": 1000.0, "base_how": "the twelve months 2024-01 to 2024-12"},
        **{"policy_hash": "", "until": "2028-12", "level": 500.0},
        **said,
    }
    return Target.from_dict("halve", body)
