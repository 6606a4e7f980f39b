"""Upload, inventory, footprint, report: the whole line in a browser, against figures done by hand.

The files and the hand calculation are in `exports.py`.
"""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest
from browsing import serve, visit
from exports import ADAPTER, CATEGORY_1_KG, FORMULA, SCOPE_2_KG, all_files

pytestmark = pytest.mark.browser

TITLES = ("Activity template", "CodeCarbon", "AWS", "Google", "Azure", "Instrument", "Factor")
SCREENS = (
    "Overview",
    "Portfolio",
    "Import",
    "Mapping",
    "Sources",
    "Instrument",
    "Quarantine",
    "AI inventory",
    "Location vs market",
    "Models",
    "Embodied",
    "Reports",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return all_files(tmp_path_factory.mktemp("exports"))


def test_from_files_to_report(chromium, require, files, tmp_path):
    workspace = tmp_path / "ws"
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": 1280, "height": 900}) as me,
    ):
        me.open()
        assert "Sample portfolio" in me.text()
        me.page.get_by_role("button", name="Start with my own files").click()
        me.settle()
        assert "No activity was imported yet" in me.text()

        _import(me, files)
        _see_the_totals(me)
        _visit_every_screen(me)
        pdf = _download(me, "PDF report", tmp_path)
        _check_pdf(pdf, require)
        assert me.outside == []
        assert me.failures == []
    _same_on_the_command_line(workspace, files, tmp_path)


def _import(me, files):
    me.page.get_by_role("link", name="Import files").click()
    me.settle()
    me.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [{"name": n, "mimeType": "application/octet-stream", "buffer": b} for n, b in files.items()]
    )
    me.page.get_by_role("button", name=f"Import {len(files)} files").wait_for(timeout=60_000)
    me.settle()
    text = me.text()
    for title in TITLES:
        assert title in text, title
    me.page.get_by_role("button", name=f"Import {len(files)} files").click()
    me.page.get_by_text("Import finished").wait_for(timeout=90_000)
    me.settle()
    text = me.text()
    # Four good rows of the template, one each of the six others; one region that nobody knows.
    assert "Rows taken\n10" in text
    assert "Set aside\n1" in text
    assert "1 row set aside so far" in text


def _see_the_totals(me):
    me.page.get_by_role("link", name="See the overview").click()
    me.page.get_by_text("Scope 2: own and colocated hardware").wait_for()
    me.settle()
    text = me.text()
    for figure in ("6.00 t CO₂e", "2.48 t CO₂e", "236 kg CO₂e", "280 kg CO₂e"):
        assert figure in text, figure
    for figure in ("location-based 6.24 t CO₂e (95 % interval", "market-based 2.76 t CO₂e (95 %"):
        assert figure in text, figure
    assert "1 row set aside" in text
    # What the clouds report stands beside, in a table of its own.
    table = me.page.get_by_role("region", name="Providers' own figures by month and method")
    table.scroll_into_view_if_needed()
    table.locator("td").first.wait_for(state="attached")
    cells = table.locator("td").all_text_contents()
    # AWS location and market, Google location and market, Azure without a method.
    reported = [float(cell) for cell in cells[3::5]]
    assert sorted(reported) == pytest.approx([281.4, 330.4, 611.03, 647.0, 3402.117])


def _visit_every_screen(me):
    for name in SCREENS:
        me.page.get_by_test_id("stSidebarNavItems").get_by_role("link", name=name).click()
        me.page.get_by_role("heading", name=name, exact=True).wait_for()
        me.settle()
        assert "could not be drawn" not in me.text()
        assert me.page.get_by_test_id("stException").count() == 0
        if name == "Overview":
            # The map's shapes come from the app itself.
            assert me.page.locator(
                ".st-key-map .countries path, .st-key-map .choroplethlayer path"
            ).count()
    me.page.locator(".react-pdf__Page, canvas").first.wait_for()


def _download(me, button, folder):
    with me.page.expect_download() as download:
        me.page.get_by_role("button", name=button).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name.startswith("ai-carbon-footprint-2025-01-to-")
    return path


def _check_pdf(path, require):
    subprocess.run([require("qpdf"), "--check", str(path)], check=True, capture_output=True)
    with pikepdf.open(path) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang)
        meta = pdf.open_metadata()
        assert meta["pdfaid:part"] == "3"
        assert meta["pdfuaid:part"] == "1"
        result = json.loads(pdf.attachments["result.json"].get_file().read_bytes())
    assert result
    text = subprocess.run(
        [require("pdftotext"), "-layout", str(path), "-"], check=True, capture_output=True
    ).stdout.decode()
    text = text.replace("\u202f", " ").replace("\u2009", " ")
    for figure in ("6.00 t", "2.48 t", "6 000", "2 480"):
        assert figure in text, figure
    assert FORMULA in text
    assert "学習" in text


def _same_on_the_command_line(workspace: Path, files, tmp_path):
    names = []
    for name, data in files.items():
        names.append(tmp_path / name)
        names[-1].write_bytes(data)
    other = tmp_path / "other"
    taken = _carbon("import", *names, "--workspace", other, code=3)
    assert sum(file["accepted"] for file in taken["files"]) == 10
    figures = _carbon("footprint", "--by", "scope_category", "--workspace", other)
    assert figures == _carbon("footprint", "--by", "scope_category", "--workspace", workspace)
    measured = _codecarbon_kwh(files["b.csv"])
    by_category = {row["scope_category"]: row for row in figures["rows"]}
    for category, (location, market), kwh in (
        ("scope_2", SCOPE_2_KG, 120_000 + measured),
        ("scope_3_cat_1", CATEGORY_1_KG, 1_040),
    ):
        row = by_category[category]
        # The tracker's two seconds weigh less than a gram.
        assert row["location_kg_co2e"] == pytest.approx(location, abs=1e-3)
        assert row["market_kg_co2e"] == pytest.approx(market, abs=1e-3)
        assert row["energy_facility_kwh"] == pytest.approx(kwh, rel=1e-9)
    adapter = _carbon("explain", "--workload", ADAPTER, "--workspace", workspace)
    assert adapter["figure"]["energy_facility_kwh"] == pytest.approx(measured, rel=1e-9)


def _carbon(*arguments, code=0):
    done = subprocess.run(
        [Path(sys.executable).with_name("carbon"), *map(str, arguments), "--json"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == code, done.stderr.decode()
    return json.loads(done.stdout)


def _codecarbon_kwh(data):
    """kWh of the run as the tracker wrote it: its PUE is inside already."""
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    return float(rows[-1]["energy_consumed"])
