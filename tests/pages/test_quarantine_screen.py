"""Quarantine: the reasons, a column mended by a rule, a row discarded, and what was decided."""

import pytest
from screens import go_to, open_app, words

from carbon.portfolio import Portfolio
from pages.ui.mending import key_of

# 10 kWh count. Mended, row 3 has 2 MWh and row 4 3 MWh; row 5 is below zero.
FILE = b"""\
workload,zone,period_start,period_end,energy_kwh,note
chat,CAMX,2025-01-01,2025-01-31,10,
<b>rag</b>,CAMX,2025-01-01,2025-01-31,2 megawatthours,=1+1
<b>rag</b>,CAMX,2025-02-01,2025-02-28,3 megawatthours,
chat,CAMX,2025-02-01,2025-02-28,-5,
"""


@pytest.fixture
def aside(own: Portfolio) -> Portfolio:
    taken = own.import_files([("meters.csv", FILE)], who="test").files[0]
    assert (taken.accepted, taken.quarantined) == (1, 3)
    return own


def button(app, label):
    return next(found for found in app.button if found.label.startswith(label))


def row_numbers(portfolio):
    return portfolio.quarantine()["row"].to_list()


def test_the_reasons_stand_first_most_rows_first(aside):
    app = open_app("quarantine.py")
    assert not app.exception
    text = words(app)
    assert "**3 rows** of 1 file are set aside, for 2 reasons." in text
    options = app.radio(key="quarantine_reason").options
    assert [option.split("**")[1] for option in options] == ["2 rows", "1 row"]
    assert "megawatthours" in options[0]


def test_the_rows_stand_with_the_cell_at_fault_first_and_names_as_text(aside):
    app = open_app("quarantine.py")
    shown = app.dataframe[0].value
    assert shown.columns[:3].to_list() == ["(row)", "energy_kwh", "workload"]
    assert shown["energy_kwh"].to_list() == ["2 megawatthours", "3 megawatthours"]
    assert shown["workload"].to_list() == ["<b>rag</b>"] * 2
    assert "<b>rag" not in words(app)


def test_a_column_is_mended_by_a_rule_after_its_preview(aside):
    app = open_app("quarantine.py")
    app.selectbox(key="fix_unit").set_value("MWh").run()
    assert "**2 of 2 rows** would then be taken." in words(app)
    assert row_numbers(aside) == [3, 4, 5]  # a preview changes nothing
    button(app, "Mend 2 cells").click().run()
    text = words(app)
    assert "2 cells mended" in text
    assert "2 rows taken, 1 row still set aside" in text
    assert "**1 row** of 1 file is set aside, for 1 reason." in text
    assert row_numbers(aside) == [5]
    # 2 MWh x 1 000 + 3 MWh x 1 000 + 10 kWh, by the default PUE of 1.56: 7 815.6 kWh, and what
    # the workspace held before.
    assert aside.footprint(["workload"]).rows.filter(workload="<b>rag</b>")[
        "energy_facility_kwh"
    ].item() == pytest.approx(5000 * 1.56)


def test_a_cell_that_was_edited_is_submitted(aside):
    app = open_app("quarantine.py")
    reason = aside.quarantine_reasons().row(0, named=True)
    key = f"quarantine_{aside.version}_{key_of(reason)}"
    app.session_state[key] = {"edited_rows": {1: {"energy_kwh": "3 MWh"}}}
    app.run()
    button(app, "Submit 1 change").click().run()
    assert "1 cell mended" in words(app)
    assert row_numbers(aside) == [3, 5]


def test_a_row_is_discarded_with_a_reason_and_taken_back(aside):
    app = open_app("quarantine.py")
    app.radio(key="quarantine_reason").set_value(1).run()
    assert button(app, "Discard 1 row").disabled
    app.text_input(key="discard_reason").set_value("a credit note").run()
    button(app, "Discard 1 row").click().run()
    assert "1 row discarded: a credit note" in words(app)
    assert row_numbers(aside) == [3, 4]
    app.multiselect(key=f"restore_{aside.version}").set_value([0]).run()
    button(app, "Take back").click().run()
    assert "1 row taken back" in words(app)
    assert row_numbers(aside) == [3, 4, 5]


def test_a_file_is_submitted_again_as_it_is(aside):
    app = open_app("quarantine.py")
    button(app, "Submit the file again").click().run()
    assert "0 rows taken, 3 rows still set aside" in words(app)


def test_a_rule_that_fits_nothing_says_so(aside):
    app = open_app("quarantine.py")
    kind = next(box for box in app.selectbox if box.label == "What to do")
    kind.set_value("replace").run()
    app.text_input(key="fix_sought").set_value("gigawatt").run()
    assert "This would change no cell" in words(app)


def test_nothing_set_aside_says_so(own):
    app = open_app("quarantine.py")
    assert "every row of every file was taken" in words(app)


def test_import_leads_to_the_rows_that_it_set_aside(aside):
    app = open_app("import_.py")
    assert "3 rows set aside so far" in words(app)
    assert "Open Quarantine" in [link.proto.label for link in app.get("page_link")]
    app = go_to(app, "overview.py")
    assert "Mend them in Quarantine" in [link.proto.label for link in app.get("page_link")]
