"""OpenTelemetry spans of model calls: nested ones once, deprecated names, int64 as text."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading, RefusalError
from carbon.workspace.counting import rows_of

DATA = Path(__file__).parents[1] / "data"
AT = "1788429600000000000"  # 2026-09-03T10:00:00Z


def reading(data: bytes, context: Context) -> Reading:
    (payload,) = open_payloads("traces", data)
    assert recognise(payload)[0] == "otel-genai"
    return read(payload, context)


def span(name: str, parent: str = "", **attributes: Any) -> dict[str, Any]:
    """A span; `a__b` of an attribute's name stands for `a.b`."""
    return {
        "traceId": "t",
        "spanId": name,
        "parentSpanId": parent,
        "startTimeUnixNano": AT,
        "attributes": [
            {"key": f"gen_ai.{k.replace('__', '.')}", "value": v} for k, v in attributes.items()
        ],
    }


def batch(*spans: dict[str, Any]) -> bytes:
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).encode()


def counted(found: Reading) -> dict[str, float]:
    rows = found.activity.filter(~pl.col("superseded_in_file"))
    return dict(rows.group_by("quantity_kind").agg(pl.col("quantity").sum()).iter_rows())


def test_tokens_are_summed_by_application_model_and_hour(context: Context) -> None:
    found = reading((DATA / "otel_genai.jsonl").read_bytes(), context)
    chat = found.activity.filter(workload="helpdesk", superseded_in_file=False)
    assert dict(chat.select("quantity_kind", "quantity").iter_rows()) == {
        # two chats, the second under deprecated names
        "requests": 2,
        "input_tokens": 1000 + 200,
        "output_tokens": 200 + 60,
        "cached_tokens": 400,
        "reasoning_tokens": 50,
    }
    assert chat["model"].unique().to_list() == ["gpt-4o-2024-08-06"]
    assert chat.select("provider", "region", "project").unique().rows() == [
        ("openai", None, "support")
    ]
    assert chat["source_rows"].unique().to_list() == [2]


def test_the_address_names_the_region_and_an_error_is_no_request(context: Context) -> None:
    found = reading((DATA / "otel_genai.jsonl").read_bytes(), context)
    embedding = found.activity.filter(workload="search")
    assert embedding.select("provider", "region", "service").unique().rows() == [
        ("aws", "eu-west-3", "aws.bedrock")
    ]
    assert dict(embedding.select("quantity_kind", "quantity").iter_rows()) == {
        "requests": 1,
        "input_tokens": 5000,
    }


def test_an_agent_around_its_calls_does_not_count_twice(context: Context) -> None:
    found = reading((DATA / "otel_genai.jsonl").read_bytes(), context)
    outer = found.activity.filter("superseded_in_file")
    # The agent's own figures, 1200 and 260, are the sum of its two calls.
    assert dict(outer.select("quantity_kind", "quantity").iter_rows()) == {
        "requests": 1,
        "input_tokens": 1200,
        "output_tokens": 260,
    }
    assert any("superseded by these: 1" in note.reason for note in found.notes)
    assert any("not looked at: 1" in note.reason for note in found.notes)


def test_every_call_is_in_one_sum(context: Context) -> None:
    found = reading((DATA / "otel_genai.jsonl").read_bytes(), context)
    assert found.quarantine.height == 0
    # an agent, two chats, an embedding, a failed call; the tool is none
    assert rows_of({"activity": found.activity}) == found.rows == 5


def test_attributes_with_prompts_are_not_kept(context: Context) -> None:
    found = reading((DATA / "otel_genai.jsonl").read_bytes(), context)
    assert "secret" not in found.activity.write_json() + repr(found.notes)


def test_a_call_two_levels_down_counts_alone(context: Context) -> None:
    tokens = {"usage__input_tokens": {"intValue": "100"}}
    inner = span("c", "b", **tokens)
    data = batch(span("a", **tokens), span("b", "a"), inner)
    assert counted(reading(data, context)) == {"requests": 1, "input_tokens": 100}


def test_an_agent_whose_calls_state_no_tokens_counts_itself(context: Context) -> None:
    outer = span("a", operation__name={"stringValue": "invoke_agent"}) | {
        "attributes": [
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": 100}},
            {"key": "gen_ai.operation.name", "value": {"stringValue": "invoke_agent"}},
        ]
    }
    inner = span("b", "a", operation__name={"stringValue": "chat"})
    assert counted(reading(batch(outer, inner), context)) == {"requests": 2, "input_tokens": 100}


def test_the_newer_name_wins_where_both_stand(context: Context) -> None:
    for order in (1, -1):
        both = span(
            "a",
            usage__input_tokens={"intValue": "7"},
            usage__prompt_tokens={"intValue": "9"},
        )
        both["attributes"] = both["attributes"][::order]
        assert counted(reading(batch(both), context))["input_tokens"] == 7


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"startTimeUnixNano": "0"}, "startTimeUnixNano"),
        ({"startTimeUnixNano": None}, "startTimeUnixNano"),
        (
            {"attributes": [{"key": "gen_ai.usage.input_tokens", "value": {"intValue": "-3"}}]},
            "gen_ai.usage.input_tokens",
        ),
    ],
)
def test_a_call_that_cannot_be_is_set_aside(
    changes: dict[str, Any], column: str, context: Context
) -> None:
    good = span("a", usage__input_tokens={"intValue": "1"})
    bad = span("b", usage__input_tokens={"intValue": "1"}) | changes
    found = reading(batch(good, bad), context)
    assert found.quarantine.select("row_number", "column").rows() == [(2, column)]
    assert counted(found) == {"requests": 1, "input_tokens": 1}


def test_a_line_that_is_cut_off_is_set_aside(context: Context) -> None:
    whole = (DATA / "otel_genai.jsonl").read_bytes()
    found = reading(whole[:-200], context)
    assert found.quarantine.height == 1
    assert "cut off" in found.quarantine["reason"][0]
    assert rows_of({"activity": found.activity}) + 1 == found.rows


def test_traces_without_model_calls_are_refused(context: Context) -> None:
    with pytest.raises(RefusalError, match="none is a call of a model"):
        reading(batch(span("a")), context)


def test_a_batch_that_was_sent_twice_counts_once(context: Context) -> None:
    call = span("s", operation__name={"stringValue": "chat"}, usage__input_tokens={"intValue": "7"})
    found = reading(
        batch(call) + b"\n" + batch(call, span("x", usage__input_tokens={"intValue": "1"})), context
    )
    assert counted(found)["input_tokens"] == 7 + 1
    assert rows_of({"activity": found.activity}) == found.rows == 3
    assert any("sent twice, count once: 1" in note.reason for note in found.notes)
