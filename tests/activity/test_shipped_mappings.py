"""Usage exports of model vendors and gateways, by the mappings that come with the product."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from carbon import activity
from carbon.activity import intake
from carbon.activity.mapping import shipped
from carbon.activity.source import Context, Payload, Reading

DATA = Path(__file__).parents[1] / "data"


def read(name: str, context: Context, format: str) -> Reading:
    """A file of `tests/data` that is recognised as a format."""
    (payload,) = intake.open_payloads(name, (DATA / name).read_bytes())
    assert isinstance(payload, Payload)
    found, recognition, _ = activity.recognise(payload)
    assert found == format
    assert recognition.confidence >= 0.9
    return activity.read(payload, context)


def totals(reading: Reading, **where: object) -> Mapping[str, float]:
    rows = reading.activity
    for column, value in where.items():
        rows = rows.filter(pl.col(column) == value)
    return dict(rows.group_by("quantity_kind").agg(pl.col("quantity").sum()).iter_rows())


def test_openai_usage(context: Context) -> None:
    reading = read("openai_usage.json", context, "mapping:openai-usage")
    assert (reading.rows, reading.quarantine.height) == (3, 0)
    assert totals(reading) == {
        "input_tokens": 120_000 + 5_000 + 80_000,
        "cached_tokens": 40_000 + 0 + 10_000,
        "output_tokens": 30_000 + 2_500 + 20_000,
        "requests": 600 + 25 + 400,
    }
    assert totals(reading, workload="proj_support")["requests"] == 600 + 400
    # A bucket without a project is the organisation's.
    assert totals(reading, workload="OpenAI API")["requests"] == 25
    first = reading.activity.row(0, named=True)
    # 1 740 787 200 s are 20 148 days: 1 March 2025.
    assert first["period_start"] == datetime(2025, 3, 1, tzinfo=UTC)
    assert first["period_end"] == datetime(2025, 3, 2, tzinfo=UTC)
    assert (first["provider"], first["model"]) == ("openai", "gpt-5-mini")
    assert first["lifecycle"] == "inference_realtime"


def test_anthropic_usage_counts_every_token_that_goes_in(context: Context) -> None:
    reading = read("anthropic_usage.json", context, "mapping:anthropic-usage")
    assert (reading.rows, reading.quarantine.height) == (2, 0)
    assert totals(reading) == {
        "input_tokens": (1500 + 200 + 1000 + 500) + 40,
        "cached_tokens": 200,
        "output_tokens": 700 + 60,
    }
    assert totals(reading, workload="Anthropic API")["output_tokens"] == 60


def test_anthropic_usage_without_a_breakdown_of_the_cache(context: Context) -> None:
    text = (
        '{"data":[{"starting_at":"2025-03-01T00:00:00Z","ending_at":"2025-03-02T00:00:00Z",'
        '"results":[{"uncached_input_tokens":5,"cache_read_input_tokens":2,"output_tokens":1}]}]}'
    )
    reading = activity.read(Payload("a.json", "json", text), context)
    assert totals(reading) == {"input_tokens": 5 + 2, "cached_tokens": 2, "output_tokens": 1}


def test_openrouter_activity(context: Context) -> None:
    reading = read("openrouter_activity.json", context, "mapping:openrouter-activity")
    assert (reading.rows, reading.quarantine.height) == (2, 0)
    assert totals(reading) == {
        "input_tokens": 50 + 150,
        "output_tokens": 125 + 375,
        "reasoning_tokens": 25,
        "requests": 5 + 7,
        "cost": pytest.approx(0.015 + 0.03),
    }
    assert set(reading.activity.filter(pl.col("quantity_kind") == "cost")["currency"]) == {"USD"}


def test_litellm_spend_logs(context: Context) -> None:
    reading = read("litellm_spend_logs.csv", context, "mapping:litellm-spend-logs")
    assert reading.rows == 4
    assert totals(reading) == {
        "input_tokens": 200 + 40 + 10,
        "output_tokens": 100 + 20 + 0,
        "requests": 1 + 1 + 1,
        "cost": pytest.approx(0.0021 + 0.0004 + 0.0),
    }
    assert totals(reading, workload="LiteLLM")["input_tokens"] == 40
    # Every request is a thing of its own, so that exports of overlapping hours add nothing twice.
    assert reading.activity["key"].n_unique() == 3
    assert not reading.local_times
    (row,) = reading.quarantine.to_dicts()
    assert (row["row_number"], row["column"], row["value"]) == (5, "prompt_tokens", "-5")


def test_every_shipped_mapping_names_its_document_and_lacks_nothing() -> None:
    assert len(shipped.MAPPINGS) >= 4
    for mapping in shipped.MAPPINGS:
        assert "https://" in mapping.document, mapping.name
        assert mapping.lacks() == ()
        assert set(mapping.needed) <= {*mapping.columns, *mapping.used}
        assert mapping.title == activity.READERS[mapping.format].TITLE
