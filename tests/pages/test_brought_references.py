"""Published figures that the user brought, on the page of a model.

chat: accelerators took 10 kWh over 10 000 requests: 10 000 Wh / 10 000 x 1 000 = 1 000 Wh per
1,000. The imported edition has 0.5 kWh per 1,000 requests: 500 Wh, and this model takes 2 times it.
"""

import pytest
from screens import open_app, words

from carbon.portfolio import Portfolio

USE = b"""\
workload,model,lifecycle,zone,period_start,period_end,requests
chat,Willow,inference_realtime,FR,2026-01-01,2026-01-31,10000
"""

BOARDS = b"""\
timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue
2026-01-20T12:00:00,chat,r1,86400,0.5,0.00001,10,400,5,0,10,0,10,France,FRA,,,,Linux,3.11,\
3.0.0,8,Intel,1,1 x NVIDIA H100,2,48,64,machine,N,1
"""

SCORE = b"""\
model,total_gpu_energy,energy_score,edition
example-lab/willow-8b,0.5,4,December 2025
example-lab/willow-70b,4,1,December 2025
"""

OTHERS = b"""\
model,task,per,energy_wh,boundary,edition,publisher,document
Elm,asking,query,2,facility,March 2026,Elm lab,https://example.org/elm
Elm,asking,query,0.4,chip,March 2026,Elm lab,https://example.org/elm
"""


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A workspace with one model whose boards are metered."""
    path = tmp_path / "served"
    monkeypatch.setenv("CARBON_WORKSPACE", str(path))
    portfolio = Portfolio(path)
    portfolio.import_files([("use.csv", USE), ("emissions.csv", BOARDS)], who="test")
    stated = {"workload_id": "chat", "model": "Willow", "lifecycle": "inference_realtime"}
    portfolio.edit_workloads([stated], who="test")
    return portfolio


def page():
    app = open_app("models.py")
    app.selectbox(key="model").select("Willow").run()
    assert not app.exception
    return app


def test_without_an_import_the_page_says_how_to_bring_one(served):
    text = words(page())
    assert "in the manner of the AI Energy Score" in text
    assert "Import a CSV of the AI Energy Score leaderboard" in text


def test_the_imported_edition_of_a_task_stands_beside_with_its_document(served):
    served.import_files([("text_generation.csv", SCORE), ("elm.csv", OTHERS)], who="test")
    app = page()
    assert app.selectbox(key="reference_task").options == ["asking", "text generation"]
    app.selectbox(key="reference_task").select("text generation").run()
    table = next(f.value for f in app.dataframe if "wh_per_1000" in f.value.columns)
    # 0.5 kWh = 500 Wh and 4 kWh = 4 000 Wh per 1,000; 1 000 / 500 = 2 and 1 000 / 4 000 = 0.25.
    assert table["wh_per_1000"].to_list() == pytest.approx([500.0, 4000.0])
    assert table["ratio"].to_list() == pytest.approx([2.0, 0.25])
    assert set(table["release"]) == {"December 2025"}
    assert all("AIEnergyScore/Leaderboard" in document for document in table["document"])


def test_only_accelerators_alone_stand_beside_accelerators_alone(served):
    served.import_files([("elm.csv", OTHERS)], who="test")
    rows = served.model("Willow").accelerators
    # The facility figure of the same model is not there; 0.4 Wh x 1 000 = 400 Wh.
    assert rows.select("boundary", "wh_per_1000").rows() == [("chip", pytest.approx(400.0))]


def test_figures_of_the_user_come_first_and_a_later_file_replaces_them(served):
    shipped = served.references().height
    served.import_files([("elm.csv", OTHERS)], who="test")
    served.import_files([("elm-2.csv", OTHERS.replace(b"query,2,", b"query,3,"))], who="test")
    rows = served.references()
    assert rows.height == shipped + 2
    assert rows["own"].to_list()[:3] == [True, True, False]
    assert rows.filter("own", boundary="facility")["energy_wh"].to_list() == [3.0]
    assert set(rows.filter("own")["licence"]) == {"not stated"}
    beside = served.model("Willow").comparison.filter(name="Elm")
    assert set(beside["whose"]) == {"imported"}
    assert set(beside["release"]) == {"March 2026"}
