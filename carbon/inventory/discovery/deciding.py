"""What a decision on a proposal writes: rules that claim activity, and what nobody states yet."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from carbon.inventory.assignment.rules import Condition, Rule, Share
from carbon.inventory.discovery.proposal import PROPOSED, Proposal
from carbon.inventory.discovery.traces import Trace

NAMED: Final = "From discovery: "
"""How the names of these rules begin."""

PRIORITY: Final = 200
"""After the rules that analysts write, which stand at 100."""

GENERAL_PRIORITY: Final = 300
"""Rules on a whole account or service come after those on named machines."""

_ID: Final = re.compile(r"(?=.*\d)(?=.*[-/:._]).{6,}")
"""A name that is one thing's alone: it has a digit, a separator, and some length."""


def claims(traces: Iterable[Trace], workload: str) -> tuple[Rule, ...]:
    """Rules that give a workload the unclaimed activity of some traces, now and to come.

    Activity is claimed by what its traces have in common; machines and resources that a file
    declares also by their names, so that a bill that comes later finds its workload.

    Args:
        traces: of a proposal.
        workload: who gets it.
    """
    rules = []
    for trace in traces:
        if trace.unclaimed and trace.conditions:
            rules.append(_rule(trace, trace.conditions, workload))
        elif trace.declared and (names := [name for name in trace.names if _ID.fullmatch(name)]):
            rules.append(_rule(trace, (_resources(names),), workload))
    return tuple({rule.rule_id: rule for rule in rules}.values())


def _resources(names: Sequence[str]) -> Condition:
    """Resources by name, with the path before it or without, in any case."""
    spelled = sorted({each for name in names for each in (name, f"*/{name}")})
    return Condition(column="resource", op="like", values=tuple(spelled))


def _rule(trace: Trace, conditions: tuple[Condition, ...], workload: str) -> Rule:
    return Rule(
        name=f"{NAMED}{trace.name}",
        priority=GENERAL_PRIORITY if trace.general else PRIORITY,
        conditions=conditions,
        shares=(Share(workload=workload),),
        note=f"{trace.source}: {trace.says}",
    ).with_id()


def moves(goes: str, stays: str, rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Rules that make one workload of two.

    Args:
        goes: the workload that is no more.
        stays: the one that it becomes part of.
        rules: those that stand.

    Returns:
        One that takes what sources name `goes`; and those of the present rules that gave to it,
        which give to `stays` now.
    """
    move = Rule(
        name=f"{NAMED}{goes} is {stays}",
        priority=PRIORITY,
        conditions=(Condition(column="workload", op="is", values=(goes,)),),
        shares=(Share(workload=stays),),
        takes="any",
        note=f"{goes} and {stays} are one workload",
    ).with_id()
    given = [rule for rule in rules if any(share.workload == goes for share in rule.shares)]
    return (move, *(_redirected(rule, goes, stays) for rule in given))


def _redirected(rule: Rule, goes: str, stays: str) -> Rule:
    shares: dict[str, float] = {}
    for share in rule.shares:
        name = stays if share.workload == goes else share.workload
        shares[name] = shares.get(name, 0.0) + share.share
    return rule.model_copy(
        update={"shares": tuple(Share(workload=n, share=min(s, 1.0)) for n, s in shares.items())}
    )


def statement(proposal: Proposal, shown: Mapping[str, Any] | None) -> dict[str, str]:
    """Metadata of a proposal that the inventory lacks.

    Args:
        proposal: with `metadata`.
        shown: the workload as the inventory shows it once its activity is claimed; None where it
            is not there.
    """
    there = shown or {}
    return {
        column: proposal.metadata[column]
        for column in PROPOSED
        if column in proposal.metadata and there.get(column) in (None, "")
    }
