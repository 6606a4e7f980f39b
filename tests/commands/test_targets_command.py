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
    assert document["base_value"] == pytest.approx(6000)
    assert document["level"] == pytest.approx(3000)
    assert document["unit"] == "kgCO2e a year"
    assert document["actual"]["value"] == pytest.approx(4800)
    assert document["path_value"] == pytest.approx(5250)
    assert document["difference"] == pytest.approx(-450)
    assert document["change"] == pytest.approx(-0.2)
    assert document["status"] == "below path"
    assert document["yearly_change_needed"] == pytest.approx((3000 / 4800) ** (1 / 3) - 1)
    assert [row["month"] for row in document["ahead"]][::35] == ["2026-01", "2028-12"]
    assert told("targets", "list")["targets"] == [document]


def test_the_same_share_each_year(told):
    assert told(*HALF, "--path", "geometric")["path_value"] == pytest.approx(5045.378)


def test_a_forecast_carries_the_record_on(told, carbon):
    """Two level years make no line of one slope; 24 months carry a season of their own."""
    carbon(*HALF)
    forecast = told("targets", "show", "Half")["forecast"]
    assert forecast["months"] == 24
    assert forecast["method"].startswith("Holt-Winters")
    last = forecast["rows"][-1]
    assert last["month"] == "2028-12"
    assert last["low"] <= last["value"] <= last["high"]
    assert last["planned"] == last["value"]


def test_people_read_the_sentence_first(carbon):
    said = carbon(*HALF).stdout
    assert said.startswith(
        "Half: 4,800.000 kgCO2e a year in the twelve months to 2025-12; the path allows 5,250.000 "
        "(below path); -20.0% since the base period"
    )


def test_a_measure_stands_with_what_is_seen_and_changes_no_figure(told, workspace):
    """1.0 kWh a request in 2024, 0.8 in 2025, and no scatter on either side: -20 % exactly."""
    before = Portfolio(workspace).footprint([]).to_dict()
    document = told(*BATCHING)
    (energy,) = [found for found in document["results"] if found["of"] == "energy"]
    assert energy["before_value"] == pytest.approx(1.0)
    assert energy["after_value"] == pytest.approx(0.8)
    assert [energy[name] for name in ("change", "low", "high")] == pytest.approx([-0.2] * 3)
    assert energy["verdict"] == "as expected"
    listed = told("measures", "list")
    assert listed["measures"] == [document]
    assert "No figure of the footprint is changed" in listed["note"]
    assert Portfolio(workspace).footprint([]).to_dict() == before


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("targets", "show", "None"), "No target is called 'None'; there are: none."),
        (("targets", "delete", "None"), "No target is called 'None'"),
        (("measures", "show", "None"), "No measure is called 'None'"),
        ((*HALF, "--level", "5"), "either as a reduction or as a level"),
        ((*HALF, "--measure", "joy"), "measure 'joy' is none of location, market, energy."),
        ((*HALF, "--plan", "North@2027-01"), "No scenario is called 'North'"),
        ((*BATCHING, "--workload", "chatt"), "No workload is called 'chatt'."),
        ((*BATCHING, "--expected-kg", "-5"), "either as a share or as an amount"),
    ],
    ids=lambda value: value.replace(" ", "-")[:30] if isinstance(value, str) else value[0],
)
def test_what_cannot_be_kept_is_refused_in_words(carbon, said, words):
    with pytest.raises(PortfolioError, match=re.escape(words)):
        carbon(*said)


def test_a_plan_without_a_month_is_refused(carbon):
    answer = carbon(*HALF, "--plan", "North")
    assert answer.exit_code == 1
    assert "write it as SCENARIO@2027-01" in answer.stderr


def test_what_is_taken_back_is_gone(carbon, told):
    carbon(*HALF)
    carbon(*BATCHING)
    assert carbon("targets", "delete", "Half").stdout == "Half is taken back.\n"
    assert carbon("measures", "delete", "Batching").stdout == "Batching is struck out.\n"
    assert told("targets", "list") == {"targets": []}
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
    for command in commands:
        assert carbon(*shlex.split(command)).exit_code == 0, command
