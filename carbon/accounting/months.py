"""A quantity over a period -> its share in each calendar month (UTC)."""

import polars as pl

from carbon.exact import ratio

MICROSECOND = pl.duration(microseconds=1)


def spread(rows: pl.DataFrame) -> pl.DataFrame:
    """One row per row and calendar month, with the share of the period's hours in it.

    A period over several months is spread by hours; its shares add up to 1.

    Args:
        rows: period_start, period_end (exclusive), UTC.

    Returns:
        rows x months with month (YYYY-MM), month_start (its first moment), year, month_share [1]
        and the part of the period in the month, use_start to use_end (exclusive), in place of the
        period.
    """
    first = pl.col("period_start").dt.truncate("1mo")
    last = (pl.col("period_end") - MICROSECOND).dt.truncate("1mo")
    whole = _microseconds(pl.col("period_end") - pl.col("period_start"))
    use_start = pl.max_horizontal("period_start", "month_start")
    use_end = pl.min_horizontal("period_end", pl.col("month_start").dt.offset_by("1mo"))
    return (
        rows.with_columns(month_start=pl.datetime_ranges(first, last, "1mo"))
        .explode("month_start")
        .with_columns(
            month=pl.col("month_start").dt.strftime("%Y-%m"),
            year=pl.col("month_start").dt.year().cast(pl.Int64),
            month_share=ratio(_microseconds(use_end - use_start), whole),
            use_start=use_start,
            use_end=use_end,
        )
        .drop("period_start", "period_end")
    )


def _microseconds(duration: pl.Expr) -> pl.Expr:
    return duration.dt.total_microseconds()
