"""The sample's second training of the sepsis model, run by run."""

import csv
from datetime import datetime

import polars as pl
import pytest

from carbon.portfolio import Portfolio
from carbon.portfolio.portfolio import SAMPLE

GPUS = 8


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return Portfolio.sample(tmp_path_factory.mktemp("sample") / "workspace")


def runs_of_the_file() -> list[dict[str, str]]:
    with (SAMPLE / "reno-mlflow-runs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def accelerator_hours(row: dict[str, str]) -> float:
    start, end = (datetime.fromisoformat(row[name]) for name in ("start_time", "end_time"))
    return (end - start).total_seconds() / 3600 * GPUS


def test_the_model_bears_every_run_and_each_ending_is_apart(sample: Portfolio) -> None:
    rows = runs_of_the_file()
    trials = [row for row in rows if row["tags.mlflow.parentRunId"]]
    rest = {
        ended: [row for row in rows if row["status"] == status and row not in trials]
        for status, ended in (("FINISHED", "finished"), ("FAILED", "failed"),
                              ("KILLED", "preempted"))
    }  # fmt: skip
    expected = {"search": trials, **rest}
    found = {row["ended"]: row for row in sample.model("SepsisNet").endings.to_dicts()}
    for ended, listed in expected.items():
        assert found[ended]["runs"] == len(listed), ended
        hours = sum(accelerator_hours(row) for row in listed)
        assert found[ended]["accelerator_hours"] == pytest.approx(hours), ended
    # Of the first training the cluster's table says no more than its hours.
    assert found["not_stated"]["runs"] == 1


def test_runs_of_a_bare_host_stand_where_the_policy_says(sample: Portfolio) -> None:
    runs = sample.training("SepsisNet").filter(pl.col("ended") != "not_stated")
    assert runs["location_coverage"].to_list() == [1.0] * runs.height
    assert runs["node_hours"].null_count() == runs.height
