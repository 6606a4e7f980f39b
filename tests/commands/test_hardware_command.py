"""`carbon hardware`: what was booked and what was charged in a year."""

import json

import pytest
from typer.testing import CliRunner

from carbon.cli import app
from carbon.portfolio import Portfolio

BOUGHT = b"""\
asset_id,item,kind,count,purchased_on,site,lifetime_years,kg_co2e_each,document
LOT,Node,server,2,2024-01-01,Lyon,4,1461,pcf.pdf
"""


def run(tmp_path, *options):
    return CliRunner().invoke(app, ["hardware", *options, "--workspace", str(tmp_path / "ws")])


def test_a_year_is_booked_and_borne(tmp_path):
    Portfolio(tmp_path / "ws").import_files([("assets.csv", BOUGHT)], who="ana")
    told = json.loads(run(tmp_path, "--year", "2025", "--json").stdout)
    steps = {row["step"]: row["kg"] for row in told["reconciliation"]}
    # 2 x 1,461 kg over 1,461 days: 2025 has 365 of them, 730 kg; nothing was bought or charged.
    assert steps["booked"] == 0
    assert steps["earlier"] == pytest.approx(730.0)
    assert steps["charged"] is None
    assert told["assets"][0]["central_kg"] == pytest.approx(2922.0)


def test_the_latest_year_is_told_in_words(tmp_path):
    Portfolio(tmp_path / "ws").import_files([("assets.csv", BOUGHT)], who="ana")
    result = run(tmp_path)
    assert result.exit_code == 0
    assert "Embodied carbon of hardware in 2024" in result.stdout
    assert "LOT" in result.stdout


def test_an_empty_workspace_says_what_to_do(tmp_path):
    assert "import a hardware template" in run(tmp_path).stdout
    assert json.loads(run(tmp_path, "--json").stdout)["assets"] == []
