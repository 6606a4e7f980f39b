"""Seasons over 480,000 lines against one plain group-by of them: read the ratio."""

import datetime as dt

import polars as pl
import pytest

from carbon.accounting.result import Footprint
from carbon.analysis.annualise import annualise
from carbon.analysis.like_for_like import compare_windows
from carbon.analysis.seasonal_cells import seasonal_cells
from carbon.analysis.seasonal_index import Indices, seasonal_index
from carbon.analysis.windows import observed_window, twelve_months
from carbon.policy import Policy
from carbon.schema import FootprintLine, MarketLine

WORKLOADS, MONTHS, ZONES, YEARS = 500, 24, 40, 4
GROUP = "480,000 lines, 40 zones with four years of monthly factors"


def months(first: int, count: int) -> list[dt.date]:
    return [dt.date(first + n // 12, n % 12 + 1, 1) for n in range(count)]


@pytest.fixture(scope="module")
def monthly() -> pl.DataFrame:
    """Four years of monthly factors of each zone, dirtier in winter."""
    calendar = pl.DataFrame({"month": months(2021, 12 * YEARS)})
    zones = pl.DataFrame({"zone": [f"z-{zone}" for zone in range(ZONES)]})
    season = 0.4 + 0.1 * (pl.col("month").dt.month() - 6.5).abs() / 6.5
    return zones.join(calendar, how="cross").select(
        "zone",
        pl.lit("direct").alias("basis"),
        pl.lit("Grid").alias("publisher"),
        pl.lit("series").alias("release"),
        "month",
        season.alias("kg_co2e_per_kwh"),
    )


@pytest.fixture(scope="module")
def indices(monthly) -> Indices:
    return seasonal_index(monthly, Policy())


@pytest.fixture(scope="module")
def footprint(monthly) -> Footprint:
    """A line a workload, month and zone, each with its zone's factor of the month."""
    factors = monthly.select(
        pl.format("{}:{}", "zone", pl.col("month").dt.strftime("%Y-%m")).alias("factor_id"),
        pl.lit("location").alias("method"),
        factor_zone="zone",
        publisher="publisher",
        basis="basis",
        valid_from=pl.col("month").cast(pl.Datetime("us", "UTC")),
        valid_to=pl.col("month").dt.offset_by("1mo").cast(pl.Datetime("us", "UTC")),
    )
    n = WORKLOADS * MONTHS * ZONES
    row = pl.int_range(n, dtype=pl.Int64)
    month = pl.lit(pl.Series([m.strftime("%Y-%m") for m in months(2023, MONTHS)])).gather(
        row // (WORKLOADS * ZONES)
    )
    zone = pl.format("z-{}", row // WORKLOADS % ZONES)
    start = month.str.to_datetime("%Y-%m", time_unit="us", time_zone="UTC")
    kwh = (row % 977 + 1) * 1.5
    known = {
        "line_id": row.cast(pl.String),
        "month": month,
        "workload": pl.format("w-{}", row % WORKLOADS),
        "in_scope": pl.lit(True),
        "zone": zone,
        "use_start": start,
        "use_end": start.dt.offset_by("1mo"),
        "energy_facility_kwh": kwh,
        "location_factor_id": pl.format("{}:{}", zone, month),
        "location_kg": kwh * 0.4,
    }
    schema = FootprintLine.create_empty().schema
    lines = pl.select(**known).select(
        pl.col(name).cast(kind) if name in known else pl.lit(None, kind).alias(name)
        for name, kind in schema.items()
    )
    return Footprint(lines=lines, market=MarketLine.create_empty(), factors_used=factors)


@pytest.mark.benchmark(group=GROUP)
def bench_plain_group_by(benchmark, footprint):
    def grouped():
        return footprint.lines.group_by("zone", "workload", "month").agg(
            pl.col("location_kg", "energy_facility_kwh").sum()
        )

    assert benchmark(grouped).height > 0


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.parametrize("method", ["ratio", "stl"])
def bench_indices(benchmark, monthly, method):
    found = benchmark(seasonal_index, monthly, Policy(), method=method)
    assert found.rows.height == 12 * ZONES


@pytest.mark.benchmark(group=GROUP)
def bench_a_year_from_a_quarter(benchmark, footprint, indices):
    """Cells, and the year of January to March 2024."""
    wanted = twelve_months("2024-01", "2024-03")

    def estimated():
        cells = seasonal_cells(footprint, indices)
        window = observed_window(footprint.lines, wanted, "2024-01", "2024-03")
        inside = pl.col("month").is_between(pl.lit("2024-01"), pl.lit("2024-03"))
        return annualise(cells.filter(inside), indices, window)

    found = benchmark.pedantic(estimated, rounds=3, warmup_rounds=1)
    assert found.bias > 1


@pytest.mark.benchmark(group=GROUP)
def bench_two_periods_like_for_like(benchmark, footprint, indices):
    first, second = ("2023-06", "2023-08"), ("2023-12", "2024-02")

    def compared():
        cells = seasonal_cells(footprint, indices)
        return compare_windows(cells, indices, footprint.lines, first, second)

    found = benchmark.pedantic(compared, rounds=3, warmup_rounds=1)
    assert found.normalised
