"""`carbon discover mlflow` against a real server, `wandb` against one that speaks its protocol."""

import json
from pathlib import Path
from typing import Any

import pytest
from mlflow_training import Tracked
from typer.testing import CliRunner
from wandb_server import ENTITY, KEY, PROJECT, Project, run_node, wandb_server

from carbon.cli import app
from carbon.portfolio import Portfolio


@pytest.fixture
def own(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Portfolio:
    monkeypatch.setenv("CARBON_WORKSPACE", str(workspace))
    return Portfolio(workspace)


def discover(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["discover", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_experiments_of_a_real_server_are_proposed_and_accepted(
    own: Portfolio, tracked: Tracked
) -> None:
    found = discover("mlflow", tracked.url)
    names = {each["workload"] for each in found["proposed"]}
    assert names == set(own.workloads()["workload_id"])
    assert names
    assert all(each["sources"] == ["mlflow"] for each in found["proposed"])
    assert any(each["energy_kwh"] for each in found["proposed"])
    for each in found["proposed"]:
        own.accept(each["proposal_id"])
    assert discover("mlflow", tracked.url)["proposed"] == []


def test_a_project_of_weights_and_biases_is_proposed(
    own: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    with wandb_server(Project([run_node("r1", created="2026-09-03T10:00:00")])) as url:
        found = discover("wandb", "--entity", ENTITY, "--project", PROJECT, "--url", url)
    (proposal,) = found["proposed"]
    assert (proposal["kind"], proposal["sources"]) == ("known", ["wandb"])
    assert [proposal["workload"]] == own.workloads()["workload_id"].to_list()
