"""The scenario file: TOML <-> `Scenario`, every fault at once, in plain words and by line."""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from pydantic import BaseModel, ValidationError

from carbon.analysis.whatif.scenario import (
    EVERY,
    Changes,
    Constraints,
    Hardware,
    Marginal,
    Move,
    Procurement,
    Scenario,
    TimeShift,
)

_TABLES: Mapping[str, type[BaseModel]] = {
    "": Scenario,
    "moves": Move,
    "changes": Changes,
    "changes.hardware": Hardware,
    "changes.time_shift": TimeShift,
    "changes.procurement": Procurement,
    "constraints": Constraints,
    "marginal": Marginal,
}
"""Table of the file -> what may stand in it."""


_ASKED: Mapping[str, str] = {
    "less_than_equal": "it has to be at most {le:g}",
    "greater_than_equal": "it has to be at least {ge:g}",
    "greater_than": "it has to be more than {gt:g}",
    "finite_number": "it has to be a number",
    "float_type": "it has to be a number",
    "float_parsing": "it has to be a number",
    "int_type": "it has to be a whole number",
    "int_parsing": "it has to be a whole number",
    "int_from_float": "it has to be a whole number",
    "string_type": "it has to be text in quotes",
    "string_pattern_mismatch": 'it has to be a month, as "2025-01"',
    "tuple_type": "it has to be a list",
    "dict_type": "it has to be a table",
    "model_type": "it has to be a table",
    "literal_error": "it has to be {expected}",
}
"""What pydantic finds wrong -> what has to be there."""


class ScenarioError(ValueError):
    """A scenario cannot be read; the message names every entry, its line, and the remedy."""

    @classmethod
    def of(cls, faults: Sequence[str], opening: str = "") -> "ScenarioError":
        """One message of several faults."""
        said = opening + "; ".join(faults)
        return cls(said if said.endswith("?") else f"{said}.")


def scenario_from_toml(text: str) -> Scenario:
    """Read a scenario file.

    Raises:
        ScenarioError: with all faults, each with its line.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"The scenario is not valid TOML: {error}.") from error
    return scenario_from_dict(document, text)


def scenario_from_dict(document: Mapping[str, Any], text: str = "") -> Scenario:
    """A scenario from a mapping of the file's shape.

    Args:
        document: as TOML gives it.
        text: the file, so that faults can name their lines.

    Raises:
        ScenarioError: with all faults.
    """
    try:
        return Scenario.model_validate(dict(document))
    except ValidationError as error:
        faults = [_in_words(fault, text) for fault in error.errors()]
        raise ScenarioError.of(faults, "The scenario cannot be read: ") from error


def scenario_to_toml(scenario: Scenario) -> str:
    """The scenario as a file; `scenario_from_toml` of it gives an equal scenario."""
    return tomlkit.dumps(_plain(scenario.to_dict()))


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """Numbers and names before tables: after a table's head no entry of the file itself may stand.

    A value for every workload is written as one.
    """
    changes = document.get("changes", {})
    constraints = document.get("constraints", {})
    for part in (changes, constraints):
        for name, value in part.items():
            if isinstance(value, dict) and list(value) == ["*"] and name != "residency":
                part[name] = value["*"]
    return dict(sorted(document.items(), key=lambda item: isinstance(item[1], dict | list)))


def _in_words(fault: Any, text: str) -> str:
    loc = [part for part in fault["loc"] if part not in ("[key]", EVERY)]
    line = _line(loc, text)
    at = ", ".join([*([f"line {line}"] if line else []), _name(loc) or "the file"])
    if fault["type"] == "extra_forbidden":
        return f"{at}: there is no such entry{_near(loc)}"
    if fault["type"] == "missing":
        return f"{at}: it is missing; state it"
    if fault["type"] == "value_error":
        return f"{at}: {fault['ctx']['error']}"
    given = fault.get("input")
    said = f" (it is {given!r})" if isinstance(given, str | int | float) else ""
    return f"{at}: {_asked(fault)}{said}"


def _asked(fault: Any) -> str:
    """What an entry has to be, in plain words; else as the library says it."""
    words = _ASKED.get(fault["type"])
    if words is None:
        said: str = fault["msg"]
        return said
    return words.format(**fault.get("ctx", {}))


def _name(loc: list[Any]) -> str:
    """`moves[2].share`, counted from 1 as a person counts."""
    named = ""
    for part in loc:
        named += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if named else str(part)
    return named


def _near(loc: list[Any]) -> str:
    table = ".".join(part for part in loc[:-1] if isinstance(part, str))
    model = _TABLES.get(table)
    if model is None:
        return "; leave it out"
    known = [field.alias or name for name, field in model.model_fields.items()]
    near = difflib.get_close_matches(str(loc[-1]), known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


def _line(loc: list[Any], text: str) -> int | None:
    """The line of an entry, by its table's head and its name; None where it is not written so."""
    lines = text.splitlines()
    start, path = 0, ""
    for part, following in zip(loc, [*loc, None][1:], strict=True):
        if isinstance(part, int):
            start = _after(lines, start, rf"\s*\[\[\s*{re.escape(path)}\s*\]\]", part) or start
            continue
        path = f"{path}.{part}" if path else part
        if isinstance(following, int):
            continue
        head = _after(lines, 0, rf"\s*\[\s*{re.escape(path)}\s*\]", 0)
        entry = _after(lines, start, rf"\s*\"?{re.escape(part)}\"?\s*=", 0)
        start = head or entry or start
    return start or None


def _after(lines: list[str], start: int, pattern: str, skip: int) -> int:
    """Number of the line after `start` that fits, having passed over `skip`; 0 where none does."""
    found = [at for at, line in enumerate(lines[start:], start + 1) if re.match(pattern, line)]
    return found[skip] if len(found) > skip else 0
