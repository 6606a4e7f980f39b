"""A model is opened from the list, read, and its address shows a colleague the same page.

Training 2 000 kWh x 0.5 = 1 000 kg; serving 150 kWh x 0.5 = 75 kg over 50 000 requests: 3 Wh and
1.5 g each.
"""

import pytest
from browsing import serve, visit

from carbon.portfolio import Portfolio

pytestmark = pytest.mark.browser

FILE = b"""\
workload,model,lifecycle,zone,period_start,period_end,energy_kwh,energy_boundary,location_factor_kg_per_kwh,factor_source,requests
pretrain,Helix,training,FR,2025-01-01,2025-01-31,2000,facility,0.5,meter.pdf,
chat,Helix,inference_realtime,FR,2025-02-01,2025-02-28,150,facility,0.5,meter.pdf,50000
"""


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_a_model_is_opened_and_read(chromium, tmp_path, width):
    workspace = tmp_path / "ws"
    Portfolio(workspace).import_files([("meters.csv", FILE)])
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": width, "height": 1600}) as me,
    ):
        me.open("models?workspace=own")
        assert "The largest training is that of Helix, 1.00 t once." in me.text()
        me.page.get_by_role("combobox", name="Model").click()
        me.page.get_by_role("option", name="Helix").click()
        me.page.get_by_role("heading", name="Helix", exact=True).wait_for()
        me.settle()
        assert "model=helix" in me.page.url.lower()
        text = me.text()
        for part in ("Training, once", "1.00 t", "Per request", "1.50 g", "3.00 Wh", "Full stack"):
            assert part in text, part

        me.page.get_by_role("button", name="chat", exact=True).click()
        me.page.get_by_text("Where this figure comes from").wait_for()
        me.settle()
        assert "meters.csv" in me.text()

        me.open("models?workspace=own&model=Helix")
        assert "Beside others, per request" in me.text()
        assert me.outside == []
        assert me.failures == []
