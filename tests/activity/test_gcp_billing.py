"""Google's billing export: parts of machines, devices, labels in every shape."""

import io
import json
from pathlib import Path

import polars as pl
import pytest

from carbon.activity import read, recognise
from carbon.activity.google_skus import accelerator_of
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading
from carbon.workspace.counting import rows_of

DATA = Path(__file__).parents[1] / "data"
EXPORT = (DATA / "gcp_billing.jsonl").read_bytes()
RECORDS = [json.loads(line) for line in EXPORT.splitlines()]


def reading(data: bytes, context: Context) -> Reading:
    (payload,) = open_payloads("billing", data)
    assert recognise(payload)[0] == "gcp-billing"
    return read(payload, context)


def used(found: Reading) -> list[tuple[str, str, float, str | None]]:
    rows = found.activity.filter(pl.col("quantity_kind") != "cost")
    return rows.select("sku", "quantity_kind", "quantity", "component").rows()


EXPECTED = [
    # 7200 s + 3600 s of one device = 3 h
    ("Nvidia Tesla A100 80GB GPU running in Americas", "accelerator_hours", 3.0, None),
    # 86 400 vCPU-seconds; the host of a machine built around accelerators
    ("A2 Instance Core running in Americas", "vcpu_hours", 24.0, "host"),
    # 123 695 058 124 800 byte-seconds / 2^30 / 3600
    ("N2 Instance Ram running in Americas", "gb_hours", 32.0, "memory"),
    ("N2 Instance Core running in Americas", "vcpu_hours", 8.0, "cpu"),
    ("Tpu-v4 Pod Preemptible in Oklahoma", "accelerator_hours", 4.0, None),
    # 100 GiB for a day: 100 x 24
    ("SSD backed PD Capacity", "gb_hours", 2400.0, "storage"),
    # 5 x 2^30 bytes
    ("Network Internet Egress from Americas to EMEA", "gb_transferred", 5.0, "network"),
    ("Gemini 2.5 Flash GA Text Input - Predictions", "input_tokens", 100_000.0, None),
]


def matches(found: Reading) -> bool:
    rows = used(found)
    assert [r[:2] + r[3:] for r in rows] == [r[:2] + r[3:] for r in EXPECTED]
    assert [r[2] for r in rows] == pytest.approx([r[2] for r in EXPECTED], rel=1e-9)
    return True


def flat(separator: str) -> pl.DataFrame:
    """The export with a column a field, labels as JSON text."""
    rows = []
    for record in RECORDS:
        row: dict[str, object] = {}
        for key, value in record.items():
            if isinstance(value, dict) and key != "labels":
                row |= {f"{key}{separator}{k}": v for k, v in value.items()}
            else:
                row[key] = json.dumps(value) if isinstance(value, list | dict) else value
        rows.append({k: None if v is None else str(v) for k, v in row.items()})
    return pl.DataFrame(rows)


def test_parts_of_machines_devices_and_services(context: Context) -> None:
    found = reading(EXPORT, context)
    assert matches(found)
    assert found.rows == rows_of({"activity": found.activity}) == 11
    names = found.activity.filter(quantity_kind="accelerator_hours")["accelerator"].to_list()
    assert names == ["A100 80GB", "TPU v4"]


def test_commitments_and_tax_cost_and_count_no_use(context: Context) -> None:
    rows = reading(EXPORT, context).activity.filter(pl.col("row_number").is_in([10, 11]))
    assert rows.select("quantity_kind", "quantity").rows() == [("cost", 50.0), ("cost", 3.1)]


@pytest.mark.parametrize("separator", [".", "_"])
def test_flat_columns_give_what_records_give(separator: str, context: Context) -> None:
    found = reading(flat(separator).write_csv().encode(), context)
    assert matches(found)
    nested = reading(EXPORT, context)
    told = ["tags", "account", "region", "country", "service", "resource", "host", "instance_type"]
    assert found.activity.select(told).equals(nested.activity.select(told))


def test_nested_parquet_gives_what_json_gives(context: Context) -> None:
    records = [
        r | {"labels": r["labels"] if isinstance(r["labels"], list) else []} for r in RECORDS
    ]
    frame = pl.DataFrame(records, infer_schema_length=None).with_columns(
        pl.col("usage_start_time", "usage_end_time").str.to_datetime(
            "%Y-%m-%d %H:%M:%S UTC", time_zone="UTC"
        )
    )
    assert isinstance(frame.schema["labels"], pl.List)
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    found = reading(buffer.getvalue(), context)
    assert matches(found)
    assert found.activity["tags"][0] == '{"team": "ml", "workload": "llm-train"}'
    assert found.quarantine.is_empty()


def test_labels_are_lists_or_objects(context: Context) -> None:
    tags = (
        reading(EXPORT, context).activity.select("row_number", "tags").unique().sort("row_number")
    )
    known = dict(tags.rows())
    assert known[1] == '{"team": "ml", "workload": "llm-train"}'
    assert known[9] == '{"workload": "chat"}'
    assert known[3] is None


def test_a_wide_location_is_a_country_and_no_region(context: Context) -> None:
    rows = reading(EXPORT, context).activity.filter(quantity_kind="input_tokens")
    assert rows.select("region", "country").rows() == [(None, "US")]


@pytest.mark.parametrize(
    ("sku", "device"),
    [
        ("Nvidia Tesla T4 GPU attached to Spot Preemptible VMs running in Tokyo", "T4"),
        ("Nvidia H100 80GB Mega GPU running in Iowa", "H100 80GB Mega"),
        ("Nvidia L4 GPU running in Americas", "L4"),
        ("Nvidia H200 141GB GPU running in Americas", "H200 141GB"),
        ("Vertex AI: Training on NVIDIA_TESLA_V100 in us-central1", "V100"),
        ("TpuV5e Pod Reserved", "TPU v5e"),
        ("Cloud TPU v3 Non-Preemptible", "TPU v3"),
        ("Trillium TPU chip hours", "TPU v6e"),
        ("Ironwood TPU7x chip", "TPU v7"),
        ("N2 Instance Core running in Americas", None),
        ("Storage PD Capacity", None),
    ],
)
def test_devices_are_told_by_the_words_of_the_sku(sku: str, device: str | None) -> None:
    assert pl.select(accelerator_of(pl.lit(sku))).item() == device
