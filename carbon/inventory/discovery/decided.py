"""What analysts decided on proposals, and what came since."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from carbon.inventory.discovery.proposal import Proposal


@dataclass(frozen=True)
class Decided:
    """The last decision on a proposal, as the ledger keeps it.

    Attributes:
        row: columns of `Decision`, with at as text.
        proposal: the proposal as it was decided on.
    """

    row: Mapping[str, Any]
    proposal: Mapping[str, Any]

    @property
    def references(self) -> frozenset[str]:
        return frozenset(self.proposal.get("references") or ())


def decisions_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Decided, ...]:
    """Decisions that stand, the latest last; what was opened again is as if never decided."""
    ordered = sorted(rows, key=lambda row: row["sequence"])
    return tuple(
        Decided(row, json.loads(row["proposal"]))
        for row in ordered
        if row["decision"] != "reopened"
    )


def workloads_of(decided: Sequence[Decided]) -> dict[str, str]:
    """Reference of a trace -> workload that it was accepted or merged as."""
    return {
        reference: str(each.row["workload"])
        for each in decided
        if each.row["decision"] in ("accepted", "merged") and each.row["workload"]
        for reference in each.references
        if each.proposal.get("kind") != "merge"
    }


def with_decisions(every: Sequence[Proposal], decided: Sequence[Decided]) -> list[Proposal]:
    """Each with the latest decision on any of its references; decided ones that nothing shows any
    more stand as they were decided on."""
    found, told = [], set()
    for proposal in every:
        own = [each for each in decided if each.references & set(proposal.references)]
        if not own:
            found.append(proposal)
            continue
        last = own[-1]
        taken = last.row["proposal_id"] not in told
        told.add(last.row["proposal_id"])
        found.append(_after(proposal, last, keep_id=taken))
    gone = [_as_decided(each) for each in decided if each.row["proposal_id"] not in told]
    return [*found, *gone]


def _after(proposal: Proposal, last: Decided, *, keep_id: bool) -> Proposal:
    """A proposal after a decision: it stands, or what came since opens it again."""
    decision = last.row["decision"]
    what = {name: last.row[name] for name in ("decision", "workload", "reason", "who", "at")}
    same = replace(
        proposal,
        proposal_id=last.row["proposal_id"] if keep_id else proposal.proposal_id,
        decided=what,
    )
    since = sorted(set(proposal.references) - last.references)
    if decision == "ignored" and since:
        return replace(same, note=f"It was ignored; since then it is also seen as {since[0]}.")
    if decision != "ignored" and proposal.unclaimed_rows:
        return replace(same, note=f"It was {decision}; since then there is more of its activity.")
    return replace(same, status=decision)


def _as_decided(each: Decided) -> Proposal:
    kept = each.proposal
    names = {f for f in Proposal.__dataclass_fields__ if f not in ("traces", "first", "last")}
    plain = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in kept.items()
        if name in names
    }
    what = {name: each.row[name] for name in ("decision", "workload", "reason", "who", "at")}
    return Proposal(
        **{
            **plain,
            "proposal_id": each.row["proposal_id"],
            "status": each.row["decision"],
            "decided": what,
        }
    )
