"""What decisions write: rules for what is unclaimed and what is declared, and moves."""

import pytest
from trace_rows import bill, declared

from carbon.inventory.assignment.rules import Condition, Rule, Share
from carbon.inventory.discovery.deciding import GENERAL_PRIORITY, PRIORITY, claims, moves

HERE = (Condition(column="account", op="is", values=("1",)),)


def test_unclaimed_activity_is_claimed_by_what_it_has_in_common():
    (rule,) = claims([bill(conditions=HERE)], "chat")
    assert (rule.conditions, rule.takes, rule.priority) == (HERE, "unclaimed", PRIORITY)
    assert [share.workload for share in rule.shares] == ["chat"]
    (general,) = claims([bill(conditions=HERE, general=True)], "chat")
    assert general.priority == GENERAL_PRIORITY


@pytest.mark.parametrize(
    ("names", "values"),
    [
        (("i-0abc12", "gpu"), ("*/i-0abc12", "i-0abc12")),
        (("gpu", "serving", "node1"), None),
    ],
    ids=["an id", "names that anything might bear"],
)
def test_declared_resources_are_claimed_by_names_that_are_theirs_alone(names, values):
    rules = claims([declared(names=names)], "chat")
    assert [rule.conditions[0].values for rule in rules] == ([values] if values else [])


def test_a_workload_that_goes_takes_its_rules_with_it():
    shared = Rule(
        rule_id="r1",
        name="shared",
        conditions=HERE,
        shares=(Share(workload="old", share=0.25), Share(workload="new", share=0.5)),
    )
    other = Rule(rule_id="r2", name="other", conditions=HERE, shares=(Share(workload="x"),))
    move, redirected = moves("old", "new", [shared, other])
    assert move.takes == "any"
    assert move.conditions == (Condition(column="workload", op="is", values=("old",)),)
    assert redirected.rule_id == "r1"
    assert redirected.shares == (Share(workload="new", share=0.25 + 0.5),)
