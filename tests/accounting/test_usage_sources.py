"""Use that two kinds of source state of one workload and month: it is asked, never settled."""

import pytest
from accounting_rows import account, at, codes, frame, policy, use

from carbon.accounting.summary import select
from carbon.accounting.usage import usage
from carbon.inventory.assignment.assign import assign
from carbon.policy import Policy
from carbon.schema import Activity, Workload

CODE = "usage_several_sources"


def template(**columns):
    return use(
        **{"workload": "chat", "model": "gpt-4o", "quantity_kind": "requests", "quantity": 1000.0}
        | columns
    )


def log(**columns):
    """A span log of the same month, from another file."""
    return template(
        **{"format": "otel-genai", "evidence_id": "f" * 64, "quantity": 990.0} | columns
    )


def test_the_finding_names_formats_workloads_months_and_the_remedy():
    result = account([template(), log()])
    (finding,) = [found for found in result.findings if found.code == CODE]
    assert finding.severity == "warn"
    assert finding.workloads == ("chat",)
    for said in ("activity-template and otel-genai", "requests of chat", "in 2024-01", "left_out"):
        assert said in finding.detail
    assert CODE in codes(select(result, "2024-01", "2024-01"))
    assert CODE not in codes(select(result, "2024-02", None))


@pytest.mark.parametrize(
    "other",
    [
        {"format": "activity-template"},
        {"quantity_kind": "output_tokens"},
        {"model": "gpt-4o-mini"},
        {"workload": "search"},
        {"quantity": 0.0},
        {"lifecycle": "training", "workload": "made"},
        {"period_start": at("2024-02"), "period_end": at("2024-03")},
    ],
    ids=["format", "quantity", "model", "workload", "nothing", "training", "month"],
)
def test_different_use_is_not_asked_about(other):
    assert CODE not in codes(account([template(), log(**other)]))


def test_endpoints_that_differ_are_different_use():
    both = [template(endpoint="a"), log(endpoint="b")]
    assert CODE not in codes(account(both))
    assert CODE in codes(account([template(endpoint="a"), log()]))


@pytest.mark.parametrize("name", [None, "gpt-4o-2024-08-06", "openai/GPT-4o"])
def test_a_version_of_the_model_or_no_model_is_the_same_use(name):
    assert CODE in codes(account([template(), log(model=name)]))


def test_sources_that_follow_each_other_in_a_month_are_not_asked_about():
    early = template(period_end=at("2024-01-15"))
    assert CODE not in codes(account([early, log(period_start=at("2024-01-15"))]))


def test_what_is_declared_out_is_neither_asked_about_nor_use():
    text = '[[boundary.left_out]]\ncolumn = "format"\npattern = "otel-genai"\nreason = "r"\n'
    rows, out = [template(), log()], policy(text)
    assert CODE not in codes(account(rows, policy=out))
    activity = assign(frame(Activity, rows), (), {})
    nothing = frame(Workload, [])
    for chosen, requests in ((Policy(), 1990.0), (out, 1000.0)):
        lines = account(rows, policy=chosen).lines
        assert usage(activity, nothing, lines, chosen)["requests"].to_list() == [requests]
