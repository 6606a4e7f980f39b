"""PUE and WUE that a provider publishes for a region: the figure of the year, or the nearest."""

import polars as pl


def nearest_year(
    wanted: pl.DataFrame, published: pl.DataFrame, measure: str, *, later: bool
) -> pl.DataFrame:
    """A region's published figure for a year.

    The year's own, else the nearest earlier one, else, where `later` allows it, the nearest later
    one.

    Args:
        wanted: provider, region, year.
        published: `RegionEfficiency` rows.
        measure: the column to take, such as "pue".
        later: whether a figure of a later year may stand in where there is no earlier one.

    Returns:
        provider, region, year, the measure and `{measure}_year`, the year that it was published
        for; one row per region and year for which any figure was found, sorted.
    """
    key = ["provider", "region", "year"]
    figures = published.filter(pl.col(measure).is_not_null()).select(
        "provider", "region", measure, pl.col("year").alias(f"{measure}_year")
    )
    lag = pl.col("year") - pl.col(f"{measure}_year")
    return (
        wanted.select(key)
        .drop_nulls()
        .unique()
        .join(figures, on=["provider", "region"], how="inner")
        .filter((lag >= 0) | pl.lit(later))
        .sort(*key, lag < 0, lag.abs())
        .unique(key, keep="first", maintain_order=True)
    )
