"""Who changed what of a workload, and when, from the event log."""

import json
from typing import Any, Final

import polars as pl

from carbon.inventory.edits import as_text
from carbon.inventory.fields import STATED

HISTORY: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "sequence": pl.Int64,
    "at": pl.Datetime("us", "UTC"),
    "who": pl.String,
    "action": pl.String,
    "workload": pl.String,
    "field": pl.String,
    "before": pl.String,
    "after": pl.String,
}
"""Columns of the history."""


def history(events: pl.DataFrame, workload: str | None = None) -> pl.DataFrame:
    """Each field of a workload that a statement changed, the latest first.

    Args:
        events: `Event` rows; those whose `before` or `after` is a statement on a workload count.
        workload: one workload; None: all of them.

    Returns:
        The columns of HISTORY. `before` null: nothing was stated; `after` null: it was taken back;
        `field` null: the workload itself was added or deleted, as `action` says.
    """
    spoken = pl.any_horizontal(
        pl.col(side).str.contains('"workload_id"', literal=True).fill_null(False)
        for side in ("before", "after")
    )
    stated = events.filter(spoken)
    if workload is not None:
        stated = stated.filter(pl.col("object") == workload)
    rows = [row for event in stated.to_dicts() for row in _of(event)]
    return pl.DataFrame(rows, schema=HISTORY, orient="row").sort(
        "sequence", descending=True, maintain_order=True
    )


def _of(event: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The changes of one event, field by field."""
    before, after = (_statement(event[side]) for side in ("before", "after"))
    if before is None and after is None:
        return []
    who = (event["sequence"], event["at"], event["who"], event["action"], event["object"])
    fields = [
        (*who, field, *(as_text(field, (side or {}).get(field)) for side in (before, after)))
        for field in STATED
        if (before or {}).get(field) != (after or {}).get(field)
    ]
    whole = [(*who, None, None, None)] if event["action"] != "edit" else []
    return whole if after is None else [*whole, *fields]


def _statement(text: str | None) -> dict[str, Any] | None:
    value = json.loads(text) if text else None
    return value if isinstance(value, dict) and "workload_id" in value else None
