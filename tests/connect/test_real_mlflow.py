"""A real MLflow server and really trained models end as workloads with energy."""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from mlflow import MlflowClient
from mlflow_training import CPUS, EXPERIMENT, OTHER, Tracked

from carbon.connect import ConnectError, mlflow
from carbon.portfolio import Portfolio, PortfolioError

# Cloud Carbon Footprint's watts of a vCPU at idle and at full load, the mean over all the
# architectures that ship, as a run does not name its processor's maker.
IDLE_W, FULL_W = 33.30548 / 37, 134.51055 / 37
MEMORY_W_PER_GB = 0.392


def by_hand(client: MlflowClient, run_id: str) -> tuple[float, float]:
    """IT energy [kWh] of a run's processors and of its memory, from its own metrics."""
    info = client.get_run(run_id).info
    hours = (info.end_time - info.start_time) / 3_600_000
    use = [
        point.value
        for point in client.get_metric_history(run_id, "system/cpu_utilization_percentage")
    ]
    megabytes = [
        point.value
        for point in client.get_metric_history(run_id, "system/system_memory_usage_megabytes")
    ]
    assert len(use) > 1, "a run of seconds, sampled every second"
    u = sum(use) / len(use) / 100
    watts = IDLE_W + u * (FULL_W - IDLE_W)
    processors = CPUS * hours * watts / 1000
    memory = sum(megabytes) / len(megabytes) / 1000 * hours * MEMORY_W_PER_GB / 1000
    return processors, memory


def energy(portfolio: Portfolio, *by: str) -> Mapping[tuple[str, ...], float | None]:
    rows = portfolio.footprint(by, scope="all").to_dict()["rows"]
    return {tuple(row[name] for name in by): row["energy_it_kwh"] for row in rows}


def test_real_training_ends_as_a_workload_with_energy(tracked: Tracked, workspace: Path) -> None:
    portfolio = Portfolio(workspace)
    result = portfolio.fetch_mlflow(tracked.url)
    (file,) = result.files
    assert (file.format, file.rows, file.accepted, file.quarantined) == ("mlflow-runs", 7, 7, 0)
    client = MlflowClient(tracked.url)
    counted = [tracked.runs[n] for n in ("fit", "broken", "trial 0.0001", "trial 0.01")]
    parts = [by_hand(client, number) for number in counted]
    found = energy(portfolio, "workload", "component")
    processors = found[(EXPERIMENT, "cpu")]
    memory = found[(EXPERIMENT, "memory")]
    assert processors == pytest.approx(sum(p for p, _ in parts), rel=1e-9)
    assert memory == pytest.approx(sum(m for _, m in parts), rel=1e-9)
    assert processors > 0
    # Nobody states the processors of these runs: their energy is not known, which is not 0.
    assert energy(portfolio, "workload")[(OTHER,)] is None
    assert set(portfolio.workloads()["workload_id"]) == {EXPERIMENT, OTHER}


def test_failed_and_search_runs_are_told_apart(tracked: Tracked, workspace: Path) -> None:
    portfolio = Portfolio(workspace)
    portfolio.fetch_mlflow(tracked.url)
    activity = portfolio._workspace.ledger.current_activity()
    names = {number: name for name, number in tracked.runs.items()}
    ended = activity.select(pl.col("resource").replace_strict(names), "run_status").unique()
    # The parent of the search holds its trials together, and does not count beside them.
    assert dict(ended.iter_rows()) == {
        "fit": "finished",
        "broken": "failed",
        "trial 0.0001": "search",
        "trial 0.01": "search",
        "plain": "finished",
        "stopped": "preempted",
    }


def test_an_unchanged_server_gives_the_same_evidence(tracked: Tracked, workspace: Path) -> None:
    assert mlflow.fetch(tracked.url) == mlflow.fetch(tracked.url + "/")
    portfolio = Portfolio(workspace)
    (first,) = portfolio.fetch_mlflow(tracked.url).files
    before = energy(portfolio, "workload")
    (again,) = portfolio.fetch_mlflow(tracked.url).files
    assert (again.evidence_id, again.accepted, again.duplicates) == (first.evidence_id, 0, 7)
    assert energy(portfolio, "workload") == before
    started = MlflowClient(tracked.url).get_run(tracked.runs["stopped"]).info.start_time
    day = datetime.fromtimestamp(started / 1000, UTC).date()
    assert first.name == f"mlflow-127.0.0.1-{tracked.url.rsplit(':', 1)[1]}-{day}.jsonl"


def test_experiments_and_periods_are_chosen(tracked: Tracked) -> None:
    data = mlflow.fetch(tracked.url, experiments=[OTHER])
    pages = [json.loads(line) for line in data.decode().splitlines()]
    found = {run["info"]["run_id"] for page in pages for run in page.get("runs", [])}
    assert found == {tracked.runs["plain"], tracked.runs["stopped"]}
    today = datetime.now(UTC).date()
    assert mlflow.fetch(tracked.url, since=today - timedelta(days=1), until=today)
    with pytest.raises(ConnectError, match="no run in this period"):
        mlflow.fetch(tracked.url, until=date(2020, 1, 1))


def test_more_runs_and_points_than_a_page_holds(
    tracked: Tracked, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = mlflow.fetch(tracked.url)
    monkeypatch.setattr(mlflow, "PAGE", 2)
    monkeypatch.setattr(mlflow, "HISTORY_PAGE", 1)
    monkeypatch.setattr(mlflow, "EXPERIMENTS_AT_ONCE", 1)
    assert mlflow.fetch(tracked.url) == whole


def test_an_experiment_that_is_not_there_is_named(tracked: Tracked, workspace: Path) -> None:
    with pytest.raises(PortfolioError, match=f"no experiment nothing. It has: .*{EXPERIMENT}"):
        Portfolio(workspace).fetch_mlflow(tracked.url, experiments=["nothing"])


def test_from_the_command_line(tracked: Tracked, workspace: Path) -> None:
    command = [sys.executable, "-c", "from carbon.cli import main; main()", "sync", "mlflow"]
    options = ["--url", tracked.url, "--experiment", EXPERIMENT, "--workspace", str(workspace)]
    done = subprocess.run([*command, *options, "--json"], capture_output=True, check=True)
    (file,) = json.loads(done.stdout)["files"]
    assert (file["format"], file["rows"], file["accepted"]) == ("mlflow-runs", 5, 5)
    assert energy(Portfolio(workspace), "workload")[(EXPERIMENT,)] > 0
