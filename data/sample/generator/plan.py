"""Who Meridian Health AI is: what it runs, where, how much. All of it is invented.

`uses.csv` and `runs.csv` beside this module are the plan; what a month sees of it is the plan's
amount times growth, season and a few per cent of chance.
"""

import csv
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

MONTHS: Final = [date(2025 + (7 + n) // 12, (7 + n) % 12 + 1, 1) for n in range(14)]
"""August 2025 to September 2026."""

SUMMER_DIP: Final = {8: 0.82, 12: 0.88, 7: 0.93}
"""Clinics are quieter in August, around Christmas and in July."""


class Use(NamedTuple):
    """One workload in one place, and how much of it a month sees.

    `monthly` is accelerator-hours, instance-hours or kWh (the `source` says which) of the first
    month; `growth` the ratio of one month to the one before.
    """

    source: str
    workload: str
    model: str
    lifecycle: str
    project: str
    business_unit: str
    owner: str
    parameters: str
    provider: str
    place: str
    hardware: str
    monthly: float
    growth: float
    first: int
    last: int
    watts: float | None
    requests: float
    tokens: tuple[float, float]


class Run(NamedTuple):
    """A fine-tuning job that recurs on the Grenoble workstations."""

    workload: str
    gpus: int
    gpu_watts: float
    runs_a_month: int
    hours_a_run: float
    first: int
    last: int


def uses(source: str) -> list[Use]:
    """The plan of one source: accelerators, instances, lyon or reno."""
    return [_use(row) for row in _rows("uses.csv") if row["source"] == source]


def runs() -> list[Run]:
    """The plan of the Grenoble workstations."""
    return [
        Run(
            row["workload"],
            int(row["gpus"]),
            float(row["gpu_watts"]),
            int(row["runs_a_month"]),
            float(row["hours_a_run"]),
            _month(row["first_month"]),
            _month(row["last_month"]),
        )
        for row in _rows("runs.csv")
    ]


def amount(use: Use, month: int, chance: random.Random) -> float | None:
    """How much of a use a month sees: growth, season, and a few per cent of chance."""
    if not use.first <= month <= use.last:
        return None
    season = 1.0 if use.lifecycle == "training" else SUMMER_DIP.get(MONTHS[month].month, 1.0)
    return use.monthly * use.growth ** (month - use.first) * season * chance.uniform(0.96, 1.04)


def after(month: date) -> date:
    """First day of the next month, which is how an exclusive end is written."""
    return (month + timedelta(days=32)).replace(day=1)


def _use(row: dict[str, str]) -> Use:
    values: dict[str, Any] = {name: row[name] for name in Use._fields[:11]}
    values |= {name: float(row[name] or 0) for name in ("monthly", "growth", "requests")}
    values |= {"first": _month(row["first_month"]), "last": _month(row["last_month"])}
    values["watts"] = float(row["watts"]) if row["watts"] else None
    values["tokens"] = (float(row["input_tokens"] or 0), float(row["output_tokens"] or 0))
    return Use(**values)


def _month(text: str) -> int:
    return MONTHS.index(date.fromisoformat(f"{text}-01"))


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
