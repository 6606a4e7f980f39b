"""`carbon targets` and `carbon measures`: figures by hand, what is refused, the same bytes twice.

2024: 12 x 1000 kWh x 0.5 = 6000 kg, the base period; 2025: 12 x 800 x 0.5 = 4800 kg, -20 %.
Half by Dec 2028 in 48 equal steps: after 12 the path allows 6000 - 3000 x 12 / 48 = 5250 kg.
By the same share each year: 6000 x (1/2)^(12/48) = 5045.378 kg.
"""

import calendar
import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbon.cli import app
from carbon.portfolio import Portfolio, PortfolioError

PAGE = Path(__file__).parents[2] / "docs" / "targets.md"
HEAD = (
    "workload,model,lifecycle,zone,period_start,period_end,energy_kwh,energy_boundary,requests,"
    "location_factor_kg_per_kwh,factor_source\n"
)
ROWS = "".join(
    f"chat,Chat,inference_realtime,DE,{year}-{month:02d}-01,"
    f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]},{kwh},facility,1000,0.5,a.pdf\n"
    for year, kwh in ((2024, 1000), (2025, 800))
    for month in range(1, 13)
)
HALF = (
    *("targets", "set", "Half", "--base-from", "2024-01", "--base-to", "2024-12"),
    *("--until", "2028-12", "--reduction", "0.5"),
)
BATCHING = (
    *("measures", "add", "Batching", "--workload", "chat", "--taken", "2024-12-31"),
    *("--done", "Larger batches", "--of", "energy", "--expected-share", "-0.2"),
)


@pytest.fixture
def workspace(tmp_path):
    path = tmp_path / "ws"
    Portfolio(path).import_files([("years.csv", (HEAD + ROWS).encode())], who="test")
    return path


@pytest.fixture
def carbon(workspace):
    def run(*said):
        return CliRunner().invoke(
            app, [*said, "--workspace", str(workspace)], catch_exceptions=False
        )

    return run


@pytest.fixture
def told(carbon):
    return lambda *said: json.loads(carbon(*said, "--json").stdout)


def test_a_target_and_its_progress(told):
    document = told(*HALF)
    assert document["unit"] == "kg_co2e_a_year"
    assert document["base_kg_co2e_a_year"] == pytest.approx(6000)
    assert document["level_kg_co2e_a_year"] == pytest.approx(3000)
    assert document["actual_kg_co2e_a_year"] == pytest.approx(4800)
    assert document["path_kg_co2e_a_year"] == pytest.approx(5250)
    assert document["difference_kg_co2e_a_year"] == pytest.approx(-450)
    assert document["difference_share"] == pytest.approx(-450 / 5250)
    assert document["change_share"] == pytest.approx(-0.2)
    assert document["status"] == "below path"
    assert document["yearly_change_needed_share"] == pytest.approx((3000 / 4800) ** (1 / 3) - 1)
    assert [row["month"] for row in document["ahead"]][::35] == ["2026-01", "2028-12"]
    assert document["ahead"][-1]["path_kg_co2e_a_year"] == pytest.approx(3000)
    del document["note"]
    assert told("targets", "list")["targets"] == [document]
    assert told("targets") == told("targets", "list")


def test_the_same_share_each_year(told):
    document = told(*HALF, "--path", "geometric")
    assert document["path_kg_co2e_a_year"] == pytest.approx(5045.378)


def test_a_target_per_unit_names_its_unit(told):
    """1000 kWh x 1000 / 1000 requests: 1000 kWh per 1 000 requests in 2024, 800 in 2025."""
    document = told(*HALF, "--measure", "energy", "--per", "1k_requests")
    assert document["unit"] == "kwh_per_1k_requests"
    assert document["base_kwh_per_1k_requests"] == pytest.approx(1000)
    assert document["actual_kwh_per_1k_requests"] == pytest.approx(800)


def test_a_forecast_carries_the_record_on(told, carbon):
    """Two level years make no line of one slope; 24 months carry a season of their own."""
    carbon(*HALF)
    forecast = told("targets", "show", "Half")["forecast"]
    assert forecast["months"] == 24
    assert forecast["method"].startswith("Holt-Winters")
    last = forecast["rows"][-1]
    assert last["month"] == "2028-12"
    value, low, high, planned = (
        last[f"{name}_kg_co2e_a_year"] for name in ("value", "low", "high", "planned")
    )
    assert low <= value <= high
    assert planned == value


def test_a_planned_scenario_moves_the_forecast_only(told, carbon, workspace, tmp_path):
    """A fifth less from 2027-01 on: in 2028 all twelve months are a fifth below the trend."""
    Portfolio(workspace).save_scenario('name = "Lean"\n[changes]\nenergy_per_unit = 0.8\n')
    plain = told(*HALF)
    planned = told(*HALF, "--plan", "Lean@2027-01")
    assert planned.pop("planned") == [{"scenario": "Lean", "start": "2027-01"}]
    assert plain.pop("planned") == []
    assert planned == plain
    last = told("targets", "show", "Half")["forecast"]["rows"][-1]
    assert last["planned_kg_co2e_a_year"] == pytest.approx(0.8 * last["value_kg_co2e_a_year"])
    assert "With what is planned: " in carbon("targets", "show", "Half").stdout


def test_no_forecast_of_months_that_are_past(told):
    until = ("--until", "2025-06")
    told(*HALF[:-4], *until, "--reduction", "0.1")
    forecast = told("targets", "show", "Half")["forecast"]
    assert (forecast["method"], forecast["months"], forecast["rows"]) == (None, None, [])
    assert forecast["notes"][0].startswith("No forecast: the record reaches 2025-12")


def test_people_read_the_sentence_first(carbon):
    sentence = (
        "Half, 12 months to 2025-12: 4.8 t a year, 8.6 % below the path; "
        "-20.0 % since the base period.\n"
    )
    for said in (HALF, ("targets", "show", "Half"), ("targets",)):
        answer = carbon(*said)
        assert answer.stdout.startswith(sentence)
        assert "nothing is netted" in answer.stderr


def test_a_measure_stands_with_what_is_seen_and_changes_no_figure(told, carbon, workspace):
    """1.0 kWh a request in 2024, 0.8 in 2025, and no scatter on either side: -20 % exactly."""
    before = Portfolio(workspace).footprint([]).to_dict()
    document = told(*BATCHING)
    assert document["expected_kwh_a_year"] is None
    (energy,) = [found for found in document["results"] if found["of"] == "energy"]
    assert energy["before_kwh_per_unit"] == pytest.approx(1.0)
    assert energy["after_kwh_per_unit"] == pytest.approx(0.8)
    ends = [energy[f"{name}_share"] for name in ("change", "low", "high")]
    assert ends == pytest.approx([-0.2] * 3)
    # 12 000 requests in the 8 760 hours of 2025, each 0.2 kWh less.
    assert energy["change_kwh_a_year"] == pytest.approx(-2400)
    assert energy["verdict"] == "as expected"
    assert "No figure of the footprint is changed" in document.pop("note")
    listed = told("measures", "list")
    assert listed["measures"] == [document]
    assert told("measures") == listed
    assert "No figure of the footprint is changed" in listed["note"]
    assert carbon("measures", "list").stdout.startswith(
        "Batching, since 2024-12-31: energy -20.0 % per unit of work (95 % interval -20.0 % to "
        "-20.0 %), expected -20.0 %: as expected.\n"
    )
    assert Portfolio(workspace).footprint([]).to_dict() == before


def test_a_measure_taken_too_late_shows_nothing_and_says_so(told, carbon):
    late = [word.replace("2024-12-31", "2025-11-15") for word in BATCHING]
    assert "Batching, since 2025-11-15: Too early" in carbon(*late).stdout
    assert told("measures", "show", "Batching")["results"] == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("targets", "show", "None"), "No target is called 'None'; there are: none."),
        (("targets", "delete", "None"), "No target is called 'None'"),
        (("measures", "show", "None"), "No measure is called 'None'"),
        ((*HALF, "--plan", "North@2027-01"), "No scenario is called 'North'"),
        ((*BATCHING, "--workload", "chatt"), "No workload is called 'chatt'."),
    ],
    ids=lambda value: value.replace(" ", "-")[:30] if isinstance(value, str) else value[0],
)
def test_what_cannot_be_kept_is_refused_in_words(carbon, said, words):
    with pytest.raises(PortfolioError, match=re.escape(words)):
        carbon(*said)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ((*HALF, "--plan", "North"), "SCENARIO@2027-01"),
        ((*HALF, "--plan", "North@soon"), "month"),
        ((*HALF, "--level", "5"), "--level"),
        ((*HALF, "--measure", "joy"), "joy"),
        ((*HALF, "--until", "2030"), "2025-03"),
        ((*BATCHING, "--expected-kg", "-5"), "--expected-kg"),
        ((*BATCHING, "--taken", "today"), "2025-03-15"),
    ],
    ids=("plan", "plan-month", "level", "measure", "until", "both", "day"),
)
def test_wrong_usage_ends_with_2(carbon, said, words):
    answer = carbon(*said)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert words in answer.stderr


def test_what_is_taken_back_is_gone(carbon, told):
    carbon(*HALF)
    carbon(*BATCHING)
    assert carbon("targets", "delete", "Half").stdout == "Half is taken back.\n"
    assert carbon("measures", "delete", "Batching").stdout == "Batching is struck out.\n"
    assert told("targets", "list")["targets"] == []
    assert told("measures", "list")["measures"] == []


def test_two_runs_print_the_same_bytes(carbon):
    carbon(*HALF)
    carbon(*BATCHING)
    for said in (("targets", "show", "Half"), ("measures", "list")):
        assert carbon(*said, "--json").stdout == carbon(*said, "--json").stdout


def test_the_page_s_example_runs(carbon):
    text = PAGE.read_text("utf-8").replace("\\\n", " ")
    commands = re.findall(r"^\.venv/bin/carbon ((?:targets|measures) .*)$", text, re.MULTILINE)
    assert len(commands) >= 3
    said = {}
    for command in commands:
        answer = carbon(*shlex.split(command))
        assert answer.exit_code == 0, command
        said[command.split('"')[0].strip()] = answer.stdout
    (sentence,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    assert said["targets show"].startswith(sentence)
