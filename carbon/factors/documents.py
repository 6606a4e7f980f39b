"""JSON answers of grid-data services -> the table of their points."""

from collections.abc import Sequence
from typing import Any, Final

from carbon.factors.source import Head
from carbon.tables import Payload, RefusalError, Table
from carbon.tables.records import entry, parse_document, table_of

ANSWERS: Final = ("json", "jsonl")
"""Kinds of file that an answer, or its pages one a line, come as."""


def answer(payload: Payload, places: Sequence[str]) -> tuple[Table, dict[str, Any]]:
    """The points of a service's answer as a table of text, and what stands around them.

    Args:
        payload: a JSON file: one answer, its pages as a list, or a list of points.
        places: dotted keys under which the list of points may stand, such as `response.data`.

    Returns:
        The table (row 1 is the first point), and the answer's other members; of pages those that
        all of them say alike.

    Raises:
        RefusalError: the file is no such answer, or holds no points.
    """
    document = parse_document(payload)
    points, around = _points(document, places)
    if points is None:
        raise RefusalError(
            f"{payload.name} holds no list under {' or '.join(places)}. Save the answer of the "
            "service as it is."
        )
    if not points:
        raise RefusalError(f"{payload.name} holds no points. Ask for a period that has data.")
    found = [entry(row, point) for row, point in enumerate(points, start=1)]
    return table_of(payload.name, found, payload.corrections), around


def _points(document: Any, places: Sequence[str]) -> tuple[list[Any] | None, dict[str, Any]]:
    if isinstance(document, dict):
        return _listed(document, places), document
    if not isinstance(document, list):
        return None, {}
    pages = [_listed(item, places) for item in document]
    if not pages or any(page is None for page in pages):
        return document, {}
    return [point for page in pages if page is not None for point in page], _alike(document)


def _listed(document: Any, places: Sequence[str]) -> list[Any] | None:
    """The list of points of one answer."""
    for place in places:
        inner: Any = document
        for key in place.split("."):
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, list):
            return inner
    return None


def _alike(pages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What all pages say alike: what only some say holds for none of the others' points."""
    said: dict[str, Any] = {}
    for key, value in pages[0].items():
        values = [page.get(key) for page in pages]
        inner = [v for v in values if isinstance(v, dict)]
        if len(inner) == len(pages):
            said[key] = _alike(inner)
        elif not isinstance(value, list) and all(v == value for v in values):
            said[key] = value
    return said


def text_of(around: Any, *keys: str) -> str | None:
    """A text that stands somewhere around the points; None where it does not."""
    for key in keys:
        around = around.get(key) if isinstance(around, dict) else None
    return around if isinstance(around, str) else None


def has_points(head: Head, places: Sequence[str], keys: Sequence[str]) -> str | None:
    """The place (`data.`, or "" for a bare list) whose points have all of these keys; else None."""
    columns = set(head.columns)
    for place in (*(f"{p}." for p in places), ""):
        if columns.issuperset(f"{place}{key}" for key in keys):
            return place
    return None
