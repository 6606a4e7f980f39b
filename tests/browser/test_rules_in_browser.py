"""A rule is written in the browser: its dry run says what moves, and saving moves just that.

Facility energy by hand: pool 80 kWh, chat 20 kWh. A quarter of the pool goes to chat: 60 and 40.
"""

import pytest
from browsing import serve, visit

from carbon.portfolio import Portfolio

pytestmark = pytest.mark.browser

FILE = b"""\
workload,zone,period_start,period_end,energy_kwh,energy_boundary
pool,FR,2025-01-01,2025-01-31,80,facility
chat,FR,2025-01-01,2025-01-31,20,facility
"""


def test_a_rule_is_tried_and_saved_and_moves_what_it_said(chromium, tmp_path):
    workspace = tmp_path / "ws"
    Portfolio(workspace).import_files([("meters.csv", FILE)], who="ana")
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": 1280, "height": 1400}) as me,
    ):
        me.open("inventory?workspace=own")
        me.page.get_by_role("radio", name="Rules").click()
        me.page.get_by_text("There is no rule yet").wait_for()
        me.settle()
        _choose(me, "Column or tag", "workload")
        _choose(me, "Values", "pool")
        me.page.keyboard.press("Escape")
        _choose(me, "It may take", "also rows whose source names a workload")
        _choose(me, "Workload", "chat")
        me.page.get_by_label("Share [%]").fill("25")
        me.page.get_by_label("Share [%]").press("Enter")
        me.page.get_by_text("25 % to chat; the rest (75 %) stays as it is").wait_for()
        me.settle()
        assert "Holds for 1 row, takes 1 row: 20.0 kWh." in me.text()
        assert Portfolio(workspace).rules() == []

        me.page.get_by_role("button", name="Save the rule").click()
        me.page.get_by_text("Saved: workload is pool").wait_for()
        me.settle()
        text = me.text()
        assert "1. workload is pool" in text
        assert "in use" in text
        assert "Rules give to workloads\n20.0 kWh" in text
        assert me.outside == []
        assert me.failures == []
    found = Portfolio(workspace).footprint(["workload"], scope="all").rows
    assert dict(found.select("workload", "energy_facility_kwh").rows()) == {
        "chat": pytest.approx(40),
        "pool": pytest.approx(60),
    }


def _choose(me, label, text):
    """Pick one of a list, as a reader does who types the beginning."""
    box = me.page.get_by_role("combobox", name=label, exact=True)
    box.click()
    box.fill(text)
    me.page.get_by_role("option", name=text, exact=True).first.click()
    me.settle()
