"""The data collection policy: what is measured where, with which meter and what error, how often,
by whom, and how long it is kept.

What follows from the sources and the policy is derived; what only the organisation knows is stated.
A statement stands above what is derived. The document is one table, as Markdown, CSV or XLSX.
"""

import io
from collections.abc import Mapping
from typing import Any, Final

import polars as pl
import xlsxwriter

from carbon.disclosure.methodology import TIER_WORDS
from carbon.disclosure.spreadsheet import Writer
from carbon.policy import Policy

STATED: Final = ("responsible", "meter", "error", "frequency", "retention", "note")
"""What an organisation states of a source."""

COLUMNS: Final = (
    *("source", "what", "where", "workloads", "meter", "error", "frequency", "observed"),
    *("responsible", "retention", "note", "stated"),
)
"""Columns of the policy; `stated` names those that are the organisation's own words."""

TITLES: Final = {
    "source": "Source",
    "what": "What is measured",
    "where": "Where",
    "workloads": "Workloads",
    "meter": "Meter",
    "error": "Error (95 %)",
    "frequency": "How often",
    "observed": "As observed",
    "responsible": "Responsible",
    "retention": "Kept for",
    "note": "Note",
    "stated": "Stated by the organisation",
}

BOUNDARY_WORDS: Final = {
    "chip": "chip",
    "board": "accelerator board",
    "node": "server",
    "rack": "rack",
    "facility": "building",
}

KIND_WORDS: Final = {
    "energy_facility_kwh": "energy of the building",
    "energy_it_kwh": "energy of IT equipment",
    "accelerator_hours": "accelerator-hours",
    "instance_hours": "instance-hours",
    "vcpu_hours": "vCPU-hours",
    "gb_hours": "storage and memory",
    "gb_transferred": "data moved",
    "requests": "requests",
    "input_tokens": "tokens",
    "output_tokens": "tokens",
    "cached_tokens": "tokens",
    "reasoning_tokens": "tokens",
    "cost": "cost",
}

NAMED: Final = 4
"""Places that a cell names before it says how many more there are."""

NOT_STATED: Final = "not stated"

_HOUR, _DAY = 1.0, 24.0


def collected(
    sources: pl.DataFrame,
    activity: pl.DataFrame,
    stated: Mapping[str, Mapping[str, str]],
    policy: Policy,
) -> pl.DataFrame:
    """The data collection policy, one row a source.

    Args:
        sources: source, format, title, rhythm_months, first_month, last_month, coverage, gaps.
        activity: `Activity` rows that count, with the `source` of their file.
        stated: source -> what the organisation states of it, by the names of STATED.
        policy: `uncertainty.energy_by_tier` gives the error where nobody states one.

    Returns:
        COLUMNS, as text (workloads [1]), sorted by source. Null: not known.
    """
    rows = []
    of_source = activity.partition_by("source", as_dict=True) if activity.height else {}
    for source in sources.sort("source").to_dicts():
        part = of_source.get((source["source"],))
        derived = _derived(source, part, policy)
        own = {
            name: text for name, text in stated.get(source["source"], {}).items() if name in STATED
        }
        said = {name: text for name, text in own.items() if text}
        named = ", ".join(name for name in STATED if name in said) or None
        rows.append({**derived, **said, "stated": named})
    kinds = {name: pl.Int64 if name == "workloads" else pl.String for name in COLUMNS}
    return pl.DataFrame([{name: row.get(name) for name in COLUMNS} for row in rows], schema=kinds)


def _derived(source: dict[str, Any], part: pl.DataFrame | None, policy: Policy) -> dict[str, Any]:
    every = source["rhythm_months"]
    row: dict[str, Any] = {
        "source": source["source"],
        "what": "figures of a provider or factors",
        "frequency": every and ("monthly" if every == 1 else f"every {every} months"),
        "observed": _observed(source, part),
    }
    if part is None:
        return row
    return row | {
        "what": _words(part["quantity_kind"], KIND_WORDS),
        "where": _where(part),
        "workloads": part["workload"].n_unique() - bool(part["workload"].null_count()),
        "meter": _meter(part, source["title"] or source["format"]),
        "error": _error(part, policy),
    }


def _words(codes: pl.Series, table: Mapping[str, str]) -> str | None:
    found = [table[code] for code in table if code in set(codes.drop_nulls().unique().to_list())]
    return ", ".join(dict.fromkeys(found)) or None


def _where(part: pl.DataFrame) -> str | None:
    places = part.select(
        pl.coalesce(
            "site",
            pl.concat_str("provider", "region", separator=":"),
            "provider",
            "zone",
            "country",
        ).alias("place")
    )["place"]
    names = places.drop_nulls().unique().sort().to_list()
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "") or None


def _meter(part: pl.DataFrame, title: str) -> str:
    seen = _words(part["boundary"], BOUNDARY_WORDS)
    tiers = [TIER_WORDS[tier] for tier in sorted(part["tier"].drop_nulls().unique())]
    return "; ".join(text for text in (title, seen and f"sees the {seen}", *tiers) if text)


def _error(part: pl.DataFrame, policy: Policy) -> str | None:
    """The 95 % interval of energy by tier: a factor f spans from 1/f to f."""
    tiers = sorted(part["tier"].drop_nulls().unique())
    spans = []
    for tier in tiers:
        factor = policy.uncertainty.energy_by_tier.get(tier)
        if factor:
            spans.append(f"{tier}: −{1 - 1 / factor:.0%} to +{factor - 1:.0%}")
    return "; ".join(spans) or None


def _observed(source: dict[str, Any], part: pl.DataFrame | None) -> str | None:
    if source["first_month"] is None:
        return None
    pieces = [f"{source['first_month']} to {source['last_month']}"]
    if source["coverage"] is not None:
        pieces.append(f"{source['coverage']:.0%} covered")
    if source["gaps"]:
        pieces.append(f"gaps: {source['gaps']}")
    if part is not None:
        hours = (part["period_end"] - part["period_start"]).dt.total_seconds().median()
        if isinstance(hours, float):
            pieces.append(f"rows of {_span(hours / 3600)}")
    return "; ".join(pieces)


def _span(hours: float) -> str:
    if hours >= 28 * _DAY:
        return f"{hours / (30.4 * _DAY):.0f} months" if hours > 45 * _DAY else "a month"
    if hours >= _DAY:
        return "a day" if hours < 2 * _DAY else f"{hours / _DAY:.0f} days"
    return "an hour" if hours == _HOUR else f"{hours * 60:.0f} minutes"


def document(rows: pl.DataFrame, kind: str, head: Mapping[str, str]) -> bytes:
    """The policy as a file.

    Args:
        rows: as `collected` gives them.
        kind: "md", "csv" or "xlsx".
        head: what stands above the table, by name (organisation, version, hash, ...).

    Raises:
        ValueError: the kind is none of these.
    """
    if kind == "csv":
        texts = [name for name, type_ in rows.schema.items() if type_ == pl.String]
        safe = rows.with_columns(_harmless(name) for name in texts)
        return safe.rename(dict(TITLES)).write_csv(include_bom=True).encode()
    if kind == "md":
        return _markdown(rows, head).encode()
    if kind == "xlsx":
        return _workbook(rows, head)
    raise ValueError(f"a data collection policy is md, csv or xlsx, not {kind!r}")


def _harmless(name: str) -> pl.Expr:
    """Text that a spreadsheet would run is marked as text."""
    text = pl.col(name)
    runs = text.str.contains(r"^[=+\-@\t\r]").fill_null(False)
    return pl.when(runs).then(pl.concat_str(pl.lit("'"), text)).otherwise(text).alias(name)


def _markdown(rows: pl.DataFrame, head: Mapping[str, str]) -> str:
    lines = ["# Data collection policy", ""]
    lines += [f"- {name}: {_cell(text)}" for name, text in head.items()]
    for row in rows.iter_rows(named=True):
        lines += ["", f"## {_cell(row['source'])}", ""]
        for name in COLUMNS[1:]:
            value = row[name]
            if name == "stated" and value is None:
                continue
            lines.append(f"- {TITLES[name]}: {NOT_STATED if value is None else _cell(value)}")
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    """A value that no Markdown reader takes for anything but text."""
    text = " ".join(str(value).split())
    for mark in "\\`*_[]<>#|":
        text = text.replace(mark, f"\\{mark}")
    return text


def _workbook(rows: pl.DataFrame, head: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    writer = Writer(book)
    writer.new_sheet("Data collection", "Data collection policy", [28, *[24] * (len(COLUMNS) - 1)])
    for name, text in head.items():
        writer.paragraph(f"{name}: {text}")
    writer.row += 1
    writer.table([(name, TITLES[name]) for name in COLUMNS], rows.to_dicts(), freeze=True)
    book.close()
    return buffer.getvalue()
