"""Reports: which saved scenarios the document lists, chosen on the screen."""

from screens import open_app, words

HALVES = {"name": "Half away", "moves": [{"share": 0.5, "to_zone": "SE"}]}
ALL = {"name": "All away", "moves": [{"to_zone": "SE"}]}


def test_without_a_saved_scenario_it_says_where_they_come_from(own):
    text = words(open_app("reports.py"))
    assert "No scenario is saved." in text


def test_a_chosen_scenario_is_in_the_report_and_can_be_taken_out(own):
    own.save_scenario(HALVES)
    own.save_scenario(ALL, in_report=True)
    app = open_app("reports.py")
    assert not app.exception
    assert app.multiselect(key="report_scenarios").value == ["All away"]
    app.multiselect(key="report_scenarios").set_value(["All away", "Half away"]).run()
    assert not app.exception
    assert own.scenarios_in_report() == ["All away", "Half away"]
    listed = own.report_content()["scenarios"]
    assert [scenario["name"] for scenario in listed] == ["All away", "Half away"]
    app.multiselect(key="report_scenarios").set_value(["Half away"]).run()
    assert own.scenarios_in_report() == ["Half away"]
    assert app.multiselect(key="report_scenarios").value == ["Half away"]
    app.multiselect(key="report_scenarios").set_value([]).run()
    assert not app.exception
    assert own.report_content()["scenarios"] == []
