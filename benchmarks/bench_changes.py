"""What changed against one plain group-by of the same lines: read the ratio."""

import polars as pl
import pytest

from carbon.accounting.result import Footprint
from carbon.analysis.changes import compare
from carbon.analysis.observed import Period
from carbon.schema import FootprintLine, MarketLine

WORKLOADS, MONTHS, ZONES = 500, 24, 40


@pytest.fixture(scope="module")
def footprint() -> Footprint:
    """A line a workload, month and zone: 480,000 lines, half of them in each period."""
    n = WORKLOADS * MONTHS * ZONES
    row = pl.int_range(n, dtype=pl.Int64)
    month = row // (WORKLOADS * ZONES)
    kwh = (row % 977 + 1) * 1.5 * (1 + month / 100)
    known = {
        "line_id": row.cast(pl.String),
        "evidence_id": pl.lit("e" * 64),
        "row_number": row,
        "format": pl.lit("activity-template"),
        "month": pl.format(
            "{}-{}", 2023 + month // 12, (month % 12 + 1).cast(pl.String).str.zfill(2)
        ),
        "workload": pl.format("w-{}", row % WORKLOADS),
        "model": pl.format("m-{}", row % 60),
        "in_scope": pl.lit(True),
        "scope_category": pl.lit("scope_3_cat_1"),
        "zone": pl.format("z-{}", row // WORKLOADS % ZONES),
        "component": pl.lit("it"),
        "energy_it_kwh": kwh,
        "energy_facility_kwh": kwh * 1.2,
        "location_factor_id": pl.lit("f"),
        "location_kg": kwh * 0.4,
        "market_kg": kwh * 0.3,
        "market_kwh_covered": kwh * 1.2,
        "accelerator_hours": kwh * 3,
        "month_share": pl.lit(1.0),
        "assigned_share": pl.lit(1.0),
        "energy_gsd2": pl.lit(1.1),
        "location_gsd2": pl.lit(1.1),
        "market_gsd2": pl.lit(1.1),
        "tier": pl.lit("T2"),
    }
    schema = FootprintLine.create_empty().schema
    lines = pl.select(**known).select(
        pl.col(name).cast(kind) if name in known else pl.lit(None, kind).alias(name)
        for name, kind in schema.items()
    )
    return Footprint(lines=lines, market=MarketLine.create_empty(), factors_used=pl.DataFrame())


@pytest.mark.benchmark(group="480,000 lines in two periods")
def bench_plain_group_by(benchmark, footprint):
    def grouped():
        return footprint.lines.group_by("workload", "zone", "month").agg(
            pl.col("energy_it_kwh", "energy_facility_kwh", "location_kg", "market_kg").sum()
        )

    assert benchmark(grouped).height > 0


@pytest.mark.benchmark(group="480,000 lines in two periods")
def bench_what_changed(benchmark, footprint):
    periods = (
        Period(footprint, "2023-01", "2023-12"),
        Period(footprint, "2024-01", "2024-12"),
    )
    change = benchmark.pedantic(lambda: compare(*periods), rounds=3, warmup_rounds=1)
    assert change.steps["kg_co2e"].sum() == pytest.approx(change.difference, rel=1e-9)
