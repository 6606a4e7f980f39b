"""A trace: what one system shows of one thing that is, or serves, AI."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import polars as pl

from carbon.inventory.assignment.rules import Condition
from carbon.inventory.discovery.words import (
    CLUSTERS,
    LABELS,
    OWNERS,
    all_of,
    first_of,
    ids_of,
    source_of,
    tags_of,
)

TENANTS: Final = ("job", "endpoint", "experiment", "service")
"""Kinds of things that are work; the others (machine, cluster, device) are what work runs on."""

SAID: Final = (
    *("model", "lifecycle", "project", "business_unit", "owner", "provider", "account"),
    *("region", "zone", "site", "service", "instance_type", "accelerator", "accelerator_count"),
)
"""What a trace may say of its workload."""


@dataclass(frozen=True)
class Trace:
    """What one system shows of one thing.

    Attributes:
        source: the system, as `terraform` or `billing`.
        reference: its address in that system; the same whenever it is seen again.
        sighted_as: one of SIGHTED_AS.
        name: name that a person would know it by.
        says: what the system says, in words.
        evidence_id, row_number: where it stands.
        said: the columns of SAID that the system states.
        workload: the workload that claims its activity, or that the source names.
        claimed: whether that workload is in the inventory by this trace's own activity.
        by_rule: whether rules of assignment alone make it so.
        declared: whether it is from a file that lists what exists, and bears no activity.
        generic: whether the name only says what kind of thing it is.
        names: names that the file lists, as they are written.
        ids: names of machines, nodes and resources, as other systems may spell them.
        runs: ids of runs.
        groups: clusters and scaling groups.
        labels: what people wrote that it is for.
        conditions: what its activity has in common, as conditions of a rule.
        general: whether the conditions name a whole account or service.
        first, last: the time that it spans, exclusive.
        rows: rows of activity [1].
        kwh, kg: facility energy [kWh] and location-based emissions [kgCO2e]; None: not known.
        cost: currency -> amount.
        state: running, planned, stopped or destroyed, where the source says.
    """

    source: str
    reference: str
    sighted_as: str
    name: str
    says: str
    evidence_id: str
    row_number: int
    said: Mapping[str, Any] = field(default_factory=dict)
    workload: str | None = None
    claimed: bool = False
    by_rule: bool = False
    declared: bool = False
    generic: bool = False
    names: tuple[str, ...] = ()
    ids: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    conditions: tuple[Condition, ...] = ()
    general: bool = False
    first: datetime | None = None
    last: datetime | None = None
    rows: int = 0
    kwh: float | None = None
    kg: float | None = None
    cost: Mapping[str, float] = field(default_factory=dict)
    state: str | None = None
    owner_why: str | None = None

    @property
    def is_tenant(self) -> bool:
        """Whether it is work, and not what work runs on."""
        return self.sighted_as in TENANTS

    @property
    def unclaimed(self) -> bool:
        """Whether it bears activity that nobody claims."""
        return self.rows > 0 and not self.claimed


def of_sightings(sightings: pl.DataFrame) -> tuple[Trace, ...]:
    """Traces of files that list what exists.

    Args:
        sightings: `Sighting` rows that count.
    """
    ordered = sightings.sort("format", "reference", "evidence_id", "row_number")
    return tuple(_of_sighting(row) for row in ordered.iter_rows(named=True))


def _of_sighting(row: Mapping[str, Any]) -> Trace:
    tags = tags_of(row["tags"])
    names = _names(row["names"])
    owner = first_of(tags, OWNERS)
    name = row["name"] or (first_of(tags, LABELS) or (None, row["reference"]))[1]
    said = {column: row[column] for column in SAID if row.get(column) is not None}
    if owner and "owner" not in said:
        said["owner"] = owner[1]
    return Trace(
        source=source_of(row["format"]),
        reference=f"{source_of(row['format'])}:{_place(row)}{row['reference']}",
        sighted_as=row["sighted_as"],
        name=name,
        says=row["why"],
        evidence_id=row["evidence_id"],
        row_number=row["row_number"],
        said=said,
        workload=row["workload"],
        declared=True,
        names=names,
        ids=ids_of(*names, row["name"]),
        groups=all_of(tags, CLUSTERS),
        labels=all_of(tags, LABELS),
        first=row["first_seen"],
        last=row["last_seen"],
        state=row["state"],
        owner_why=f"tag {owner[0]}" if owner else "the file says so" if row["owner"] else None,
    )


def _place(row: Mapping[str, Any]) -> str:
    """Two configurations may hold the same address; where it stands tells them apart."""
    return "/".join(row[part] or "" for part in ("account", "region")).strip("/") + "/"


def _names(text: str | None) -> tuple[str, ...]:
    try:
        names = json.loads(text or "[]")
    except ValueError:
        return ()
    return tuple(str(name) for name in names) if isinstance(names, list) else ()


def agreed(values: Iterable[Any]) -> Any:
    """The one value that all who state any agree on; None where they differ."""
    stated = {value for value in values if value is not None}
    return stated.pop() if len(stated) == 1 else None
