"""Small examples made large: their rows again and again, at later times and under other names.

A file is what stands before its rows, the rows, and what stands behind them. Of the rows a template
is made once: the pieces that stay, and between them the times and names that change from copy to
copy. So a million rows take a few seconds, and each of them is a row that the reader has not seen.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import fastexcel
import xlsxwriter

TIMES: Final = {
    r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d": "%Y-%m-%dT%H:%M:%S",
    r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d": "%Y-%m-%dT%H:%M",
    r"\b20\d\d-\d\d-\d\dT\d\d": "%Y-%m-%dT%H",
    r"\b20\d\d/\d\d/\d\d \d\d:\d\d:\d\d": "%Y/%m/%d %H:%M:%S",
    r"\b20\d{6}-\d{6}\b": "%Y%m%d-%H%M%S",
    r"\b\d\d/\d\d/20\d\d\b": "%m/%d/%Y",
    r"\b20\d\d-\d\d-\d\d\b": "%Y-%m-%d",
    r"\b1[4-9]\d{17}\b": "ns",
    r"\b1[4-9]\d{11}\b": "ms",
    r"\b1[4-9]\d{8}\b": "s",
}
"""How times look -> how they are written again."""

PER_SECOND: Final = {"s": 1, "ms": 1000, "ns": 1_000_000_000}

Slot = Callable[[int, int], str]
"""What stands in a place of the template: by number of the name, and of the time."""


@dataclass(frozen=True)
class Plan:
    """How an example becomes large.

    Attributes:
        copies: how often its rows stand in the large file.
        names: pieces of text that are another name in each copy: devices, accounts, runs.
        width: copies with names of their own before the times move on; None: they never do.
        step_s: how far the times move on then [s].
        head: lines before the rows.
        rows: where the rows are, in JSON: the path of their list, "" for the document itself;
            None where the file is a text.
        between: in other texts, what the rows begin and end with.
    """

    copies: int
    names: tuple[str, ...] = ()
    width: int | None = 100
    step_s: int = 86_400
    head: int = 1
    rows: str | None = None
    between: tuple[str, str] | None = None


def enlarge(text: str, plan: Plan, share: float = 1.0) -> str:
    """A large file of the kind of an example.

    Args:
        text: the example.
        plan: how.
        share: of the copies, so many; for a smaller file of the same kind.
    """
    before, rows, after, separator = _parts(text, plan)
    template = _template(rows, plan.names, moves=plan.width is not None)
    copies = max(1, round(plan.copies * share))
    return before + separator.join(_copies(template, copies, plan)) + after


def enlarge_workbook(data: bytes, sheet: str, head: int, copies: int) -> bytes:
    """A workbook in which the rows of one sheet, from `head` on, stand many times."""
    out = io.BytesIO()
    given = fastexcel.read_excel(data)
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": True}) as book:
        for name in given.sheet_names:
            cells = given.load_sheet(name, header_row=None, dtypes="string").to_polars().rows()
            rows = [*cells[:head], *(cells[head:] * copies)] if name == sheet else cells
            page = book.add_worksheet(name)
            for index, row in enumerate(rows):
                page.write_row(index, 0, row)
    return out.getvalue()


def _parts(text: str, plan: Plan) -> tuple[str, str, str, str]:
    """What stands before the rows, the rows, what stands behind, and what separates copies."""
    if plan.rows is not None:
        return _json_parts(json.loads(text), plan.rows)
    if plan.between:
        first, last = plan.between
        start, end = text.index(first), text.rindex(last) + len(last)
        return text[:start], text[start:end], text[end:], "\n"
    lines = text.splitlines(keepends=True)
    body = "".join(lines[plan.head :])
    body = body if body.endswith("\n") else body + "\n"
    tail = "# EOF\n" if body.endswith("# EOF\n") else ""
    return "".join(lines[: plan.head]), body.removesuffix(tail), tail, ""


def _json_parts(document: object, path: str) -> tuple[str, str, str, str]:
    """A JSON document around one of its lists."""
    mark = "\x00rows\x00"
    if path == "":
        items = document if isinstance(document, list) else [document]
        whole: object = [mark]
    else:
        *outer, last = path.split(".")
        whole = parent = document
        for key in outer:
            parent = parent[int(key) if isinstance(parent, list) else key]  # type: ignore[index]
        key = int(last) if isinstance(parent, list) else last
        items, parent[key] = parent[key], [mark]  # type: ignore[index]
    before, after = json.dumps(whole).split(json.dumps(mark))
    return before, ",".join(json.dumps(item) for item in items), after, ","


def _template(rows: str, names: tuple[str, ...], *, moves: bool) -> list[str | Slot]:
    """Pieces that stay, and slots for names and times."""
    patterns = [re.escape(name) for name in names] + (list(TIMES) if moves else [])
    if not patterns:
        return [rows]
    pieces: list[str | Slot] = []
    at = 0
    for found in re.finditer("|".join(f"({pattern})" for pattern in patterns), rows):
        pieces.append(rows[at : found.start()])
        which = (found.lastindex or 1) - 1
        written = "" if which < len(names) else TIMES[patterns[which]]
        pieces.append(_moved(found[0], written) if written else _named(found[0]))
        at = found.end()
    return [*pieces, rows[at:]]


def _named(text: str) -> Slot:
    return lambda name, _: f"{text}{name}"


def _moved(text: str, written: str) -> Slot:
    if written in PER_SECOND:
        return lambda _, seconds: str(int(text) + seconds * PER_SECOND[written])
    style = written.replace("T", text[10]) if "T" in written else written
    start = datetime.strptime(text, style).replace(tzinfo=UTC)
    return lambda _, seconds: (start + timedelta(seconds=seconds)).strftime(style)


def _copies(template: list[str | Slot], copies: int, plan: Plan) -> Iterator[str]:
    width = plan.width or copies
    for copy in range(copies):
        name, seconds = copy % width, copy // width * plan.step_s
        yield "".join(
            piece if isinstance(piece, str) else piece(name, seconds) for piece in template
        )
