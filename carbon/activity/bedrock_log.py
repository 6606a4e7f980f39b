"""Amazon Bedrock's model invocation log: tokens by model, account and region.

How the file is got: model invocation logging is switched on in the Bedrock console (Settings); the
log lies in the S3 bucket as gzipped JSON lines (`AWSLogs/{account}/BedrockModelInvocationLogs/`),
or in CloudWatch Logs (`aws logs filter-log-events --log-group-name ... > log.json`, whose events
hold an entry each as text).

The log holds prompts and answers. Only the fields below are looked at: nothing else of an entry is
kept, and a damaged line is set aside without its text. Electricity is drawn where the model ran, in
`inferenceRegion`, which differs from `region` where Bedrock routes across regions. A model is
named by its id, its ARN, or the ARN of an inference profile. `inputTokenCount` leaves out tokens
that the prompt cache served or took up, so they are added to the input.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.documents import each_object, pick
from carbon.activity.places import region_code
from carbon.activity.runs import run_reading
from carbon.activity.sheet import Sheet, sheet_of
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.activity.usage import hourly, read_tokens
from carbon.tables.payload import RefusalError
from carbon.tables.recognition import by_columns
from carbon.tables.records import Entry, scalar_text, table_of

NAME: Final = "bedrock-invocation-log"
TITLE: Final = "Amazon Bedrock invocation log"
PROVIDER: Final = "aws"
EXAMPLE_COLUMNS: Final = (
    "timestamp",
    "modelId",
    "input.inputTokenCount",
    "output.outputTokenCount",
)

VARIABLE_MAP: Final = {
    "timestamp": "at",
    "accountId": "account",
    "region": "region",
    "inferenceRegion": "inference_region",
    "requestId": "request_id",
    "operation": "operation",
    "modelId": "model_id",
    "errorCode": "error",
    "input.inputTokenCount": "input_tokens",
    "input.cacheReadInputTokenCount": "cached_tokens",
    "input.cacheWriteInputTokenCount": "cache_written",
    "output.outputTokenCount": "output_tokens",
    "schemaType": "schema_type",
}
"""Every field that is read. Bodies (`input.inputBodyJson`, `output.outputBodyJson`) are not."""

REQUIRED: Final = ("timestamp", "modelId")
DISTINCTIVE: Final = ("input.inputTokenCount", "output.outputTokenCount", "schemaType")
COUNTS: Final = ("input_tokens", "cached_tokens", "cache_written", "output_tokens")
KINDS: Final = ("requests", "input_tokens", "cached_tokens", "output_tokens")
BY: Final = ("account", "region", "model", "resource", "superseded_in_file")

_ARN: Final = r"^arn:[^:]*:bedrock:[^:]*:[^:]*:([a-z-]+)/(.+)$"
_PROFILE: Final = r"^(?:us|us-gov|eu|apac|ap|au|jp|ca|sa|me|global)\.([a-z0-9-]+\..+)$"
"""Geographic prefix of a cross-region inference profile, before the model's own id."""

_NAMELESS: Final = ("application-inference-profile", "provisioned-model", "imported-model")
"""Kinds of ARN whose last part is an id of the account's own and names no model."""


def sniff(head: Head) -> Recognition:
    """timestamp and modelId beside token counts, or CloudWatch events that hold such entries."""
    messages = [row.get(name) or "" for row in head.rows for name in ("events.message", "message")]
    if any('"modelId"' in text and "TokenCount" in text for text in messages):
        return Recognition(0.95, "has CloudWatch events whose messages are invocations of models")
    return by_columns(
        head,
        REQUIRED,
        one_of=(DISTINCTIVE,),
        optional=tuple(VARIABLE_MAP),
        kinds=("json", "jsonl"),
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read a model invocation log.

    Args:
        payload: JSON lines, an array, or CloudWatch events with an entry as their message.
        context: regions of AWS that are known.

    Returns:
        Activity: requests (those without an error), input, cached and output tokens, summed by
        account, region, model and hour (UTC).

    Raises:
        RefusalError: no entry names a model and a time.
    """
    sheet = _open(payload)
    sheet.require(["at", "model_id"])
    sheet.instants(["at"], "UTC")
    sheet.local_times = False
    read_tokens(sheet, COUNTS)
    _places(sheet, context)
    _models(sheet)
    _mark_repeated(sheet)
    calls = sheet.rejections.keep(sheet.frame)
    sums = hourly(calls, BY, KINDS, "request_id")
    return run_reading(
        sheet,
        sums.with_columns(
            pl.lit(PROVIDER).alias("provider"),
            pl.lit("AmazonBedrock").alias("service"),
            pl.lit("inference_realtime").alias("lifecycle"),
            joined_key(
                NAME, "account", "region", "resource", "model", "period_start", "first_call"
            ),
        ).drop("first_call"),
        NAME,
        context,
    )


def _open(payload: Payload) -> Sheet:
    """Only the known fields of each entry; a line that is no entry is set aside without text."""
    rows = [_slim(row, value) for row, value in _entries(payload)]
    if not any(item.value for item in rows):
        raise RefusalError(
            f"{payload.name} holds no invocation of a model. Give the log as Bedrock writes it, "
            "as JSON lines."
        )
    return sheet_of(
        payload.name, table_of(payload.name, rows, payload.corrections), VARIABLE_MAP, REQUIRED
    )


def _entries(payload: Payload) -> Iterator[tuple[int, Any]]:
    """Entries of the log, unpacked from the events of CloudWatch where it comes from there."""
    row = 0
    for number, value in each_object(payload):
        events = value.get("events") if isinstance(value, dict) else None
        if not isinstance(events, list):
            row = max(row + 1, number)
            yield row, _message(value)
            continue
        for event in events:
            row += 1
            yield row, _message(event)


def _message(value: Any) -> Any:
    message = value.get("message") if isinstance(value, dict) else None
    if not isinstance(message, str) or "modelId" in value:
        return value
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return None


def _slim(row: int, value: Any) -> Entry:
    if not isinstance(value, dict):
        return Entry(row, None, "this is not a log entry; it may be cut off. Fetch the log again")
    picked = {path: pick(value, path) for path in VARIABLE_MAP}
    known = {path: scalar_text(v) for path, v in picked.items() if not isinstance(v, dict | list)}
    if all(v is None for v in known.values()):
        return Entry(row, None, "this entry names neither a time nor a model")
    return Entry(row, known)


def _places(sheet: Sheet, context: Context) -> None:
    """The region that ran the model; an unknown one is kept as it is written."""
    known = context.regions.get(PROVIDER, {})
    ran = pl.coalesce("inference_region", "region")
    regions = sheet.frame.select(ran.alias("r"))["r"].unique().drop_nulls().sort()
    codes = {r: region_code(r, known)[0] or r for r in regions}
    code = ran.replace_strict(codes, default=None, return_dtype=pl.String) if codes else ran
    sheet.frame = sheet.frame.with_columns(code.alias("region"))


def _mark_repeated(sheet: Sheet) -> None:
    """Mark entries of an invocation that stands in the file before: log files overlap."""
    named = sheet.rejections.keep(sheet.frame).filter(pl.col("request_id").is_not_null())
    again = named.filter(~pl.struct("account", "request_id").is_first_distinct())["row_number"]
    sheet.frame = sheet.frame.with_columns(
        pl.col("row_number").is_in(again.implode()).alias("superseded_in_file")
    )
    if len(again):
        sheet.notes.append(
            Problem(
                f"Entries of invocations that the file holds twice, counted once: {len(again)}.",
                row=int(again[0]),
                column=sheet.column("request_id"),
            )
        )


def _models(sheet: Sheet) -> None:
    """The model's bare id, and requests; an ARN that names no model stays as the resource."""
    model, kind = pl.col("model_id"), pl.col("model_id").str.extract(_ARN, 1)
    last = pl.coalesce(model.str.extract(_ARN, 2), model)
    named = pl.coalesce(last.str.extract(_PROFILE, 1), last)
    nameless = kind.is_in(_NAMELESS).fill_null(False)
    counted = pl.when(pl.col("error").is_null()).then(1.0).otherwise(0.0)
    cached = pl.sum_horizontal("input_tokens", "cached_tokens", "cache_written")
    sheet.frame = sheet.frame.with_columns(
        pl.when(~nameless).then(named).alias("model"),
        pl.when(nameless).then(model).alias("resource"),
        counted.alias("requests"),
        pl.when(pl.col("input_tokens").is_not_null()).then(cached).alias("input_tokens"),
    )
