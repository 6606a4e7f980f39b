"""Tags and labels of a bill -> a JSON object of strings, keys sorted.

Bills write them as a JSON object (FOCUS, Azure, CSV of AWS), as a list of keys with values (Google,
maps in Parquet), without the outer braces (Azure), or as a column a tag (legacy CUR).
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import polars as pl

from carbon.activity.bill_layout import Lines
from carbon.tables.columnar import as_text

_PAIR: Final = re.compile(r"^\s*([^=]+?)\s*=\s*(.*?)\s*$")

UNREAD: Final = "tags"
"""Under this key stands the text of tags that no rule here can read, so that nothing is lost."""


def read_tags(text: str) -> dict[str, str]:
    """The tags of one cell; a text of an unknown kind stands whole under `tags`."""
    stripped = text.strip()
    for attempt in (stripped, "{" + stripped + "}"):
        try:
            return _pairs(json.loads(attempt))
        except (ValueError, RecursionError, TypeError):
            continue
    inner = stripped.removeprefix("{").removesuffix("}")
    pairs = [_PAIR.match(part) for part in re.split(r"[,;]", inner) if part.strip()]
    if pairs and all(pairs):
        return {pair[1]: pair[2] for pair in pairs if pair}
    return {UNREAD: stripped}


def _pairs(value: Any) -> dict[str, str]:
    """An object, or a list of objects with key and value, as text by text; empty ones left out."""
    if isinstance(value, Mapping):
        items: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        items = [_key_value(item) for item in value]
    else:
        raise TypeError
    return {str(key): _text(item) for key, item in items if key and item not in (None, "")}


def _key_value(item: Mapping[str, Any]) -> tuple[Any, Any]:
    low = {str(key).casefold(): value for key, value in item.items()}
    return low.get("key", low.get("name")), low.get("value")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def encoded(series: pl.Series) -> pl.Series:
    """Tags of any type (text, map, list, record) as text that `read_tags` reads."""
    kind = series.dtype
    if kind == pl.String:
        return series
    if isinstance(kind, pl.Struct):
        return series.struct.json_encode()
    if isinstance(kind, pl.Map):
        pairs = pl.Struct({"key": pl.String, "value": pl.String})
        return encoded(series.cast(pl.List(pairs)))
    if isinstance(kind, pl.List) and isinstance(kind.inner, pl.Struct):
        frame = series.to_frame("x")
        pieces = pl.col("x").list.eval(pl.element().struct.json_encode()).list.join(",")
        return frame.select(pl.format("[{}]", pieces).alias(series.name)).to_series()
    return as_text(series)


def merged_tags(
    cells: pl.DataFrame, named: Mapping[str, str], strip: tuple[str, ...] = ()
) -> pl.Series:
    """One JSON object a row, of cells that hold many tags and of columns that hold one.

    Args:
        cells: text columns.
        named: columns that hold one tag -> its key; every other column holds many.
        strip: prefixes that the provider sets before a user's keys, cut off.

    Returns:
        JSON objects of strings, keys sorted; null where a row has no tag.
    """
    if not cells.width:
        return pl.Series("tags", [None] * cells.height, dtype=pl.String)
    distinct = cells.unique(maintain_order=True)
    found = [_object(row, named, strip) for row in distinct.iter_rows(named=True)]
    keyed = distinct.with_columns(pl.Series("(tags)", found, dtype=pl.String))
    return cells.join(
        keyed,
        on=cells.columns,
        how="left",
        nulls_equal=True,
        validate="m:1",
        maintain_order="left",
    )["(tags)"].alias("tags")


def row_tags(
    lines: Lines, strip: tuple[str, ...] = (), more: Mapping[str, str] | None = None
) -> pl.Series:
    """The tags of each sum.

    Args:
        lines: sums, whose column `tags` holds many tags, and columns that hold one each.
        strip: prefixes that the provider sets before a user's keys, cut off.
        more: further columns of the sums that are kept as a tag -> its key.
    """
    named = {**lines.found.tags, **(more or {})}
    cells = lines.sums.select(encoded(lines.sums[column]) for column in ("tags", *named))
    return merged_tags(cells, named, strip)


def _object(
    row: Mapping[str, str | None], named: Mapping[str, str], strip: tuple[str, ...]
) -> str | None:
    tags: dict[str, str] = {}
    for column, cell in row.items():
        if cell is None or not cell.strip():
            continue
        tags |= {named[column]: cell} if column in named else read_tags(cell)
    bare = {_bare(key, strip): value for key, value in sorted(tags.items()) if value}
    return json.dumps(bare, sort_keys=True, ensure_ascii=False) if bare else None


def _bare(key: str, strip: tuple[str, ...]) -> str:
    for prefix in strip:
        if key.startswith(prefix) and len(key) > len(prefix):
            return key[len(prefix) :]
    return key
