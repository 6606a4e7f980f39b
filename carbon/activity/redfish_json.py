"""Answers of Redfish, collected by a script: an object a poll, with the time of the poll.

    {"timestamp": "2026-11-02T08:00:00Z", "host": "bmc-7", "@odata.id":
     "/redfish/v1/Chassis/1/EnvironmentMetrics", "PowerWatts": {"Reading": 1210}}

Read are `PowerWatts.Reading` and `EnergykWh.Reading` (EnvironmentMetrics, metrics of rack PDUs) and
the older `PowerControl[].PowerConsumedWatts`, of whose members the first is the whole chassis.
Redfish itself gives no time: the script has to add it. A row is an object.
"""

import re
from typing import Any, Final

import polars as pl

from carbon.activity.source import Context, Head, Payload, Reading, Recognition, RefusalError
from carbon.activity.telemetry.cells import moments_of, values_of
from carbon.activity.telemetry.meters import NAME_LABEL
from carbon.activity.telemetry.samples import COLUMNS, Samples, samples_reading
from carbon.tables import Rejections
from carbon.tables.records import Entry, entries, scalar_text

NAME: Final = "redfish-json"
TITLE: Final = "Redfish power and energy (JSON lines with a timestamp)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("timestamp", "host", "@odata.id", "PowerWatts.Reading")

TIMES: Final = ("timestamp", "Timestamp", "@timestamp", "time", "ts", "DateTime", "collected_at")
HOSTS: Final = ("host", "hostname", "bmc", "target", "instance", "Host")

VARIABLE_MAP: Final = {
    **dict.fromkeys(TIMES, "time"),
    **dict.fromkeys(HOSTS, "instance"),
    "@odata.id": "path",
    "PowerWatts.Reading": "PowerWatts.Reading",
    "EnergykWh.Reading": "EnergykWh.Reading",
    "PowerControl": "PowerControl.PowerConsumedWatts",
}

_READINGS: Final = ("PowerWatts.Reading", "EnergykWh.Reading", "PowerControl.PowerConsumedWatts")
_CHASSIS: Final = re.compile(r"/Chassis/([^/#]+)")
_PDU: Final = re.compile(r"/RackPDUs/([^/#]+)")
_REMEDY: Final = (
    'Let the script that collects write it into each object, as "timestamp": '
    '"2026-11-02T08:00:00Z".'
)


def sniff(head: Head) -> Recognition:
    """Members of Redfish beside a time."""
    if head.kind not in ("json", "jsonl"):
        return Recognition(0.0, f"the format does not come as {head.kind}")
    columns = set(head.columns)
    power = {"PowerControl.PowerConsumedWatts", "PowerWatts.Reading", "EnergykWh.Reading"} & columns
    if not power:
        return Recognition(0.0, "needs PowerWatts, EnergykWh or PowerControl")
    if columns.isdisjoint(TIMES):
        return Recognition(0.6, f"has {min(power)}, but no time")
    return Recognition(0.95, f"has {min(power)} and a time")


def read(payload: Payload, context: Context) -> Reading:
    """Read polls of Redfish.

    Args:
        payload: objects, one a line or in an array.
        context: zone of local times; policy (`telemetry`: limits of gaps, span).

    Returns:
        Energy of each chassis or PDU and span at tier T2, as `samples.samples_reading` gives it.

    Raises:
        RefusalError: no object has a time, or none has power or energy.
    """
    found = entries(payload)
    polls = pl.DataFrame(
        [_poll(entry) for entry in found],
        schema={
            "row_number": pl.Int64,
            "stamp": pl.String,
            "host": pl.String,
            "path": pl.String,
            **dict.fromkeys(_READINGS, pl.String),
            "fault": pl.String,
            "line": pl.String,
        },
        orient="row",
    )
    if not polls["stamp"].is_not_null().any():
        raise RefusalError(f"{payload.name}: no object says when it was collected. {_REMEDY}")
    rejections = Rejections()
    time = moments_of(polls["stamp"], context.timezone)
    polls = polls.with_columns(time["time"], why=time["reason"])
    reason = pl.coalesce(
        "fault", "why", pl.when(pl.col("time").is_null()).then(pl.lit("the object has no time"))
    )
    shown = pl.coalesce("line", "stamp")
    rejections.add_where(polls, reason.is_not_null(), reason, column=None, value=shown)
    labels, samples = _samples(polls, rejections)
    if not labels:
        raise RefusalError(
            f"{payload.name} holds none of {', '.join(_READINGS)}. Collect EnvironmentMetrics, or "
            "Power, of each chassis."
        )
    return samples_reading(
        Samples(
            payload.name,
            labels,
            rejections.keep(samples),
            moments=rejections.keep(polls.select("row_number", "time")),
            rejections=rejections,
            local_times=bool(time["local"].any()),
        ),
        NAME,
        context,
    )


def _poll(entry: Entry) -> tuple[Any, ...]:
    """Row, time, host, path, the three readings, fault and line of one object."""
    value = entry.value or {}
    control = value.get("PowerControl")
    first = control[0] if isinstance(control, list) and control else None
    readings = (
        _inside(value.get("PowerWatts"), "Reading"),
        _inside(value.get("EnergykWh"), "Reading"),
        _inside(first, "PowerConsumedWatts"),
    )
    stamp = next((scalar_text(value[n]) for n in TIMES if value.get(n) is not None), None)
    host = next((scalar_text(value[n]) for n in HOSTS if value.get(n) is not None), None)
    path = scalar_text(value.get("@odata.id"))
    return (entry.row, stamp, host, path, *readings, entry.fault, entry.text)


def _inside(value: Any, name: str) -> str | None:
    return scalar_text(value.get(name)) if isinstance(value, dict) else None


def _samples(
    polls: pl.DataFrame, rejections: Rejections
) -> tuple[list[dict[str, str]], pl.DataFrame]:
    """Labels of every chassis' readings, and their samples."""
    labels: list[dict[str, str]] = []
    parts: list[pl.DataFrame] = [pl.DataFrame(schema={"row_number": pl.Int64})]
    key = ["host", "path"]
    for metric in _READINGS:
        held = polls.filter(pl.col(metric).is_not_null() & pl.col("fault").is_null())
        if not held.height:
            continue
        devices = held.select(key).unique(maintain_order=True)
        numbered = devices.with_row_index("series", offset=len(labels))
        labels += [_labels(metric, host, path) for host, path in devices.iter_rows()]
        value = values_of(held[metric], None)
        part = held.join(
            numbered, on=key, how="left", nulls_equal=True, validate="m:1", maintain_order="left"
        ).with_columns(value["value"], value["reason"])
        wrong = pl.col("reason").is_not_null()
        rejections.add_where(part, wrong, pl.col("reason"), column=metric, value=metric)
        parts.append(part.select(COLUMNS))
    return labels, pl.concat(parts, how="diagonal")


def _labels(metric: str, host: str | None, path: str | None) -> dict[str, str]:
    """Labels of a series as an exporter would write them."""
    labels = {"instance": host} if host else {}
    if pdu := _PDU.search(path or ""):
        return {NAME_LABEL: f"RackPDU.{metric}", "pdu": pdu[1], **labels}
    chassis = _CHASSIS.search(path or "")
    return {NAME_LABEL: metric, **({"chassis": chassis[1]} if chassis else {}), **labels}
