"""What changed, as a reader asks it: the largest reason, a click on a bar, who is behind, the CSV.

chat    1000 kWh x 0.5 = 500 kg in Jan 2024; 1000 x 0.4 = 400 kg in Jan 2025: grid -100 kg
fresh   2000 kWh x 0.1 = 200 kg in Jan 2025 only: new +200 kg
"""

import csv
from pathlib import Path

import pytest
from browsing import serve, visit

from carbon.portfolio import Portfolio

pytestmark = pytest.mark.browser

FILE = b"""\
workload,model,lifecycle,zone,period_start,period_end,energy_kwh,energy_boundary,requests,location_factor_kg_per_kwh,factor_source
chat,Chat,inference_realtime,DE,2024-01-01,2024-01-31,1000,facility,1000,0.5,a.pdf
chat,Chat,inference_realtime,DE,2025-01-01,2025-01-31,1000,facility,1000,0.4,a.pdf
fresh,New,training,FR,2025-01-01,2025-01-31,2000,facility,,0.1,a.pdf
"""


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_the_reason_is_found_and_followed(chromium, tmp_path, width):
    workspace = tmp_path / "ws"
    Portfolio(workspace).import_files([("years.csv", FILE)])
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": width, "height": 1600}) as me,
    ):
        me.open("changed?workspace=own")
        me.page.get_by_role("radio", name="Location", exact=True).click()
        me.settle()
        text = me.text()
        assert "Jan 2025 against Jan 2024, location-based" in text
        assert "100 kg more, 20 %: from 500 kg to 600 kg." in text
        assert "The largest reason is new workloads, +200 kg." in text
        assert "Location-based: most by fresh, +200 kg." in text

        # Rows of the chart from above: the first total, new workloads, grid intensity, the second.
        bars = me.page.locator(".barlayer .point path")
        assert bars.count() == 4
        box = bars.nth(2).bounding_box()
        me.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        me.settle()
        assert "Location-based: most by chat, −100 kg." in me.text()

        me.page.get_by_text("Table and CSV").first.click()
        me.settle()
        with me.page.expect_download() as download:
            me.page.get_by_role("button", name="Download CSV").first.click()
        rows = list(csv.reader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
        assert [row[0] for row in rows[1:]] == [
            *("First period", "New workloads", "Grid intensity", "Second period"),
        ]  # fmt: skip
        assert [float(row[1]) for row in rows[1:]] == pytest.approx([500, 200, -100, 600])
        assert me.page.evaluate("document.body.scrollWidth") <= width
        assert me.outside == []
        assert me.failures == []
