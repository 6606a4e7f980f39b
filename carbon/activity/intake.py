"""From bytes as received to payloads: packing removed, characters decoded, the kind told.

The name of a file is never used to tell what it is.
"""

import json
import re
from typing import Final

from carbon.activity import archives
from carbon.tables.decoding import decode
from carbon.tables.payload import Payload, RefusalError, RefusedMember

MAX_BYTES: Final = 1 << 30
"""A file larger than this [B] is refused before it is read."""

_ASK: Final = "Give the export as CSV, XLSX, JSON or Parquet."

_OTHER_KINDS: Final = (
    (b"%PDF", "a PDF", "Take the table behind it as CSV or XLSX."),
    (b"\x89PNG", "a PNG picture", _ASK),
    (b"\xff\xd8\xff", "a JPEG picture", _ASK),
    (b"GIF8", "a GIF picture", _ASK),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Excel workbook (.xls), or one locked with a password",
        "Open it, save it as .xlsx without a password, and import that.",
    ),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it, or use ZIP."),
    (b"Rar!", "a RAR archive", "Unpack it, or use ZIP."),
    (b"BZh", "a bzip2 file", "Unpack it, or use gzip."),
    (b"\xfd7zXZ", "an xz file", "Unpack it, or use gzip."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", "Unpack it, or use gzip."),
    (b"SQLite format 3\x00", "a SQLite database", "Export its table as CSV."),
    (b"ARROW1", "an Arrow (Feather) file", "Write it as Parquet."),
    (b"Obj\x01", "an Avro file", "Export it as JSON lines, CSV or Parquet."),
    (b"ORC", "an ORC file", "Export it as Parquet or CSV."),
    (b"\x7fELF", "a program", _ASK),
    (b"MZ\x90", "a program", _ASK),
)


_WEB_PAGE: Final = ("<html", "<table", "<!doctype")
"""Many portals give such a page the name of a workbook or a CSV."""

_LABEL_SET: Final = re.compile(r'\{\s*[A-Za-z_]\w*\s*=\s*"')
"""A line of Prometheus begins with its labels: `{__name__="…"}`, which is no JSON."""


def check_size(name: str, size: int) -> None:
    """Refuse a file by its size [B], before it is read.

    Raises:
        RefusalError: it is empty or larger than MAX_BYTES.
    """
    if size == 0:
        raise RefusalError(f"{name} is empty (0 bytes). Export it again.")
    if size > MAX_BYTES:
        raise RefusalError(
            f"{name} is {size / (1 << 30):.1f} GiB, and at most {MAX_BYTES >> 30} GiB is read at "
            "once. Split it by month or account and import the parts."
        )


def open_payloads(name: str, data: bytes) -> list[Payload | RefusedMember]:
    """The files in what was received: one, or those of a ZIP archive.

    Args:
        name: file name as received; members of an archive are named `archive.zip › member.csv`.
        data: the bytes.

    Returns:
        A Payload per file; of an archive with several files, a RefusedMember for each that cannot
        be taken, in their place.

    Raises:
        RefusalError: the file, the archive, or its only member cannot be read; the message names
            the file and the remedy.
    """
    check_size(name, len(data))
    if data.startswith(b"\x1f\x8b"):
        inner = archives.gunzip(name, data)
        if not inner:
            raise RefusalError(f"{name} is empty once unpacked. Export it again.")
        if inner.startswith(b"PK\x03\x04") and not _is_workbook(name, inner):
            raise RefusalError(f"{name} holds an archive in an archive. Unpack the outer one.")
        return [_payload(name, inner, ("gzip",))]
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not _is_workbook(name, data):
        return _members(name, data)
    return [_payload(name, data, ())]


def _members(name: str, data: bytes) -> list[Payload | RefusedMember]:
    """Each file of an archive, taken or refused on its own."""
    found: list[Payload | RefusedMember] = []
    for member, content in archives.members(name, data):
        label = f"{name} › {member}"
        try:
            found.append(_member(label, content))
        except RefusalError as refusal:
            found.append(RefusedMember(label, str(refusal)))
    if not found:
        raise RefusalError(f"{name} is an archive without files.")
    if len(found) == 1 and isinstance(found[0], RefusedMember):
        raise RefusalError(found[0].reason)
    return found


def _member(label: str, content: bytes | RefusalError) -> Payload:
    if isinstance(content, RefusalError):
        raise content
    check_size(label, len(content))
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not _is_workbook(label, content):
        raise RefusalError(
            f"{label} is an archive in an archive. Unpack the outer one and import its files."
        )
    unpacked = archives.gunzip(label, content) if content[:2] == b"\x1f\x8b" else content
    return _payload(label, unpacked, ("zip",))


def _payload(name: str, data: bytes, notes: tuple[str, ...]) -> Payload:
    if data.startswith(b"PAR1"):
        return Payload(name, "parquet", data=data, notes=notes)
    if data.startswith(b"PK\x03\x04"):
        archives.check_zip_growth(name, data)
        return Payload(name, "xlsx", data=data, notes=notes)
    for magic, what, remedy in _OTHER_KINDS:
        if data.startswith(magic):
            raise RefusalError(f"{name} looks like {what}. {remedy}")
    if data[257:262] == b"ustar":
        raise RefusalError(f"{name} is a tar archive. Unpack it, or use ZIP.")
    text, encoding, warnings = decode(name, data)
    if not text.strip("\ufeff \t\n\x1a"):
        raise RefusalError(f"{name} holds nothing but blanks. Export it again.")
    if text.lstrip("\ufeff \t\n")[:9].casefold().startswith(_WEB_PAGE):
        raise RefusalError(
            f"{name} is a web page (HTML), whatever its name ends in; open it in the spreadsheet "
            "and save it as CSV or XLSX."
        )
    return Payload(name, _text_kind(text), text, data, encoding, notes, warnings)


def _is_workbook(name: str, data: bytes) -> bool:
    """Whether a ZIP container is a workbook.

    Raises:
        RefusalError: it is another kind of document.
    """
    names = set(archives.open_zip(name, data).namelist())
    if any(n.startswith("xl/workbook.") for n in names):
        return True
    if "[Content_Types].xml" in names and any(n.startswith(("word/", "ppt/")) for n in names):
        raise RefusalError(f"{name} is a text document or slides, not a table. {_ASK}")
    if "mimetype" in names and "content.xml" in names:
        raise RefusalError(f"{name} is an OpenDocument file. Save it as .xlsx or CSV.")
    return False


def _text_kind(text: str) -> str:
    """ "json", "jsonl" or "text", by the first lines."""
    start = text.lstrip("\ufeff \t\n")
    if not start.startswith(("{", "[")) or _LABEL_SET.match(start):
        return "text"
    if start.startswith("["):
        return "json"
    lines = [line for line in start[:2_000_000].split("\n", 20)[:20] if line.strip()]
    if len(lines) > 1 and (_is_object(lines[0]) or _is_object(lines[1])):
        return "jsonl"
    return "json"


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
