"""An analyst moves load with the keyboard, keeps what came out, compares it and takes it along.

    Jan 2025     IT kWh  PUE   facility   factor        location-based
    chat   DE    1000    1.2   1200 kWh   0.40 kg/kWh   480 kg
    forge  FR     500    1.0    500 kWh   0.05 kg/kWh    25 kg

Of chat in Sweden, where no PUE is known and the overhead stays: all 24 + 25 = 49 kg; of 1 % less,
12 kWh x (0.40 - 0.02) = 4.56 kg more = 53.56 kg.
"""

import json
import subprocess
import sys
import tomllib

import pytest
from browsing import ROOT, Visit, serve, visit

from carbon.portfolio import Portfolio

pytestmark = pytest.mark.browser

USE = b"""\
workload,zone,period_start,period_end,energy_kwh,energy_boundary,pue
chat,DE,2025-01-01,2025-01-31,1000,it,1.2
forge,FR,2025-01-01,2025-01-31,500,it,1.0
"""

FACTORS = b"""\
zone,valid_from,valid_to,method,basis,kg_co2e_per_kwh,gwp_set,publisher,document
DE,2025-01-01,2025-12-31,location,direct,0.40,AR5,Operator,grid.csv
FR,2025-01-01,2025-12-31,location,direct,0.05,AR5,Operator,grid.csv
SE,2025-01-01,2025-12-31,location,direct,0.02,AR5,Operator,grid.csv
"""

ALL_OF_CHAT = "what-if?workspace=own&what=workload%3Achat&target=zone%3ASE"


@pytest.fixture
def workspace(tmp_path):
    path = tmp_path / "ws"
    Portfolio(path).import_files([("grid.csv", FACTORS), ("use.csv", USE)], who="test")
    return path


def card(me: Visit, method: str = "location") -> str:
    return me.page.locator(f".wi-card.{method}").inner_text().replace("\u202f", " ")


def hold_against_the_command_line(workspace, toml: bytes, handed: dict, tmp_path) -> None:
    """The exported scenario gives `carbon whatif` the figures of the exported JSON."""
    file = tmp_path / "taken.toml"
    file.write_bytes(toml)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "carbon",
            "whatif",
            str(file),
            "--workspace",
            str(workspace),
            "--json",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == handed


@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
def test_a_slider_moves_load_and_the_result_is_kept_compared_and_taken_along(
    chromium, workspace, tmp_path, width
):
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": width, "height": 1400}) as me,
    ):
        me.open(ALL_OF_CHAT)
        assert "505 kg → 49.0 kg" in card(me)
        assert "would lower your location-based figure by 456 kg (−90.3 %)" in card(me)

        me.page.get_by_role("slider", name="Share that moves").focus()
        me.page.keyboard.press("ArrowLeft")
        me.settle()
        assert "505 kg → 53.6 kg" in card(me)
        assert "99 % of workload chat to zone:SE." in me.text()
        assert "share=99" in me.page.url
        me.page.locator(".js-plotly-plot .barlayer path").first.wait_for()

        me.page.get_by_role("button", name="Save or export").click()
        me.settle()
        me.page.get_by_label("Name", exact=True).fill("Nearly all")
        me.page.get_by_label("Name", exact=True).press("Enter")
        me.settle()
        files = {}
        for kind in ("TOML", "JSON"):
            with me.page.expect_download() as arriving:
                me.page.get_by_role("button", name=kind, exact=True).click()
            files[kind] = arriving.value.path().read_bytes()
        moves = tomllib.loads(files["TOML"].decode())["moves"]
        assert moves == [{"workload": ["chat"], "share": 0.99, "to_zone": "SE"}]
        handed = json.loads(files["JSON"])
        assert handed["scenario"]["location_kg_co2e"] == pytest.approx(53.56)
        hold_against_the_command_line(workspace, files["TOML"], handed, tmp_path)

        me.page.get_by_text("Put in the report").click()
        me.settle()
        me.page.get_by_role("button", name="Save", exact=True).click()
        me.settle()
        kept = Portfolio(workspace)
        assert list(kept.scenarios()) == kept.scenarios_in_report() == ["Nearly all"]
        kept.save_scenario(
            {"name": "A tenth", "moves": [{"workload": "chat", "share": 0.1, "to_zone": "SE"}]}
        )

        me.open(f"{ALL_OF_CHAT}&show=saved")
        assert "Side by side" in me.text()
        me.page.locator(".st-key-whatif_compare_both .barlayer path").first.wait_for()
        me.page.get_by_role("button", name="Open").last.click()
        me.settle()
        assert "505 kg → 53.6 kg" in card(me)
        overflow = "document.documentElement.scrollWidth - window.innerWidth"
        assert me.page.evaluate(overflow) <= 0
        assert me.outside == []
        assert me.failures == []


def test_the_placement_and_its_frontier_are_drawn_and_used(chromium, workspace):
    """Half of chat may move, to Sweden's grid: 600 x 0.40 + 600 x 0.02 + 25 = 277 kg."""
    scenario = {
        "name": "Limits",
        "constraints": {
            "allowed_regions": ["zone:SE"],
            "forbidden": ["aws:*", "azure:*", "gcp:*"],
            "movable_share": {"chat": 0.5, "forge": 0.0},
        },
        "prices": {"zone:DE": 0.10, "zone:FR": 0.10, "zone:SE": 0.20},
        "currency": "EUR",
    }
    Portfolio(workspace).save_scenario(scenario)
    with serve(workspace) as base, visit(chromium, base) as me:
        me.open("what-if?workspace=own&show=saved")
        me.page.locator(".st-key-whatif_kept_Limits button").first.click()
        me.settle()
        me.page.get_by_text("Least-carbon placement", exact=True).click()
        me.settle()
        me.page.get_by_role("button", name="Find the least-carbon placement").click()
        me.settle()
        text = me.text()
        assert "505 kg → 277 kg CO₂e: would lower your location-based figure by 228 kg" in text
        assert "10 percentage points more of chat that may move would lower" in text
        drawn = me.page.locator(".st-key-whatif_frontier_location .scatterlayer .trace")
        drawn.first.wait_for()
        assert drawn.count() == 2
        me.page.get_by_role("button", name="Use this placement").click()
        me.settle()
        assert "505 kg → 277 kg" in card(me)
        assert me.outside == []
        assert me.failures == []
