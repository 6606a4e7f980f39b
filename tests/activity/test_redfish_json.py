"""Redfish's JSON with times: power, energy, rack PDUs, trays within a server."""

import json
from pathlib import Path
from typing import Any

import pytest
from telemetry_files import START, metered, payload_of, reading

from carbon.activity import read
from carbon.activity.source import Context, RefusalError

DATA = Path(__file__).parents[1] / "data"
FORMAT = "redfish-json"


def test_the_example(context: Context) -> None:
    found = reading((DATA / "redfish.jsonl").read_bytes(), context, FORMAT)
    rows = metered(found).select("resource", "boundary", "tier", "quantity").rows()
    assert rows == [
        # 1200 W for 10 minutes; the tray of GPUs lies within the server
        ("bmc-7:1", "node", "T2", pytest.approx(0.2)),
        # from 800.0 to 801.5 kWh
        ("pdu-a:A1", "rack", "T2", pytest.approx(1.5)),
    ]
    assert found.rows == 33
    assert found.activity["source_rows"].unique().to_list() == [33]


def polls(*objects: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps(o) for o in objects).encode()


def power(at: int, watts: Any, **more: Any) -> dict[str, Any]:
    return {"ts": START + at, "host": "b", "PowerControl": [{"PowerConsumedWatts": watts}], **more}


def test_the_first_member_of_the_older_form_is_the_chassis(context: Context) -> None:
    data = polls(power(0, 600), power(60, 600), power(120, None), power(180, 600))
    found = reading(data, context, FORMAT)
    # Without a reading the pause is three steps at most: 180 s at 600 W
    assert found.activity["quantity"].to_list() == pytest.approx([0.03])
    assert found.rows == 4


def test_objects_that_cannot_be_read_are_set_aside(context: Context) -> None:
    data = polls(power(0, 600), power(60, "much"), power(120, 600), {"host": "b"}) + b"\n{\n"
    found = reading(data, context, FORMAT)
    assert found.quarantine["row_number"].to_list() == [2, 4, 5]


def test_without_times_it_is_refused_with_the_remedy(context: Context) -> None:
    data = polls({"PowerWatts": {"Reading": 5}}, {"PowerWatts": {"Reading": 6}})
    with pytest.raises(RefusalError, match="no object says when"):
        read(payload_of(data), context, FORMAT)
