"""A first guess at what the columns of an unknown table mean, by header and cells.

A guess is a proposal for a person to look at. Nothing is ever imported by one that nobody saw.
"""

import re
import unicodedata
from collections.abc import Mapping as Words
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from carbon.activity.mapping.cells import Seen, seen_in
from carbon.activity.mapping.fields import FIELDS, QUANTITIES, FieldSpec, Target
from carbon.activity.mapping.model import Mapping, Origin, Period, Skip
from carbon.activity.mapping.words import (
    ACTIVITY_WORDS,
    DATE_WORDS,
    MONTH_WORDS,
    REPORTED_WORDS,
    TOTAL_WORDS,
    YEAR_WORDS,
)
from carbon.activity.source import Payload, RefusalError
from carbon.tables import Table, read_table
from carbon.tables.datestyles import AUTO
from carbon.tables.records import entries, list_paths

_STEPS: Final[dict[int | None, Period]] = {
    60: "minute",
    300: "five_minutes",
    900: "quarter_hour",
    1800: "half_hour",
    3600: "hour",
    86_400: "day",
}
"""Seconds between rows -> period of each."""

_UNIT_LAST: Final = (
    r"[\[(]\s*([^\[\]()]+?)\s*[\])]\s*$",
    r"\bin\s+(\S+(?: \S+)?)\s*$",
    r"[_ ]([^_ ]+)$",
    r"^(\S+)$",
)
"""Where a header names a unit: in brackets, behind "in", as its last word, alone."""

_UNIT_WORDS: Final = {
    **dict.fromkeys(("hours", "hour", "hrs", "hr", "stunden", "heures", "h"), "h"),
    **dict.fromkeys(("minutes", "minute", "mins", "min", "minuten"), "min"),
    **dict.fromkeys(("seconds", "second", "secs", "sec", "sekunden", "s"), "s"),
    **dict.fromkeys(("days", "day", "tage", "jours"), "d"),
    **dict.fromkeys(("joule", "joules"), "J"),
    **dict.fromkeys(("watt", "watts", "w"), "W"),
    **dict.fromkeys(("thousand", "thousands", "tausend", "1000", "1k", "000s", "'000"), "k"),
    **dict.fromkeys(("million", "millions", "mio", "mn"), "M"),
    **dict.fromkeys(("tonne", "tonnes", "metric tons", "metric ton", "tco2", "t co2e"), "t"),
    **dict.fromkeys(("kilogram", "kilograms", "kgco2", "kg co2e", "kg co2", "kg co2eq"), "kg"),
    **dict.fromkeys(("lbs", "pound", "pounds", "lb co2e"), "lb"),
    **dict.fromkeys(("short tons", "us tons"), "short ton"),
    **dict.fromkeys(("percent", "prozent", "pct"), "%"),
    "kwh": "kWh",
    "wh": "Wh",
    "gwh": "GWh",
    "kw": "kW",
    "uj": "µJ",
    "μj": "µJ",
}
"""What headers call a unit, in small letters -> the unit. `MW`, `mW`, `MJ` and `mJ` are not here:
there case carries the meaning."""


@dataclass(frozen=True)
class Guess:
    """A proposed mapping, and why each of its fields is proposed.

    Attributes:
        mapping: it may lack what no column seems to hold.
        why: field, or `dates`, `period`, `skip` -> the reason in words.
        sample: the file's first rows as they stand, under its own column names.
    """

    mapping: Mapping
    why: dict[str, str] = field(default_factory=dict)
    sample: pl.DataFrame = field(default_factory=pl.DataFrame)


def guess(payload: Payload, name: str = "my-source", target: Target | None = None) -> Guess:
    """Propose what the columns of a file mean.

    Args:
        payload: a table in text, a workbook, Parquet, or JSON records.
        name: what to call the mapping.
        target: what the file holds; None guesses that too.

    Raises:
        RefusalError: the file holds no table.
    """
    records = _records_path(payload)
    table = read_table(payload, (), peek=True, records=records)
    return guess_table(table, name, records, target)


def guess_table(table: Table, name: str, records: str = "", target: Target | None = None) -> Guess:
    """Propose what the columns of a table mean; arguments as of `guess`."""
    frame = table.frame
    headers = {column: _words(column) for column in frame.columns}
    found = {column: seen_in(frame[column], table.serial_dates) for column in frame.columns}
    why: dict[str, str] = {}
    words = ACTIVITY_WORDS if target != "reported" else REPORTED_WORDS
    matched = _matched(target or "activity", headers, found, words, why)
    if target is None:
        target = _target(matched, headers)
        if target == "reported":
            why = {}
            matched = _matched(target, headers, found, REPORTED_WORDS, why)
    fields = _dated(matched, headers, found, why)
    period = _period(fields, found, why)
    dates = _date_style(fields, found, why)
    if target == "activity" and "workload" not in fields:
        _stand_in(fields, why)
    mapping = Mapping(
        name=name,
        target=target,
        columns=tuple(frame.columns),
        records=records,
        dates=dates,
        period=period,
        fields=fields,
        skip=_totals(frame, fields, why),
    )
    return Guess(mapping, why, frame)


def _words(column: str) -> str:
    """A header as plain words: `Verbrauch_kWh (Q1)` -> `verbrauch kwh q1`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", column)
    letters = unicodedata.normalize("NFKD", spaced.replace("₂", "2").replace("ß", "ss"))
    bare = "".join(c for c in letters if not unicodedata.combining(c)).casefold()
    return re.sub(r"[^\w%]+|_", " ", bare).strip()


def _target(matched: Words[str, Origin], headers: Words[str, str]) -> Target:
    """A file with emissions and no use holds a provider's own figures."""
    used = set(matched) & (QUANTITIES.keys() - {"cost"})
    carbon = any(re.search(REPORTED_WORDS["carbon"], text) for text in headers.values())
    return "reported" if carbon and not used else "activity"


def _matched(
    target: Target,
    headers: Words[str, str],
    found: Words[str, Seen],
    words: Words[str, str],
    why: dict[str, str],
) -> dict[str, Origin]:
    """Fields with the column whose header and cells fit, each column used once."""
    fields: dict[str, Origin] = {}
    taken: set[str] = set()
    for name, pattern in words.items():
        spec = FIELDS[target][name]
        for column, text in headers.items():
            seen = found[column]
            match = re.search(pattern, text)
            if column in taken or not match or not _fits(spec, seen):
                continue
            unit = unit_of(column, spec)
            if name in ("energy", "power", "duration") and not unit and not seen.number:
                continue
            fields[name] = Origin(columns=(column,), unit=unit)
            why[name] = f"the header says “{match.group(0).strip()}”" + _unit_words(spec, unit)
            taken.add(column)
            break
    return fields


def _unit_words(spec: FieldSpec, unit: str) -> str:
    if unit:
        return f", in {unit}"
    return "; its unit is not told" if len(spec.units) > 1 and "1" not in spec.units else ""


def _fits(spec: FieldSpec, seen: Seen) -> bool:
    if spec.kind == "number":
        return seen.number
    if spec.kind == "date":
        return seen.style is not None
    return True


def unit_of(column: str, spec: FieldSpec) -> str:
    """The unit that a header names at its end, of those that the field may come in; else empty."""
    for pattern in _UNIT_LAST:
        match = re.search(pattern, column.strip())
        if match is None:
            continue
        named = match.group(1)
        for unit in (named, _UNIT_WORDS.get(named.casefold(), "")):
            if unit in spec.units:
                return unit
        for unit in spec.units:
            # Where case carries no meaning among the field's units, it may differ.
            alike = [u for u in spec.units if u.casefold() == named.casefold()]
            if alike == [unit]:
                return unit
    return ""


def _dated(
    fields: dict[str, Origin],
    headers: Words[str, str],
    found: Words[str, Seen],
    why: dict[str, str],
) -> dict[str, Origin]:
    """The fields with a start, where none was found by its name."""
    if "start" in fields or ("end" in fields and "duration" in fields):
        return fields
    taken = {column for origin in fields.values() for column in origin.columns}
    free = [column for column in headers if column not in taken]
    year = next((c for c in free if re.search(YEAR_WORDS, headers[c])), None)
    month = next((c for c in free if re.search(MONTH_WORDS, headers[c])), None)
    if year and month and not found[month].style:
        why["start"] = "year and month stand in two columns"
        return {**fields, "start": Origin(columns=(year, month), separator="-")}
    dates = [column for column in free if found[column].style]
    named = [column for column in dates if re.search(DATE_WORDS, headers[column])]
    for column in (*named, *dates):
        why["start"] = "the header names a date" if column in named else "its cells are dates"
        return {**fields, "start": Origin(columns=(column,))}
    return fields


def _period(fields: Words[str, Origin], found: Words[str, Seen], why: dict[str, str]) -> Period:
    """What a row's period seems to be."""
    if "duration" in fields and ("start" in fields) != ("end" in fields):
        return "duration"
    if "start" not in fields or "end" in fields:
        return "span"
    columns = fields["start"].columns
    if len(columns) > 1:
        return "month"
    period, why["period"] = _step(found[columns[0]], powered="power" in fields)
    return period


def _step(seen: Seen, *, powered: bool) -> tuple[Period, str]:
    """The period of one date, by how precise it is and how far apart the rows are, and why."""
    found: tuple[Period, str] = ("day", "the dates are days")
    if seen.precision == "time" and seen.step in _STEPS:
        found = _STEPS[seen.step], "the rows are so far apart"
    elif seen.precision == "time" and powered:
        # A wrong length would make a wrong energy of every watt: a person has to say it.
        found = "span", "the rows are no fixed time apart: say how long each of them lasts"
    elif seen.precision == "time":
        found = "day", "the dates have a time, and a row is taken for that day"
    elif seen.precision == "year":
        found = "year", "the dates are years"
    elif seen.precision == "month":
        found = "month", "the dates are months"
    elif seen.first_of_month:
        found = "month", "every date is the first of a month; a row is taken for that month"
    return found


def _date_style(fields: Words[str, Origin], found: Words[str, Seen], why: dict[str, str]) -> str:
    for name in ("start", "end"):
        columns = fields[name].columns if name in fields else ()
        seen = found[columns[0]] if len(columns) == 1 else Seen()
        if seen.ambiguous:
            why["dates"] = "day and month cannot be told apart: say which comes first"
        elif seen.style and seen.style != AUTO:
            why["dates"] = f"the cells look like {seen.style}"
            return seen.style
    return AUTO


def _stand_in(fields: dict[str, Origin], why: dict[str, str]) -> None:
    """What may name the workload where no header says so."""
    for name in ("project", "model", "service", "resource", "host", "business_unit", "account"):
        if name in fields:
            fields["workload"] = Origin(columns=fields[name].columns)
            why["workload"] = f"no header names a workload; the {name.replace('_', ' ')} may"
            return


def _totals(
    frame: pl.DataFrame, fields: Words[str, Origin], why: dict[str, str]
) -> tuple[Skip, ...]:
    """A rule that leaves out rows which are the sum of others."""
    candidates = [
        column
        for name, origin in fields.items()
        if name in ("workload", "start", "project", "site", "model", "service", "business_unit")
        for column in origin.columns
    ]
    for column in dict.fromkeys(candidates):
        cells = frame[column].drop_nulls().unique(maintain_order=True)
        totals = [cell for cell in cells if cell.strip().rstrip(":").casefold() in TOTAL_WORDS]
        if totals:
            why["skip"] = f"{column} says “{totals[0]}”: such a row sums up others"
            return (Skip(column=column, values=tuple(totals)),)
    return ()


def _records_path(payload: Payload) -> str:
    """In nested JSON the deepest of the first lists of objects; else empty."""
    if payload.kind not in ("json", "jsonl"):
        return ""
    try:
        found: list[Any] = [item.value for item in entries(payload)[:3] if item.value]
    except RefusalError:
        return ""
    if len(found) != 1 and (payload.kind == "json" or not found):
        return ""
    paths = list_paths(found[0])
    return max(paths, key=lambda path: path.count("."), default="")
