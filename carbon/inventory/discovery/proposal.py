"""A proposal: something that looks like one workload, and what its sources say of it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from carbon.inventory.discovery.traces import Trace
from carbon.inventory.discovery.words import BY_HAND, COMMON
from carbon.schema import WORKLOAD_TEXT_COLUMNS

KINDS: Final = ("new", "match", "merge", "known")
"""What is new; what belongs to a workload that is known; two workloads that look like one; and a
workload that sources name and nobody confirmed. In the order in which they want a decision."""

STATUSES: Final = ("open", "accepted", "merged", "ignored")

PROPOSED: Final = (*WORKLOAD_TEXT_COLUMNS, "zone")
"""Metadata that a proposal may bring."""


_HOST: Final = re.compile(r"^(ip-\d|i-[0-9a-f]+$|.*\.internal$)")
"""Names that machines are given, by which nobody calls them."""


@dataclass(frozen=True)
class Proposal:
    """Something that looks like one workload.

    Attributes:
        proposal_id: the same whenever the same sources are looked at again.
        kind: one of KINDS.
        status: one of STATUSES.
        title: what a person would call it.
        workload: the workload that it would become, or that it belongs to.
        other: of a merge, the workload that would go into `workload`.
        metadata: columns of PROPOSED that its sources state.
        sources: the systems that show it, sorted.
        evidence: source, reference, file, row, says and state of each trace.
        why: why its sources are taken for one, in words.
        score: how sure that is [1].
        matches: workload or proposal that it may also be, score [1] and why, likeliest first.
        energy_kwh: facility energy of its activity [kWh]; None: not known.
        unclaimed_kwh: that which no workload claims [kWh]; 0: nothing is left, None: not known.
        cost: currency -> amount, of what no workload claims.
        unclaimed_rows: rows of activity that no workload claims [1].
        first, last: the time that its sources span.
        owner_why: where the owner is from.
        note: what happened to it since it was decided on.
        decided: decision, workload, reason, who and at; None while nobody decided.
        references: the addresses of its traces, and of its workload.
        traces: what it is made of.
    """

    proposal_id: str
    kind: str
    status: str
    title: str
    workload: str
    other: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    evidence: tuple[Mapping[str, Any], ...] = ()
    why: tuple[str, ...] = ()
    score: float = 1.0
    matches: tuple[Mapping[str, Any], ...] = ()
    energy_kwh: float | None = None
    unclaimed_kwh: float | None = None
    cost: Mapping[str, float] = field(default_factory=dict)
    unclaimed_rows: int = 0
    first: datetime | None = None
    last: datetime | None = None
    owner_why: str | None = None
    note: str | None = None
    decided: Mapping[str, Any] | None = None
    references: tuple[str, ...] = ()
    traces: tuple[Trace, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The proposal as JSON takes it."""
        shallow = {name: getattr(self, name) for name in self.__dataclass_fields__}
        del shallow["traces"]
        plain = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in shallow.items()
        }
        for name in ("first", "last"):
            plain[name] = f"{plain[name]:%Y-%m-%dT%H:%M:%SZ}" if plain[name] else None
        return plain


def identity(reference: str) -> str:
    """The id of a proposal that is known by a reference."""
    return "proposal-" + hashlib.sha256(reference.encode()).hexdigest()[:10]


def made(kind: str, name: str, traces: Sequence[Trace], files: Mapping[str, str]) -> Proposal:
    free = [trace for trace in traces if trace.unclaimed]
    known = [trace.kwh for trace in traces if trace.kwh is not None]
    open_kwh = [trace.kwh for trace in free if trace.kwh is not None]
    cost: dict[str, float] = {}
    for trace in free:
        for currency, amount in trace.cost.items():
            cost[currency] = cost.get(currency, 0.0) + amount
    return Proposal(
        proposal_id="",
        kind=kind,
        status="open",
        title=name,
        workload=name,
        metadata=_metadata(traces),
        sources=tuple(sorted({trace.source for trace in traces} - set(BY_HAND))),
        evidence=tuple(_evidence(trace, files) for trace in traces),
        energy_kwh=sum(known) if known else None,
        unclaimed_kwh=sum(open_kwh) if open_kwh else None if free else 0.0,
        cost=dict(sorted(cost.items())),
        unclaimed_rows=sum(trace.rows for trace in free),
        first=min((trace.first for trace in traces if trace.first), default=None),
        last=max((trace.last for trace in traces if trace.last), default=None),
        owner_why=next((t.owner_why for t in traces if t.said.get("owner")), None),
        references=tuple(sorted(trace.reference for trace in traces)),
        traces=tuple(traces),
    )


def _metadata(traces: Sequence[Trace]) -> dict[str, str]:
    found: dict[str, str] = {}
    for column in PROPOSED:
        values = [trace.said[column] for trace in traces if trace.said.get(column) is not None]
        if not values:
            continue
        if column == "accelerator_count":
            found[column] = f"{max(values):g}"
        else:
            found[column] = str(values[0])
    return found


def _evidence(trace: Trace, files: Mapping[str, str]) -> dict[str, Any]:
    return {
        "source": trace.source,
        "reference": trace.reference.partition(":")[2],
        "file": files.get(trace.evidence_id, trace.evidence_id[:12]),
        "row": trace.row_number,
        "says": trace.says,
        "name": trace.name,
        "state": trace.state,
        "energy_kwh": trace.kwh,
        "activity": trace.rows > 0,
    }


def title(traces: Sequence[Trace]) -> str:
    """The name that a workload of these traces would get: a stated one, else that of the work on
    it, else that of its cluster or machine."""
    stated = sorted({trace.workload for trace in traces if trace.workload})
    if stated:
        return stated[0]
    work = [trace.name for trace in traces if trace.is_tenant]
    clusters = [trace.name for trace in traces if trace.sighted_as == "cluster"]
    names = [*work, *clusters, *(trace.name for trace in traces)]
    telling = (n for n in names if not _HOST.match(n) and n.casefold() not in COMMON)
    return next(telling, names[0])
