"""Which hours are cleaner: a day that is 0.2 kg/kWh by night and 0.6 by day."""

import datetime as dt

import polars as pl
import pytest

from carbon.analysis.hourly_profile import PROFILE, hourly_profile
from carbon.factors.library import load

DAYLIGHT = range(8, 20)


def hours(days: int, zone: str = "Z", publisher: str = "Grid", level: float = 1.0) -> pl.DataFrame:
    """Hourly factors from 1 January 2025, half of each day at 0.2 and half at 0.6 kg/kWh."""
    start = dt.datetime(2025, 1, 1)
    moments = pl.datetime_range(
        start,
        start + dt.timedelta(days=days),
        "1h",
        closed="left",
        time_unit="us",
        time_zone="UTC",
        eager=True,
    )
    begins = pl.col("valid_from")
    shape = load().factors.schema
    frame = pl.DataFrame({"valid_from": moments}).with_columns(
        kg_co2e_per_kwh=pl.when(begins.dt.hour().is_in([*DAYLIGHT])).then(0.6).otherwise(0.2)
        * level,
        valid_to=begins.dt.offset_by("1h"),
        granularity=pl.lit("hour"),
        method=pl.lit("location"),
        zone=pl.lit(zone),
        basis=pl.lit("direct"),
        publisher=pl.lit(publisher),
        factor_id=pl.format("{}-{}", pl.lit(publisher), begins.dt.strftime("%Y-%m-%dT%H")),
    )
    nulls = [pl.lit(None, dtype).alias(c) for c, dtype in shape.items() if c not in frame.columns]
    return frame.with_columns(nulls).select(shape.names())


@pytest.mark.parametrize("method", ["ratio", "stl"])
def test_day_and_night(method):
    # The mean of a day is (12 x 0.2 + 12 x 0.6) / 24 = 0.4: ratios 0.5 and 1.5. STL works on
    # logarithms: the same ratio of day to night, 3, scaled to a mean of 1: 0.5 and 1.5 again.
    found = hourly_profile(hours(40), "Z", method)
    assert tuple(found.columns) == PROFILE
    january = found.filter(month=1)
    assert january["hour"].to_list() == [*range(24)]
    expected = [1.5 if hour in DAYLIGHT else 0.5 for hour in range(24)]
    assert january["ratio"].to_list() == pytest.approx(expected, rel=1e-6)
    assert january["days"].unique().to_list() == [31]
    assert january["kg_co2e_per_kwh"].to_list() == pytest.approx([0.4 * r for r in expected])
    # Nine days of February: too few to be sure of.
    assert found.filter(month=2)["days"].unique().to_list() == [9]
    assert found.filter(month=2)["weak"].all()
    assert not january["weak"].any()


def test_a_day_with_a_missing_hour_is_left_out():
    whole = hours(3)
    broken = whole.filter(pl.col("valid_from") != dt.datetime(2025, 1, 2, 5, tzinfo=dt.UTC))
    assert hourly_profile(broken, "Z")["days"].unique().to_list() == [2]


def test_the_fullest_publisher_alone_is_used():
    both = pl.concat([hours(10), hours(5, publisher="Other", level=3.0)])
    assert hourly_profile(both, "Z")["publisher"].unique().to_list() == ["Grid"]


def test_another_zone_lends_nothing():
    found = hourly_profile(hours(3, zone="Y"), "Z")
    assert found.is_empty()
    assert tuple(found.columns) == PROFILE
    assert hourly_profile(load().factors, "FR").is_empty()


def test_a_method_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="method 'mean' is not known"):
        hourly_profile(hours(1), "Z", "mean")
