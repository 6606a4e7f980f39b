"""Telemetry files made by a test, and what is read of them."""

import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Payload, Reading
from carbon.workspace.counting import rows_of

START = 1_793_577_600
"""2026-11-02T00:00:00Z in seconds since 1970."""

H100 = {
    "gpu": "0",
    "UUID": "GPU-5fd4f087-86f3-7a43-b711-4771313afc50",
    "modelName": "NVIDIA H100 80GB HBM3",
    "Hostname": "dgx-07",
}


def series(name: str, points: Sequence[tuple[float, Any]], **labels: str) -> dict[str, Any]:
    """A series of a matrix: seconds after START, value."""
    values = [[START + at, str(value)] for at, value in points]
    return {"metric": {"__name__": name, **labels}, "values": values}


def steady(value: float, start: int, end: int, step: int = 60) -> list[tuple[float, Any]]:
    return [(at, value) for at in range(start, end + 1, step)]


def rising(per_second: float, start: int, end: int, step: int = 60) -> list[tuple[float, Any]]:
    return [(at, per_second * at) for at in range(start, end + 1, step)]


def matrix(*result: dict[str, Any]) -> bytes:
    answer = {"status": "success", "data": {"resultType": "matrix", "result": list(result)}}
    return json.dumps(answer).encode()


def payload_of(data: bytes, name: str = "export") -> Payload:
    (payload,) = open_payloads(name, data)
    assert isinstance(payload, Payload)
    return payload


def reading(data: bytes, context: Context, format: str, name: str = "export") -> Reading:
    """Recognise and read; every row of the file is accounted for."""
    payload = payload_of(data, name)
    assert recognise(payload)[0] == format
    found = read(payload, context)
    aside = set(found.quarantine["row_number"])
    assert rows_of({"activity": found.activity}) + len(aside) == found.rows
    assert aside.isdisjoint(found.activity["row_number"])
    return found


def metered(found: Reading) -> pl.DataFrame:
    """Energy as metered, without estimates."""
    return found.activity.filter(
        (pl.col("quantity_kind") == "energy_it_kwh") & (pl.col("component") != "gap_estimate")
    )


def said(found: Reading) -> str:
    return "\n".join(note.reason for note in found.notes)
