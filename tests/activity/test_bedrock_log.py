"""Bedrock's invocation log: sums by model and hour, and not a word of the prompts."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading, RefusalError
from carbon.workspace.counting import rows_of
from carbon.workspace.current import split_by_key

DATA = Path(__file__).parents[1] / "data"
MODEL = "anthropic.claude-3-haiku-20240307-v1:0"


def reading(data: bytes, context: Context) -> Reading:
    (payload,) = open_payloads("log", data)
    assert recognise(payload)[0] == "bedrock-invocation-log"
    return read(payload, context)


def example() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / "bedrock_log.jsonl").read_text().splitlines()]


def lines(*records: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


def sums(found: Reading) -> dict[tuple[str, str, int], float]:
    """(region, kind, hour) -> quantity."""
    rows = found.activity.select("region", "quantity_kind", "period_start", "quantity")
    return {(r, kind, at.hour): quantity for r, kind, at, quantity in rows.iter_rows()}


def test_tokens_are_summed_by_model_region_and_hour(context: Context) -> None:
    found = reading((DATA / "bedrock_log.jsonl").read_bytes(), context)
    assert sums(found) == {
        # r-1: 1500; r-2: 100 + 900 of the cache + 50 written to it; r-3 failed and states none
        ("us-east-1", "input_tokens", 10): 1500 + 100 + 900 + 50,
        ("us-east-1", "cached_tokens", 10): 900,
        ("us-east-1", "output_tokens", 10): 500 + 20,
        ("us-east-1", "requests", 10): 2,
        # r-4 ran in another region than it was asked in
        ("us-west-2", "input_tokens", 11): 10,
        ("us-west-2", "output_tokens", 11): 7,
        ("us-west-2", "requests", 11): 1,
    }
    assert found.activity["model"].unique().to_list() == [MODEL]
    assert found.activity["account"].unique().to_list() == ["000987654321"]
    first = found.activity.row(0, named=True)
    assert (first["row_number"], first["source_rows"]) == (1, 3)
    assert first["period_end"] == datetime(2026, 9, 3, 11, tzinfo=UTC)
    assert (first["provider"], first["lifecycle"]) == ("aws", "inference_realtime")


def test_every_entry_is_in_one_sum_or_set_aside(context: Context) -> None:
    found = reading((DATA / "bedrock_log.jsonl").read_bytes(), context)
    assert found.quarantine.select("row_number", "column", "value").rows() == [
        (5, "input.inputTokenCount", "-4")
    ]
    # three calls in the first sum, one in the second, one set aside
    assert rows_of({"activity": found.activity}) + 1 == found.rows == 5


def test_no_word_of_a_prompt_or_an_answer_is_kept(context: Context) -> None:
    broken = '{"timestamp": "2026-09-03T10:00:00Z", "input": {"inputBodyJson": "a secret quest'
    data = (DATA / "bedrock_log.jsonl").read_bytes() + broken.encode()
    found = reading(data, context)
    assert found.quarantine["row_number"].to_list() == [5, 6]
    kept = found.activity.write_json() + found.quarantine.write_json() + repr(found.notes)
    assert "secret" not in kept


@pytest.mark.parametrize(
    ("written", "model", "resource"),
    [
        (MODEL, MODEL, None),
        (f"us.{MODEL}", MODEL, None),
        (f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}", MODEL, None),
        (f"arn:aws:bedrock:us-east-1:1:inference-profile/apac.{MODEL}", MODEL, None),
        (
            "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc123",
            None,
            "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc123",
        ),
    ],
)
def test_a_model_is_named_by_id_arn_or_profile(
    written: str, model: str | None, resource: str | None, context: Context
) -> None:
    found = reading(lines(example()[0] | {"modelId": written}), context)
    assert found.activity.select("model", "resource").unique().rows() == [(model, resource)]


def test_cloudwatch_events_hold_the_entries_as_text(context: Context) -> None:
    events = [
        {"logStreamName": "s", "timestamp": 1, "message": json.dumps(record), "eventId": str(i)}
        for i, record in enumerate(example())
    ]
    whole = reading(json.dumps({"events": events}).encode(), context)
    bare = reading(json.dumps(events).encode(), context)
    assert sums(whole) == sums(bare) == sums(reading(lines(*example()), context))


def test_parts_of_an_hour_both_count_and_a_repeated_hour_supersedes(context: Context) -> None:
    def ledger(number: str, *records: dict[str, Any]) -> pl.DataFrame:
        own = Context(**{**vars(context), "evidence_id": number * 64})
        return reading(lines(*records), own).activity

    r1, r2, r3, r4, _ = example()
    parts = pl.concat([ledger("a", r1), ledger("b", r2, r3), ledger("c", r1, r2, r3, r4)])
    arrived = pl.DataFrame({"evidence_id": ["a" * 64, "b" * 64, "c" * 64], "sequence": [1, 2, 3]})
    two, _ = split_by_key(parts.filter(pl.col("evidence_id") != "c" * 64), arrived)
    assert two.filter(quantity_kind="output_tokens")["quantity"].sum() == 500 + 20
    # The third file begins with the first call of "a", so it takes the place of "a".
    counted, old = split_by_key(parts, arrived)
    assert old["evidence_id"].unique().to_list() == ["a" * 64]
    assert "c" * 64 in counted["evidence_id"].to_list()


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": None}, "timestamp"),
        ({"modelId": None}, "modelId"),
        ({"output": {"outputTokenCount": 1e300}}, "output.outputTokenCount"),
        ({"output": {"outputTokenCount": "many"}}, "output.outputTokenCount"),
    ],
)
def test_an_entry_that_cannot_be_is_set_aside(
    changes: dict[str, Any], column: str, context: Context
) -> None:
    found = reading(lines(example()[0], example()[1] | changes), context)
    assert found.quarantine.select("row_number", "column").rows() == [(2, column)]
    assert found.activity["source_rows"].unique().to_list() == [1]


def test_a_log_without_any_invocation_is_refused(context: Context) -> None:
    (payload,) = open_payloads("log", b'{"a": 1}\n{"b": 2}\n')
    with pytest.raises(RefusalError, match="holds no invocation of a model"):
        read(payload, context, "bedrock-invocation-log")


def test_an_invocation_that_stands_in_the_file_twice_counts_once(context: Context) -> None:
    first, *_ = example()
    found = reading(lines(first, first), context)
    counted = found.activity.filter(~pl.col("superseded_in_file"))
    assert counted.filter(quantity_kind="input_tokens")["quantity"].to_list() == [1500]
    assert rows_of({"activity": found.activity}) == found.rows == 2
    assert any("counted once: 1" in note.reason for note in found.notes)
