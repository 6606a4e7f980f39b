"""The Mapping screen in a browser, on a spreadsheet that the app has never seen.

The workbook is made here: German headers, a title above the table, MWh, a total below.

    workload       month       MWh        kWh IT     x PUE 1.2
    Suche          Jan 2025    12.5       12 500     15 000
    Suche          Feb 2025    10.25      10 250     12 300
    Vision         Feb 2025     2          2 000      2 400
                                                     29 700 kWh
"""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import xlsxwriter
from browsing import serve, visit
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

pytestmark = pytest.mark.browser

FACILITY_KWH = (12.5 + 10.25 + 2) * 1000 * 1.2


def workbook(rows: list[tuple[str, str, float, float]]) -> bytes:
    """A sheet with a title above its header, and a total below."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Verbrauch")
        sheet.write(0, 0, "Stromverbrauch der KI-Anwendungen, Rechenzentrum Lyon")
        sheet.write_row(2, 0, ["Monat", "Anwendung", "Strom (MWh)", "PUE"])
        for index, row in enumerate(rows):
            sheet.write_row(3 + index, 0, row)
        sheet.write_row(4 + len(rows), 0, ["", "Gesamt", sum(row[2] for row in rows)])
    return buffer.getvalue()


FIRST = workbook(
    [
        ("Jan 2025", "Suche", 12.5, 1.2),
        ("Feb 2025", "Suche", 10.25, 1.2),
        ("Feb 2025", "Vision", 2, 1.2),
    ]
)
NEXT = workbook([("Mar 2025", "Suche", 11, 1.2)])


OPENINGS = 5
"""How often a box is opened before it counts as one that does not open."""


def drop(me, name, data):
    me.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data}]
    )


def choose(me, label, option):
    """Choose in a box by its label, as a reader does."""
    box = me.page.get_by_role("combobox", name=label, exact=True).first
    offered = me.page.get_by_role("option", name=option, exact=True)
    for _ in range(OPENINGS):
        # A key that is pressed while the screen is drawn anew opens nothing.
        me.settle()
        box.scroll_into_view_if_needed()
        box.press("ArrowDown")
        try:
            offered.wait_for(timeout=3_000)
            break
        except PlaywrightTimeoutError:
            continue
    offered.click()
    me.settle()


def test_from_an_unknown_spreadsheet_to_a_format_that_is_recognised(chromium, tmp_path):
    workspace = tmp_path / "ws"
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": 1280, "height": 900}) as me,
    ):
        me.open("import")
        drop(me, "verbrauch-2025.xlsx", FIRST)
        me.page.get_by_text("is not recognised").wait_for(timeout=60_000)
        me.page.get_by_role("link", name="Say what its columns mean").click()
        me.page.get_by_role("heading", name="What the columns mean").wait_for()
        me.settle()

        text = me.text()
        # The guesses, and what the first cell becomes by them.
        assert "“12.5” → 12 500 kWh" in text
        assert "“Jan 2025” → 2025-01-01" in text
        assert "Guess: the header says “strom”, in MWh" in text
        assert "Guess: Anwendung says “Gesamt”" in text
        assert "3 rows to take" in text

        # A unit that is wrong shows at once; what no column says is typed in.
        choose(me, "Unit", "kWh")
        me.page.get_by_text("“12.5” → 12.5 kWh").wait_for()
        choose(me, "Unit", "MWh")
        me.page.get_by_text("“12.5” → 12 500 kWh").wait_for()
        country = me.page.locator('[class*="_country_row"]').get_by_role("textbox", name="Or the")
        country.fill("FR")
        country.press("Enter")
        me.settle()
        me.page.get_by_role("textbox", name="Name", exact=True).fill("strom-lyon")
        me.page.get_by_role("textbox", name="Title").fill("Strom, Lyon")
        me.page.get_by_role("textbox", name="Title").press("Enter")
        me.settle()
        me.page.get_by_role("button", name="Save and import").click()
        me.page.get_by_text("The mapping strom-lyon is kept").wait_for(timeout=60_000)
        me.settle()
        assert "3 rows in the file, 3 rows taken, 0 rows set aside" in me.text()

        # The next month is recognised.
        me.page.get_by_test_id("stSidebarNavItems").get_by_role("link", name="Import").click()
        me.page.get_by_role("heading", name="Import", exact=True).wait_for()
        me.settle()
        drop(me, "verbrauch-2025-03.xlsx", NEXT)
        me.page.get_by_text("1 row to take").wait_for(timeout=60_000)
        assert "Strom, Lyon" in me.text()
        assert me.outside == []
        assert me.failures == []
    _same_on_the_command_line(workspace, tmp_path)


def _same_on_the_command_line(workspace: Path, tmp_path: Path) -> None:
    totals = _carbon("footprint", "--workspace", workspace)["totals"]
    assert totals["energy_facility_kwh"] == pytest.approx(FACILITY_KWH)
    file = tmp_path / "verbrauch-2025-03.xlsx"
    file.write_bytes(NEXT)
    taken = _carbon("import", file, "--mapping", "strom-lyon", "--workspace", workspace)
    assert (taken["files"][0]["format"], taken["files"][0]["accepted"]) == ("mapping:strom-lyon", 1)
    totals = _carbon("footprint", "--workspace", workspace)["totals"]
    assert totals["energy_facility_kwh"] == pytest.approx(FACILITY_KWH + 11_000 * 1.2)


def _carbon(*arguments: object) -> dict:
    done = subprocess.run(
        [Path(sys.executable).with_name("carbon"), *map(str, arguments), "--json"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
