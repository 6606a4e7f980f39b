"""MLflow's table of runs, as `mlflow.search_runs().to_csv()` writes it: what became of each run.

The sepsis model is trained again in Reno in May and June 2026: trials of a search, runs that
failed, one that was killed for a more urgent job, and those that gave a model.
"""

import csv
import io
import random
import uuid
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

GPUS: Final = 8
POWER: Final = [f"metrics.system/gpu_{gpu}_power_usage_watts" for gpu in range(GPUS)]


class Attempt(NamedTuple):
    """Runs alike: how many, how each ended, its hours and watts, and whether it was a trial."""

    runs: int
    status: str
    hours: float
    watts: float
    trial: bool = False


PLAN: Final = (
    Attempt(18, "FINISHED", 6.0, 296.0, trial=True),
    Attempt(3, "FAILED", 31.0, 284.0),
    Attempt(2, "KILLED", 22.0, 301.0),
    Attempt(4, "FINISHED", 96.0, 305.0),
)


def mlflow_runs(chance: random.Random) -> str:
    """One row a run; they follow each other on one server, from 4 May 2026 on."""
    rows = []
    moment = datetime(2026, 5, 4, 8)
    search = _name(chance)
    for attempt in PLAN:
        for number in range(attempt.runs):
            hours = attempt.hours * chance.uniform(0.85, 1.15)
            end = moment + timedelta(seconds=round(hours * 3600))
            rows.append(_run(attempt, number, (moment, end), search, chance))
            moment = end + timedelta(minutes=chance.randint(15, 400))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _run(
    attempt: Attempt,
    number: int,
    span: tuple[datetime, datetime],
    search: str,
    chance: random.Random,
) -> dict[str, Any]:
    watts = {name: round(attempt.watts * chance.uniform(0.97, 1.03), 1) for name in POWER}
    return {
        "run_id": _name(chance),
        "experiment_id": "7",
        "experiment_name": "sepsis-forecast-train",
        "status": attempt.status,
        "start_time": f"{span[0].isoformat(timespec='milliseconds')}+00:00",
        "end_time": f"{span[1].isoformat(timespec='milliseconds')}+00:00",
        **watts,
        "params.model": "SepsisNet",
        "params.host": "reno-dgx-02",
        "params.batch_size": "64",
        "params.learning_rate": f"{10 ** chance.uniform(-5, -3):.6f}"
        if attempt.trial
        else "0.0002",
        "tags.mlflow.parentRunId": search if attempt.trial else "",
        "tags.mlflow.runName": f"{'trial' if attempt.trial else 'train'}-{number + 1}",
        "tags.mlflow.user": "Élodie Garnier",
    }


def _name(chance: random.Random) -> str:
    return uuid.UUID(int=chance.getrandbits(128), version=4).hex
