"""10,000 draws of 500 workloads x 12 months against plain lognormals: read the ratio.

Ten zones with a factor each month, twenty PUEs, seven tiers: 6,000 parts, 640 inputs. The plain
draw has the size of what the run cannot do without: a lognormal of each workload and iteration.
"""

import numpy as np
import polars as pl
import pytest

from carbon.analysis.montecarlo import montecarlo

WORKLOADS, MONTHS, ZONES, DRAWS = 500, 12, 10, 10_000
GROUP = "10,000 draws of 500 workloads x 12 months"
TIERS = (1.05, 1.10, 1.20, 1.30, 1.50, 2.00, 3.00)


@pytest.fixture(scope="module")
def parts() -> pl.DataFrame:
    """Every workload in one zone and behind one PUE, every month."""
    workload = pl.int_range(WORKLOADS).alias("w")
    grid = pl.select(workload).join(pl.select(m=pl.int_range(MONTHS)), how="cross")
    w, m = pl.col("w"), pl.col("m")
    tiers = dict(enumerate(TIERS))
    return grid.select(
        workload=pl.format("w{}", w),
        month=pl.format("2025-{}", (m + 1).cast(pl.String).str.zfill(2)),
        energy_gsd2=(w % len(TIERS)).replace_strict(tiers, return_dtype=pl.Float64),
        factor=pl.format("zone {}, month {}", w % ZONES, m),
        factor_gsd2=pl.lit(1.10),
        pue=pl.format("hall {}", w % 20),
        pue_gsd2=pl.lit(1.10),
        kg=100.0 + (w * 37 + m * 11) % 1000,
    )


@pytest.mark.benchmark(group=GROUP)
def bench_plain_lognormal(benchmark):
    def draw():
        stream = np.random.Generator(np.random.PCG64(1))
        return np.exp(stream.standard_normal((WORKLOADS, DRAWS)))

    assert benchmark(draw).shape == (WORKLOADS, DRAWS)


@pytest.mark.benchmark(group=GROUP)
@pytest.mark.parametrize("by", [(), ("workload",), ("month",)], ids=["total", "workload", "month"])
def bench_montecarlo(benchmark, parts, by):
    found = benchmark.pedantic(montecarlo, [parts, by], {"draws": DRAWS}, rounds=3, warmup_rounds=1)
    assert found.height == {(): 1, ("workload",): WORKLOADS, ("month",): MONTHS}[by]
