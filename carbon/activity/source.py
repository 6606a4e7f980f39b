"""What every reader takes and gives.

A reader is a module under `carbon.activity` with four names:

* `NAME`, `TITLE`, `PROVIDER`: how `carbon formats` lists it;
* `EXAMPLE_COLUMNS`: a few of the source's own column names;
* `VARIABLE_MAP`: the source's names -> the house's names;
* `sniff(payload) -> Recognition`: is this mine, how sure, and why;
* `read(payload, context) -> Reading`: every row of the file, accepted or quarantined.

A `Payload` is one file with its packing removed (`intake.open_payload`): decoded text, or bytes
for Parquet and workbooks. A reader opens nothing itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from carbon.schema import Activity, Instrument, Quarantine, Reported


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
    """

    name: str
    kind: str
    text: str = ""
    data: bytes = b""
    encoding: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recognition:
    """How sure a reader is that a file is its own: 0 (no) to 1 (certain), and why."""

    confidence: float
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
    """

    evidence_id: str
    timezone: str = "UTC"
    timezone_given: bool = False
    zones: Mapping[str, str] = field(default_factory=dict)
    zip_zones: Mapping[str, str] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    regions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    zone_countries: Mapping[str, str] = field(default_factory=dict)


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


@dataclass(frozen=True)
class Reading:
    """Every data row of a file: `rows` = distinct row numbers in accepted frames + quarantine.

    Exactly the frames that the format gives are non-empty. `notes` are remarks that lose no row
    (a local time read as UTC, an unknown column kept as a tag). `local_times` says that the file
    holds local times without a zone, so that the user may be asked for it.
    """

    rows: int
    activity: pl.DataFrame = field(default_factory=Activity.create_empty)
    reported: pl.DataFrame = field(default_factory=Reported.create_empty)
    instruments: pl.DataFrame = field(default_factory=Instrument.create_empty)
    quarantine: pl.DataFrame = field(default_factory=Quarantine.create_empty)
    notes: tuple[Problem, ...] = ()
    local_times: bool = False


class RefusalError(ValueError):
    """The whole file cannot be taken; the message says why and what to do."""
