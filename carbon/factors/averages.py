"""Hourly and monthly factors -> the mean of a calendar month or year.

Where a publisher gives hours, the month's factor is their mean weighted by hours (each hour counts
alike: no load profile is known here), and it is given only where nearly all hours are there,
because the missing ones are rarely a fair sample.
"""

from typing import Final

import polars as pl

COMPLETE: Final = 0.95
"""Least share of a period's hours that a mean needs [1]."""

SAME_SERIES: Final = ("zone", "method", "basis", "origin", "publisher", "release", "gwp_set")
"""What factors have in common that may be averaged."""

VALUES: Final = ("kg_co2e_per_kwh", "co2_kg_per_kwh", "ch4_kg_per_kwh", "n2o_kg_per_kwh")
"""Columns of a factor that are averaged."""


def with_period_means(factors: pl.DataFrame) -> pl.DataFrame:
    """Put the means of calendar months and years in the place of hourly factors.

    The mean of a period is sum(factor x hours) / sum(hours) over the parts that are there.

    Args:
        factors: schema Factor.

    Returns:
        Monthly and annual factors as they are; each complete month of an hourly series and each
        complete year of an hourly or monthly one as a row of its own. Added columns: `parts`
        (how many factors a mean is made of; null for a factor as published), `complete` (share of
        the period's hours that they cover) and `finest` ("hour", "month" or "year": what the row
        is made from).
    """
    hourly = pl.col("granularity") == "hour"
    published = factors.filter(~hourly).with_columns(
        pl.lit(None, pl.Int64).alias("parts"),
        pl.lit(1.0).alias("complete"),
        pl.col("granularity").alias("finest"),
    )
    hours, months = factors.filter(hourly), factors.filter(granularity="month")
    means = [
        _means(parts, period, finest)
        for parts, period, finest in (
            (hours, "1mo", "hour"),
            (hours, "1y", "hour"),
            (months, "1y", "month"),
        )
        if parts.height
    ]
    return pl.concat([published, *(mean.select(published.columns) for mean in means)])


def each_once(parts: pl.DataFrame) -> pl.DataFrame:
    """The same hour or month given twice counts once: the later data year, then the first id."""
    return parts.sort("vintage", "factor_id", descending=[True, False], nulls_last=True).unique(
        (*SAME_SERIES, "valid_from"), keep="first", maintain_order=True
    )


def _means(parts: pl.DataFrame, period: str, finest: str) -> pl.DataFrame:
    """Mean of each series over each calendar period that is complete."""
    start = pl.col("valid_from").dt.truncate(period)
    whole = start.dt.offset_by(period)
    moment = pl.col("_start").dt.strftime("%Y-%m" if period == "1mo" else "%Y")
    return (
        each_once(parts)
        .sort("valid_from", "factor_id")
        .with_columns(
            start.alias("_start"),
            whole.alias("_end"),
            (pl.col("valid_to") - pl.col("valid_from")).dt.total_seconds().alias("_seconds"),
        )
        .group_by(*SAME_SERIES, "_start", "_end", maintain_order=True)
        .agg(
            *[_weighted(value) for value in VALUES],
            pl.exclude(*VALUES, "_seconds").first(),
            pl.len().cast(pl.Int64).alias("parts"),
            pl.col("_seconds").sum().alias("_covered"),
        )
        .with_columns(
            (pl.col("_covered") / (pl.col("_end") - pl.col("_start")).dt.total_seconds()).alias(
                "complete"
            )
        )
        .filter(pl.col("complete") >= COMPLETE)
        .with_columns(
            pl.format(
                "mean of {} {}ly factors: {} to {}",
                "parts",
                pl.lit(finest),
                "factor_id",
                moment,
            ).alias("factor_id"),
            pl.col("_start").alias("valid_from"),
            pl.col("_end").alias("valid_to"),
            pl.lit("month" if period == "1mo" else "year").alias("granularity"),
            pl.lit(finest).alias("finest"),
        )
    )


def _weighted(value: str) -> pl.Expr:
    """Mean weighted by length; null where one part is null."""
    mean = (pl.col(value) * pl.col("_seconds")).sum() / pl.col("_seconds").sum()
    return pl.when(pl.col(value).is_not_null().all()).then(mean).alias(value)
