"""The pipeline against one plain join and sum over the same rows: read the ratio."""

import polars as pl
import pytest

from carbon.accounting.pipeline import Inputs, footprint
from carbon.accounting.summary import summarise
from carbon.factors.library import load
from carbon.policy import Policy
from carbon.schema import Activity, Instrument, Workload

ROWS = 200_000
ZONES = ("CAMX", "DE", "FR", "GB", "SE", "US-TX", "JP", "IN")


@pytest.fixture(scope="module")
def activity() -> pl.DataFrame:
    """Metered rows over 24 months, 500 workloads and eight zones."""
    row = pl.col("row_number")
    start = pl.datetime(2023, 1, 1, time_zone="UTC").dt.cast_time_unit("us")
    stated = pl.select(row_number=pl.int_range(1, ROWS + 1, dtype=pl.Int64)).select(
        row,
        evidence_id=pl.lit("e" * 64),
        format=pl.lit("activity-template"),
        key=row.cast(pl.String),
        superseded_in_file=pl.lit(False),
        workload=pl.format("w-{}", row % 500),
        period_start=start.dt.offset_by(pl.format("{}mo", row % 24)),
        period_end=start.dt.offset_by(pl.format("{}mo", row % 24 + 1)),
        zone=pl.Series(ZONES).gather(pl.select(pl.int_range(1, ROWS + 1) % len(ZONES)).to_series()),
        site=pl.lit("Hall A"),
        quantity_kind=pl.lit("energy_it_kwh"),
        quantity=(row % 977 + 1) * 1.5,
        pue=pl.lit(1.2),
        tier=pl.lit("T2"),
    )
    missing = [
        pl.lit(None, dtype).alias(name)
        for name, dtype in Activity.create_empty().schema.items()
        if name not in stated.columns
    ]
    return stated.with_columns(missing).select(Activity.column_names())


@pytest.mark.benchmark(group="200,000 activity rows")
def bench_plain_join(benchmark, activity):
    factors = (
        load()
        .factors.filter(pl.col("method") == "location")
        .unique("zone")
        .select("zone", "kg_co2e_per_kwh")
    )

    def join():
        kg = pl.col("quantity") * pl.col("pue") * pl.col("kg_co2e_per_kwh")
        month = pl.col("period_start").dt.strftime("%Y-%m")
        joined = activity.join(factors, on="zone", how="left")
        return joined.group_by("workload", month.alias("month")).agg(kg.sum())

    assert benchmark(join).height > 0


@pytest.mark.benchmark(group="200,000 activity rows")
def bench_pipeline(benchmark, activity):
    policy = Policy()
    inputs = Inputs(
        activity=activity,
        workloads=Workload.create_empty(),
        instruments=Instrument.create_empty(),
        factors=load().factors,
        library=load(),
    )
    result = benchmark.pedantic(lambda: footprint(inputs, policy), rounds=3, warmup_rounds=1)
    assert summarise(result, [], policy)["location_coverage"][0] == pytest.approx(1)
