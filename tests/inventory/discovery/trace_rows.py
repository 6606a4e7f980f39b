"""Traces by hand."""

import datetime as dt
from typing import Any

from carbon.inventory.discovery.traces import Trace
from carbon.inventory.discovery.words import ids_of


def day(number: int) -> dt.datetime:
    return dt.datetime(2026, 9, number, tzinfo=dt.UTC)


def trace(reference: str, *, names: tuple[str, ...] = (), **columns: Any) -> Trace:
    """A trace; `said` may be given column by column, and its ids follow from its names."""
    said = {
        column: columns.pop(column)
        for column in ("provider", "account", "region", "site", "instance_type", "owner")
        if column in columns
    }
    whole = {
        "source": reference.partition(":")[0],
        "sighted_as": "machine",
        "name": reference,
        "says": "it is there",
        "evidence_id": "e" * 64,
        "row_number": 1,
        "said": said,
        "names": names,
        "ids": ids_of(*names),
        "first": day(1),
        "last": day(30),
        **columns,
    }
    return Trace(reference=reference, **whole)


def bill(reference: str = "billing:kind/a", **columns: Any) -> Trace:
    """Unclaimed activity of a bill."""
    return trace(reference, **{"rows": 1, "provider": "aws", "region": "us-west-2", **columns})


def declared(reference: str = "terraform:aws_instance.a", **columns: Any) -> Trace:
    """What a configuration declares."""
    return trace(
        reference, **{"declared": True, "provider": "aws", "region": "us-west-2", **columns}
    )


def named(workload: str, source: str = "billing", **columns: Any) -> Trace:
    """A workload's own activity."""
    return trace(
        f"{source}:workload/{workload}",
        **{"name": workload, "workload": workload, "claimed": True, "rows": 1, **columns},
    )
