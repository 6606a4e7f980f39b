"""Which hours of a day a grid is cleaner: the hourly profile of a zone, by month.

    ratio   r = EF of the hour / mean EF of its day; the median of r over the days of the month
    stl     exp(seasonal) of an STL of ln EF with a period of 24 hours; the median over the days
    both    scaled to a mean of 1 over the 24 hours of each month

Hours are UTC, as factors are. Only hourly factors of the zone itself give a profile.
"""

from typing import Final

import numpy as np
import polars as pl

from carbon.factors.averages import each_once

PROFILE: Final = ("zone", "publisher", "month", "hour", "kg_co2e_per_kwh", "ratio", "days", "weak")
"""Columns of a profile."""

_HOURS: Final = 24
_FEW_DAYS: Final = 20
"""Days of a calendar month below which its profile is weak: less than about two thirds of one
month tells of that month's weather more than of its season."""

_DAY: Final = ("publisher", "basis", "day")


def hourly_profile(factors: pl.DataFrame, zone: str, method: str = "ratio") -> pl.DataFrame:
    """The daily pattern of a zone's grid intensity in each calendar month.

    Args:
        factors: schema Factor; hourly location-based ones of the zone are used, of the publisher
            and basis with the most hours. Days of which an hour is missing play no part.
        zone: grid zone id.
        method: "ratio" or "stl".

    Returns:
        PROFILE, one row a calendar month (1 to 12) and hour (0 to 23, UTC), sorted; the mean
        factor [kgCO2e/kWh], ratio [1] with mean 1 over a month's hours, days behind it, and weak
        where these are fewer than 20. No rows where the zone has no whole day of hourly factors.

    Raises:
        ValueError: the method is neither of the two.
    """
    if method not in ("ratio", "stl"):
        raise ValueError(f"method {method!r} is not known; use 'ratio' or 'stl'")
    hours = _whole_days(factors, zone)
    if hours.is_empty():
        return hours.select(
            pl.lit(zone).alias("zone"),
            "publisher",
            *(pl.lit(0, pl.Int64).alias(name) for name in ("month", "hour")),
            "kg_co2e_per_kwh",
            pl.lit(0.0).alias("ratio"),
            pl.lit(0, pl.Int64).alias("days"),
            pl.lit(False).alias("weak"),
        )
    shaped = hours.with_columns(ratio=_shape(hours, method))
    ratio = pl.col("ratio")
    return (
        shaped.group_by("publisher", "month", "hour", maintain_order=True)
        .agg(
            pl.col("kg_co2e_per_kwh").mean(),
            ratio.median(),
            days=pl.len().cast(pl.Int64),
        )
        .with_columns(
            zone=pl.lit(zone),
            ratio=ratio / ratio.mean().over("month"),
            weak=pl.col("days") < _FEW_DAYS,
        )
        .select(PROFILE)
        .sort("month", "hour")
    )


def _whole_days(factors: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Hours of the fullest series of a zone, of days that are complete and have no factor of 0."""
    chosen = factors.filter(
        pl.col("zone") == zone, pl.col("method") == "location", pl.col("granularity") == "hour"
    )
    start = pl.col("valid_from")
    hours = (
        each_once(chosen)
        .sort("publisher", "basis", "valid_from", "release", nulls_last=True)
        .unique(["publisher", "basis", "valid_from"], keep="last", maintain_order=True)
        .with_columns(
            day=start.dt.date(),
            month=start.dt.month().cast(pl.Int64),
            hour=start.dt.hour().cast(pl.Int64),
        )
    )
    complete = (pl.col("hour").n_unique() == _HOURS) & (pl.len() == _HOURS)
    whole = hours.filter(
        complete.over(_DAY) & (pl.col("kg_co2e_per_kwh").min().over(_DAY) > 0)
    ).sort("publisher", "basis", "valid_from")
    fullest = (
        whole.group_by("publisher", "basis")
        .len()
        .sort("len", "publisher", "basis", descending=[True, False, False], nulls_last=True)
        .head(1)
    )
    return whole.join(fullest, on=["publisher", "basis"], how="semi", maintain_order="left").select(
        "publisher", "day", "month", "hour", "kg_co2e_per_kwh"
    )


def _shape(hours: pl.DataFrame, method: str) -> pl.Series:
    """Each hour against its day."""
    value = pl.col("kg_co2e_per_kwh")
    if method == "ratio" or hours.height < 2 * _HOURS:
        return hours.select(value / value.mean().over("day")).to_series()
    # Imported here: it takes seconds, and brings a library that the core otherwise does without.
    from statsmodels.tsa.seasonal import STL  # noqa: PLC0415

    fit = STL(np.log(hours["kg_co2e_per_kwh"].to_numpy()), period=_HOURS).fit()
    return pl.Series(np.exp(np.asarray(fit.seasonal)))
