"""EcoLogits: energy of use alone, ranges at their mean, gauges never summed."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading, RefusalError
from carbon.workspace.counting import rows_of

DATA = Path(__file__).parents[1] / "data"


def reading(data: bytes, context: Context) -> Reading:
    (payload,) = open_payloads("impacts", data)
    assert recognise(payload)[0] == "ecologits"
    found = read(payload, context)
    assert rows_of({"activity": found.activity}) + found.quarantine["row_number"].n_unique() == (
        found.rows
    )
    return found


def record(**changes: Any) -> dict[str, Any]:
    first = json.loads((DATA / "ecologits.jsonl").read_text().splitlines()[0])
    return first | changes


def impacts(value: Any, unit: str = "kWh") -> dict[str, Any]:
    gwp = {"value": 1.0, "unit": "kgCO2eq"}
    return {"energy": {"value": value, "unit": unit}, "gwp": gwp, "embodied": {"gwp": gwp}}


def test_energy_is_of_use_and_a_range_counts_at_its_mean(context: Context) -> None:
    found = reading((DATA / "ecologits.jsonl").read_bytes(), context)
    rows = found.activity.filter(model="gpt-4o")
    assert dict(rows.select("quantity_kind", "quantity").iter_rows()) == pytest.approx(
        {
            # (0.002 + 0.004) / 2 + 0.001
            "energy_facility_kwh": 0.004,
            "requests": 2,
            "input_tokens": 800 + 100,
            "output_tokens": 200 + 50,
        }
    )
    energy = rows.filter(quantity_kind="energy_facility_kwh").row(0, named=True)
    assert (energy["tier"], energy["component"], energy["source_rows"]) == ("T6", "it", 2)
    assert found.activity.filter(model="mistral-large")["country"].unique().to_list() == ["FR"]
    assert any("at its mean: 1" in note.reason for note in found.notes)


def test_a_model_that_ecologits_does_not_know_is_set_aside(context: Context) -> None:
    found = reading((DATA / "ecologits.jsonl").read_bytes(), context)
    assert found.quarantine["row_number"].to_list() == [3]
    assert "did not know the model" in found.quarantine["reason"][0]


def test_use_goes_before_the_total(context: Context) -> None:
    both = impacts(9.0) | {"usage": {"energy": {"value": 0.5, "unit": "kWh"}}}
    for order in (1, -1):
        ordered = dict(list(both.items())[::order])
        found = reading(json.dumps([record(impacts=ordered)]).encode(), context)
        energy = found.activity.filter(quantity_kind="energy_facility_kwh")
        assert energy["quantity"].to_list() == [0.5]


@pytest.mark.parametrize("shape", ["array", "wrapped", "impacts at the top", "seconds since 1970"])
def test_shapes_of_a_record(shape: str, context: Context) -> None:
    one = {"timestamp": "2026-09-03T10:05:00Z", "model": "m", "impacts": impacts(0.25)}
    flat = {k: v for k, v in one.items() if k != "impacts"} | one["impacts"]
    epoch = {k: v for k, v in one.items() if k != "timestamp"} | {"created": 1788429900}
    data = {
        "array": [one],
        "wrapped": {"requests": [one]},
        "impacts at the top": flat,
        "seconds since 1970": epoch,
    }[shape]
    found = reading(json.dumps(data).encode(), context)
    energy = found.activity.filter(quantity_kind="energy_facility_kwh")
    assert energy["quantity"].to_list() == [0.25]
    assert energy["period_start"][0].isoformat() == "2026-09-03T10:00:00+00:00"


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"timestamp": None}, "timestamp"),
        ({"model": None}, "model"),
        ({"impacts": impacts(-1.0)}, "energy.value"),
        ({"impacts": impacts(1e9)}, "energy.value"),
        ({"impacts": impacts(0.1, "MtJ")}, "energy.unit"),
        ({"impacts": impacts({"min": 0.4, "max": 0.2})}, "energy.value.min"),
    ],
)
def test_a_record_that_cannot_be_is_set_aside(
    changes: dict[str, Any], column: str, context: Context
) -> None:
    data = "\n".join(json.dumps(r) for r in (record(), record(**changes))).encode()
    found = reading(data, context)
    assert found.quarantine.select("row_number", "column").rows() == [(2, column)]
    assert found.activity["source_rows"].unique().to_list() == [1]


def test_records_without_any_time_are_refused(context: Context) -> None:
    data = json.dumps({"model": "m", "impacts": impacts(0.1)}).encode()
    with pytest.raises(RefusalError, match="Write its time beside its impacts"):
        reading(data, context)


def gauges(*names: str) -> dict[str, bytes]:
    """Two samples of each metric, a minute apart, as Prometheus exports them."""
    series = [
        {
            "metric": {"__name__": name, "model": "gpt-4o"},
            "values": [[1788429600, "120"], [1788429660, "130"]],
        }
        for name in names
    ]
    answer = {"status": "success", "data": {"resultType": "matrix", "result": series}}
    lines = [
        f'{name}{{model="gpt-4o"}} {value} {at}'
        for name in names
        for value, at in ((120, 1788429600), (130, 1788429660))
    ]
    return {
        "query_range": json.dumps(answer).encode(),
        "text": "\n".join([*lines, "# EOF", ""]).encode(),
    }


@pytest.mark.parametrize("shape", ["query_range", "text"])
def test_gauges_hold_the_last_request_and_are_refused(shape: str, context: Context) -> None:
    data = gauges("ecologits_energy_joules", "ecologits_gwp_gCO2eq")[shape]
    (payload,) = open_payloads("metrics", data)
    with pytest.raises(RefusalError, match="holds the last request and no sum"):
        read(payload, context)


def test_beside_gauges_the_counter_of_requests_counts(context: Context) -> None:
    data = gauges("ecologits_energy_joules", "ecologits_requests_total")["query_range"]
    (payload,) = open_payloads("metrics", data)
    found = read(payload, context)
    # 130 - 120 requests, and not a joule
    counted = found.activity.filter(pl.col("quantity") > 0)
    assert counted.select("quantity_kind", "quantity", "model").rows() == [
        ("requests", 10.0, "gpt-4o")
    ]
    assert any("holds the last request and no sum" in note.reason for note in found.notes)


def test_nothing_of_its_emissions_is_taken(context: Context) -> None:
    found = reading((DATA / "ecologits.jsonl").read_bytes(), context)
    assert found.reported.height == 0
    assert found.activity["location_factor_kg_per_kwh"].null_count() == found.activity.height
    assert not found.activity.filter(pl.col("quantity") == 0.0005).height
