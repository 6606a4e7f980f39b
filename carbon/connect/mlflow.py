"""MLflow: experiments, runs and histories of system metrics, over the tracking server's REST API.

What is asked, of REST API 2.0: `experiments/search`, `runs/search`, and `metrics/get-history` of
the system metrics from which energy follows. Source: MLflow, "REST API".
"""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final

from carbon.connect.http import ConnectError, Server

API: Final = "/api/2.0/mlflow"

PAGE: Final = 1000
HISTORY_PAGE: Final = 25_000
"""Largest pages that every server gives."""

ENERGY_METRICS: Final = re.compile(
    r"^system/(?:.+/)?(?:gpu_\d+_power_usage_watts|cpu_utilization_percentage"
    r"|system_memory_usage_megabytes)$"
)
"""The metrics whose histories are fetched; of all others the last value is in the run."""

EXPERIMENTS_AT_ONCE: Final = 100
"""Experiments of which runs are asked in one question: an address of a question has its limits."""

SIGN_IN: Final = (
    "Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD."
)


def fetch(
    url: str,
    *,
    experiments: Sequence[str] | None = None,
    since: date | None = None,
    until: date | None = None,
    token: str | None = None,
    username: str | None = None,
    password: str | None = None,
) -> bytes:
    """Runs of a tracking server, as `carbon.activity.mlflow_runs` reads them.

    Args:
        url: the server's address, as `MLFLOW_TRACKING_URI` has it.
        experiments: names (or ids) of experiments; None for all that are active.
        since: day (UTC) on or after which a run started.
        until: day (UTC) before the end of which a run started.
        token, username, password: how to sign in; default MLFLOW_TRACKING_TOKEN, else
            MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, else without.

    Returns:
        Lines of JSON in the shape of the API's pages: a run a line by its start, a page a history,
        then the experiments. A server on which nothing changed gives the same bytes.

    Raises:
        ConnectError: the server cannot be reached, refuses, is no MLflow server, has no such
            experiment, or no run.
    """
    server = _server(url, token, username, password)
    with server.in_its_shape():
        return _fetched(server, experiments, since, until)


def _fetched(
    server: Server, experiments: Sequence[str] | None, since: date | None, until: date | None
) -> bytes:
    known = _experiments(server, experiments)
    runs = _runs(server, known, since, until)
    if not runs:
        raise ConnectError(
            f"MLflow at {server.url} has no run"
            + (" in these experiments" if experiments else "")
            + (" in this period" if since or until else "")
            + ". Check the address, the experiments and the period."
        )
    of_runs = {run["info"]["experiment_id"] for run in runs}
    lines: list[Mapping[str, Any]] = [{"runs": [run]} for run in runs]
    lines += [{"metrics": points} for run in runs for points in _histories(server, run) if points]
    lines.append({"experiments": [e for e in known if e["experiment_id"] in of_runs]})
    return "".join(
        json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines
    ).encode()


def _server(url: str, token: str | None, username: str | None, password: str | None) -> Server:
    token = token or os.environ.get("MLFLOW_TRACKING_TOKEN")
    username = username or os.environ.get("MLFLOW_TRACKING_USERNAME")
    password = password or os.environ.get("MLFLOW_TRACKING_PASSWORD")
    headers, auth = {}, None
    if username and password:
        auth = (username, password)
    elif token:
        headers = {"Authorization": f"Bearer {token}"}
    return Server("MLflow", url, sign_in=SIGN_IN, headers=headers, auth=auth)


def _pages(server: Server, path: str, body: Mapping[str, Any], listed: str) -> Iterator[Any]:
    """Every entry of every page of a search."""
    following: str | None = None
    while True:
        page = server.post(API + path, {**body, **({"page_token": following} if following else {})})
        entries = page.get(listed, [])
        if not isinstance(entries, list):
            raise TypeError(f"{listed} {entries!r:.60}")
        yield from entries
        before, following = following, page.get("next_page_token") or None
        if following is None or following == before:
            return


def _experiments(server: Server, wanted: Sequence[str] | None) -> list[dict[str, Any]]:
    """The active experiments, by id.

    Raises:
        ConnectError: one that is asked for is not there.
    """
    body = {"max_results": PAGE, "view_type": "ACTIVE_ONLY"}
    found = sorted(
        _pages(server, "/experiments/search", body, "experiments"),
        key=lambda e: (len(e["experiment_id"]), e["experiment_id"]),
    )
    for experiment in found:
        experiment["tags"] = _sorted(experiment.get("tags"))
    if wanted is None:
        return found
    named = {e["name"]: e for e in found} | {e["experiment_id"]: e for e in found}
    missing = [name for name in wanted if name not in named]
    if missing:
        there = ", ".join(e["name"] for e in found[:20]) or "none"
        raise ConnectError(
            f"MLflow at {server.url} has no experiment {', '.join(missing)}. It has: {there}."
        )
    chosen = {named[name]["experiment_id"] for name in wanted}
    return [e for e in found if e["experiment_id"] in chosen]


def _runs(
    server: Server,
    experiments: Sequence[Mapping[str, Any]],
    since: date | None,
    until: date | None,
) -> list[dict[str, Any]]:
    """Active runs of some experiments, by start; metrics, params and tags by name."""
    conditions = []
    if since is not None:
        conditions.append(f"attributes.start_time >= {_milliseconds(since, time.min)}")
    if until is not None:
        conditions.append(f"attributes.start_time <= {_milliseconds(until, time.max)}")
    ids = [e["experiment_id"] for e in experiments]
    found = []
    for first in range(0, len(ids), EXPERIMENTS_AT_ONCE):
        body = {
            "experiment_ids": ids[first : first + EXPERIMENTS_AT_ONCE],
            "filter": " and ".join(conditions),
            "run_view_type": "ACTIVE_ONLY",
            "max_results": PAGE,
            "order_by": ["attributes.start_time ASC"],
        }
        found += list(_pages(server, "/runs/search", body, "runs"))
    for run in found:
        data = run.setdefault("data", {})
        for name in ("metrics", "params", "tags"):
            data[name] = _sorted(data.get(name))
    return sorted(found, key=lambda run: (run["info"].get("start_time", 0), run["info"]["run_id"]))


def _milliseconds(day: date, at: time) -> int:
    """Milliseconds since 1970 of a moment of a day, UTC."""
    return int(datetime.combine(day, at, UTC).timestamp() * 1000)


def _histories(server: Server, run: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """The histories of a run's metrics from which energy follows, each with its run."""
    number = run["info"]["run_id"]
    for metric in run["data"]["metrics"]:
        if ENERGY_METRICS.match(metric["key"]):
            points = _history(server, number, metric["key"])
            yield [{**point, "run_id": number} for point in points]


def _history(server: Server, number: str, key: str) -> list[dict[str, Any]]:
    question = {"run_id": number, "metric_key": key, "max_results": HISTORY_PAGE}
    found: list[dict[str, Any]] = []
    following: str | None = None
    while True:
        page = server.get(
            f"{API}/metrics/get-history",
            {**question, **({"page_token": following} if following else {})},
        )
        found += page.get("metrics", [])
        before, following = following, page.get("next_page_token") or None
        if following is None or following == before:
            return sorted(found, key=lambda p: (p["timestamp"], p.get("step", 0), str(p["value"])))


def _sorted(pairs: Any) -> list[dict[str, Any]]:
    return sorted(pairs or [], key=lambda pair: str(pair["key"]))
