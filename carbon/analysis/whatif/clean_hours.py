"""How much cleaner a day's cleanest hours are than the day, where a zone has hourly factors."""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from carbon.factors.averages import COMPLETE

DAY: Final = 24


def clean_hours(
    zones: pl.Series, months: tuple[str, ...], factors: pl.DataFrame
) -> NDArray[np.float64]:
    """Mean factor of each day's cleanest hours, over the mean of all its hours.

    `ratio(k) = mean over days of (mean of the day's k cleanest hours) / mean of all hours`; days
    are UTC and count where all their hours are known, a month where that is true of at least
    COMPLETE of its days. A zone's own hourly factors are taken, never those of a wider zone.

    Args:
        zones: the zone of each place; null where none is known.
        months: YYYY-MM.
        factors: `Factor` rows; location-based ones of an hour are used.

    Returns:
        places x months x 24: the ratio for k = 1..24 [1]; NaN where there are no hourly factors.
    """
    ratios = np.full((len(zones), len(months), DAY), np.nan)
    days = _days(zones, months, factors)
    wanted = {
        zone: [at for at, other in enumerate(zones) if other == zone]
        for zone in days["zone"].unique()
    }
    for (zone, month), of_month in days.group_by("zone", "month", maintain_order=True):
        length = of_month["days_of_month"][0]
        if of_month.height < COMPLETE * length:
            continue
        hours = np.sort(np.stack(of_month["kg"].to_list()), axis=1)
        mean = hours.mean()
        if mean <= 0:
            continue
        cumulative = hours.cumsum(axis=1) / np.arange(1, DAY + 1)
        ratios[wanted[zone], months.index(str(month))] = cumulative.mean(axis=0) / mean
    return ratios


def _days(zones: pl.Series, months: tuple[str, ...], factors: pl.DataFrame) -> pl.DataFrame:
    """zone, month, days_of_month and the 24 figures of each day that is whole."""
    hour = pl.col("valid_from")
    return (
        factors.filter(
            pl.col("granularity") == "hour",
            pl.col("method") == "location",
            pl.col("zone").is_in(zones.drop_nulls().unique().implode()),
        )
        .with_columns(month=hour.dt.strftime("%Y-%m"), day=hour.dt.date(), hour=hour.dt.hour())
        .filter(pl.col("month").is_in(list(months)))
        .sort("zone", "day", "hour", pl.col("basis") == "lifecycle", "factor_id")
        .unique(["zone", "day", "hour"], keep="first", maintain_order=True)
        .group_by("zone", "month", "day", maintain_order=True)
        .agg(kg="kg_co2e_per_kwh")
        .filter(pl.col("kg").list.len() == DAY)
        .with_columns(days_of_month=pl.col("day").dt.days_in_month())
        .sort("zone", "month", "day")
    )
