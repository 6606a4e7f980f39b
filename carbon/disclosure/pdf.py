"""The report as a tagged PDF/A-3a and PDF/UA-1, its machine-readable result attached inside."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

import typst

from carbon.disclosure.calendar import MONTHS
from carbon.disclosure.glyphs import FONTS, breakable, printable
from carbon.disclosure.layout import page_view

TEMPLATE: Final = Path(__file__).parent / "report.typ"
STANDARDS: Final[list[Literal["a-3a", "ua-1"]]] = ["a-3a", "ua-1"]

DESCRIPTIONS: Final = {
    "result.json": ("application/json", "data", "The whole report as data"),
    "lines.csv": (
        "text/csv",
        "source",
        "Every line of the footprint: quantity, energy, factors, both methods",
    ),
    "factors.csv": ("text/csv", "supplement", "The emission factors used, with their documents"),
}
"""Of a file that is attached: its media type, its relationship to the report (PDF/A-3,
AFRelationship), and what it holds."""

_UNBROKEN: Final = frozenset(
    {"alt", "meta_title", "meta_author", "colour", "kind", "method", "code"}
)
"""Values that are no running text: a zero-width space in them would be read out or compared."""


def pdf(
    content: dict[str, Any], attachments: Mapping[str, bytes], date: dt.date | None = None
) -> bytes:
    """Print the content model.

    The same arguments give the same bytes: the time stamp is the given date's midnight in UTC,
    fonts are the shipped ones alone, and nothing else of the machine is asked.

    Args:
        content: what `content.content` gave.
        attachments: file name -> UTF-8 text, embedded in the PDF in the order of their names.
        date: the date that the report bears; the last day of the period where none is given.

    Raises:
        ValueError: where an attachment is not UTF-8 text.
    """
    date = date or dt.date.fromisoformat(content["period"]["date"])
    files = [_file(name, attachments[name]) for name in sorted(attachments)]
    described = [{k: f[k] for k in ("name", "description", "sha256")} for f in files]
    view = _shown(page_view(content, described))
    view |= {
        "year": date.year,
        "month": date.month,
        "day": date.day,
        "date_words": f"{date.day} {MONTHS[date.month - 1]} {date.year}",
        "meta_author": view["organisation"],
    }
    compiler = typst.Compiler(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"view": _json(view), "files": _json(files)},
    )
    midnight = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC)
    printed = compiler.compile(
        format="pdf", pdf_standards=[*STANDARDS], timestamp=int(midnight.timestamp())
    )
    if not isinstance(printed, bytes):
        raise TypeError("typst gave no PDF")
    return printed


def _file(name: str, data: bytes) -> dict[str, str]:
    mime, relationship, description = DESCRIPTIONS.get(
        name, ("text/plain", "supplement", "A file that belongs to the report")
    )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"The attachment {name} is not UTF-8 text.") from error
    return {
        "name": name,
        "text": text,
        "mime": mime,
        "relationship": relationship,
        "description": description,
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _shown(value: Any, key: str = "") -> Any:
    """Every string as the shipped fonts can print it."""
    if isinstance(value, dict):
        return {k: _shown(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_shown(v, key) for v in value]
    if isinstance(value, str):
        return printable(value) if key in _UNBROKEN else breakable(value)
    return value


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
