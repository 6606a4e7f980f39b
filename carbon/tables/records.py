"""JSON and JSON lines -> numbered objects, a faulty line costing only itself."""

import json
import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

import polars as pl

from carbon.tables.corrections import latest, lines_of, retyped
from carbon.tables.payload import Correction, Payload, RefusalError
from carbon.tables.rejections import REJECTION_SCHEMA
from carbon.tables.table import Table, build_table

SEARCHED: Final = 20
"""Objects of a list that are searched for lists inside them."""

_BLANK = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")


@dataclass(frozen=True)
class Entry:
    """One object of a file.

    Attributes:
        row: line of a JSON-lines file, or position in an array, from 1.
        value: the object; None where the line could not be read.
        fault: what is wrong with it.
        text: the line as it stands, for quarantine.
    """

    row: int
    value: dict[str, Any] | None
    fault: str | None = None
    text: str | None = None


def parse_document(payload: Payload) -> Any:
    """The JSON value of a file; of objects one after the other, as `jq` writes them, their list.

    Raises:
        RefusalError: it is not valid JSON; the message names line and column.
    """
    try:
        return json.loads(payload.text)
    except json.JSONDecodeError as error:
        several = _one_after_the_other(payload.text) if error.msg == "Extra data" else None
        if several:
            return several
        raise RefusalError(
            f"{payload.name} is not valid JSON at line {error.lineno}, column {error.colno}: "
            f"{error.msg}. It may be cut off; fetch it again."
        ) from error
    except (RecursionError, ValueError) as error:
        raise RefusalError(
            f"{payload.name} is not JSON that can be read: it is nested too deep, or holds a "
            "number without end. Fetch it again."
        ) from error


def _one_after_the_other(text: str) -> list[Any] | None:
    """Objects and arrays that stand in one text with nothing but blanks between; else None."""
    decoder, found, at = json.JSONDecoder(), [], 0
    try:
        while at < len(text):
            value, at = decoder.raw_decode(text, _after_blanks(text, at))
            found.append(value)
            at = _after_blanks(text, at)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(value, dict | list) for value in found):
        return None
    return [item for value in found for item in (value if isinstance(value, list) else [value])]


def _after_blanks(text: str, at: int) -> int:
    blanks = _BLANK.match(text, at)
    return blanks.end() if blanks else at


def entries(payload: Payload) -> list[Entry]:
    """The objects of a JSON array, of a single object, or of JSON lines.

    Raises:
        RefusalError: a JSON file that cannot be parsed as a whole.
    """
    if payload.kind == "jsonl":
        return mended(_lines(payload.text, payload.corrections), payload.corrections)
    document = parse_document(payload)
    items = document if isinstance(document, list) else [document]
    found = [entry(row, item) for row, item in enumerate(items, start=1)]
    return mended(found, payload.corrections)


def entry(row: int, item: Any) -> Entry:
    """One item of an array as an Entry; anything but an object is a fault."""
    if isinstance(item, dict):
        return Entry(row, item)
    return Entry(row, None, "this is not a JSON object", json.dumps(item)[:200])


def mended(found: list[Entry], corrections: Sequence[Correction]) -> list[Entry]:
    """Entries with the fields that a user mended, where the file says what was meant.

    Args:
        found: entries, whose rows the corrections name.
        corrections: with dotted paths as columns; the items of a list by their number, from 0.
    """
    by_row: dict[int, list[Correction]] = {}
    for item in latest(corrections):
        by_row.setdefault(item.row, []).append(item)
    return [
        Entry(e.row, _with(e.value, by_row[e.row]), e.fault, e.text)
        if e.value is not None and e.row in by_row
        else e
        for e in found
    ]


def _with(value: dict[str, Any], corrections: Sequence[Correction]) -> dict[str, Any]:
    """A copy of an object with fields set, of those that say what they should."""
    mended = deepcopy(value)
    for item in corrections:
        inner, last = _holder(mended, (item.column or "").split("."))
        if last in inner and scalar_text(inner[last]) == item.before:
            inner[last] = _typed(item.after)
    return mended


def _holder(value: Any, path: list[str]) -> tuple[dict[str, Any], str]:
    """The object in which the last part of a path stands, and its name there.

    A name may have dots of its own; the items of a list go by their number.
    """
    if isinstance(value, list):
        at = int(path[0]) if path[0].isdecimal() else len(value)
        return _holder(value[at], path[1:]) if at < len(value) and len(path) > 1 else ({}, "")
    for length in range(len(path), 0, -1) if isinstance(value, dict) else ():
        name = ".".join(path[:length])
        if name in value:
            return (value, name) if length == len(path) else _holder(value[name], path[length:])
    return {}, ""


def _typed(text: str | None) -> Any:
    """A number where the text is one, as a reader of values expects; else the text."""
    try:
        return json.loads(text or "null") if _NUMBER.fullmatch(text or "") else text
    except ValueError:
        return text


def flatten_keys(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested objects as dotted keys: {"a": {"b": 1}} -> {"a.b": 1}."""
    flat: dict[str, Any] = {}
    for key, item in value.items():
        if isinstance(item, dict):
            flat.update(flatten_keys(item, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = item
    return flat


def scalar_text(value: Any) -> str | None:
    """A JSON scalar as the text that stands in the file; null stays None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and isfinite(value):
        return repr(value)  # what json writes, without its set-up for each number
    try:
        return json.dumps(value)
    except (ValueError, RecursionError):
        return "a number without end"


def records_table(payload: Payload, path: str = "") -> Table:
    """Objects as a table of text: nested keys dotted, one row per object.

    Args:
        payload: the file.
        path: keys of the lists that hold the objects, one inside the other, as `data.results`;
            empty where the file itself is the list.

    Raises:
        RefusalError: the JSON cannot be parsed, or holds no object.
    """
    found = inner_entries(entries(payload), path)
    return table_of(payload.name, found, payload.corrections)


def inner_entries(outer: Sequence[Entry], path: str) -> list[Entry]:
    """The objects in lists inside objects, each with the plain values of what it stands in.

    Args:
        outer: objects of the file.
        path: keys of the lists, one inside the other; an empty path gives the objects themselves.

    Returns:
        One entry per innermost object, numbered from 1; its keys bear their path
        (`data.results.model` beside `data.start_time`). What is no object, or lacks its list, is
        an entry with a fault.
    """
    if not path:
        return list(outer)
    found: list[Entry] = []
    for item in outer:
        if item.value is None:
            found.append(Entry(len(found) + 1, None, item.fault, item.text))
        else:
            _gather(found, item.value, path.split("."), "", {})
    return found


def _gather(
    found: list[Entry], value: dict[str, Any], keys: list[str], prefix: str, carried: dict[str, Any]
) -> None:
    """Add the objects below one object to `found`."""
    key, *rest = keys
    beside = {f"{prefix}{k}": v for k, v in value.items() if k != key}
    inner, whole = value.get(key), carried | beside
    if isinstance(inner, dict) and rest:
        _gather(found, inner, rest, f"{prefix}{key}.", whole)
        return
    if not isinstance(inner, list):
        fault = f"'{prefix}{key}' is no list, and rows are expected in it"
        found.append(Entry(len(found) + 1, None, fault, (scalar_text(value) or "")[:200]))
        return
    for element in inner:
        if not isinstance(element, dict):
            found.append(entry(len(found) + 1, element))
        elif rest:
            _gather(found, element, rest, f"{prefix}{key}.", whole)
        else:
            named = {f"{prefix}{key}.{k}": v for k, v in element.items()}
            found.append(Entry(len(found) + 1, whole | named))


def list_paths(value: dict[str, Any], prefix: str = "") -> list[str]:
    """Paths of the lists of objects inside an object, by their first objects, outermost first."""
    paths: list[str] = []
    for key, inner in value.items():
        if isinstance(inner, dict):
            paths.extend(list_paths(inner, f"{prefix}{key}."))
        elif isinstance(inner, list):
            objects = [element for element in inner[:SEARCHED] if isinstance(element, dict)]
            paths.extend([f"{prefix}{key}"] if objects else [])
            for element in objects:
                paths.extend(list_paths(element, f"{prefix}{key}."))
    return list(dict.fromkeys(paths))


def table_of(name: str, found: Sequence[Entry], corrections: Sequence[Correction] = ()) -> Table:
    """Entries as a table of text; faulty ones are defects.

    Args:
        name: file name, for messages.
        found: the entries.
        corrections: cells that a user mended, by the entries' rows and dotted keys.

    Raises:
        RefusalError: there is no object.
    """
    good = [item for item in found if item.value is not None]
    rows = [
        {key: scalar_text(v) for key, v in flatten_keys(item.value or {}).items()} for item in good
    ]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = pl.DataFrame(
        {
            f"c{i}": pl.Series([r.get(c) for r in rows], dtype=pl.String)
            for i, c in enumerate(columns)
        }
    )
    defects = pl.DataFrame(
        [(item.row, None, item.text, item.fault) for item in found if item.value is None],
        schema=REJECTION_SCHEMA,
        orient="row",
    )
    if not any(column.strip() for column in columns):
        raise RefusalError(f"{name} holds no JSON object with fields. Check the export.")
    numbers = pl.Series("row_number", [item.row for item in good], dtype=pl.Int64)
    blank = cells.select(pl.all_horizontal(pl.all().str.strip_chars().replace("", None).is_null()))
    empty = numbers.filter(blank.to_series())
    hollow = pl.DataFrame(
        {
            "row_number": empty,
            "column": None,
            "value": "{}",
            "reason": "every field of this object is empty",
        },
        schema=REJECTION_SCHEMA,
    )
    return build_table(
        name,
        cells,
        numbers,
        columns,
        1,
        defects=pl.concat([defects, hollow]),
        decimal=".",
        corrections=corrections,
    )


def _lines(text: str, corrections: Sequence[Correction]) -> list[Entry]:
    found = []
    mended = lines_of(corrections)
    for row, written in enumerate(text.split("\n"), start=1):
        if not written.strip():
            continue
        line = retyped(written, mended.get(row)) or written
        try:
            found.append(entry(row, json.loads(line)))
        except (ValueError, RecursionError):
            fault = "the line is not valid JSON; it may be cut off"
            found.append(Entry(row, None, fault, line[:200]))
    return found
