"""Which side of the boundary a workload is on, and who says so."""

import polars as pl
import pytest

from carbon.inventory.boundary import decide
from carbon.policy import Policy, PolicyError

DECISIONS = """
[boundary]
lifecycles = {development = "out", training = "in"}

[[boundary.decisions]]
of = "business_unit"
name = "Labs"
side = "out"
reason = "R&D that is not AI"
decided_on = "2026-01-31"
evidence = "memo 7"

[[boundary.decisions]]
of = "project"
name = "vision*"
side = "in"
reason = "sold to customers"

[[boundary.decisions]]
of = "project"
name = "vision-toy"
side = "out"
reason = "a toy"

[[boundary.decisions]]
of = "workload"
name = "toy-served"
side = "in"
reason = "served after all"
"""


def decided(policy_text: str = DECISIONS, **columns):
    names = ("workload_id", "model", "project", "business_unit", "lifecycle")
    row = {
        **dict.fromkeys((*names, "boundary_reason", "boundary_decided_on")),
        "in_scope": None,
        "workload_id": "w",
        **columns,
    }
    schema = {name: pl.Boolean if name == "in_scope" else pl.String for name in row}
    frame = pl.DataFrame([row], schema=schema)
    return decide(frame, Policy.from_toml(policy_text)).row(0, named=True)


@pytest.mark.parametrize(
    ("columns", "inside", "basis"),
    [
        ({}, True, "default"),
        ({"lifecycle": "development"}, False, "lifecycle"),
        ({"business_unit": "labs"}, False, "decision"),
        # Project before business unit.
        ({"business_unit": "Labs", "project": "vision-core"}, True, "decision"),
        # A decision before a lifecycle.
        ({"lifecycle": "development", "project": "vision-core"}, True, "decision"),
        # A name before a pattern, though the pattern stands first.
        ({"project": "vision-toy"}, False, "decision"),
        # The workload before its project.
        ({"project": "vision-toy", "workload_id": "toy-served"}, True, "decision"),
        # What the analyst states before everything.
        ({"workload_id": "toy-served", "in_scope": False}, False, "statement"),
        # Activity of many: its latest project says nothing of the rest.
        ({"workload_id": "(unassigned)", "business_unit": "Labs"}, True, "default"),
        ({"workload_id": "(unassigned)", "lifecycle": "development"}, True, "default"),
    ],
)
def test_the_most_specific_word_counts(columns, inside, basis):
    row = decided(**columns)
    assert (row["in_scope"], row["boundary_basis"]) == (inside, basis)


def test_the_reason_and_the_day_follow_the_decision():
    row = decided(business_unit="Labs")
    assert row["boundary_reason"] == "policy: business unit Labs: R&D that is not AI (memo 7)"
    assert row["boundary_decided_on"] == "2026-01-31"
    assert decided(lifecycle="development")["boundary_reason"] == ("policy: development is outside")
    assert decided()["boundary_reason"] is None


def test_what_the_analyst_wrote_stays():
    row = decided(business_unit="Labs", in_scope=True, boundary_reason="shared")
    assert row["boundary_reason"] == "shared"
    assert row["boundary_decided_on"] is None


def test_unassigned_activity_is_moved_by_its_own_name():
    text = (
        '[[boundary.decisions]]\nof = "workload"\nname = "(unassigned)"\nside = "out"\n'
        'reason = "not looked into"\n'
    )
    assert not decided(text, workload_id="(unassigned)")["in_scope"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('[[boundary.left_out]]\ncolumn = "hots"\npattern = "a"\nreason = "b"\n', "hots"),
        ('[[boundary.left_out]]\ncolumn = "tag:"\npattern = "a"\nreason = "b"\n', "tag:NAME"),
        ('[[boundary.decisions]]\nof = "project"\nname = "a"\nside = "out"\nreason = " "\n',
         "reason"),
        ('[[boundary.decisions]]\nof = "project"\nname = "a"\nside = "out"\nreason = "b"\n'
         'decided_on = "31.1.2026"\n', "2026-03-31"),
        ('[[boundary.decisions]]\nof = "project"\nnames = "a"\nside = "out"\nreason = "b"\n',
         "no such entry"),
        ('[boundary]\ncomponents_out = ["fan"]\n', "components_out"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_named(text, names):
    with pytest.raises(PolicyError, match=names):
        Policy.from_toml(text)
