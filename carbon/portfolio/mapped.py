"""The mappings of a workspace: saved by name, read back as readers, kept with every import."""

import json
import re
import unicodedata
from contextlib import suppress
from typing import Any, Final

import polars as pl

from carbon.activity.mapping import shipped
from carbon.activity.mapping.model import PREFIX, Mapping
from carbon.activity.mapping.reader import MappedReader
from carbon.portfolio.sources import source_of
from carbon.tables.payload import RefusalError
from carbon.workspace import Workspace

ACTION: Final = "mapping"
"""How the event log calls the saving of a mapping."""


def texts(workspace: Workspace) -> dict[str, str]:
    """The TOML of the workspace's own mappings by their format's name, in order of the names."""
    found = workspace.settings.all()
    return {
        name: value
        for name, value in sorted(found.items())
        if name.startswith(PREFIX) and isinstance(value, str)
    }


def saved(workspace: Workspace) -> dict[str, Mapping]:
    """The workspace's own mappings by their format's name; one that cannot be read is left out.

    Nothing but `save` writes them, so that a mapping cannot be read only where an older version
    of the product said something in it that this one does not know.
    """
    found = {}
    for name, text in texts(workspace).items():
        with suppress(RefusalError):
            found[name] = Mapping.from_toml(text)
    return found


def readers(workspace: Workspace) -> dict[str, MappedReader]:
    """Readers of the workspace's own mappings; the exact header of one is certainly its own."""
    return {
        name: MappedReader(mapping, all_there=1.0) for name, mapping in saved(workspace).items()
    }


def save(workspace: Workspace, mapping: Mapping, who: str) -> None:
    """Keep a mapping under its name; the event log keeps what it was before.

    Raises:
        RefusalError: the mapping lacks something, or bears the name of one that ships.
    """
    if lacking := mapping.lacks():
        raise RefusalError(f"The mapping '{mapping.name}' is not finished. {' '.join(lacking)}")
    if mapping in shipped.MAPPINGS:
        return
    if mapping.format in {known.format for known in shipped.MAPPINGS}:
        raise RefusalError(
            f"A mapping '{mapping.name}' comes with the product. Choose another name."
        )
    with workspace.ledger.lock():
        before = workspace.settings.get(mapping.format)
        text = mapping.to_toml()
        if text != before:
            workspace.settings.set(mapping.format, text)
            workspace.events.append(who, ACTION, mapping.name, before, text)


def free_name(workspace: Workspace, file: str) -> str:
    """A name for the mapping of a file, that no mapping bears: its own, without dates."""
    family = source_of("", file).removeprefix(" · ")
    plain = unicodedata.normalize("NFKD", family).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "my-source"
    taken = {PREFIX + mapping.name for mapping in shipped.MAPPINGS} | texts(workspace).keys()
    number = 1
    name = stem
    while PREFIX + name in taken:
        number += 1
        name = f"{stem}-{number}"
    return name


def recorded(workspace: Workspace, format: str) -> MappedReader | None:
    """The mapping by which a file of this format was last read, though it was never saved."""
    used = workspace.ledger.read("imports").filter(
        (pl.col("format") == format) & pl.col("mapping").is_not_null()
    )
    if used.is_empty():
        return None
    return MappedReader(Mapping.model_validate(json.loads(used["mapping"][-1])))


def as_recorded(mapping: Mapping | None) -> str | None:
    """A mapping as an import keeps it: JSON, without what stands at its default."""
    if mapping is None:
        return None
    said: dict[str, Any] = mapping.model_dump(mode="json", exclude_defaults=True)
    return json.dumps(said, sort_keys=True, ensure_ascii=False)
