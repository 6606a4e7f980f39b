"""Which lines of a bill are AI: the rules of the policy, one at a time."""

import datetime as dt
import json

import polars as pl
import pytest

from carbon.inventory.ai_use import split
from carbon.policy import Policy
from carbon.schema import Activity, CloudInstance

JANUARY = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def frame(schema, rows):
    blank = dict.fromkeys(schema.column_names())
    return pl.DataFrame([{**blank, **row} for row in rows], schema=schema.create_empty().schema)


def line(row, **columns):
    """A line of a bill: an hour of something general."""
    return {
        "evidence_id": "b" * 64,
        "row_number": row,
        "format": "aws-cur",
        "key": "k",
        "superseded_in_file": False,
        "period_start": JANUARY,
        "period_end": JANUARY + dt.timedelta(days=31),
        "provider": "aws",
        "service": "AmazonEC2",
        "sku": "BoxUsage:m5.large",
        "quantity_kind": "instance_hours",
        "quantity": 1.0,
        **columns,
    }


def tagged(row, **tags):
    return line(row, tags=json.dumps(tags, sort_keys=True))


INSTANCES = frame(
    CloudInstance,
    [
        {"provider": "aws", "instance_type": "p5.48xlarge", "accelerator": "NVIDIA H100"},
        {"provider": "aws", "instance_type": "m5.large"},
    ],
)


def ai_rows(rows, text=""):
    """Row numbers that are AI, and that are not."""
    ai, general = split(frame(Activity, rows), Policy.from_toml(text), INSTANCES)
    return sorted(set(ai["row_number"])), sorted(set(general["row_number"]))


@pytest.mark.parametrize(
    ("columns", "is_ai"),
    [
        ({}, False),
        ({"service": "AmazonSageMaker"}, True),
        ({"service": "amazonbedrock "}, True),
        ({"service": "MyAmazonSageMaker"}, False),
        ({"format": "gcp-billing", "service": "Vertex AI"}, True),
        ({"format": "azure-costs", "service": "Azure OpenAI Service"}, True),
        ({"format": "gcp-billing", "sku": "Nvidia Tesla A100 GPU running in Americas"}, True),
        ({"sku": "USE1-Claude3Sonnet-input-tokens"}, True),
        ({"instance_type": "m5.large"}, False),
        ({"instance_type": " ML.P5.48xlarge"}, True),
        ({"instance_type": "p5.48xlarge", "provider": "azure"}, False),
        ({"accelerator": "A100"}, True),
        ({"component": "host", "quantity_kind": "vcpu_hours"}, True),
        ({"format": "focus", "tags": '{"ServiceCategory": "AI and Machine Learning"}'}, True),
        ({"format": "focus", "tags": '{"x_note": "AI and Machine Learning"}'}, False),
        ({"service": None, "sku": None}, False),
    ],
    ids=lambda value: ", ".join(map(str, value.values())) if isinstance(value, dict) else None,
)
def test_the_default_rules(columns, is_ai):
    ai, general = ai_rows([line(2, **columns)])
    assert (ai, general) == (([2], []) if is_ai else ([], [2]))


def test_rows_of_other_formats_are_ai_by_being_declared():
    assert ai_rows([line(2, format="activity-template")]) == ([2], [])
    assert ai_rows([line(2, format="codecarbon"), line(3)]) == ([2], [3])


def test_rules_are_the_policys_and_not_the_codes():
    rows = [line(2, service="AmazonSageMaker"), line(3, instance_type="p5.48xlarge")]
    assert ai_rows(rows, "[billing]\nai_services = []") == ([3], [2])
    assert ai_rows(rows, "[billing]\naccelerators_are_ai = false") == ([2], [3])


def test_tags_accounts_and_projects_may_make_a_line_ai():
    rows = [
        tagged(2, team="ml-platform"),
        tagged(3, team="web"),
        line(4, account="000123456789"),
        line(5, project="vision"),
        tagged(6, Team="ML-ops"),
        tagged(7, user_team="ml"),
        tagged(8, note="team ml"),
    ]
    rules = '[billing]\nai_tags = ["team=ml*", "account=000123456789", "project=vis?on"]'
    assert ai_rows(rows, rules) == ([2, 4, 5, 6, 7], [3, 8])


def test_a_bare_name_asks_only_that_the_tag_is_there():
    assert ai_rows([tagged(2, gpu="yes"), line(3)], '[billing]\nai_tags = ["gpu"]') == ([2], [3])


def test_exceptions_win_over_every_rule():
    rows = [
        line(2, service="AmazonSageMaker", tags='{"team": "web"}'),
        line(3, service="AmazonSageMaker"),
        line(4, instance_type="p5.48xlarge", sku="BoxUsage:p5.48xlarge", tags='{"workload": "a"}'),
        line(5, service="AmazonBedrock", tags='{"workload": "a"}'),
    ]
    rules = '[billing]\nnot_ai = ["team=web", "sku=boxusage:p5*"]'
    assert ai_rows(rows, rules) == ([3, 5], [2, 4])
    assert ai_rows(rows, '[billing]\nnot_ai = ["service=AmazonSage*"]') == ([4, 5], [2, 3])


def test_what_serves_an_ai_workload_is_part_of_it():
    # The bucket of `chat` is AI because `chat` has tokens; that of `shop` is not.
    rows = [
        line(2, service="AmazonBedrock", workload="chat", quantity_kind="input_tokens"),
        line(3, service="AmazonS3", workload="chat", quantity_kind="gb_hours"),
        line(4, service="AmazonS3", workload="shop", quantity_kind="gb_hours"),
        line(5, service="AmazonS3", workload="tracked", quantity_kind="gb_hours"),
        line(6, format="codecarbon", workload="tracked", quantity_kind="energy_it_kwh"),
    ]
    assert ai_rows(rows) == ([2, 3, 5, 6], [4])


def test_all_that_one_line_gives_is_of_one_kind():
    rows = [
        line(2, instance_type="p5.48xlarge"),
        line(2, instance_type=None, quantity_kind="cost", quantity=98.0, currency="USD"),
        line(3, quantity_kind="cost", quantity=1.0, currency="USD"),
    ]
    ai, general = split(frame(Activity, rows), Policy(), INSTANCES)
    assert ai["quantity_kind"].to_list() == ["instance_hours", "cost"]
    assert general.select("row_number", "quantity", "currency", "month").row(0) == (
        3, 1.0, "USD", "2024-01",
    )  # fmt: skip


def test_a_line_takes_its_workload_from_the_first_tag_of_the_policy():
    rows = [
        line(2, service="AmazonBedrock", tags='{"ml-workload": "second", "workload": "first"}'),
        line(3, service="AmazonBedrock", tags='{"user:AI_Workload": " search "}'),
        line(4, service="AmazonBedrock", workload="own", tags='{"workload": "first"}'),
        line(5, service="AmazonBedrock", tags='{"workload": ""}'),
        line(6, service="AmazonBedrock", tags="no JSON, but a workload"),
        line(7, format="activity-template", tags='{"workload": "declared rows name their own"}'),
    ]
    ai, _ = split(frame(Activity, rows), Policy(), INSTANCES)
    by_row = dict(ai.select("row_number", "workload").iter_rows())
    assert by_row == {2: "first", 3: "search", 4: "own", 5: None, 6: None, 7: None}


def test_no_line_is_lost_and_without_bills_nothing_changes():
    rows = [line(n, service=s) for n, s in enumerate(["AmazonS3", "AmazonBedrock", None], 2)]
    ai, general = ai_rows(rows)
    assert sorted(ai + general) == [2, 3, 4]
    declared = frame(Activity, [line(2, format="codecarbon")])
    kept, general = split(declared, Policy(), INSTANCES)
    assert kept is declared
    assert general.is_empty()
    assert "month" in general.columns


def test_patterns_are_patterns_and_nothing_else():
    # A dot or a bracket of a pattern stands for itself.
    rows = [line(2, service="AmazonXSage"), line(3, service="Amazon.Sage (EU)")]
    assert ai_rows(rows, '[billing]\nai_services = ["Amazon.Sage (*"]') == ([3], [2])
