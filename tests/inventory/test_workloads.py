"""The inventory: sources, overlaid with the analyst's word."""

import datetime as dt

import polars as pl
import pytest

from carbon.inventory.workloads import inventory
from carbon.policy import Policy
from carbon.schema import Activity, Workload


def activity(*rows):
    empty = Activity.create_empty()
    blank = dict.fromkeys(empty.columns)
    fixed = {
        "evidence_id": "e" * 64,
        "format": "activity-template",
        "key": "k",
        "superseded_in_file": False,
        "quantity_kind": "energy_it_kwh",
        "quantity": 1.0,
    }
    numbered = [{**blank, **fixed, "row_number": n, **row} for n, row in enumerate(rows, 2)]
    return Activity.validate(pl.DataFrame(numbered, schema=empty.schema))


def period(month: int):
    return {
        "period_start": dt.datetime(2024, month, 1, tzinfo=dt.UTC),
        "period_end": dt.datetime(2024, month + 1, 1, tzinfo=dt.UTC),
    }


def overlay(*rows):
    empty = Workload.create_empty()
    return pl.DataFrame([{**dict.fromkeys(empty.columns), **r} for r in rows], schema=empty.schema)


def only(frame):
    assert frame.height == 1
    return frame.row(0, named=True)


def test_the_latest_statement_of_any_source_holds():
    rows = activity(
        {"workload": "w", "model": "new", **period(3)},
        {"workload": "w", "model": "old", "owner": "Ana", **period(1)},
        {"workload": "w", **period(4)},
    )
    row = only(inventory(rows, overlay(), Policy()))
    assert (row["model"], row["owner"]) == ("new", "Ana")
    assert (row["first_month"], row["last_month"], row["rows"]) == ("2024-01", "2024-04", 3)
    assert row["formats"] == "activity-template"


def test_the_analysts_word_outranks_the_sources_and_gaps_leave_them():
    rows = activity({"workload": "w", "model": "a", "owner": "Ana", **period(1)})
    row = only(inventory(rows, overlay({"workload_id": "w", "model": "b"}), Policy()))
    assert (row["model"], row["owner"], row["name"]) == ("b", "Ana", "w")


def test_a_workload_that_only_the_analyst_knows_is_listed():
    row = only(inventory(activity(), overlay({"workload_id": "x", "name": "Chat"}), Policy()))
    assert (row["name"], row["rows"], row["first_month"]) == ("Chat", 0, None)


def test_activity_that_nobody_claims_is_listed_as_unassigned():
    row = only(inventory(activity(period(1)), overlay(), Policy()))
    assert row["workload_id"] == "(unassigned)"


@pytest.mark.parametrize("default", [True, False])
def test_boundary_takes_the_policys_default_until_somebody_decides(default):
    policy = Policy.from_toml(f"[boundary]\nin_scope_by_default = {str(default).lower()}")
    rows = activity({"workload": "a", **period(1)}, {"workload": "b", **period(1)})
    decided = overlay({"workload_id": "b", "in_scope": not default, "boundary_reason": "sold"})
    table = inventory(rows, decided, policy)
    assert table["in_scope"].to_list() == [default, not default]


def test_completeness_is_the_share_of_what_a_reader_asks_first():
    # Seven: model, lifecycle, accelerator, place, project, business unit, owner.
    rows = activity(
        {"workload": "w", "model": "a", "lifecycle": "training", "region": "x", **period(1)}
    )
    assert only(inventory(rows, overlay(), Policy()))["completeness"] == pytest.approx(3 / 7)


@pytest.mark.parametrize(
    ("stated", "missing"),
    [
        # Of the seven: five of them are there, so the other two are named.
        (
            {
                "model": "a",
                "lifecycle": "training",
                "site": "hall",
                "accelerator": "H100",
                "project": "p",
            },
            "business unit, owner",
        ),
        ({"lifecycle": "training", "region": "x"}, "all but lifecycle, place"),
        ({}, "everything"),
    ],
)
def test_what_completeness_lacks_is_said_the_short_way_round(stated, missing):
    rows = activity({"workload": "w", **stated, **period(1)})
    assert only(inventory(rows, overlay(), Policy()))["missing"] == missing


def test_rows_of_a_file_are_counted_once_however_many_quantities_they_state():
    rows = activity(
        {"workload": "w", **period(1)},
        {"workload": "w", "row_number": 2, "quantity_kind": "requests", **period(1)},
    )
    assert only(inventory(rows, overlay(), Policy()))["rows"] == 1


def test_counts_read_as_a_person_writes_them():
    rows = activity(
        {"workload": "a", "accelerator_count": 8.0, **period(1)},
        {"workload": "b", "accelerator_count": 0.5, **period(1)},
    )
    assert inventory(rows, overlay(), Policy())["accelerator_count"].to_list() == ["8", "0.5"]
