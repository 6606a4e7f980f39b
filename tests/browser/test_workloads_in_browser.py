"""Several workloads are edited at once, and the inventory goes through a spreadsheet and back."""

import io
import re

import polars as pl
import pytest
from browsing import serve, visit

from carbon.portfolio import Portfolio

pytestmark = pytest.mark.browser

FILE = b"""\
workload,zone,period_start,period_end,energy_kwh,energy_boundary,location_factor_kg_per_kwh,factor_source
chat,FR,2025-01-01,2025-01-31,10,facility,0.5,meter.pdf
rag,FR,2025-01-01,2025-01-31,20,facility,0.5,meter.pdf
scan,FR,2025-01-01,2025-01-31,30,facility,0.5,meter.pdf
"""


def test_workloads_are_edited_in_bulk_and_in_a_spreadsheet(chromium, tmp_path):
    workspace = tmp_path / "ws"
    Portfolio(workspace).import_files([("meters.csv", FILE)])
    with (
        serve(workspace) as base,
        visit(chromium, base, viewport={"width": 1280, "height": 1000}) as me,
    ):
        me.open("inventory?workspace=own")
        assert "3 workloads · 0 outside the boundary · 3 incomplete" in me.text()
        _change_two(me)
        _through_a_workbook(me)
        _see_the_history(me)
        assert me.outside == []
        assert me.failures == []
    found = {row["workload_id"]: row for row in Portfolio(workspace).workloads().to_dicts()}
    assert [found[name]["owner"] for name in ("chat", "rag", "scan")] == ["Ana", "Ana", "Bo"]
    assert (found["scan"]["in_scope"], found["scan"]["boundary_reason"]) == (False, "sold")
    # What is left in scope: 10 and 20 kWh at 0.5 kg/kWh.
    totals = Portfolio(workspace).footprint().totals
    assert totals["location_kg_co2e"] == pytest.approx(15)


def _go(me, way):
    me.page.get_by_role("radio", name=way).click()
    me.settle()


def _choose(me, label, *options):
    """Options of a box that takes several."""
    box = me.page.get_by_role("combobox", name=re.compile(f"{label}$"))
    for option in options:
        box.click()
        box.fill(option)
        me.page.get_by_role("option", name=option, exact=True).click()
        me.page.keyboard.press("Escape")
    me.settle()


def _change_two(me):
    _go(me, "Edit several")
    _choose(me, "Workloads", "chat", "rag")
    _choose(me, "Fields", "Owner")
    me.page.get_by_role("textbox", name="Owner").fill("Ana")
    me.page.get_by_role("textbox", name="Owner").press("Enter")
    me.page.get_by_text("2 fields of 2 workloads").wait_for()
    me.settle()
    me.page.get_by_role("button", name="Change 2 workloads").click()
    me.page.get_by_text("Changed 2 fields of 2 workloads.").wait_for()
    me.settle()


def _through_a_workbook(me):
    """Download, edit a row as a spreadsheet would, give it back, see what changes, apply."""
    _go(me, "In a spreadsheet")
    with me.page.expect_download() as download:
        me.page.get_by_role("button", name="Download XLSX").click()
    rows = pl.read_excel(download.value.path(), sheet_name="Workloads", infer_schema_length=0)
    mine = pl.col("workload") == "scan"
    edits = {"owner": "Bo", "in_scope": "no", "boundary_reason": "sold"}
    buffer = io.BytesIO()
    rows.with_columns(
        pl.when(mine).then(pl.lit(value)).otherwise(pl.col(name).cast(pl.String)).alias(name)
        for name, value in edits.items()
    ).write_excel(buffer, "Workloads")
    me.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        [{"name": "edited.xlsx", "mimeType": "application/zip", "buffer": buffer.getvalue()}]
    )
    # Owner, scope, reason, and the day of the decision.
    me.page.get_by_text("4 fields, in 1 workload").wait_for()
    me.settle()
    me.page.get_by_role("button", name="Apply the file").click()
    me.page.get_by_text("Changed 4 fields as edited.xlsx says.").wait_for()
    me.settle()
    assert "3 workloads · 1 outside the boundary" in me.text()


def _see_the_history(me):
    _go(me, "History")
    me.page.get_by_test_id("stDataFrame").wait_for()
    assert me.page.get_by_role("combobox", name=re.compile("Workload")).count() >= 1
