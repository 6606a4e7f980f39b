"""Small models that are really trained on this machine's processors, and logged to MLflow."""

import time
from dataclasses import dataclass

import mlflow
import pytest
from mlflow import MlflowClient
from sklearn.datasets import make_regression
from sklearn.linear_model import SGDRegressor

USE = "system/cpu_utilization_percentage"
PATIENCE_S = 180
EXPERIMENT = "prices"
OTHER = "unwatched"
CPUS = 4
"""Processors that the runs state: whatever this machine has, the hand calculation is the same."""


@dataclass(frozen=True)
class Tracked:
    """A server with runs.

    Attributes:
        url: its address.
        runs: name of a run -> its id.
    """

    url: str
    runs: dict[str, str]


def train() -> dict[str, str]:
    """Train, fail, search and stop; gives the name of each run with its id."""
    runs = {}
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run(run_name="fit", log_system_metrics=True) as run:
        runs["fit"] = run.info.run_id
        mlflow.log_params({"cpu_count": CPUS, "model": "sgd"})
        mlflow.log_metric("score", _fit_watched(1e-4))
    with (
        pytest.raises(ValueError, match="diverged"),
        mlflow.start_run(run_name="broken", log_system_metrics=True) as run,
    ):
        runs["broken"] = run.info.run_id
        mlflow.log_params({"cpu_count": CPUS, "model": "sgd"})
        _fit_watched(1e-4)
        raise ValueError("diverged")
    # The parent of a search holds its trials together and watches nothing itself.
    with mlflow.start_run(run_name="search", log_system_metrics=False) as search:
        runs["search"] = search.info.run_id
        for alpha in (1e-4, 1e-2):
            name = f"trial {alpha}"
            with mlflow.start_run(run_name=name, nested=True, log_system_metrics=True) as run:
                runs[name] = run.info.run_id
                mlflow.log_params({"cpu_count": CPUS, "model": "sgd", "alpha": alpha})
                mlflow.log_metric("score", _fit_watched(alpha))
    mlflow.set_experiment(OTHER)
    with mlflow.start_run(run_name="plain", log_system_metrics=False) as run:
        runs["plain"] = run.info.run_id
        _fit(0.1, 1e-4)
    with mlflow.start_run(run_name="stopped", log_system_metrics=False) as run:
        runs["stopped"] = run.info.run_id
        _fit(0.1, 1e-4)
    MlflowClient().set_terminated(runs["stopped"], status="KILLED")
    return runs


def _fit(seconds: float, alpha: float) -> float:
    """Train for about that long; gives the score."""
    features, target = make_regression(2000, 20, noise=1.0, random_state=7)
    model = SGDRegressor(alpha=alpha, random_state=7)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        model.partial_fit(features, target)
    return float(model.score(features, target))


def _fit_watched(alpha: float) -> float:
    """Train until two samples of the processors' use were logged, however busy the machine is."""
    run, client = mlflow.active_run(), MlflowClient()
    assert run is not None
    latest = time.monotonic() + PATIENCE_S
    while time.monotonic() < latest:
        score = _fit(1.0, alpha)
        if len(client.get_metric_history(run.info.run_id, USE)) > 1:
            return score
    raise RuntimeError(f"no two samples of {USE} in {PATIENCE_S} s")
