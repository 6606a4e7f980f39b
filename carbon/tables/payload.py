"""A file with its packing removed, what a reader may know of the world, and what it may say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from carbon.policy import Policy


@dataclass(frozen=True)
class Correction:
    """A cell that a user mended: it is read as `after` wherever the row has `before` there.

    Attributes:
        row: row in the file as the user sees it.
        column: the file's own column name; None where the whole line was retyped.
        before: the text as it stands in the file; None for an empty cell.
        after: the text that is read in its place; None empties the cell.
    """

    row: int
    column: str | None
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Payload:
    """One file, its packing removed.

    Attributes:
        name: file name as received (never used to recognise the format).
        kind: "text", "json", "jsonl", "parquet" or "xlsx": what the bytes are.
        text: the decoded characters, for text, json and jsonl.
        data: the unpacked bytes of this file, before decoding; what evidence keeps of a member of
            an archive with several.
        encoding: what the text was decoded from, for the import card.
        notes: what was done to unpack it ("gzip", "UTF-16").
        warnings: sentences that the user should read (a guessed encoding).
        corrections: cells that a user mended, applied when the table is read.
    """

    name: str
    kind: str
    text: str = ""
    data: bytes = b""
    encoding: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True)
class RefusedMember:
    """A file of an archive that cannot be taken, beside others that can.

    Attributes:
        name: `archive.zip › member.csv`.
        reason: the sentence that names the file, what it is, and what to do.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class Context:
    """What a reader may know of the world: no disk, no network, no clock.

    Attributes:
        evidence_id: sha256 of the file.
        timezone: IANA zone of local times without a zone; `timezone_given` says whether the user
            named it or it is the policy's default.
        zones: lower-case name or id -> canonical zone id, for every zone that the library or the
            workspace knows (ids, alpha-3 codes).
        zip_zones: US ZIP code (5 digits) -> eGRID subregion.
        countries: lower-case alpha-2, alpha-3 or English name -> alpha-2.
        regions: provider -> {lower-case region code or name -> canonical region code}.
        zone_countries: canonical zone id -> alpha-2.
        instances: provider -> {lower-case instance type -> (canonical accelerator, accelerators
            per machine, null where not known)}, of the types that carry accelerators.
        policy: the choices that reading itself needs: gaps of telemetry, its resolution.
    """

    evidence_id: str
    timezone: str = "UTC"
    timezone_given: bool = False
    zones: Mapping[str, str] = field(default_factory=dict)
    zip_zones: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    zone_countries: Mapping[str, str] = field(default_factory=dict)
    instances: Mapping[str, Mapping[str, tuple[str, float | None]]] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True)
class Problem:
    """Something to say about a file; `row` None means the whole file."""

    reason: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "reason": self.reason,
        }


class RefusalError(ValueError):
    """The whole file cannot be taken; the message says why and what to do."""
