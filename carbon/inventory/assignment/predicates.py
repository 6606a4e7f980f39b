"""Conditions of a rule as one test of every row at once.

Tags and files' names are looked up once for all rules (`with_asked`); what is left are tests of
columns.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import Final

import polars as pl

from carbon.inventory.assignment.rules import BOUNDS, FILE, NUMBER_COLUMNS, TAG, Condition, Rule
from carbon.inventory.patterns import matches

ASKED: Final = "_asked:"
"""Before the name of a column that is looked up for the rules."""

_PREFIX: Final = re.compile(r"^(?:resource[_ -]?tags[/:_-])?(?:user[/:_])?")


def with_asked(
    activity: pl.DataFrame, rules: Iterable[Rule], files: Mapping[str, str]
) -> pl.DataFrame:
    """Add the tags and the file's name that conditions ask for.

    Args:
        activity: `Activity` rows.
        rules: whose conditions will be asked.
        files: evidence_id -> name of the file.

    Returns:
        activity with a column `ASKED + column` for each tag and for `file`, where a rule asks.
    """
    asked = {condition.column for rule in rules for condition in rule.conditions}
    tags = sorted(column for column in asked if column.startswith(TAG))
    if FILE in asked:
        activity = activity.with_columns(
            pl.col("evidence_id")
            .replace_strict(dict(files), default=None, return_dtype=pl.String)
            .alias(ASKED + FILE)
        )
    if not tags:
        return activity
    return activity.join(
        _tags(activity["tags"], tags), on="tags", how="left", validate="m:1", maintain_order="left"
    )


def holds(conditions: Sequence[Condition]) -> pl.Expr:
    """Whether all conditions hold of a row of `with_asked`; never null.

    Args:
        conditions: at least one.
    """
    return reduce(and_, map(_holds, conditions))


def _holds(condition: Condition) -> pl.Expr:
    if condition.column in NUMBER_COLUMNS:
        return _bounded(condition)
    looked_up = condition.column == FILE or condition.column.startswith(TAG)
    return _test(condition, ASKED + condition.column if looked_up else condition.column)


def _bounded(condition: Condition) -> pl.Expr:
    column = pl.col(condition.column)
    bounds = [float(value) for value in condition.values]
    within = column >= min(bounds) if condition.op == BOUNDS[0] else column < max(bounds)
    return within.fill_null(False)


def _test(condition: Condition, column: str) -> pl.Expr:
    """The test of a text column; blank text is no value."""
    values = [value.strip() for value in condition.values if value.strip()]
    text = pl.col(column).str.strip_chars()
    match condition.op:
        case "present":
            return (text != "").fill_null(False)
        case "absent":
            return (text == "").fill_null(True)
        case "is":
            return text.is_in(values).fill_null(False)
        case "is_not":
            return ~text.is_in(values).fill_null(False)
        case "like":
            return matches(column, values)
        case _:
            return ~matches(column, values)


def _tags(tags: pl.Series, asked: Sequence[str]) -> pl.DataFrame:
    """tags (as they stand) and the value of each tag that is asked for, distinct tags once."""
    words = {column: tag_word(column.removeprefix(TAG)) for column in asked}
    distinct = tags.drop_nulls().unique().sort()
    rows = [(text, *_values(text, asked, words)) for text in distinct]
    names = ["tags", *(ASKED + column for column in asked)]
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


def _values(text: str, asked: Sequence[str], words: Mapping[str, str]) -> Iterable[str | None]:
    """Of each tag the value: under its very name, else under the first spelling of it."""
    members = members_of(text)
    spelled: dict[str, str] = {}
    for key, value in members.items():
        spelled.setdefault(tag_word(key), value)
    return [members.get(column.removeprefix(TAG)) or spelled.get(words[column]) for column in asked]


def members_of(tags: str) -> dict[str, str]:
    """The tags of a row that have a value; what is no JSON object has none."""
    try:
        members = json.loads(tags)
    except ValueError:
        return {}
    if not isinstance(members, dict):
        return {}
    said = {key: "" if value is None else str(value).strip() for key, value in members.items()}
    return {key: value for key, value in said.items() if value}


def tag_word(name: str) -> str:
    """A tag's name as bills differ in it: case, `_` for `-`, the prefix of a user's own tag."""
    word = _PREFIX.sub("", name.strip().casefold())
    return word.replace("_", "-").replace(" ", "-")
