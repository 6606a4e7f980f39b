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


def columns_of(rules: Iterable[Rule]) -> list[str]:
    """The columns of `with_asked` that the conditions of rules are about."""
    asked = (condition.column for rule in rules for condition in rule.conditions)
    return list(dict.fromkeys(map(_column, asked)))


def _column(asked: str) -> str:
    return ASKED + asked if asked == FILE or asked.startswith(TAG) else asked


def holds(conditions: Sequence[Condition]) -> pl.Expr:
    """Whether all conditions hold of a row of `with_asked`; never null.

    Args:
        conditions: at least one.
    """
    return reduce(and_, map(_holds, conditions))


def _holds(condition: Condition) -> pl.Expr:
    if condition.column in NUMBER_COLUMNS:
        return _bounded(condition)
    return _test(condition, _column(condition.column))


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
    distinct = tags.drop_nulls().unique().sort()
    known: dict[str, str] = {}
    words = dict.fromkeys(map(_word_of, asked))
    places = {word: place for place, word in enumerate(words)}
    very = {column.removeprefix(TAG) for column in asked}
    found: list[list[str | None]] = [[None] * len(distinct) for _ in places]
    for row, text in enumerate(distinct):
        for key, value in _members(text).items():
            word = known.get(key) or known.setdefault(key, tag_word(key))
            place = places.get(word)
            # Under its very name, else under the first spelling of it.
            if place is not None and (found[place][row] is None or key in very):
                found[place][row] = _said(value) or found[place][row]
    columns = {ASKED + column: found[places[_word_of(column)]] for column in asked}
    return pl.DataFrame(
        {"tags": distinct, **columns}, schema_overrides=dict.fromkeys(columns, pl.String)
    )


def _word_of(column: str) -> str:
    return tag_word(column.removeprefix(TAG))


def members_of(tags: str) -> dict[str, str]:
    """The tags of a row that have a value; what is no JSON object has none."""
    return {key: said for key, value in _members(tags).items() if (said := _said(value))}


def _members(tags: str) -> dict[str, object]:
    try:
        members = json.loads(tags)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def _said(value: object) -> str | None:
    return None if value is None else str(value).strip() or None


def tag_word(name: str) -> str:
    """A tag's name as bills differ in it: case, `_` for `-`, the prefix of a user's own tag."""
    word = _PREFIX.sub("", name.strip().casefold())
    return word.replace("_", "-").replace(" ", "-")
