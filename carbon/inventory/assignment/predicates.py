"""Conditions of a rule as one test of every row at once."""

import json
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_

import polars as pl

from carbon.inventory.assignment.rules import BOUNDS, FILE, NUMBER_COLUMNS, TAG, Condition
from carbon.inventory.patterns import matches


def holds(
    conditions: Sequence[Condition], activity: pl.DataFrame, files: Mapping[str, str]
) -> pl.Expr:
    """Whether all conditions hold; never null.

    Args:
        conditions: at least one.
        activity: `Activity` rows that the expression will be asked of.
        files: evidence_id -> name of the file, for conditions on `file`.
    """
    return reduce(and_, (_holds(condition, activity, files) for condition in conditions))


def _holds(condition: Condition, activity: pl.DataFrame, files: Mapping[str, str]) -> pl.Expr:
    if condition.column in NUMBER_COLUMNS:
        return _bounded(condition)
    if condition.column.startswith(TAG):
        return _of_distinct("tags", _tag(activity["tags"], condition.column), condition)
    if condition.column == FILE:
        ids = pl.DataFrame(
            {"key": list(files), "text": list(files.values())},
            schema={"key": pl.String, "text": pl.String},
        )
        return _of_distinct("evidence_id", ids, condition)
    return _test(condition, condition.column)


def _bounded(condition: Condition) -> pl.Expr:
    column = pl.col(condition.column)
    bounds = [float(value) for value in condition.values]
    within = column >= min(bounds) if condition.op == BOUNDS[0] else column < max(bounds)
    return within.fill_null(False)


def _test(condition: Condition, column: str) -> pl.Expr:
    """The test of a text column."""
    values = [value.strip() for value in condition.values if value.strip()]
    there = pl.col(column).is_not_null()
    match condition.op:
        case "present":
            return there
        case "absent":
            return ~there
        case "is":
            return pl.col(column).is_in(values).fill_null(False)
        case "is_not":
            return ~pl.col(column).is_in(values).fill_null(False)
        case "like":
            return matches(column, values).fill_null(False)
        case _:
            return ~matches(column, values).fill_null(False)


def _of_distinct(column: str, texts: pl.DataFrame, condition: Condition) -> pl.Expr:
    """The test of a text that rows name by another one (`key`): asked once of each."""
    fits = texts.filter(_test(condition, "text"))["key"]
    found = pl.col(column).is_in(fits.implode()).fill_null(False)
    if condition.op in ("absent", "is_not", "not_like"):
        # A row that names nothing has no such tag either.
        return found | pl.col(column).is_null()
    return found


def _tag(tags: pl.Series, column: str) -> pl.DataFrame:
    """key (the tags as they stand) and text (the tag's value) of every distinct tags."""
    name = _word(column.removeprefix(TAG))
    distinct = tags.drop_nulls().unique().sort()
    values = [_value(text, name) for text in distinct]
    return pl.DataFrame(
        {"key": distinct, "text": values}, schema={"key": pl.String, "text": pl.String}
    )


def _value(text: str, name: str) -> str | None:
    try:
        members = json.loads(text)
    except ValueError:
        return None
    if not isinstance(members, dict):
        return None
    for key, value in members.items():
        if _word(key) == name and value is not None:
            return str(value).strip() or None
    return None


def _word(name: str) -> str:
    """A tag's name as bills differ in it: case, `_` for `-`, the prefix of a user's own tag."""
    word = name.strip().casefold().replace("_", "-").replace(" ", "-").replace(":", "-")
    return word.removeprefix("resource-tags-").removeprefix("user-")
