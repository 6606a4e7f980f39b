"""JSON of Prometheus' HTTP API: `query_range`, an instant query of `metric[1h]`, `promtool query`.

Values are strings, `NaN` and `+Inf` among them. `query_range` repeats the last sample for up to
five minutes after a series ends; raw samples (`metric[1h]`) do not. A file may hold several
answers, one a line, as a loop over ranges writes them. Rows are numbered by sample, from 1.
"""

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from carbon.activity.source import Context, Head, Payload, Reading, Recognition, RefusalError
from carbon.activity.telemetry.epochs import FARAWAY, from_epoch
from carbon.activity.telemetry.meters import NAME_LABEL
from carbon.activity.telemetry.samples import COLUMNS, Samples, samples_reading
from carbon.tables import Rejections
from carbon.tables.records import entries

NAME: Final = "prometheus-json"
TITLE: Final = "Prometheus query_range JSON (DCGM, Kepler, Scaphandre, RAPL, IPMI, PDU, vLLM, …)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("data.resultType", "data.result", "metric", "values")

VARIABLE_MAP: Final = {"metric": "labels", "values": "samples"}

_HISTOGRAM: Final = "histograms"


def sniff(head: Head) -> Recognition:
    """An answer of type matrix, or the bare list of its series."""
    if head.kind not in ("json", "jsonl"):
        return Recognition(0.0, f"the format does not come as {head.kind}")
    columns = set(head.columns)
    if {"data.resultType", "data.result"} <= columns:
        return Recognition(0.98, "has data.resultType and data.result")
    if "values" in columns and any(c.startswith("metric.") for c in columns):
        return Recognition(0.97, "is a list of objects with metric and values")
    if "errorType" in columns and "status" in columns:
        return Recognition(0.9, "is an error that Prometheus answered")
    return Recognition(0.0, "needs data.resultType and data.result, or a list of metric and values")


def read(payload: Payload, context: Context) -> Reading:
    """Read answers of Prometheus.

    Args:
        payload: one answer, a bare list of series, or answers one a line.
        context: policy (`telemetry`: limits of gaps, span).

    Returns:
        As `samples.samples_reading`: energy by device and span, requests and tokens by model.

    Raises:
        RefusalError: it is an error answer, holds single values instead of series, is empty, or
            no metric in it is known.
    """
    labels: list[dict[str, str]] = []
    parts: list[pl.DataFrame] = []
    for metric, pairs in _series(payload):
        parts.append(_as_written(pairs, len(labels)))
        labels.append(metric)
    if not labels:
        raise RefusalError(
            f"{payload.name}: Prometheus answered with no series. Check the query and its period."
        )
    rejections = Rejections()
    frame = _samples(pl.concat(parts), labels, rejections)
    return samples_reading(
        Samples(payload.name, labels, frame, rejections=rejections), NAME, context
    )


def _series(payload: Payload) -> Iterator[tuple[dict[str, str], list[Any]]]:
    """Labels and pairs of every series of a file."""
    for item in entries(payload):
        if item.value is None:
            raise RefusalError(
                f"{payload.name}: entry {item.row} is no JSON object of Prometheus ({item.fault}). "
                "Fetch the file again."
            )
        for result in _results(payload.name, item.value):
            values = result.get("values") if isinstance(result, dict) else None
            metric = result.get("metric") if isinstance(result, dict) else None
            if isinstance(result, dict) and values is None and "value" in result:
                raise RefusalError(
                    f"{payload.name} holds one value a series (an instant query), from which no "
                    "energy follows. Ask query_range, or query metric[1h]."
                )
            if not isinstance(values, list) or not isinstance(metric, dict):
                if isinstance(result, dict) and _HISTOGRAM in result:
                    continue
                raise RefusalError(
                    f"{payload.name} lacks metric and values in one of its series. Fetch it again."
                )
            yield {str(k): str(v) for k, v in metric.items()}, values


def _results(name: str, answer: dict[str, Any]) -> list[Any]:
    """The series of one answer."""
    if answer.get("status") == "error":
        raise RefusalError(
            f"{name} is an error that Prometheus answered: {str(answer.get('error'))[:300]}. Ask "
            "again; a range of more than 11,000 steps has to be split."
        )
    data = answer.get("data")
    if isinstance(data, dict):
        found = data.get("result")
        return found if isinstance(found, list) else []
    return [answer]


def _as_written(pairs: list[Any], number: int) -> pl.DataFrame:
    """Samples of one series as they are written: what costs per series is kept small."""
    good = [isinstance(p, list) and len(p) == 2 for p in pairs]
    times = [_number(p[0]) if ok else None for p, ok in zip(pairs, good, strict=True)]
    texts = [str(p[1])[:80] if ok else str(p)[:80] for p, ok in zip(pairs, good, strict=True)]
    return pl.DataFrame(
        {
            "series": pl.Series([number] * len(pairs), dtype=pl.UInt32),
            "seconds": pl.Series(times, dtype=pl.Float64),
            "text": pl.Series(texts, dtype=pl.String),
            "pair": pl.Series(good, dtype=pl.Boolean),
        }
    )


def _samples(
    written: pl.DataFrame, labels: list[dict[str, str]], rejections: Rejections
) -> pl.DataFrame:
    """Samples of all series, numbered from 1; those that cannot be read are set aside."""
    frame = written.with_row_index("row_number", offset=1).with_columns(
        time=from_epoch(pl.col("seconds")),
        value=pl.col("text").str.strip_chars().cast(pl.Float64, strict=False),
    )
    reason = (
        pl.when(~pl.col("pair"))
        .then(pl.lit('a sample must be [time, "value"]'))
        .when(pl.col("time").is_null())
        .then(pl.lit(FARAWAY))
        .when(pl.col("value").is_null())
        .then(pl.lit("this is not a number"))
    )
    judged = frame.with_columns(reason=reason)
    wrong = judged.filter(pl.col("reason").is_not_null())
    shown = (
        pl.when("pair")
        .then(
            pl.concat_str(pl.col("seconds").cast(pl.String), pl.lit(" "), "text", ignore_nulls=True)
        )
        .otherwise("text")
    )
    names = pl.Series([metric.get(NAME_LABEL) for metric in labels], dtype=pl.String)
    rejections.add(
        wrong.select(
            pl.col("row_number").cast(pl.Int64),
            "reason",
            value=shown,
            column=pl.lit(names).gather(pl.col("series")),
        )
    )
    return judged.filter(pl.col("reason").is_null()).select(COLUMNS)


def _number(value: Any) -> float | None:
    """A time as JSON has it, or as text; anything else is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
