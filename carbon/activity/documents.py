"""JSON whose rows lie inside envelopes: pages of an API, batches, lists of results."""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from carbon.activity.sheet import Sheet, sheet_of
from carbon.activity.source import Payload, RefusalError
from carbon.tables.records import Entry, entries, entry, parse_document, table_of

Unfold = Callable[[dict[str, Any]], Iterable[Any] | None]
"""The items of an envelope; None for an object that is a row itself."""


def inner_rows(payload: Payload, unfold: Unfold) -> list[Entry]:
    """The rows of every object of a file.

    Args:
        payload: one object, an array of them, or lines of them.
        unfold: gives the items of an envelope; None where the object is a row.

    Returns:
        one Entry per row. Where an envelope was met they are numbered through from 1, else they
        keep the number of their line.

    Raises:
        RefusalError: a JSON file that cannot be parsed as a whole.
    """
    found: list[Entry] = []
    enveloped = False
    for item in entries(payload):
        inner = None if item.value is None else unfold(item.value)
        if inner is None:
            found.append(item)
        else:
            enveloped = True
            found.extend(entry(0, raw) for raw in inner)
    if not enveloped:
        return found
    return [replace(item, row=row) for row, item in enumerate(found, start=1)]


def document_sheet(
    payload: Payload,
    rows: list[Entry],
    variable_map: Mapping[str, str],
    required: Iterable[str] = (),
    *,
    verbatim: Iterable[str] = (),
) -> Sheet:
    """Rows of a JSON file under house names; nested keys are dotted.

    Raises:
        RefusalError: there is no row, or a required key stands in none.
    """
    if not rows:
        raise RefusalError(
            f"{payload.name} holds no rows: its lists are empty. Check the period and the filter "
            "of the export."
        )
    table = table_of(payload.name, rows, payload.corrections)
    return sheet_of(payload.name, table, variable_map, required, verbatim=verbatim)


def each_object(payload: Payload) -> Iterator[tuple[int, Any]]:
    """Row number and value of each object, one at a time, so that a large log is not held twice.

    A line that is not JSON gives None. Of a JSON document the items of its array are the objects.

    Raises:
        RefusalError: a JSON document that cannot be parsed.
    """
    if payload.kind != "jsonl":
        document = parse_document(payload)
        yield from enumerate(document if isinstance(document, list) else [document], start=1)
        return
    start, row = 0, 0
    while start < len(payload.text):
        stop = payload.text.find("\n", start)
        stop = len(payload.text) if stop < 0 else stop
        line, row = payload.text[start:stop], row + 1
        start = stop + 1
        if line.strip():
            yield row, _value(line)


def pick(value: Any, path: str) -> Any:
    """What stands at a dotted path of nested objects, whether nested or written with dots."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for part in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def number_of(value: Any) -> float | None:
    """A JSON number, or text of one; None for anything else, NaN and infinity."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _value(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
