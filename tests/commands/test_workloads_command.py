"""`carbon workloads` and its subcommands: JSON shapes, exit codes, all or nothing."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbon.cli import app
from carbon.portfolio import Portfolio, PortfolioError

FILE = b"""\
workload,provider,region,accelerator,period_start,period_end,energy_kwh,requests
chat,aws,eu-west-1,A100 80GB,2025-01-01,2025-01-31,10,1000
rag,aws,eu-west-1,,2025-01-01,2025-01-31,20,
"""


@pytest.fixture
def carbon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CARBON_WORKSPACE", str(tmp_path / "ws"))
    Portfolio(tmp_path / "ws").import_files([("june.csv", FILE)])

    def run(*arguments: str | Path, code: int = 0):
        done = CliRunner().invoke(app, ["workloads", *map(str, arguments)])
        if code == 1:
            assert isinstance(done.exception, PortfolioError), done.output
            return str(done.exception)
        assert done.exit_code == code, done.output
        return json.loads(done.stdout) if "--json" in arguments else done.stdout

    return run


def test_the_inventory_has_its_volume_its_hardware_and_its_files(carbon):
    chat, rag = carbon("--json")["workloads"]
    assert (chat["workload_id"], chat["requests"], chat["files"]) == ("chat", 1000, "june.csv")
    assert (chat["accelerator_memory_gb"], rag["accelerator_memory_gb"]) == ("80", None)
    assert (chat["zone"], rag["requests"]) == ("IE", None)


def test_several_workloads_are_edited_alike_after_a_dry_run(carbon):
    edit = ("edit", "chat", "rag", "--set", "owner=Ana", "--json")
    tried = carbon(*edit, "--dry-run")["changes"]
    assert [row["workload"] for row in tried] == ["chat", "rag"]
    assert carbon("history", "--json")["history"] == []
    carbon(*edit)
    assert [row["owner"] for row in carbon("--json")["workloads"]] == ["Ana", "Ana"]
    assert carbon(*edit)["changes"] == []


def test_the_history_names_each_field_before_and_after(carbon):
    carbon("edit", "chat", "--set", "owner=Ana")
    carbon("edit", "chat", "--set", "owner=Bo", "--set", "model=m")
    carbon("edit", "chat", "--set", "owner=")
    rows = carbon("history", "--workload", "chat", "--json")["history"]
    assert [(row["field"], row["before"], row["after"]) for row in rows] == [
        ("owner", "Bo", None),
        ("owner", "Ana", "Bo"),
        ("model", None, "m"),
        ("owner", None, "Ana"),
    ]
    assert carbon("history", "--workload", "rag", "--json")["history"] == []


def test_everything_that_is_wrong_with_an_edit_is_said_and_nothing_is_kept(carbon):
    said = carbon(
        "edit", "chat", "--set", "zone=Frnce", "--set", "owner=Bo", "--set", "x=1", code=1
    )
    assert "Did you mean 'FR', " in said
    assert "no column 'x'" in said
    assert carbon("--json")["workloads"][0]["owner"] is None


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_that_comes_back_unchanged_changes_nothing(carbon, tmp_path, kind):
    file = tmp_path / f"inventory.{kind}"
    carbon("edit", "chat", "--set", "training_hours=12.50", "--set", "owner==SUM(A1)")
    carbon("export", file)
    answer = carbon("import", file, "--json")
    assert (answer["rows"], answer["changes"], answer["new"]) == (2, [], [])
    assert len(carbon("history", "--json")["history"]) == 2


def test_a_file_is_taken_whole_or_not_at_all(carbon, tmp_path):
    file = tmp_path / "inventory.csv"
    _write(file, ["workload", "owner", "zone"], ["chat", "Ana", ""], ["rag", "Bo", "Frnce"])
    answer = carbon("import", file, "--dry-run", "--json", code=1)
    assert "Nothing of inventory.csv was taken" in answer
    carbon("import", file, code=1)
    assert carbon("--json")["workloads"][0]["owner"] is None
    _write(file, ["workload", "owner", "zone"], ["chat", "Ana", ""], ["rag", "Bo", "France"])
    assert not carbon("import", file, "--dry-run", "--json")["applied"]
    assert carbon("import", file, "--json")["applied"]
    assert [row["owner"] for row in carbon("--json")["workloads"]] == ["Ana", "Bo"]
    assert carbon("--json")["workloads"][1]["zone"] == "FR"


def test_a_workload_that_nobody_named_is_added_once_that_is_confirmed(carbon, tmp_path):
    file = tmp_path / "inventory.csv"
    _write(file, ["workload", "owner"], ["chat", "Ana"], ["new", "Bo"])
    assert "(--add-new)" in carbon("import", file, code=1)
    assert len(carbon("--json")["workloads"]) == 2
    carbon("import", file, "--add-new")
    assert [row["workload_id"] for row in carbon("--json")["workloads"]] == ["chat", "new", "rag"]


def test_a_workload_is_added_by_hand_and_deleted_while_nothing_refers_to_it(carbon):
    carbon("add", "later", "--set", "lifecycle=training", "--set", "name=Later on")
    assert "already" in carbon("add", "later", code=1)
    row = carbon("--json")["workloads"][1]
    assert (row["workload_id"], row["name"], row["rows"]) == ("later", "Later on", 0)
    carbon("delete", "later")
    assert [row["workload_id"] for row in carbon("--json")["workloads"]] == ["chat", "rag"]
    assert "1 row names it in its files" in carbon("delete", "chat", code=1)
    assert "No workload is called 'later'" in carbon("delete", "later", code=1)
    actions = [row["action"] for row in carbon("history", "--json")["history"]]
    assert (actions[0], actions[-1]) == ("delete", "add")
    # What was stated before does not come back with the name.
    carbon("add", "later")
    assert carbon("--json")["workloads"][1]["lifecycle"] is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("edit", "chat"), 2),
        (("edit", "chat", "--set", "owner"), 2),
        (("export", "inventory.pdf"), 1),
        (("import", "absent.csv"), 1),
    ],
)
def test_wrong_usage_is_said(carbon, arguments, code):
    carbon(*arguments, code=code)


def _write(path, *rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
