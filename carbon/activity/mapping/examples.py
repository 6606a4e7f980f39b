"""What a mapping makes of the first cells of a file, field by field."""

from datetime import datetime, time
from typing import Any, Final

import polars as pl

from carbon.activity.mapping.fields import FIELDS, ONE
from carbon.activity.mapping.model import house_unit
from carbon.activity.mapping.reader import MappedReader
from carbon.activity.source import Context, Payload

THIN: Final = "\u202f"
"""Narrow no-break space between thousands: neither a comma nor a point, which mean two things."""


def converted(
    reader: MappedReader, payload: Payload, context: Context
) -> dict[str, tuple[str, str]]:
    """Field -> its first cell that states anything, and what that is read as, with its unit.

    Only the beginning of the file is read. A field whose first such cell cannot be read has an
    empty second part; a field of constants alone is not there.

    Raises:
        RefusalError: the mapping lacks something, or the file lacks a column that it names.
    """
    sheet = reader.sheet(payload, context, peek=True)
    specs = FIELDS[reader.mapping.target]
    found: dict[str, tuple[str, str]] = {}
    for name, origin in reader.mapping.fields.items():
        spec = specs[name]
        raw = f"{spec.house} (raw)"
        before = raw if raw in sheet.frame.columns else spec.house
        stated = sheet.frame.filter(pl.col(before).is_not_null())
        if not origin.columns or stated.is_empty():
            continue
        cell, value = stated.select(before, pl.col(spec.house).alias("(value)")).row(0)
        unit = house_unit(spec) if spec.kind == "number" else ONE
        found[name] = (str(cell), _shown(value, "" if unit == ONE else unit))
    return found


def _shown(value: Any, unit: str) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time(0) else "%Y-%m-%d %H:%M UTC")
    if isinstance(value, float):
        return f"{value:,.12g} {unit}".replace(",", THIN).strip()
    return str(value)
