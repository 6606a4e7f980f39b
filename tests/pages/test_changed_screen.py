"""Why a figure is up or down, on the screen; the figures are worked out beside the file."""

import json

import pytest
from screens import open_app, words

from carbon.portfolio import Portfolio

THIN = "\u202f"

HEAD = (
    "workload,model,lifecycle,zone,period_start,period_end,energy_kwh,energy_boundary,requests,"
    "location_factor_kg_per_kwh,market_factor_kg_per_kwh,factor_source\n"
)

FILE = f"""{HEAD}\
chat,Chat,inference_realtime,DE,2024-01-01,2024-01-31,1000,facility,1000,0.5,0.5,a.pdf
chat,Chat,inference_realtime,DE,2025-01-01,2025-01-31,1000,facility,1000,0.4,0.1,a.pdf
fresh,New,training,FR,2025-01-01,2025-01-31,2000,facility,,0.1,0.1,a.pdf
""".encode()
"""Facility meters, so no PUE.

             Jan 2024                  Jan 2025                   location        market
    chat     1000 kWh x 0.5 = 500 kg   1000 x 0.4 = 400, x 0.1    grid -100 kg    grid, procurement
    fresh                              2000 x 0.1 = 200 kg        new  +200 kg    new +200 kg
    total    500 kg                    600 kg, market 300 kg      +100 kg         -200 kg
"""


@pytest.fixture
def two_years(tmp_path, monkeypatch):
    path = tmp_path / "years"
    Portfolio(path).import_files([("years.csv", FILE)], who="test")
    monkeypatch.setenv("CARBON_WORKSPACE", str(path))


def test_the_largest_reason_is_said_first(two_years):
    app = open_app("changed.py")
    assert not app.exception
    text = words(app)
    assert "Jan 2025 against Jan 2024, both methods, workloads in scope." in text
    assert (
        f"**100{THIN}kg more**, 20{THIN}%: from 500{THIN}kg to 600{THIN}kg. The largest reason is "
        f"**new workloads**, +200{THIN}kg." in text
    )
    assert f"**200{THIN}kg less**, 40{THIN}%: from 500{THIN}kg to 300{THIN}kg." in text
    assert "The largest reason is **procurement**" in text
    assert app.warning.len == 0


def test_the_waterfall_stands_on_the_totals(two_years):
    app = open_app("changed.py")
    first = json.loads(app.get("plotly_chart")[0].proto.spec)
    bars, _, labels = first["data"]
    # 500 kg; from there +200 (new), -100 (grid); 600 kg, all in t.
    assert bars["x"] == pytest.approx([0.5, 0.2, -0.1, 0.6])
    assert bars["base"] == pytest.approx([0.0, 0.5, 0.7, 0.0])
    assert [text.strip() for text in labels["text"]] == [
        f"500{THIN}kg", f"+200{THIN}kg", f"−100{THIN}kg", f"600{THIN}kg",
    ]  # fmt: skip
    assert "New workloads +200" in app.get("plotly_chart")[0].proto.alt


def test_a_step_leads_to_the_workloads_behind_it(two_years):
    app = open_app("changed.py")
    assert f"**Location-based**: most by fresh, +200{THIN}kg." in words(app)
    app.selectbox(key="step").select("grid").run()
    assert not app.exception
    assert f"**Location-based**: most by chat, −100{THIN}kg." in words(app)
    app.segmented_control(key="changed_by").set_value("model").run()
    assert f"**Location-based**: most by Chat, −100{THIN}kg." in words(app)
    tables = [frame.value for frame in app.dataframe]
    assert any("model" in frame.columns and list(frame["model"]) == ["Chat"] for frame in tables)


def test_one_method_of_the_bar_is_one_waterfall(two_years):
    app = open_app("changed.py")
    app.segmented_control(key="method").set_value("market").run()
    assert not app.exception
    assert [part.value for part in app.subheader] == ["Market-based", "Who is behind it"]


def test_a_period_of_one_s_own_choice_warns_of_seasons(two_years):
    app = open_app("changed.py")
    app.selectbox(key="against").select("other").run()
    assert not app.exception
    assert app.selectbox(key="earlier_from_own").value == "2024-01"
    app.selectbox(key="earlier_to_own").select("2025-01").run()
    warned = " ".join(str(part.value) for part in app.warning)
    assert "not the same months of the year" in warned
    assert "Compare them per day" in warned
    app.toggle(key="per_day").set_value(True).run()
    assert not app.exception
    assert "Compare them per day" not in " ".join(str(part.value) for part in app.warning)
    assert "a day" in words(app)


def test_a_period_that_ends_before_it_begins_is_asked_again(two_years):
    app = open_app("changed.py")
    app.selectbox(key="against").select("other").run()
    app.selectbox(key="later_to_own").select("2024-01").run()
    assert not app.exception
    assert "Each period ends no earlier than it begins" in words(app)


def test_one_month_alone_has_nothing_to_compare(tmp_path, monkeypatch):
    path = tmp_path / "month"
    rows = FILE.decode().splitlines()
    Portfolio(path).import_files([("month.csv", "\n".join(rows[:2]).encode())], who="test")
    monkeypatch.setenv("CARBON_WORKSPACE", str(path))
    app = open_app("changed.py")
    assert not app.exception
    assert "A change needs two periods" in words(app)
