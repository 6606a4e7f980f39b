"""Rows of an imported file -> the house's factors."""

import re

import polars as pl

from carbon.schema import Factor


def as_factors(frame: pl.DataFrame, evidence_id: str) -> pl.DataFrame:
    """Complete and validate imported factors.

    Args:
        frame: columns of schema Factor with `row_number`; what is left out is null.
        evidence_id: sha256 of the file.

    Returns:
        schema Factor, origin "workspace", in the order of the file. An id that occurs twice in
        the file gets its row number, so that both rows keep their own.
    """
    columns = Factor.create_empty().schema
    repeated = ~pl.col("factor_id").is_first_distinct()
    given = frame.with_columns(
        pl.lit(evidence_id).alias("evidence_id"),
        pl.lit("workspace").alias("origin"),
        pl.when(repeated)
        .then(pl.format("{}-row{}", "factor_id", "row_number"))
        .otherwise("factor_id")
        .alias("factor_id"),
    )
    return Factor.validate(
        given.select(
            pl.col(name).cast(dtype) if name in given.columns else pl.lit(None, dtype).alias(name)
            for name, dtype in columns.items()
        ).sort("row_number", "factor_id", maintain_order=True)
    )


def slug(text: str) -> str:
    """Lower-case words joined by hyphens: the parts of a factor id."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
