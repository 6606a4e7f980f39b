"""`carbon whatif`: the document that scripts rely on, by hand, and what it says of a bad file.

chat: 1 000 kWh of IT energy in January 2025, PUE 1.2, in France with a factor of its own.
A quarter goes to aws:eu-north-1.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbon.analysis.whatif.scenario import (
    Changes,
    Constraints,
    Hardware,
    Marginal,
    Move,
    Procurement,
    Scenario,
    TimeShift,
)
from carbon.cli import app
from carbon.portfolio import Portfolio

PAGE = Path(__file__).parents[2] / "docs" / "what-if.md"

ACTIVITY = b"""\
workload,site,zone,period_start,period_end,energy_kwh,energy_boundary,pue,location_factor_kg_per_kwh,factor_source
chat,Lyon,FR,2025-01-01,2025-01-31,1000,it,1.2,0.05,meter.pdf
"""

MEASURES = {
    *("energy_it_kwh", "energy_facility_kwh", "location_kg_co2e", "market_kg_co2e"),
    *("embodied_kg_co2e", "water_l", "location_low_kg", "location_high_kg"),
    *("market_low_kg", "market_high_kg", "location_coverage", "market_coverage", "tier"),
}

MOVE = """\
[[moves]]
workload = "chat"
share = 0.25
to_zone = "SE"
pue = 1.1
"""


@pytest.fixture
def workspace(tmp_path):
    path = tmp_path / "ws"
    Portfolio(path).import_files([("a.csv", ACTIVITY)], who="ana")
    return path


@pytest.fixture
def whatif(workspace, tmp_path):
    def run(text, *options):
        file = tmp_path / "scenario.toml"
        file.write_text(text, "utf-8")
        return CliRunner().invoke(
            app, ["whatif", str(file), "--workspace", str(workspace), *options]
        )

    return run


@pytest.fixture
def refused(whatif):
    """What is said of a file that is not taken."""

    def run(text):
        done = whatif(text, "--json")
        assert done.exit_code == 1
        assert done.stdout == ""
        return done.stderr if done.stderr else str(done.exception)

    return run


def test_the_document_holds_the_contract_s_keys_and_the_move_by_hand(whatif, workspace):
    done = whatif(MOVE, "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert set(document["baseline"]) == set(document["scenario"]) == MEASURES
    assert document["violations"] == []
    (move,) = document["moves"]
    assert (move["workload"], move["to"], move["energy_kwh"]) == ("chat", "zone:SE", 250.0)
    assert document["baseline"]["energy_facility_kwh"] == pytest.approx(1000 * 1.2)
    assert document["baseline"]["location_kg_co2e"] == pytest.approx(1000 * 1.2 * 0.05)
    facility = 750 * 1.2 + 250 * 1.1
    assert document["scenario"]["energy_facility_kwh"] == pytest.approx(facility)
    sweden = Portfolio(workspace).resolve_factor("SE", 2025, "location", 1)["kg_co2e_per_kwh"]
    kg = 750 * 1.2 * 0.05 + 250 * 1.1 * sweden
    assert document["scenario"]["location_kg_co2e"] == pytest.approx(kg)


def test_nothing_moved_is_the_footprint_to_the_last_digit(whatif, workspace):
    document = json.loads(whatif("", "--json").stdout)
    footprint = CliRunner().invoke(app, ["footprint", "--workspace", str(workspace), "--json"])
    totals = json.loads(footprint.stdout)["totals"]
    assert document["scenario"] == document["baseline"]
    assert document["baseline"] == {name: totals[name] for name in MEASURES}


def test_a_limit_that_is_broken_is_listed_and_no_failure(whatif):
    done = whatif(MOVE + '[constraints]\nresidency = { chat = ["FR"] }\n', "--json")
    assert done.exit_code == 0
    (violation,) = json.loads(done.stdout)["violations"]
    assert (violation["constraint"], violation["where"]) == ("residency", "zone:SE")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "x\n', "not valid TOML"),
        (MOVE.replace("0.25", "1.5"), r"line 3, moves\[1\].share: it has to be at most 1"),
        (MOVE.replace("chat", "chatt"), "'chatt' is not known.*did you mean chat"),
        (MOVE.replace('"SE"', '"SEE"'), "'zone:SEE' is not known"),
        (MOVE.replace("share", "shre"), r"line 3, moves\[1\].shre.*did you mean share"),
        (MOVE + 'to_site = "Lyon"\n', r"moves\[1\]: a move goes to one place"),
        ('from = "2019-01"\nto = "2019-12"\n', "no activity from 2019-01 to 2019-12.*2025-01"),
        ('from = "2025-03"\nto = "2025-01"\n', "from 2025-03 is after to 2025-01; swap them"),
        ('from = "2025-13"\n', "line 1, from: it has to be a month"),
        ("[changes]\ngrowth = -1\n", "line 2, changes.growth: it has to be more than 0"),
    ],
    ids=[
        *("toml", "share", "workload", "place", "entry", "targets", "no-months", "swapped"),
        *("month", "negative"),
    ],
)
def test_a_bad_file_is_refused_in_words(text, said, refused):
    assert re.search(said, " ".join(refused(text).split()))


def test_all_faults_are_told_at_once(refused):
    said = refused(MOVE.replace("0.25", "2") + "[changes]\npue = 0.5\nspeed = 3\n")
    assert all(name in said for name in ("moves[1].share", "changes.pue", "changes.speed"))


def test_moves_in_a_circle_end_where_the_last_one_says(whatif):
    circle = MOVE.replace("0.25", "1") + '[[moves]]\nfrom_zone = "SE"\nto_zone = "DE"\n'
    back = '[[moves]]\nfrom_zone = "DE"\nto_zone = "SE"\npue = 1.1\n'
    document = json.loads(whatif(circle + back, "--json").stdout)
    assert document["scenario"]["energy_facility_kwh"] == pytest.approx(1000 * 1.1)
    assert [move["energy_kwh"] for move in document["moves"]] == [1000.0] * 3
    assert any("2, 3 also took load" in note for note in document["notes"])


def test_two_runs_of_a_job_print_the_same_bytes_and_a_missing_file_is_told(workspace, tmp_path):
    file = tmp_path / "job.toml"
    file.write_text(MOVE + '[constraints]\nallowed_regions = ["zone:FR"]\n', "utf-8")
    carbon = str(Path(sys.executable).with_name("carbon"))

    def job(name, seed):
        return subprocess.run(
            [carbon, "whatif", name, "--json"],
            capture_output=True,
            check=False,
            env={**os.environ, "CARBON_WORKSPACE": str(workspace), "PYTHONHASHSEED": seed},
        )

    one, other = job(file, "1"), job(file, "2")
    assert one.returncode == 0
    assert one.stdout == other.stdout
    missing = job(tmp_path / "none.toml", "1")
    assert (missing.returncode, missing.stdout) == (1, b"")
    assert b"none.toml cannot be read: No such file" in missing.stderr


def test_a_kept_scenario_runs_by_name_and_stands_in_the_report(whatif, workspace, tmp_path):
    assert whatif('name = "North"\n' + MOVE, "--save").exit_code == 0
    common = ["--workspace", str(workspace), "--json"]
    by_name = CliRunner().invoke(app, ["whatif", "--name", "North", *common])
    assert json.loads(by_name.stdout)["moves"][0]["energy_kwh"] == 250.0
    written = tmp_path / "r.json"
    done = CliRunner().invoke(
        app, ["report", "--data", str(written), "--scenario", "North", *common]
    )
    assert done.exit_code == 0, done.output
    (listed,) = json.loads(written.read_text("utf-8"))["scenarios"]
    assert (listed["name"], listed["words"]) == ("North", ["25 % of chat to zone:SE, PUE 1.1."])


def test_the_page_names_every_entry_and_its_example_runs(whatif):
    page = PAGE.read_text("utf-8")
    parts = (Scenario, Move, Changes, Hardware, TimeShift, Procurement, Constraints, Marginal)
    named = {field.alias or name for part in parts for name, field in part.model_fields.items()} - {
        "moves",
        "changes",
        "constraints",
        "prices",
        "marginal",
    }
    assert {name for name in named if f"`{name}`" not in page.replace("[[", "[")} <= {
        *("hardware", "time_shift", "procurement"),
    }
    (example,) = re.findall(r"```toml north.toml\n(.*?)```", page, re.DOTALL)
    done = whatif(example, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["moves"][0]["to"] == "aws:eu-north-1"
