"""The index of a zone, by hand: which series has one, how it varies, and when it is refused."""

import datetime as dt
from itertools import chain

import polars as pl
import pytest
from seasonal_rows import LEVEL, SEASON, SOUTH

from carbon.analysis.seasonal_index import monthly_series, seasonal_index
from carbon.factors.library import load
from carbon.policy import Policy

POLICY = Policy()


def series(
    *values: float,
    zone: str = "Z",
    publisher: str = "Grid",
    release: str | None = "series",
    first: dt.date = dt.date(2022, 1, 1),
) -> pl.DataFrame:
    """A series of monthly factors, from a first month on."""
    months = pl.date_range(first, dt.date(2040, 1, 1), "1mo", eager=True).head(len(values))
    return pl.DataFrame(
        {
            "zone": zone,
            "basis": "direct",
            "publisher": publisher,
            "release": pl.Series([release] * len(values), dtype=pl.String),
            "month": months,
            "kg_co2e_per_kwh": values,
        }
    )


def years(count: int, season: tuple[float, ...] = SEASON) -> list[float]:
    return [LEVEL * s for _ in range(count) for s in season]


@pytest.mark.parametrize("method", ["ratio", "stl"])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_a_clean_season_is_found_again_by_either_method(method, count):
    # T of a level of 0.4 is 0.4 x (0.5 S1 + S2 + ... + S12 + 0.5 S1) / 12 = 0.4 x 12 / 12 = 0.4,
    # and r = 0.4 S / 0.4 = S.
    found = seasonal_index(series(*years(count)), POLICY, method=method)
    assert found.rows["month"].to_list() == [*range(1, 13)]
    assert found.rows["index"].to_list() == pytest.approx(SEASON, abs=1e-9)
    assert found.rows["years"].unique().to_list() == [count]
    assert found.rows["method"].unique().to_list() == [method]
    assert found.rows["spread"].to_list() == pytest.approx([0.0] * 12, abs=1e-12)
    assert not found.rows["weak"].any()
    assert found.refused.is_empty()


def test_a_trend_is_no_season():
    # The level falls by 1 % a month: the moving average falls with it, and the mean stays 1.
    values = [0.99**n * value for n, value in enumerate(years(4))]
    found = seasonal_index(series(*values), POLICY)
    assert found.rows["index"].to_list() == pytest.approx(SEASON, rel=0.01)
    assert sum(found.rows["index"]) == pytest.approx(12)


def test_a_straight_line_has_no_season_at_all():
    # The mean of thirteen months around one, the outer two by half, is that month itself on a
    # straight line: r = 1 everywhere. A moving average that is not centred would give 0.5 % more.
    found = seasonal_index(series(*(101.0 + n for n in range(30))), POLICY)
    assert found.rows["index"].to_list() == pytest.approx([1.0] * 12, abs=1e-12)
    assert found.rows["years"].unique().to_list() == [2]


def test_one_year_and_eleven_months_are_refused_in_words():
    found = seasonal_index(series(*years(2)[:-1]), POLICY)
    assert found.rows.is_empty()
    assert found.refused["zone"].to_list() == ["Z"]
    (reason,) = found.refused["reason"]
    assert reason.startswith("23 monthly factors in a row are known; an index needs 24, and 36")


def test_a_missing_month_breaks_the_run():
    whole = series(*years(4))
    broken = whole.filter(pl.col("month") != dt.date(2023, 11, 1))
    found = seasonal_index(broken, POLICY)
    # December 2023 to December 2025 is the longest run: 25 months, two full years.
    assert found.rows["years"].unique().to_list() == [2]
    assert found.rows["first_month"].unique().to_list() == ["2023-12"]
    assert found.rows["index"].to_list() == pytest.approx(SEASON)


def test_a_zone_of_the_south_has_its_own_index():
    both = pl.concat([series(*years(3)), series(*years(3, SOUTH), zone="AU")])
    found = seasonal_index(both, POLICY)
    south = found.rows.filter(zone="AU")["index"].to_list()
    assert south == pytest.approx(SOUTH)
    assert south[6] == pytest.approx(1.20)


def test_years_that_differ_make_an_index_weak_and_widen_its_band():
    # January is 1.2 in one year and 1.8 in the other; the months' mean of a year is 1 and 1.05:
    # ratios 1.2 and 1.8 / 1.05 = 1.7143, mean 1.4571, sample deviation 0.3637: CV 25 %.
    second = [1.8, *SEASON[1:]]
    found = seasonal_index(series(*(LEVEL * s for s in chain(SEASON, second))), POLICY)
    january = found.rows.row(0, named=True)
    ratios = [1.2, 1.8 / ((12 + 0.6) / 12)]
    mean = sum(ratios) / 2
    deviation = (sum((r - mean) ** 2 for r in ratios) / 1) ** 0.5
    assert january["spread"] == pytest.approx(deviation / mean)
    assert january["spread"] == pytest.approx(0.2496, abs=1e-4)
    assert found.rows["weak"].all()
    assert january["low"] == pytest.approx(min(ratios))
    assert january["high"] == pytest.approx(max(ratios))
    by_year = found.by_year.filter(month=1)["ratio"].to_list()
    assert by_year == pytest.approx(ratios)


def test_the_policy_says_what_is_weak_and_how_many_years_are_needed():
    values = [LEVEL * s for s in chain(SEASON, [1.8, *SEASON[1:]])]
    loose = Policy.from_toml("[seasonal]\nweak_spread = 0.3")
    assert not seasonal_index(series(*values), loose).rows["weak"].any()
    strict = Policy.from_toml("[seasonal]\nleast_years = 3")
    assert seasonal_index(series(*values), strict).rows.is_empty()


def test_a_window_of_years_leaves_out_what_was_before_a_break():
    before = [10 * value for value in years(1, SOUTH)]
    whole = series(*before, *years(2))
    found = seasonal_index(whole, POLICY, years=(2023, 2024))
    assert found.rows["index"].to_list() == pytest.approx(SEASON)
    assert found.rows["first_month"].unique().to_list() == ["2023-01"]


def test_publishers_are_never_mixed_but_releases_of_one_are():
    first = series(*years(1), release="2022")
    second = series(*years(1), release="2023", first=dt.date(2023, 1, 1))
    other = series(*years(1), publisher="Other", first=dt.date(2023, 1, 1))
    mixed = seasonal_index(pl.concat([first, second]), POLICY)
    assert mixed.rows["release"].unique().to_list() == ["2022, 2023"]
    assert mixed.rows["index"].to_list() == pytest.approx(SEASON)
    apart = seasonal_index(pl.concat([first, other]), POLICY)
    assert apart.rows.is_empty()
    assert apart.refused["publisher"].to_list() == ["Grid", "Other"]


def test_a_month_of_zero_has_no_ratio():
    values = years(2)
    values[5] = 0.0
    found = seasonal_index(series(*values), POLICY)
    assert found.refused["reason"].to_list() == [
        "a month's factor is 0, and a ratio to it says nothing"
    ]


def test_a_method_that_does_not_exist_is_named():
    with pytest.raises(ValueError, match="method 'x13' is not known"):
        seasonal_index(series(*years(2)), POLICY, method="x13")


def test_the_shipped_library_is_annual_and_gives_no_series():
    assert monthly_series(load().factors).is_empty()


def test_hours_give_a_month_its_mean():
    # 744 hours of January: 372 at 0.2 and 372 at 0.6 kg/kWh; the mean is 0.4.
    hours = pl.datetime_range(
        dt.datetime(2025, 1, 1),
        dt.datetime(2025, 2, 1),
        "1h",
        closed="left",
        time_unit="us",
        time_zone="UTC",
        eager=True,
    )
    start = pl.col("valid_from")
    factors = (
        pl.DataFrame({"valid_from": hours})
        .with_columns(
            kg_co2e_per_kwh=pl.when(start.dt.hour() < 12).then(0.2).otherwise(0.6),
            valid_to=start.dt.offset_by("1h"),
            granularity=pl.lit("hour"),
            method=pl.lit("location"),
            zone=pl.lit("Z"),
            basis=pl.lit("direct"),
            publisher=pl.lit("Grid"),
            factor_id=start.dt.strftime("%Y-%m-%dT%H"),
        )
        .pipe(as_factors)
    )
    found = monthly_series(factors)
    assert found.select("zone", "month").rows() == [("Z", dt.date(2025, 1, 1))]
    assert found["kg_co2e_per_kwh"].to_list() == pytest.approx([0.4])


def as_factors(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame with every column of the schema Factor; those it has not are null."""
    shape = load().factors.schema
    nulls = [pl.lit(None, dtype).alias(c) for c, dtype in shape.items() if c not in frame.columns]
    return frame.with_columns(nulls).select(shape.names())
