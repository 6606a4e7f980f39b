"""One file as received to rows: recognise its format, read it, and heed what users decided."""

import hashlib
from collections.abc import Mapping as Names
from dataclasses import dataclass, replace
from typing import Any, Self

import polars as pl

from carbon import activity
from carbon.activity import Reader
from carbon.activity.mapping.model import PREFIX, Mapping
from carbon.activity.mapping.reader import MappedReader
from carbon.activity.source import Context, Payload, Problem, RefusalError
from carbon.factors import readers as factor_files
from carbon.factors.library import Library, context_maps
from carbon.factors.source import FactorReading
from carbon.policy import Policy
from carbon.portfolio import mapped
from carbon.portfolio.decisions import corrections_of, keep_out, unsettles
from carbon.portfolio.sources import zone_of
from carbon.tables.payload import Correction
from carbon.tables.recognition import Sniffer, recognise
from carbon.workspace import Workspace


@dataclass(frozen=True)
class Read:
    """One file as read: what it is, its rows by ledger table, and what to say about it."""

    evidence_id: str
    format: str
    confidence: float
    reason: str
    alternatives: tuple[str, ...]
    rows: int
    frames: dict[str, pl.DataFrame]
    quarantine: pl.DataFrame
    notes: tuple[Problem, ...]
    timezone: str | None = None
    timezone_given: bool = False
    mapping: str | None = None


@dataclass(frozen=True)
class FileReader:
    """Reads files as one workspace has it, and writes nothing.

    Attributes:
        workspace: its mappings, zones and corrections are used.
        library: the shipped tables, for the places that readers may know.
        policy: its default time zone is used.
        format: reader to use instead of the recognised one.
        timezone: IANA zone of local times that carry none; an import remembers it for their source.
        mapping: what the columns mean, for files that no reader knows.
        factors_only: refuse whatever is no factor file.
        trial: cells mended for a preview alone, beside those that the workspace keeps.
    """

    workspace: Workspace
    library: Library
    policy: Policy
    format: str | None = None
    timezone: str | None = None
    mapping: Mapping | None = None
    factors_only: bool = False
    trial: tuple[Correction, ...] = ()

    def mapped_by(self, mapping: Mapping | None) -> Self:
        """The same, for files whose columns a mapping explains."""
        return replace(self, mapping=mapping)

    def context(self, format: str, payload: Payload, evidence_id: str = "") -> Context:
        """What the reader of a format may know of the world."""
        timezone, given = self._zone(format, payload.name, evidence_id)
        return Context(
            evidence_id=evidence_id,
            timezone=timezone,
            timezone_given=given,
            policy=self.policy,
            **context_maps(self.library, self.workspace.ledger.current_factors()),
        )

    def read(self, payload: Payload, evidence: bytes) -> Read:
        """Recognise a file and read it with the reader of its format."""
        evidence_id = hashlib.sha256(evidence).hexdigest()
        mended = (*corrections_of(self.workspace, evidence_id), *self.trial)
        payload = replace(payload, corrections=mended)
        own = self._readers()
        readers: dict[str, Sniffer] = {**own, **factor_files.READERS}
        named = self.mapping.format if self.mapping else self.format
        name, recognition, others = recognise(payload, readers, named)
        if self.factors_only and name not in factor_files.READERS:
            raise RefusalError(
                f"{payload.name} holds no emission factors: it is recognised as {name}. Take it in "
                "with `carbon import`."
            )
        context = self.context(name, payload, evidence_id)
        frames, rest = _frames(own.get(name), name, payload, context)
        frames, aside = self._decided(payload, evidence_id, frames, rest.quarantine)
        warnings = tuple(Problem(warning) for warning in payload.warnings)
        return Read(
            evidence_id=evidence_id,
            format=name,
            confidence=recognition.confidence,
            reason=recognition.reason,
            alternatives=tuple(other for other, _ in others),
            rows=rest.rows,
            frames=frames,
            quarantine=aside,
            notes=(*warnings, *rest.notes),
            timezone=context.timezone if getattr(rest, "local_times", False) else None,
            timezone_given=context.timezone_given,
            mapping=mapped.as_recorded(getattr(own.get(name), "mapping", None)),
        )

    def title(self, name: str) -> str:
        """What a format is called."""
        own = self._readers()
        return own[name].TITLE if name in own else factor_files.READERS[name].TITLE

    def _zone(self, format: str, name: str, evidence_id: str) -> tuple[str, bool]:
        """The zone of local times of a file, and whether anybody named it.

        It is the one that is named now, else the one that was named for an earlier file of the
        same source, else that under which the very same file was read before, else the policy's.
        """
        named = self.timezone or zone_of(self.workspace, format, name)
        before = self.workspace.ledger.read("imports").filter(
            pl.col("evidence_id") == evidence_id, pl.col("timezone").is_not_null()
        )["timezone"]
        last = before[-1] if len(before) else self.policy.energy.default_timezone
        return named or last, named is not None

    def _readers(self) -> dict[str, Reader]:
        """Every reader of activity: those that ship, and the workspace's own mappings."""
        own: dict[str, Reader] = {**activity.READERS, **mapped.readers(self.workspace)}
        if self.mapping is not None:
            own[self.mapping.format] = MappedReader(self.mapping)
        elif self.format and self.format.startswith(PREFIX) and self.format not in own:
            recorded = mapped.recorded(self.workspace, self.format)
            if recorded is not None:
                own[self.format] = recorded
        return own

    def _decided(
        self,
        payload: Payload,
        evidence_id: str,
        frames: dict[str, pl.DataFrame],
        quarantine: pl.DataFrame,
    ) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
        """The rows as users decided on them; no correction unsettles what was taken before."""
        ledger = self.workspace.ledger
        if payload.corrections and unsettles(self.workspace, evidence_id, frames):
            raise RefusalError(
                f"{payload.name}: with these corrections rows that were taken would be read "
                "otherwise. Write the cells in the style of the others of their column."
            )
        discarded = self.workspace.mending.discarded(evidence_id)
        if discarded.is_empty():
            return frames, quarantine
        return keep_out(frames, quarantine, discarded, ledger.accepted_rows(evidence_id))


def _frames(
    reader: Reader | None, name: str, payload: Payload, context: Context
) -> tuple[dict[str, pl.DataFrame], activity.Reading | FactorReading]:
    """The rows of a file by ledger table, and the reading that they are from."""
    if reader is None:
        factors = factor_files.READERS[name].read(payload, context)
        return {"factor": factors.factors}, factors
    reading = reader.read(payload, context)
    return {
        "activity": reading.activity,
        "reported": reading.reported,
        "instrument": reading.instruments,
        "sighting": reading.sightings,
        "asset": reading.assets,
        "reference": reading.references,
        "weather": reading.weather,
    }, reading


def formats(own: Names[str, Reader] | None = None) -> list[dict[str, Any]]:
    """The formats that can be imported, in the order of their names.

    Args:
        own: readers of a workspace's own mappings.
    """
    described = [
        (reader.NAME, reader.TITLE, reader.PROVIDER, reader.EXAMPLE_COLUMNS)
        for readers in (
            activity.READERS.values(),
            (own or {}).values(),
            factor_files.READERS.values(),
        )
        for reader in readers
    ]
    return [
        {"name": name, "title": title, "provider": provider, "example_columns": list(columns)}
        for name, title, provider, columns in sorted(described, key=lambda row: row[0])
    ]
