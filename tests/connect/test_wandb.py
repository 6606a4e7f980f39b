"""Weights & Biases: what its own client gets of a server, our client gets too, and it is energy."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import wandb as real
from wandb_server import ENTITY, KEY, PROJECT, Project, run_node, wandb_server

from carbon.connect import ConnectError, http, wandb
from carbon.portfolio import Portfolio, PortfolioError

START = 1788429600  # 2026-09-03T10:00:00Z


def watched(watts: float) -> list[dict[str, Any]]:
    """An hour of one GPU, sampled every minute."""
    return [
        {"_timestamp": START + 60 * i, "_runtime": 60 * i, "system.gpu.0.powerWatts": watts}
        for i in range(61)
    ]


@pytest.fixture
def project() -> Project:
    """Five runs: three of a sweep, one that crashed, one that the agent wrote nothing of."""
    machine = {"gpu": "NVIDIA A100-SXM4-40GB", "gpu_count": 1, "host": "node-7"}
    hour = {"_wandb": {"runtime": 3600}, "loss": 0.1, "picture": {"_type": "image-file"}}
    trials = [
        run_node(
            f"t{i}",
            sweep="s1",
            config={"lr": rate, "model": "llama-8b"},
            summary=hour,
            events=watched(100.0 * (i + 1)),
            metadata=machine,
        )
        for i, rate in enumerate((0.1, 0.2, 0.3))
    ]
    crashed = run_node(
        "boom", state="crashed", summary=hour, events=watched(50.0), metadata=machine,
        created="2026-10-01T08:00:00",
    )  # fmt: skip
    return Project([*trials, crashed, run_node("bare", created="2026-09-03T10:30:00")])


@pytest.fixture
def url(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    with wandb_server(project) as address:
        yield address


def lines(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.decode().splitlines()]


def test_what_the_real_client_sees_is_what_is_fetched(url: str) -> None:
    api = real.Api(overrides={"base_url": url}, api_key=KEY)
    expected = {
        run.id: {
            "name": run.name,
            "state": run.state,
            "created_at": run.created_at,
            "config": dict(run.config),
            "metadata": run.metadata or {},
            "system_metrics": run.system_metrics,
            "system_history": run.history(stream="system", samples=100_000, pandas=False),
            "tags": run.tags,
        }
        for run in api.runs(f"{ENTITY}/{PROJECT}", lazy=False)
    }
    fetched = {run["id"]: run for run in lines(wandb.fetch(url, ENTITY, PROJECT))}
    assert len(expected) == 5
    assert {
        number: {key: fetched[number][key] for key in run} for number, run in expected.items()
    } == expected


def test_runs_of_a_project_end_as_a_workload_with_energy(url: str, workspace: Path) -> None:
    portfolio = Portfolio(workspace)
    (file,) = portfolio.fetch_wandb(url, ENTITY, PROJECT).files
    assert (file.format, file.rows, file.accepted) == ("wandb-runs", 5, 5)
    assert file.name == "wandb-lab-ranker-2026-10-01.jsonl"
    (row,) = portfolio.footprint(["workload"], scope="all").to_dict()["rows"]
    assert row["workload"] == PROJECT
    # An hour each at 100, 200, 300 and 50 W; of the fifth run nothing tells the energy.
    assert row["energy_it_kwh"] == pytest.approx((100 + 200 + 300 + 50) / 1000)
    ended = portfolio._workspace.ledger.current_activity().select("resource", "run_status")
    assert dict(ended.unique().iter_rows()) == {
        "t0": "search", "t1": "search", "t2": "search", "boom": "failed", "bare": "finished",
    }  # fmt: skip


def test_an_unchanged_project_gives_the_same_evidence(url: str, workspace: Path) -> None:
    portfolio = Portfolio(workspace)
    (first,) = portfolio.fetch_wandb(url, ENTITY, PROJECT).files
    (again,) = portfolio.fetch_wandb(url, ENTITY, PROJECT).files
    assert (again.evidence_id, again.accepted, again.duplicates) == (first.evidence_id, 0, 5)


def test_a_period_is_chosen_before_anything_else_is_asked(url: str, project: Project) -> None:
    found = lines(
        wandb.fetch(url, ENTITY, PROJECT, since=date(2026, 9, 4), until=date(2026, 10, 1))
    )
    assert [run["id"] for run in found] == ["boom"]
    assert project.asked.count("RunFullHistory") == 1
    with pytest.raises(ConnectError, match="has no runs in this period"):
        wandb.fetch(url, ENTITY, PROJECT, until=date(2020, 1, 1))


def test_pictures_and_tables_of_a_summary_stay_where_they_are(url: str) -> None:
    run = next(r for r in lines(wandb.fetch(url, ENTITY, PROJECT)) if r["id"] == "t0")
    assert run["summary"] == {"_wandb": {"runtime": 3600}, "loss": 0.1}


def test_a_busy_server_is_asked_again(
    url: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LONGEST_WAIT_S", 0.01)
    project.busy = 3
    assert len(lines(wandb.fetch(url, ENTITY, PROJECT))) == 5


def test_a_project_that_is_not_there_is_named(url: str, workspace: Path) -> None:
    with pytest.raises(PortfolioError, match="shows no project lab/nothing"):
        Portfolio(workspace).fetch_wandb(url, ENTITY, "nothing")


def test_a_wrong_key_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "x" * 40)
    with pytest.raises(ConnectError, match=r"does not let this user in \(401\). Set WANDB_API_KEY"):
        wandb.fetch(url, ENTITY, PROJECT)


def test_the_kinds_of_quantities_that_runs_give(url: str, workspace: Path) -> None:
    portfolio = Portfolio(workspace)
    portfolio.fetch_wandb(url, ENTITY, PROJECT)
    activity = portfolio._workspace.ledger.current_activity()
    bare = activity.filter(pl.col("resource") == "bare")
    # From its creation at 10:30 to its last heartbeat at 11:00.
    assert bare.select("quantity_kind", "quantity").rows() == [("instance_hours", 0.5)]
