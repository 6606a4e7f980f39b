"""MLflow runs: histories of power, last values, nested runs, and what the real client writes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mlflow
import polars as pl
import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric
from mlflow.system_metrics.system_metrics_monitor import SystemMetricsMonitor

from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading, RefusalError
from carbon.workspace.counting import rows_of

DATA = Path(__file__).parents[1] / "data"
POWER = "system/gpu_0_power_usage_watts"
START = 1788429600000  # 2026-09-03T10:00:00Z in milliseconds
HOUR = 3_600_000


def reading(data: bytes, context: Context) -> Reading:
    (payload,) = open_payloads("runs", data)
    assert recognise(payload)[0] == "mlflow-runs"
    found = read(payload, context)
    assert rows_of({"activity": found.activity}) + found.quarantine["row_number"].n_unique() == (
        found.rows
    )
    return found


def run(number: str = "r", **changes: Any) -> dict[str, Any]:
    """A run of an hour, as the client's `to_dictionary` gives it."""
    info = {"run_id": number, "experiment_id": "1", "start_time": START, "end_time": START + HOUR}
    return {"info": info | changes, "data": {"metrics": {POWER: 300.0}, "params": {}, "tags": {}}}


def minutes(watts: dict[int, float]) -> dict[str, Any]:
    return {"metric_history": {POWER: [[START + m * 60_000, w] for m, w in watts.items()]}}


def energy(found: Reading, component: str = "accelerator") -> float:
    rows = found.activity.filter(
        ~pl.col("superseded_in_file"), quantity_kind="energy_it_kwh", component=component
    )
    return float(rows["quantity"].sum())


def test_power_of_each_gpu_is_integrated_over_its_history(context: Context) -> None:
    found = reading((DATA / "mlflow_runs.jsonl").read_bytes(), context)
    rows = found.activity.filter(row_number=1, quantity_kind="energy_it_kwh")
    # 300 W for an hour; and 100 W rising evenly to 500 W, so 300 W on average
    assert dict(rows.select("sku", "quantity").iter_rows()) == pytest.approx(
        {POWER: 0.3, "system/gpu_1_power_usage_watts": 0.3}
    )
    row = rows.row(0, named=True)
    assert (row["tier"], row["boundary"], row["coverage"]) == ("T3", "board", 1.0)
    assert (row["workload"], row["model"], row["owner"]) == ("summaries", "llama-8b", "ana")
    assert json.loads(row["tags"]) == {
        "params.lr": "0.1",
        "params.model_name": "llama-8b",
        "tags.team": "nlp",
    }
    hours = found.activity.filter(row_number=1, quantity_kind="accelerator_hours")
    columns = ("quantity", "accelerator_count", "boundary")
    assert hours.select(columns).rows() == [(2.0, 2.0, None)]


def test_without_a_history_the_last_watts_stand_for_the_run(context: Context) -> None:
    found = reading((DATA / "mlflow_runs.jsonl").read_bytes(), context)
    row = found.activity.filter(row_number=2).row(0, named=True)
    # two GPUs for half an hour, 250 and 350 W
    assert (row["quantity_kind"], row["quantity"], row["average_power_w"], row["tier"]) == (
        "accelerator_hours",
        1.0,
        300.0,
        "T4",
    )
    # The GPUs' own sensors: neither host nor fans are in it.
    assert row["boundary"] == "board"
    assert any("last watts stand for the whole run: 2" in note.reason for note in found.notes)


def test_a_nested_run_of_the_same_gpus_does_not_count(context: Context) -> None:
    found = reading((DATA / "mlflow_runs.jsonl").read_bytes(), context)
    assert found.activity.filter("superseded_in_file")["resource"].unique().to_list() == ["ddd4"]


def test_a_run_without_any_system_metric_still_tells_how_long_it_lasted(context: Context) -> None:
    found = reading((DATA / "mlflow_runs.jsonl").read_bytes(), context)
    assert found.quarantine.is_empty()
    row = found.activity.filter(row_number=3).row(0, named=True)
    # 10 minutes
    assert (row["quantity_kind"], row["quantity"]) == ("instance_hours", pytest.approx(1 / 6))
    assert row["instance_type"] is None
    assert any("state no number of processors: 1" in note.reason for note in found.notes)


def test_a_pause_in_a_history_is_not_bridged(context: Context) -> None:
    watts = dict.fromkeys([*range(11), *range(50, 61)], 300.0)
    found = reading(json.dumps(run() | minutes(watts)).encode(), context)
    # ten minutes before the pause and ten after it: 300 W x 20 / 60 h
    assert energy(found) == pytest.approx(0.3 * 20 / 60)
    assert energy(found, "gap_estimate") == pytest.approx(0.3 * 40 / 60)
    gap = found.activity.filter(component="gap_estimate").row(0, named=True)
    assert gap["tier"] == "T4"


def test_a_run_over_midnight_is_split_by_day(context: Context) -> None:
    late = START + 13 * HOUR + HOUR // 2  # 23:30
    history = {POWER: [[late + m * 60_000, 300.0] for m in range(61)]}
    record = run(start_time=late, end_time=late + HOUR) | {"metric_history": history}
    found = reading(json.dumps(record).encode(), context)
    rows = found.activity.filter(quantity_kind="energy_it_kwh").sort("period_start")
    assert rows["quantity"].to_list() == pytest.approx([0.15, 0.15])
    assert rows["period_end"][0] == datetime(2026, 9, 4, tzinfo=UTC)


def test_pages_of_rest_stand_in_one_file(context: Context) -> None:
    rest = run()
    rest["data"] = {"metrics": [{"key": POWER, "value": 300.0, "timestamp": START, "step": 0}]}
    points = [
        {"key": POWER, "value": 300.0, "timestamp": START + m * 60_000, "step": m, "run_id": "r"}
        for m in range(61)
    ]
    pages = [
        {"runs": [rest]},
        {"metrics": points[:30], "next_page_token": "p"},
        {"metrics": points[30:]},
        {"experiments": [{"experiment_id": "1", "name": "ranker"}]},
    ]
    for data in (json.dumps(pages), "\n".join(json.dumps(page) for page in pages)):
        found = reading(data.encode(), context)
        assert energy(found) == pytest.approx(0.3)
        assert found.activity["workload"].unique().to_list() == ["ranker"]


def test_histories_without_their_run_are_refused(context: Context) -> None:
    page = {"metrics": [{"key": POWER, "value": 1, "timestamp": START, "run_id": "r"}]}
    with pytest.raises(RefusalError, match="holds no run of MLflow"):
        reading(json.dumps(page).encode(), context)


CPU = "system/cpu_utilization_percentage"
MEMORY = "system/system_memory_usage_megabytes"


def cpu_run(number: str = "r", *, cpus: str | None = "8", **changes: Any) -> dict[str, Any]:
    """A run of an hour on processors alone, sampled three times."""
    record = run(number, **changes)
    record["data"]["metrics"] = {CPU: 99.0, MEMORY: 9.0, "loss": 0.1}
    record["data"]["params"] = {"cpu_count": cpus} if cpus else {}
    points = {CPU: (20.0, 40.0, 51.0), MEMORY: (1000.0, 3000.0, 5000.0)}
    record["metric_history"] = {
        key: [[START + 1_200_000 * i, value] for i, value in enumerate(values)]
        for key, values in points.items()
    }
    return record


def test_a_run_on_processors_gives_their_hours_at_the_use_that_was_measured(
    context: Context,
) -> None:
    found = reading(json.dumps(cpu_run()).encode(), context)
    rows = {row["quantity_kind"]: row for row in found.activity.iter_rows(named=True)}
    # 8 processors for an hour at (20 + 40 + 51) / 3 = 37 %; (1 + 3 + 5) / 3 = 3 GB for an hour
    assert rows["vcpu_hours"]["quantity"] == pytest.approx(8.0)
    assert rows["vcpu_hours"]["utilisation"] == pytest.approx(0.37)
    assert rows["vcpu_hours"]["component"] == "cpu"
    assert rows["gb_hours"]["quantity"] == pytest.approx(3.0)
    assert rows["gb_hours"]["component"] == "memory"
    assert rows["instance_hours"]["quantity"] == pytest.approx(1.0)
    assert found.activity["row_number"].unique().to_list() == [1]
    assert not found.notes


@pytest.mark.parametrize("name", ["n_cpus", "os.cpu_count", "CPUs", "num-vcpus"])
def test_people_name_the_number_of_processors_variously(name: str, context: Context) -> None:
    record = cpu_run(cpus=None)
    record["data"]["tags"] = {name: "16"}
    found = reading(json.dumps(record).encode(), context)
    assert found.activity.filter(quantity_kind="vcpu_hours")["quantity"].to_list() == [16.0]


@pytest.mark.parametrize("cpus", [None, "auto", "0", "-1", "nan", "1e9"])
def test_without_a_number_of_processors_the_clock_alone_is_known(
    cpus: str | None, context: Context
) -> None:
    found = reading(json.dumps(cpu_run(cpus=cpus)).encode(), context)
    assert found.activity.select("quantity_kind", "quantity").rows() == [("instance_hours", 1.0)]
    assert "cpu_count" in found.notes[0].reason


def test_the_last_use_stands_for_a_run_without_a_history(context: Context) -> None:
    record = cpu_run()
    record["data"]["metrics"][CPU] = 25.0
    del record["metric_history"]
    row = reading(json.dumps(record).encode(), context).activity.filter(quantity_kind="vcpu_hours")
    assert row["utilisation"].to_list() == [0.25]


def nested(*records: tuple[dict[str, Any], str | None, dict[str, str]]) -> bytes:
    """Runs with their parents and params."""
    for record, parent, params in records:
        record["data"]["params"] |= params
        if parent:
            record["data"]["tags"] = {"mlflow.parentRunId": parent}
    return "\n".join(json.dumps(record) for record, _, _ in records).encode()


def test_a_parent_that_watched_nothing_leaves_the_figures_to_its_children(
    context: Context,
) -> None:
    plain = [run(number) for number in ("top", "middle")]
    for record in plain:
        record["data"]["metrics"] = {}
    found = reading(
        nested((plain[0], None, {}), (plain[1], "top", {}), (cpu_run("leaf"), "middle", {})),
        context,
    )
    counts = found.activity.filter(~pl.col("superseded_in_file"))
    assert counts["resource"].unique().to_list() == ["leaf"]
    assert any("only hold others together" in note.reason for note in found.notes)


def test_a_parent_that_watched_the_processors_counts_alone(context: Context) -> None:
    child, silent = cpu_run("child"), run("silent")
    silent["data"]["metrics"] = {}
    found = reading(
        nested((cpu_run("top"), None, {}), (child, "top", {}), (silent, "top", {})), context
    )
    counts = found.activity.filter(~pl.col("superseded_in_file"))
    assert counts["resource"].unique().to_list() == ["top"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "FINISHED"}, "finished"),
        ({"status": "FAILED"}, "failed"),
        ({"status": "KILLED"}, "preempted"),
        ({"status": "RUNNING"}, "running"),
        ({}, None),
    ],
)
def test_how_a_run_ended(changes: dict[str, str], status: str | None, context: Context) -> None:
    found = reading(json.dumps(run(**changes)).encode(), context)
    assert found.activity["run_status"].unique().to_list() == [status]


def test_trials_of_a_search_are_told_from_stages_of_a_pipeline(context: Context) -> None:
    ended = {"status": "FINISHED"}
    data = nested(
        (run("search", **ended), None, {}),
        (run("t1", **ended), "search", {"lr": "0.1"}),
        (run("t2", **ended), "search", {"lr": "0.2"}),
        (run("t3", status="FAILED"), "search", {"lr": "0.3"}),
        (run("pipeline", **ended), None, {}),
        (run("prepare", **ended), "pipeline", {"rows": "5"}),
        (run("train", **ended), "pipeline", {"lr": "0.1"}),
    )
    found = reading(data, context)
    assert dict(found.activity.select("resource", "run_status").iter_rows()) == {
        "search": "search",
        "t1": "search",
        "t2": "search",
        "t3": "failed",
        "pipeline": "finished",
        "prepare": "finished",
        "train": "finished",
    }


def test_a_run_may_say_its_status_batch_and_host_itself(context: Context) -> None:
    record = run(status="FINISHED")
    record["data"]["params"] = {"batch_size": "32"}
    record["data"]["tags"] = {"run_status": "search", "host": "node-7"}
    found = reading(json.dumps(record).encode(), context)
    said = found.activity.select("run_status", "batch_size", "host").unique().rows()
    assert said == [("search", 32.0, "node-7")]


def test_search_runs_as_csv_gives_hours_with_the_last_watts(context: Context) -> None:
    data = (
        "run_id,experiment_id,status,artifact_uri,start_time,end_time,"
        "metrics.system/gpu_0_power_usage_watts,metrics.loss,params.lr,tags.mlflow.user\n"
        "a,7,FINISHED,,2026-09-03 10:00:00+00:00,2026-09-03 12:00:00+00:00,250.0,0.1,0.01,ana\n"
        "b,7,FINISHED,,2026-09-03 10:00:00+00:00,,250.0,0.1,0.01,ana\n"
        "c,7,FINISHED,,2026-09-03 10:00:00+00:00,2026-09-03 09:00:00+00:00,250,,,ana\n"
    )
    found = reading(data.encode(), context)
    assert found.activity.select("quantity", "average_power_w", "workload", "owner").rows() == [
        (2.0, 250.0, "MLflow experiment 7", "ana")
    ]
    assert found.quarantine.select("row_number", "column").rows() == [
        (3, "end_time"),
        (4, "end_time"),
    ]


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"end_time": START - 1}, "end_time"),
        ({"end_time": None}, "end_time"),
        ({"start_time": 12}, "start_time"),
        ({"run_id": None, "run_uuid": None}, "run_id"),
    ],
)
def test_a_run_that_cannot_be_is_set_aside(
    changes: dict[str, Any], column: str, context: Context
) -> None:
    data = "\n".join(json.dumps(r) for r in (run("good"), run("bad", **changes))).encode()
    found = reading(data, context)
    assert found.quarantine.select("row_number", "column").rows() == [(2, column)]


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MlflowClient]:
    """The real client on a store of files."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "1")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    yield MlflowClient()
    mlflow.set_tracking_uri(before)


def exported(client: MlflowClient, experiment: str) -> bytes:
    """The export that the module's how-to describes."""
    lines = []
    for found in client.search_runs([experiment]):
        keys = [key for key in found.data.metrics if key.endswith("_power_usage_watts")]
        history = {
            key: [[m.timestamp, m.value] for m in client.get_metric_history(found.info.run_id, key)]
            for key in keys
        }
        lines.append(json.dumps(found.to_dictionary() | {"metric_history": history}))
    return "\n".join(lines).encode()


def test_what_the_real_client_logs_and_exports_is_read(
    client: MlflowClient, context: Context
) -> None:
    experiment = client.create_experiment("学習")
    logged = client.create_run(experiment, start_time=START, run_name="tuned")
    number = logged.info.run_id
    client.log_param(number, "model", "llama-8b")
    points = [Metric(POWER, 300.0, START + minute * 60_000, minute) for minute in range(61)]
    client.log_batch(number, metrics=points)
    client.set_terminated(number, end_time=START + HOUR)
    found = reading(exported(client, experiment), context)
    assert (found.rows, found.quarantine.height) == (1, 0)
    # a constant 300 W for one hour
    assert energy(found) == pytest.approx(0.3, rel=1e-12)
    row = found.activity.row(0, named=True)
    assert (row["resource"], row["model"], row["note"]) == (number, "llama-8b", "tuned")
    assert (row["period_start"], row["period_end"]) == (
        datetime(2026, 9, 3, 10, tzinfo=UTC),
        datetime(2026, 9, 3, 11, tzinfo=UTC),
    )


def test_a_real_monitor_without_gpus_tells_the_use_of_processors(
    client: MlflowClient, context: Context
) -> None:
    mlflow.set_experiment("cpu")
    with mlflow.start_run() as active:
        monitor = SystemMetricsMonitor(active.info.run_id, sampling_interval=1)
        monitor.collect_metrics()
        monitor.publish_metrics(monitor.aggregate_metrics())
    record = client.get_run(active.info.run_id).to_dictionary()
    metrics = {k: v for k, v in record["data"]["metrics"].items() if "gpu" not in k}
    assert "system/cpu_utilization_percentage" in metrics
    use = metrics["system/cpu_utilization_percentage"]
    record["data"] |= {"metrics": metrics, "params": {"cpu_count": "4"}}
    found = reading(json.dumps(record).encode(), context)
    row = found.activity.filter(quantity_kind="vcpu_hours").row(0, named=True)
    assert row["utilisation"] == pytest.approx(use / 100)
    assert row["run_status"] == "finished"


def test_a_later_table_of_last_values_takes_the_place_of_hours_and_not_of_histories(
    context: Context,
) -> None:
    traced = json.dumps(run() | minutes({0: 300.0, 60: 300.0})).encode()
    table = (
        f"run_id,experiment_id,start_time,end_time,metrics.{POWER}\n"
        "r,1,2026-09-03T10:00:00Z,2026-09-03T11:00:00Z,300\n"
    ).encode()
    keys = [
        dict(reading(data, context).activity.select("quantity_kind", "key").iter_rows())
        for data in (traced, table)
    ]
    assert keys[0]["accelerator_hours"] == keys[1]["accelerator_hours"]
    assert keys[0]["energy_it_kwh"] not in keys[1].values()


def test_a_run_without_an_end_lasts_until_its_last_sample(context: Context) -> None:
    killed = run(end_time=None) | minutes({0: 300.0, 10: 300.0, 30: 300.0, 20: 300.0})
    found = reading(json.dumps(killed).encode(), context)
    # 300 W for half an hour, and half a GPU-hour
    assert energy(found) == pytest.approx(0.15)
    hours = found.activity.filter(quantity_kind="accelerator_hours")["quantity"].to_list()
    assert hours == [pytest.approx(0.5)]
    assert any("state no end" in note.reason for note in found.notes)
