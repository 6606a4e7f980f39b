"""OpenTelemetry traces of model calls (`gen_ai.*` spans, OTLP as JSON): tokens by model and hour.

How the file is got: a collector with the `file` exporter writes OTLP as JSON lines; a backend's
trace export as OTLP-JSON is the same. `{"resourceSpans": [...]}` is one batch of it.

A row of the file is a span that is a call of a model, or that states tokens. Of spans inside each
other (an agent around its calls, a gateway around a client library) the innermost that states
tokens counts: the outer one is marked as superseded, so that no token counts twice; so is a span
that was sent again. Other spans are no rows; a note says how many there were. Attributes that hold
prompts or answers are not read.

Names follow the semantic conventions for generative AI, the deprecated ones included; int64 comes
as text. Cached tokens are part of the input tokens, reasoning tokens of the output, as the
conventions say. The resource's own place is the caller's, so it is not taken; only the address of a
regional endpoint of Amazon or Google names the region of the model.
"""

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.documents import each_object
from carbon.activity.runs import epoch, run_reading
from carbon.activity.sheet import Sheet, sheet_of
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.activity.usage import TOKEN_KINDS, hourly, read_tokens
from carbon.tables.payload import RefusalError
from carbon.tables.records import Entry, scalar_text, table_of

NAME: Final = "otel-genai"
TITLE: Final = "OpenTelemetry traces of model calls (OTLP-JSON)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = (
    "startTimeUnixNano",
    "gen_ai.request.model",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
)

VARIABLE_MAP: Final = {
    "startTimeUnixNano": "at",
    "spanId": "span",
    "gen_ai.operation.name": "operation",
    "gen_ai.provider.name": "named_provider",
    "gen_ai.request.model": "requested_model",
    "gen_ai.response.model": "answering_model",
    "gen_ai.usage.input_tokens": "input_tokens",
    "gen_ai.usage.output_tokens": "output_tokens",
    "gen_ai.usage.cache_read.input_tokens": "cached_tokens",
    "gen_ai.usage.reasoning.output_tokens": "reasoning_tokens",
    "error.type": "error",
    "server.address": "address",
    "service.name": "workload",
    "service.namespace": "project",
    "(superseded)": "superseded",
}
"""The last stands on no span: it says why the span does not count."""

DEPRECATED: Final = {
    "gen_ai.system": "gen_ai.provider.name",
    "gen_ai.usage.prompt_tokens": "gen_ai.usage.input_tokens",
    "gen_ai.usage.completion_tokens": "gen_ai.usage.output_tokens",
    "gen_ai.usage.cache_read_input_tokens": "gen_ai.usage.cache_read.input_tokens",
    "llm.usage.prompt_tokens": "gen_ai.usage.input_tokens",
    "llm.usage.completion_tokens": "gen_ai.usage.output_tokens",
}
"""Earlier names of attributes -> the name that is read; the newer one wins where both stand."""

STATED: Final = tuple(name for name in VARIABLE_MAP if name.startswith("gen_ai.usage."))
CALLS: Final = ("chat", "text_completion", "generate_content", "embeddings", "completion")
OF_RESOURCE: Final = ("service.name", "service.namespace")

PROVIDERS: Final = (
    (r"^aws\.", "aws"),
    (r"^(gcp|google|vertex)", "gcp"),
    (r"^(azure|az)\.", "azure"),
)
"""Pattern of `gen_ai.provider.name` -> house name; any other provider keeps its own."""

ENDPOINTS: Final = (
    r"^bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com",
    r"^([a-z]+-[a-z]+\d+)-aiplatform\.googleapis\.com",
)
"""Addresses of regional endpoints; the group is the region."""

OUTER, AGAIN = "a call inside it states its tokens", "it stands in the file before"
"""Why a span does not count."""

BY: Final = (
    *("workload", "project", "model", "provider", "region", "service", "superseded_in_file"),
)


def sniff(head: Head) -> Recognition:
    """OTLP traces: batches of resourceSpans."""
    if head.kind not in ("json", "jsonl"):
        return Recognition(0.0, f"the format does not come as {head.kind}")
    if any(name.split(".")[0] == "resourceSpans" for name in head.columns):
        return Recognition(0.95, "has batches of resourceSpans")
    return Recognition(0.0, "also needs resourceSpans")


def read(payload: Payload, context: Context) -> Reading:
    """Read traces of model calls.

    Args:
        payload: a batch of OTLP-JSON, an array or lines of them.
        context: of which only the evidence id is used; moments are epochs.

    Returns:
        Activity: requests (calls without an error) and tokens, summed by application
        (`service.name`, which becomes the workload), model, provider, region and hour (UTC).

    Raises:
        RefusalError: no span is a call of a model.
    """
    sheet = _open(payload)
    sheet.require(["at"])
    epoch(sheet, "at", 1e9)
    read_tokens(sheet)
    _describe(sheet)
    sums = hourly(
        sheet.rejections.keep(sheet.frame), BY, ("requests", *TOKEN_KINDS), "span"
    ).with_columns(
        pl.lit("inference_realtime").alias("lifecycle"),
        joined_key(
            NAME,
            *("workload", "project", "provider", "region", "service", "model"),
            *("period_start", "first_call"),
        ),
    )
    return run_reading(sheet, sums.drop("first_call"), NAME, context)


def _open(payload: Payload) -> Sheet:
    spans: list[dict[str, Any]] = []
    broken: list[int] = []
    for row, document in each_object(payload):
        if isinstance(document, dict):
            spans.extend(_spans(document))
        else:
            broken.append(row)
    if not any(_is_call(span) for span in spans):
        raise RefusalError(
            f"{payload.name} holds {len(spans)} spans, and none is a call of a model: none has "
            "gen_ai.* attributes. Export the traces of the service that calls the model."
        )
    _mark_outer(spans)
    repeated = _mark_repeated(spans)
    rows = [
        Entry(row, {name: scalar_text(span.get(name)) for name in VARIABLE_MAP})
        for row, span in enumerate((span for span in spans if _is_call(span)), start=1)
    ]
    fault = "this is no batch of spans; it may be cut off. Export it again"
    rows += [Entry(len(rows) + i, None, fault) for i, _ in enumerate(broken, start=1)]
    sheet = sheet_of(
        payload.name, table_of(payload.name, rows, payload.corrections), VARIABLE_MAP, ()
    )
    if repeated:
        sheet.notes.append(
            Problem(f"Spans that stand in the file again, sent twice, count once: {repeated}.")
        )
    others = sum(1 for span in spans if not _is_call(span))
    if others:
        sheet.notes.append(
            Problem(f"Spans that call no model and state no tokens were not looked at: {others}.")
        )
    return sheet


def _spans(batch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each span of a batch as a flat object under the names of VARIABLE_MAP."""
    for group in _objects(batch, "resourceSpans"):
        resource = _attributes(group.get("resource"))
        service = {name: value for name, value in resource.items() if name in OF_RESOURCE}
        for scope in _objects(group, "scopeSpans", "instrumentationLibrarySpans"):
            for span in _objects(scope, "spans"):
                yield {**service, **_attributes(span), **_own(span)}


def _own(span: dict[str, Any]) -> dict[str, Any]:
    return {
        "startTimeUnixNano": span.get("startTimeUnixNano"),
        "spanId": span.get("spanId"),
        "(id)": f"{span.get('traceId')}/{span.get('spanId')}",
        "(parent)": f"{span.get('traceId')}/{span.get('parentSpanId') or ''}",
    }


def _objects(holder: dict[str, Any], *names: str) -> list[dict[str, Any]]:
    """The objects of the first list that is there."""
    found: list[Any] = next((holder[n] for n in names if isinstance(holder.get(n), list)), [])
    return [item for item in found if isinstance(item, dict)]


def _attributes(holder: Any) -> dict[str, Any]:
    """Attributes that are read, as plain values; int64 stays the text that it is."""
    found: dict[str, Any] = {}
    for item in _objects(holder, "attributes") if isinstance(holder, dict) else ():
        key, value = item.get("key"), item.get("value")
        name = DEPRECATED.get(str(key), str(key))
        if name not in VARIABLE_MAP or not isinstance(value, dict) or not value:
            continue
        plain = next(iter(value.values()))
        if not isinstance(plain, dict | list) and (key == name or name not in found):
            found[name] = plain
    return found


def _is_call(span: dict[str, Any]) -> bool:
    return span.get("gen_ai.operation.name") in CALLS or _states_tokens(span)


def _states_tokens(span: dict[str, Any]) -> bool:
    return any(span.get(name) is not None for name in STATED)


def _mark_outer(spans: list[dict[str, Any]]) -> None:
    """Mark every span that has a call with tokens inside it."""
    by_id = {span["(id)"]: span for span in spans}
    for span in spans:
        if not _states_tokens(span):
            continue
        outer = by_id.get(span["(parent)"])
        # A span already marked has its own outer ones marked too; so no ring is run forever.
        while outer is not None and outer is not span and "(superseded)" not in outer:
            outer["(superseded)"] = OUTER
            outer = by_id.get(outer["(parent)"])


def _mark_repeated(spans: list[dict[str, Any]]) -> int:
    """Mark calls whose id an earlier one bears: exporters send a batch again when in doubt."""
    seen: set[str] = set()
    repeated = 0
    for span in spans:
        if not _is_call(span) or not span["spanId"]:
            continue
        if span["(id)"] in seen:
            span["(superseded)"] = AGAIN
            repeated += 1
        seen.add(span["(id)"])
    return repeated


def _describe(sheet: Sheet) -> None:
    """Model, provider, region and whether the call counts."""
    provider = pl.col("named_provider").str.to_lowercase()
    house = pl.coalesce(
        *[pl.when(provider.str.contains(p)).then(pl.lit(name)) for p, name in PROVIDERS], provider
    )
    address = pl.col("address").str.to_lowercase()
    stated = pl.any_horizontal(pl.col(kind).is_not_null() for kind in TOKEN_KINDS)
    sheet.frame = sheet.frame.with_columns(
        pl.coalesce("answering_model", "requested_model").alias("model"),
        house.alias("provider"),
        pl.coalesce(address.str.extract(pattern, 1) for pattern in ENDPOINTS).alias("region"),
        pl.col("named_provider").alias("service"),
        pl.col("superseded").is_not_null().alias("superseded_in_file"),
        pl.when(pl.col("error").is_null() | stated).then(1.0).otherwise(0.0).alias("requests"),
    )
    outer = sheet.rejections.keep(sheet.frame).filter(pl.col("superseded") == OUTER).height
    if outer:
        sheet.notes.append(
            Problem(
                "Spans with calls inside them that state their own tokens are superseded by these: "
                f"{outer}."
            )
        )
