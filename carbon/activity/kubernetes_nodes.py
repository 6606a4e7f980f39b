"""Nodes of Kubernetes: machines that carry accelerators, and where pods run."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from carbon.activity.kubernetes_pods import (
    ACCELERATOR_LABELS,
    CLUSTER_LABELS,
    POOL_LABELS,
    REGION_LABELS,
    TYPE_LABELS,
    chosen_nodes,
    label,
    quantities,
    sorted_out,
)
from carbon.activity.sightings import (
    FaultError,
    as_names,
    as_tags,
    first_text,
    machine_of,
    moment_of,
    region_in,
    stated,
    tags_in,
    texts_at,
)
from carbon.activity.source import Context

_PROVIDERS: Final = {"aws": "aws", "gce": "gcp", "azure": "azure"}
"""Scheme of a node's providerID -> house name."""

_ACCOUNTS: Final = {
    "gcp": re.compile(r"^gce://([^/]+)/"),
    "azure": re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE),
}
"""Where a providerID names project or subscription; that of AWS names no account."""

Owner = tuple[str | None, str | None]
"""Provider and account."""


@dataclass
class Nodes:
    """The nodes of a file.

    Attributes:
        labels: name -> labels.
        owners: name -> provider and account.
        machines: name -> the provider's id of the machine.
        alone: name -> row of the one family that runs on it; None: of several.
        common: provider and account that all nodes share; nothing where there is none.
    """

    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    owners: dict[str, Owner] = field(default_factory=dict)
    machines: dict[str, str] = field(default_factory=dict)
    alone: dict[str, int | None] = field(default_factory=dict)
    common: Owner = (None, None)

    @classmethod
    def of(cls, items: Sequence[dict[str, Any]]) -> "Nodes":
        """The nodes among the objects of a file."""
        found = cls()
        for item in items:
            for name in texts_at(item, "metadata.name")[:1]:
                meta = item["metadata"]
                found.labels[name] = tags_in(meta.get("labels")) if isinstance(meta, dict) else {}
                found.owners[name] = owner_of(item)
                if machine := first_text(*texts_at(item, "spec.providerID")):
                    found.machines[name] = machine
        distinct = set(found.owners.values())
        found.common = distinct.pop() if len(distinct) == 1 else (None, None)
        return found

    def names_of(self, nodes: Iterable[str]) -> list[str]:
        """Nodes, with the ids that the provider knows their machines by."""
        return [
            name for node in nodes for name in (node, self.machines.get(node)) if name is not None
        ]


def owner_of(item: Mapping[str, Any]) -> Owner:
    """Provider and account of a node, by its providerID."""
    written = first_text(*texts_at(item, "spec.providerID")) or ""
    provider = _PROVIDERS.get(written.partition(":")[0])
    account = _ACCOUNTS[provider].search(written) if provider in _ACCOUNTS else None
    return provider, account[1] if account else None


def node_cells(
    item: dict[str, Any], labels: Mapping[str, str], context: Context
) -> Iterator[dict[str, Any]]:
    """The sighting of a node that carries accelerators; none of another.

    Raises:
        FaultError: its capacity is no number, or it has no name.
    """
    capacity = next((value for _, value in _capacity(item)), None)
    carried = sorted_out(quantities(capacity, "status.capacity"))
    provider, account = owner_of(item)
    type_ = label(labels, TYPE_LABELS)
    machine = machine_of(provider, type_ or "", context)
    if not (carried or machine or label(labels, ACCELERATOR_LABELS)):
        return
    name = first_text(*texts_at(item, "metadata.name"))
    if name is None:
        raise FaultError("the node has no name", "metadata.name")
    accelerator = label(labels, ACCELERATOR_LABELS) or (machine.accelerator if machine else None)
    said = f"carries {carried}" if carried else str(machine or f"carries {accelerator}")
    pools = [label(labels, POOL_LABELS), label(labels, CLUSTER_LABELS)]
    written = first_text(*texts_at(item, "spec.providerID"))
    yield {
        "key": f"kubectl-json|Node/{written or name}",
        "reference": f"Node/{name}",
        "sighted_as": "machine",
        "name": name,
        "why": f"Node: {said}.",
        **stated(labels),
        "provider": provider,
        "account": account,
        "region": region_in(provider, [labels.get(key) for key in REGION_LABELS], context),
        "instance_type": type_,
        "instance_count": 1.0,
        "accelerator": accelerator,
        "accelerator_count": carried.number or (machine.number if machine else None),
        "names": as_names(
            [name, written, *pools, *texts_at(item, "status.addresses.address", "metadata.uid")]
        ),
        "tags": as_tags(labels),
        "first_seen": next(
            (m for t in texts_at(item, "metadata.creationTimestamp") if (m := moment_of(t))), None
        ),
        "state": "running",
    }


def _capacity(item: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    status = item.get("status")
    for key in ("capacity", "allocatable"):
        if isinstance(status, dict) and isinstance(status.get(key), dict):
            yield key, status[key]


@dataclass
class Where:
    """On which machines pods run, as their nodes say, else as they choose them."""

    provider: str | None = None
    account: str | None = None
    region: str | None = None
    instance_type: str | None = None
    accelerator: str | None = None
    nodes: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls, names: Sequence[str], specs: Sequence[Any], nodes: Nodes, context: Context
    ) -> "Where":
        """Of the nodes that pods stand on, by name, and the labels that their specs ask for."""
        chosen: dict[str, str] = {}
        for spec in specs:
            chosen = chosen_nodes(spec) | chosen
        found = cls(nodes=list(names))
        known = [nodes.labels[name] for name in names if name in nodes.labels]
        labels = {**chosen, **(known[0] if known else {})}
        several = {label(node, TYPE_LABELS) for node in known}
        if len(several) > 1:
            found.remarks.append(f"runs on {', '.join(sorted(t for t in several if t))}")
        found.provider, found.account = next(
            (nodes.owners[name] for name in names if name in nodes.owners), nodes.common
        )
        found.instance_type = label(labels, TYPE_LABELS)
        found.region = region_in(
            found.provider, [labels.get(name) for name in REGION_LABELS], context
        )
        machine = machine_of(found.provider, found.instance_type or "", context)
        found.accelerator = label(labels, ACCELERATOR_LABELS) or (
            machine.accelerator if machine else None
        )
        return found
