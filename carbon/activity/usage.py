"""Calls of models, one a row of the file, summed by hour (UTC).

A log of calls has a row per request; the footprint needs none of them by itself. Rows that share
model, place and hour become one sum, which says in `source_rows` how many calls it stands for.

The hour and the first call of a sum make its key: parts of one hour that lie in two files (logs
are cut by size) both count, and an export that repeats an hour supersedes its earlier sum. Parts
of an hour that were imported one by one are not superseded by a later file that holds them
together: import a log either in its parts or as a whole.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from carbon.activity.sheet import Sheet

TOKEN_KINDS: Final = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")

MOST_TOKENS: Final = 1e12
"""More tokens than any request has; sums of less stay exact."""


def read_tokens(sheet: Sheet, kinds: Sequence[str] = TOKEN_KINDS) -> None:
    """Parse columns of token counts in place; what cannot be a count is set aside."""
    sheet.numbers(dict.fromkeys(kinds))
    for kind in kinds:
        sheet.reject(
            pl.col(kind) > MOST_TOKENS,
            f"more than {MOST_TOKENS:.0e} tokens in one request cannot be",
            kind,
        )


def hourly(
    calls: pl.DataFrame, by: Sequence[str], quantities: Sequence[str], call: str
) -> pl.DataFrame:
    """Sums of calls by hour.

    Args:
        calls: row_number, `at` (UTC), the columns of `by` and `call`, and one column per quantity,
            named by its kind; null where the call does not state it.
        by: columns that a sum shares; names of Activity.
        quantities: kinds to sum.
        call: column that identifies a call.

    Returns:
        one row per sum and kind that any of its calls states: row_number (the first of the
        calls), source_rows, period_start, period_end, first_call, quantity_kind, quantity, `by`.
    """
    hour = pl.col("at").dt.truncate("1h")
    sums = (
        calls.sort("at", "row_number")
        .group_by(*by, hour.alias("period_start"), maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("source_rows"),
            pl.col("row_number").min(),
            pl.col(call).first().alias("first_call"),
            *[
                pl.when(pl.col(kind).is_not_null().any()).then(pl.col(kind).sum()).alias(kind)
                for kind in quantities
            ],
        )
        .with_columns(pl.col("period_start").dt.offset_by("1h").alias("period_end"))
    )
    return pl.concat(
        sums.filter(pl.col(kind).is_not_null()).select(
            *by,
            "row_number",
            "source_rows",
            "period_start",
            "period_end",
            "first_call",
            pl.lit(kind).alias("quantity_kind"),
            pl.col(kind).alias("quantity"),
        )
        for kind in quantities
    )
