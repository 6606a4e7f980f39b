"""Grafana: panels joined by time, and frames of queries."""

import json
from pathlib import Path
from typing import Any

import pytest
from telemetry_files import START, payload_of, reading

from carbon.activity import read
from carbon.activity.source import Context, RefusalError

DATA = Path(__file__).parents[1] / "data"
FORMAT = "grafana"


def test_the_example_of_a_panel(context: Context) -> None:
    found = reading((DATA / "grafana_panel.csv").read_bytes(), context, FORMAT)
    # 13 rows, 5 minutes apart: an hour at 400 W and, over one empty cell, an hour at 200 W
    assert found.activity.select("resource", "quantity", "row_number", "source_rows").rows() == [
        ("GPU-aaaaaaaa-1", pytest.approx(0.4), 2, 13),
        ("GPU-aaaaaaaa-2", pytest.approx(0.2), 2, 13),
    ]
    assert found.rows == 13


def test_the_example_of_a_query(context: Context) -> None:
    found = reading((DATA / "grafana_query.json").read_bytes(), context, FORMAT)
    # From 4000 W to 4300 W in half an hour, evenly: 4150 W x 0.5 h
    row = found.activity.row(0, named=True)
    assert row["quantity"] == pytest.approx(2.075)
    assert (row["boundary"], row["host"], row["source_rows"]) == ("rack", "pdu-a1", 31)


PANEL = 'Time,"nv_gpu_power_usage{gpu_uuid=""A""}","nv_gpu_power_usage{gpu_uuid=""B""}",note'


def panel(*rows: str, before: str = "") -> bytes:
    return "\n".join([*([before] if before else []), PANEL, *rows]).encode()


@pytest.mark.parametrize(
    "rows",
    [
        ["1793577600000,300,100,x", "1793577660000,300,100,"],
        ["2026-11-02 00:00:00,300 W,0.1 kW,", "2026-11-02 00:01:00,300 W,0.1 kW,"],
    ],
)
@pytest.mark.parametrize("before", ["", "sep=,"])
def test_times_and_values_as_they_are_shown(rows: list[str], before: str, context: Context) -> None:
    found = reading(panel(*rows, before=before), context, FORMAT)
    assert found.activity["quantity"].to_list() == pytest.approx([0.005, 0.1 / 60])


def test_a_row_is_taken_as_a_whole_or_not_at_all(context: Context) -> None:
    rows = [f"{START + 60 * i},300,100," for i in range(4)]
    rows[1] = f"{START + 60},300,bad,"
    found = reading(panel(*rows), context, FORMAT)
    assert (found.rows, found.quarantine["row_number"].to_list()) == (4, [3])
    # The pause that the row leaves is short: 180 s at 300 W and 100 W.
    assert found.activity["quantity"].to_list() == pytest.approx([0.015, 0.005])


def test_each_day_of_a_panel_is_one_sum_of_rows(context: Context) -> None:
    rows = [f"{START + 86_400 - 120 + 60 * i},300,100," for i in range(5)]
    found = reading(panel(*rows), context, FORMAT).activity
    # The row at midnight closes the day before: three rows, then two
    assert found.group_by("row_number").len().sort("row_number").rows() == [(2, 2), (5, 2)]
    assert sorted(set(found.select("row_number", "source_rows").rows())) == [(2, 3), (5, 2)]


def test_columns_without_a_metric_are_refused_with_the_remedy(context: Context) -> None:
    data = b"Time,GPU 0,GPU 1\n1793577600000,300,100\n1793577660000,300,100\n"
    with pytest.raises(RefusalError, match="leave the legend at its default"):
        read(payload_of(data), context, FORMAT)


def frame(fields: list[dict[str, Any]], values: list[list[Any]]) -> dict[str, Any]:
    return {"schema": {"fields": fields}, "data": {"values": values}}


TIMES = [(START + 60 * i) * 1000 for i in range(3)]


def test_frames_lie_anywhere_and_may_hold_labels_as_columns(context: Context) -> None:
    labelled = frame(
        [
            {"name": "Time", "type": "time"},
            {"name": "__name__", "type": "string"},
            {"name": "gpu_uuid", "type": "string"},
            {"name": "Value", "type": "number"},
        ],
        [TIMES * 2, ["nv_gpu_power_usage"] * 6, ["A"] * 3 + ["B"] * 3, [300] * 3 + [100] * 3],
    )
    named = frame(
        [
            {"name": "Time", "type": "time"},
            {
                "name": "Value",
                "type": "number",
                "config": {"displayNameFromDS": 'nv_gpu_power_usage{gpu_uuid="C"}'},
            },
        ],
        [TIMES, [30, None, 30]],
    )
    data = json.dumps([labelled, {"response": {"results": {"B": {"frames": [named]}}}}]).encode()
    found = reading(data, context, FORMAT)
    by_gpu = dict(found.activity.select("resource", "quantity").iter_rows())
    assert by_gpu == {
        "A": pytest.approx(0.01),
        "B": pytest.approx(0.1 / 30),
        "C": pytest.approx(0.001),
    }
    assert found.rows == 9


def test_frames_without_numbers_are_refused(context: Context) -> None:
    empty = {"results": {"A": {"frames": [frame([{"name": "Time", "type": "time"}], [TIMES])]}}}
    with pytest.raises(RefusalError, match="no frame with a time and a number"):
        read(payload_of(json.dumps(empty).encode()), context, FORMAT)


def test_two_fields_of_text_of_one_name_are_one(context: Context) -> None:
    """A query that was joined may hold a label twice."""
    fields = [
        {"name": "Time", "type": "time"},
        {"name": "pod", "type": "string"},
        {"name": "pod", "type": "string"},
        {"name": "DCGM_FI_DEV_POWER_USAGE", "type": "number"},
    ]
    values = [[1793577600000, 1793577660000], ["a", "a"], ["b", "b"], [400, 400]]
    document = {"schema": {"fields": fields}, "data": {"values": values}}
    found = reading(json.dumps(document).encode(), context, FORMAT)
    # 400 W over 60 s
    assert found.activity["quantity"].sum() == pytest.approx(400 * 60 / 3.6e6)
    assert found.rows == 2
