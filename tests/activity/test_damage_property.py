"""Whatever happens to a file, its rows are accounted for or it is refused in words."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carbon.activity import read
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading, RefusalError, RefusedMember

DATA = Path(__file__).parents[1] / "data"
EXAMPLES = max(200, settings().max_examples)
"""How many damaged files a test tries; the profile of `make fuzz` asks for more."""

JUNK = [
    "",
    "NA",
    "-1",
    "1e999",
    "1,234",
    "1.234,5",
    "12 kWh",
    "12 kWhh",
    "NaN",
    "2025-02-30",
    "13/14/2025",
    "2025-13-01",
    '"',
    '"a,b"',
    "=cmd|'/c calc'!A1",
    "<script>alert(1)</script>",
    "学習ジョブ",
    "\x00",
    "\ufffd",
    "9" * 400,
    "0001-01-01",
    "9999-12-31",
    "{",
    "null",
    "[1,2]",
    "workload",
    "US-XX",
]


def _lines(change: Callable[[list[str], int, int], list[str]]) -> Callable[[str, int, int], str]:
    def damage(text: str, a: int, b: int) -> str:
        lines = text.split("\n")
        return "\n".join(change(lines, a % len(lines), b % len(lines)))

    return damage


def _replace_cell(text: str, a: int, b: int) -> str:
    lines = text.split("\n")
    cells = lines[a % len(lines)].split(",")
    cells[b % len(cells)] = JUNK[(a + b) % len(JUNK)]
    lines[a % len(lines)] = ",".join(cells)
    return "\n".join(lines)


def _drop_cell(text: str, a: int, b: int) -> str:
    lines = text.split("\n")
    cells = lines[a % len(lines)].split(",")
    del cells[b % len(cells)]
    lines[a % len(lines)] = ",".join(cells)
    return "\n".join(lines)


def _insert(text: str, a: int, b: int) -> str:
    at = a % (len(text) + 1)
    return text[:at] + JUNK[b % len(JUNK)] + text[at:]


DAMAGES: list[Callable[[str, int, int], str]] = [
    _lines(lambda lines, a, b: lines[:a] + lines[a + 1 :]),
    _lines(lambda lines, a, b: [*lines, lines[a]]),
    _lines(lambda lines, a, b: [lines[b] if i == a else x for i, x in enumerate(lines)]),
    _lines(lambda lines, a, b: [*lines[:a], "", *lines[a:]]),
    _replace_cell,
    _replace_cell,
    _replace_cell,
    _drop_cell,
    lambda text, a, b: text[: a % (len(text) + 1)],
    lambda text, a, b: (
        text[: a % (len(text) + 1)] + JUNK[b % len(JUNK)] + text[a % (len(text) + 1) :]
    ),
    lambda text, a, b: text.replace(",", ";\t|"[b % 3]),
    lambda text, a, b: text.replace("\n", "\r\n"),
    lambda text, a, b: text.replace(":", "", 1 + a % 5),
    lambda text, a, b: text.replace("20", "99", 1 + b % 9),
]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp932", "gb18030"]

damages = st.lists(
    st.tuples(st.sampled_from(range(len(DAMAGES))), st.integers(0, 10_000), st.integers(0, 10_000)),
    max_size=5,
)


def account_for(reading: Reading) -> None:
    """rows = distinct row numbers of accepted and quarantined, and no row is both."""
    accepted = pl.concat(
        [
            reading.activity["row_number"],
            reading.reported["row_number"],
            reading.instruments["row_number"],
        ]
    ).unique()
    aside = reading.quarantine["row_number"].unique()
    assert set(accepted) & set(aside) == set()
    assert len(accepted) + len(aside) == reading.rows


def read_all(name: str, data: bytes, context: Context, format: str | None) -> None:
    try:
        for payload in open_payloads(name, data):
            if isinstance(payload, RefusedMember):
                raise RefusalError(payload.reason)
            account_for(read(payload, context, format))
    except RefusalError as refusal:
        message = str(refusal)
        assert message.endswith(".")
        assert "Traceback" not in message


@pytest.mark.parametrize(
    ("file", "format"),
    [
        ("template.csv", "activity-template"),
        ("codecarbon_3.csv", "codecarbon"),
        ("aws_carbon.csv", "aws-carbon-export"),
        ("google_carbon.jsonl", "google-carbon-footprint"),
        ("azure_carbon.json", "azure-carbon-optimization"),
        ("instruments.csv", "instrument-template"),
    ],
)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=damages,
    packing=st.tuples(st.sampled_from(ENCODINGS), st.integers(0, 40)),
    named=st.booleans(),
)
def test_a_damaged_file_is_refused_or_every_row_is_accounted_for(
    file: str,
    format: str,
    context: Context,
    *,
    steps: list[tuple[int, int, int]],
    packing: tuple[str, int],
    named: bool,
) -> None:
    encoding, cut = packing
    text = (DATA / file).read_text("utf-8")
    for kind, a, b in steps:
        text = DAMAGES[kind](text, a, b)
    data = text.encode(encoding, errors="replace")
    read_all(file, data[: len(data) - cut], context, format if named else None)


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_in_words_or_read(data: bytes) -> None:
    read_all("anything.bin", data, Context(evidence_id="e" * 64), None)


@settings(
    max_examples=EXAMPLES // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cut=st.integers(0, 5000), flips=st.lists(st.integers(0, 5000), max_size=4))
@pytest.mark.parametrize("kind", ["xlsx", "parquet", "gzip", "zip"])
def test_damaged_containers_are_refused_in_words_or_read(
    kind: str, containers: dict[str, bytes], context: Context, cut: int, flips: list[int]
) -> None:
    data = bytearray(containers[kind])
    for flip in flips:
        data[flip % len(data)] ^= 0xFF
    keep = len(data) - cut if cut < len(data) and cut % 2 else len(data)
    read_all(f"file.{kind}", bytes(data[:keep]), context, "activity-template")


@pytest.fixture(scope="module")
def containers() -> dict[str, bytes]:
    """The template in every container, made here."""
    plain = (DATA / "template.csv").read_bytes()
    frame = pl.read_csv(plain, infer_schema=False)
    parquet, packed, book = io.BytesIO(), io.BytesIO(), io.BytesIO()
    frame.write_parquet(parquet)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/template.csv", plain)
        archive.writestr("__MACOSX/a/._template.csv", b"junk")
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet("Activity")
        for r, row in enumerate([frame.columns, *frame.rows()]):
            for c, cell in enumerate(row):
                sheet.write_string(r, c, cell or "")
    return {
        "xlsx": book.getvalue(),
        "parquet": parquet.getvalue(),
        "gzip": gzip.compress(plain, mtime=0),
        "zip": packed.getvalue(),
    }
