"""Activity and rules by hand, and what `assign` comes to in plain Python, slow and obvious."""

import datetime as dt
import json
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

import polars as pl

from carbon.inventory.assignment.rules import NUMBER_COLUMNS, Rule, rule_from
from carbon.schema import Activity


def moment(day: int) -> dt.datetime:
    """Noon or midnight of a day counted from 1 January 2025; .5 is noon."""
    return dt.datetime(2025, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=day)


def row(number: int = 2, **columns: Any) -> dict[str, Any]:
    return {
        "evidence_id": "e" * 64,
        "row_number": number,
        "format": "activity-template",
        "key": "k",
        "superseded_in_file": False,
        "period_start": moment(0),
        "period_end": moment(31),
        "quantity_kind": "energy_it_kwh",
        "quantity": 100.0,
        **columns,
    }


def activity(*rows: dict[str, Any]) -> pl.DataFrame:
    shape = Activity.create_empty()
    blank = dict.fromkeys(shape.columns)
    return Activity.validate(pl.DataFrame([{**blank, **each} for each in rows], shape.schema))


def rule(column: str, op: str, *values: str, to: Any = "w", **more: Any) -> Rule:
    """A rule of one condition; `to` is a workload, or the share of each."""
    shares = {to: 1.0} if isinstance(to, str) else to
    return rule_from(
        {
            "name": "r",
            "conditions": [{"column": column, "op": op, "values": values}],
            "shares": [{"workload": name, "share": share} for name, share in shares.items()],
            **more,
        }
    ).with_id()


Part = tuple[int, str | None, dt.datetime, dt.datetime, float, float, str | None]


def by_hand(rows: list[dict[str, Any]], rules: list[Rule]) -> list[Part]:
    """(row_number, workload, start, end, quantity, share, rule) of every part, sorted.

    Every row is cut at every date of every rule, each piece asks the rules in their order, and
    neighbours with the same answer are put together again.
    """
    parts: list[Part] = []
    for each in rows:
        start, end = each["period_start"], each["period_end"]
        cuts = {start, end}
        for one in rules:
            for day in (one.effective_from, one.effective_to):
                at = day and dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
                if at and start < at < end:
                    cuts.add(at)
        pieces: list[list[Any]] = []
        for first, last in pairwise(sorted(cuts)):
            winner = next((one for one in rules if one.enabled and _wins(one, each, first)), None)
            if pieces and pieces[-1][2] is winner:
                pieces[-1][1] = last
            else:
                pieces.append([first, last, winner])
        for first, last, winner in pieces:
            quantity = each["quantity"] * ((last - first) / (end - start))
            left = 1.0
            for share in winner.shares if winner else ():
                name = (each["row_number"], share.workload, first, last, quantity)
                parts.append((*name, share.share, winner.rule_id))
                left -= share.share
            if left > 1e-9:
                name = (each["row_number"], each.get("workload"), first, last, quantity)
                parts.append((*name, left, None))
    return sorted(parts, key=str)


def _wins(one: Rule, each: dict[str, Any], at: dt.datetime) -> bool:
    day = at.date()
    return (
        (one.takes == "any" or each.get("workload") is None)
        and (one.effective_from is None or day >= one.effective_from)
        and (one.effective_to is None or day < one.effective_to)
        and all(_holds(condition, each) for condition in one.conditions)
    )


def _holds(condition: Any, each: dict[str, Any]) -> bool:
    if condition.column.startswith("tag:"):
        tags = json.loads(each.get("tags") or "{}")
        value = tags.get(condition.column.removeprefix("tag:"))
    else:
        value = each.get(condition.column)
    if condition.column in NUMBER_COLUMNS:
        if value is None:
            return False
        bounds = [float(text) for text in condition.values]
        return value >= min(bounds) if condition.op == "at_least" else value < max(bounds)
    fits = {
        "is": lambda: value in condition.values,
        "like": lambda: (
            value is not None
            and any(fnmatchcase(value.lower(), text.lower()) for text in condition.values)
        ),
        "present": lambda: value is not None,
    }
    opposite = {"is_not": "is", "not_like": "like", "absent": "present"}
    if condition.op in opposite:
        return not fits[opposite[condition.op]]()
    return fits[condition.op]()
