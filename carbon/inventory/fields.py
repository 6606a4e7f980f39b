"""The fields of the AI inventory: what each holds, and which of them an analyst states."""

from dataclasses import dataclass
from typing import Final, Literal

from carbon.schema import WORKLOAD_NUMBERS

Kind = Literal["text", "number", "date", "lifecycle", "yes_no"]

GROUPS: Final = ("Identity", "Model", "Hardware", "Place", "Boundary", "Volume")
"""Parts of the inventory that are read together."""


@dataclass(frozen=True)
class Field:
    """One column of the inventory.

    Attributes:
        name: the column.
        title: what a reader calls it, with its unit.
        group: one of GROUPS.
        kind: what a cell may hold.
        stated: whether an analyst may state it; else it follows from the sources.
    """

    name: str
    title: str
    group: str
    kind: Kind = "text"
    stated: bool = True


def _fields(group: str, titles: dict[str, str]) -> list[Field]:
    return [Field(name, title, group, _kind(name), True) for name, title in titles.items()]


def _derived(group: str, titles: dict[str, str]) -> list[Field]:
    return [Field(name, title, group, "number", False) for name, title in titles.items()]


def _kind(name: str) -> Kind:
    if name in WORKLOAD_NUMBERS:
        return "number"
    kinds: dict[str, Kind] = {
        "lifecycle": "lifecycle",
        "in_scope": "yes_no",
        "boundary_decided_on": "date",
    }
    return kinds.get(name, "text")


FIELDS: Final[tuple[Field, ...]] = (
    *_fields(
        "Identity",
        {
            "name": "Shown as",
            "lifecycle": "Lifecycle",
            "owner": "Owner",
            "business_unit": "Business unit",
            "project": "Project",
            "evidence": "Evidence: document or link",
        },
    ),
    *_fields(
        "Model",
        {
            "model": "Model",
            "architecture": "Architecture",
            "parameters": "Parameters, total",
            "active_parameters": "Parameters, active",
            "dataset_size": "Data set",
            "training_hours": "Training, as stated [h]",
            "api_model": "Model called by API",
        },
    ),
    *_derived("Model", {"wall_hours": "Runs, wall-clock [h]"}),
    *_fields(
        "Hardware",
        {
            "accelerator": "Accelerator",
            "accelerator_count": "Accelerators",
            "accelerator_memory_gb": "Memory of one [GB]",
            "mean_power_w": "Mean power, as stated [W]",
        },
    ),
    *_fields(
        "Place",
        {
            "provider": "Provider",
            "region": "Region",
            "site": "Site",
            "zone": "Grid zone",
            "endpoint": "Endpoint",
        },
    ),
    *_fields(
        "Boundary",
        {
            "in_scope": "In scope",
            "boundary_reason": "Reason",
            "boundary_decided_on": "Decided on",
        },
    ),
    Field("boundary_basis", "Decided by", "Boundary", "text", False),
    *_derived(
        "Volume",
        {
            "requests": "Requests",
            "input_tokens": "Input tokens",
            "output_tokens": "Output tokens",
            "cached_tokens": "Cached tokens, of the input",
            "reasoning_tokens": "Reasoning tokens, of the output",
        },
    ),
    *_fields(
        "Volume",
        {
            "wh_per_request": "Energy of a request, as stated [Wh]",
            "wh_per_1k_output_tokens": "Energy of 1,000 output tokens, as stated [Wh]",
            "expected_requests": "Requests expected over its life",
        },
    ),
)
"""Every field, in the order in which tables show them."""

STATED: Final = tuple(field.name for field in FIELDS if field.stated)
"""Columns that an analyst may state."""

KINDS: Final[dict[str, Kind]] = {field.name: field.kind for field in FIELDS}
TITLES: Final = {field.name: field.title for field in FIELDS}
