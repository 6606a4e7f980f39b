"""Arithmetic that gives the same bits however polars holds its columns."""

import polars as pl


def ratio(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """part / whole, correctly rounded in every row.

    Polars keeps a column of one repeated value as a scalar and divides by it by multiplying with
    its reciprocal, which rounds twice. Whether a column is held so depends on how its frame came
    about, thus on the order in which rows were imported; a figure must not.

    Args:
        part: numerator, any unit.
        whole: denominator, the same unit.

    Returns:
        The ratio [1] as Float64.
    """
    return pl.map_batches(
        [part, whole],
        lambda series: series[0].cast(pl.Float64) / series[1].cast(pl.Float64),
        return_dtype=pl.Float64,
    )
