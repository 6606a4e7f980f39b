"""Verbs of mappings: what the columns of a file mean that no reader knows."""

from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from carbon.activity import intake
from carbon.activity.mapping import guessing, shipped
from carbon.activity.mapping.examples import converted
from carbon.activity.mapping.fields import FIELDS, QUANTITIES, Target
from carbon.activity.mapping.model import NUMBER_STYLES, STEPS, Mapping
from carbon.activity.mapping.reader import MappedReader
from carbon.portfolio import mapped, reading
from carbon.portfolio.opened import Opened, PortfolioError, local_user
from carbon.portfolio.results import FilePreview
from carbon.tables.datestyles import STYLES
from carbon.tables.payload import Payload, RefusalError

TRIED_CHARACTERS: Final = 2_000_000
"""Of a text file so much is read by a mapping that is still being made."""


@dataclass(frozen=True)
class MappingGuess:
    """What a file looks like, and what its columns may mean.

    Attributes:
        mapping: the proposal; it may lack what no column seems to hold.
        why: field -> why it is proposed.
        sample: the file's first rows, under its own column names.
    """

    mapping: Mapping
    why: dict[str, str]
    sample: pl.DataFrame


@dataclass(frozen=True)
class MappingPreview:
    """What a file gives by a mapping; nothing is written.

    Attributes:
        file: the preview of an import, as for every format.
        converted: field -> the first cell that states anything, and what it is read as.
        lacks: what the mapping still needs, one sentence each.
    """

    file: FilePreview
    converted: dict[str, tuple[str, str]] = field(default_factory=dict)
    lacks: tuple[str, ...] = ()


class Mappings(Opened):
    """Verbs that guess, try, keep and list mappings."""

    def formats(self) -> list[dict[str, Any]]:
        """The formats that can be imported, the workspace's own mappings among them."""
        return reading.formats(mapped.readers(self._workspace))

    def mappings(self) -> list[dict[str, Any]]:
        """Every mapping there is, in the order of the names: name, format, title, target, origin
        (`shipped` or `own`), document, and its TOML as text."""
        rows = [
            {**_described(mapping), "origin": origin}
            for origin, found in (
                ("shipped", shipped.MAPPINGS),
                ("own", mapped.saved(self._workspace).values()),
            )
            for mapping in found
        ]
        return sorted(rows, key=lambda row: str(row["name"]))

    def mapping(self, name: str) -> Mapping:
        """A mapping by its name.

        Raises:
            PortfolioError: there is none of this name.
        """
        for found in (*mapped.saved(self._workspace).values(), *shipped.MAPPINGS):
            if found.name == name:
                return found
        known = ", ".join(row["name"] for row in self.mappings())
        raise PortfolioError(f"There is no mapping '{name}'. The mappings are {known}.")

    @staticmethod
    def read_mapping(text: str) -> Mapping:
        """A mapping from its TOML.

        Raises:
            PortfolioError: it cannot be used; the message says why.
        """
        try:
            return Mapping.from_toml(text)
        except RefusalError as refusal:
            raise PortfolioError(str(refusal)) from refusal

    @staticmethod
    def make_mapping(said: dict[str, Any]) -> Mapping:
        """A mapping from what its TOML would say.

        Raises:
            PortfolioError: it cannot be used; the message says why.
        """
        try:
            return Mapping.of(said)
        except RefusalError as refusal:
            raise PortfolioError(str(refusal)) from refusal

    @staticmethod
    def mapping_choices() -> dict[str, Any]:
        """What a mapping may say: `fields` by target (name, title, kind, units, values, quantity),
        `numbers`, `dates` and `periods`."""
        return {
            "fields": {
                target: {
                    name: {
                        "title": spec.title,
                        "kind": spec.kind,
                        "units": spec.units,
                        "values": spec.values,
                        "quantity": name in QUANTITIES,
                    }
                    for name, spec in specs.items()
                }
                for target, specs in FIELDS.items()
            },
            "numbers": tuple(NUMBER_STYLES),
            "dates": STYLES,
            "periods": ("span", "duration", *STEPS),
        }

    def guess_mapping(
        self, name: str, data: bytes, *, target: Target | None = None
    ) -> MappingGuess:
        """A first guess at what the columns of a file mean.

        Args:
            name: file name.
            data: its bytes.
            target: `activity` or `reported`; None guesses that too.

        Raises:
            PortfolioError: the file holds no table, or is an archive of several.
        """
        try:
            payload = _payload(name, data)
            found = guessing.guess(payload, mapped.free_name(self._workspace, name), target)
        except RefusalError as refusal:
            raise PortfolioError(str(refusal)) from refusal
        return MappingGuess(found.mapping, found.why, found.sample)

    def preview_mapping(
        self, name: str, data: bytes, mapping: Mapping, *, timezone: str | None = None
    ) -> MappingPreview:
        """What the beginning of a file gives by a mapping, in house terms; nothing is written.

        Args:
            name: file name.
            data: its bytes.
            mapping: what its columns mean; it may still lack something.
            timezone: IANA zone of local times, where the mapping names none.
        """
        if lacking := mapping.lacks():
            return MappingPreview(FilePreview(name=name), lacks=lacking)
        importer = self._importer(None, timezone)
        try:
            payload = _payload(name, data)
            context = importer.context(mapping.format, payload)
            cells = converted(MappedReader(mapping), payload, context)
        except RefusalError as refusal:
            return MappingPreview(FilePreview(name=name, refusal=str(refusal)))
        if payload.kind == "text" and len(payload.text) > TRIED_CHARACTERS:
            end = payload.text.rfind("\n", 0, TRIED_CHARACTERS) + 1
            data = payload.text[: end or TRIED_CHARACTERS].encode()
        (file,) = importer.mapped_by(mapping).preview(name, data)
        return MappingPreview(file, cells)

    def save_mapping(self, mapping: Mapping, who: str | None = None) -> None:
        """Keep a mapping under its name: files with its header are recognised from now on.

        Raises:
            PortfolioError: it lacks something, or bears the name of one that ships.
        """
        try:
            mapped.save(self._workspace, mapping, who or local_user())
        except RefusalError as refusal:
            raise PortfolioError(str(refusal)) from refusal


def _described(mapping: Mapping) -> dict[str, Any]:
    return {
        "name": mapping.name,
        "format": mapping.format,
        "title": mapping.title or mapping.name,
        "target": mapping.target,
        "document": mapping.document,
        "columns": list(mapping.header),
        "text": mapping.to_toml(),
    }


def _payload(name: str, data: bytes) -> Payload:
    """The one file in what was received."""
    found = intake.open_payloads(name, data)
    if len(found) > 1:
        raise RefusalError(
            f"{name} holds {len(found)} files. Unpack it, and map one of them at a time."
        )
    (only,) = found
    if not isinstance(only, Payload):
        raise RefusalError(only.reason)
    return only
