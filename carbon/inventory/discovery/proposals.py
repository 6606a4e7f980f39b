"""Proposals: what sources show, put together, with what an analyst may make of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from carbon.inventory.discovery.clusters import GROUP, Group, Maybe, groups
from carbon.inventory.discovery.decided import Decided, with_decisions, workloads_of
from carbon.inventory.discovery.matching import Link, links
from carbon.inventory.discovery.proposal import KINDS, STATUSES, Proposal, identity, made, title
from carbon.inventory.discovery.traces import Trace
from carbon.inventory.discovery.words import BY_HAND

GONE: Final = "destroyed"
"""The state of what exists no more: it is not proposed."""


def proposals(
    traces: Sequence[Trace],
    confirmed: Iterable[str],
    decided: Sequence[Decided],
    files: Mapping[str, str],
) -> tuple[Proposal, ...]:
    """What the sources propose, and what was decided on.

    Args:
        traces: of files and of activity.
        confirmed: workloads of which an analyst stated something.
        decided: decisions that stand, as `decisions_of` gives them.
        files: evidence_id -> name of the file.

    Returns:
        Open proposals first, by kind, then by energy; then decided ones.
    """
    there = [trace for trace in traces if trace.state != GONE]
    found = links(there)
    grouped = groups(there, found, workloads_of(decided))
    seen = _Seen(
        named=_by_workload(there),
        of_workload={group.workload: group for group in grouped if group.workload},
        pairs=_pairs(there, found),
        groups={trace.reference: group for group in grouped for trace in group.traces},
        files=files,
    )
    known = {*confirmed, *(str(each.row["workload"]) for each in decided)}
    of_known = [_of_workload(name, seen) for name in sorted({*seen.named, *seen.of_workload})]
    every = [
        *(_new(group, seen) for group in grouped if not group.workload),
        *(p for p in of_known if p.kind == "match" or p.workload not in known),
        *(_merge(pair, link, seen) for pair, link in seen.pairs.items() if link.strong),
    ]
    return _in_order(with_decisions([each for each in every if each.sources], decided))


@dataclass(frozen=True)
class _Seen:
    """What proposals are made of.

    Attributes:
        named: workload -> traces of its own activity.
        of_workload: workload -> what else is of it.
        pairs: two named workloads -> the strongest evidence that they are one.
        groups: reference of a trace -> the group that it is of.
        files: evidence_id -> name of the file.
    """

    named: Mapping[str, tuple[Trace, ...]]
    of_workload: Mapping[str, Group]
    pairs: Mapping[tuple[str, str], Link]
    groups: Mapping[str, Group]
    files: Mapping[str, str]


def _by_workload(traces: Sequence[Trace]) -> dict[str, tuple[Trace, ...]]:
    named: dict[str, list[Trace]] = {}
    for trace in traces:
        if trace.claimed:
            named.setdefault(str(trace.workload), []).append(trace)
    return {name: tuple(some) for name, some in named.items()}


def _pairs(traces: Sequence[Trace], found: Sequence[Link]) -> dict[tuple[str, str], Link]:
    """Two named workloads -> the strongest evidence that they are one."""
    best: dict[tuple[str, str], Link] = {}
    for link in found:
        one, other = traces[link.left], traces[link.right]
        if one.claimed and other.claimed:
            low, high = sorted((str(one.workload), str(other.workload)))
            if (low, high) not in best or link.score > best[(low, high)].score:
                best[(low, high)] = link
    return dict(sorted(best.items()))


def _new(group: Group, seen: _Seen) -> Proposal:
    name = title(group.traces)
    if name in seen.named:  # alike in name only, or it would be part of that workload
        where = next((t.said.get("account") or t.said.get("site") for t in group.traces), None)
        name = f"{name} ({where or group.traces[0].source})"
    return replace(
        made("new", name, group.traces, seen.files),
        proposal_id=identity(group.traces[0].reference),
        why=group.why,
        score=group.score,
        matches=_matches(group.maybe, seen),
    )


def _of_workload(workload: str, seen: _Seen) -> Proposal:
    """What sources say of a workload that is known: its own activity, and what belongs to it."""
    claimed, group = seen.named.get(workload, ()), seen.of_workload.get(workload)
    own = [t for t in claimed if t.source not in BY_HAND and not t.by_rule]
    whole = (
        made("match", workload, (*group.traces, *claimed), seen.files)
        if group
        else made("known", workload, own, seen.files)
    )
    also = [
        {"workload": other, "score": link.score, "why": list(link.why)}
        for pair, link in seen.pairs.items()
        if workload in pair and not link.strong
        for other in pair
        if other != workload
    ]
    return replace(
        whole,
        proposal_id=identity(f"workload/{workload}"),
        why=group.why if group else (),
        score=group.score if group else 1.0,
        matches=(*also, *_matches(group.maybe if group else (), seen)),
        references=tuple(sorted({*whole.references, f"workload/{workload}"})),
    )


def _merge(pair: tuple[str, str], link: Link, seen: _Seen) -> Proposal:
    """Two workloads that look like one: the one with more energy stays."""
    energy = {name: sum(trace.kwh or 0.0 for trace in seen.named[name]) for name in pair}
    stays, goes = sorted(pair, key=lambda name: (-energy[name], name))
    reference = "merge/" + "/".join(pair)
    traces = (*seen.named[stays], *seen.named[goes])
    return replace(
        made("merge", stays, traces, seen.files),
        # Names that people wrote down may be two of one thing as well.
        sources=tuple(sorted({trace.source for trace in traces})),
        proposal_id=identity(reference),
        title=f"{stays} and {goes}",
        other=goes,
        why=link.why,
        score=link.score,
        references=(reference,),
    )


def _matches(maybe: Sequence[Maybe], seen: _Seen) -> tuple[dict[str, Any], ...]:
    found = []
    for each in maybe:
        what, name = each.owner
        if what == GROUP:
            traces = seen.groups[name].traces
            other = {"proposal": identity(traces[0].reference), "title": title(traces)}
        else:
            other = {"workload": name}
        found.append({**other, "score": each.score, "why": list(each.why)})
    return tuple(found)


def _in_order(every: Sequence[Proposal]) -> tuple[Proposal, ...]:
    return tuple(
        sorted(
            every,
            key=lambda p: (
                STATUSES.index(p.status),
                KINDS.index(p.kind),
                -(p.unclaimed_kwh or 0.0),
                -(p.energy_kwh or 0.0),
                p.title,
                p.proposal_id,
            ),
        )
    )
