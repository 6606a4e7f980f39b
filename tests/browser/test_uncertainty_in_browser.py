"""An analyst asks how sure the figure is, scores an input, and sees the interval move.

forge's energy, T1 at 1.05, is scored (5, 2, 2, 2, 2): 1.05 x 1.50 x ... in the logs, 1.5 and more.
"""

import pytest
from browsing import serve, visit
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from carbon.portfolio import Portfolio

OPENINGS = 5

pytestmark = pytest.mark.browser

ROWS = b"""\
workload,country,site,period_start,period_end,energy_kwh,energy_boundary,accelerator,accelerator_hours,pue,location_factor_kg_per_kwh
forge,FR,Lyon,2025-01-01,2025-01-31,100000,facility,,,,0.05
hours,FR,Lyon,2025-01-01,2025-01-31,,,A100-SXM4-40GB,10000,,0.05
"""


def choose(me, label, option):
    """Choose in a box by its label; one that still moves as it is opened closes again."""
    offered = me.page.get_by_role("option", name=option)
    for _ in range(OPENINGS):
        me.settle()
        me.page.get_by_role("combobox", name=label).press("ArrowDown")
        try:
            offered.wait_for(timeout=3_000)
            break
        except PlaywrightTimeoutError:
            continue
    offered.click()


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_an_input_is_scored_and_the_interval_widens(chromium, tmp_path, width):
    mine = Portfolio(tmp_path / "ws")
    mine.import_files([("rows.csv", ROWS)], who="ana")
    before = mine.uncertainty(draws=100).total["gsd2"]
    with (
        serve(tmp_path / "ws") as base,
        visit(chromium, base, viewport={"width": width, "height": 2600}) as me,
    ):
        me.open("uncertainty?workspace=own")
        text = me.text()
        assert "Share measured" in text
        assert "Measure the energy of hours first" in text
        assert me.page.locator(".js-plotly-plot .bars .point").count() >= 3
        me.page.get_by_role("radio", name="Embodied hardware").click()
        me.settle()
        assert "No meter narrows it" in me.text()
        address = me.page.url
        me.open(address.removeprefix(f"{base}/"))
        assert "No meter narrows it" in me.text()  # a link shows a colleague the same figure
        me.page.get_by_role("radio", name="Location-based").click()
        me.settle()
        me.page.get_by_text("Score an input").click()
        choose(me, "Energy of a workload, or a pattern", "forge")
        choose(me, "Reliability", "5: an unqualified estimate")
        me.page.get_by_label("Reason, for the auditor").fill("nobody read the meter")
        me.page.get_by_role("button", name="Score it").click()
        me.settle()
        assert "Energy of a workload forge is scored" in me.text()
        assert mine.uncertainty(draws=100).total["gsd2"] > before
        assert me.outside == []
        assert me.failures == []
