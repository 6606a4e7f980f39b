"""The ledger's tables: the schemas of the house, and what the ledger itself adds to them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from carbon.schema import (
    Activity,
    Asset,
    AssignmentRule,
    Correction,
    Decision,
    Discard,
    Evidence,
    Factor,
    Import,
    Instrument,
    OwnReference,
    Plan,
    Quarantine,
    Reported,
    Sighting,
    Weather,
)
from carbon.schema import Workload as WorkloadSchema


def _columns(schema: Any, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    own = {name: column.dtype for name, column in schema.columns().items()}
    return {**own, **{name: dtype for name, dtype in (extra or {}).items() if name not in own}}


TABLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        "imports": _columns(Import),
        "evidence": _columns(Evidence),
        "activity": _columns(Activity),
        "reported": _columns(Reported),
        "instrument": _columns(Instrument),
        "factor": _columns(Factor),
        # What exists and is AI, by systems that know of no energy.
        "sighting": _columns(Sighting),
        # Hardware that was bought.
        "asset": _columns(Asset),
        # Published figures that the user brought.
        "reference": _columns(OwnReference),
        # Temperatures of places, and of a normal year there.
        "weather": _columns(Weather),
        "quarantine": _columns(Quarantine),
        # What users decided on rows that were set aside; see `mending`.
        "correction": _columns(Correction),
        "discard": _columns(Discard),
        # The analyst's statements: whole rows, the latest edit of a workload wins; one that was
        # deleted says so.
        "workload": _columns(WorkloadSchema, {"edit": pl.Int64, "deleted": pl.Boolean}),
        # What analysts decided on proposals, and who owns which activity.
        "decision": _columns(Decision),
        "rule": _columns(AssignmentRule),
        # What is intended about the footprint; it changes no figure.
        "plan": _columns(Plan),
    }
)
"""Table -> its columns and types, in order. Delta refuses Enum, Duration, Time and Null columns;
none of the house's schemas has one."""

ACCEPTED: Final = (
    *("activity", "reported", "instrument", "factor", "sighting", "asset", "reference"),
    "weather",
)
"""Tables whose rows are rows of a file that were taken."""


def shape(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """A frame with exactly the table's columns, in order and type; what it lacks is null."""
    columns = TABLES[table]
    return frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in columns.items()
    )


def empty(table: str) -> pl.DataFrame:
    """The table without rows."""
    return pl.DataFrame(schema=TABLES[table])
