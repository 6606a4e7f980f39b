"""What models cost, once and per use, by hand.

pretrain  Helix     2 000 kWh facility x 0.5 = 1 000 kg, January          training
chat      Helix       160 kWh facility x 0.5 =    80 kg, February         50 000 requests,
                      4 000 000 input and 1 000 000 output tokens
rag       Minnow       10 kWh facility x 0.5 =     5 kg, February         no requests stated

Helix a request: 160 000 Wh / 50 000 = 3.2 Wh, 80 000 g / 50 000 = 1.6 g
1,000 output tokens: 160 000 Wh / 1 000 = 160 Wh, 80 g
"""

import json

import pytest
from screens import open_app, words

from carbon.portfolio import Portfolio

THIN = "\u202f"

ROWS = b"""\
workload,model,lifecycle,zone,period_start,period_end,energy_kwh,energy_boundary,location_factor_kg_per_kwh,factor_source,requests,input_tokens,output_tokens
pretrain,Helix,training,FR,2025-01-01,2025-01-31,2000,facility,0.5,meter.pdf,,,
chat,Helix,inference_realtime,FR,2025-02-01,2025-02-28,160,facility,0.5,meter.pdf,50000,4000000,1000000
rag,Minnow,inference_realtime,FR,2025-02-01,2025-02-28,10,facility,0.5,meter.pdf,,,
"""


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A workspace with two models."""
    path = tmp_path / "served"
    monkeypatch.setenv("CARBON_WORKSPACE", str(path))
    portfolio = Portfolio(path)
    portfolio.import_files([("served.csv", ROWS)])
    return portfolio


def metrics(app):
    return [(metric.label, metric.value) for metric in app.metric]


def test_all_models_lead_with_what_matters(served):
    app = open_app("models.py")
    assert not app.exception
    text = words(app)
    assert f"**Helix** emitted most in this period, **1.08{THIN}t**" in text
    assert f"The largest training is that of **Helix**, **1.00{THIN}t** once" in text
    assert f"The most carbon a request takes **Helix**, **1.60{THIN}g**" in text
    assert "1 model of 2 have no figure per request" in text
    (table,) = app.dataframe
    rows = {row["model"]: row for row in table.value.to_dict("records")}
    assert rows["Helix"]["training_location_kg"] == pytest.approx(1000.0)
    assert rows["Helix"]["energy_wh_query"] == pytest.approx(3.2)
    assert rows["Helix"]["location_g_1k_output_tokens"] == pytest.approx(80.0)
    assert list(rows["Helix"]["months"]) == pytest.approx([1000.0, 80.0])
    assert list(rows["Minnow"]["months"]) == pytest.approx([0.0, 5.0])
    assert rows["Minnow"]["energy_wh_query"] != rows["Minnow"]["energy_wh_query"]


def test_a_models_page_says_what_it_takes_once_and_per_use(served):
    app = open_app("models.py")
    app.selectbox(key="model").select("Helix").run()
    assert not app.exception
    shown = metrics(app)
    assert shown.count(("Location-based", f"1.00{THIN}t")) == 1
    assert ("Location-based", f"1.60{THIN}g") in shown
    assert ("Location-based", f"80.0{THIN}g") in shown
    assert ("Location-based", f"1.08{THIN}t") in shown
    text = words(app)
    # 3.2 Wh a request beside the published 0.24 Wh of the same boundary.
    assert "Only figures with the same boundary are drawn (full stack" in text
    charts = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    bars = [trace for chart in charts for trace in chart["data"]]
    drawn = {trace["name"]: trace["x"] for trace in bars if trace["name"] in
             ("This model", "Published")}  # fmt: skip
    assert drawn["This model"] == [pytest.approx(3.2)]
    assert drawn["Published"] == [pytest.approx(0.24)]
    assert "No source says how its runs ended" in text
    # 1 000 kg / 0.244199 kg a km = 4 095 km.
    assert f"**4{THIN}100** km driven by an average petrol car" in text


def test_a_figure_that_is_not_known_is_said_and_not_0(served):
    app = open_app("models.py")
    app.selectbox(key="model").select("Minnow").run()
    assert not app.exception
    text = words(app)
    assert "There is no count of requests beside its energy in this period." in text
    assert "Nothing trained it here." in text
    assert "Without a figure per request there is nothing to compare." in text


def test_expected_requests_show_the_share_of_training_as_a_scenario(served):
    served.edit_workloads([{"workload_id": "chat", "expected_requests": "1000000"}], who="test")
    app = open_app("models.py")
    app.selectbox(key="model").select("Helix").run()
    assert "The share of training is a scenario" in words(app)
    table = next(frame.value for frame in app.dataframe if "Per" in frame.value.columns)
    # 1 000 kg / 1 000 000 requests = 1 g.
    request = table.set_index("Per").loc["Request"]
    assert request["Scenario: share of training"] == f"1.00{THIN}g"
    assert request["What the figure sees"] == "Full stack: server, idle, cooling"


def test_training_stays_when_the_period_leaves_it_out(served):
    app = open_app("models.py")
    app.selectbox(key="from").select("2025-02").run()
    app.selectbox(key="model").select("Helix").run()
    assert not app.exception
    assert ("Location-based", f"1.00{THIN}t") in metrics(app)
    assert ("Location-based", f"80.0{THIN}kg") in metrics(app)


def test_without_a_named_model_the_screen_says_where_to_name_it(own):
    app = open_app("models.py")
    assert not app.exception
    assert "State the model of each workload in the AI inventory" in words(app)


def test_an_empty_workspace_says_what_will_stand_here(monkeypatch, sample):
    app = open_app("models.py")
    app.selectbox(key="workspace").select("own").run()
    assert "Here every model will stand" in words(app)
