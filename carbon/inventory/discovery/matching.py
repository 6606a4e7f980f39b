"""Which traces are of one thing: evidence of several kinds, each with a weight.

Evidence stands in three families, of which each counts once, by its heaviest piece:

    identity       one run id .98 · one resource, machine or node .95 · one cluster .90
    label          one workload named .95 · one label (app, service, Name) .75 · one address of a
                   configuration .75 · similar names .60 x similarity
    circumstance   the same place and kind of machines, at overlapping times .30

    score = 1 - (1 - identity) x (1 - label) x (1 - circumstance)

From STRONG on, traces are one thing; from SUGGESTED on, they may be, and a person decides. Names
alone never reach STRONG. Traces that state different providers, accounts or regions are of
different things, whatever they are called, unless they name one run or one workload.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from carbon.inventory.discovery.traces import Trace
from carbon.inventory.discovery.words import COMMON, similarity, squashed

STRONG: Final = 0.8
SUGGESTED: Final = 0.3

RUN: Final = 0.98
RESOURCE: Final = 0.95
CLUSTER: Final = 0.90
WORKLOAD: Final = 0.95
LABEL: Final = 0.75
ADDRESS: Final = 0.75
NAME: Final = 0.60
CIRCUMSTANCE: Final = 0.30

SHARED: Final = 0.40
"""Weight of a machine, cluster or label that two named workloads have in common: machines are
shared as a rule."""

SAME_NAME: Final = 0.85
"""Weight of names of two workloads that differ in case and separators alone."""

ALIKE: Final = 0.80
"""Names less similar than this [1] say nothing."""

_PATH: Final = re.compile(r"[/:.]|^uid-|^i-[0-9a-f]+$")
"""Paths, addresses and ids, which nobody calls a thing by."""

CROWD: Final = 40
"""What more traces than this have in common tells none of them apart."""


@dataclass(frozen=True)
class Link:
    """Two traces that are, or may be, of one thing.

    Attributes:
        left, right: their positions.
        score: as the module's formula gives it [1].
        why: the evidence in words, the heaviest first.
    """

    left: int
    right: int
    score: float
    why: tuple[str, ...]

    @property
    def strong(self) -> bool:
        return self.score >= STRONG


def links(traces: Sequence[Trace]) -> tuple[Link, ...]:
    """Every pair of traces with evidence enough to be mentioned, in order of their positions.

    Traces that are claimed by one workload are known to be of one, and not compared.

    Args:
        traces: of files and of activity.
    """
    found = []
    for left, right in sorted(_candidates(traces)):
        one, other = traces[left], traces[right]
        if one.claimed and other.claimed and one.workload == other.workload:
            continue
        link = compare(one, other)
        if link:
            found.append(Link(left, right, *link))
    return tuple(found)


def compare(one: Trace, other: Trace) -> tuple[float, tuple[str, ...]] | None:
    """Score and evidence in words of two traces; None below SUGGESTED."""
    both_named = one.claimed and other.claimed
    apart = contradict(one, other)
    families = (
        _identity(one, other, apart=apart, both_named=both_named),
        _label(one, other, apart=apart, both_named=both_named),
        None if apart else _circumstance(one, other),
    )
    evidence = sorted((each for each in families if each), reverse=True)
    doubt = 1.0
    for weight, _ in evidence:
        doubt *= 1 - weight
    score = round(1 - doubt, 4)
    return (score, tuple(words for _, words in evidence)) if score >= SUGGESTED else None


def contradict(one: Trace, other: Trace) -> bool:
    """Whether two traces say that they stand in different places."""
    return any(
        one.said.get(column)
        and other.said.get(column)
        and str(one.said[column]).casefold() != str(other.said[column]).casefold()
        for column in ("provider", "account", "region", "site")
    )


def _identity(
    one: Trace, other: Trace, *, apart: bool, both_named: bool
) -> tuple[float, str] | None:
    if runs := one.runs & other.runs:
        return RUN, f"both name the run {_listed(runs)}"
    if apart:
        return None
    if ids := one.ids & other.ids - one.groups - other.groups:
        weight = SHARED if both_named else RESOURCE
        return weight, f"both name {_listed(ids)}"
    if groups := _groups(one, other):
        weight = SHARED if both_named else CLUSTER
        return weight, f"both name the cluster or group {_listed(groups)}"
    if _listing(one) and _listing(one) == _listing(other):
        return CLUSTER, "both are nodes of the one cluster that the file lists"
    return None


def _listing(trace: Trace) -> tuple[str, str | None] | None:
    """The file that lists a node, and its kind of machine: the pool that it is of."""
    if trace.source != "kubernetes" or trace.is_tenant:
        return None
    return trace.evidence_id, trace.said.get("instance_type")


def _groups(one: Trace, other: Trace) -> frozenset[str]:
    """Clusters that both name: activity by its tags, files also by the names that they list."""
    left = one.groups | (one.ids if one.declared else frozenset())
    right = other.groups | (other.ids if other.declared else frozenset())
    return (one.groups & right) | (other.groups & left)


def _label(one: Trace, other: Trace, *, apart: bool, both_named: bool) -> tuple[float, str] | None:
    if one.workload and other.workload and one.workload.casefold() == other.workload.casefold():
        return WORKLOAD, f"both name the workload {one.workload}"
    if apart:
        return None
    found = [(0.0, "")]
    if both_named and squashed(one.workload) == squashed(other.workload):
        found.append(
            (SAME_NAME, f"'{one.workload}' and '{other.workload}' are one name, written twice")
        )
    if labels := one.labels & other.labels:
        found.append((SHARED if both_named else LABEL, f"both bear the label {_listed(labels)}"))
    if one.declared and other.declared and _address(one) == _address(other):
        found.append((ADDRESS, f"both stand at {_address(one)}"))
    pairs = ((left, right) for left in _called(one) for right in _called(other))
    alike = max(((similarity(*pair, ALIKE), pair) for pair in pairs), default=None)
    if alike and alike[0] >= ALIKE:
        left, right = alike[1]
        found.append((NAME * alike[0], f"'{left}' and '{right}' are called alike"))
    best = max(found)
    return best if best[0] else None


def _address(trace: Trace) -> str:
    return trace.reference.rsplit("/", 1)[-1]


def _called(trace: Trace) -> tuple[str, ...]:
    """The names by which a trace may be compared with another."""
    own = None if trace.generic else trace.name
    listed = (name for name in trace.names if trace.declared and not _PATH.search(name))
    names = {name.casefold() for name in (own, trace.workload, *trace.groups, *listed) if name}
    return tuple(sorted(names - COMMON))


def _circumstance(one: Trace, other: Trace) -> tuple[float, str] | None:
    if one.source == other.source and not (one.declared or other.declared):
        return None  # one bill tells its machines apart by itself
    kind = _kind(one)
    if kind is None or kind != _kind(other) or not _overlap(one, other):
        return None
    return CIRCUMSTANCE, f"both are {kind[-1]} in {kind[-2]}, at the same time"


def _kind(trace: Trace) -> tuple[str, ...] | None:
    """Place and kind of machines, where both are stated."""
    where = trace.said.get("region") or trace.said.get("site")
    what = trace.said.get("instance_type") or trace.said.get("accelerator")
    if not where or not what:
        return None
    return str(trace.said.get("provider") or ""), str(where), str(what).removeprefix("ml.")


def _overlap(one: Trace, other: Trace) -> bool:
    """Whether the times that two traces span overlap; a file that tells no time may be of any."""
    begins = [moment for moment in (one.first, other.first) if moment]
    ends = [moment for moment in (one.last, other.last) if moment]
    return not begins or not ends or max(begins) < min(ends)


def _candidates(traces: Sequence[Trace]) -> set[tuple[int, int]]:
    """Pairs that share anything worth comparing."""
    bearing: dict[tuple[str, Any], list[int]] = {}
    for at, trace in enumerate(traces):
        for key in _keys(trace):
            bearing.setdefault(key, []).append(at)
    return {
        pair for members in bearing.values() for pair in _pairs(members, traces) if len(members) > 1
    }


def _pairs(members: Sequence[int], traces: Sequence[Trace]) -> Iterable[tuple[int, int]]:
    if len(members) <= CROWD:
        return combinations(members, 2)
    # Of a crowd each is compared with what files declare: a cluster may have hundreds of machines.
    declared = [at for at in members if traces[at].declared][:CROWD]
    return ((min(a, b), max(a, b)) for a in declared for b in members if a != b)


def _keys(trace: Trace) -> Iterator[tuple[str, Any]]:
    for name in trace.ids | trace.runs | trace.groups | trace.labels:
        yield "name", name
    if trace.workload:
        yield "workload", trace.workload.casefold()
    if listing := _listing(trace):
        yield "listing", listing
    if trace.declared:
        yield "address", _address(trace)
    for name in _called(trace):
        plain = squashed(name)
        # Names that are alike begin or end alike, or have a part in common.
        yield "begins", plain[:4]
        yield "ends", plain[-4:]
    if kind := _kind(trace):
        yield "kind", kind


def _listed(names: Iterable[str]) -> str:
    every = sorted(names)
    more = f" and {len(every) - 2} more" if len(every) > 2 else ""
    return " and ".join(every[:2]) + more if not more else ", ".join(every[:2]) + more


class Sets:
    """Which of some positions are one: union by the smaller root."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, at: int) -> int:
        while self._parent[at] != at:
            self._parent[at] = self._parent[self._parent[at]]
            at = self._parent[at]
        return at

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.root(one), self.root(other)))
        self._parent[high] = low

    def members(self) -> Mapping[int, tuple[int, ...]]:
        """Root -> positions, in order."""
        found: dict[int, list[int]] = {}
        for at in range(len(self._parent)):
            found.setdefault(self.root(at), []).append(at)
        return {root: tuple(every) for root, every in found.items()}
