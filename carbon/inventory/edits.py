"""What an analyst states about workloads, checked before it is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from carbon.schema import (
    LIFECYCLES,
    WORKLOAD_NUMBERS,
    WORKLOAD_STATED_COLUMNS,
    WORKLOAD_TEXT_COLUMNS,
    Workload,
)

EDITABLE = (
    "name",
    *WORKLOAD_TEXT_COLUMNS,
    *WORKLOAD_STATED_COLUMNS,
    "in_scope",
    "boundary_reason",
)
"""Columns of the inventory that an analyst may state."""


class EditError(ValueError):
    """A statement that cannot be kept; names the workload, the column and the remedy."""


def apply_edits(
    inventory: pl.DataFrame, stated: pl.DataFrame, changes: Sequence[Mapping[str, Any]]
) -> pl.DataFrame:
    """The statements on workloads after some changes.

    A blank text takes the statement back, so that what the sources say shows again.

    Args:
        inventory: the AI inventory as shown (`workload_id`, `in_scope`, `boundary_reason`).
        stated: earlier statements, `Workload` rows, one per workload.
        changes: one mapping a workload: `workload_id` and the columns to set.

    Returns:
        Whole `Workload` rows of the changed workloads.

    Raises:
        EditError: an unknown workload or column, an unknown lifecycle, or a workload that is put
            inside or outside the boundary without a reason.
    """
    shown = {row["workload_id"]: row for row in inventory.iter_rows(named=True)}
    before = {row["workload_id"]: row for row in stated.iter_rows(named=True)}
    rows = []
    for change in changes:
        workload = str(change.get("workload_id") or "")
        if workload not in shown:
            raise EditError(f"No workload is called '{workload}'. Import its activity first.")
        blank: dict[str, Any] = dict.fromkeys(Workload.column_names())
        row = {**blank, "workload_id": workload, **before.get(workload, {})}
        for column, value in change.items():
            if column != "workload_id":
                row[column] = _checked(workload, column, value)
        _reasoned(row, shown[workload])
        rows.append(row)
    return pl.DataFrame(
        rows, schema={name: column.dtype for name, column in Workload.columns().items()}
    )


def _checked(workload: str, column: str, value: Any) -> Any:
    if column not in EDITABLE:
        raise EditError(f"Workload '{workload}' has no column '{column}' that can be edited.")
    if column == "in_scope":
        return None if value is None else bool(value)
    text = None if value is None else str(value).strip() or None
    if column == "lifecycle" and text is not None and text not in LIFECYCLES:
        raise EditError(
            f"Workload '{workload}': lifecycle '{text}' is not known; "
            f"use one of {', '.join(LIFECYCLES)}."
        )
    if column in WORKLOAD_NUMBERS and text is not None:
        return _number(workload, column, text)
    return text


def _number(workload: str, column: str, text: str) -> str:
    """The text of a number of 0 or more, as a person writes it: `1 000` is 1000."""
    plain = "".join(text.split()).replace("_", "")
    try:
        value = float(plain)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise EditError(
            f"Workload '{workload}': {column.replace('_', ' ')} '{text}' is not a number of 0 or "
            "more; write it as 1000 or 0.24."
        )
    return plain


def _reasoned(row: Mapping[str, Any], shown: Mapping[str, Any]) -> None:
    """A boundary decision needs its reason: an auditor asks for it."""
    decided = row["in_scope"] is not None and row["in_scope"] != shown["in_scope"]
    if decided and not row["boundary_reason"]:
        side = "inside" if row["in_scope"] else "outside"
        raise EditError(
            f"Workload '{row['workload_id']}' is put {side} the boundary without a reason. "
            "Write one under 'Boundary reason'."
        )
