"""What an analyst states about workloads: checked as a whole, cell by cell."""

import polars as pl
import pytest

from carbon.inventory.edits import edited
from carbon.inventory.known import Known
from carbon.schema import Workload

KNOWN = Known(
    zones={"fr": "FR", "france": "FR", "camx": "CAMX"},
    regions={
        "aws": {"eu-west-1": "eu-west-1", "eu (ireland)": "eu-west-1"},
        "gcp": {"us-central1": "us-central1"},
    },
)
TODAY = "2026-04-01"


def table(*rows):
    empty = Workload.create_empty()
    blank = dict.fromkeys(empty.columns)
    return pl.DataFrame([{**blank, **row} for row in rows], schema=empty.schema)


def shown(*rows):
    return table(*({"in_scope": True, **row} for row in rows))


CHAT = shown({"workload_id": "chat", "owner": "Ana", "provider": "aws"})


def of(changes, *, inventory=CHAT, stated=None, may_add=False):
    stated = table() if stated is None else stated
    return edited(inventory, stated, changes, known=KNOWN, today=TODAY, may_add=may_add)


def cell(**change):
    """The statement that one change of `chat` gives."""
    found = of([{"workload_id": "chat", **change}])
    assert not found.problems
    return found.rows.row(0, named=True)


def wrong(**change):
    """field -> reason of what is wrong with one change of `chat`."""
    return {p.field: p.reason for p in of([{"workload_id": "chat", **change}]).problems}


@pytest.mark.parametrize(
    ("field", "written", "kept"),
    [
        ("lifecycle", "Fine-tuning", "fine_tuning"),
        ("training_hours", "1 000", "1000"),
        ("zone", "France", "FR"),
        ("provider", "GCP", "gcp"),
        ("provider", "Own datacentre", "Own datacentre"),
        ("region", "EU (Ireland)", "eu-west-1"),
        ("boundary_decided_on", "2026-03-31", "2026-03-31"),
        ("owner", "  Ana   Bo ", "Ana Bo"),
        ("owner", "", None),
    ],
)
def test_a_cell_is_kept_as_the_inventory_writes_it(field, written, kept):
    earlier = table({"workload_id": "chat", "owner": "Cy", "lifecycle": "training"})
    found = of([{"workload_id": "chat", field: written}], stated=earlier)
    assert found.problems == ()
    assert found.rows[field].to_list() == [kept]


@pytest.mark.parametrize(
    ("field", "written", "said"),
    [
        ("lifecycle", "pretraining", "use one of training,"),
        ("training_hours", "many", "write it as 1000 or 0.24"),
        ("training_hours", "-1", "number of 0 or more"),
        ("training_hours", "inf", "number of 0 or more"),
        ("zone", "Frnce", "Did you mean 'FR'?"),
        ("zone", "Atlantis", "Write an id as FR, US-CA or CAMX."),
        ("provider", "amws", "Did you mean 'aws'?"),
        ("region", "eu-west-9", "Did you mean 'eu-west-1'?"),
        ("boundary_decided_on", "31.3.26", "write it as 2026-03-31"),
        ("in_scope", "perhaps", "neither yes nor no"),
        ("ownr", "Ana", "Did you mean 'owner'?"),
        ("requests", "5", "follows from the sources"),
        ("owner", "x" * 2001, "at most 2000"),
    ],
)
def test_a_cell_that_cannot_be_kept_says_what_to_write(field, written, said):
    assert said in wrong(**{field: written})[field]


def test_everything_that_is_wrong_is_said_at_once_and_nothing_of_the_edit_is_lost():
    found = of(
        [
            {"workload_id": "chat", "zone": "X", "lifecycle": "X", "in_scope": False},
            {"workload_id": "ghost", "owner": "Ana"},
        ]
    )
    assert [(p.workload, p.field) for p in found.problems] == [
        ("chat", "zone"),
        ("chat", "lifecycle"),
        ("chat", "boundary_reason"),
        ("ghost", None),
    ]


def test_more_active_parameters_than_there_are_cannot_be():
    # 0.1T = 100e9 active of 46.7B in all.
    assert (
        "more than the 46.7B in total"
        in wrong(parameters="46.7B", active_parameters="0.1T")["active_parameters"]
    )
    assert not wrong(parameters="46 700 000 000", active_parameters="12.9e9")


def test_a_boundary_decision_has_its_reason_and_the_day_on_which_it_was_made():
    assert "without a reason" in wrong(in_scope=False)["boundary_reason"]
    row = cell(in_scope=False, boundary_reason="sold")
    assert (row["in_scope"], row["boundary_decided_on"]) == (False, TODAY)
    dated = cell(in_scope=False, boundary_reason="sold", boundary_decided_on="2026-01-31")
    assert dated["boundary_decided_on"] == "2026-01-31"


def test_the_reason_of_one_decision_does_not_explain_the_next():
    out = {"workload_id": "chat", "in_scope": False, "boundary_reason": "sold"}
    change = {"workload_id": "chat", "in_scope": True}
    found = of([change], inventory=table(out), stated=table(out))
    assert [p.field for p in found.problems] == ["boundary_reason"]
    found = of(
        [change | {"boundary_reason": "bought back"}], inventory=table(out), stated=table(out)
    )
    assert not found.problems
    assert found.rows["boundary_decided_on"].to_list() == [TODAY]


def test_a_decision_that_is_taken_back_leaves_neither_reason_nor_day():
    out = {
        "workload_id": "chat",
        "in_scope": False,
        "boundary_reason": "sold",
        "boundary_decided_on": "2026-01-31",
    }
    found = of([{"workload_id": "chat", "in_scope": None}], inventory=table(out), stated=table(out))
    row = found.rows.row(0, named=True)
    assert (row["in_scope"], row["boundary_reason"], row["boundary_decided_on"]) == (None,) * 3


def test_what_changes_is_told_as_a_reader_of_the_inventory_sees_it():
    stated = table({"workload_id": "chat", "owner": "Bo"})
    inventory = shown({"workload_id": "chat", "owner": "Bo", "model": "m1", "project": "p"})
    found = of(
        [{"workload_id": "chat", "owner": None, "model": "m2", "project": "p"}],
        inventory=inventory,
        stated=stated,
    )
    # The project says what the sources say: it is stated from now on, and nothing is seen to move.
    assert sorted(found.changes.select("field", "before", "after").rows()) == [
        ("model", "m1", "m2"),
        ("owner", "Bo", None),
    ]


def test_an_edit_that_says_what_stands_already_writes_nothing():
    stated = table({"workload_id": "chat", "owner": "Bo"})
    assert of([{"workload_id": "chat", "owner": "Bo"}], stated=stated).rows.is_empty()


@pytest.mark.parametrize("name", ["", "  ", "(unassigned)", "a\u0000b", "x" * 201])
def test_a_new_workload_needs_a_name_of_its_own(name):
    assert len(of([{"workload_id": name}], inventory=shown(), may_add=True).problems) == 1


def test_a_new_workload_is_added_only_where_that_is_meant():
    assert of([{"workload_id": "new"}]).problems
    found = of([{"workload_id": "new", "owner": "Bo"}], may_add=True)
    assert (found.new, found.rows["owner"].to_list()) == (("new",), ["Bo"])
