"""Use that two kinds of source state: perhaps the same requests, counted twice.

Requests and tokens of all sources add up (`carbon.accounting.usage`), for a gateway may see some of
them and a log the others. Where two formats state the same quantity of one workload, model and
month, at times that meet, a figure per request may be divided by twice the requests; nothing in the
files tells, so it is asked.
"""

from typing import Final

import polars as pl

from carbon.accounting import months
from carbon.accounting.usage import TRAINS, VOLUMES
from carbon.schema import UNASSIGNED

TWICE: Final[dict[str, type[pl.DataType]]] = {
    "workload": pl.String,
    "in_scope": pl.Boolean,
    "month": pl.String,
    "model": pl.String,
    "format": pl.String,
    "format_by": pl.String,
    "quantity_kinds": pl.String,
}
"""Workload, month and model (null: only one of the two, or neither, names it) whose use two formats
state, and which quantities (comma between them)."""

_DATED: Final = r"[-@]\d{4}-?\d{2}-?\d{2}.*$"
"""What follows the name of a model in that of one of its versions."""

_TOLD: Final = ("endpoint", "provider")
"""Columns by which two sources are of different use, where both state them."""


def twice(rows: pl.DataFrame) -> pl.DataFrame:
    """Pairs of formats that state the same kind of use of one workload in one month.

    Two that name different models, endpoints or providers are of different use; `m-2026-01-31` is a
    version of the model `m`.

    Args:
        rows: activity with workload, in_scope, lifecycle and model as
            `carbon.accounting.describe.describe` gives them, without what is declared out.

    Returns:
        the columns of TWICE, sorted.
    """
    use = rows.filter(
        pl.col("quantity_kind").is_in(VOLUMES),
        pl.col("quantity") > 0,
        pl.col("workload") != UNASSIGNED,
        ~pl.col("lifecycle").is_in(TRAINS).fill_null(False),
    )
    if use["format"].n_unique() < 2:
        return pl.DataFrame(schema=TWICE)
    key = ["workload", "in_scope", "month", "quantity_kind"]
    spans = (
        months.spread(use)
        .with_columns(
            _model=pl.col("model")
            .str.to_lowercase()
            .str.replace(r"^.*/", "")
            .str.replace(_DATED, "")
        )
        .group_by(*key, "format", "model", "_model", *_TOLD)
        .agg(begin=pl.col("use_start").min(), end=pl.col("use_end").max())
    )
    # Only where two formats meet are pairs worth making.
    spans = spans.filter(pl.col("format").n_unique().over(key) > 1)
    alike = [
        (pl.col(column) == pl.col(f"{column}_by")).fill_null(True) for column in ("_model", *_TOLD)
    ]
    return (
        spans.join(spans, on=key, how="inner", suffix="_by")
        .filter(
            pl.col("format") < pl.col("format_by"),
            pl.col("begin") < pl.col("end_by"),
            pl.col("begin_by") < pl.col("end"),
            *alike,
        )
        .with_columns(model=pl.when(pl.col("model_by").is_not_null()).then("model"))
        .group_by("workload", "in_scope", "month", "model", "format", "format_by")
        .agg(quantity_kinds=pl.col("quantity_kind").unique().sort().str.join(", "))
        .select(list(TWICE))
        .sort(pl.all(), nulls_last=True)
    )
