"""MLflow's runs as JSON: REST's pages and the client's dictionaries, brought under one shape."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from carbon.activity.documents import each_object, number_of
from carbon.activity.run_power import SAMPLES
from carbon.activity.source import Payload, RefusalError
from carbon.tables.dates import EARLIEST, LATEST
from carbon.tables.records import Entry

POWER: Final = re.compile(r"^system/(?:.+/)?gpu_\d+_power_usage_watts$")
USE: Final = re.compile(r"^system/(?:.+/)?cpu_utilization_percentage$")
MEMORY: Final = re.compile(r"^system/(?:.+/)?system_memory_usage_megabytes$")

READ_TAGS: Final = (
    "mlflow.runName",
    "mlflow.user",
    "mlflow.parentRunId",
    "mlflow.source.name",
    "mlflow.project.entryPoint",
)
"""Tags of MLflow's own that are read; every tag of the user's is kept."""

History = list[tuple[Any, Any]]
"""Points of one metric: milliseconds since 1970, value."""


@dataclass
class Runs:
    """What a file says of runs.

    Attributes:
        entries: a row per run under the names of `search_runs`; lines that are no JSON as faults.
        last: row and last values of the metrics of each run.
        histories: row and histories of power, of processors' use and of memory of each run.
        unended: runs that state no end, and were taken to end with their last sample.
    """

    entries: list[Entry] = field(default_factory=list)
    last: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    histories: list[tuple[int, dict[str, History]]] = field(default_factory=list)
    unended: int = 0


def runs_of(payload: Payload) -> Runs:
    """Runs, histories and names of experiments, wherever they stand in a file.

    Raises:
        RefusalError: there is no run.
    """
    runs: list[dict[str, Any]] = []
    histories: dict[str, dict[str, History]] = {}
    experiments: dict[str, str] = {}
    broken = 0
    for _, document in each_object(payload):
        if not isinstance(document, dict):
            broken += 1
            continue
        for kind, item in _items(document):
            if kind == "run":
                runs.append(item)
            elif kind == "metric":
                own = histories.setdefault(str(item.get("run_id")), {})
                point = (item.get("timestamp"), item.get("value"))
                own.setdefault(str(item.get("key")), []).append(point)
            else:
                experiments[str(item.get("experiment_id"))] = str(item.get("name"))
    if not runs:
        raise RefusalError(
            f"{payload.name} holds no run of MLflow. Put the page of runs/search into the same "
            "file as the histories of its metrics."
        )
    found = Runs()
    for row, run in enumerate(runs, start=1):
        flat, last, own = _run(run, experiments)
        traces = histories.get(str(flat.get("run_id")), {}) | own
        read = {k: v for k, v in traces.items() if any(m.match(k) for m in (POWER, USE, MEMORY))}
        if flat["end_time"] is None and (until := _last_moment(read)) is not None:
            flat["end_time"] = _moment(until)
            found.unended += 1
        found.entries.append(Entry(row, flat))
        found.last.append((row, last))
        found.histories.append((row, read))
    fault = "this is no JSON object; it may be cut off. Export it again"
    found.entries += [Entry(len(runs) + i, None, fault) for i in range(1, broken + 1)]
    return found


def samples_of(histories: list[tuple[int, dict[str, History]]]) -> tuple[pl.DataFrame, int]:
    """Points of power as samples, and how many points had no moment and were left out."""
    low, high = EARLIEST.timestamp() * 1e3, LATEST.timestamp() * 1e3
    found: list[tuple[int, str, int, float | None]] = []
    lost = 0
    for row, traces in histories:
        for key, points in traces.items():
            if not POWER.match(key):
                continue
            for moment, value in points:
                at = number_of(moment)
                if at is None or not low <= at <= high:
                    lost += 1
                else:
                    found.append((row, key, int(at * 1000), number_of(value)))
    frame = pl.DataFrame(found, schema={**SAMPLES, "time": pl.Int64}, orient="row")
    time = pl.from_epoch("time", time_unit="us").dt.replace_time_zone("UTC").alias("time")
    return frame.with_columns(time), lost


def means_of(traces: Mapping[str, History], metric: re.Pattern[str]) -> list[float]:
    """The mean of each history of a metric, by the node that its name holds.

    The tracker's samples are means over spans of one length, so each counts the same.
    """
    found = []
    for key in sorted(key for key in traces if metric.match(key)):
        values = [v for _, point in traces[key] if (v := number_of(point)) is not None and v >= 0]
        if values:
            found.append(math.fsum(values) / len(values))
    return found


def _last_moment(powers: Mapping[str, History]) -> float | None:
    """The last moment [ms] at which any history has a point."""
    moments = [number_of(at) for points in powers.values() for at, _ in points]
    return max((at for at in moments if at is not None), default=None)


def _items(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Runs, points of histories and experiments of a page; a bare run is itself."""
    if isinstance(document.get("info"), dict):
        yield "run", document
        return
    for name, kind in (("runs", "run"), ("metrics", "metric"), ("experiments", "experiment")):
        listed = document.get(name)
        for item in listed if isinstance(listed, list) else ():
            if isinstance(item, dict):
                yield kind, item


def _run(
    run: dict[str, Any], experiments: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, Any], dict[str, History]]:
    """A run under the names of `search_runs`, its last values, and the histories it carries."""
    raw_info, raw_data = run.get("info"), run.get("data")
    info: dict[str, Any] = raw_info if isinstance(raw_info, dict) else {}
    data: dict[str, Any] = raw_data if isinstance(raw_data, dict) else {}
    pairs = {name: _pairs(data.get(name)) for name in ("metrics", "params", "tags")}
    experiment = str(info.get("experiment_id") or "")
    kept = {f"tags.{k}": v for k, v in pairs["tags"].items() if is_kept(k)}
    flat = {
        "run_id": info.get("run_id") or info.get("run_uuid"),
        "experiment_id": experiment or None,
        "experiment_name": experiments.get(experiment),
        "status": info.get("status"),
        "start_time": _moment(info.get("start_time")),
        "end_time": _moment(info.get("end_time")),
        **{f"params.{k}": v for k, v in pairs["params"].items()},
        **kept,
    }
    history = run.get("metric_history")
    own = {
        str(key): [p for p in (_point(item) for item in points) if p is not None]
        for key, points in (history.items() if isinstance(history, dict) else ())
        if isinstance(points, list)
    }
    plain = {k: v for k, v in flat.items() if not isinstance(v, dict | list)}
    return plain, pairs["metrics"], own


def is_kept(tag: str) -> bool:
    """Whether a tag is one of the user's own, or one of MLflow's that is read."""
    return tag in READ_TAGS or not tag.startswith("mlflow.")


def _pairs(value: Any) -> dict[str, Any]:
    """`{key: value}`, or REST's list of `{key, value}`, as the former."""
    if isinstance(value, dict):
        return {str(k): v for k, v in value.items()}
    items = value if isinstance(value, list) else []
    return {str(i["key"]): i.get("value") for i in items if isinstance(i, dict) and "key" in i}


def _point(item: Any) -> tuple[Any, Any] | None:
    """A point of a history: `{timestamp, value}` or `[timestamp, value]`."""
    if isinstance(item, dict):
        return item.get("timestamp"), item.get("value")
    return (item[0], item[1]) if isinstance(item, list) and len(item) > 1 else None


def _moment(value: Any) -> Any:
    """Milliseconds since 1970 as a date; what is none stays as it is, to be set aside."""
    milliseconds = number_of(value)
    if milliseconds is None:
        return value
    seconds = milliseconds / 1000
    if not EARLIEST.timestamp() <= seconds <= LATEST.timestamp():
        return value
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
