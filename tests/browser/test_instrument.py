"""Instrument in the browser: a set-up is chosen, and its code copied."""

import pytest
from browsing import serve, visit

from carbon.portfolio import Portfolio

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_a_set_up_is_chosen_and_copied(chromium, tmp_path, width):
    workspace = tmp_path / "ws"
    (page,) = [p for p in Portfolio(workspace).how_tos() if p.name == "watched-folder"]
    unit = page.code("carbon-watch.service")
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": width, "height": 1200}) as me,
    ):
        me.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        me.open("instrument?workspace=own")
        assert "OfflineEmissionsTracker" in me.text()
        me.page.get_by_role("radio", name="Watched folder").click()
        me.settle()
        assert "setup=watched" in me.page.url.lower()
        code = me.page.locator('[data-testid="stCode"]', has_text="ExecStart")
        code.hover()
        code.get_by_role("button").first.click()
        copied = me.page.evaluate("navigator.clipboard.readText()")
        assert copied.strip() == unit.strip()
        # Long lines scroll within their box: the page itself never does so sideways.
        assert me.page.evaluate("document.documentElement.scrollWidth") <= width
        assert me.outside == []
        assert me.failures == []
