"""A column's unit is mended in the browser and its rows arrive; one is discarded; the calendar
shows what is missing. Every figure is worked out by hand.
"""

import pytest
from browsing import serve, visit

from carbon.portfolio import Portfolio

pytestmark = pytest.mark.browser

# Row 2 has 10 kWh of facility energy. Rows 3 and 4, mended: 2 MWh and 3 MWh. Row 5 is a credit.
# The row's own factor is 0.5 kg/kWh: 10 kWh give 5 kg, 5 010 kWh give 2 505 kg = 2.51 t (rounded
# to three digits from 2.505, of which the double lies above).
FILE = b"""\
workload,zone,period_start,period_end,energy_kwh,energy_boundary,location_factor_kg_per_kwh,factor_source
chat,FR,2025-01-01,2025-01-31,10,facility,0.5,meter.pdf
rag,FR,2025-01-01,2025-01-31,2 megawatthours,facility,0.5,meter.pdf
rag,FR,2025-03-01,2025-03-31,3 megawatthours,facility,0.5,meter.pdf
chat,FR,2025-03-01,2025-03-31,-5,facility,0.5,meter.pdf
"""


def test_rows_get_in_or_are_discarded_and_the_calendar_shows_the_gap(chromium, tmp_path):
    workspace = tmp_path / "ws"
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": 1280, "height": 1000}) as me,
    ):
        me.open("import?workspace=own")
        me.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
            [{"name": "meters.csv", "mimeType": "text/csv", "buffer": FILE}]
        )
        me.page.get_by_role("button", name="Import 1 file").click()
        me.page.get_by_text("Import finished").wait_for(timeout=60_000)
        me.settle()
        me.page.get_by_role("link", name="Fix 3 rows").click()
        me.page.get_by_role("heading", name="Quarantine", exact=True).wait_for()
        me.settle()
        assert "3 rows of 1 file are set aside, for 2 reasons." in me.text()

        _mend_the_unit(me)
        _discard_the_credit(me)
        _see_the_gap(me)
        assert me.outside == []
        assert me.failures == []
    found = Portfolio(workspace)
    assert found.footprint().totals["location_kg_co2e"] == pytest.approx(5010 * 0.5)
    assert found.quarantine().is_empty()
    assert found.verify()["ok"]


def _mend_the_unit(me):
    me.page.get_by_role("combobox", name="Unit").click()
    me.page.get_by_role("combobox", name="Unit").fill("MWh")
    me.page.get_by_role("option", name="MWh", exact=True).click()
    me.page.get_by_text("2 of 2 rows").wait_for()
    me.settle()
    me.page.get_by_role("button", name="Mend 2 cells and submit the file again").click()
    me.page.get_by_text("2 cells mended").wait_for()
    me.settle()
    text = me.text()
    assert "2 rows taken, 1 row still set aside" in text
    assert "1 row of 1 file is set aside, for 1 reason." in text


def _discard_the_credit(me):
    me.page.get_by_role("tab", name="Discard").click()
    me.page.get_by_label("Reason, for the record").fill("a credit note")
    me.page.get_by_label("Reason, for the record").press("Enter")
    me.settle()
    me.page.get_by_role("button", name="Discard 1 row").click()
    me.page.get_by_text("1 row discarded: a credit note").wait_for()
    me.settle()
    text = me.text()
    assert "every row of every file was taken, or discarded with a reason" in text
    assert "3 decisions" in text


def _see_the_gap(me):
    me.page.get_by_test_id("stSidebarNavItems").get_by_role("link", name="Sources").click()
    me.page.get_by_role("heading", name="Sources", exact=True).wait_for()
    me.settle()
    drawn = me.page.locator(".st-key-source_calendar")
    drawn.locator(".heatmaplayer image, .heatmaplayer path").first.wait_for(state="attached")
    said = drawn.get_by_role("img").first.get_attribute("aria-label") or me.page.content()
    assert "1 month missing between others: meters Feb 2025" in said
    me.page.get_by_text("Table and CSV").click()
    with me.page.expect_download() as download:
        me.page.get_by_role("button", name="Download CSV").first.click()
    text = download.value.path().read_text("utf-8-sig")
    assert "meters,2025-02,0.0,missing between months that are there" in text
