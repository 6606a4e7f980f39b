"""`carbon quarantine` and its subcommands: JSON shapes and exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbon.cli import app
from carbon.portfolio import Portfolio

FILE = b"""\
workload,zone,period_start,period_end,energy_kwh
chat,CAMX,2025-01-01,2025-01-31,10
rag,CAMX,2025-01-01,2025-01-31,2 megawatthours
chat,CAMX,2025-02-01,2025-02-28,-5
"""


@pytest.fixture
def carbon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CARBON_WORKSPACE", str(tmp_path / "ws"))
    Portfolio(tmp_path / "ws").import_files([("june.csv", FILE)])

    def run(*arguments: str, code: int = 0):
        done = CliRunner().invoke(app, ["quarantine", *arguments])
        assert done.exit_code == code, done.output
        return json.loads(done.stdout) if code in (0, 3) else done.stderr

    return run


def test_the_list_is_as_the_contract_states_it(carbon):
    rows = carbon("--json")["rows"]
    assert [set(row) for row in rows] == [{"file", "row", "column", "value", "reason"}] * 2
    assert [row["row"] for row in rows] == [3, 4]


def test_a_column_is_mended_after_a_dry_run(carbon):
    rule = ("fix", "june.csv", "energy_kwh", "--unit", "MWh", "--because", "megawatthours")
    assert carbon(*rule, "--dry-run", "--json")["changes"] == [
        {
            "row": 3,
            "column": "energy_kwh",
            "before": "2 megawatthours",
            "after": "2 MWh",
            "passes": True,
            "why": None,
        }
    ]
    done = carbon(*rule, "--json", code=3)  # row 4 is still set aside
    assert (done["changed"], done["file"]["accepted"], done["file"]["duplicates"]) == (1, 1, 1)
    assert [row["row"] for row in carbon("--json")["rows"]] == [4]


def test_one_cell_is_mended(carbon):
    done = carbon("set", "june.csv", "4", "energy_kwh", "5", "--reason", "sign", "--json", code=3)
    assert (done["changed"], done["file"]["accepted"]) == (1, 1)


def test_a_row_is_discarded_listed_with_all_and_restored(carbon):
    assert carbon("discard", "june.csv", "--rows", "3-4", "--reason", "test", "--json") == {
        "discarded": 2
    }
    assert carbon("--json")["rows"] == []
    assert [row["row"] for row in carbon("--all", "--json")["rows"]] == [3, 4]
    assert carbon("restore", "june.csv", "--rows", "4", "--json") == {"restored": 1}
    assert [row["row"] for row in carbon("--json")["rows"]] == [4]


def test_a_file_is_submitted_again(carbon):
    done = carbon("retry", "june.csv", "--json", code=3)
    assert (done["changed"], done["file"]["quarantined"], done["file"]["duplicates"]) == (0, 2, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fix", "june.csv", "energy_kwh"), "name one of"),
        (("fix", "june.csv", "energy_kwh", "--set", "1", "--because", "?"), "0 kinds"),
        (("retry", "july.csv"), "no row of"),
        (("discard", "june.csv", "--rows", "x", "--reason", "y"), "is a list as"),
        (("--json", "retry", "june.csv"), "write options behind"),
    ],
)
def test_wrong_usage_says_what_would_be_right(carbon, arguments, words):
    assert words in carbon(*arguments, code=2)
