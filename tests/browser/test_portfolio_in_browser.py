"""The portfolio's parts in the browser: areas, what makes most of it, and a workload's lineage.

Two workloads at 0.5 kg/kWh: 900 kWh -> 450 kg (Research, Helix, training) and 100 kWh -> 50 kg
(Care, Chat, inference).
"""

import pytest
from browsing import serve, visit

from carbon.portfolio import Portfolio

pytestmark = pytest.mark.browser

FILE = b"""\
workload,model,lifecycle,business_unit,zone,period_start,period_end,energy_kwh,energy_boundary,location_factor_kg_per_kwh,factor_source
helix-train,Helix,training,Research,FR,2025-01-01,2025-01-31,900,facility,0.5,meter.pdf
chat,Chat,inference_realtime,Care,FR,2025-02-01,2025-02-28,100,facility,0.5,meter.pdf
"""


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_the_parts_of_the_portfolio_are_seen_and_opened(chromium, tmp_path, width):
    workspace = tmp_path / "ws"
    Portfolio(workspace).import_files([("meters.csv", FILE)])
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": width, "height": 1400}) as me,
    ):
        me.open("portfolio?workspace=own")
        me.page.get_by_role("radio", name="Workloads").click()
        me.settle()
        areas = me.page.locator(".treemaplayer").first.text_content().replace("\u202f", " ")
        for part in ("Research", "Helix", "Training", "450 kg", "Care", "Chat"):
            assert part in areas, areas
        text = me.text()
        assert "pareto_by=workload" in me.page.url.lower()
        # 450 of 500 kg are 90 %.
        assert "1 workload of 2 makes 90 % of it." in text
        # 50 / 450 - 1 = -89 %.
        assert "89 % less in Feb 2025 (50.0 kg) than in Jan 2025 (450 kg)" in text
        assert me.outside == []
        assert me.failures == []
