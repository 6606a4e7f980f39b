"""What a reader does with the screens: follow a figure, pass on a link, change the theme.

The rows are `activity()` of `exports.py`; the hand calculation stands there.
"""

import pytest
from browsing import serve, visit
from exports import activity

from carbon.portfolio import Portfolio

pytestmark = pytest.mark.browser

ADDRESSES = (
    *("", "portfolio", "import", "mapping", "sources", "instrument", "quarantine"),
    *("inventory?part=Workloads", "inventory?part=Proposals", "inventory?part=Shadow AI"),
    *("inventory?part=Rules", "inventory?part=Boundary", "inventory?part=Data collection"),
    *("location-vs-market", "models", "seasonality", "embodied", "reports"),
)
WHITE, NEAR_BLACK = "rgb(255, 255, 255)", "rgb(11, 20, 18)"


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A server on a workspace that holds the rows."""
    workspace = tmp_path_factory.mktemp("reading") / "ws"
    Portfolio(workspace).import_files([("a.csv", activity())], who="test")
    with serve(workspace) as address:
        yield address


def test_a_link_shows_a_colleague_the_same_figures(chromium, base):
    with visit(chromium, base) as me:
        me.open()
        # The year's certificate and residual mix are not imported here: France takes the
        # location factor of the row, 20 000 x 0.05 = 1 000 kg, beside forge's 2 000 kg.
        assert "3.00 t CO₂e" in me.text()
        me.page.locator(".st-key-from").get_by_role("combobox").click()
        me.page.get_by_role("option", name="Feb 2025").click()
        me.settle()
        me.page.get_by_text("Market", exact=True).click()
        me.settle()
        address = me.page.url.removeprefix(f"{base}/")
        # February has 28 of forge's 59 days: 2 000 x 28 / 59 = 949 kg.
        assert "949 kg CO₂e" in me.text()
    with visit(chromium, base) as colleague:
        colleague.open(address)
        assert "949 kg CO₂e" in colleague.text()
        assert "3.00 t CO₂e" not in colleague.text()


def test_a_figure_opens_its_lineage_down_to_the_file(chromium, base):
    with visit(chromium, base) as me:
        me.open()
        me.page.get_by_role("button", name="How is this made up?").first.click()
        panel = me.page.get_by_role("dialog")
        panel.get_by_text("1 file").wait_for()
        me.settle()
        text = panel.inner_text().replace("\u202f", " ")
        assert "Scope 2: own and colocated hardware" in text
        assert panel.locator(".st-key-lineage_workload input").input_value() == "forge"
        assert "a.csv, rows 2" in text
        assert "5.00 t CO₂e" in text
        assert me.outside == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_follow_the_theme_at_once(chromium, base, scheme):
    other = "dark" if scheme == "light" else "light"
    with visit(chromium, base, color_scheme=scheme) as me:
        me.open()
        before = _ground_and_text(me)
        me.page.emulate_media(color_scheme=other)
        me.page.wait_for_timeout(1500)
        after = _ground_and_text(me)
    assert {before[0], after[0]} == {WHITE, NEAR_BLACK}
    assert {before[1], after[1]} == {"rgb(63, 78, 76)", "rgb(185, 200, 197)"}


@pytest.mark.parametrize("path", ADDRESSES)
def test_no_screen_is_wider_than_a_phone(chromium, base, path):
    with visit(chromium, base, viewport={"width": 390, "height": 844}) as me:
        me.open(path)
        width = "Math.max(...[...document.querySelectorAll('[data-testid=stMain]')].map(e => e.%s))"
        assert me.page.evaluate(width % "scrollWidth") <= 390
        assert "could not be drawn" not in me.text()
        assert me.outside == []
        assert me.failures == []


def test_the_menu_of_a_narrow_window_closes_once_a_page_is_chosen(chromium, base):
    with visit(chromium, base, viewport={"width": 390, "height": 844}) as me:
        me.open()
        me.page.get_by_test_id("stExpandSidebarButton").click()
        menu = me.page.get_by_test_id("stSidebar")
        me.page.wait_for_function(
            "document.querySelector('[data-testid=stSidebar]').dataset.collapsed === 'false'"
        )
        menu.get_by_role("link", name="Import").click()
        me.page.get_by_role("heading", name="Import", exact=True).wait_for()
        me.page.wait_for_function(
            "document.querySelector('[data-testid=stSidebar]').dataset.collapsed === 'true'"
        )
        assert me.failures == []


def test_the_same_bar_opens_again(chromium, base):
    with visit(chromium, base, viewport={"width": 1280, "height": 900}) as me:
        me.open()
        for _ in range(2):
            bar = me.page.locator("[class*=st-key-top_] .barlayer .point path").first
            bar.scroll_into_view_if_needed()
            box = bar.bounding_box()
            me.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            panel = me.page.get_by_role("dialog")
            panel.wait_for()
            me.settle()
            me.page.keyboard.press("Escape")
            panel.wait_for(state="detached")
            me.settle()


def _ground_and_text(me):
    return me.page.evaluate(
        """() => [
            getComputedStyle(document.querySelector('.stApp')).backgroundColor,
            getComputedStyle(document.querySelector('.js-plotly-plot .xtick text')).fill,
        ]"""
    )
