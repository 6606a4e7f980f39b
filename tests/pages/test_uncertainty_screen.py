"""Uncertainty: intervals first, then what to measure, then scores; worked out here by hand.

forge     100 000 kWh facility meter, T1 1.05                        x 0.05 = 5 000 kg
<script>  1 000 h x 400 W x 1.1 = 440 kWh, T4 1.30                   x 0.40 =   176 kg
=cmd...   500 kWh IT x 1.2 = 600 kWh, T2 1.10                        x 0.10 =    60 kg

Location  ln G = hypot(5 000 ln 1.05, 176 ln 1.3, 60 ln 1.1, (5 000, 176, 60) x ln 1.05) / 5 236
Energies: forge 243.95, <script> 46.18, =cmd 5.72; factors: 243.95, 8.59, 2.93
-> sqrt(243.95^2 x 2 + 46.18^2 + 5.72^2 + 8.59^2 + 2.93^2) = 348.24; / 5 236 = 0.066509
G = 1.0688: 4.90 to 5.60 t
<script> at T2, 1.10: 176 ln 1.1 = 16.77 instead of 46.18: 345.57; / 5 236 = 0.065999
width 2 x 5 236 sinh(0.066509) = 696.99 -> 2 x 5 236 sinh(0.065999) = 691.65: 5.35 kg narrower
Measured 100 600 of 101 040 kWh (> 99 %), 5 060 of 5 236 kg (97 %)
"""

import pytest
from screens import SCRIPT, open_app, words

from carbon.portfolio import Portfolio

THIN = "\u202f"


def test_the_interval_stands_first_and_names_what_to_measure(own):
    app = open_app("uncertainty.py")
    assert not app.exception
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Location-based, compute total"] == f"5.24{THIN}t CO₂e"
    assert shown["Share measured"] == f"> 99{THIN}%"
    text = words(app)
    assert f"95{THIN}% interval 4.90 to 5.60{THIN}t, ÷ and × 1.07" in text
    assert f"97{THIN}% of the location-based figure rests on it" in text
    assert "not a GHG Protocol total" in text
    assert "Measure the energy of **\\<script\\>" in text
    assert f"**5.35{THIN}kg** narrower" in text
    said = next(found.proto.alt for found in app.get("plotly_chart"))
    assert "forge" in said or "0.05 kg/kWh" in said


def test_embodied_is_looked_into_on_its_own(own):
    app = open_app("uncertainty.py")
    app.segmented_control(key="doubt_of").set_value("embodied").run()
    assert not app.exception
    assert "Nothing is known of this figure" in words(app)


def test_an_input_is_scored_and_the_score_taken_back(own):
    before = own.uncertainty(draws=100).total["gsd2"]
    app = open_app("uncertainty.py")
    app.selectbox(key="scores_name_energy").set_value("forge")
    app.selectbox(key="scores_reliability").set_value(5)
    app.text_input(key="scores_reason").set_value("nobody read the meter")
    next(b for b in app.button if b.label == "Score it").click()
    app.run()
    assert not app.exception
    assert "Energy of a workload forge is scored" in words(app).replace("\\", "")
    stated = own.scores().row(0, named=True)
    assert (stated["name"], stated["reliability"], stated["completeness"]) == ("forge", 5, 2)
    assert own.uncertainty(draws=100).total["gsd2"] > before
    app.selectbox(key="scores_take_back").set_value(("energy", "forge")).run()
    next(b for b in app.button if b.label == "Take it back").click()
    app.run()
    assert own.scores().is_empty()
    assert own.uncertainty(draws=100).total["gsd2"] == pytest.approx(before)


def test_a_score_without_a_reason_is_not_kept(own):
    app = open_app("uncertainty.py")
    app.selectbox(key="scores_name_energy").set_value(SCRIPT)
    next(b for b in app.button if b.label == "Score it").click()
    app.run()
    assert not app.exception
    assert "reason" in words(app)
    assert own.scores().is_empty()


def test_the_set_is_chosen_on_the_screen(own):
    app = open_app("uncertainty.py")
    app.selectbox(key="scores_set_name").set_value("empirical")
    app.selectbox(key="scores_inputs").set_value("pedigree")
    next(b for b in app.button if b.label == "Use these").click()
    app.run()
    assert not app.exception
    assert own.policy.uncertainty.pedigree_set == "empirical"
    assert own.policy.uncertainty.inputs == "pedigree"


def test_an_empty_workspace_says_what_will_stand_here(tmp_path):
    Portfolio(tmp_path / "ws")
    app = open_app("uncertainty.py")
    app.selectbox(key="workspace").set_value("own").run()
    assert not app.exception
    assert "the interval of every figure will stand" in words(app)
