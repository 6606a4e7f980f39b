"""A target as a reader sets it: the form, the path, a measure in the register.

2024: 12 x 1000 kWh x 0.5 = 6000 kg, the base period; 2025: 12 x 800 x 0.5 = 4800 kg, -20 %.
Half by Dec 2030 in 72 equal steps: after 12 of them the path allows 6000 - 3000 x 12 / 72 = 5500.
"""

import calendar

import pytest
from browsing import serve, visit

from carbon.portfolio import Portfolio

pytestmark = pytest.mark.browser

HEAD = (
    "workload,model,lifecycle,zone,period_start,period_end,energy_kwh,energy_boundary,"
    "location_factor_kg_per_kwh,factor_source\n"
)
ROWS = "".join(
    f"chat,Chat,inference_realtime,DE,{year}-{month:02d}-01,"
    f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]},{kwh},facility,0.5,a.pdf\n"
    for year, kwh in ((2024, 1000), (2025, 800))
    for month in range(1, 13)
)


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_a_target_is_set_and_the_path_is_drawn(chromium, tmp_path, width):
    workspace = tmp_path / "ws"
    Portfolio(workspace).import_files([("years.csv", (HEAD + ROWS).encode())])
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": width, "height": 2200}) as me,
    ):
        me.open("targets?workspace=own")
        me.page.get_by_label("Name").first.fill("Half by 2030")
        me.page.get_by_label("Name").first.press("Enter")
        me.settle()
        me.page.get_by_role("button", name="Set the target", exact=True).click()
        me.settle()
        text = me.text()
        assert "Twelve months to Dec 2025: 4.80 t CO₂e a year, where the path allows 5.50 t" in text
        assert "Below the path" in text
        assert me.page.locator(".scatterlayer .js-line").count() >= 3

        me.page.get_by_text("Set a target", exact=True).click()
        me.settle()
        me.page.get_by_text("Enter a measure", exact=True).click()
        me.settle()
        me.page.get_by_role("button", name="Enter it", exact=True).wait_for()
        assert me.page.evaluate("document.body.scrollWidth") <= width
        assert me.outside == []
        assert me.failures == []
