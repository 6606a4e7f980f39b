"""Weights & Biases: samples of power as CSV and JSON, and tables of runs."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from carbon.accounting.pipeline import Inputs, footprint
from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading, RefusalError
from carbon.factors.library import load
from carbon.policy import Policy
from carbon.schema import Instrument, Workload
from carbon.workspace.counting import rows_of

DATA = Path(__file__).parents[1] / "data"
START = 1788429600  # 2026-09-03T10:00:00Z


def reading(data: bytes, context: Context, format: str = "wandb-system") -> Reading:
    (payload,) = open_payloads("run", data)
    assert recognise(payload)[0] == format
    found = read(payload, context)
    assert rows_of({"activity": found.activity}) + found.quarantine["row_number"].n_unique() == (
        found.rows
    )
    return found


def energy(found: Reading, component: str = "accelerator") -> float:
    rows = found.activity.filter(quantity_kind="energy_it_kwh", component=component)
    return float(rows["quantity"].sum())


def test_samples_of_power_become_energy_by_gpu(context: Context) -> None:
    found = reading((DATA / "wandb_system.csv").read_bytes(), context)
    first = found.activity.filter(resource="abc123", component="accelerator").row(0, named=True)
    # 400 W for 15 minutes
    assert first["quantity"] == pytest.approx(400 / 1000 * 0.25)
    assert (first["sku"], first["tier"], first["coverage"]) == (
        "system.gpu.0.powerWatts",
        "T3",
        1.0,
    )
    assert first["period_end"] == datetime(2026, 9, 3, 10, 15, tzinfo=UTC)
    assert first["workload"] == "ranker"


def test_a_gpu_that_was_not_seen_in_between_is_a_gap(context: Context) -> None:
    found = reading((DATA / "wandb_system.csv").read_bytes(), context)
    # The second GPU has a value at 0 and at 15 minutes, and none in between: 200 W x 0.25 h.
    gap = found.activity.filter(component="gap_estimate").row(0, named=True)
    assert (gap["sku"], gap["tier"]) == ("system.gpu.1.powerWatts", "T4")
    assert gap["quantity"] == pytest.approx(0.05)


def test_all_rows_of_a_run_are_accounted_for(context: Context) -> None:
    found = reading((DATA / "wandb_system.csv").read_bytes(), context)
    by_run = dict(found.activity.group_by("resource").agg(pl.col("source_rows").max()).iter_rows())
    # four samples of one run; one of the other, from which no energy follows; one without a time
    assert by_run == {"abc123": 4, "def456": 1}
    silent = found.activity.filter(resource="def456").row(0, named=True)
    assert (silent["quantity"], silent["coverage"]) == (0.0, 0.0)
    assert found.quarantine.select("row_number", "column").rows() == [(7, "_timestamp")]


@pytest.mark.parametrize("shape", ["lines", "list", "csv"])
def test_system_metrics_come_as_json_and_without_a_run(shape: str, context: Context) -> None:
    rows = [
        {"_timestamp": START + 60 * i, "_runtime": 60 * i, "system.gpu.0.powerWatts": 300}
        for i in range(61)
    ]
    data = {
        "lines": "\n".join(json.dumps(row) for row in rows),
        "list": json.dumps(rows),
        "csv": pl.DataFrame(rows).write_csv(),
    }[shape]
    found = reading(data.encode(), context)
    # a constant 300 W for one hour
    assert energy(found) == pytest.approx(0.3)
    assert found.activity["key"].unique().to_list() == ["wandb-system||2026-09-03T10:00:00.000000Z"]


def test_a_table_of_runs_tells_hours(context: Context) -> None:
    found = reading((DATA / "wandb_runs.jsonl").read_bytes(), context, "wandb-runs")
    columns = ("resource", "quantity", "average_power_w", "tier", "boundary", "host")
    assert found.activity.select(columns).rows() == [
        # 4 GPUs for an hour, 300 and 320 W; 2 GPUs for half an hour, watts not known
        ("abc123", 4.0, 310.0, "T4", "board", "node-7"),
        ("def456", 1.0, None, "T5", None, None),
    ]
    assert found.activity["quantity_kind"].unique().to_list() == ["accelerator_hours"]
    assert found.activity["accelerator"].unique().to_list() == ["NVIDIA A100-SXM4-40GB"]
    assert found.quarantine["row_number"].to_list() == [3]
    assert "tells hours, not energy" in found.notes[-1].reason


def test_the_table_on_the_screen_as_csv(context: Context) -> None:
    data = (
        "Name,State,Created,Runtime,GPU Count,GPU Type,User,loss\n"
        "vague-cloud-1,finished,2026-09-03T10:00:00.000Z,7200,8,NVIDIA H100 80GB HBM3,ana,0.2\n"
    )
    found = reading(data.encode(), context, "wandb-runs")
    assert found.activity.select("quantity", "accelerator_count", "owner", "note").rows() == [
        (16.0, 8.0, "ana", "vague-cloud-1")
    ]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"created_at": "soon"}, "created_at"),
        ({"summary": {"_runtime": -1}}, "summary._runtime"),
        ({"metadata": {"gpu_count": "some"}}, "metadata.gpu_count"),
    ],
)
def test_a_run_that_cannot_be_is_set_aside(
    changes: dict[str, Any], column: str, context: Context
) -> None:
    lines = (DATA / "wandb_runs.jsonl").read_text().splitlines()
    bad = json.dumps(json.loads(lines[0]) | changes)
    found = reading(f"{lines[1]}\n{bad}\n".encode(), context, "wandb-runs")
    assert found.quarantine.select("row_number", "column").rows() == [(2, column)]


def test_a_table_that_tells_no_time_is_refused(context: Context) -> None:
    (payload,) = open_payloads("runs.csv", b"id,created_at,gpu_count\na,2026-09-03,2\n")
    with pytest.raises(RefusalError, match="neither watts of GPUs nor the runtime"):
        read(payload, context, "wandb-runs")


def test_a_table_without_gpus_tells_how_long_its_runs_lasted(context: Context) -> None:
    table = b"id,state,created_at,summary._runtime,host,note\na,failed,2026-09-03,1800,n7,x\n"
    found = reading(table, context, "wandb-runs")
    row = found.activity.row(0, named=True)
    # half an hour
    assert (row["quantity_kind"], row["quantity"]) == ("instance_hours", 0.5)
    assert (row["run_status"], row["host"]) == ("failed", "n7")


def test_a_gpu_without_a_number_is_set_aside(context: Context) -> None:
    table = b"id,created_at,summary._runtime,gpu\na,2026-09-03,1800,NVIDIA A100\n"
    found = reading(table, context, "wandb-runs")
    assert found.quarantine.select("row_number", "reason").rows() == [
        (2, "the run names its GPU, and not how many it had")
    ]


def run_with_samples(**changes: Any) -> dict[str, Any]:
    """An hour on two GPUs, sampled every minute: a constant 300 W and 100 W."""
    samples = [
        {
            "_timestamp": START + 60 * i,
            "_runtime": 60 * i,
            "system.gpu.0.powerWatts": 300,
            "system.gpu.1.powerWatts": 100,
        }
        for i in range(61)
    ]
    return {
        "id": "abc123",
        "name": "cloud-1",
        "project": "ranker",
        "state": "finished",
        "created_at": "2026-09-03T10:00:00",
        "heartbeat_at": "2026-09-03T12:00:00",
        "config": {"model_name": "llama-8b", "batch_size": 16},
        "summary": {"_runtime": 3600},
        "metadata": {"gpu": "NVIDIA A100", "gpu_count": 2, "host": "node-7"},
        "system_metrics": samples[-1],
        "system_history": samples,
    } | changes


@pytest.mark.parametrize("lines", [True, False])
def test_samples_beside_a_run_become_energy(lines: bool, context: Context) -> None:
    runs = [run_with_samples(), run_with_samples(id="def456", state="crashed")]
    text = "\n".join(map(json.dumps, runs)) if lines else json.dumps(runs)
    found = reading(text.encode(), context, "wandb-runs")
    first = found.activity.filter(row_number=1)
    by_gpu = first.filter(quantity_kind="energy_it_kwh").select("sku", "quantity")
    # 300 W and 100 W for an hour
    assert dict(by_gpu.iter_rows()) == pytest.approx(
        {"system.gpu.0.powerWatts": 0.3, "system.gpu.1.powerWatts": 0.1}
    )
    hours = first.filter(quantity_kind="accelerator_hours").row(0, named=True)
    assert (hours["quantity"], hours["average_power_w"]) == (2.0, None)
    assert (hours["model"], hours["batch_size"], hours["host"]) == ("llama-8b", 16.0, "node-7")
    assert json.loads(hours["tags"])["config.batch_size"] == "16"
    assert found.activity.filter(row_number=2)["run_status"].unique().to_list() == ["failed"]
    assert not found.notes


def test_a_run_on_processors_counts_at_the_use_that_was_sampled(context: Context) -> None:
    samples = [
        {"_timestamp": START + 1200 * i, "_runtime": 1200 * i, "system.cpu.0.cpu_percent": a,
         "system.cpu.1.cpu_percent": b, "system.proc.memory.rssMB": 1000 * (i + 1)}
        for i, (a, b) in enumerate([(20, 60), (30, 30), (60, 100)])
    ]  # fmt: skip
    run = run_with_samples(system_history=samples, system_metrics={}, metadata={"cpu_count": 1})
    found = reading(json.dumps(run).encode(), context, "wandb-runs")
    rows = {row["quantity_kind"]: row for row in found.activity.iter_rows(named=True)}
    # Two processors were watched for the hour: (20 + 60 + 30 + 30 + 60 + 100) / 6 = 50 %.
    assert rows["vcpu_hours"]["quantity"] == pytest.approx(2.0)
    assert rows["vcpu_hours"]["utilisation"] == pytest.approx(0.5)
    # (1000 + 2000 + 3000) / 3 x 2^20 bytes = 2.097152 GB for an hour
    assert rows["gb_hours"]["quantity"] == pytest.approx(2.097152)
    assert rows["instance_hours"]["quantity"] == pytest.approx(1.0)


def test_newer_agents_sample_the_process_alone(context: Context) -> None:
    samples = [{"_timestamp": START, "_runtime": 0, "system.cpu": 40.0}]
    run = run_with_samples(
        system_history=samples, system_metrics={}, metadata={"cpu_count_logical": 8, "cpu_count": 4}
    )
    found = reading(json.dumps(run).encode(), context, "wandb-runs")
    row = found.activity.filter(quantity_kind="vcpu_hours").row(0, named=True)
    assert (row["quantity"], row["utilisation"]) == (8.0, 0.4)


@pytest.mark.parametrize(
    ("changes", "hours"),
    [
        ({"summary": {}}, 1.0),  # until the last sample, an hour after the start
        ({"summary": {}, "system_history": []}, 2.0),  # until the last heartbeat
    ],
)
def test_a_run_without_a_runtime_lasts_as_long_as_it_was_heard_of(
    changes: dict[str, Any], hours: float, context: Context
) -> None:
    found = reading(json.dumps(run_with_samples(**changes)).encode(), context, "wandb-runs")
    row = found.activity.filter(quantity_kind="accelerator_hours").row(0, named=True)
    assert row["quantity"] == pytest.approx(2 * hours)


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"state": "finished"}, "finished"),
        ({"state": "failed"}, "failed"),
        ({"state": "killed"}, "preempted"),
        ({"state": "preempted"}, "preempted"),
        ({"state": "running"}, "running"),
        ({"sweep": "s1"}, "search"),
        ({"sweep": "s1", "state": "crashed"}, "failed"),
    ],
)
def test_how_a_run_ended(changes: dict[str, str], status: str, context: Context) -> None:
    found = reading(json.dumps(run_with_samples(**changes)).encode(), context, "wandb-runs")
    assert found.activity["run_status"].unique().to_list() == [status]


def test_measured_power_goes_before_the_hours_of_the_same_run(context: Context) -> None:
    samples = [
        {"_timestamp": START + 60 * i, "run_id": "abc123", "system.gpu.0.powerWatts": 300}
        for i in range(61)
    ]
    power = reading(json.dumps(samples).encode(), context).activity
    run = json.loads((DATA / "wandb_runs.jsonl").read_text().splitlines()[0])
    run["metadata"]["gpu_count"] = 1
    other = Context(**{**vars(context), "evidence_id": "a" * 64})
    hours = reading(json.dumps(run).encode(), other, "wandb-runs").activity
    nothing, library = (Workload.create_empty(), Instrument.create_empty()), load()
    both = Inputs(pl.concat([power, hours]), *nothing, library.factors, library)
    lines = footprint(both, Policy()).lines.filter(component="accelerator")
    # 300 W for the hour that was sampled; the table's 310 W for the same hour do not count.
    assert lines["energy_it_kwh"].sum() == pytest.approx(0.3)


def test_last_watts_of_boards_leave_the_host_to_what_sees_the_node(context: Context) -> None:
    table = reading((DATA / "wandb_runs.jsonl").read_bytes(), context, "wandb-runs").activity
    run = table.filter(resource="abc123")
    # The machine's bill: 8 accelerators for the same hour, known by the host's name.
    billed = run.with_columns(
        evidence_id=pl.lit("a" * 64),
        format=pl.lit("focus"),
        resource=pl.lit("node-7"),
        host=pl.lit(None, pl.String),
        quantity=pl.lit(8.0),
        accelerator_count=pl.lit(8.0),
        average_power_w=pl.lit(None, pl.Float64),
        tier=pl.lit(None, pl.String),
        boundary=pl.lit(None, pl.String),
        accelerator=pl.lit("NVIDIA H100"),
    )
    nothing, library = (Workload.create_empty(), Instrument.create_empty()), load()
    both = Inputs(pl.concat([run, billed]), *nothing, library.factors, library)
    lines = footprint(both, Policy()).lines
    it_kwh = dict(lines.group_by("format", "component").agg(pl.col("energy_it_kwh").sum())
                  .select(pl.concat_str("format", "component", separator=" "), "energy_it_kwh")
                  .iter_rows())  # fmt: skip
    # 4 x 310 W for the hour; of the other 4 of the bill's 8 accelerators 700 W each; and the hosts
    # of all 8, 150 W each, which no board sees.
    assert it_kwh["wandb-runs accelerator"] == pytest.approx(1.24)
    assert it_kwh["focus accelerator"] == pytest.approx(4 * 0.7)
    assert it_kwh["focus host"] == pytest.approx(8 * 0.15)
