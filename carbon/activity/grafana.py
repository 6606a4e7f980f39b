"""Grafana: the CSV of a panel ("series joined by time"), and the JSON of a data-source query.

The CSV has a time and a column per series, named `{__name__="…", gpu="0"}` or `metric{…}`; a row
holds a sample of every series. In the JSON a frame has fields (time, numbers with labels, texts)
and their values; there a row is one number, counted through from 1. A CSV of one sample a row is
read as `prometheus-csv`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from carbon.activity.source import (
    Context,
    Head,
    Payload,
    Problem,
    Reading,
    Recognition,
    RefusalError,
)
from carbon.activity.telemetry.cells import moments_of, values_of
from carbon.activity.telemetry.inference import tally_of
from carbon.activity.telemetry.label_sets import series_of
from carbon.activity.telemetry.meters import NAME_LABEL, Meter, meter_of
from carbon.activity.telemetry.metrics import METRICS
from carbon.activity.telemetry.samples import COLUMNS, Samples, samples_reading
from carbon.tables import Rejections, read_table
from carbon.tables.names import plain
from carbon.tables.records import entries, scalar_text

NAME: Final = "grafana"
TITLE: Final = "Grafana panel (CSV, series joined by time) or data-source query (JSON)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("Time", '{__name__="DCGM_FI_DEV_POWER_USAGE", gpu="0"}')

VARIABLE_MAP: Final = {"Time": "time"}
"""Every other column is a series."""

_TIMES: Final = ("time", "timestamp", "date")
_TEXT: Final = "string"


def sniff(head: Head) -> Recognition:
    """A column Time and columns that are series; or frames with a schema and values."""
    if head.kind in ("json", "jsonl"):
        schema = any(c.endswith("schema.fields") for c in head.columns)
        values = any(c.endswith("data.values") for c in head.columns)
        if schema and values:
            return Recognition(0.97, "has frames with schema.fields and data.values")
        return Recognition(0.0, "needs frames with schema.fields and data.values")
    named = [labels for c in head.columns if (labels := _labels_of_column(c))]
    timed = any(plain(c) in _TIMES for c in head.columns)
    if timed and any(_is_known(labels) for labels in named):
        return Recognition(0.97, "has a time and a column for each series")
    if timed and any(len(labels) > 1 for labels in named):
        return Recognition(0.6, "has a time and columns that are named as series")
    return Recognition(0.0, 'needs a column Time and columns such as metric{label="value"}')


def read(payload: Payload, context: Context) -> Reading:
    """Read a panel or a query.

    Args:
        payload: the table, or the JSON.
        context: zone of local times; policy (`telemetry`: limits of gaps, span).

    Returns:
        As `samples.samples_reading`: energy by device and span, requests and tokens by model.

    Raises:
        RefusalError: no time, no series, or no metric that is known.
    """
    if payload.kind in ("json", "jsonl"):
        return samples_reading(_of_frames(payload), NAME, context)
    return samples_reading(_of_table(payload, context), NAME, context)


def _labels_of_column(column: str) -> dict[str, str] | None:
    """Labels of a column that is named as a series; a bare name only where it is a metric's.

    No exporter's metric has a dot in its name; nvidia-smi's columns have.
    """
    labels = series_of(column)
    if labels is None or ("{" not in column and ("." in column or not _is_known(labels))):
        return None
    return labels


def _is_known(labels: dict[str, str]) -> bool:
    return isinstance(meter_of(labels), Meter) or tally_of(labels) is not None


def _of_table(payload: Payload, context: Context) -> Samples:
    """Samples of a table with a column per series."""
    table = read_table(payload, VARIABLE_MAP)
    time_column = next((c for c in table.columns if plain(c) in _TIMES), None)
    series = {c: labels for c in table.columns if (labels := _labels_of_column(c)) is not None}
    if time_column is None or not series:
        raise RefusalError(
            f"{payload.name} lacks a column Time, or columns named as series, such as "
            'DCGM_FI_DEV_POWER_USAGE{gpu="0"}. In Grafana leave the legend at its default, and '
            "export the panel's data with the series joined by time."
        )
    rejections = Rejections()
    rejections.add(table.defects)
    notes = [*table.notes, *_other_columns(table.columns, series, time_column)]
    numbered = table.numbered()
    time = moments_of(table.frame[time_column], context.timezone)
    numbered = numbered.with_columns(time["time"].alias("(time)"), time["reason"].alias("(why)"))
    failed = pl.col("(why)").is_not_null() | pl.col("(time)").is_null()
    why = pl.coalesce("(why)", pl.lit("the row has no time"))
    rejections.add_where(numbered, failed, why, column=time_column, value=time_column)
    known = {c: labels for c, labels in series.items() if _is_known(labels)} or series
    parts = []
    for number, column in enumerate(known):
        found = values_of(table.frame[column], table.delimiter)
        part = numbered.select("row_number", "(time)", pl.col(column).alias("cell")).hstack(found)
        rejections.add_where(
            part, pl.col("reason").is_not_null(), pl.col("reason"), column=column, value="cell"
        )
        parts.append(
            part.filter(pl.col("cell").is_not_null()).select(
                "row_number",
                pl.lit(number, pl.UInt32).alias("series"),
                pl.col("(time)").alias("time"),
                "value",
            )
        )
    moments = rejections.keep(numbered.select("row_number", pl.col("(time)").alias("time")))
    return Samples(
        payload.name,
        list(known.values()),
        rejections.keep(pl.concat(parts)),
        moments=moments,
        rejections=rejections,
        notes=notes,
        local_times=bool(time["local"].any()),
    )


def _other_columns(
    columns: Sequence[str], series: dict[str, dict[str, str]], time: str
) -> list[Problem]:
    """A note on columns that are no series of power, energy or tokens."""
    others = [c for c in columns if not _is_known(series.get(c, {})) and c != time]
    if not others:
        return []
    shown = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
    return [Problem(f"Columns not looked at: {shown}: not known as a metric of power or energy.")]


def _of_frames(payload: Payload) -> Samples:
    """Samples of the frames of a query."""
    labels: list[dict[str, str]] = []
    parts: list[pl.DataFrame] = []
    for frame in _frames([item.value for item in entries(payload)]):
        for numbers in _numbers(frame):
            part, found = _as_written(numbers, len(labels))
            labels.extend(found)
            parts.append(part)
    if not parts:
        raise RefusalError(
            f"{payload.name} holds no frame with a time and a number. In Grafana open Inspect, "
            "Query, and save the response."
        )
    judged = _judged(pl.concat(parts))
    rejections = Rejections()
    reason = pl.when(pl.col("time").is_null()).then(pl.col("reason"))
    rejections.add_where(judged, pl.col("time").is_null(), reason, column="Time", value="stamp")
    wrong = pl.col("wrong") & pl.col("time").is_not_null()
    rejections.add_where(judged, wrong, "this is not a number", column="Value", value="text")
    kept = rejections.keep(judged).select(COLUMNS)
    return Samples(payload.name, labels, kept, rejections=rejections)


def _frames(value: Any) -> Iterator[dict[str, Any]]:
    """Every frame within a document, wherever it lies."""
    if isinstance(value, list):
        for item in value:
            yield from _frames(item)
    elif isinstance(value, dict):
        if isinstance(value.get("schema"), dict) and isinstance(value.get("data"), dict):
            yield value
        else:
            yield from _frames(list(value.values()))


Numbers = tuple[dict[str, Any], list[Any], list[Any], list[tuple[str, list[Any]]]]
"""A field of numbers, its values, their times, and the fields of text beside them."""


def _numbers(frame: dict[str, Any]) -> Iterator[Numbers]:
    """The fields of numbers of a frame; a frame that lacks a time, or is cut off, has none."""
    fields, columns = frame["schema"].get("fields"), frame["data"].get("values")
    if not isinstance(fields, list) or not isinstance(columns, list):
        return
    pairs = [
        (field, column)
        for field, column in zip(fields, columns, strict=False)
        if isinstance(field, dict) and isinstance(column, list)
    ]
    times = next((column for field, column in pairs if field.get("type") == "time"), None)
    if times is None:
        return
    texts = {
        str(field.get("name")): column
        for field, column in pairs
        if field.get("type") == _TEXT and len(column) == len(times)
    }
    for field, column in pairs:
        if field.get("type") == "number" and len(column) == len(times):
            yield field, column, times, list(texts.items())


def _as_written(numbers: Numbers, first: int) -> tuple[pl.DataFrame, list[dict[str, str]]]:
    """Samples of one field of numbers as they are written, and the labels of its series, numbered
    from `first`."""
    field, values, times, texts = numbers
    own = _field_labels(field)
    labels, series = [own], pl.Series([first] * len(values), dtype=pl.UInt32)
    if texts:
        labels, series = _told_apart(own, texts, first)
    written = {
        "series": series.cast(pl.UInt32),
        "cell": pl.Series([scalar_text(v) for v in values], dtype=pl.String),
        "stamp": pl.Series([scalar_text(v) for v in times], dtype=pl.String),
    }
    return pl.DataFrame(written), labels


def _told_apart(
    own: dict[str, str], texts: list[tuple[str, list[Any]]], first: int
) -> tuple[list[dict[str, str]], pl.Series]:
    """Labels of each series that fields of text tell apart, and the series of each sample."""
    words = pl.DataFrame([pl.Series(n, [scalar_text(v) for v in c], pl.String) for n, c in texts])
    distinct = words.unique(maintain_order=True).with_row_index("(series)", offset=first)
    labels = [
        {**own, **{c: v for c, v in line.items() if v and c != "(series)"}}
        for line in distinct.iter_rows(named=True)
    ]
    joined = words.join(
        distinct, on=words.columns, how="left", nulls_equal=True, maintain_order="left"
    )
    return labels, joined["(series)"]


def _judged(written: pl.DataFrame) -> pl.DataFrame:
    """Samples of all series, numbered from 1, with what is wrong with them."""
    moment = moments_of(written["stamp"], "UTC")
    value = values_of(written["cell"], None)
    return written.with_row_index("row_number", offset=1).select(
        pl.col("row_number").cast(pl.Int64),
        "series",
        time=moment["time"],
        value=value["value"],
        reason=moment["reason"].fill_null("the sample has no time"),
        wrong=value["reason"].is_not_null(),
        text=pl.col("cell").str.head(80),
        stamp=pl.col("stamp").str.head(80),
    )


def _field_labels(field: dict[str, Any]) -> dict[str, str]:
    """Labels of a field; the metric's name is a label, or part of one of the field's names."""
    own = field.get("labels")
    labels = {str(k): str(v) for k, v in own.items()} if isinstance(own, dict) else {}
    config = field.get("config")
    shown = config.get("displayNameFromDS") if isinstance(config, dict) else None
    for name in (shown, field.get("name")):
        found = series_of(name) if isinstance(name, str) else None
        if NAME_LABEL not in labels and found and found.get(NAME_LABEL) in METRICS:
            labels = {**found, **labels}
    return labels
