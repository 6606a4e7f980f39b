"""An analyst puts a project outside the boundary and saves the data collection policy."""

import pytest
from browsing import serve, visit

from carbon.portfolio import Portfolio

# chat 100 kWh, toy 40 kWh of facility energy at 0.5 kg/kWh: 50 kg and 20 kg.
FILE = b"""\
workload,project,zone,period_start,period_end,energy_kwh,energy_boundary,location_factor_kg_per_kwh,factor_source
chat,assist,FR,2025-01-01,2025-01-31,100,facility,0.5,meter.pdf
toy,labs,FR,2025-01-01,2025-01-31,40,facility,0.5,meter.pdf
"""


def test_a_project_is_put_outside_and_the_policy_is_saved(chromium, tmp_path):
    workspace = tmp_path / "ws"
    Portfolio(workspace).import_files([("meters.csv", FILE)], who="ana")
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": 1280, "height": 1400}) as me,
    ):
        me.open("inventory?workspace=own")
        parts = me.page.locator(".st-key-part")
        parts.get_by_text("Boundary", exact=True).click()
        me.page.get_by_role("heading", name="Who is in scope").wait_for()
        me.settle()
        name = me.page.get_by_role("combobox", name="Project, or a pattern with * and ?")
        name.click()
        name.fill("labs")
        me.page.get_by_role("option", name="labs").first.click()
        reason = me.page.get_by_label("Reason, for the auditor").first
        reason.fill("R&D that is not AI")
        me.page.get_by_role("button", name="Decide", exact=True).click()
        me.page.get_by_text("Project labs is outside the boundary.").wait_for()
        me.settle()

        parts.get_by_text("Data collection", exact=True).click()
        me.page.get_by_role("heading", name="Versions").wait_for()
        me.settle()
        me.page.get_by_label("What changed, for the record").fill("first edition")
        me.page.get_by_role("button", name="Save as it stands").click()
        me.page.get_by_text("Saved as version 1.").wait_for()
        me.settle()
        with me.page.expect_download() as download:
            me.page.get_by_role("button", name="Download Markdown").first.click()
        text = download.value.path().read_text("utf-8")
        assert "# Data collection policy" in text
        assert "energy of the building" in text
        assert me.outside == []
        assert me.failures == []
    found = Portfolio(workspace)
    assert found.footprint().totals["location_kg_co2e"] == pytest.approx(100 * 0.5)
    assert found.collection_versions()["note"].to_list() == ["first edition"]
