"""Terraform's state and plan: what exists, or is about to, that carries accelerators or is AI.

How the file is got: `terraform show -json > state.json`, or `terraform plan -out=plan.tfplan` and
`terraform show -json plan.tfplan > plan.json`. `terraform.tfstate` itself (version 4) is read too,
and so is what OpenTofu writes.

A row is a managed resource that is AI: a machine type or an attached accelerator says so, or a
managed service (`carbon/activity/terraform_resources.py` lists the types). Every other resource is
counted in a note. Of a plan, what is to be created is planned, what is to be deleted destroyed.
A later state of the same lineage replaces the earlier one whole; `terraform show -json` writes no
lineage, and there one with a resource of the same address and account does.
Nothing of it has energy: sightings become proposals for the AI inventory. Only attributes that
identify a resource are taken; secrets in the file stay in it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from carbon.activity.documents import each_object
from carbon.activity.sightings import moment_of, text_of
from carbon.activity.source import Context, Head, Payload, Reading, Recognition, RefusalError
from carbon.activity.terraform_resources import PROVIDER_BLOCKS
from carbon.activity.terraform_sightings import Resource, sight
from carbon.schema import WHOLE_LISTING
from carbon.tables.records import Entry, mended

NAME: Final = "terraform-json"
TITLE: Final = "Terraform state or plan (terraform show -json)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("format_version", "terraform_version", "values.root_module.resources")

VARIABLE_MAP: Final = {
    "address": "reference",
    "values.name": "name",
    "values.instance_type": "instance_type",
    "values.machine_type": "instance_type",
    "values.vm_size": "instance_type",
    "values.size": "instance_type",
    "values.guest_accelerator.type": "accelerator",
    "values.guest_accelerator.count": "accelerator_count",
    "values.region": "region",
    "values.location": "region",
    "values.availability_zone": "region",
    "values.arn": "account",
    "values.project": "account",
    "values.tags": "tags",
    "values.labels": "tags",
}
"""Attributes of a resource, of those of each type that stand in `terraform_resources.KINDS`."""

_TREES: Final = ("values.root_module", "planned_values.root_module", "resource_changes")
_PLANS: Final = ("planned_values", "resource_changes")
_STATE_FILE: Final = {"version", "terraform_version", "serial", "lineage"}


def sniff(head: Head) -> Recognition:
    """format_version beside a tree of resources, or the head of a state file."""
    if head.kind not in ("json", "jsonl"):
        return Recognition(0.0, f"the format does not come as {head.kind}")
    columns = set(head.columns)
    trees = sorted({t for t in _TREES for c in columns if c == t or c.startswith(f"{t}.")})
    if "format_version" in columns and trees:
        return Recognition(0.97, f"has format_version and {trees[0]}")
    if columns >= _STATE_FILE:
        return Recognition(0.95, "has the head of a state file of Terraform")
    if {"format_version", "terraform_version"} <= columns:
        return Recognition(0.8, "has format_version and terraform_version")
    return Recognition(0.0, "needs format_version and values, planned_values or resource_changes")


def read(payload: Payload, context: Context) -> Reading:
    """Read a state or a plan.

    Args:
        payload: the document; several, one after the other, are read as one.
        context: `instances`, the machine types that carry accelerators; `regions`.

    Returns:
        A Sighting per resource that is AI. Rows are numbered by the position among the managed
        resources of the file.

    Raises:
        RefusalError: it is no JSON, of a later major version of the format, or no state or plan.
    """
    resources: list[Resource] = []
    for _, document in each_object(payload):
        if isinstance(document, dict):
            _check_version(payload.name, document)
            resources += _resources(document, payload, len(resources))
    if not resources:
        raise RefusalError(
            f"{payload.name} holds no managed resource. Write it by `terraform show -json` where "
            "the configuration has been applied, or of a plan."
        )
    return sight(resources, NAME, context).reading(NAME, context)


def _check_version(name: str, document: Mapping[str, Any]) -> None:
    version = text_of(document.get("format_version"))
    if version is not None and version.partition(".")[0] not in ("0", "1"):
        raise RefusalError(
            f"{name} is of version {version[:20]} of Terraform's JSON, of which only 1 is known. "
            "Write it with a Terraform of version 1."
        )


def _resources(document: dict[str, Any], payload: Payload, before: int) -> list[Resource]:
    """The managed resources of one document, corrections applied."""
    regions, seen = _regions(document), moment_of(document.get("timestamp"))
    listing, serial = _listing(document)
    found: list[Resource] = []
    for item, state in _items(document):
        if isinstance(item, dict) and item.get("mode", "managed") != "managed":
            continue
        row = before + len(found) + 1
        entry = Entry(row, item if isinstance(item, dict) else {})
        (whole,) = mended([entry], payload.corrections)
        found.append(_resource(row, whole.value or {}, state, regions))
        found[-1].seen = seen
        found[-1].listing, found[-1].serial = listing, serial
    return found


def _listing(document: dict[str, Any]) -> tuple[str | None, int | None]:
    """Lineage and serial of a state; `terraform show -json` says neither. None of a plan."""
    if any(isinstance(document.get(tree), list | dict) for tree in _PLANS):
        return None, None
    serial = document.get("serial")
    counted = isinstance(serial, int) and not isinstance(serial, bool) and 0 <= serial < 1 << 62
    lineage = text_of(document.get("lineage"))
    return lineage or WHOLE_LISTING, serial if lineage and counted else None


def _resource(row: int, item: dict[str, Any], state: str, regions: Mapping[str, str]) -> Resource:
    values = item.get("values")
    remarks = ["marked as tainted: to be created anew"] if item.get("tainted") is True else []
    return Resource(
        row,
        text_of(item.get("address")) or "",
        text_of(item.get("type")) or "",
        values if isinstance(values, dict) else None,
        state,
        remarks,
        regions=regions,
    )


def _items(document: dict[str, Any]) -> Iterator[tuple[Any, str]]:
    """Each resource under the names of a state, and its state."""
    changes = document.get("resource_changes")
    if isinstance(changes, list) and changes:
        for change in changes:
            yield _of_change(change)
        return
    for tree, state in (("values", "running"), ("planned_values", "planned")):
        inside = document.get(tree)
        if isinstance(inside, dict):
            yield from ((item, state) for item in _of_module(inside.get("root_module")))
            return
    resources = document.get("resources")
    for resource in resources if isinstance(resources, list) else ():
        yield from ((item, "running") for item in _of_state_file(resource))


def _of_module(module: Any) -> Iterator[Any]:
    """Resources of a module and of the modules in it, in the order of the file."""
    waiting = [module]
    while waiting:
        inside = waiting.pop()
        if not isinstance(inside, dict):
            continue
        resources, children = inside.get("resources"), inside.get("child_modules")
        yield from resources if isinstance(resources, list) else ()
        waiting += reversed(children if isinstance(children, list) else [])


def _of_change(change: Any) -> tuple[Any, str]:
    """A resource of a plan: what it will be, or what it was where it goes."""
    inside = change.get("change") if isinstance(change, dict) else None
    if not isinstance(inside, dict):
        return change, "planned"
    listed = inside.get("actions")
    actions = listed if isinstance(listed, list) else []
    after, before = inside.get("after"), inside.get("before")
    if actions in (["delete"], ["forget"]):
        return {**change, "values": before}, "destroyed"
    if isinstance(after, dict) and isinstance(before, dict) and "delete" not in actions:
        return {**change, "values": before | after}, "running"
    return {**change, "values": after}, "planned"


def _of_state_file(resource: Any) -> Iterator[Any]:
    """Resources of `terraform.tfstate`, whose instances stand in their resource."""
    instances = resource.get("instances") if isinstance(resource, dict) else None
    if not isinstance(instances, list):
        yield resource
        return
    parts = [text_of(resource.get(key)) for key in ("module", "type", "name")]
    base = ".".join(part for part in parts if part)
    for instance in instances:
        inside = instance if isinstance(instance, dict) else {}
        index = inside.get("index_key")
        quoted = f'"{index}"' if isinstance(index, str) else index
        yield {
            **resource,
            "address": base if index is None else f"{base}[{quoted}]",
            "values": inside.get("attributes"),
            "tainted": inside.get("status") == "tainted",
        }


def _regions(document: dict[str, Any]) -> dict[str, str]:
    """The regions that a plan's providers are configured with, where written out."""
    configuration = document.get("configuration")
    blocks = configuration.get("provider_config") if isinstance(configuration, dict) else None
    found: dict[str, str] = {}
    for block in blocks.values() if isinstance(blocks, dict) else ():
        if not isinstance(block, dict) or "alias" in block:
            continue
        inside = block.get("expressions")
        region = inside.get("region") if isinstance(inside, dict) else None
        code = text_of(region.get("constant_value")) if isinstance(region, dict) else None
        house = PROVIDER_BLOCKS.get(text_of(block.get("name")) or "")
        if house and code:
            found[house] = code
    return found
