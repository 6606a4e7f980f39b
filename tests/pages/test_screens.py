"""Each screen shows what a hand calculation gives, and says what to do when it cannot."""

import json
from pathlib import Path

import pytest
from screens import BAD_ROW, FORMULA, PAGES, SCRIPT, TEMPLATE, go_to, open_app, words

from pages.ui import numbers

SCREENS = {
    "overview.py": "Overview",
    "portfolio.py": "Portfolio",
    "import_.py": "Import",
    "mapping.py": "Mapping",
    "sources.py": "Sources",
    "instrument.py": "Instrument",
    "quarantine.py": "Quarantine",
    "inventory.py": "AI inventory",
    "methods.py": "Location vs market",
    "models.py": "Models",
    "seasonality.py": "Seasonality",
    "hardware.py": "Embodied",
    "whatif.py": "What-if",
    "targets.py": "Targets",
    "changed.py": "What changed",
    "uncertainty.py": "Uncertainty",
    "reports.py": "Reports",
}
PARTS = ["workloads", "proposals", "shadow", "rules", "boundary", "collection"]
EMPTY = ["overview.py", "portfolio.py", "inventory.py", "methods.py", "models.py", "reports.py"]
THIN = "\u202f"
ROOT = Path(__file__).parents[2]
GOOGLE = (ROOT / "tests" / "data" / "google_carbon.jsonl").read_bytes()


def metrics(app):
    return [(metric.label, metric.value) for metric in app.metric]


def test_overview_shows_each_scope_category_under_both_methods(own):
    app = open_app()
    # Worked out by hand in conftest.py.
    assert metrics(app) == [
        ("Location-based", f"5.00{THIN}t CO₂e"),
        ("Market-based", f"2.00{THIN}t CO₂e"),
        ("Location-based", f"236{THIN}kg CO₂e"),
        ("Market-based", f"280{THIN}kg CO₂e"),
    ]
    text = words(app)
    assert "not a GHG Protocol total" in text
    # The interval is worked out in test_uncertainty_screen.py.
    assert f"location-based **5.24{THIN}t CO₂e** (95{THIN}% interval 4.90 to 5.60{THIN}t)" in text
    assert f"market-based **2.28{THIN}t CO₂e** (95{THIN}% interval" in text
    assert f"Share measured **> 99{THIN}%**" in text


def test_the_users_own_workspace_opens_first_once_it_holds_something(own):
    assert open_app().selectbox(key="workspace").value == "own"


def test_the_first_visit_opens_the_sample_marked_as_such(sample):
    app = open_app()
    assert app.selectbox(key="workspace").value == "sample"
    assert "Sample portfolio" in words(app)
    app.button(key="leave_sample").click().run()
    assert app.selectbox(key="workspace").value == "own"
    assert "No activity was imported yet" in words(app)


@pytest.mark.parametrize(("page", "title"), SCREENS.items())
def test_every_screen_draws(own, page, title):
    app = open_app(page)
    assert [part.value for part in app.title] == [title]
    assert not app.exception
    assert not app.error


def test_the_list_of_screens_is_that_of_the_menu():
    there = {path.name for path in PAGES.glob("*.py")} - {"__init__.py", "navigation.py"}
    assert set(SCREENS) == there


@pytest.mark.parametrize("part", PARTS)
def test_every_part_of_the_inventory_draws(own, part):
    app = open_app("inventory.py")
    assert list(PARTS) == list(app.session_state["parts_there"])
    app.session_state["part"] = part
    app.run()
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("part", PARTS)
def test_an_empty_part_of_the_inventory_says_what_is_missing(sample, part):
    app = open_app()
    app.button(key="leave_sample").click().run()
    app = go_to(app, "inventory.py")
    app.session_state["part"] = part
    app.run()
    text = words(app)
    assert "Here " in text
    assert "imported yet" in text or "Import a " in text
    assert [link.proto.label for link in app.get("page_link")] == ["Import files"]
    assert not app.metric


@pytest.mark.parametrize("page", EMPTY)
def test_an_empty_workspace_says_what_is_missing(sample, page):
    app = open_app()
    app.button(key="leave_sample").click().run()
    app = go_to(app, page)
    assert "was imported yet" in words(app)
    assert "Import files" in [link.proto.label for link in app.get("page_link")]
    assert not app.metric


@pytest.mark.parametrize("page", ["overview.py", "methods.py", "reports.py"])
def test_a_period_without_activity_in_scope_says_so(own, page):
    for name in ("forge", SCRIPT, FORMULA):
        own.edit_workloads(
            [{"workload_id": name, "in_scope": False, "boundary_reason": "test"}], who="test"
        )
    app = open_app(page)
    assert "No activity lies in this period inside the boundary" in words(app)
    assert not app.exception


def test_the_period_cuts_the_figures(own):
    app = open_app()
    app.selectbox(key="from").set_value("2025-02").run()
    # February: half of forge, 2 500 kg and 1 000 kg; of Category 1 the 60 kg alone.
    assert metrics(app) == [
        ("Location-based", f"2.50{THIN}t CO₂e"),
        ("Market-based", f"1.00{THIN}t CO₂e"),
        ("Location-based", f"60.0{THIN}kg CO₂e"),
        ("Market-based", f"60.0{THIN}kg CO₂e"),
    ]


def test_one_method_alone_shows_that_method_alone(own):
    app = open_app()
    app.segmented_control(key="method").set_value("market").run()
    assert {label for label, _ in metrics(app)} == {"Market-based"}


def test_the_bar_keeps_its_choices_from_screen_to_screen(own):
    app = open_app()
    app.selectbox(key="from").set_value("2025-02").run()
    app.segmented_control(key="boundary").set_value("all").run()
    app = go_to(app, "methods.py")
    assert app.selectbox(key="from").value == "2025-02"
    assert app.segmented_control(key="boundary").value == "all"


def test_charts_say_their_finding_and_hold_names_as_text(own):
    app = open_app()
    charts = [chart.proto for chart in app.get("plotly_chart")]
    alts = [chart.alt for chart in charts]
    assert any("the highest month is Jan 2025 with 2.68" in alt for alt in alts)  # 2 500 + 176 kg
    assert any("The largest is forge with 5.00" in alt for alt in alts)
    specs = json.dumps([json.loads(chart.spec) for chart in charts])
    assert "<script>" not in specs
    assert "&lt;script&gt;" in specs


def test_names_that_users_typed_are_never_markup(own):
    app = open_app("inventory.py")
    assert SCRIPT not in words(app)
    assert SCRIPT in app.dataframe[0].value["workload_id"].to_list()


def test_import_takes_a_file_and_says_what_became_of_it(sample):
    app = open_app("import_.py")
    app.file_uploader[0].upload("figures.csv", TEMPLATE, "text/csv").run()
    assert "**4 rows to take**" in words(app)
    assert "1 Jan 2025 to 28 Feb 2025" in words(app)
    _button(app, "Import 1 file").click().run()
    assert dict(metrics(app)) == {"Rows taken": "4", "Set aside": "0", "Already known": "0"}
    # It went to the user's own workspace, which now stands open; the sample is as it was.
    assert app.selectbox(key="workspace").value == "own"
    assert sample.headline().compute_total["location_kg_co2e"] == pytest.approx(5236)


def test_the_same_file_again_adds_nothing(own):
    app = open_app("import_.py")
    app.file_uploader[0].upload("figures.csv", TEMPLATE, "text/csv").run()
    assert "4 rows already known" in words(app)
    _button(app, "Import 1 file").click().run()
    assert dict(metrics(app)) == {"Rows taken": "0", "Set aside": "0", "Already known": "4"}
    assert own.headline().compute_total["location_kg_co2e"] == pytest.approx(5236)


def test_a_bad_row_is_set_aside_and_named_and_the_good_one_is_taken(own):
    app = open_app("import_.py")
    app.file_uploader[0].upload("rows.csv", BAD_ROW, "text/csv").run()
    _button(app, "Import 1 file").click().run()
    assert dict(metrics(app)) == {"Rows taken": "1", "Set aside": "1", "Already known": "0"}
    named = app.table[0].value.iloc[0]
    assert named["Where"].replace("\\", "") == "**Row 3**, energy_kwh: -5"
    assert "negative" in named["What is wrong, and what to do"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.csv", b""),
        ("photo.csv", bytes(range(256)) * 20),
        ("half.zip", b"PK\x03\x04truncated"),
        ("strange [x](http://evil).csv", b"colour,taste\nred,sweet\n"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_words(own, name, data):
    app = open_app("import_.py")
    app.file_uploader[0].upload(name, data, "text/csv").run()
    assert not app.exception
    assert len(app.error) == 1
    assert "Traceback" not in app.error[0].value
    assert "](http" not in app.error[0].value
    assert _button(app, "Import 0 files").disabled


def test_a_boundary_decision_needs_a_reason(own):
    app = open_app("inventory.py")
    index = [row["workload_id"] for row in _ordered(own)].index("forge")
    key = f"inventory_{own.version}"
    app.session_state[key] = {"edited_rows": {index: {"in_scope": False}}}
    app.run()
    assert "Say in the column Reason" in words(app)
    assert _button(app, "Save 1 change").disabled


def test_a_boundary_decision_with_its_reason_is_saved_and_takes_the_workload_out(own):
    app = open_app("inventory.py")
    index = [row["workload_id"] for row in _ordered(own)].index("forge")
    edit = {"in_scope": False, "boundary_reason": "sold in January"}
    app.session_state[f"inventory_{own.version}"] = {"edited_rows": {index: edit}}
    app.run()
    _button(app, "Save 2 changes").click().run()
    assert "Saved: 2 changes to 1 workload." in words(app)
    saved = next(row for row in own.workloads().to_dicts() if row["workload_id"] == "forge")
    assert (saved["in_scope"], saved["boundary_reason"]) == (False, "sold in January")
    # What is left: 176 + 60 kg.
    assert own.headline().compute_total["location_kg_co2e"] == pytest.approx(236)


def test_edits_that_were_not_saved_stand_there_when_the_reader_comes_back(own):
    app = open_app("inventory.py")
    index = [row["workload_id"] for row in _ordered(own)].index("forge")
    app.session_state[f"inventory_{own.version}"] = {"edited_rows": {index: {"owner": "Ada"}}}
    app.run()
    app = go_to(go_to(app, "reports.py"), "inventory.py")
    assert "1 unsaved change, " in words(app)
    shown = app.dataframe[0].value.set_index("workload_id")
    assert shown.loc["forge", "owner"] == "Ada"
    assert shown.loc["forge", "missing"] == "all but lifecycle, place"
    _button(app, "Save 1 change").click().run()
    saved = next(row for row in own.workloads().to_dicts() if row["workload_id"] == "forge")
    assert saved["owner"] == "Ada"
    assert "unsaved" not in words(app)


def test_a_providers_own_figures_alone_are_shown_and_make_no_footprint(sample):
    app = open_app("import_.py")
    app.file_uploader[0].upload("google.jsonl", GOOGLE, "application/json").run()
    assert "Provider's own figures: shown beside the footprint, never added" in words(app)
    _button(app, "Import 1 file").click().run()
    app = go_to(app, "overview.py")
    text = words(app)
    assert "stand beside a footprint and never make one" in text
    assert "For a footprint, import what was used" in text
    assert not app.metric
    assert app.dataframe[0].value["kg_co2e"].to_list() == [647.0, 330.4, 1.5, 1.5]


def test_the_result_makes_room_for_the_next_files(own):
    app = open_app("import_.py")
    app.file_uploader[0].upload("rows.csv", BAD_ROW, "text/csv").run()
    _button(app, "Import 1 file").click().run()
    assert "Import finished" in words(app)
    app.file_uploader[0].upload("figures.csv", TEMPLATE, "text/csv").run()
    assert "Import finished" not in words(app)


def test_the_preview_puts_first_what_is_to_be_checked(own):
    app = open_app("import_.py")
    app.file_uploader[0].upload("figures.csv", TEMPLATE, "text/csv").run()
    head = app.dataframe[0].value
    assert head.columns[:6].to_list() == [
        "workload", "quantity_kind", "quantity", "unit", "period_start", "period_end",
    ]  # fmt: skip
    assert "superseded_in_file" not in head.columns
    assert head["quantity_kind"][0] == "Energy, facility"
    assert str(head["period_start"][0]).startswith("2025-01-01")
    assert "or the policy's default" in words(app)


def test_things_to_settle_are_as_many_as_the_heading_says(own):
    app = open_app("import_.py")
    app.file_uploader[0].upload("rows.csv", BAD_ROW, "text/csv").run()
    _button(app, "Import 1 file").click().run()
    app = go_to(app, "overview.py")
    entries = 1 + len(own.findings())
    assert f"{entries} things to settle or know" in words(app)


def test_the_report_names_its_period_and_workloads(own):
    text = words(open_app("reports.py"))
    assert "Period: **Jan 2025 to Feb 2025**" in text
    assert "Workloads: **in scope**" in text


def test_location_vs_market_explains_the_difference(own):
    app = open_app("methods.py")
    alts = [chart.proto.alt for chart in app.get("plotly_chart")]
    # Rows bring their own market factor: 2 280 - 5 236 = -2 956 kg on that rung.
    assert any(
        f"Location-based 5.24{THIN}t, market-based 2.28{THIN}t" in alt
        and f"Factor on the row {numbers.MINUS}2.96{THIN}t" in alt
        for alt in alts
    )


def _ordered(portfolio):
    frame = portfolio.workloads()
    return frame.sort("completeness", "workload_id", nulls_last=True).to_dicts()


def _button(app, label):
    return next(button for button in app.button if button.label == label)
