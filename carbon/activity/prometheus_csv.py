"""A table with one sample a row: metric, labels, time and value.

Labels stand in one column (`{gpu="0"}` or a JSON object) or in a column each, as Grafana's
transformation "labels to fields" and most scripts write them.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from carbon.activity.source import Context, Head, Payload, Reading, Recognition, RefusalError
from carbon.activity.telemetry.cells import moments_of, values_of
from carbon.activity.telemetry.inference import tally_of
from carbon.activity.telemetry.label_sets import labels_of, series_of
from carbon.activity.telemetry.meters import NAME_LABEL
from carbon.activity.telemetry.metrics import METRICS, PARTS_OF, metric_key
from carbon.activity.telemetry.samples import COLUMNS, Samples, samples_reading
from carbon.tables import Rejections, Table, read_table
from carbon.tables.names import plain

NAME: Final = "prometheus-csv"
TITLE: Final = "Prometheus samples as a table (metric, labels, time, value)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("metric", "labels", "timestamp", "value")

VARIABLE_MAP: Final = {
    "metric": "metric",
    "__name__": "metric",
    "metric_name": "metric",
    "Series": "metric",
    "name": "metric",
    "labels": "labels",
    "tags": "labels",
    "timestamp": "time",
    "Time": "time",
    "ts": "time",
    "datetime": "time",
    "value": "value",
    "Value #A": "value",
}
"""Names that are met, in any case -> what they are; any other column is a label."""

_ROLES: Final = {plain(name): role for name, role in VARIABLE_MAP.items()}
_NEEDED: Final = ("metric", "time", "value")


def sniff(head: Head) -> Recognition:
    """Columns metric, time and value, and a metric that is known in the first rows."""
    if head.kind not in ("text", "xlsx", "parquet"):
        return Recognition(0.0, f"the format does not come as {head.kind}")
    columns = _columns(head.columns)
    missing = [role for role in _NEEDED if role not in columns]
    if missing:
        share = 1 - len(missing) / len(_NEEDED)
        return Recognition(round(0.4 * share, 3), f"also needs {' and '.join(missing)}")
    names = [row.get(columns["metric"]) or "" for row in head.rows]
    if any(_is_known(name) for name in names):
        return Recognition(0.96, "has metric, time and value, and metrics that are known")
    if head.kind == "parquet" and not head.rows:
        return Recognition(0.7, "has columns metric, time and value")
    return Recognition(0.45, "has metric, time and value, but no metric of power or tokens")


def _is_known(text: str) -> bool:
    labels = series_of(text) or {NAME_LABEL: text}
    name = labels.get(NAME_LABEL, "")
    known = metric_key(name, labels) in METRICS or name in PARTS_OF
    return known or tally_of({**labels, "gen_ai_token_type": "input"}) is not None


def _columns(columns: Sequence[str]) -> dict[str, str]:
    """Role -> the file's own column, the first that fits."""
    found: dict[str, str] = {}
    for column in columns:
        role = _ROLES.get(plain(column))
        if role is not None:
            found.setdefault(role, column)
    return found


def read(payload: Payload, context: Context) -> Reading:
    """Read a table of samples.

    Args:
        payload: the table.
        context: zone of local times; policy (`telemetry`: limits of gaps, span).

    Returns:
        As `samples.samples_reading`: energy by device and span, requests and tokens by model.

    Raises:
        RefusalError: a column is missing, or no metric is known.
    """
    table = read_table(payload, VARIABLE_MAP)
    columns = _columns(table.columns)
    missing = [role for role in _NEEDED if role not in columns]
    if missing:
        raise RefusalError(
            f"{payload.name} lacks a column for {' and '.join(missing)}. Its columns are "
            f"{', '.join(table.columns[:30])}."
        )
    rejections = Rejections()
    rejections.add(table.defects)
    labels, series = _series(table, columns)
    time = moments_of(table.frame[columns["time"]], context.timezone)
    value = values_of(table.frame[columns["value"]], table.delimiter)
    frame = table.numbered().select(
        "row_number",
        series.alias("series"),
        time["time"].alias("time"),
        value["value"].alias("value"),
        time["reason"].alias("(time)"),
        value["reason"].alias("(value)"),
        raw_time=pl.col(columns["time"]),
        raw_value=pl.col(columns["value"]),
    )
    for reason, role, raw in (("(time)", "time", "raw_time"), ("(value)", "value", "raw_value")):
        rejections.add_where(
            frame,
            pl.col(reason).is_not_null(),
            pl.col(reason),
            column=columns[role],
            value=raw,
        )
    nameless = pl.col("series").is_null()
    rejections.add_where(
        frame, nameless, "the row names no metric", column=columns["metric"], value=None
    )
    return samples_reading(
        Samples(
            payload.name,
            labels,
            rejections.keep(frame).select(COLUMNS),
            rejections=rejections,
            notes=list(table.notes),
            local_times=bool(time["local"].any()),
        ),
        NAME,
        context,
    )


def _series(table: Table, columns: dict[str, str]) -> tuple[list[dict[str, str]], pl.Series]:
    """Labels of the distinct series, and the number of each row's; null where it names none."""
    used = {columns["time"], columns["value"]}
    naming = [c for c in table.columns if c not in used and not plain(c).startswith("value_#")]
    distinct = table.frame.select(naming).unique(maintain_order=True)
    labels: list[dict[str, str]] = []
    numbers: list[int | None] = []
    for row in distinct.iter_rows(named=True):
        found = _labels(row, columns)
        numbers.append(None if found is None else len(labels))
        if found is not None:
            labels.append(found)
    numbered = distinct.with_columns(pl.Series("(series)", numbers, dtype=pl.UInt32))
    series = table.frame.select(naming).join(
        numbered, on=naming, how="left", nulls_equal=True, validate="m:1", maintain_order="left"
    )["(series)"]
    return labels, series


def _labels(row: dict[str, str | None], columns: dict[str, str]) -> dict[str, str] | None:
    """Labels of one series: of its own text, of the column of labels, and of the other columns."""
    written = row[columns["metric"]]
    if not written:
        return None
    labels = series_of(written) or {NAME_LABEL: written}
    beside = columns.get("labels")
    if beside is not None:
        labels |= labels_of(row[beside] or "") or {}
    others = {c: v for c, v in row.items() if v and c not in (columns["metric"], beside)}
    return {**others, **labels}
