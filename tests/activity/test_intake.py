"""What was received: packing removed within bounds, everything else refused in words."""

import gzip
import io
import zipfile

import pytest
import xlsxwriter

from carbon.activity import archives, intake, recognise
from carbon.activity.intake import check_size, open_payloads
from carbon.activity.source import Payload, RefusalError, RefusedMember

CSV = b"workload,zone\na,GB\n"


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(RefusalError) as caught:
        open_payloads(name, data)
    return str(caught.value)


def test_plain_text_keeps_its_bytes_beside_its_characters() -> None:
    (payload,) = open_payloads("a.csv", CSV)
    assert (payload.kind, payload.text, payload.data) == ("text", CSV.decode(), CSV)


def test_gzip_is_opened_with_all_its_members() -> None:
    (payload,) = open_payloads("a.csv.gz", gzip.compress(CSV) + gzip.compress(b"b,FR\n"))
    assert payload.text == "workload,zone\na,GB\nb,FR\n"


def test_an_archive_gives_each_of_its_files_and_leaves_out_the_systems_own() -> None:
    payloads = open_payloads(
        "e.zip",
        zipped({"x/a.csv": CSV, "__MACOSX/x/._a.csv": b"\0", "b.csv.gz": gzip.compress(CSV)}),
    )
    assert [p.name for p in payloads] == ["e.zip › x/a.csv", "e.zip › b.csv.gz"]
    assert [p.data for p in payloads] == [CSV, CSV]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x89PNG\r\n", "looks like a PNG picture"),
        (b"%PDF-1.7", "looks like a PDF"),
        (b"", "is empty (0 bytes)"),
        (bytes(range(1, 32)) * 50, "not a text file"),
        (zipped({"a.csv": CSV}), "an archive in an archive"),
        (b"<!DOCTYPE html><p>", "is a web page"),
    ],
)
def test_a_member_that_cannot_be_taken_is_refused_by_its_own_name(
    content: bytes, says: str
) -> None:
    refused, taken = open_payloads("e.zip", zipped({"x.bin": content, "a.csv": CSV}))
    assert isinstance(refused, RefusedMember)
    assert refused.name == "e.zip › x.bin"
    assert refused.reason.startswith("e.zip › x.bin")
    assert says in refused.reason
    assert isinstance(taken, Payload)
    assert (taken.name, taken.data, taken.warnings) == ("e.zip › a.csv", CSV, ())


def test_a_damaged_member_costs_only_itself() -> None:
    data = zipped({"a.csv": CSV, "b.csv": CSV})
    # The first member's CRC, in the local header and in the central directory.
    broken = bytearray(data)
    central = broken.index(b"PK\x01\x02")
    broken[central + 16] ^= 0xFF
    refused, taken = open_payloads("e.zip", bytes(broken))
    assert isinstance(refused, RefusedMember)
    assert "a.csv in the archive is damaged" in refused.reason
    assert taken.name == "e.zip › b.csv"


@pytest.mark.parametrize("start", ["<html>", "\n <TABLE border=1>", "<!doctype html>"])
def test_a_web_page_named_like_a_table_is_refused_with_the_remedy(start: str) -> None:
    assert refusal("export.xls", f"{start}<tr><td>workload</td></tr>".encode()) == (
        "export.xls is a web page (HTML), whatever its name ends in; open it in the spreadsheet "
        "and save it as CSV or XLSX."
    )


def test_a_workbook_is_told_from_an_archive() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.add_worksheet().write(0, 0, "workload")
    (payload,) = open_payloads("a.bin", buffer.getvalue())
    assert payload.kind == "xlsx"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"a": 1}\n{"a": 2}\n', "jsonl"),
        ('{"a": 1}\n', "json"),
        ('[{"a": 1}]', "json"),
        ('{\n  "a": [\n    {"x": 1}\n  ]\n}', "json"),
        ('{"a": 1\n{"a": 2}\n', "jsonl"),
        ("a,b\n1,2\n", "text"),
    ],
)
def test_json_and_json_lines_are_told_apart(text: str, kind: str) -> None:
    assert open_payloads("f", text.encode())[0].kind == kind


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty (0 bytes). Export it again."),
        (b" \n\n ", "holds nothing but blanks"),
        (b"%PDF-1.7 ...", "looks like a PDF. Take the table behind it"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel workbook (.xls)"),
        (b"\x00\x01\x02\x03" * 100, "not a text file"),
        (b"PK\x03\x04" + b"x" * 50, "the ZIP archive is damaged or cut off"),
        (gzip.compress(CSV * 100, mtime=0)[:-12], "the gzip file is cut off"),
        (b"\x1f\x8b" + b"x" * 50, "the gzip file is damaged"),
        (zipped({"inner.zip": zipped({"a.csv": CSV})}), "an archive in an archive"),
        (zipped({}), "an archive without files"),
        (
            zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}),
            "a text document or slides",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_name_with_a_remedy(data: bytes, says: str) -> None:
    message = refusal("the file.bin", data)
    assert message.startswith("the file.bin")
    assert says in message


def test_two_gigabytes_are_refused_before_they_are_read() -> None:
    with pytest.raises(RefusalError, match=r"a\.csv is 2\.0 GiB, and at most 1 GiB"):
        check_size("a.csv", 2 << 30)


def test_an_encrypted_archive_is_refused_in_words() -> None:
    data = bytearray(zipped({"a.csv": CSV}))
    # Bit 0 of the general-purpose flags, in the local header and in the central directory.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "a.csv is encrypted" in refusal("e.zip", bytes(data))


def test_a_bomb_is_stopped_while_it_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "FREE_INFLATED", 1 << 20)
    zeros = bytes(8 << 20)
    assert "times its size" in refusal("b.gz", gzip.compress(zeros))
    assert "times its size" in refusal("b.zip", zipped({"a.csv": zeros}))
    monkeypatch.setattr(archives, "MAX_INFLATED", 2 << 20)
    monkeypatch.setattr(archives, "MAX_RATIO", 10_000)
    assert "unpacks to more than 2 MiB" in refusal("b.gz", gzip.compress(zeros))


def test_json_that_is_nested_without_end_is_refused() -> None:
    assert intake.open_payloads("f.json", b"[" * 50)[0].kind == "json"
    deep = "[" * 100_000 + "]" * 100_000
    (payload,) = open_payloads("f.json", deep.encode())
    with pytest.raises(RefusalError, match="nested too deep"):
        recognise(payload)
