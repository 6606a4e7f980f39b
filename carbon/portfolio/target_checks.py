"""What is wrong with a target or a measure as someone states it: everything at once, in words."""

import datetime as dt
import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from carbon.analysis.targets import MEASURES, PATHS, PER

DEFAULTS: Final[Mapping[str, Any]] = {
    "measure": "location",
    "per": "year",
    "base_from": None,
    "base_to": None,
    "until": None,
    "reduction": None,
    "level": None,
    "path": "linear",
    "scope": "in",
    "planned": (),
}
"""What a target states, and what counts where it does not."""

MEASURE_DEFAULTS: Final[Mapping[str, Any]] = {
    "workloads": (),
    "taken": None,
    "done": "",
    "of": "location",
    "expected_share": None,
    "expected_kg": None,
    "scenario": None,
    "evidence": None,
}
"""What a measure states, and what counts where it does not."""

_MONTH: Final = r"\d{4}-(0[1-9]|1[0-2])"


def wrong_with_target(
    name: str, said: Mapping[str, Any], months: Sequence[str], scenarios: Collection[str]
) -> list[str]:
    """What is wrong with a target, a sentence each; none where it can be kept.

    Args:
        name: what it is called.
        said: DEFAULTS, with what was stated.
        months: months with activity, sorted.
        scenarios: names of the saved scenarios.
    """
    faults = _unknown(name, "target", said, DEFAULTS)
    choices = {"measure": MEASURES, "per": PER, "path": PATHS, "scope": ("in", "all")}
    faults += [
        f"{field} {said[field]!r} is none of {', '.join(known)}."
        for field, known in choices.items()
        if said[field] not in known
    ]
    faults += [
        f"{field} {said[field]!r} is no month; write it as 2025-03."
        for field in ("base_from", "base_to", "until")
        if not _is_month(said[field])
    ]
    faults += _of_base(said, months) + _of_level(said)
    for plan in said["planned"]:
        if plan.get("scenario") not in scenarios:
            faults.append(f"No scenario is called {plan.get('scenario')!r}; save it in What-if.")
        if not _is_month(plan.get("start")):
            faults.append(f"The start {plan.get('start')!r} of a planned scenario is no month.")
    return faults


def wrong_with_measure(
    name: str, said: Mapping[str, Any], workloads: Collection[str], scenarios: Collection[str]
) -> list[str]:
    """What is wrong with a measure, a sentence each; none where it can be kept.

    Args:
        name: what it is called.
        said: MEASURE_DEFAULTS, with what was stated.
        workloads: names of the workloads.
        scenarios: names of the saved scenarios.
    """
    faults = _unknown(name, "measure", said, MEASURE_DEFAULTS)
    if not said["workloads"]:
        faults.append("Name at least one workload that it concerns.")
    faults += [
        f"No workload is called {missing!r}."
        for missing in said["workloads"]
        if missing not in workloads
    ]
    if not _is_day(said["taken"]):
        faults.append(f"taken {said['taken']!r} is no day; write it as 2025-03-15.")
    if not str(said["done"] or "").strip():
        faults.append("Say what was done.")
    if said["of"] not in MEASURES:
        faults.append(f"of {said['of']!r} is none of {', '.join(MEASURES)}.")
    stated = [field for field in ("expected_share", "expected_kg") if said[field] is not None]
    if len(stated) != 1:
        faults.append("State what was expected, either as a share or as an amount a year.")
    faults += [
        f"{field} {said[field]!r} is no number." for field in stated if not _is_number(said[field])
    ]
    share = said["expected_share"]
    if _is_number(share) and share <= -1:
        faults.append(f"An expected change of {share:.0%} would leave nothing; it is above -100 %.")
    if said["scenario"] is not None and said["scenario"] not in scenarios:
        faults.append(f"No scenario is called {said['scenario']!r}; save it in What-if first.")
    return faults


def _unknown(name: str, kind: str, said: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    faults = [] if name.strip() else [f"A {kind} needs a name; give it one."]
    return faults + [
        f"{field!r} is nothing that a {kind} states; it states {', '.join(known)}."
        for field in said
        if field not in known
    ]


def _of_base(said: Mapping[str, Any], months: Sequence[str]) -> list[str]:
    first, last, until = said["base_from"], said["base_to"], said["until"]
    faults = []
    if _is_month(first) and _is_month(last):
        if last < first:
            faults.append(f"The base period ends ({last}) before it begins ({first}).")
        elif not any(first <= month <= last for month in months):
            there = f"{months[0]} to {months[-1]}" if months else "none yet"
            faults.append(
                f"No activity lies in the base period {first} to {last}; there is: {there}."
            )
        elif (int(last[:4]) - int(first[:4])) * 12 + int(last[5:7]) - int(first[5:7]) >= 12:
            faults.append("The base period is longer than twelve months; choose one year.")
    if _is_month(last) and _is_month(until) and until <= last:
        faults.append(
            f"The target's month {until} is not after the base period, which ends {last}."
        )
    return faults


def _of_level(said: Mapping[str, Any]) -> list[str]:
    reduction, level = said["reduction"], said["level"]
    if (reduction is None) == (level is None):
        return ["State what is to be reached, either as a reduction or as a level."]
    if level is not None:
        wrong = not _is_number(level) or level < 0
        return [f"The level {level!r} is no amount of 0 or more."] if wrong else []
    wrong = not _is_number(reduction) or not 0 < reduction <= 1
    return [f"The reduction {reduction!r} is no share above 0 and up to 1."] if wrong else []


def _is_month(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(_MONTH, value) is not None


def _is_day(value: Any) -> bool:
    try:
        dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return len(value) == len("2025-03-15")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
