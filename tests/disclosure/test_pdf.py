"""The PDF: archival, accessible, hostile text as text, the same bytes everywhere."""

import datetime as dt
import io
import json
import subprocess
import sys

import pikepdf
import pytest

from carbon.disclosure import data
from carbon.disclosure.pdf import pdf

ATTACHED = ["factors.csv", "lines.csv", "result.json"]


def printed(report, footprint) -> bytes:
    return pdf(report, data.attachments(report, footprint))


@pytest.fixture
def words(require, tmp_path):
    """The text of a PDF as pdftotext reads it, spaces of every width as one."""
    pdftotext = require("pdftotext")

    def read(book: bytes) -> str:
        path = tmp_path / "report.pdf"
        path.write_bytes(book)
        done = subprocess.run(
            [pdftotext, "-layout", str(path), "-"], capture_output=True, check=True
        )
        return " ".join(done.stdout.decode("utf-8").split())

    return read


def test_it_is_tagged_pdf_a_3a_and_pdf_ua_1(report, footprint):
    with pikepdf.open(io.BytesIO(printed(report, footprint))) as book:
        root = book.Root
        assert bool(root.MarkInfo.Marked) is True
        assert str(root.Lang) == "en"
        assert str(root.OutputIntents[0].S) == "/GTS_PDFA1"
        assert root.StructTreeRoot.K is not None
        assert bool(root.ViewerPreferences.DisplayDocTitle) is True
        with book.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
            assert meta["pdfuaid:part"] == "1"
            assert meta["dc:title"] == (
                "Carbon footprint of the AI portfolio, Meridian <script>alert(1)</script> AG, "
                "January 2025 to February 2025"
            )
        fonts = {
            str(font.BaseFont): font
            for page in book.pages
            for font in page.Resources.get("/Font", pikepdf.Dictionary()).values()
        }
        assert fonts
        for font in fonts.values():
            descriptor = font.DescendantFonts[0].FontDescriptor
            assert "/FontFile2" in descriptor or "/FontFile3" in descriptor


def test_the_machine_readable_result_is_attached_byte_for_byte(report, footprint):
    files = data.attachments(report, footprint)
    with pikepdf.open(io.BytesIO(pdf(report, files))) as book:
        specs = {str(spec.UF): spec for spec in book.Root.AF}
        assert sorted(specs) == ATTACHED
        for name, spec in specs.items():
            assert spec.EF.F.read_bytes() == files[name]
            assert str(spec.Desc)
        assert str(specs["result.json"].AFRelationship) == "/Data"
        assert str(specs["lines.csv"].AFRelationship) == "/Source"
        assert str(specs["result.json"].EF.F.Subtype) == "/application/json"


def test_qpdf_finds_nothing_wrong(report, footprint, tmp_path, require):
    path = tmp_path / "report.pdf"
    path.write_bytes(printed(report, footprint))
    done = subprocess.run(
        [require("qpdf"), "--check", str(path)], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_totals_worked_out_by_hand_are_printed_side_by_side(report, footprint, words):
    text = words(printed(report, footprint))
    for shown in (
        "2.00 t",  # Scope 2 location-based
        "1.00 t",  # Scope 2 market-based
        "2.50 t",  # category 1 location-based
        "3.10 t",  # category 1 market-based
        "4.50 t",  # compute total
        "4.10 t",
        "2 000.0 kgCO₂e",
        "3 100.0 kgCO₂e",
        "Category 1, electricity part only",
        "not a GHG Protocol total",
        "86 % of the facility energy is measured",
        "Memo item: hardware, amortised, 30.0 kgCO₂e",
        "28 February 2025",
        "from TDP (T5)",
    ):
        assert shown in text, shown


@pytest.mark.parametrize(
    "name",
    [
        "=cmd|'/c calc'!A1",
        "<script>alert(1)</script>",
        "学習ジョブ",
        '#import "evil.typ"',
        "$x$ *b* _i_ @ref <tag>",
        "back\\n `raw` [c] // no",
    ],
)
def test_a_hostile_name_is_printed_as_it_is(name, report, footprint, words):
    report["results"]["by_workload"][0]["workload"] = name
    report["boundary"]["included"][0]["workload"] = name
    report["findings"] = [
        {
            "code": "c",
            "severity": "warn",
            "title": name,
            "detail": name,
            "kwh": None,
            "workloads": [],
        }
    ]
    assert words(printed(report, footprint)).count(name) >= 3


def test_a_name_that_no_font_has_is_escaped_and_prints(report, footprint, words):
    report["results"]["by_workload"][0]["workload"] = "party \U0001f389 \u202e run"
    assert r"party \u{1f389} \u{202e} run" in words(printed(report, footprint))


SCRIPT = """
import hashlib, json, sys
from carbon.disclosure.pdf import pdf
given = json.load(sys.stdin)
files = {k: v.encode() for k, v in given["files"].items()}
print(hashlib.sha256(pdf(given["content"], files)).hexdigest())
"""


def test_the_same_content_gives_the_same_bytes_in_another_process_place_and_zone(
    report, footprint, tmp_path
):
    files = {k: v.decode() for k, v in data.attachments(report, footprint).items()}

    def run(zone: str, folder) -> str:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            input=json.dumps({"content": report, "files": files}),
            capture_output=True,
            text=True,
            check=True,
            cwd=folder,
            env={"TZ": zone, "PYTHONHASHSEED": "random", "LC_ALL": "C.UTF-8"},
        )
        return done.stdout

    assert run("UTC", "/") == run("Pacific/Auckland", tmp_path)
    assert printed(report, footprint) == printed(report, footprint)


def test_the_date_printed_may_be_given(report, footprint, words):
    book = pdf(report, {}, dt.date(2025, 4, 2))
    assert "2 April 2025" in words(book)
    with pikepdf.open(io.BytesIO(book)) as opened:
        assert str(opened.docinfo["/CreationDate"]).startswith("D:20250402")


def test_two_hundred_workloads_with_names_of_ninety_characters_break_over_pages(
    report, footprint, words
):
    row = report["results"]["by_workload"][0]
    report["results"]["by_workload"] = [
        {**row, "workload": f"w{i:03d}-" + "abcdefghij" * 9} for i in range(200)
    ]
    book = pdf(report, {})
    text = words(book)
    assert "w000-" in text and "w199-" in text
    with pikepdf.open(io.BytesIO(book)) as opened:
        assert len(opened.pages) > 15


def test_an_empty_portfolio_prints_words_and_no_zero(empty_report, nothing, words):
    text = words(pdf(empty_report, data.attachments(empty_report, nothing)))
    assert "No activity of this kind in the period" in text
    assert "No energy is known for this period" in text
    assert "0.00 t" not in text and "0 kg" not in text


def test_a_card_says_what_its_figure_leaves_out(report, footprint, words):
    report["results"]["categories"][1]["location_coverage"] = 0.64
    text = words(printed(report, footprint))
    assert "64 % found a location-based factor; the rest is in no figure" in text


def test_an_attachment_that_is_no_text_is_refused_by_name(report):
    with pytest.raises(ValueError, match=r"blob\.bin"):
        pdf(report, {"blob.bin": b"\xff\xfe\x00"})
