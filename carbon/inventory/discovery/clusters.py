"""What is one thing: traces put together by strong evidence, and what they may be part of.

Work (jobs, endpoints, experiments, named workloads) runs on machines; machines are shared. So
machines are put together first, then work, and machines join the work on them only where it is the
only one: of two jobs on a cluster neither owns it, and the analyst shares its energy by a rule.
A machine that one work names as its own, though, is of that work, whatever cluster it stands in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from carbon.inventory.discovery.matching import CIRCUMSTANCE, Link, Sets
from carbon.inventory.discovery.traces import Trace

WORKLOAD: Final = "workload"
GROUP: Final = "group"

Owner = tuple[str, str]
"""(WORKLOAD, its name) or (GROUP, the reference of its first trace)."""


@dataclass(frozen=True)
class Maybe:
    """What a group may also be, for a person to decide.

    Attributes:
        owner: a workload, or another group.
        score: how sure [1].
        why: the evidence in words.
    """

    owner: Owner
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Traces of one thing.

    Attributes:
        traces: strongest first: declared, then work, then by reference.
        workload: the workload that it belongs to by strong evidence; None: it is new.
        score: how sure that is [1].
        why: evidence in words that its traces are one, and of the workload.
        maybe: what else it may be, the likeliest first.
    """

    traces: tuple[Trace, ...]
    workload: str | None
    score: float
    why: tuple[str, ...]
    maybe: tuple[Maybe, ...]


def groups(
    traces: Sequence[Trace], links: Sequence[Link], decided: Mapping[str, str]
) -> tuple[Group, ...]:
    """Traces that no workload claims, put together.

    Args:
        traces: of files and of activity.
        links: as `matching.links` gives them.
        decided: reference -> workload that an analyst said it is of.

    Returns:
        Groups in order of their first trace's reference.
    """
    sets = _joined(traces, links)
    hosts = _hosts(traces, links, sets)
    for at, tenant in hosts.items():
        sets.join(at, tenant)
    free = {
        root: members
        for root, members in sets.members().items()
        if not any(traces[at].claimed for at in members)
    }
    home: dict[int, Owner] = {}
    for root, members in free.items():
        said = [decided[traces[at].reference] for at in members if traces[at].reference in decided]
        if said:
            home[root] = (WORKLOAD, said[-1])
    ties = _ties(sets, links)
    work = {root for root, members in free.items() if any(traces[at].is_tenant for at in members)}
    for root in sorted(work - home.keys()):
        owners = _workloads_of(root, traces, ties, sets, work)
        if len(owners) == 1:
            home[root] = next(iter(owners))
    first = {root: min(traces[at].reference for at in members) for root, members in free.items()}
    for root in sorted(free.keys() - work - home.keys()):
        owners = {_owner(at, traces, sets, home, first) for at in ties.get(root, ())}
        if len(owners) == 1:
            home[root] = next(iter(owners))
    owner_of = {
        at: home.get(root, (GROUP, first[root])) for root, members in free.items() for at in members
    }
    return _gathered(traces, links, owner_of)


def _joined(traces: Sequence[Trace], links: Sequence[Link]) -> Sets:
    """Machines with machines, work with work; machines that one work names wait for it."""
    sets = Sets(len(traces))
    for link in links:
        one, other = traces[link.left], traces[link.right]
        if link.strong and not (one.claimed or other.claimed) and one.is_tenant and other.is_tenant:
            sets.join(link.left, link.right)
    hosts = _hosts(traces, links, sets)
    for link in links:
        one, other = traces[link.left], traces[link.right]
        if one.claimed or other.claimed or not link.strong:
            continue
        named = {link.left, link.right} & hosts.keys()
        if not (one.is_tenant or other.is_tenant or named):
            sets.join(link.left, link.right)
    return sets


def _hosts(traces: Sequence[Trace], links: Sequence[Link], sets: Sets) -> dict[int, int]:
    """Position of a machine -> that of the work that alone names it.

    What else shows such a machine (its node group, its host's meters) is the work's as well, where
    it is tied to machines of one work more strongly than to those of any other.
    """
    free = [
        (link, at, other)
        for link in links
        if link.strong
        for at, other in ((link.left, link.right), (link.right, link.left))
        if not (traces[at].is_tenant or traces[at].claimed or traces[other].claimed)
    ]
    direct = [
        (at, other, link.score)
        for link, at, other in free
        if traces[other].is_tenant
        and traces[other].declared
        and traces[at].ids & traces[other].ids - traces[at].groups
    ]
    found = _of_one(direct, sets)
    several = {at for at, _, _ in direct}
    tied = [
        (at, found[other], link.score)
        for link, at, other in free
        if other in found and at not in several
    ]
    return {**_of_one(tied, sets), **found}


def _of_one(ties: Iterable[tuple[int, int, float]], sets: Sets) -> dict[int, int]:
    """Position -> the one that it is tied to most strongly; nothing where that is not one."""
    best: dict[int, tuple[float, set[int]]] = {}
    for at, other, score in ties:
        root = sets.root(other)
        if at not in best or score > best[at][0]:
            best[at] = (score, {root})
        elif score == best[at][0]:
            best[at][1].add(root)
    return {at: min(roots) for at, (_, roots) in best.items() if len(roots) == 1}


def _ties(sets: Sets, links: Sequence[Link]) -> dict[int, set[int]]:
    """Root -> positions outside of its set that strong evidence ties it to."""
    ties: dict[int, set[int]] = {}
    for link in links:
        here, there = sets.root(link.left), sets.root(link.right)
        if link.strong and here != there:
            ties.setdefault(here, set()).add(link.right)
            ties.setdefault(there, set()).add(link.left)
    return ties


def _workloads_of(
    root: int,
    traces: Sequence[Trace],
    ties: Mapping[int, set[int]],
    sets: Sets,
    work: set[int],
) -> set[Owner]:
    """Named workloads that a set of work is; a claimed machine makes it so where nobody else is on
    that machine."""
    found: set[Owner] = set()
    for at in ties.get(root, ()):
        trace = traces[at]
        if not trace.claimed:
            continue
        others = {sets.root(other) for other in ties.get(sets.root(at), ())} & work
        if trace.is_tenant or others == {root}:
            found.add((WORKLOAD, str(trace.workload)))
    return found


def _owner(
    at: int,
    traces: Sequence[Trace],
    sets: Sets,
    home: Mapping[int, Owner],
    first: Mapping[int, str],
) -> Owner:
    if traces[at].claimed:
        return (WORKLOAD, str(traces[at].workload))
    root = sets.root(at)
    return home.get(root, (GROUP, first[root]))


def _gathered(
    traces: Sequence[Trace], links: Sequence[Link], owner_of: Mapping[int, Owner]
) -> tuple[Group, ...]:
    """Traces of one owner as one group, with what else each may be."""
    inside: dict[Owner, list[Link]] = {}
    maybe: dict[Owner, list[Maybe]] = {}
    together: dict[Owner, list[Trace]] = {}
    for at, owner in owner_of.items():
        together.setdefault(owner, []).append(traces[at])
    # What is declared and has its activity needs no other machines of the kind.
    explained = {
        owner
        for owner, some in together.items()
        if any(trace.declared for trace in some) and any(trace.rows for trace in some)
    }
    for link in links:
        one, other = (
            owner_of.get(at, (WORKLOAD, str(traces[at].workload))) for at in (link.left, link.right)
        )
        if one == other:
            inside.setdefault(one, []).append(link)
        elif link.score > CIRCUMSTANCE or not {one, other} & explained:
            maybe.setdefault(one, []).append(Maybe(other, link.score, link.why))
            maybe.setdefault(other, []).append(Maybe(one, link.score, link.why))
    found = [
        _group(owner, some, inside.get(owner, ()), maybe.get(owner, ()))
        for owner, some in together.items()
    ]
    return tuple(sorted(found, key=lambda group: group.traces[0].reference))


def _group(
    owner: Owner, traces: Sequence[Trace], inside: Sequence[Link], maybe: Sequence[Maybe]
) -> Group:
    best: dict[Owner, Maybe] = {}
    for each in sorted(maybe, key=lambda m: (-m.score, m.owner, m.why)):
        best.setdefault(each.owner, each)
    strong = sorted((link for link in inside if link.strong), key=lambda k: (-k.score, k.why))
    return Group(
        traces=tuple(sorted(traces, key=lambda t: (not t.declared, not t.is_tenant, t.reference))),
        workload=owner[1] if owner[0] == WORKLOAD else None,
        score=max((link.score for link in strong), default=1.0),
        why=tuple(dict.fromkeys(words for link in strong for words in link.why)),
        maybe=tuple(best.values()),
    )
