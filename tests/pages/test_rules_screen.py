"""The rules of the inventory: what nobody claims first, a rule tried, saved, moved and taken back.

forge 100 000 kWh of facility energy, the others 440 and 600 (see `screens.py`).
"""

import pytest
from screens import SCRIPT, go_to, open_app, words

from carbon.portfolio import Portfolio


@pytest.fixture
def ruled(own: Portfolio) -> Portfolio:
    own.save_rule(
        {
            "name": "<b>forge</b> shared",
            "takes": "any",
            "conditions": [{"column": "workload", "values": ["forge"]}],
            "shares": [{"workload": "vision", "share": 0.6}],
        },
        who="ana",
    )
    own.save_rule(
        {
            "name": "forge again",
            "takes": "any",
            "conditions": [{"column": "site", "values": ["Lyon"]}],
            "shares": [{"workload": "speech"}],
        }
    )
    return own


def rules_screen():
    app = open_app("inventory.py")
    app.session_state["part"] = "rules"
    app.run()
    assert not app.exception
    return app


def test_rules_stand_in_words_with_what_they_win(ruled):
    app = rules_screen()
    said = words(app).replace("\\", "")
    assert "1. <b>forge</b> shared" in said
    assert (
        "All rows where workload is forge: 60 % to vision; the rest (40 %) stays as it is" in said
    )
    # 60 % of 100 000 kWh; the second rule holds for the same two rows and gets none of them.
    assert "Holds for 2 rows: 100 MWh · gives 2 rows: 60.0 MWh" in said.replace("\u202f", " ")
    assert "disagree on rows" in said
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Nobody claims"].replace("\u202f", " ") == "0 kWh"


def test_a_rule_is_moved_switched_off_and_deleted(ruled):
    app = rules_screen()
    first, second = (rule["rule_id"] for rule in ruled.rules())
    app.button(key=f"rule_Later_{first}").click().run()
    assert [rule["rule_id"] for rule in ruled.rules()] == [second, first]
    app.button(key=f"rule_Switch off_{second}").click().run()
    assert [rule["enabled"] for rule in ruled.rules()] == [False, True]
    app.button(key=f"rule_Delete_{second}").click().run()
    assert [rule["rule_id"] for rule in ruled.rules()] == [first]
    assert not app.exception
    history = next(f.value for f in app.dataframe if "what" in f.value.columns)
    assert list(history["what"]) == ["deleted", "switched off", "moved", "moved", "added", "added"]


def test_a_rule_is_tried_before_it_is_saved(own):
    app = rules_screen()
    assert "There is no rule yet" in words(app)
    form = "rule_form_0"
    app.selectbox(key=f"{form}_c0_column").set_value("workload").run()
    app.multiselect(key=f"{form}_c0_workload_values").set_value(["forge"]).run()
    app.selectbox(key=f"{form}_takes").set_value("any").run()
    app.selectbox(key=f"{form}_s0_workload").set_value(SCRIPT).run()
    app.number_input(key=f"{form}_s0_percent").set_value(25.0).run()
    assert not app.exception
    assert "takes 2 rows: 25.0 MWh" in words(app).replace("\u202f", " ")
    moved = next(f.value for f in app.dataframe if "kwh_after" in f.value.columns)
    # 25 % of 100 000 kWh move to the workload that had 440.
    assert dict(zip(moved["workload"], moved["kwh_after"], strict=True)) == {
        "forge": pytest.approx(75_000),
        SCRIPT: pytest.approx(25_440),
    }
    assert own.rules() == []
    app.button(key="rule_save").click().run()
    assert not app.exception
    assert [rule["name"] for rule in own.rules()] == ["workload is forge"]
    assert "Saved: " in words(app)

    rule_id = own.rules()[0]["rule_id"]
    app.button(key=f"rule_Change_{rule_id}").click().run()
    assert app.number_input(key="rule_form_2_s0_percent").value == 25.0
    app.number_input(key="rule_form_2_s0_percent").set_value(50.0).run()
    app.button(key="rule_save").click().run()
    assert [rule["shares"][0]["share"] for rule in own.rules()] == [0.5]
    assert own.rules()[0]["rule_id"] == rule_id
    assert not go_to(app, "inventory.py").exception
