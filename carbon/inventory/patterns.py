"""Patterns as in file names: `*` is any text, `?` one character, in any case."""

from collections.abc import Iterable

import polars as pl


def matches(column: str, patterns: Iterable[str]) -> pl.Expr:
    """Whether a column's text fits any of some patterns as a whole; null fits none.

    Args:
        column: a text column.
        patterns: `Vertex AI*`, `*GPU*`; none of them fits nothing.
    """
    expressions = [_expression(pattern) for pattern in patterns]
    if not expressions:
        return pl.lit(False)
    anywhere = f"(?is)^(?:{'|'.join(expressions)})$"
    return pl.col(column).str.strip_chars().str.contains(anywhere).fill_null(False)


def _expression(pattern: str) -> str:
    escaped = pl.escape_regex(pattern.strip())
    return escaped.replace(r"\*", ".*").replace(r"\?", ".")
