"""What the portfolio is made of, by the hand calculation of `screens.py`."""

import json

import pytest
from screens import open_app, words

from carbon.portfolio import Portfolio

THIN = "\u202f"


def test_the_screen_says_what_makes_most_and_how_it_moves(own):
    app = open_app("portfolio.py")
    assert not app.exception
    text = words(app)
    # Nobody states a business unit: all 5 236 kg stand apart.
    assert f"5.24{THIN}t belong to no business unit" in text
    # January 2 500 + 176 = 2 676 kg, February 2 500 + 60 = 2 560 kg: 116 / 2 676 = 4.3 % less.
    assert f"**4{THIN}% less** in Feb 2025 (2.56{THIN}t) than in Jan 2025 (2.68{THIN}t)" in text
    app.segmented_control(key="pareto_by").set_value("workload").run()
    # forge alone is 5 000 of 5 236 kg = 95.5 %.
    assert f"**1 workload** of 3 makes **95{THIN}%** of it." in words(app)


def test_another_measure_is_another_whole(own):
    app = open_app("portfolio.py")
    box = app.selectbox(key="portfolio_measure_both")
    box.select("energy_facility_kwh").run()
    assert not app.exception
    # 100 000 + 440 + 600 kWh
    assert f"101{THIN}MWh belong to no business unit" in words(app)


SERVED = b"""\
workload,model,lifecycle,zone,period_start,period_end,energy_kwh,energy_boundary,location_factor_kg_per_kwh,factor_source,requests
chat,Chat,inference_realtime,FR,2025-01-01,2025-01-31,100,facility,0.5,meter.pdf,25000
chat,Chat,inference_realtime,FR,2025-02-01,2025-02-28,90,facility,0.5,meter.pdf,30000
"""


def test_carbon_per_request_moves_month_by_month(tmp_path, monkeypatch):
    path = tmp_path / "served"
    Portfolio(path).import_files([("served.csv", SERVED)])
    monkeypatch.setenv("CARBON_WORKSPACE", str(path))
    app = open_app("portfolio.py")
    assert not app.exception
    charts = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    (lines,) = [trace for chart in charts for trace in chart["data"] if trace.get("name") == "Chat"]
    # 100 kWh x 0.5 kg/kWh / 25 000 = 2 g; 90 x 0.5 / 30 000 = 1.5 g.
    assert lines["x"] == ["2025-01", "2025-02"]
    assert lines["y"] == pytest.approx([2.0, 1.5])
