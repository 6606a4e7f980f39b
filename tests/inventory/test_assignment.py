"""Whose each row is: one rule at a time, worked out by hand."""

import datetime as dt
import json

import polars as pl
import pytest
from assignment_rows import activity, moment, row, rule

from carbon.inventory.assignment.assign import assign
from carbon.inventory.assignment.rules import RuleError, in_order, row_of, rule_from, rules_of
from carbon.schema import AssignmentRule


def given(stated, *rules, files=None):
    """(workload, quantity x share) of every part, in order."""
    found = assign(activity(*stated), rules, files)
    return found.select("workload", pl.col("quantity") * pl.col("assigned_share")).rows()


def test_a_shared_cluster_is_split_by_shares_and_the_rest_stays():
    # 100 kWh: 60 % and 30 % are given, 10 % are left to nobody.
    shared = rule("account", "is", "lab", to={"vision": 0.6, "speech": 0.3})
    assert given([row(account="lab")], shared) == [
        ("vision", pytest.approx(60)),
        ("speech", pytest.approx(30)),
        (None, pytest.approx(10)),
    ]


def test_a_row_is_cut_at_the_day_on_which_a_rule_begins():
    """31 days, the rule from the 11th on (day 10): 10/31 of 310 kWh before, 21/31 after."""
    late = rule("account", "is", "lab", effective_from=dt.date(2025, 1, 11))
    found = assign(activity(row(account="lab", quantity=310.0)), [late])
    assert found.select("workload", "period_start", "period_end", "quantity").rows() == [
        (None, moment(0), moment(10), pytest.approx(100)),
        ("w", moment(10), moment(31), pytest.approx(210)),
    ]
    assert found["assigned_part"].to_list() == [1, 2]


def test_the_first_of_two_rules_wins_and_a_date_of_the_second_cuts_nothing():
    first = rule("account", "is", "lab", to="first")
    second = rule("account", "like", "*", to="second", effective_from=dt.date(2025, 1, 11))
    assert given([row(account="lab")], first, second) == [("first", 100)]
    late = rule("account", "is", "lab", to="late", effective_from=dt.date(2025, 1, 26))
    assert given([row(account="lab", quantity=31.0)], late, second) == [
        (None, pytest.approx(10)),
        ("second", pytest.approx(15)),
        ("late", pytest.approx(6)),
    ]


def test_a_rule_takes_what_a_source_claims_only_where_it_says_so():
    stated = [row(workload="own", account="lab")]
    assert given(stated, rule("account", "is", "lab")) == [("own", 100)]
    assert given(stated, rule("account", "is", "lab", takes="any")) == [("w", 100)]


def test_a_rule_that_is_switched_off_is_not_asked():
    assert given([row(account="lab")], rule("account", "is", "lab", enabled=False)) == [(None, 100)]


@pytest.mark.parametrize(
    "spelled",
    ["team_name", "Team-Name", "user:team_name", "user_team_name", "resource_tags/user:Team Name"],
)
def test_a_tag_is_known_by_any_of_its_spellings(spelled):
    stated = [row(tags=json.dumps({spelled: " red "}))]
    assert given(stated, rule("tag:team-name", "is", "red")) == [("w", 100)]
    assert given(stated, rule("tag:team", "present")) == [(None, 100)]


def test_the_very_spelling_goes_before_another_one():
    tags = json.dumps({"Team": "blue", "team": "red"})
    assert given([row(tags=tags)], rule("tag:team", "is", "red")) == [("w", 100)]


@pytest.mark.parametrize("tags", [None, "{}", '{"team": null}', '{"team": " "}', "[1]", "no json"])
def test_a_row_without_the_tag_is_none_of_its_values(tags):
    stated = [row(tags=tags)]
    for op, values in (("is", ["red"]), ("like", ["*"]), ("present", [])):
        assert given(stated, rule("tag:team", op, *values)) == [(None, 100)]
    for op, values in (("is_not", ["red"]), ("not_like", ["r*"]), ("absent", [])):
        assert given(stated, rule("tag:team", op, *values)) == [("w", 100)]


def test_a_condition_may_be_about_the_file():
    other = "f" * 64
    stated = [row(2), row(2, evidence_id=other)]
    files = {"e" * 64: "cluster-2025.csv", other: "lab.csv"}
    found = given(stated, rule("file", "like", "cluster*"), files=files)
    assert found == [("w", 100), (None, 100)]


def test_numbers_are_bounded_from_below_inclusive_and_from_above_exclusive():
    stated = [row(n, average_power_w=watts) for n, watts in ((2, 99.0), (3, 100.0), (4, None))]
    upper = rule("average_power_w", "at_least", "100", to="large")
    lower = rule("average_power_w", "below", "100", to="small")
    assert [name for name, _ in given(stated, upper, lower)] == ["small", "large", None]


def test_quantities_of_one_row_go_together():
    """The kWh, the hours and the requests of one row of a file: one rule, one owner."""
    stated = [
        row(2, resource="i-1"),
        row(2, resource="i-1", quantity_kind="accelerator_hours", quantity=8.0),
        row(2, resource="i-2"),
    ]
    ruled = rule("quantity_kind", "is", "accelerator_hours", to={"a": 0.5, "b": 0.5})
    assert given(stated, ruled) == [("a", 50), ("b", 50), ("a", 4), ("b", 4), (None, 100)]


BILL = {"format": "aws-cur", "provider": "aws", "region": "eu-west-1", "resource": "i-1"}
METER = {"format": "prometheus-json", "provider": "aws", "region": "eu-west-1", "host": "i-1:9400"}


def test_a_meter_goes_the_way_of_its_machines_bill():
    bill = row(2, **BILL, account="lab", quantity_kind="instance_hours", quantity=10.0)
    meter = row(3, **METER, resource="GPU-7", boundary="board")
    halves = rule("account", "is", "lab", to={"a": 0.5, "b": 0.5})
    assert given([bill, meter], halves) == [("a", 5), ("b", 5), ("a", 50), ("b", 50)]
    # A rule that asks for the meter itself goes first, and so does what the meter says.
    own = rule("resource", "is", "GPU-7", to="c")
    assert given([bill, meter], halves, own)[2:] == [("c", 100)]
    assert given([bill, {**meter, "workload": "mine"}], halves)[2:] == [("mine", 100)]
    # Another machine, another place, no meter: nothing follows.
    for other in ({"host": "i-2"}, {"region": "us-east-1"}, {"boundary": None}, {"site": "x"}):
        assert given([bill, {**meter, **other}], halves)[2:] == [(None, 100)]


def test_a_bill_whose_lines_differ_says_nothing_of_the_meter():
    hours = {**BILL, "quantity_kind": "instance_hours"}
    stated = [
        row(2, **hours, account="lab"),
        row(3, **hours, account="other"),
        row(4, **METER, boundary="board"),
    ]
    assert given(stated, rule("account", "is", "lab"))[2:] == [(None, 100)]


def test_three_thirds_are_a_whole():
    thirds = rule("account", "present", to={"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    found = assign(activity(row(account="x")), [thirds])
    assert found["assigned_share"].sum() == pytest.approx(1, abs=1e-15)
    assert found.height == 3


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"shares": [{"workload": "a", "share": 0.7}, {"workload": "b", "share": 0.4}]},
         "more than 1"),
        ({"shares": [{"workload": "(unassigned)"}]}, "is no workload"),
        ({"conditions": [{"column": "colour", "values": ["red"]}]}, "'colour' is not known"),
        ({"conditions": [{"column": "tag: ", "values": ["red"]}]}, "a tag needs a name"),
        ({"conditions": [{"column": "quantity", "op": "below", "values": ["much"]}]},
         "needs a number as 8 or 0.5, not much"),
        ({"conditions": [{"column": "quantity", "op": "below", "values": ["nan"]}]}, "a number"),
        ({"conditions": [{"column": "account", "values": [" "]}]}, "needs a value"),
        ({"conditions": []}, "conditions"),
        ({"effective_from": "2025-02-01", "effective_to": "2025-02-01"}, "ends before it begins"),
    ],
    ids=["shares", "unassigned", "column", "tag", "number", "nan", "blank", "none", "dates"],
)  # fmt: skip
def test_a_rule_that_cannot_be_kept_says_which_and_why(entry, said):
    good = {
        "name": "night",
        "conditions": [{"column": "account", "values": ["x"]}],
        "shares": [{"workload": "a"}],
    }
    with pytest.raises(RuleError, match="Rule 'night'") as refused:
        rule_from({**good, **entry})
    assert said in str(refused.value)


def test_a_rule_comes_back_from_its_table_as_it_was():
    one = rule("tag:team", "like", "r*", "b*", to={"a": 0.25}, takes="any", note="why")
    other = rule("account", "absent", to="z", priority=1, effective_from=dt.date(2025, 3, 1))
    gone = rule("account", "present", to="gone")
    rows = [
        {**row_of(each, deleted=each is gone), "edit": n}
        for n, each in enumerate((one, other, gone), 1)
    ]
    table = pl.DataFrame(rows, schema=AssignmentRule.create_empty().schema)
    assert rules_of(table) == in_order([one, other])
    assert rules_of(table) == (other, one)


def test_rows_that_say_the_same_are_asked_once_and_answered_each():
    stated = [row(n, account="lab" if n % 2 else None) for n in range(2, 12)]
    found = assign(activity(*stated), [rule("account", "is", "lab")])
    assert found["workload"].to_list() == [None, "w"] * 5
    assert found["row_number"].to_list() == list(range(2, 12))
