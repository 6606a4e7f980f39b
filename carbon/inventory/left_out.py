"""Activity that the policy declares to be outside: laptops, R&D that is not AI, other load.

Such a row is not taken out here: it is given the reason, and the accounting lists it apart.
"""

import json
from collections.abc import Mapping

import polars as pl

from carbon.inventory.patterns import matches
from carbon.policy import LeftOut, Policy

TAG = "tag:"
FILE = "file"


def reasons(activity: pl.DataFrame, policy: Policy, files: Mapping[str, str]) -> pl.Expr:
    """Why each row is declared out, in words; null where it is not.

    Args:
        activity: `Activity` rows that the expression will be asked of.
        policy: `boundary.left_out`; the first that fits names the reason.
        files: evidence_id -> name of the file, for patterns over `file`.
    """
    declared = [
        pl.when(_fits(entry, activity, files)).then(pl.lit(_words(entry)))
        for entry in policy.boundary.left_out
    ]
    return pl.coalesce(*declared, pl.lit(None, pl.String))


def _words(entry: LeftOut) -> str:
    evidence = f" ({entry.evidence})" if entry.evidence else ""
    return f"{entry.column} {entry.pattern}: {entry.reason}{evidence}"


def _fits(entry: LeftOut, activity: pl.DataFrame, files: Mapping[str, str]) -> pl.Expr:
    if entry.column == FILE:
        named = pl.DataFrame(
            {"key": list(files), "text": list(files.values())},
            schema={"key": pl.String, "text": pl.String},
        )
        return _among("evidence_id", named, entry.pattern)
    if entry.column.startswith(TAG):
        return _among("tags", _tagged(activity["tags"], entry.column), entry.pattern)
    return matches(entry.column, [entry.pattern])


def _among(column: str, texts: pl.DataFrame, pattern: str) -> pl.Expr:
    """Whether what a column stands for fits: asked once of each distinct value."""
    fitting = texts.filter(matches("text", [pattern]))["key"]
    return pl.col(column).is_in(fitting.implode()).fill_null(False)


def _tagged(tags: pl.Series, column: str) -> pl.DataFrame:
    """key (the tags as they stand) and text (the value of one of them), once for each."""
    wanted = _word(column.removeprefix(TAG))
    found = [
        (text, str(value))
        for text in tags.drop_nulls().unique().sort()
        for name, value in _members(text).items()
        if _word(name) == wanted and value is not None
    ]
    return pl.DataFrame(found, schema={"key": pl.String, "text": pl.String}, orient="row")


def _members(text: str) -> dict[str, object]:
    try:
        members = json.loads(text)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def _word(name: str) -> str:
    """A tag's name as sources differ in it: case, `_` or a space for `-`."""
    return name.strip().casefold().replace("_", "-").replace(" ", "-")
