"""Workbook, JSON and CSV: the figures of the content, and no text that runs."""

import csv
import io
import json
import subprocess
import sys
import zipfile

import fastexcel
import polars as pl
import pytest

from carbon.disclosure import data
from carbon.disclosure.workbook import workbook

HOSTILE = "=cmd|'/c calc'!A1"
SHEETS = [
    "Summary",
    "Workloads",
    "Months",
    "Scope",
    "Factors",
    "Evidence",
    "Quarantine",
    "Methodology",
]


def cells(book: bytes, sheet: str) -> list[tuple]:
    reader = fastexcel.read_excel(book)
    return reader.load_sheet(sheet, header_row=None, dtypes="string").to_polars().rows()


def test_the_workbook_has_the_sheets_and_the_totals(report):
    book = workbook(report)
    assert fastexcel.read_excel(book).sheet_names == SHEETS
    rows = {row[0]: row for row in cells(book, "Summary")}
    heading = rows["Category"]
    location, market = (
        heading.index("Location-based, kgCO2e"),
        heading.index("Market-based, kgCO2e"),
    )
    assert [float(rows["Scope 2"][i]) for i in (location, market)] == [2_000, 1_000]
    category_1 = rows["Category 1, electricity part only"]
    assert [float(category_1[i]) for i in (location, market)] == [2_500, 3_100]


def test_a_workload_named_like_a_formula_is_text_and_no_cell_is_a_formula_or_a_link(report):
    book = workbook(report)
    assert HOSTILE in [row[0] for row in cells(book, "Workloads")]
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheets = [n for n in parts.namelist() if n.startswith("xl/worksheets/")]
        assert len(sheets) == len(SHEETS) + sum("_rels" in n for n in sheets)
        for name in sheets:
            xml = parts.read(name)
            assert b"<f>" not in xml and b"<f " not in xml and b"hyperlink" not in xml


def test_what_is_not_known_is_written_as_words(report):
    report["results"]["by_month"][0]["location_kg_co2e"] = None
    rows = cells(workbook(report), "Months")
    at = next(r for r in rows if r[0] == "Month").index("Location-based, kgCO2e")
    assert next(r for r in rows if r[0] == "2025-01")[at] == "not known"


SCRIPT = """
import hashlib, json, sys
from carbon.disclosure.workbook import workbook
print(hashlib.sha256(workbook(json.load(sys.stdin))).hexdigest())
"""


def test_the_workbook_has_the_same_bytes_in_another_process_at_another_time(report):
    def run(zone: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            input=json.dumps(report),
            capture_output=True,
            text=True,
            check=True,
            env={"TZ": zone, "PYTHONHASHSEED": "random"},
        )
        return done.stdout

    assert run("UTC") == run("Asia/Tokyo")


def test_json_is_the_content_with_sorted_keys(report):
    text = data.result_json(report).decode()
    assert json.loads(text) == report
    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, indent=2) + "\n"


@pytest.mark.parametrize("trigger", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_a_csv_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(trigger):
    frame = pl.DataFrame({"name": [trigger, "plain"], "kg": [-1.5, 2.0]})
    rows = list(csv.reader(io.StringIO(data.csv(frame).decode())))
    assert rows == [["name", "kg"], ["'" + trigger, "-1.5"], ["plain", "2.0"]]


def test_a_heading_that_a_spreadsheet_would_run_gets_an_apostrophe_too():
    assert data.csv(pl.DataFrame({"=x": [1]})).decode().splitlines()[0] == "'=x"


def test_attached_lines_are_those_of_the_period_and_boundary(report, footprint):
    files = data.attachments(report, footprint)
    assert sorted(files) == ["factors.csv", "lines.csv", "result.json"]
    rows = list(csv.DictReader(io.StringIO(files["lines.csv"].decode())))
    assert sum(float(r["location_kg"]) for r in rows) == pytest.approx(4_500)
    assert {r["workload"] for r in rows} == {"cluster-train", "chat", "'" + HOSTILE}
    factors = list(csv.DictReader(io.StringIO(files["factors.csv"].decode())))
    assert {f["factor_id"]: f["document"] for f in factors}["epa-egrid2023-SRVC"] == (
        "eGRID2023 data file"
    )


def test_a_report_without_factors_attaches_the_headings_alone(report):
    report["factors"] = []
    assert data.factors_csv(report).decode().startswith("factor_id,factor_zone,basis")
