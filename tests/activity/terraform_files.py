"""What the tests of discovery's readers share: the shipped tables as context, and reading."""

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from carbon.activity import Reading, recognise
from carbon.activity import read as read_activity
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Payload
from carbon.factors.library import context_maps, load
from carbon.schema import Factor
from carbon.tables.payload import Correction

DATA = Path(__file__).parents[1] / "data"


@cache
def world() -> Context:
    """Zones, regions and machine types as they ship."""
    return Context("e" * 64, **context_maps(load(), Factor.create_empty()))


def payload_of(data: bytes, *corrections: Correction) -> Payload:
    """The one file in some bytes."""
    (payload,) = open_payloads("file", data)
    assert isinstance(payload, Payload)
    return Payload(payload.name, payload.kind, payload.text, payload.data, corrections=corrections)


def reading_of(file: str, format: str) -> Reading:
    """An example, which is recognised as that format, read."""
    payload = payload_of((DATA / file).read_bytes())
    name, recognition, others = recognise(payload)
    assert name == format
    assert recognition.confidence > 0.9
    assert all(other.confidence < 0.5 for _, other in others)
    return read_activity(payload, world())


def reading(data: bytes, format: str, *corrections: Correction) -> Reading:
    """Bytes read as that format."""
    return read_activity(payload_of(data, *corrections), world(), format)


def sighting(found: Reading, reference: str) -> dict[str, Any]:
    """The one sighting of that address."""
    rows = found.sightings.filter(pl.col("reference") == reference).to_dicts()
    assert len(rows) == 1, found.sightings["reference"].to_list()
    return rows[0]
