"""`carbon rules` and its subcommands: JSON shapes, exit codes, and what a person reads."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbon.cli import app
from carbon.portfolio import Portfolio

FILE = b"""\
workload,zone,period_start,period_end,energy_kwh,energy_boundary
pool,FR,2025-01-01,2025-01-31,80,facility
chat,FR,2025-01-01,2025-01-31,20,facility
"""

RULES = """\
[[rule]]
name = "the shared pool"
takes = "any"
conditions = [{column = "workload", values = ["pool"]}]
shares = [{workload = "vision", share = 0.75}]
"""


@pytest.fixture
def carbon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CARBON_WORKSPACE", str(tmp_path / "ws"))
    Portfolio(tmp_path / "ws").import_files([("june.csv", FILE)])
    (tmp_path / "rules.toml").write_text(RULES)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, code: int = 0):
        done = CliRunner().invoke(app, ["rules", *arguments])
        assert done.exit_code == code, done.output
        if code:
            return done.stderr
        return json.loads(done.stdout) if "--json" in arguments else done.stdout

    return run


def test_rules_are_tried_imported_listed_and_taken_back(carbon, tmp_path):
    for dry in (("try", "rules.toml"), ("import", "rules.toml", "--dry-run")):
        tried = carbon(*dry, "--json")
        # 75 % of 80 kWh go to vision, 25 % stay the pool's.
        moved = {row["workload"]: (row["kwh_before"], row["kwh_after"])
                 for row in tried["workloads"]}  # fmt: skip
        assert moved == {"pool": (80, pytest.approx(20)), "vision": (None, pytest.approx(60))}
    assert carbon("list", "--json")["rules"] == []

    (rule,) = carbon("import", "rules.toml", "--json")["rules"]
    listed = carbon("list", "--json")
    assert listed["rules"][0]["rule_id"] == rule["rule_id"]
    assert (listed["rules"][0]["state"], listed["rules"][0]["rows_won"]) == ("wins", 1)
    assert listed["rules"][0]["kwh_won"] == pytest.approx(60)
    assert listed["unclaimed"]["rows_after"] == 0
    assert listed["conflicts"] == []
    assert "All rows where workload is pool: 75 % to vision" in " ".join(carbon("list").split())

    assert carbon("export", "out.toml", "--json") == {"path": "out.toml", "rules": 1}
    assert (tmp_path / "out.toml").read_text() == carbon("export", "-")
    assert carbon("try", "out.toml", "--json")["workloads"] == []

    assert carbon("delete", rule["rule_id"], "--json") == {"deleted": rule["rule_id"]}
    assert [row["what"] for row in carbon("history", "--json")["history"]] == ["deleted", "added"]


def test_a_file_that_cannot_be_read_is_said_in_one_line(carbon):
    assert "nowhere.toml cannot be read" in carbon("try", "nowhere.toml", code=1)
