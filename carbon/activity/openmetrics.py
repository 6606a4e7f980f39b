"""Prometheus and OpenMetrics text with timestamps, and the lines of `promtool tsdb dump`.

    DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-5fd4"} 612.34 1795261176
    {__name__="DCGM_FI_DEV_POWER_USAGE", gpu="0"} 612.34 1795261176000

OpenMetrics counts seconds, the older text format and promtool milliseconds; the size of the number
tells. A row is a line with a sample; comments are none.
"""

import re
from typing import Final

import polars as pl

from carbon.activity.source import Context, Head, Payload, Reading, Recognition, RefusalError
from carbon.activity.telemetry.epochs import FARAWAY, from_epoch
from carbon.activity.telemetry.label_sets import LABEL_SET, METRIC_NAME, series_of
from carbon.activity.telemetry.samples import COLUMNS, Samples, samples_reading
from carbon.tables import Rejections
from carbon.tables.corrections import lines_of, retyped

NAME: Final = "openmetrics"
TITLE: Final = "OpenMetrics or Prometheus text with timestamps, promtool tsdb dump"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ('DCGM_FI_DEV_POWER_USAGE{gpu="0"} 612.34 1795261176',)

VARIABLE_MAP: Final[dict[str, str]] = {}
"""The format has no columns."""

_SAMPLE: Final = (
    rf"^\s*((?:{METRIC_NAME})?\s*(?:{LABEL_SET})?)\s+(\S+)(?:\s+(-?[0-9][0-9.eE+-]*))?\s*(?:#.*)?$"
)
_LINE: Final = re.compile(_SAMPLE)
_COMMENT: Final = re.compile(r"^# (HELP|TYPE|UNIT|EOF)\b")
_VALUE: Final = re.compile(r"^([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|NaN|[+-]?Inf)$")


def sniff(head: Head) -> Recognition:
    """Lines `name{labels} value time`, or their comments."""
    if head.kind != "text":
        return Recognition(0.0, f"the format does not come as {head.kind}")
    lines = [line for line in head.lines if line.strip()]
    marked = sum(bool(_COMMENT.match(line)) for line in lines)
    samples = [found for line in lines if (found := _LINE.match(line)) and _VALUE.match(found[2])]
    labelled = sum("{" in found[1] for found in samples)
    fits = marked + len(samples) + sum(line.startswith("#") for line in lines) - marked
    if not samples or not (marked or labelled):
        return Recognition(0.0, 'needs lines such as name{label="value"} 612.34 1795261176')
    share = fits / len(lines)
    return Recognition(round(0.5 + 0.47 * share, 3) if share > 0.5 else 0.3, "has lines of samples")


def read(payload: Payload, context: Context) -> Reading:
    """Read lines of samples.

    Args:
        payload: the text.
        context: policy (`telemetry`: limits of gaps, span).

    Returns:
        As `samples.samples_reading`: energy by device and span, requests and tokens by model.

    Raises:
        RefusalError: no line is a sample, none has a time, or no metric in it is known.
    """
    lines = _lines(payload)
    found = lines.with_columns(pl.col("line").str.extract_groups(_SAMPLE).alias("parts")).select(
        "row_number",
        "line",
        text=pl.col("parts").struct.field("1").str.strip_chars(),
        value=pl.col("parts").struct.field("2").cast(pl.Float64, strict=False),
        stamp=pl.col("parts").struct.field("3").cast(pl.Float64, strict=False),
    )
    if not found.height or not found["value"].is_not_null().any():
        raise RefusalError(
            f'{payload.name} has no line with a sample, such as name{{label="value"}} 612.34 '
            "1795261176. Export it again."
        )
    if not found["stamp"].is_not_null().any():
        raise RefusalError(
            f"{payload.name}: its samples have no time, as a page of /metrics has none. Export "
            "them from Prometheus (query_range, or promtool tsdb dump), or write the time of the "
            "scrape, in seconds since 1970, behind each value."
        )
    rejections = Rejections()
    labels, frame = _series(found)
    judged = frame.with_columns(time=from_epoch(pl.col("stamp"))).with_columns(reason=_reason())
    rejections.add(
        judged.filter(pl.col("reason").is_not_null()).select(
            "row_number",
            "reason",
            column=pl.lit(None, pl.String),
            value=pl.col("line").str.head(200),
        )
    )
    kept = judged.filter(pl.col("reason").is_null()).select(COLUMNS)
    return samples_reading(
        Samples(payload.name, labels, kept, rejections=rejections), NAME, context
    )


def _lines(payload: Payload) -> pl.DataFrame:
    """Lines that should be samples, with their numbers; retyped ones as the user typed them."""
    lines = payload.text.split("\n")
    for row, correction in lines_of(payload.corrections).items():
        if row <= len(lines):
            lines[row - 1] = retyped(lines[row - 1], correction) or lines[row - 1]
    text = pl.col("line").str.strip_chars("\ufeff \t\r")
    return (
        pl.DataFrame({"line": pl.Series(lines, dtype=pl.String)})
        .with_row_index("row_number", offset=1)
        .with_columns(pl.col("row_number").cast(pl.Int64), line=text)
        .filter((pl.col("line") != "") & ~pl.col("line").str.starts_with("#"))
    )


def _series(found: pl.DataFrame) -> tuple[list[dict[str, str]], pl.DataFrame]:
    """Labels of the distinct series, and the lines with the number of theirs."""
    distinct = found["text"].drop_nulls().unique(maintain_order=True)
    parsed = [(text, labels) for text in distinct if (labels := series_of(text)) is not None]
    numbers = pl.DataFrame(
        {
            "text": pl.Series([text for text, _ in parsed], dtype=pl.String),
            "series": pl.Series(range(len(parsed)), dtype=pl.UInt32),
        }
    )
    return [labels for _, labels in parsed], found.join(
        numbers, on="text", how="left", validate="m:1", maintain_order="left"
    )


def _reason() -> pl.Expr:
    return (
        pl.when(pl.col("text").is_null() | pl.col("series").is_null())
        .then(pl.lit('this is no sample: name{label="value"} value time'))
        .when(pl.col("value").is_null())
        .then(pl.lit("the value is not a number"))
        .when(pl.col("stamp").is_null())
        .then(pl.lit("the sample has no time; write it behind the value"))
        .when(pl.col("time").is_null())
        .then(pl.lit(FARAWAY))
    )
