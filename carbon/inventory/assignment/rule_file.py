"""Rules as a TOML file: `[[rule]]` after `[[rule]]`, in the order in which they are asked."""

import tomllib
from collections.abc import Iterable
from typing import Any, Final

import tomlkit

from carbon.inventory.assignment.rules import Rule, RuleError, rule_from

STEP: Final = 10
"""Between the priorities of neighbours, so that a rule finds room between two."""

_NOT_WRITTEN: Final = {"priority"}
"""The order of the file says it."""


def to_toml(rules: Iterable[Rule]) -> str:
    """The rules in their order; what is not stated is left out."""
    written = [
        rule.model_dump(exclude=_NOT_WRITTEN, exclude_none=True, exclude_defaults=True)
        for rule in rules
    ]
    return tomlkit.dumps({"rule": [_plain(rule) for rule in written]} if written else {})


def from_toml(text: str) -> tuple[Rule, ...]:
    """The rules of a file, each with an id, in the order of the file.

    Raises:
        RuleError: it is no TOML, holds something else, or a rule cannot be kept.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"The file is no TOML: {error}. Export the rules to see its form.") from (
            error
        )
    entries = said.pop("rule", [])
    if said or not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise RuleError(
            "A file of rules holds [[rule]] entries and nothing else. Export the rules to see its "
            "form."
        )
    rules = in_steps(rule_from(entry) for entry in entries)
    ids = [rule.rule_id for rule in rules]
    twice = [rule.name for rule in rules if ids.count(rule.rule_id) > 1]
    if twice:
        raise RuleError(f"Rule '{twice[0]}' stands twice in the file; leave one of them out.")
    return rules


def in_steps(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Rules in their order, with an id and the priority that keeps them in it."""
    return tuple(
        rule.with_id().model_copy(update={"priority": STEP * place})
        for place, rule in enumerate(rules, 1)
    )


def _plain(value: Any) -> Any:
    """Tuples as lists: TOML knows no others."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
