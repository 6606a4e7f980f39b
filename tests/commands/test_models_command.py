"""`carbon intensity` and `carbon models`: the shapes that scripts rely on, by hand.

pretrain: 2 000 kWh x 0.5 kg/kWh = 1 000 kg. chat: 150 kWh x 0.5 = 75 kg over 50 000 requests of
4 000 000 input and 1 000 000 output tokens.
"""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from carbon.cli import app
from carbon.portfolio import Portfolio

FILE = b"""\
workload,model,lifecycle,zone,period_start,period_end,energy_kwh,energy_boundary,location_factor_kg_per_kwh,factor_source,requests,input_tokens,output_tokens
pretrain,Helix,training,FR,2025-01-01,2025-01-31,2000,facility,0.5,meter.pdf,,,
chat,Helix,inference_realtime,FR,2025-02-01,2025-02-28,150,facility,0.5,meter.pdf,50000,4000000,1000000
"""

CONTRACT = {
    *("workload", "model", "per", "energy_wh", "location_g", "market_g", "embodied_g"),
    "training_share_g",
}


@pytest.fixture
def carbon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CARBON_WORKSPACE", str(tmp_path / "ws"))
    Portfolio(tmp_path / "ws").import_files([("served.csv", FILE)])

    def run(*arguments: str, code: int = 0):
        done = CliRunner().invoke(app, [*arguments])
        if code:
            assert done.exit_code != 0 or done.exception is not None
            return str(done.exception)
        assert done.exit_code == 0, done.output
        return done.stdout

    return run


def test_intensity_gives_the_rows_of_the_contract(carbon):
    rows = json.loads(carbon("intensity", "--json"))["rows"]
    assert all(set(row) >= CONTRACT for row in rows)
    found = {(row["workload"], row["per"]): row for row in rows}
    assert set(found) == {
        ("chat", "query"),
        ("chat", "1k_output_tokens"),
        ("chat", "1k_tokens"),
        ("pretrain", "training_run"),
    }
    # 150 000 Wh / 50 000; / 1 000 thousand; / 5 000 thousand. 2 000 kWh = 2e6 Wh.
    energy = {key[1]: row["energy_wh"] for key, row in found.items()}
    assert energy == pytest.approx(
        {"query": 3.0, "1k_output_tokens": 150.0, "1k_tokens": 30.0, "training_run": 2e6}
    )
    assert found["chat", "query"]["location_g"] == pytest.approx(1.5)
    assert found["chat", "query"]["boundary"] == "facility"
    assert found["chat", "query"]["training_share_g"] is None


def test_one_workload_alone(carbon):
    rows = json.loads(carbon("intensity", "--workload", "pretrain", "--json"))["rows"]
    assert [row["per"] for row in rows] == ["training_run"]
    assert rows[0]["location_g"] == pytest.approx(1e6)


def test_a_workload_that_nobody_knows_is_named(carbon):
    assert "'nobody' is not known" in carbon("intensity", "--workload", "nobody", code=1)


def test_models_and_one_of_them(carbon):
    (row,) = json.loads(carbon("models", "--json"))["models"]
    assert row["model"] == "Helix"
    assert row["training_location_kg"] == pytest.approx(1000.0)
    assert row["location_g_query"] == pytest.approx(1.5)
    assert row["location_kg_co2e"] == pytest.approx(1075.0)
    document = json.loads(carbon("models", "--model", "Helix", "--json"))
    assert document["runs"][0]["ended"] == "not_stated"
    assert {row["per"] for row in document["per_unit"]} >= {"query", "training_run"}
    published = [row for row in document["comparison"] if row["name"] == "Gemini Apps"]
    assert {row["comparable"] for row in published} == {True, False}
    assert "Helix" in carbon("models")
    assert "finished" not in carbon("models", "--model", "Helix")


def test_a_model_outside_of_the_period_still_has_its_page(carbon, tmp_path):
    found = Portfolio(tmp_path / "ws").model("Helix", "2025-03", "2025-03")
    assert found.totals["location_kg_co2e"] is None
    assert found.training["location_kg_co2e"].to_list() == [1000.0]
    assert found.places.is_empty()


def test_published_figures_are_listed_with_the_users_first(carbon, tmp_path):
    own = b"model,per,energy_wh,publisher,document\nElm,1k_queries,2 kWh,Elm lab,elm.pdf\n"
    Portfolio(tmp_path / "ws").import_files([("elm.csv", own)])
    rows = json.loads(carbon("models", "--references", "--json"))["references"]
    # 2 kWh = 2 000 Wh / 1 000 queries = 2 Wh.
    assert (rows[0]["own"], rows[0]["model"], rows[0]["energy_wh"]) == (True, "Elm", 2.0)
    assert not any(row["own"] for row in rows[1:])
    assert "elm.pdf" in carbon("models", "--references", "--model", "Elm")


def test_a_model_that_nobody_runs_is_named(carbon):
    assert "No activity belongs to model 'Nobody'" in carbon("models", "--model", "Nobody", code=1)
