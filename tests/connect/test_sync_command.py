"""`carbon sync`: what it prints, and with which status it ends."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from servers import free_port
from wandb_server import ENTITY, KEY, PROJECT, Project, run_node, wandb_server

from carbon.cli import main
from carbon.connect import http

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sync(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run `carbon sync …`; gives status, output and messages."""
    monkeypatch.setenv("CARBON_WORKSPACE", str(workspace))
    monkeypatch.setattr(http, "LONGEST_WAIT_S", 0.01)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["carbon", "sync", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capsys.readouterr()
        return int(stop.value.code or 0), captured.out, captured.err

    return run


WANDB = ("wandb", "--entity", ENTITY, "--project", PROJECT)


def test_runs_of_weights_and_biases(sync: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", KEY)
    early, late = (
        run_node(f"r{day}", created=f"2026-{day}T10:00:00") for day in ("08-31", "09-03")
    )
    with wandb_server(Project([early, late])) as url:
        monkeypatch.setenv("WANDB_BASE_URL", url)
        code, out, _ = sync(*WANDB, "--from", "2026-09", "--to", "2026-09", "--json")
    (file,) = json.loads(out)["files"]
    assert (code, file["format"], file["accepted"]) == (0, "wandb-runs", 1)


def test_a_server_that_is_away_is_one_line(sync: Command) -> None:
    code, out, err = sync("mlflow", "--url", f"http://127.0.0.1:{free_port()}")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "could not be reached" in err


@pytest.mark.parametrize(
    "period",
    [("--from", "2026-09-02", "--to", "2026-09-01"), ("--from", "soon"), ("--to", "2026-13")],
    ids=["turned round", "no day", "no month"],
)
def test_a_period_that_is_none_is_wrong_usage(period: tuple[str, ...], sync: Command) -> None:
    code, _, err = sync(*WANDB, *period)
    assert code == 2
    assert period[-2] in err
