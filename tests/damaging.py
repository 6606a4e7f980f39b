"""Ways in which files arrive damaged: cells, lines, columns, JSON values, encodings, packing.

A damage takes a text and two numbers that say where, and gives another text; it never fails,
whatever the text has become by then.
"""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
import xlsxwriter

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
    "18446744073709551615",
    "-9223372036854775808",
    "+Inf",
    "1795261176123",
    "\u202e",
]

JSON_JUNK: list[Any] = [
    None,
    True,
    -1,
    0,
    1e308,
    10**30,
    "",
    "NaN",
    "x",
    "2025-02-30",
    [],
    {},
    [None],
    [[1, "2"], [3]],
    {"value": {}},
    "9" * 400,
]

Damage = Callable[[str, int, int], str]


def _lines(change: Callable[[list[str], int, int], list[str]]) -> Damage:
    def damage(text: str, a: int, b: int) -> str:
        lines = text.split("\n")
        return "\n".join(change(lines, a % len(lines), b % len(lines)))

    return damage


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(",;\t|", key=head.count)


def _replace_cell(text: str, a: int, b: int) -> str:
    lines, mark = text.split("\n"), _delimiter(text)
    cells = lines[a % len(lines)].split(mark)
    cells[b % len(cells)] = JUNK[(a + b) % len(JUNK)]
    lines[a % len(lines)] = mark.join(cells)
    return "\n".join(lines)


def _drop_cell(text: str, a: int, b: int) -> str:
    lines, mark = text.split("\n"), _delimiter(text)
    cells = lines[a % len(lines)].split(mark)
    del cells[b % len(cells)]
    lines[a % len(lines)] = mark.join(cells)
    return "\n".join(lines)


def _columns(change: Callable[[list[str], int, int], list[str]]) -> Damage:
    """A change of the same kind to every record of a table."""

    def damage(text: str, a: int, b: int) -> str:
        mark = _delimiter(text)
        try:
            records = list(csv.reader(io.StringIO(text), delimiter=mark))
        except csv.Error:
            return text
        width = max((len(r) for r in records), default=0)
        if width == 0:
            return text
        out = io.StringIO()
        writer = csv.writer(out, delimiter=mark, lineterminator="\n")
        for record in records:
            padded = record + [""] * (width - len(record))
            writer.writerow(change(padded, a % width, b % width))
        return out.getvalue()

    return damage


def _swap(cells: list[str], a: int, b: int) -> list[str]:
    swapped = list(cells)
    swapped[a], swapped[b] = swapped[b], swapped[a]
    return swapped


def _rename_column(text: str, a: int, b: int) -> str:
    head, _, rest = text.partition("\n")
    mark = _delimiter(text)
    names = head.split(mark)
    names[a % len(names)] = (names[b % len(names)], "x", "", names[a % len(names)].upper())[b % 4]
    return mark.join(names) + "\n" + rest


def _insert(text: str, a: int, b: int) -> str:
    at = a % (len(text) + 1)
    return text[:at] + JUNK[b % len(JUNK)] + text[at:]


def _json(change: Callable[[Any, int, int], None]) -> Damage:
    """A change to one container in a JSON document, or in each line of JSON lines."""

    def damage(text: str, a: int, b: int) -> str:
        try:
            documents = [json.loads(text)]
        except (ValueError, RecursionError):
            try:
                documents = [json.loads(line) for line in text.split("\n") if line.strip()]
            except (ValueError, RecursionError):
                return text
        containers = [c for document in documents for c in _containers(document)]
        if containers:
            change(containers[a % len(containers)], a, b)
        return "\n".join(json.dumps(document, ensure_ascii=False) for document in documents)

    return damage


def _containers(value: Any) -> list[Any]:
    """Every non-empty object and array in a document, outermost first."""
    if not isinstance(value, dict | list):
        return []
    inner = value.values() if isinstance(value, dict) else value
    found = [value] if value else []
    for item in inner:
        found.extend(_containers(item))
    return found


def _key(container: Any, b: int) -> Any:
    keys = list(container) if isinstance(container, dict) else range(len(container))
    return keys[b % len(keys)]


def _mistype(container: Any, a: int, b: int) -> None:
    container[_key(container, b)] = JSON_JUNK[(a + b) % len(JSON_JUNK)]


def _forget(container: Any, _: int, b: int) -> None:
    del container[_key(container, b)]


def _again(container: Any, _: int, b: int) -> None:
    if isinstance(container, list):
        container.append(container[_key(container, b)])
    else:
        container[f"{_key(container, b)} (2)"] = container[_key(container, b)]


def _into_text(container: Any, _: int, b: int) -> None:
    key = _key(container, b)
    container[key] = json.dumps(container[key])


DAMAGES: list[Damage] = [
    _lines(lambda lines, a, b: lines[:a] + lines[a + 1 :]),
    _lines(lambda lines, a, b: [*lines, lines[a]]),
    _lines(lambda lines, a, b: [lines[b] if i == a else x for i, x in enumerate(lines)]),
    _lines(lambda lines, a, b: [*lines[:a], "", *lines[a:]]),
    _lines(lambda lines, a, b: list(reversed(lines))),
    _replace_cell,
    _replace_cell,
    _replace_cell,
    _drop_cell,
    _columns(lambda cells, a, b: cells[:a] + cells[a + 1 :]),
    _columns(_swap),
    _columns(lambda cells, a, b: [*cells, cells[a]]),
    _rename_column,
    _json(_mistype),
    _json(_mistype),
    _json(_forget),
    _json(_again),
    _json(_into_text),
    lambda text, a, b: text[: a % (len(text) + 1)],
    _insert,
    lambda text, a, b: text.replace(_delimiter(text), ";\t|"[b % 3]),
    lambda text, a, b: text.replace("\n", "\r\n"),
    lambda text, a, b: text.replace(":", "", 1 + a % 5),
    lambda text, a, b: text.replace("20", "99", 1 + b % 9),
    lambda text, a, b: text.replace("0", "-0", 1 + b % 9),
    lambda text, a, b: text.replace(".", ",", 1 + a % 9),
]

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp932", "gb18030"]


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def zipped(data: bytes, name: str = "member.csv") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"a/{name}", data)
        archive.writestr(f"__MACOSX/a/._{name}", b"junk")
    return out.getvalue()


PACKINGS: list[Callable[[bytes], bytes]] = [lambda d: d, lambda d: d, gzipped, zipped]


def as_parquet(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def as_workbook(rows: Sequence[Sequence[str | None]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Sheet1")
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                sheet.write_string(r, c, cell or "")
    return out.getvalue()


def flipped(data: bytes, flips: Sequence[int], cut: int) -> bytes:
    """Bytes turned over here and there, and the end cut off."""
    damaged = bytearray(data)
    for flip in flips:
        damaged[flip % len(damaged)] ^= 0xFF
    return bytes(damaged[: len(damaged) - cut % len(damaged)])
