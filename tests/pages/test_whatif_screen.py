"""What-if on the screen; the figures are worked out beside the file.

    Jan 2025     IT kWh  PUE   facility   factor        location-based
    chat   DE    1000    1.2   1200 kWh   0.40 kg/kWh   480 kg
    forge  FR     500    1.0    500 kWh   0.05 kg/kWh    25 kg
                                                         505 kg

Half of chat in Sweden, where no PUE is known and the overhead stays: 600 x 0.40 + 600 x 0.02
= 252 kg, with forge 277 kg: 228 kg less, 45.1 % of 505 kg. All of chat there: 24 + 25 = 49 kg.
"""

import json
import tomllib

import pytest
from screens import go_to, open_app, words

from carbon.portfolio import Portfolio

THIN = "\u202f"

USE = b"""\
workload,model,business_unit,zone,period_start,period_end,energy_kwh,energy_boundary,pue
chat,Helix,Product,DE,2025-01-01,2025-01-31,1000,it,1.2
forge,Forge,Research,FR,2025-01-01,2025-01-31,500,it,1.0
"""

FACTORS = b"""\
zone,valid_from,valid_to,method,basis,kg_co2e_per_kwh,gwp_set,publisher,document
DE,2025-01-01,2025-12-31,location,direct,0.40,AR5,Operator,grid.csv
FR,2025-01-01,2025-12-31,location,direct,0.05,AR5,Operator,grid.csv
SE,2025-01-01,2025-12-31,location,direct,0.02,AR5,Operator,grid.csv
"""

HALF = {
    "name": "Half to Sweden",
    "moves": [{"workload": "chat", "share": 0.5, "to_zone": "SE"}],
}


@pytest.fixture
def portfolio(tmp_path, monkeypatch):
    path = tmp_path / "two"
    opened = Portfolio(path)
    opened.import_files([("grid.csv", FACTORS), ("use.csv", USE)], who="test")
    monkeypatch.setenv("CARBON_WORKSPACE", str(path))
    return opened


def moved(share=50):
    """The screen with a share of chat in Sweden."""
    app = open_app("whatif.py")
    app.selectbox(key="what").select("workload:chat").run()
    app.selectbox(key="target").select("zone:SE").run()
    app.slider(key="share").set_value(share).run()
    assert not app.exception
    return app


def part(app, name):
    app.segmented_control(key="show").set_value(name).run()
    assert not app.exception
    return app


def read(app):
    """All that is written, the cards of the result too."""
    return "\n".join([*(str(each.proto.body) for each in app.get("html")), words(app)])


def test_nothing_moves_at_first_and_the_place_that_would_lower_most_is_named(portfolio):
    app = open_app("whatif.py")
    assert not app.exception
    assert "Jan 2025, both methods, workloads in scope." in words(app)
    text = read(app)
    assert "Nothing moves yet. In " in text
    assert f'<span class="wi-before">505{THIN}kg</span>' in text
    assert "would leave your location-based figure as it is" in text
    best = portfolio.whatif_places()["place"][0]
    assert f"In {best} all of it would lower your location-based figure by" in text


def test_a_share_moves_and_the_figure_is_told_in_words(portfolio):
    text = read(moved())
    assert f"50{THIN}% of workload chat to zone:SE." in text
    assert f"505{THIN}kg</span>" in text and f"277{THIN}kg <span" in text
    assert f"would lower your location-based figure by 228{THIN}kg (−45.1{THIN}%)" in text
    assert "would save" not in text
    # All of it: 505 - 49 = 456 kg.
    assert f"would lower your location-based figure by 456{THIN}kg" in read(moved(100))


def test_the_chart_stands_on_the_months(portfolio):
    app = moved()
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    drawn = {trace["name"]: trace["y"] for trace in spec["data"]}
    assert drawn["Location, today"] == pytest.approx([0.505])
    assert drawn["Location, scenario"] == pytest.approx([0.277])
    assert f"location-based from 505{THIN}kg to 277{THIN}kg" in app.get("plotly_chart")[0].proto.alt
    app.segmented_control(key="whatif_drawn").set_value("places").run()
    spec = json.loads(app.get("plotly_chart")[0].proto.spec)
    today, after = (trace["x"] for trace in spec["data"])
    assert spec["layout"]["yaxis"]["ticktext"] == ["zone:DE", "zone:FR", "zone:SE"]
    assert today == pytest.approx([0.480, 0.025, 0.0])
    assert after == pytest.approx([0.240, 0.025, 0.012])


def test_growth_and_efficiency_are_sliders_of_all_load(portfolio):
    app = open_app("whatif.py")
    app.slider(key="whatif_growth").set_value(50).run()
    app.slider(key="whatif_energy_per_unit").set_value(-20).run()
    # 505 x 1.5 x 0.8 = 606 kg.
    text = read(app)
    assert f"606{THIN}kg <span" in text
    assert f"energy per unit of work −20.0{THIN}%; activity +50.0{THIN}%." in text


def test_one_method_of_the_bar_is_one_card(portfolio):
    app = moved()
    app.segmented_control(key="method").set_value("market").run()
    assert not app.exception
    text = read(app)
    assert 'class="wi-card market"' in text
    assert 'class="wi-card location"' not in text


def test_a_limit_that_is_not_kept_is_told_and_its_place_stands_last(portfolio):
    app = part(moved(), "limits")
    forbidden = next(box for box in app.multiselect if box.label == "Forbidden places")
    forbidden.select("zone:SE")
    next(button for button in app.button if button.label == "Set these limits").click().run()
    assert not app.exception
    assert "1 limit not kept" in words(app)
    ranked = part(app, "places").dataframe
    assert len(ranked) == 1
    app.segmented_control(key="whatif_kind").set_value("zone").run()
    rows = app.dataframe[0].value
    assert list(rows["place"])[-1] == "zone:SE"
    assert not list(rows["allowed"])[-1]


def test_a_scenario_is_saved_opened_renamed_and_put_in_the_report(portfolio):
    portfolio.save_scenario(HALF, who="test")
    app = part(open_app("whatif.py"), "saved")
    app.button(key="whatif_open_Half to Sweden").click().run()
    assert app.slider(key="share").value == 50
    assert f"277{THIN}kg <span" in read(app)
    app.text_input(key="whatif_rename_Half to Sweden").set_value("Half").run()
    app.button(key="whatif_rename_do_Half to Sweden").click().run()
    app.button(key="whatif_report_Half").click().run()
    assert not app.exception
    assert portfolio.scenarios_in_report() == ["Half"]
    app.button(key="whatif_delete_Half").click().run()
    assert portfolio.scenarios() == {}


def test_saved_scenarios_stand_side_by_side(portfolio):
    portfolio.save_scenario(HALF)
    portfolio.save_scenario(
        {**HALF, "name": "Quarter", "moves": [HALF["moves"][0] | {"share": 0.25}]}
    )
    app = part(open_app("whatif.py"), "saved")
    spec = json.loads(app.get("plotly_chart")[1].proto.spec)
    # A quarter: 900 x 0.40 + 300 x 0.02 + 25 = 391 kg.
    assert spec["data"][0]["y"] == pytest.approx([0.505, 0.277, 0.391])
    assert spec["layout"]["xaxis"]["ticktext"] == ["Today", "Half to<br>Sweden", "Quarter"]


def test_what_the_sliders_hold_is_what_the_file_says(portfolio):
    app = moved()
    app.slider(key="whatif_growth").set_value(10).run()
    app.select_slider(key="whatif_pue").set_value(1.1).run()
    app.session_state["whatif_out"] = True
    app.run()
    app.text_input(key="whatif_name").set_value("By hand").run()
    app.button(key="whatif_save").click().run()
    assert not app.exception
    kept = tomllib.loads(portfolio.scenario_toml("By hand"))
    assert kept == {
        "name": "By hand",
        "from": "2025-01",
        "to": "2025-01",
        "moves": [{"workload": ["chat"], "share": 0.5, "to_zone": "SE"}],
        "changes": {"growth": 1.1, "pue": 1.1},
    }
    # Opened again, the sliders are where they were.
    app = part(open_app("whatif.py"), "saved")
    app.button(key="whatif_open_By hand").click().run()
    assert app.slider(key="whatif_growth").value == 10
    assert app.select_slider(key="whatif_pue").value == 1.1
    assert app.selectbox(key="what").value == "workload:chat"


def test_a_second_move_takes_what_is_there_by_then(portfolio):
    app = moved()
    app.button(key="whatif_keep").click().run()
    assert not app.exception
    app.selectbox(key="target").select("zone:FR").run()
    app.selectbox(key="what").select("workload:chat").run()
    # Half in Sweden, then all of chat to France: 1200 x 0.05 + 25 = 85 kg.
    assert f"85.0{THIN}kg <span" in read(app)
    text = words(part(app, "changes"))
    assert "1\\. 50 % of workload chat to zone\\:SE" in text
    assert "2\\. 100 % of workload chat to zone\\:FR, by the sliders" in text
    app.button(key="whatif_reset").click().run()
    assert f"505{THIN}kg <span" in read(app)


def test_the_least_carbon_placement_is_found_and_used(portfolio):
    limits = {
        "allowed_regions": ["zone:SE"],
        "forbidden": ["aws:*", "azure:*", "gcp:*"],
        "movable_share": {"*": 0.5},
    }
    prices = {"zone:DE": 0.10, "zone:FR": 0.10, "zone:SE": 0.20}
    document = {"name": "Half", "constraints": limits, "prices": prices, "currency": "EUR"}
    portfolio.save_scenario(document)
    app = part(open_app("whatif.py"), "saved")
    app.button(key="whatif_open_Half").click().run()
    part(app, "least")
    app.button(key="whatif_find").click().run()
    assert not app.exception
    # Half of both: 252 kg of chat, 250 x 0.05 + 250 x 0.02 = 17.5 kg of forge.
    assert f"**505{THIN}kg → 270{THIN}kg CO₂e**" in words(app)
    # Ten points more of chat: 120 kWh x (0.40 - 0.02) = 45.6 kg in 744 h, 537 kg a year.
    assert "10 percentage points more of chat that may move" in words(app)
    assert "by 537 kg a year" in words(app)
    line = json.loads(app.get("plotly_chart")[-1].proto.spec)["data"]
    # Nothing moved costs 1700 kWh x 0.10; half of all moved, 850 x 0.10 + 850 x 0.20.
    assert (line[0]["x"][0], line[0]["y"][0]) == pytest.approx((170.0, 0.505))
    assert (line[0]["x"][-1], line[0]["y"][-1]) == pytest.approx((255.0, 0.2695))
    assert (line[1]["x"], line[1]["y"]) == (pytest.approx([170.0]), pytest.approx([0.505]))
    app.button(key="whatif_use").click().run()
    assert not app.exception
    assert f"270{THIN}kg <span" in read(app)


def test_limits_that_no_placement_keeps_are_named(portfolio):
    portfolio.save_scenario({"name": "None", "constraints": {"residency": {"chat": ["SE"]},
                             "forbidden": ["zone:SE"]}})  # fmt: skip
    app = part(open_app("whatif.py"), "saved")
    app.button(key="whatif_open_None").click().run()
    part(app, "least")
    app.button(key="whatif_find").click().run()
    assert not app.exception
    assert "No placement keeps every limit." in words(app)


def test_marginal_factors_stand_apart_and_in_no_total(portfolio):
    document = {**HALF, "marginal": {"source": "TSO 2024", "kg_per_kwh": {"DE": 0.7, "SE": 0.1}}}
    portfolio.save_scenario(document)
    app = part(open_app("whatif.py"), "saved")
    app.button(key="whatif_open_Half to Sweden").click().run()
    text = words(part(app, "marginal"))
    # 600 kWh leave Germany and come to Sweden: 600 x (0.1 - 0.7) = -360 kg.
    assert f"360{THIN}kg CO₂e less" in text
    assert "never added to the location-based or market-based figure" in text
    assert f"277{THIN}kg <span" in read(app)


def test_an_empty_workspace_says_what_would_be_here(tmp_path, monkeypatch):
    monkeypatch.setenv("CARBON_WORKSPACE", str(tmp_path / "none"))
    Portfolio.sample(tmp_path / "none.sample")
    app = open_app()
    app.selectbox(key="workspace").select("own").run()
    go_to(app, "whatif.py")
    assert not app.exception
    assert "Here sliders will move workloads between regions" in words(app)
