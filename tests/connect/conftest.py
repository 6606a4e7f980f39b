"""A real MLflow server that the tests start, with runs that really trained something."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from mlflow_training import Tracked, train
from servers import free_port, serving


@pytest.fixture(scope="session")
def mlflow_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an MLflow server on a database of its own."""
    home = tmp_path_factory.mktemp("mlflow")
    port = free_port()
    command = [
        *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)),
        *("--backend-store-uri", f"sqlite:///{home / 'mlflow.db'}"),
        *("--artifacts-destination", str(home / "artifacts"), "--workers", "1"),
    ]
    # Jobs of the server's own (prompt optimisation and the like) would take a dozen processes.
    environment = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    url = f"http://127.0.0.1:{port}"
    with serving(command, f"{url}/health", home / "log", environment):
        yield url


@pytest.fixture(scope="session")
def tracked(mlflow_url: str) -> Iterator[Tracked]:
    """Runs of small models on this machine's processors, with system metrics of every second."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(mlflow_url)
    mlflow.set_system_metrics_sampling_interval(1)
    mlflow.set_system_metrics_samples_before_logging(1)
    try:
        yield Tracked(mlflow_url, train())
    finally:
        mlflow.set_system_metrics_sampling_interval(None)
        mlflow.set_system_metrics_samples_before_logging(None)
        mlflow.set_tracking_uri(before)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


@pytest.fixture(autouse=True)
def nobody_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine's user signs in with plays no part."""
    for name in [name for name in os.environ if name.startswith(("MLFLOW_TRACKING_", "WANDB_"))]:
        monkeypatch.delenv(name)
