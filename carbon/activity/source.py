"""What every reader takes and gives.

A reader is a module under `carbon.activity` with these names:

* `NAME`, `TITLE`, `PROVIDER`: how `carbon formats` lists it;
* `EXAMPLE_COLUMNS`: a few of the source's own column names;
* `VARIABLE_MAP`: the source's names -> the house's names;
* `sniff(head) -> Recognition`: is this mine, how sure, and why;
* `read(payload, context) -> Reading`: every row of the file, accepted or quarantined.

A `Payload` is one file with its packing removed (`intake.open_payloads`): decoded text, or bytes
for Parquet and workbooks. A reader opens nothing itself.
"""

from dataclasses import dataclass, field

import polars as pl

from carbon.schema import (
    Activity,
    Asset,
    Instrument,
    OwnReference,
    Quarantine,
    Reported,
    Sighting,
    Weather,
)
from carbon.tables.payload import Context, Payload, Problem, RefusalError, RefusedMember
from carbon.tables.recognition import Head, Recognition

__all__ = [
    "Context",
    "Head",
    "Payload",
    "Problem",
    "Reading",
    "Recognition",
    "RefusalError",
    "RefusedMember",
]


@dataclass(frozen=True)
class Reading:
    """Every data row of a file: `rows` = rows that the accepted frames stand for + rows set aside.

    A distinct row number of an accepted frame stands for one row of the file, or for its
    `source_rows`; of the quarantine for one.

    Exactly the frames that the format gives are non-empty. `notes` are remarks that lose no row
    (a local time read as UTC, an unknown column kept as a tag). `local_times` says that the file
    holds local times without a zone, so that the user may be asked for it.
    """

    rows: int
    activity: pl.DataFrame = field(default_factory=Activity.create_empty)
    reported: pl.DataFrame = field(default_factory=Reported.create_empty)
    instruments: pl.DataFrame = field(default_factory=Instrument.create_empty)
    sightings: pl.DataFrame = field(default_factory=Sighting.create_empty)
    assets: pl.DataFrame = field(default_factory=Asset.create_empty)
    references: pl.DataFrame = field(default_factory=OwnReference.create_empty)
    weather: pl.DataFrame = field(default_factory=Weather.create_empty)
    quarantine: pl.DataFrame = field(default_factory=Quarantine.create_empty)
    notes: tuple[Problem, ...] = ()
    local_times: bool = False
