"""`carbon changed`: steps that add up, a restatement against a copy of the workspace, refusals.

chat    100 kWh x 0.5 = 50 kg in January 2024, 150 kWh x 0.5 = 75 kg in January 2025: +25 kg
"""

import json
import shutil

import pytest
from typer.testing import CliRunner

from carbon.cli import app
from carbon.portfolio import Portfolio

FILE = b"""\
workload,zone,period_start,period_end,energy_kwh,energy_boundary,location_factor_kg_per_kwh,factor_source
chat,DE,2024-01-01,2024-01-31,100,facility,0.5,a.pdf
chat,DE,2025-01-01,2025-01-31,150,facility,0.5,a.pdf
"""

LATE = b"""\
workload,zone,period_start,period_end,energy_kwh,energy_boundary,location_factor_kg_per_kwh,factor_source
late,DE,2024-01-01,2024-01-31,20,facility,0.5,b.pdf
"""


@pytest.fixture
def path(tmp_path):
    Portfolio(tmp_path / "ws").import_files([("years.csv", FILE)], who="ana")
    return tmp_path / "ws"


def ask(path, *options):
    return CliRunner().invoke(app, ["changed", "--workspace", str(path), *options])


def steps(answer):
    assert answer.exit_code == 0, answer.output
    return {row["step"]: row["kg_co2e"] for row in json.loads(answer.stdout)["steps"]}


def test_the_record_chooses_the_periods(path):
    answer = ask(path, "--json", "--by", "workload")
    assert steps(answer) == pytest.approx({"activity": 25.0})
    document = json.loads(answer.stdout)
    assert (document["before_from"], document["after_to"]) == ("2024-01", "2025-01")
    assert document["before"]["low_kg"] < 50.0 < document["before"]["high_kg"]
    assert [row["workload"] for row in document["rows"]] == ["chat"]
    said = ask(path)
    assert "activity" in said.stdout and "25.000" in said.stdout


def test_what_was_taken_in_later_is_a_restatement(path, tmp_path):
    shutil.copytree(path, tmp_path / "published")
    Portfolio(path).import_files([("late.csv", LATE)], who="ana")
    one = ("--before-from", "2024-01", "--before-to", "2024-01")
    other = ("--from", "2025-01", "--to", "2025-01")
    copy = ("--restated-from", str(tmp_path / "published"))
    # Published 50 kg; late's 20 x 0.5 = 10 kg came after; of the restated 60 kg late is gone.
    told = steps(ask(path, *one, *other, *copy, "--json"))
    assert told == pytest.approx({"restated_data": 10.0, "gone": -10.0, "activity": 25.0})
    same = ("--from", "2024-01", "--to", "2024-01")
    assert steps(ask(path, *one, *same, *copy, "--json")) == pytest.approx({"restated_data": 10.0})


def test_a_copy_that_is_none_is_refused(path, tmp_path):
    answer = ask(path, "--restated-from", str(tmp_path / "nowhere"))
    assert answer.exit_code == 1
    assert "holds no workspace" in str(answer.exception)
    assert not (tmp_path / "nowhere").exists()


def test_half_a_choice_is_refused(path):
    assert ask(path, "--before-from", "2024-01").exit_code == 2
    assert ask(path, "--by", "colour").exit_code == 2
