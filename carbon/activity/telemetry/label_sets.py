"""A series as text, `name{label="value", …}`, as Prometheus, promtool and Grafana write it."""

import json
import re
from collections.abc import Mapping
from typing import Final

from carbon.activity.telemetry.meters import NAME_LABEL

QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
LABEL_SET: Final = r"\{(?:[^\"}]|" + QUOTED + r")*\}"
"""A label set; a brace inside a value does not end it."""

METRIC_NAME: Final = r"[a-zA-Z_:][a-zA-Z0-9_:.]*"

_SERIES: Final = re.compile(rf"^\s*({METRIC_NAME})?\s*({LABEL_SET})?\s*$")
_LABEL: Final = re.compile(rf"\s*([a-zA-Z_][\w.]*|{QUOTED})\s*(?:=~?\s*({QUOTED}))?\s*,?")
_ESCAPES: Final = {"n": "\n", '"': '"', "\\": "\\"}


def series_of(text: str) -> dict[str, str] | None:
    """The labels of a series, its name under `__name__`; None where the text is no series."""
    found = _SERIES.match(text)
    if found is None or not (found[1] or found[2]):
        return None
    labels = {} if found[2] is None else labels_of(found[2])
    if labels is None:
        return None
    return {NAME_LABEL: found[1], **labels} if found[1] else labels


def labels_of(text: str) -> dict[str, str] | None:
    """Labels of a set in braces, or of a JSON object; None where it is neither."""
    inner = text.strip()
    if not (inner.startswith("{") and inner.endswith("}")):
        return None
    if as_json := _json(inner):
        return as_json
    body, at, labels = inner[1:-1], 0, {}
    while at < len(body) and body[at:].strip():
        found = _LABEL.match(body, at)
        if found is None or found.end() == at:
            return None
        name, value = found[1], found[2]
        if value is not None:
            labels[_plain(name)] = _plain(value)
        elif name.startswith('"'):
            # Names that are no plain words stand in the braces, in quotation marks.
            labels[NAME_LABEL] = _plain(name)
        else:
            return None
        at = found.end()
    return labels


def _json(text: str) -> dict[str, str] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, Mapping):
        return None
    return {str(k): v if isinstance(v, str) else json.dumps(v) for k, v in found.items()}


def _plain(text: str) -> str:
    if not text.startswith('"'):
        return text
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), text[1:-1])
