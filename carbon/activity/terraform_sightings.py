"""Resources of Terraform, from whichever file, as sightings of what is AI among them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import prod
from typing import Any, Final

from carbon.activity.sightings import (
    FaultError,
    Machine,
    Sightings,
    as_names,
    as_tags,
    at_paths,
    count_of,
    first_text,
    machine_of,
    moment_of,
    region_in,
    stated,
    tags_in,
    text_of,
    texts_at,
)
from carbon.activity.source import Context, Problem
from carbon.activity.terraform_resources import (
    KINDS,
    MOMENT_PATHS,
    NAME_PATHS,
    REGION_PATHS,
    STATE_PATHS,
    STOPPED,
    TAG_PATHS,
    TPU_CHIPS,
    Kind,
)

INSIDE: Final = "values"
"""Where a resource keeps its attributes."""

_SUBSCRIPTION: Final = re.compile(r"/subscriptions/([^/]+)", re.IGNORECASE)
_PROJECT: Final = re.compile(r"(?:^|/)projects/([^/]+)/")
_TPU: Final = re.compile(r"^(v\d\w*)-(\d+)$")


@dataclass
class Resource:
    """A managed resource of a file.

    Attributes:
        row: its position among the managed resources of the file, from 1.
        address: its address, module path and index included.
        type: its type, as aws_instance.
        values: its attributes; None where the file gives none.
        state: running, planned or destroyed.
        remarks: what was not understood of it, in words.
        times: how many of it there are (`count`); None where that is an expression.
        seen: the moment that the file was made, where it says it.
        regions: region that the provider's block names, by provider.
        listing: the state that it stands in: its lineage, else WHOLE_LISTING; None: it is no state.
        serial: version of the state, where it says it.
    """

    row: int
    address: str
    type: str
    values: dict[str, Any] | None
    state: str = "running"
    remarks: list[str] = field(default_factory=list)
    times: float | None = 1.0
    seen: datetime | None = None
    regions: Mapping[str, str] = field(default_factory=dict)
    listing: str | None = None
    serial: int | None = None


def sight(resources: Sequence[Resource], format: str, context: Context) -> Sightings:
    """What is AI among the resources of a file.

    A template counts through the group that is made from it, where the file has that group.

    Args:
        resources: every managed resource.
        format: name of the reader, the first part of keys.
        context: instance types that carry accelerators; regions.
    """
    found = Sightings()
    known = [(r, KINDS[r.type]) for r in resources if r.type in KINDS]
    templates = {
        name: resource for resource, kind in known if kind.template for name in _called(resource)
    }
    used: set[int] = set()
    for resource, kind in known:
        made_from = _template(resource, kind, templates)
        if made_from is not None and _is_ai(resource, kind, made_from, context):
            used.add(made_from.row)
    for resource, kind in known:
        case = _Case(resource, kind, _template(resource, kind, templates))
        if resource.row not in used and _is_ai(resource, kind, case.template, context):
            cells = ({"key": _key(format, c), **c} for c in _cells(case, context))
            found.add(resource.row, cells, f"{INSIDE}.")
    _say_others(found, resources, len(used))
    return found


def _say_others(found: Sightings, resources: Sequence[Resource], used: int) -> None:
    others = len(resources) - len(found.taken) - used
    if others:
        found.notes.append(
            Problem(
                f"Other resources that were looked at, and are not AI as far as told: {others}."
            )
        )
    if used:
        found.notes.append(
            Problem(f"Templates that count through the groups made from them: {used}.")
        )
    untold = [r for r in resources if r.type in KINDS and r.row not in found.taken and r.remarks]
    if untold:
        found.notes.append(
            Problem(
                "Resources of which a machine type may be an expression, so that nothing tells "
                f"whether they are AI: {len(untold)}, such as {untold[0].address} "
                f"({'; '.join(untold[0].remarks)}). Give the output of `terraform show -json`.",
                row=untold[0].row,
            )
        )


def _called(resource: Resource) -> list[str]:
    """Names by which a group may name the template that it is made from."""
    return [resource.address, *texts_at(resource.values, "id", "name", "arn", "self_link")]


def _template(resource: Resource, kind: Kind, templates: Mapping[str, Resource]) -> Resource | None:
    names = texts_at(resource.values, *kind.uses)
    return next((templates[name] for name in names if name in templates), None)


def _is_ai(resource: Resource, kind: Kind, template: Resource | None, context: Context) -> bool:
    """Whether it is AI, or is AI and cannot be understood."""
    if kind.only is not None:
        path, wanted = kind.only
        if not any(text.casefold() in wanted for text in texts_at(resource.values, path)):
            return False
    if kind.ai:
        return True
    if kind.attached and any(_attached(resource.values, kind.attached)):
        return True
    if any(machine_of(kind.provider, t, context) for t in _types(resource.values, kind)):
        return True
    return template is not None and _is_ai(template, KINDS[template.type], None, context)


def _types(values: Any, kind: Kind) -> list[str]:
    inside = f"{kind.each}." if kind.each else ""
    return texts_at(values, *(f"{inside}{path}" for path in kind.types))


def _attached(values: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Blocks of attached accelerators; a number of 0 attaches none."""
    for at, block in at_paths(values, path):
        named = isinstance(block, dict) and (block.get("type") or block.get("accelerator_type"))
        if named and _number(block)[1] not in (0, "0"):
            yield at, block


def _number(block: Mapping[str, Any]) -> tuple[str, Any]:
    """The number of accelerators in a block, and the name that it stands under."""
    for name in ("count", "accelerator_count", "core_count"):
        if block.get(name) is not None:
            return name, block[name]
    return "count", None


@dataclass(frozen=True)
class _Case:
    """A resource that is AI, what its type says of it, and the template that it is made from."""

    resource: Resource
    kind: Kind
    template: Resource | None


def _key(format: str, cell: Mapping[str, Any]) -> str:
    """What a later file supersedes: the address, in the account, of that name."""
    return "|".join((format, cell["account"] or "", cell["name"], cell["reference"]))


def _cells(case: _Case, context: Context) -> Iterator[dict[str, Any]]:
    """The cells of a resource's sightings: one, or one a block of `kind.each`.

    Raises:
        FaultError: it is AI, and something that it says cannot be.
    """
    resource, kind = case.resource, case.kind
    if resource.values is None:
        raise FaultError("the resource has no values, so nothing tells what it is")
    if not resource.address:
        raise FaultError("the resource has no address")
    blocks: Iterable[tuple[str, Any]] = [("", resource.values)]
    if kind.each and any(True for _ in at_paths(resource.values, kind.each)):
        blocks = at_paths(resource.values, kind.each)
    for at, block in blocks:
        if isinstance(block, dict):
            yield _sighting(case, at, block, context)
        else:
            raise FaultError("this is no block", at, block)


def _sighting(case: _Case, at: str, inside: dict[str, Any], context: Context) -> dict[str, Any]:
    """The cells of one sighting: of a resource, or of its block that stands at `at`."""
    resource, kind, template = case.resource, case.kind, case.template
    values = resource.values or {}
    base = _of_template(template, context) if template is not None else None
    found = _Machines.of(inside, kind, at, context) if base is None else base
    machines = _machines(inside, kind, at)
    if machines is not None:
        machines = None if resource.times is None else machines * resource.times
    remarks = [*resource.remarks, *found.remarks]
    if kind.counts is None and found.machine is not None:
        remarks.append("how many machines run is not said")
    remarks += [f"{path}: {text_of(units)}" for path, units in _at(values, kind.services)]
    tags = tags_in(*(tag for path in TAG_PATHS for _, tag in at_paths(values, path)))
    said = stated(tags)
    name = first_text(*texts_at(values, "name", "provisioned_model_name"), tags.get("Name"))
    part = first_text(inside.get("variant_name"), at) if at else None
    account = _account(values)
    reference = resource.address + (f" {part}" if part else "")
    moments = [m for _, v in _at(values, MOMENT_PATHS) if (m := moment_of(v)) is not None]
    return {
        "reference": reference,
        "sighted_as": kind.sighted_as,
        "name": name or resource.address.rsplit(".", 1)[-1],
        "why": f"{resource.type}: {_why(kind, found)}.",
        **said,
        "model": said["model"] or _model(texts_at(inside, *kind.model)),
        "lifecycle": said["lifecycle"] or kind.lifecycle,
        "provider": kind.provider,
        "account": account,
        "region": _region(resource, kind, context),
        "instance_type": found.type,
        "instance_count": machines if found.type or found.accelerator else None,
        "accelerator": found.accelerator,
        "accelerator_count": _times(found.number, machines),
        "names": as_names([*texts_at(values, *NAME_PATHS), tags.get("Name")]),
        "tags": as_tags(tags),
        "first_seen": min(moments, default=None),
        "last_seen": resource.seen,
        "state": _state(resource),
        "note": "; ".join(dict.fromkeys(remarks)) or None,
        "listing": resource.listing,
        "serial": resource.serial,
    }


@dataclass
class _Machines:
    """What machines a block asks for: type, accelerator, how many in one, and why that is AI."""

    type: str | None = None
    accelerator: str | None = None
    number: float | None = None
    machine: Machine | None = None
    remarks: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, values: dict[str, Any], kind: Kind, at: str, context: Context) -> "_Machines":
        """Of the values of a resource, or of one of its blocks, which stands at `at`."""
        types = texts_at(values, *kind.types)
        told = [(t, machine_of(kind.provider, t, context)) for t in types]
        type_, machine = next((pair for pair in told if pair[1]), told[0] if told else (None, None))
        found = cls(type_, machine=machine)
        others = sorted({t for t in types if t != type_})
        if others:
            found.remarks.append(f"may also run on {', '.join(others)}")
        if machine is not None:
            found.accelerator, found.number = machine.accelerator, machine.number
            if machine.accelerator is None:
                found.remarks.append(f"{type_} is not in the table of instance types")
        for path, block in _attached(values, kind.attached) if kind.attached else ():
            name, number = _number(block)
            found.accelerator = first_text(block.get("type"), block.get("accelerator_type"))
            found.number = count_of(number, f"{at}.{path}.{name}".strip("."))
        return cls._tpu(values, found) if kind.ai == "a Cloud TPU" else found

    @staticmethod
    def _tpu(values: dict[str, Any], found: "_Machines") -> "_Machines":
        """Type and chips of a TPU: `v5litepod-16`, or a version with a topology."""
        written = first_text(values.get("accelerator_type"))
        shape = _TPU.match(written or "")
        if shape and shape[1] in TPU_CHIPS:
            found.type, found.accelerator = written, f"TPU {shape[1].removesuffix('litepod')}"
            found.accelerator += "e" if "litepod" in shape[1] else ""
            found.number = int(shape[2]) / TPU_CHIPS[shape[1]]
            return found
        version = first_text(*texts_at(values, "accelerator_config.type"))
        topology = first_text(*texts_at(values, "accelerator_config.topology"))
        found.type = written or version
        found.accelerator = f"TPU {version.lower()}" if version else written
        if topology and re.fullmatch(r"\d{1,4}(x\d{1,4}){1,2}", topology):
            found.number = float(prod(int(side) for side in topology.split("x")))
        return found


def _of_template(template: Resource, context: Context) -> _Machines:
    kind = KINDS[template.type]
    values = template.values or {}
    for at, block in at_paths(values, kind.each) if kind.each else [("", values)]:
        found = _Machines.of(block if isinstance(block, dict) else {}, kind, at, context)
        if found.type:
            found.remarks.append(f"made from {template.address}")
            number = _machines(block, kind, at) if kind.counts else None
            if number is not None:
                found.number = _times(found.number, number)
                found.remarks.append(f"{number:g} machines as configured")
            return found
    return _Machines()


def _at(values: Any, paths: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for path in paths:
        yield from at_paths(values, path)


def _machines(values: dict[str, Any], kind: Kind, at: str) -> float | None:
    """How many machines; None where it is not said."""
    if kind.counts is None:
        return None
    if not kind.counts:
        return 1.0
    path, value = next(_at(values, kind.counts), ("", None))
    return count_of(value, f"{at}.{path}".strip(".")) if path else None


def _times(number: float | None, machines: float | None) -> float | None:
    return None if number is None or machines is None else number * machines


def _why(kind: Kind, found: _Machines) -> str:
    """Why it is AI, in words."""
    if kind.ai and found.machine is None:
        return kind.ai
    said = str(found.machine) if found.machine else ""
    if not said or (found.accelerator and found.machine and found.machine.accelerator is None):
        number = f"{found.number:g} × " if found.number else ""
        said = f"{number}{found.accelerator} attached"
    return f"{kind.ai}; {said}" if kind.ai else said


def _model(texts: Sequence[str]) -> str | None:
    """The last part of a model's path or ARN."""
    return texts[0].rsplit("/", 1)[-1] if texts else None


def _account(values: dict[str, Any]) -> str | None:
    """Account, project or subscription."""
    for arn in texts_at(values, "arn", "provisioned_model_arn", "agent_arn", "custom_model_arn"):
        parts = arn.split(":")
        if len(parts) > 5 and parts[4]:
            return parts[4]
    if project := first_text(values.get("project"), values.get("owner_id")):
        return project
    for path in texts_at(values, "id", "self_link", "cognitive_account_id"):
        if match := _SUBSCRIPTION.search(path) or _PROJECT.search(path):
            return match[1]
    return None


def _region(resource: Resource, kind: Kind, context: Context) -> str | None:
    values = resource.values or {}
    arns = texts_at(values, "arn", "provisioned_model_arn", "model_arn")
    parts = [arn.split(":") for arn in arns]
    written = [
        *texts_at(values, *REGION_PATHS),
        *(arn[3] for arn in parts if len(arn) > 3),
        resource.regions.get(kind.provider),
    ]
    return region_in(kind.provider, written, context)


def _state(resource: Resource) -> str:
    if resource.state != "running":
        return resource.state
    said = texts_at(resource.values, *STATE_PATHS)
    return "stopped" if any(text.casefold() in STOPPED for text in said) else "running"
