"""What readers of discovery files share: cells of a sighting, faults, names, tags, places.

A sighting says that something exists and is AI; it has no energy. Values are taken by name from
documents that may hold secrets, so a reader names what it takes and never copies a document.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from carbon.activity.accept import reading_of
from carbon.activity.documents import number_of
from carbon.activity.lifecycle import LIFECYCLE_WORDS
from carbon.activity.places import region_code
from carbon.activity.source import Context, Problem, Reading
from carbon.schema import Sighting
from carbon.tables import Rejections
from carbon.tables.dates import EARLIEST, LATEST
from carbon.tables.rejections import REJECTION_SCHEMA

STATED: Final = {
    "workload": ("workload", "ai_workload", "ml_workload", "carbon_workload"),
    "model": ("model", "model_name", "ml_model"),
    "project": ("project", "part_of"),
    "business_unit": ("business_unit", "team", "department", "cost_center", "cost_centre"),
    "owner": ("owner", "created_by", "contact", "maintainer"),
    "lifecycle": ("lifecycle", "ai_lifecycle", "stage"),
}
"""Column of a sighting -> keys of tags and labels that state it; the first one counts."""

_FAMILIES: Final = {
    "aws": re.compile(r"^(p\d|gr?\d|inf\d|trn\d|dl\d)[a-z0-9-]*\."),
    "gcp": re.compile(r"^(a\d+-(high|mega|ultra|edge|max)gpu|g\d-standard|ct\d)"),
    "azure": re.compile(r"^standard_n[cdvg]c?\d"),
}
"""Families of machine types that carry accelerators, for types that the table does not list yet."""


class FaultError(ValueError):
    """A value that cannot be: the row is set aside.

    Attributes:
        column: where it stands.
        value: its text.
        reason: what is wrong, and what to do.
    """

    def __init__(self, reason: str, column: str | None = None, value: Any = None):
        super().__init__(reason)
        self.reason, self.column = reason, column
        self.value = None if value is None else text_of(value) or json.dumps(value, default=str)


@dataclass(frozen=True)
class Machine:
    """A machine type that carries accelerators.

    Attributes:
        type: as the source writes it.
        accelerator: canonical name; None where the table does not list the type.
        number: accelerators of one machine; None where not known.
    """

    type: str
    accelerator: str | None = None
    number: float | None = None

    def __str__(self) -> str:
        if self.accelerator is None:
            return f"{self.type} is of a family that carries accelerators"
        number = f"{self.number:g} × " if self.number else ""
        return f"{self.type} carries {number}{self.accelerator}"


@dataclass
class Sightings:
    """What a file tells: sightings, rows that cannot be read, and remarks.

    Attributes:
        rows: cells of each sighting, under the names of the schema.
        faults: rows that are set aside.
        taken: numbers of rows that stand for something AI, whether taken or set aside.
        notes: remarks on the file.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    faults: list[tuple[int, str | None, str | None, str]] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    notes: list[Problem] = field(default_factory=list)

    def add(self, row: int, cells: Iterable[Mapping[str, Any]], inside: str = "") -> None:
        """Take a row of the file, or set it aside where making its cells raises a FaultError.

        A row of which nothing is AI gives no cells, and is none.

        Args:
            row: number of the row.
            cells: of each sighting that the row gives.
            inside: what stands before the columns that faults name.
        """
        try:
            made = [{**cell, "row_number": row} for cell in cells]
        except FaultError as fault:
            self.taken.add(row)
            column = fault.column and f"{inside}{fault.column}"
            self.faults.append((row, column, fault.value, fault.reason))
            return
        self.rows += made
        self.taken |= {row} if made else set()

    def reading(self, format: str, context: Context) -> Reading:
        """The Reading: every row that is AI is accepted or set aside."""
        types = Sighting.create_empty().schema
        stamp = {"evidence_id": context.evidence_id, "format": format}
        frame = pl.DataFrame([row | stamp for row in self.rows], schema=dict(types))
        rejections = Rejections()
        rejections.add(pl.DataFrame(self.faults, schema=REJECTION_SCHEMA, orient="row"))
        return reading_of(
            frame, len(self.taken), rejections, context, self.notes, table="sightings"
        )


def text_of(value: Any) -> str | None:
    """Text of a scalar, trimmed; None for anything else and for blanks."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    # A lone surrogate, which JSON may spell, is no character.
    return str(value).encode("utf-8", "replace").decode().strip() or None


def first_text(*values: Any) -> str | None:
    """The first value that is text."""
    return next((text for value in values if (text := text_of(value)) is not None), None)


def count_of(value: Any, column: str) -> float | None:
    """A number of things; None where nothing is said.

    Raises:
        FaultError: it is no number, or below 0.
    """
    if value is None:
        return None
    number = number_of(value)
    if number is None or number < 0:
        raise FaultError("this is no number of machines or accelerators", column, value)
    return number


def at_paths(value: Any, path: str, written: str = "") -> Iterator[tuple[str, Any]]:
    """What stands at a dotted path, lists walked on the way; with where it stands."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from at_paths(item, path, f"{written}{index}.")
    elif not path:
        if value is not None:
            yield written.removesuffix("."), value
    elif isinstance(value, dict):
        key, _, rest = path.partition(".")
        if key in value:
            yield from at_paths(value[key], rest, f"{written}{key}.")


def texts_at(value: Any, *paths: str) -> list[str]:
    """The texts at some paths, in their order."""
    found = [text_of(item) for path in paths for _, item in at_paths(value, path)]
    return [text for text in found if text is not None]


def as_names(names: Iterable[str | None]) -> str | None:
    """Names as a JSON array, sorted; a path's last part is a name as well."""
    known = {name for name in names if name}
    known |= {name.rsplit("/", 1)[1] for name in known if "/" in name}
    known.discard("")
    return json.dumps(sorted(known), ensure_ascii=False) if known else None


def as_tags(tags: Mapping[str, str]) -> str | None:
    """Tags as a JSON object, keys sorted."""
    return json.dumps(dict(tags), sort_keys=True, ensure_ascii=False) if tags else None


def tags_in(*values: Any) -> dict[str, str]:
    """Tags of objects of scalars, or lists of objects with key and value; the last counts."""
    found: dict[str, str] = {}
    for value in values:
        for _, item in at_paths(value, ""):
            if not isinstance(item, dict):
                continue
            pairs = [(item["key"], item.get("value"))] if "key" in item else item.items()
            found |= {
                key: text
                for name, cell in pairs
                if (key := text_of(name)) and (text := text_of(cell))
            }
    return found


def stated(tags: Mapping[str, str]) -> dict[str, str | None]:
    """What tags or labels say of workload, model, project, team, owner and lifecycle."""
    plain = {re.sub(r"[\s\-.:]+", "_", k.rsplit("/", 1)[-1].casefold()): v for k, v in tags.items()}
    said = {
        column: next((plain[key] for key in keys if key in plain), None)
        for column, keys in STATED.items()
    }
    word = re.sub(r"[\s\-/_]+", "_", (said["lifecycle"] or "").casefold())
    return said | {"lifecycle": LIFECYCLE_WORDS.get(word)}


def region_in(provider: str | None, written: Iterable[str | None], context: Context) -> str | None:
    """The first code, of a region or an availability zone, that the provider is known to have."""
    known = context.regions.get(provider or "", {})
    for text in written:
        code = region_code(text, known)[0] if text else None
        if code is not None:
            return code
    return None


def machine_of(provider: str | None, type_: str, context: Context) -> Machine | None:
    """The accelerators of a machine type; None where it has none, as far as is known."""
    plain = type_.casefold().removeprefix("ml.")
    known = context.instances.get(provider or "", {}).get(plain)
    if known is not None:
        return Machine(type_, *known)
    family = _FAMILIES.get(provider or "")
    return Machine(type_) if family and family.match(plain) else None


def moment_of(value: Any) -> datetime | None:
    """A moment of a time stamp with its zone (RFC 3339); None for anything else."""
    text = text_of(value)
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if (
        moment.tzinfo is None
        or not EARLIEST.timestamp() <= moment.timestamp() <= LATEST.timestamp()
    ):
        return None
    return moment.astimezone(UTC)
