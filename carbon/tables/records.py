"""JSON and JSON lines -> numbered objects, a faulty line costing only itself."""

import json
from dataclasses import dataclass
from typing import Any

from carbon.tables.payload import Payload, RefusalError


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
    """The one JSON value of a file.

    Raises:
        RefusalError: it is not valid JSON; the message names line and column.
    """
    try:
        return json.loads(payload.text)
    except json.JSONDecodeError as error:
        raise RefusalError(
            f"{payload.name} is not valid JSON at line {error.lineno}, column {error.colno}: "
            f"{error.msg}. It may be cut off; fetch it again."
        ) from error
    except (RecursionError, ValueError) as error:
        raise RefusalError(
            f"{payload.name} is not JSON that can be read: it is nested too deep, or holds a "
            "number without end. Fetch it again."
        ) from error


def entries(payload: Payload) -> list[Entry]:
    """The objects of a JSON array, of a single object, or of JSON lines.

    Raises:
        RefusalError: a JSON file that cannot be parsed as a whole.
    """
    if payload.kind == "jsonl":
        return _lines(payload.text)
    document = parse_document(payload)
    items = document if isinstance(document, list) else [document]
    return [entry(row, item) for row, item in enumerate(items, start=1)]


def entry(row: int, item: Any) -> Entry:
    """One item of an array as an Entry; anything but an object is a fault."""
    if isinstance(item, dict):
        return Entry(row, item)
    return Entry(row, None, "this is not a JSON object", json.dumps(item)[:200])


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
    try:
        return json.dumps(value)
    except (ValueError, RecursionError):
        return "a number without end"


def _lines(text: str) -> list[Entry]:
    found = []
    for row, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(entry(row, json.loads(line)))
        except (ValueError, RecursionError):
            fault = "the line is not valid JSON; it may be cut off"
            found.append(Entry(row, None, fault, line[:200]))
    return found
