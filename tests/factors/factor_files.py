"""Factor files read as an import reads them: unpacked, recognised, and every row accounted for."""

from dataclasses import replace
from pathlib import Path

from carbon.activity import READERS as ACTIVITY_READERS
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context
from carbon.factors.library import context_maps, load
from carbon.factors.readers import READERS
from carbon.factors.source import FactorReading
from carbon.schema import Factor
from carbon.tables.recognition import recognise
from carbon.workspace.counting import rows_of

DATA = Path(__file__).parents[1] / "data"


def context() -> Context:
    library = load()
    return Context("e" * 64, **context_maps(library, library.factors.clear()))


def read_bytes(
    data: bytes, expected: str, name: str = "file", *, format: str | None = None
) -> FactorReading:
    """Read a file, which must be recognised as the expected format, and conserve its rows."""
    (payload,) = open_payloads(name, data)
    found, _, _ = recognise(payload, {**ACTIVITY_READERS, **READERS}, format)
    assert found == expected
    reading = READERS[expected].read(replace(payload), context())
    Factor.validate(reading.factors)
    accepted = rows_of({"factor": reading.factors})
    assert reading.rows == accepted + reading.quarantine["row_number"].n_unique()
    taken = set(reading.factors["row_number"])
    assert not taken & set(reading.quarantine["row_number"])
    return reading


def read_example(name: str, expected: str, *, format: str | None = None) -> FactorReading:
    """Read a file of tests/data."""
    return read_bytes((DATA / name).read_bytes(), expected, name, format=format)


def figures(reading: FactorReading) -> dict[tuple[str, str, str], float]:
    """(zone, basis, start to the hour) -> kg/kWh."""
    start = reading.factors["valid_from"].dt.strftime("%Y-%m-%dT%H")
    keys = zip(reading.factors["zone"], reading.factors["basis"], start, strict=True)
    return dict(zip(keys, reading.factors["kg_co2e_per_kwh"], strict=True))


def said(reading: FactorReading) -> str:
    """The notes of a reading as one text."""
    return " ".join(note.reason for note in reading.notes)
