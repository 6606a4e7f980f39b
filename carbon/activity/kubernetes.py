"""Objects of Kubernetes: what asks for accelerators, and the nodes that carry them.

How the file is got:

    kubectl get nodes,deployments,statefulsets,daemonsets,jobs,cronjobs,pods -A -o json

with `inferenceservices,pytorchjobs,rayclusters,notebooks,…` where these are installed. A row is an
object that asks for accelerators, serves or trains a model by its kind, or is a node that carries
accelerators. A pod belongs to what made it (its owner, or the Deployment of its replica set):
together they are one row, and the pods are among its names; so are the nodes on
which they run and no other such object has pods. Other objects are counted in a note.

The use (training, inference) is a guess by kind and name, and the reason says so; a label
`lifecycle` states it. Parts of an accelerator (MIG slices, shares of time) are noted and not
counted as accelerators. Labels are kept; of commands and variables only the model's name is read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from carbon.activity.kubernetes_kinds import KINDS, Group, Kind, groups_of, named_lifecycle
from carbon.activity.kubernetes_nodes import Nodes, Where, node_cells
from carbon.activity.kubernetes_owners import (
    Family,
    Thing,
    families_of,
    nodes_alone,
    nodes_of,
    things_in,
)
from carbon.activity.kubernetes_pods import (
    WHOLE,
    Wanted,
    label,
    served_model,
    sorted_out,
    wanted_by,
)
from carbon.activity.sightings import (
    FaultError,
    Sightings,
    as_names,
    as_tags,
    at_paths,
    first_text,
    moment_of,
    stated,
    tags_in,
    texts_at,
)
from carbon.activity.source import (
    Context,
    Head,
    Payload,
    Problem,
    Reading,
    Recognition,
    RefusalError,
)

NAME: Final = "kubectl-json"
TITLE: Final = "Kubernetes objects (kubectl get -o json)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("apiVersion", "kind", "items.metadata.name", "items.spec")

VARIABLE_MAP: Final = {
    "metadata.name": "name",
    "metadata.namespace": "reference",
    "metadata.labels": "tags",
    "metadata.ownerReferences": "names",
    "metadata.creationTimestamp": "first_seen",
    "status.completionTime": "last_seen",
    "spec.nodeName": "names",
    "spec.providerID": "names",
    "spec.containers.resources.limits": "accelerator_count",
    "spec.containers.resources.requests": "accelerator_count",
    "spec.nodeSelector": "accelerator",
}

WORKLOAD_LABELS: Final = ("app.kubernetes.io/instance", "app.kubernetes.io/name", "app", "k8s-app")
"""Labels that name what runs, where none states a workload."""


def sniff(head: Head) -> Recognition:
    """apiVersion, kind and metadata, of a list or of one object."""
    if head.kind not in ("json", "jsonl"):
        return Recognition(0.0, f"the format does not come as {head.kind}")
    columns = set(head.columns)
    if not {"apiVersion", "kind"} <= columns:
        return Recognition(0.0, "needs apiVersion and kind")
    if {"items.kind", "items.metadata.name"} <= columns:
        return Recognition(0.96, "is a list of objects of Kubernetes")
    known = {row.get("kind") for row in head.rows} & {*KINDS, "Node"}
    if known and "metadata.name" in columns:
        return Recognition(0.94, f"has {min(str(k) for k in known)} of Kubernetes")
    return Recognition(0.6 if "items" in columns else 0.3, "has apiVersion and kind")


def read(payload: Payload, context: Context) -> Reading:
    """Read objects.

    Args:
        payload: a list as kubectl writes it, or objects.
        context: `instances`, the machine types that carry accelerators; `regions`.

    Returns:
        A Sighting per object, or node, as said above. Rows are numbered by the position of the
        object in the file.

    Raises:
        RefusalError: it is no JSON, or holds no object of Kubernetes.
    """
    things = things_in(payload)
    if not things:
        raise RefusalError(
            f"{payload.name} holds no objects. Write it by `kubectl get "
            "nodes,deployments,jobs,pods -A -o json`."
        )
    nodes = Nodes.of([thing.item for thing in things if thing.kind == "Node"])
    found = Sightings()
    families = families_of(things)
    nodes.alone = nodes_alone(families, asking=_asks)
    for family in families:
        found.add(family.head.row, _cells(family, nodes, context))
    folded = sum(len(family.members) for family in families if family.head.row in found.taken)
    others = len(things) - len(found.taken) - folded
    if folded:
        found.notes.append(
            Problem(f"Pods and sets of them that count as part of what made them: {folded}.")
        )
    if others:
        found.notes.append(
            Problem(f"Other objects that were looked at, and ask for no accelerator: {others}.")
        )
    return found.reading(NAME, context)


def _cells(family: Family, nodes: Nodes, context: Context) -> Iterator[dict[str, Any]]:
    """The sighting of a family; none where nothing says that it is AI.

    Raises:
        FaultError: a number in it is none.
    """
    head = family.head
    kind = KINDS.get(family.kind) or KINDS.get(head.kind)
    if head.kind == "Node":
        yield from node_cells(head.item, head.labels, context)
    elif kind is not None:
        pods = _Pods.of(family)
        if pods.wanted or kind.ai:
            yield _sighting(family, kind, pods, nodes, context)


@dataclass
class _Pods:
    """The pods of a family.

    Attributes:
        specs: their specifications.
        wanted: accelerators of all of them; of a stopped family of those that it would have.
        number: how many pods ask for accelerators.
    """

    specs: list[dict[str, Any]]
    wanted: Wanted
    number: float

    @classmethod
    def of(cls, family: Family) -> "_Pods":
        """By what the head says; where it is not in the file, by the pods themselves."""
        head = family.head
        itself = head.kind == family.kind and head.name == family.name
        items = [head] if itself else _at_work([head, *family.members])
        groups = [g for item in items for g in _groups(item)]
        specs = [group.spec for group in groups]
        each = [(wanted_by(group.spec, group.path), group.number) for group in groups]
        running = sum(number for wanted, number in each if wanted)
        total: dict[str, float] = {}
        for wanted, number in each:
            for name, count in {**wanted.whole, **wanted.parts}.items():
                # A group of none still says what its pods would ask for.
                total[name] = total.get(name, 0.0) + count * (number if running else 1.0)
        return cls(specs, sorted_out(total), running)


def _asks(thing: Thing) -> bool:
    """Whether an object asks for accelerators, or may: what cannot be read is not left out."""
    try:
        return any(wanted_by(group.spec, group.path) for group in _groups(thing))
    except FaultError:
        return True


def _groups(thing: Thing) -> list[Group]:
    kind = KINDS.get(thing.kind)
    return groups_of(thing.item, kind) if kind else []


def _at_work(pods: Sequence[Thing]) -> Sequence[Thing]:
    """Pods that run or wait; all of them where none does."""
    return [pod for pod in pods if _phase(pod) in ("Running", "Pending")] or pods


def _phase(thing: Thing) -> str | None:
    return first_text(*texts_at(thing.item, "status.phase"))


def _sighting(
    family: Family, kind: Kind, pods: _Pods, nodes: Nodes, context: Context
) -> dict[str, Any]:
    """The cells of a family that is AI."""
    head, everyone = family.head, [family.head, *family.members]
    if not (head.name and family.name):
        raise FaultError("the object has no name", "metadata.name")
    stands = sorted({n for thing in everyone for n in nodes_of(thing)})
    # A pod that is done says nothing of who uses its machine from now on.
    now = sorted({n for t in everyone if _phase(t) == "Running" for n in nodes_of(t)})
    machines = nodes.names_of(n for n in now if nodes.alone.get(n) == head.row)
    where = Where.of(stands, pods.specs, nodes, context)
    tags = tags_in(*(thing.labels for thing in reversed(everyone)))
    said = stated(tags)
    named = named_lifecycle(family.name)
    use = said["lifecycle"] or named or kind.lifecycle
    reference = "/".join(part for part in (head.namespace, family.kind, family.name) if part)
    state = _state(head, kind, pods)
    stopped = state == "stopped" and not pods.number
    wanted = pods.wanted
    return {
        "key": f"{NAME}|{reference}",
        "reference": reference,
        "sighted_as": kind.sighted_as,
        "name": family.name,
        "why": _why(family.kind, kind, wanted, None if said["lifecycle"] else named),
        **said,
        "workload": said["workload"] or label(tags, WORKLOAD_LABELS),
        "model": said["model"] or served_model(pods.specs) or _stored_model(head.item),
        "lifecycle": use,
        "provider": where.provider,
        "account": where.account,
        "region": where.region,
        "instance_type": where.instance_type,
        "accelerator": where.accelerator or _by_resource(wanted),
        "accelerator_count": 0.0 if stopped and wanted.number else wanted.number,
        "names": as_names(
            [family.name, reference, *(t.name for t in everyone), *_uids(everyone), *machines]
        ),
        "tags": as_tags(tags),
        "first_seen": min((m for t in everyone if (m := _moment(t, _BEGINS))), default=None),
        "last_seen": _moment(head, _ENDS),
        "state": state,
        "note": _note(wanted, where),
    }


NODES_NOTED: Final = 4
"""Nodes that the note names. Of these, its names are those that no other family runs on."""

_BEGINS: Final = ("status.startTime", "metadata.creationTimestamp")
_ENDS: Final = ("status.completionTime", "metadata.deletionTimestamp")


def _moment(thing: Thing, paths: Sequence[str]) -> Any:
    return next((m for t in texts_at(thing.item, *paths) if (m := moment_of(t))), None)


def _uids(things: Sequence[Thing]) -> list[str]:
    return texts_at([thing.meta for thing in things], "uid")


def _stored_model(item: dict[str, Any]) -> str | None:
    """The last part of where an InferenceService fetches its model."""
    found = texts_at(item, "spec.predictor.model.storageUri", "spec.predictor.storageUri")
    return found[0].rstrip("/").rsplit("/", 1)[-1] or None if found else None


def _by_resource(wanted: Wanted) -> str | None:
    """What a device plugin counts, where nothing says which accelerator it is."""
    kinds = {WHOLE[name] for name in wanted.whole}
    return kinds.pop() if len(kinds) == 1 else None


def _why(kind_name: str, kind: Kind, wanted: Wanted, named: str | None) -> str:
    parts = [kind.ai] if kind.ai else []
    parts += [f"asks for {wanted}"] if wanted else []
    if named:
        parts.append("its use is guessed from its name")
    elif kind.guess:
        parts.append(kind.guess)
    return f"{kind_name}: {'; '.join(parts)}."


def _note(wanted: Wanted, where: "Where") -> str | None:
    remarks = list(where.remarks)
    if where.nodes:
        more = (
            f" and {len(where.nodes) - NODES_NOTED} more" if len(where.nodes) > NODES_NOTED else ""
        )
        remarks.insert(0, f"on {', '.join(where.nodes[:NODES_NOTED])}{more}")
    if wanted.parts:
        parts = ", ".join(f"{count:g} × {name}" for name, count in wanted.parts.items())
        remarks.append(f"{parts} are parts of accelerators, and not counted as accelerators")
    return "; ".join(remarks) or None


def _state(head: Thing, kind: Kind, pods: _Pods) -> str:
    """running, planned or stopped, as far as the object tells."""
    done = texts_at(head.item, "status.completionTime", "metadata.deletionTimestamp")
    suspended = any(value is True for _, value in at_paths(head.item, "spec.suspend"))
    if done or suspended or _phase(head) in ("Succeeded", "Failed"):
        return "stopped"
    if pods.wanted and not pods.number:
        return "stopped"
    return "planned" if _phase(head) == "Pending" else "running"
