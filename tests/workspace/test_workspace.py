"""What the workspace promises: nothing half-counted, nothing lost, nothing altered unseen."""

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from workspace_import import take_file
from workspace_rows import activity, factor, import_row, quarantine, reported

from carbon.workspace import Workspace, WorkspaceError

HERE = Path(__file__).parent
WRITES_OF_AN_IMPORT = 6
"""evidence, activity, quarantine, the evidence table, imports, the event."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def importing(workspace: Workspace, kill_at: int, *files: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "workspace_import.py", str(workspace.path), str(kill_at)]
    return subprocess.Popen([*command, *map(str, files)], cwd=HERE, env={**os.environ})


def test_a_new_workspace_is_empty_in_every_table(workspace: Workspace) -> None:
    assert workspace.is_empty
    assert workspace.ledger.current_activity().is_empty()
    assert workspace.ledger.current_reported().is_empty()
    assert workspace.ledger.current_quarantine().is_empty()
    assert workspace.ledger.current_factors().is_empty()
    assert workspace.ledger.current_instruments().is_empty()
    assert workspace.ledger.workloads().is_empty()
    assert workspace.verify() == {"evidence": 0, "events": 0, "ok": True, "problems": []}


def test_rows_come_back_as_they_went_in(workspace: Workspace) -> None:
    rows = activity({"row_number": 2, "account": "001", "workload": "学習", "quantity": 0.1 + 0.2})
    workspace.ledger.commit(import_row("a", 1), {"activity": rows})
    back = workspace.ledger.read("activity")
    assert back.drop("import_id").equals(rows.drop("import_id"))
    assert back.schema == rows.schema


def test_the_row_of_imports_counts_and_names_the_period(workspace: Workspace) -> None:
    workspace.ledger.commit(
        import_row("a", 4, bytes=120, reader_version="1"),
        {
            "activity": activity(
                {"row_number": 2, "quantity_kind": "requests"},
                {"row_number": 2, "quantity_kind": "input_tokens"},
                {"row_number": 3},
            ),
            "quarantine": quarantine({"row_number": 4}, {"row_number": 5}),
        },
    )
    row = workspace.ledger.read("imports").row(0, named=True)
    assert (row["rows"], row["accepted"], row["quarantined"], row["duplicates"]) == (4, 2, 2, 0)
    assert f"{row['period_start']:%Y-%m-%d} {row['period_end']:%Y-%m-%d}" == "2026-06-01 2026-07-01"
    file = workspace.ledger.read("evidence").row(0, named=True)
    assert (file["name"], file["bytes"], file["received_by"]) == ("a.csv", 120, "ana")


def test_a_description_of_the_file_is_kept_once(workspace: Workspace) -> None:
    stated = pl.DataFrame(
        {"evidence_id": ["a"], "name": ["June.csv"], "bytes": [7], "received_by": ["bo"]}
    )
    rows = {"activity": activity({}), "evidence": stated}
    workspace.ledger.commit(import_row("a", 1), rows)
    later = {"activity": activity({"row_number": 3}), "evidence": stated}
    workspace.ledger.commit(import_row("a", 2), later)
    kept = workspace.ledger.read("evidence").select("name", "bytes", "received_by").rows()
    assert kept == [("June.csv", 7, "bo")]
    assert workspace.ledger.read("imports").height == 2


def test_a_file_without_rows_for_a_table_is_taken(workspace: Workspace) -> None:
    frames = {"activity": activity({}).clear(), "reported": reported({})}
    assert workspace.commit_import(import_row("a", 1), frames).changed
    assert workspace.ledger.current_reported().height == 1
    assert workspace.ledger.current_activity().is_empty()


def test_the_same_file_twice_changes_nothing(workspace: Workspace) -> None:
    take_file(workspace, 1)
    before, events = workspace.version, workspace.events.count()
    heights = {t: workspace.ledger.read(t).height for t in ("activity", "quarantine", "imports")}
    take_file(workspace, 1)
    assert heights == {"activity": 3, "quarantine": 1, "imports": 1}
    assert {t: workspace.ledger.read(t).height for t in heights} == heights
    assert (workspace.version, workspace.events.count()) == (before, events)


def test_a_row_set_aside_is_taken_later_and_the_others_are_duplicates(workspace: Workspace) -> None:
    good, late = {"row_number": 2, "quantity": 1.0}, {"row_number": 3, "quantity": 5.0}
    workspace.ledger.commit(
        import_row("a", 2),
        {"activity": activity(good), "quarantine": quarantine({"row_number": 3})},
    )
    again = workspace.ledger.commit(import_row("a", 2), {"activity": activity(good, late)})
    assert again.changed
    counts = [again.row[name] for name in ("accepted", "quarantined", "duplicates")]
    assert counts == [1, 0, 1]
    assert workspace.ledger.current_activity()["quantity"].to_list() == [1.0, 5.0]
    assert workspace.ledger.current_quarantine().is_empty()
    assert workspace.ledger.accepted_rows("a") == {2, 3}


def test_rows_without_their_import_do_not_count(workspace: Workspace) -> None:
    workspace.ledger.append("activity", activity({}), "cut-off")
    workspace.ledger.append("factor", factor({}), "cut-off")
    workspace.ledger.append("reported", reported({}), "cut-off")
    for table in ("activity", "factor", "reported"):
        assert workspace.ledger.read(table).is_empty()
    assert workspace.ledger.accepted_rows("a") == set()


@pytest.mark.parametrize("kill_at", range(1, WRITES_OF_AN_IMPORT + 1))
def test_a_kill_before_any_write_loses_nothing_and_counts_nothing_half(
    workspace: Workspace, kill_at: int
) -> None:
    take_file(workspace, 1)
    killed = importing(workspace, kill_at, 2)
    assert killed.wait(60) == -signal.SIGKILL
    committed = kill_at == WRITES_OF_AN_IMPORT
    assert workspace.ledger.read("activity").height == (6 if committed else 3)
    assert workspace.ledger.read("imports").height == (2 if committed else 1)

    assert importing(workspace, 0, 2).wait(60) == 0
    assert workspace.ledger.current_activity().height == 6
    assert workspace.ledger.current_quarantine().height == 2
    assert workspace.ledger.read("evidence").height == 2
    assert workspace.verify() == {"evidence": 2, "events": 2, "ok": True, "problems": []}


@pytest.mark.parametrize("healed_by", ["verify", "the next import"])
def test_an_import_cut_off_before_its_event_is_logged_later_and_marked(
    workspace: Workspace, healed_by: str
) -> None:
    importing(workspace, WRITES_OF_AN_IMPORT, 2).wait(60)
    assert workspace.events.count() == 0
    workspace.verify() if healed_by == "verify" else take_file(workspace, 3)
    after = json.loads(workspace.events.all()["after"][0])
    assert (after["accepted"], after["quarantined"], after["recovered"]) == (3, 1, True)
    assert workspace.verify()["ok"]


def test_two_processes_at_once_lose_nothing_and_double_nothing(workspace: Workspace) -> None:
    one = importing(workspace, 0, 1, 2, 3, 4, 5)
    two = importing(workspace, 0, 4, 5, 3, 6, 7)
    assert (one.wait(120), two.wait(120)) == (0, 0)
    imports = workspace.ledger.read("imports")
    assert imports["sequence"].to_list() == [1, 2, 3, 4, 5, 6, 7]
    assert imports["evidence_id"].n_unique() == 7
    assert workspace.ledger.read("activity").height == 7 * 3
    assert workspace.verify() == {"evidence": 7, "events": 7, "ok": True, "problems": []}


def test_the_version_changes_with_imports_statements_settings_and_policy(
    workspace: Workspace,
) -> None:
    seen = [workspace.version]
    take_file(workspace, 1)
    seen.append(workspace.version)
    workspace.ledger.edit_workloads(pl.DataFrame({"workload_id": ["chat"], "owner": ["Ana"]}))
    seen.append(workspace.version)
    workspace.settings.set("mapping", {"a": 1})
    seen.append(workspace.version)
    workspace.save_policy("[energy]\ndefault_pue = 1.2\n", "ana")
    seen.append(workspace.version)
    assert len(set(seen)) == 5
    assert workspace.version == seen[-1] == Workspace(workspace.path).version


def test_the_latest_statement_on_a_workload_wins(workspace: Workspace) -> None:
    save = workspace.ledger.edit_workloads
    save(pl.DataFrame({"workload_id": ["chat", "rag"], "owner": ["Ana", "Bo"]}))
    save(pl.DataFrame({"workload_id": ["chat"], "owner": ["Cy"], "in_scope": [False]}))
    stated = workspace.ledger.workloads().select("workload_id", "owner", "in_scope")
    assert stated.rows() == [("chat", "Cy", False), ("rag", "Bo", None)]


def test_a_column_added_later_reads_as_null_in_older_rows(workspace: Workspace) -> None:
    older = activity({}).drop("note", "tier").with_columns(import_id=pl.lit("i"))
    older.write_delta(workspace.path / "ledger" / "activity")
    workspace.ledger.commit(
        import_row("b", 1), {"activity": activity({"evidence_id": "b", "note": "new"})}
    )
    workspace.ledger.append("imports", pl.DataFrame({"import_id": ["i"], "evidence_id": ["a"]}))
    assert sorted(workspace.ledger.read("activity")["note"], key=str) == [None, "new"]


def test_many_small_commits_are_merged_and_nothing_is_lost(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carbon.workspace.ledger.COMPACT_AT_FILES", 4)
    for number in range(6):
        take_file(workspace, number)
    history = list((workspace.path / "ledger" / "activity" / "_delta_log").glob("*.json"))
    assert len(history) == 7  # six appends and one compaction
    assert workspace.ledger.read("activity").height == 6 * 3


def test_settings_hold_any_json_and_default_where_never_set(workspace: Workspace) -> None:
    workspace.settings.set("columns", {"kWh": ["energy", None]})
    workspace.settings.set("nothing", None)
    assert Workspace(workspace.path).settings.get("columns") == {"kWh": ["energy", None]}
    assert workspace.settings.get("nothing", "default") is None
    assert workspace.settings.get("never", "default") == "default"
    assert workspace.settings.all() == {"columns": {"kWh": ["energy", None]}, "nothing": None}


def test_the_policy_is_logged_before_and_after(workspace: Workspace) -> None:
    workspace.save_policy("a = 1\n", "ana")
    workspace.save_policy("a = 2\n", "bo")
    workspace.save_policy("a = 2\n", "bo")
    log = workspace.events.all().select("who", "action", "before", "after").rows()
    assert log == [
        ("ana", "policy", None, '"a = 1\\n"'),
        ("bo", "policy", '"a = 1\\n"', '"a = 2\\n"'),
    ]
    assert workspace.policy_text() == "a = 2\n"


def test_an_altered_evidence_byte_is_named(workspace: Workspace) -> None:
    take_file(workspace, 1)
    evidence_id = workspace.ledger.read("imports")["evidence_id"][0]
    file = workspace.evidence.path(evidence_id)
    file.chmod(0o644)
    file.write_bytes(b"file 2")
    verdict = workspace.verify()
    assert not verdict["ok"]
    assert len(verdict["problems"]) == 1
    assert evidence_id in verdict["problems"][0]
    with pytest.raises(WorkspaceError, match=evidence_id):
        workspace.evidence.get(evidence_id)


def test_missing_evidence_is_named_with_its_file_name(workspace: Workspace) -> None:
    take_file(workspace, 1)
    evidence_id = workspace.ledger.read("imports")["evidence_id"][0]
    workspace.evidence.path(evidence_id).unlink()
    assert [f"({evidence_id[:6]}.csv)" in p for p in workspace.verify()["problems"]] == [True]


def test_a_stray_file_among_the_evidence_is_named(workspace: Workspace) -> None:
    workspace.evidence.put(b"x")
    (workspace.path / "evidence" / "zz").mkdir()
    (workspace.path / "evidence" / "zz" / "zz12").write_bytes(b"stray")
    assert ["zz12" in problem for problem in workspace.verify()["problems"]] == [True]


def test_a_ledger_that_lost_an_import_is_named(workspace: Workspace) -> None:
    take_file(workspace, 1)
    for file in (workspace.path / "ledger" / "imports" / "_delta_log").iterdir():
        file.unlink()
    assert ["Event 1 records" in p for p in workspace.verify()["problems"]] == [True]


@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        ("DELETE FROM events WHERE sequence = 2", "Event 2 is missing"),
        ("DELETE FROM events WHERE sequence = 1", "Event 1 is missing"),
        ("DELETE FROM events WHERE sequence = 3", "should end at event 3"),
        ("DELETE FROM events", "should end at event 3"),
        ("DELETE FROM head", "should end at event 0"),
        ("UPDATE events SET who = 'eve' WHERE sequence = 2", "Event 2 (edit of y) was altered"),
        ("UPDATE events SET after = NULL WHERE sequence = 3", "Event 3 (edit of z) was altered"),
        ("UPDATE events SET at = '2026-01-01' WHERE sequence = 1", "Event 1 (edit of x)"),
    ],
)
def test_tampering_with_the_log_is_named(workspace: Workspace, tampering: str, named: str) -> None:
    for name in "xyz":
        workspace.events.append("ana", "edit", name, None, {"owner": "Ana"})
    assert workspace.events.verify() == []
    with sqlite3.connect(workspace.path / "journal.db") as connection:
        connection.execute(tampering)
    problems = workspace.events.verify()
    assert len(problems) == 1
    assert named in problems[0]


def test_a_forged_event_with_a_right_hash_breaks_the_link_after_it(workspace: Workspace) -> None:
    other = Workspace(workspace.path.parent / "other")
    for place, who in ((workspace, "ana"), (other, "eve")):
        for name in "xyz":
            place.events.append(who, "edit", name)
    forged = other.events.all().filter(pl.col("sequence") == 2).row(0, named=True)
    with sqlite3.connect(workspace.path / "journal.db") as mine:
        mine.execute(
            "UPDATE events SET who = 'eve', at = ?, previous_hash = ?, hash = ? WHERE sequence = 2",
            (
                sqlite3.connect(other.path / "journal.db")
                .execute("SELECT at FROM events WHERE sequence = 2")
                .fetchone()[0],
                forged["previous_hash"],
                forged["hash"],
            ),
        )
    assert workspace.events.verify()[0].startswith("Event 2 does not follow event 1")


def test_the_chain_is_sha256_over_canonical_json(workspace: Workspace) -> None:
    """Recomputed here from the documented form, with nothing of the code but its rows."""
    workspace.events.append("ana", "edit", "é", {"b": 1, "a": 2})
    with sqlite3.connect(workspace.path / "journal.db") as connection:
        at, digest = connection.execute("SELECT at, hash FROM events").fetchone()
    text = (
        '{"action":"edit","after":null,"at":"' + at + '",'
        '"before":"{\\"a\\":2,\\"b\\":1}","object":"\\u00e9",'
        '"previous_hash":"' + "0" * 64 + '","sequence":1,"who":"ana"}'
    )
    assert hashlib.sha256(text.encode()).hexdigest() == digest


def test_evidence_is_named_by_its_bytes_and_written_once(workspace: Workspace) -> None:
    # sha256 of "abc", FIPS 180-2, appendix B.1.
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert workspace.evidence.put(b"abc") == digest
    stamp = workspace.evidence.path(digest).stat().st_mtime_ns
    assert workspace.evidence.put(b"abc") == digest
    assert workspace.evidence.path(digest) == workspace.path / "evidence" / "ba" / digest
    assert workspace.evidence.path(digest).stat().st_mtime_ns == stamp
    assert workspace.evidence.get(digest) == b"abc"
    assert workspace.evidence.ids() == [digest]


def test_a_place_that_cannot_be_a_workspace_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("x")
    with pytest.raises(WorkspaceError, match=r"notes\.txt is a file; a workspace is a directory"):
        Workspace(file)
    with pytest.raises(WorkspaceError, match="cannot be created"):
        Workspace(file / "below")


def test_a_lock_that_is_held_too_long_is_reported(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carbon.workspace.ledger.LOCK_WAIT_S", 0.1)
    other = Workspace(workspace.path)
    with (
        workspace.ledger.lock(),
        pytest.raises(WorkspaceError, match="Another import is writing"),
        other.ledger.lock(),
    ):
        pass


def test_the_lock_may_be_nested(workspace: Workspace) -> None:
    with workspace.ledger.lock():
        take_file(workspace, 1)
    take_file(Workspace(workspace.path), 2)
    assert workspace.ledger.read("imports").height == 2
