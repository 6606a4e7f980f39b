"""Objects of Kubernetes and what made them: pods with their Deployment, however many steps away."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from carbon.activity.documents import each_object
from carbon.activity.sightings import tags_in, text_of, texts_at
from carbon.activity.source import Payload
from carbon.tables.records import Entry, mended


@dataclass
class Thing:
    """An object of the file."""

    row: int
    item: dict[str, Any]
    kind: str
    name: str
    namespace: str

    @property
    def meta(self) -> dict[str, Any]:
        meta = self.item.get("metadata")
        return meta if isinstance(meta, dict) else {}

    @property
    def labels(self) -> dict[str, str]:
        return tags_in(self.meta.get("labels"))


@dataclass
class Family:
    """What made pods, and what it made: the kind and name of the whole, as far as told."""

    kind: str
    name: str
    head: Thing
    members: list[Thing] = field(default_factory=list)


def things_in(payload: Payload) -> list[Thing]:
    """The objects of a file, corrections applied."""
    found: list[Thing] = []
    for _, document in each_object(payload):
        listed = document.get("items") if isinstance(document, dict) else None
        for raw in listed if isinstance(listed, list) else [document]:
            row = len(found) + 1
            (whole,) = mended(
                [Entry(row, raw if isinstance(raw, dict) else {})], payload.corrections
            )
            item = whole.value or {}
            meta = item.get("metadata")
            inside = meta if isinstance(meta, dict) else {}
            found.append(
                Thing(
                    row,
                    item,
                    text_of(item.get("kind")) or "",
                    text_of(inside.get("name")) or "",
                    text_of(inside.get("namespace")) or "",
                )
            )
    return found


def families_of(things: Sequence[Thing]) -> list[Family]:
    """Objects with what they made, in the order of the file."""
    known = {(thing.namespace, thing.kind, thing.name): thing for thing in things if thing.name}
    families: dict[tuple[str, str, str] | int, Family] = {}
    for thing in things:
        kind, name = _maker(thing, known)
        key = (thing.namespace, kind, name)
        head = known.get(key)
        # Objects without a name are nobody's.
        at = key if name else thing.row
        family = families.setdefault(at, Family(kind, name, head or thing))
        if family.head is not thing:
            family.members.append(thing)
    return list(families.values())


def nodes_of(thing: Thing) -> list[str]:
    """The node that a pod stands on."""
    return texts_at(thing.item, "spec.nodeName")


def nodes_alone(
    families: Sequence[Family], *, asking: Callable[[Thing], bool]
) -> dict[str, int | None]:
    """Node -> row of the one family whose pods stand on it; None where several have some there.

    Pods that are done count too: a part of the node's energy is theirs.

    Args:
        families: of all objects of the file.
        asking: whether a pod counts; what asks for no accelerator runs beside them everywhere.
    """
    found: dict[str, int | None] = {}
    for family in families:
        for thing in (family.head, *family.members):
            for node in nodes_of(thing) if thing.kind == "Pod" and asking(thing) else ():
                row = found.setdefault(node, family.head.row)
                found[node] = row if row == family.head.row else None
    return found


def _maker(thing: Thing, known: Mapping[tuple[str, str, str], Thing]) -> tuple[str, str]:
    """Kind and name of what made an object in the end, itself where nothing did."""
    kind, name, current = thing.kind, thing.name, thing
    met = {(kind, name)}
    while owner := _owner(current):
        if owner in met:
            break
        met.add(owner)
        kind, name = owner
        # A replica set that is not in the file is named after its Deployment and a hash.
        suffix = f"-{current.labels.get('pod-template-hash', chr(0))}"
        above = known.get((thing.namespace, kind, name))
        if above is None:
            if kind == "ReplicaSet" and name.endswith(suffix):
                kind, name = "Deployment", name.removesuffix(suffix)
            break
        current = above
    return kind, name


def _owner(thing: Thing) -> tuple[str, str] | None:
    """Kind and name of the object that made this one; a node makes none."""
    listed = thing.meta.get("ownerReferences")
    owners = [o for o in (listed if isinstance(listed, list) else ()) if isinstance(o, dict)]
    owners.sort(key=lambda o: o.get("controller") is not True)
    for owner in owners:
        kind, name = text_of(owner.get("kind")), text_of(owner.get("name"))
        if kind and name and kind != "Node":
            return kind, name
    return None
