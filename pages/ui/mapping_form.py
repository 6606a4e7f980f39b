"""The house's fields with a column, a unit and a style each: what a mapping says, as widgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import available_timezones

import streamlit as st

from carbon.portfolio import ColumnMapping, MappingGuess
from pages.ui import numbers

TARGETS: Final = {
    "activity": "Use: energy, hours, requests, tokens",
    "reported": "A provider's own figures",
}

PERIODS: Final = {
    "span": "from its start to its end",
    "duration": "from its start, for a length",
    "minute": "a minute",
    "five_minutes": "five minutes",
    "quarter_hour": "a quarter of an hour",
    "half_hour": "half an hour",
    "hour": "an hour",
    "day": "a day",
    "month": "a month",
    "quarter": "a quarter of a year",
    "year": "a year",
}

NUMBER_STYLES: Final = {"auto": "as the numbers tell"}
DATE_STYLES: Final = {
    "auto": "as the dates tell",
    "day first": "day first, 31/12/2025",
    "month first": "month first, 12/31/2025",
    "epoch s": "seconds since 1970",
    "epoch ms": "milliseconds since 1970",
}

SEPARATORS: Final = {" / ": "/", " ": "blank", "-": "-", ".": "."}
"""What stands between joined columns -> how it is called."""

TOP: Final[Mapping[str, tuple[str, ...]]] = {
    "activity": ("energy", "zone", "country", "provider", "region", "site"),
    "reported": ("provider", "carbon", "scope", "method"),
}
"""Fields that nearly every file needs, in this order, behind date and workload."""

DATES: Final = ("start", "end")
JOINED: Final = (*DATES, "workload")
"""Fields that several columns may make up, and of which that is common."""


@dataclass(frozen=True)
class Form:
    """What all parts of the form need.

    Attributes:
        key: beginning of every widget's key: another file has other widgets.
        guess: what the columns may mean.
        specs: the fields of the target: title, kind, units, values.
        converted: field -> first cell and what it is read as, of the mapping as it last was.
        number_styles, date_styles: how numbers and dates may be written.
    """

    key: str
    guess: MappingGuess
    specs: Mapping[str, Any]
    converted: Mapping[str, tuple[str, str]]
    number_styles: Sequence[str] = ()
    date_styles: Sequence[str] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return self.guess.mapping.columns

    def guessed(self, name: str) -> dict[str, Any]:
        """What the guess says of a field."""
        origin = self.guess.mapping.fields.get(name)
        return origin.model_dump() if origin else {}


def basics(form: Form, choices: Mapping[str, Any]) -> dict[str, Any]:
    """How numbers and dates are written, the time zone, and what a row's period is."""
    guess = form.guess.mapping
    with st.grid(min_column_width=210):
        said = {
            "period": _choice(
                "A row stands for", choices["periods"], PERIODS, guess.period, f"{form.key}_period"
            ),
            "numbers": _choice(
                "Numbers are written",
                choices["numbers"],
                NUMBER_STYLES,
                guess.numbers,
                f"{form.key}_numbers",
            ),
            "dates": _choice(
                "Dates are written",
                _with(choices["dates"], guess.dates),
                DATE_STYLES,
                guess.dates,
                f"{form.key}_dates",
                accept_new_options=True,
                help="A style, or a pattern of your own, as %d %b %Y for 31 Dec 2025.",
            ),
            "timezone": st.selectbox(
                "Time zone of its times",
                ["", *sorted(available_timezones())],
                format_func=lambda zone: zone or "Asked at import",
                key=f"{form.key}_timezone",
                help="Dates without a time of day are calendar labels, and need none.",
            ),
        }
    for part in ("period", "dates"):
        if part in form.guess.why and said[part] == getattr(guess, part):
            _mark(form.guess.why[part])
    return said


def fields(form: Form, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Draw fields, and say what stands in them; those that stay empty are left out."""
    said = {name: _field(form, name) for name in names if name in form.specs}
    return {name: origin for name, origin in said.items() if origin}


def top_fields(target: str, period: str) -> list[str]:
    """The fields that are always seen, in order."""
    names = ["start"]
    if target == "activity":
        names += {"span": ["end"], "duration": ["end", "duration"]}.get(period, [])
        names.append("workload")
    return [*names, *TOP[target]]


def more_fields(form: Form, shown: Sequence[str]) -> tuple[list[str], list[str]]:
    """Fields behind the top ones: how much, and of what; without the period's own."""
    rest = [name for name in form.specs if name not in (*shown, *DATES, "duration")]
    amounts = [name for name in rest if form.specs[name]["kind"] == "number"]
    return amounts, [name for name in rest if name not in amounts]


def _field(form: Form, name: str) -> dict[str, Any]:
    """One field: its columns or its constant, its unit and style, and what a cell becomes."""
    spec, guessed, key = form.specs[name], form.guessed(name), f"{form.key}_{name}"
    with st.container(key=f"{key}_row", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            said = _source(form, name, spec, guessed, key)
            if said.get("columns"):
                said |= _unit(spec, guessed, key)
                said |= _style(spec, form, key)
        _reading(form, name, said, guessed)
    return {k: v for k, v in said.items() if v} if said else {}


def _source(
    form: Form, name: str, spec: Mapping[str, Any], guessed: Mapping[str, Any], key: str
) -> dict[str, Any]:
    if name in JOINED:
        columns = st.multiselect(
            spec["title"],
            form.columns,
            default=list(guessed.get("columns", ())),
            key=f"{key}_columns",
            placeholder="Choose columns",
            width=340,
        )
        said: dict[str, Any] = {"columns": columns}
        if len(columns) > 1:
            separator = guessed.get("separator", " / ") if guessed else " / "
            first = " " if name in DATES and separator == " / " else separator
            said["separator"] = st.selectbox(
                "Joined by",
                list(SEPARATORS),
                index=list(SEPARATORS).index(first) if first in SEPARATORS else 0,
                format_func=SEPARATORS.__getitem__,
                key=f"{key}_separator",
                width=100,
            )
    else:
        options = ["", *form.columns]
        first = next(iter(guessed.get("columns", ())), "")
        column = st.selectbox(
            spec["title"],
            options,
            index=options.index(first),
            format_func=lambda column: column or "No column",
            key=f"{key}_column",
            width=340,
        )
        said = {"columns": [column] if column else []}
    said["constant"] = _constant(spec, name, guessed, key, bool(said["columns"]))
    return said


def _constant(
    spec: Mapping[str, Any], name: str, guessed: Mapping[str, Any], key: str, has_column: bool
) -> str:
    """The value of all rows, or of those whose cell is empty."""
    label = "Where it is empty" if has_column else "Or the same for all rows"
    if spec["values"]:
        return st.selectbox(
            label,
            ["", *spec["values"]],
            format_func=lambda value: value.replace("_", " ") or "Not stated",
            key=f"{key}_constant",
            width=190,
        )
    return st.text_input(
        label,
        value=guessed.get("constant", ""),
        key=f"{key}_constant",
        placeholder="2025-03-04" if name in DATES else "",
        width=190,
    )


def _unit(spec: Mapping[str, Any], guessed: Mapping[str, Any], key: str) -> dict[str, Any]:
    units = list(spec["units"])
    if len(units) < 2:
        return {}
    unit = guessed.get("unit", "")
    return {
        "unit": st.selectbox(
            "Unit",
            units,
            index=units.index(unit) if unit in units else 0,
            format_func=lambda unit: "one by one" if unit == "1" else unit,
            key=f"{key}_unit",
            width=130,
            help="Of numbers that bear none themselves.",
        )
    }


def _style(spec: Mapping[str, Any], form: Form, key: str) -> dict[str, Any]:
    """How this one field is written, where it is not as the others."""
    if spec["kind"] == "text":
        return {}
    dates = spec["kind"] == "date"
    words = DATE_STYLES if dates else NUMBER_STYLES
    return {
        "style": st.selectbox(
            "Written",
            ["", *(form.date_styles if dates else form.number_styles)],
            format_func=lambda style: words.get(style, style) or "as above",
            key=f"{key}_style",
            width=150,
        )
    }


def _reading(form: Form, name: str, said: Mapping[str, Any], guessed: Mapping[str, Any]) -> None:
    """What the first cell becomes, and whether the field is still as it was guessed."""
    parts = []
    if name in form.converted and said.get("columns"):
        cell, value = form.converted[name]
        read = f"**{numbers.plain(value)}**" if value else ":orange[cannot be read]"
        parts.append(f"“{numbers.plain(cell)}” → {read}")
    if name in form.guess.why and list(said.get("columns", ())) == list(guessed.get("columns", ())):
        parts.append(f":material/lightbulb: Guess: {numbers.plain(form.guess.why[name])}")
    if parts:
        st.caption(" · ".join(parts))


def skipped(form: Form) -> list[dict[str, Any]]:
    """Rows that are no data rows, by what one of their cells says."""
    rule = next(iter(form.guess.mapping.skip), None)
    options = ["", *form.columns]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox(
            "Leave out rows whose",
            options,
            index=options.index(rule.column) if rule else 0,
            format_func=lambda name: name or "No column: take all rows",
            key=f"{form.key}_skip_column",
            width=340,
        )
        if not column:
            return []
        known = list(rule.values) if rule and rule.column == column else []
        cells = form.guess.sample[column].drop_nulls().unique(maintain_order=True).to_list()
        values = st.multiselect(
            "is one of",
            list(dict.fromkeys([*known, *cells])),
            default=known,
            accept_new_options=True,
            key=f"{form.key}_skip_{column}",
            width=340,
        )
    if "skip" in form.guess.why and values == known and known:
        _mark(form.guess.why["skip"])
    return [{"column": column, "values": values}] if values else []


def as_said(
    guess: ColumnMapping, target: str, basic: Mapping[str, Any], parts: Mapping[str, Any]
) -> dict[str, Any]:
    """What the widgets say, as a mapping's TOML would."""
    return {
        "name": guess.name,
        "target": target,
        "columns": list(guess.columns),
        "records": guess.records,
        **basic,
        **parts,
    }


def _choice(
    label: str,
    options: Sequence[str],
    words: Mapping[str, str],
    first: str,
    key: str,
    **more: Any,
) -> str:
    chosen = st.selectbox(
        label,
        list(options),
        index=list(options).index(first),
        format_func=lambda option: words.get(option, option),
        key=key,
        **more,
    )
    return chosen or first


def _with(options: Sequence[str], more: str) -> list[str]:
    return list(dict.fromkeys([*options, more]))


def _mark(why: str) -> None:
    st.caption(f":material/lightbulb: Guess: {numbers.plain(why)}")
