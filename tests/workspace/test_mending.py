"""Decisions on rows that were set aside: the last one counts, each is in the log, none is lost."""

import json
from pathlib import Path

import polars as pl
import pytest

from carbon.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def cell(row: int, column: str | None, before: str | None, after: str | None) -> pl.DataFrame:
    return pl.DataFrame(
        [(row, column, before, after)],
        schema={
            "row_number": pl.Int64,
            "column": pl.String,
            "before": pl.String,
            "after": pl.String,
        },
        orient="row",
    )


def mend(workspace: Workspace, evidence_id: str, *cells: pl.DataFrame) -> None:
    workspace.mending.correct(evidence_id, "f.csv", pl.concat(cells), reason="typo", who="ana")


def test_the_last_correction_of_a_cell_counts(workspace: Workspace) -> None:
    mend(workspace, "a", cell(3, "kwh", "x", "1"), cell(4, "kwh", None, "2"))
    mend(workspace, "a", cell(3, "kwh", "x", "5"))
    mend(workspace, "b", cell(3, "kwh", "y", "7"))
    counts = workspace.mending.corrections("a").select("row_number", "column", "before", "after")
    assert counts.rows() == [(3, "kwh", "x", "5"), (4, "kwh", None, "2")]
    assert workspace.mending.corrections().height == 3
    # Nothing is overwritten: what was said first can still be read.
    assert workspace.ledger.read("correction").sort("sequence")["after"].to_list() == [
        "1",
        "2",
        "5",
        "7",
    ]
    assert workspace.ledger.read("correction")["sequence"].sort().to_list() == [1, 2, 3, 4]


def test_a_retyped_line_is_a_cell_of_its_own(workspace: Workspace) -> None:
    mend(workspace, "a", cell(3, None, "b,1,234", "b,1.234"), cell(3, "kwh", "x", "1"))
    mend(workspace, "a", cell(3, None, "b,1,234", "b,1234"))
    counts = workspace.mending.corrections("a").select("column", "after")
    assert counts.rows() == [("kwh", "1"), (None, "b,1234")]


def test_a_row_is_discarded_and_restored(workspace: Workspace) -> None:
    decide = workspace.mending
    decide.discard("a", "f.csv", [5, 3, 3], reason="a test run", who="ana")
    decide.restore("a", "f.csv", [5], reason="", who="bo")
    left = decide.discarded("a")
    assert left.select("row_number", "reason", "who").rows() == [(3, "a test run", "ana")]
    assert decide.discarded("b").is_empty()
    decide.discard("a", "f.csv", [5], reason="after all", who="bo")
    assert decide.discarded()["row_number"].to_list() == [3, 5]


def test_every_decision_is_an_event_with_what_was_before(workspace: Workspace) -> None:
    mend(workspace, "a", cell(3, "kwh", "x", "1"))
    mend(workspace, "a", cell(3, "kwh", "x", "5"))
    workspace.mending.discard("a", "f.csv", [3], reason="a test run", who="bo")
    log = workspace.events.all()
    assert log.select("who", "action", "object").rows() == [
        ("ana", "correct", "f.csv"),
        ("ana", "correct", "f.csv"),
        ("bo", "discard", "f.csv"),
    ]
    second = (json.loads(log["before"][1]), json.loads(log["after"][1]))
    assert [state["cells"][0]["value"] for state in second] == ["1", "5"]
    assert second[1]["reason"] == "typo"
    assert json.loads(log["after"][2]) == {
        "evidence_id": "a",
        "rows": [3],
        "discarded": True,
        "reason": "a test run",
    }
    assert workspace.verify()["ok"]


def test_a_decision_changes_the_version(workspace: Workspace) -> None:
    seen = {workspace.version}
    mend(workspace, "a", cell(3, "kwh", "x", "1"))
    seen.add(workspace.version)
    workspace.mending.discard("a", "f.csv", [3], reason="a test run", who="bo")
    seen.add(workspace.version)
    assert len(seen) == 3
