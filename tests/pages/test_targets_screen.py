"""The path to a target and the register of measures, on the screen.

    2024: 12 x 1000 kWh x 0.5 = 6000 kg         base period
    2025: 12 x  800 kWh x 0.5 = 4800 kg         -20 %, twelve months to Dec 2025

Half of 6000 kg by Dec 2028, in equal steps over 48 months: after 12 of them the path allows
6000 - 3000 x 12 / 48 = 5250 kg. From 4800 kg to 3000 kg in three years: (3000 / 4800)^(1/3) - 1
= -14.5 % a year.
"""

import datetime as dt

import pytest
from screens import open_app, words

from carbon.portfolio import Portfolio

THIN = "\u202f"
MINUS = "\u2212"
HEAD = (
    "workload,model,lifecycle,zone,period_start,period_end,energy_kwh,energy_boundary,requests,"
    "location_factor_kg_per_kwh,factor_source\n"
)
LAST = {1: 31, 2: 28, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}


def rows():
    for year, kwh in ((2024, 1000), (2025, 800)):
        for month, day in LAST.items():
            last = 29 if (year, month) == (2024, 2) else day
            start, end = f"{year}-{month:02d}-01", f"{year}-{month:02d}-{last}"
            row = f"chat,Chat,inference_realtime,DE,{start},{end},{kwh},facility,1000,0.5,a.pdf"
            yield f"{row}\n"


HALF = {
    "measure": "location",
    "base_from": "2024-01",
    "base_to": "2024-12",
    "until": "2028-12",
    "reduction": 0.5,
}


@pytest.fixture
def two_years(tmp_path, monkeypatch):
    path = tmp_path / "years"
    portfolio = Portfolio(path)
    portfolio.import_files([("years.csv", (HEAD + "".join(rows())).encode())], who="test")
    monkeypatch.setenv("CARBON_WORKSPACE", str(path))
    return portfolio


def test_the_record_is_told_against_the_path(two_years):
    two_years.save_target("Half", HALF)
    app = open_app("targets.py")
    assert not app.exception
    text = words(app)
    assert (
        f"Twelve months to Dec 2025: **4.80{THIN}t CO₂e a year**, where the path allows "
        f"5.25{THIN}t CO₂e a year. Since the base period: **{MINUS}20.0{THIN}%**, of "
        f"{MINUS}50.0{THIN}% to be reached by Dec 2028. To get there from here: "
        f"{MINUS}14.5{THIN}% a year." in text
    )
    assert "Below the path" in text
    assert "Neither a target nor a measure changes any figure of the footprint." in text


def test_a_target_is_set_and_taken_back_on_the_screen(two_years):
    app = open_app("targets.py")
    assert "No target is set yet." in words(app)
    app.text_input(key="target_until").set_value("2028-12")
    app.text_input(key="target_name").set_value("Half").run()
    app.button(key="target_save").click().run()
    assert not app.exception
    target = two_years.targets()["Half"]
    assert (target.base_from, target.base_to, target.until) == ("2024-01", "2024-12", "2028-12")
    assert (target.base_value, target.level) == pytest.approx((6000.0, 3000.0))
    assert "Below the path" in words(app)
    app.button(key="target_delete").click().run()
    assert two_years.targets() == {}


def test_everything_wrong_with_a_target_is_said_at_once(two_years):
    app = open_app("targets.py")
    app.text_input(key="target_until").set_value("next year")
    app.selectbox(key="target_from").set_value("2025-01")
    app.selectbox(key="target_to").set_value("2024-01")
    app.text_input(key="target_name").set_value("Half").run()
    app.button(key="target_save").click().run()
    assert not app.exception
    (said,) = [error.value for error in app.error]
    assert "'next year' is no month" in said
    assert "The base period ends" in said
    assert two_years.targets() == {}


def test_a_measure_stands_with_what_was_expected_and_what_is_seen(two_years):
    """1.0 kWh a request in 2024, 0.8 in 2025: -20 % exactly, without scatter on either side."""
    before = two_years.footprint([]).to_dict()
    app = open_app("targets.py")
    app.multiselect(key="measure_workloads").set_value(["chat"])
    app.date_input(key="measure_taken").set_value(dt.date(2024, 12, 31))
    app.text_area(key="measure_done").set_value("Larger batches")
    app.selectbox(key="measure_of").set_value("energy")
    app.text_input(key="measure_name").set_value("Batching").run()
    app.button(key="measure_save").click().run()
    assert not app.exception
    assert not app.error
    (register,) = [table.value for table in app.dataframe if "verdict" in table.value.columns]
    row = register.iloc[0]
    assert row["expected"] == f"{MINUS}20.0{THIN}% of energy"
    assert row["shown"].startswith(f"{MINUS}20.0{THIN}%")
    assert row["verdict"] == "As expected"
    assert two_years.footprint([]).to_dict() == before
