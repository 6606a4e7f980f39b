"""A mapping: what the columns of somebody's own spreadsheet mean, as an object and as TOML.

```toml
name = "hall-meters"
title = "Meters of the halls, monthly"
columns = ["Monat", "Team", "Job", "Verbrauch [MWh]"]
numbers = "1.234,5"
dates = "%m/%Y"
period = "month"

[fields.start]
column = "Monat"

[fields.workload]
columns = ["Team", "Job"]
separator = " / "

[fields.energy]
column = "Verbrauch [MWh]"
unit = "MWh"

[fields.zone]
constant = "FR"

[[skip]]
column = "Job"
values = ["Total"]
```

`columns` is the header that it was made for, by which the next file is recognised. Rows that `skip`
names are no data rows: like a header that stands there again they are left out and named in a
note, and count neither as taken nor as set aside.
"""

import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, Literal

import tomlkit
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from carbon.activity.mapping.fields import FIELDS, FIGURES, ONE, QUANTITIES, FieldSpec, Target
from carbon.activity.source import RefusalError
from carbon.tables.dates import check_timezone
from carbon.tables.datestyles import AUTO, check_style

PREFIX: Final = "mapping:"
"""A mapped format is called by this and the mapping's name."""

NUMBER_STYLES: Final = {
    "auto": None,
    "1,234.5": ".",
    "1.234,5": ",",
    "1 234,5": ",",
    "1'234.5": ".",
}
"""How numbers are written -> their decimal mark; None: told by the numbers themselves."""

NumberStyle = Literal["auto", "1,234.5", "1.234,5", "1 234,5", "1'234.5"]

Period = Literal[
    "span",
    "duration",
    "minute",
    "five_minutes",
    "quarter_hour",
    "half_hour",
    "hour",
    "day",
    "month",
    "quarter",
    "year",
]
"""What a row's period is: from start up to end; start and a length; or the hour, day, month...
of one date."""

STEPS: Final = {
    "minute": "1m",
    "five_minutes": "5m",
    "quarter_hour": "15m",
    "half_hour": "30m",
    "hour": "1h",
    "day": "1d",
    "month": "1mo",
    "quarter": "1q",
    "year": "1y",
}
"""Period of one date -> its length."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Origin(_Part):
    """Where a field gets its value: columns of the file, and what stands where they are empty."""

    columns: tuple[str, ...] = Field(
        (), description="Columns; several texts are joined, several numbers added up."
    )
    separator: str = Field(" / ", description="What stands between joined columns.")
    constant: str = Field("", description="Value where no column is named, or its cell is empty.")
    unit: str = Field("", description="Unit of a number that bears none; empty: the house's own.")
    style: str = Field("", description="Number or date style of its own; empty: the mapping's.")
    optional: bool = Field(False, description="Whether the file may lack the columns.")

    @model_validator(mode="before")
    @classmethod
    def _one_column(cls, given: Any) -> Any:
        """`column = "x"` is `columns = ["x"]`; a constant may be written as a number or a date."""
        if not isinstance(given, dict):
            return given
        given = dict(given)
        if isinstance(given.get("constant"), int | float | date):
            given["constant"] = str(given["constant"])
        if "column" in given:
            column = given.pop("column")
            if given.get("columns"):
                raise ValueError("name either column or columns")
            given["columns"] = (column,) if column else ()
        return given


class Skip(_Part):
    """Rows that are no data rows, by what one of their cells says."""

    column: str = Field(description="Column that tells.")
    values: tuple[str, ...] = Field(
        (), description="Cells that mark such a row, in any case; none: an empty cell does."
    )


class Mapping(_Part):
    """What the columns of a source mean."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$",
        description="By which it is called: small letters, digits, hyphens.",
    )
    title: str = Field("", description="What the source is, in words.")
    target: Target = Field("activity", description="Use, or a provider's own figures.")
    document: str = Field("", description="Where the source's columns are documented.")
    columns: tuple[str, ...] = Field((), description="The header that it was made for.")
    records: str = Field(
        "", description="In nested JSON the path of the lists that hold the rows: data.results."
    )
    numbers: NumberStyle = Field("auto", description="How numbers are written.")
    dates: str = Field(AUTO, description="Date style by name, or a pattern as %d %b %Y.")
    timezone: str = Field("", description="IANA zone of its times; empty: asked at import.")
    period: Period = Field("span", description="What a row's period is.")
    fields: dict[str, Origin] = Field({}, description="House field -> where its value is from.")
    skip: tuple[Skip, ...] = Field((), description="Rows that are no data rows.")

    @model_validator(mode="after")
    def _sound(self) -> "Mapping":
        known = FIELDS[self.target]
        for name, origin in self.fields.items():
            if name not in known:
                raise ValueError(f"field '{name}' is not known; use one of {', '.join(known)}")
            _check_origin(name, known[name], origin)
        _check(lambda: check_style(self.dates))
        if self.timezone:
            _check(lambda: check_timezone(self.timezone))
        return self

    @property
    def format(self) -> str:
        """The name of the format that files of this mapping have."""
        return f"{PREFIX}{self.name}"

    @property
    def used(self) -> tuple[str, ...]:
        """Every column that it reads, each once."""
        origins = [column for origin in self.fields.values() for column in origin.columns]
        return tuple(dict.fromkeys([*origins, *(rule.column for rule in self.skip)]))

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns without which a file cannot be read by it."""
        may_lack = {c for o in self.fields.values() if o.optional for c in o.columns}
        must = {c for o in self.fields.values() if not o.optional for c in o.columns}
        return tuple(column for column in self.used if column in must or column not in may_lack)

    @property
    def header(self) -> tuple[str, ...]:
        """The columns by which a file is recognised as its own."""
        return self.columns or self.needed

    @classmethod
    def from_toml(cls, text: str) -> "Mapping":
        """A mapping from its TOML.

        Raises:
            RefusalError: it is no TOML, or names what nobody knows; the message says where.
        """
        try:
            said = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise RefusalError(f"The mapping is not valid TOML: {error}.") from error
        return cls.of(said)

    @classmethod
    def of(cls, said: dict[str, Any]) -> "Mapping":
        """A mapping from what its TOML would say.

        Raises:
            RefusalError: it names what nobody knows; the message says where.
        """
        try:
            return cls.model_validate(said)
        except ValidationError as error:
            raise RefusalError(f"The mapping cannot be used: {_in_words(error)}.") from error

    def to_toml(self) -> str:
        """Its TOML, without what stands at its default."""
        said = self.model_dump(exclude_defaults=True)
        said["fields"] = {
            name: _origin_as_written(self.fields[name], origin)
            for name, origin in said.get("fields", {}).items()
        }
        return tomlkit.dumps(said)

    def lacks(self) -> tuple[str, ...]:
        """What it still needs before a file can be read by it, one sentence each."""
        return tuple(_lacks(self))


def _check_origin(name: str, spec: FieldSpec, origin: Origin) -> None:
    if origin.unit and origin.unit not in spec.units:
        offered = ", ".join(spec.units) or "no unit"
        raise ValueError(f"unit '{origin.unit}' of {name} is not known; use one of {offered}")
    if spec.kind == "number":
        if origin.style and origin.style not in NUMBER_STYLES:
            raise ValueError(
                f"number style '{origin.style}' of {name} is not known; use one of "
                + ", ".join(NUMBER_STYLES)
            )
        if origin.constant:
            _check_number(name, origin.constant)
    elif spec.kind == "date" and origin.style:
        _check(lambda: check_style(origin.style))


def _check_number(name: str, constant: str) -> None:
    try:
        finite = abs(float(constant)) < float("inf")
    except ValueError:
        finite = False
    if not finite:
        raise ValueError(f"constant '{constant}' of {name} is no number; write it as 1234.5")


def _check(check: Any) -> None:
    """A refusal of a check as the ValueError that pydantic gathers."""
    try:
        check()
    except RefusalError as refusal:
        raise ValueError(str(refusal).rstrip(".")) from refusal


def _origin_as_written(origin: Origin, said: dict[str, Any]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if len(origin.columns) == 1:
        written["column"] = origin.columns[0]
    elif origin.columns:
        written["columns"] = list(origin.columns)
    return {**written, **{key: value for key, value in said.items() if key != "columns"}}


def _lacks(mapping: Mapping) -> Iterator[str]:
    given = {name for name, origin in mapping.fields.items() if origin.columns or origin.constant}
    if mapping.period == "duration":
        if "duration" not in given or not given & {"start", "end"}:
            yield "Say which columns hold the start (or end) and the length of the period."
    elif "start" not in given:
        yield "Say which column holds the date, or the start of the period."
    elif mapping.period == "span" and "end" not in given:
        yield (
            "Say which column holds the end of the period, or that a row stands for the hour, day "
            "or month of its date."
        )
    if mapping.target == "reported":
        if not given & {"carbon", *FIGURES}:
            yield "Say which column holds the emissions."
        if "provider" not in given:
            yield "Say which provider these figures are from."
        return
    if "workload" not in given:
        yield "Say what names the workload: a column, several, or one name for all rows."
    if not given & set(QUANTITIES):
        yield "Say which column holds the energy, or hours, requests, tokens or cost."


def _in_words(error: ValidationError) -> str:
    def one(problem: Any) -> str:
        where = ".".join(str(part) for part in problem["loc"])
        what = str(problem["msg"]).removeprefix("Value error, ").rstrip(".")
        return f"{where}: {what}" if where else what

    return "; ".join(one(problem) for problem in error.errors())


def house_unit(spec: FieldSpec) -> str:
    """The unit that numbers of a field are kept in."""
    return spec.units[0] if spec.units else ONE
