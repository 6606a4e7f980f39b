"""What an analyst states about workloads, checked as a whole before any of it is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from carbon.inventory import checks
from carbon.inventory.checks import CellError, CellProblem
from carbon.inventory.fields import KINDS, STATED
from carbon.inventory.known import Known
from carbon.schema import Workload

CHANGES = {
    "workload": pl.String,
    "field": pl.String,
    "before": pl.String,
    "after": pl.String,
}
"""Columns of a list of changes: of which workload, which field, and its text before and after."""


@dataclass(frozen=True)
class Edited:
    """What some changes come to; nothing of it is kept by itself.

    Attributes:
        rows: whole `Workload` rows of the workloads that change.
        changes: the columns of CHANGES, as a reader of the inventory sees them.
        problems: why it cannot be kept; empty where it can.
        new: workloads that nobody named before, sorted.
    """

    rows: pl.DataFrame
    changes: pl.DataFrame
    problems: tuple[CellProblem, ...]
    new: tuple[str, ...] = ()


def edited(
    inventory: pl.DataFrame,
    stated: pl.DataFrame,
    changes: Sequence[Mapping[str, Any]],
    *,
    known: Known,
    today: str,
    may_add: bool = False,
) -> Edited:
    """What some changes to the inventory come to, and everything that is wrong with them.

    A blank takes a statement back, so that what the sources say shows again. A decision on the
    boundary is of `today` where it does not say of which day it is.

    Args:
        inventory: the AI inventory as shown.
        stated: earlier statements, `Workload` rows, one per workload.
        changes: one mapping a workload: `workload_id` and the columns to set.
        known: grid zones, providers and their regions.
        today: the day of the decision, YYYY-MM-DD.
        may_add: whether a workload that nobody named is added; else it is a problem.
    """
    shown = {row["workload_id"]: row for row in inventory.iter_rows(named=True)}
    before = {row["workload_id"]: row for row in stated.iter_rows(named=True)}
    blank: dict[str, Any] = dict.fromkeys(Workload.column_names())
    rows: dict[str, dict[str, Any]] = {}
    problems: list[CellProblem] = []
    new = set()
    for change in changes:
        workload = str(change.get("workload_id") or "").strip()
        if workload not in shown:
            wrong = checks.name(workload) or (None if may_add else _unknown(workload, shown))
            if wrong:
                problems.append(CellProblem(workload, None, None, wrong))
                continue
            new.add(workload)
        row = rows.get(workload) or {**blank, **before.get(workload, {}), "workload_id": workload}
        now = shown.get(workload, blank)
        rows[workload] = row
        problems += _set(row, now, change, known, today)
    kept = [row for name, row in rows.items() if name in new or _fields(row, before.get(name))]
    return Edited(
        rows=_frame(kept),
        changes=_changes(kept, before, shown),
        problems=tuple(problems),
        new=tuple(sorted(new)),
    )


def _set(
    row: dict[str, Any],
    shown: Mapping[str, Any],
    change: Mapping[str, Any],
    known: Known,
    today: str,
) -> list[CellProblem]:
    """Set the cells of one workload in place; what is wrong with them."""
    workload = row["workload_id"]
    problems: list[CellProblem] = []
    earlier = row["in_scope"]
    for column, value in change.items():
        if column == "workload_id":
            continue
        try:
            row[column] = checks.checked(column, value, known)
        except CellError as error:
            written = None if value is None else str(value)
            problems.append(CellProblem(workload, column, written, str(error)))
    merged = {
        name: row[name] if row[name] is not None else shown.get(name)
        for name in ("provider", "region", "parameters", "active_parameters")
    }
    if {"provider", "region"} & set(change):
        region, wrong = checks.placed(merged, known)
        if wrong:
            problems.append(CellProblem(workload, "region", merged["region"], wrong))
        elif row["region"] is not None:
            row["region"] = region
    if {"parameters", "active_parameters"} & set(change):
        wrong = checks.parameters(merged)
        if wrong:
            problems.append(
                CellProblem(workload, "active_parameters", merged["active_parameters"], wrong)
            )
    return problems + _decision(row, earlier, shown, change, today)


def _decision(
    row: dict[str, Any],
    earlier: bool | None,
    shown: Mapping[str, Any],
    change: Mapping[str, Any],
    today: str,
) -> list[CellProblem]:
    """A boundary decision needs its reason and its day: an auditor asks for both."""
    if "in_scope" in change and row["in_scope"] is None:
        row["boundary_decided_on"] = None
        if "boundary_reason" not in change:
            row["boundary_reason"] = None
        return []
    decided = row["in_scope"] is not None and row["in_scope"] != shown.get("in_scope")
    if not decided:
        return []
    if not change.get("boundary_decided_on"):
        row["boundary_decided_on"] = today or None
    if earlier is not None and "boundary_reason" not in change:
        # A reason that stood for the other decision does not explain this one.
        row["boundary_reason"] = None
    if row["boundary_reason"]:
        return []
    side = "inside" if row["in_scope"] else "outside"
    reason = f"it is put {side} the boundary without a reason. Write one under 'Reason'."
    return [CellProblem(row["workload_id"], "boundary_reason", None, reason)]


def _unknown(workload: str, shown: Mapping[str, Any]) -> str:
    return f"no workload is called '{workload}'. Import its activity first, or add it by hand" + (
        ", and confirm that it is new." if shown else "."
    )


def _fields(row: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[str]:
    """The fields that a row states otherwise than the statement that stands."""
    earlier = before or {}
    return [field for field in STATED if row[field] != earlier.get(field)]


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema={name: column.dtype for name, column in Workload.columns().items()}
    )


def _changes(
    rows: list[dict[str, Any]],
    stated: Mapping[str, Mapping[str, Any]],
    shown: Mapping[str, Mapping[str, Any]],
) -> pl.DataFrame:
    """What changes for a reader; `after` is null where a statement is taken back."""
    found = []
    for row in rows:
        workload = row["workload_id"]
        now = shown.get(workload, {})
        for field in _fields(row, stated.get(workload)):
            before, after = as_text(field, now.get(field)), as_text(field, row[field])
            if before != after:
                found.append((workload, field, before, after))
    return pl.DataFrame(found, schema=CHANGES, orient="row")


def as_text(field: str, value: Any) -> str | None:
    """A cell as text: yes or no for the boundary."""
    if value is None:
        return None
    if KINDS.get(field) == "yes_no":
        return "yes" if value else "no"
    return str(value)
