"""The telemetry kernel and its readers against a plain scan of the same samples.

Read the ratios within a group, not the seconds. `CARBON_BENCH_SAMPLES=10000000` measures more.
"""

import io
import os
from datetime import UTC, datetime

import polars as pl
import pytest

from carbon import activity
from carbon.activity import intake
from carbon.activity.source import Context
from carbon.activity.telemetry.counters import Counter, reduce_counters
from carbon.activity.telemetry.kernel import reduce_power
from carbon.policy import Telemetry

SAMPLES = int(os.environ.get("CARBON_BENCH_SAMPLES", "2000000"))
METERS = 500
STEP_S = 15
START = datetime(2026, 11, 2, tzinfo=UTC)

KERNEL = "telemetry kernel, samples by meter and time"
MIXED = "telemetry kernel, samples by time"


@pytest.fixture(scope="module")
def samples() -> pl.DataFrame:
    """Watts of many meters every 15 s, in order of meter and time."""
    each = SAMPLES // METERS
    row = pl.int_range(SAMPLES)
    return pl.select(row=row).select(
        series=(pl.col("row") // each).cast(pl.UInt32),
        owner=pl.lit(None, pl.UInt32),
        time=pl.lit(START).cast(pl.Datetime("us", "UTC"))
        + pl.duration(seconds=(pl.col("row") % each) * STEP_S),
        value=300.0 + pl.col("row") * 7919 % 97,
    )


@pytest.fixture(scope="module")
def parquet(samples: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    samples.write_parquet(out)
    return out.getvalue()


@pytest.mark.benchmark(group=KERNEL)
def bench_plain_scan(benchmark, parquet):
    def scan():
        frame = pl.read_parquet(io.BytesIO(parquet))
        return frame.select(pl.col("series", "value").sum(), pl.col("time").max())

    assert benchmark(scan).height == 1


@pytest.mark.benchmark(group=KERNEL)
def bench_power(benchmark, parquet):
    reduced = benchmark(lambda: reduce_power(pl.read_parquet(io.BytesIO(parquet)), Telemetry()))
    assert reduced.gaps.is_empty()


@pytest.mark.benchmark(group=KERNEL)
def bench_counters(benchmark, parquet):
    known = [Counter(1e9)] * METERS

    def reduce():
        return reduce_counters(pl.read_parquet(io.BytesIO(parquet)), known, Telemetry())

    assert benchmark(reduce).energy.height


@pytest.mark.benchmark(group=MIXED)
def bench_sort_alone(benchmark, samples):
    mixed = samples.sort("time", "series")
    assert benchmark(lambda: mixed.sort("series", "time")).height == samples.height


@pytest.mark.benchmark(group=MIXED)
def bench_power_of_mixed_samples(benchmark, samples):
    mixed = samples.sort("time", "series")
    assert benchmark(lambda: reduce_power(mixed, Telemetry())).gaps.is_empty()


ROWS = SAMPLES // 10


@pytest.fixture(scope="module")
def table() -> bytes:
    """A long CSV of DCGM's watts."""
    each = ROWS // METERS
    frame = pl.select(row=pl.int_range(ROWS)).select(
        metric=pl.lit("DCGM_FI_DEV_POWER_USAGE"),
        UUID=pl.format("GPU-{}", pl.col("row") // each),
        Hostname=pl.lit("dgx-07"),
        timestamp=int(START.timestamp()) + pl.col("row") % each * STEP_S,
        value=300.0 + pl.col("row") * 7919 % 97,
    )
    return frame.write_csv().encode()


@pytest.fixture(scope="module")
def dump() -> bytes:
    """The same samples as lines of promtool."""
    each = ROWS // METERS
    # pl.format takes every brace for a place, so that the labels' own are put in last.
    line = pl.format(
        '<__name__="DCGM_FI_DEV_POWER_USAGE", UUID="GPU-{}", Hostname="dgx-07"> {} {}',
        pl.col("row") // each,
        300.0 + pl.col("row") * 7919 % 97,
        (int(START.timestamp()) + pl.col("row") % each * STEP_S) * 1000,
    )
    lines = pl.select(row=pl.int_range(ROWS)).select(line).to_series()
    return "\n".join(lines).replace("<", "{").replace(">", "}").encode()


def _read(data: bytes, context: Context):
    (payload,) = intake.open_payloads("export", data)
    return activity.read(payload, context)


@pytest.mark.benchmark(group="prometheus-csv")
def bench_plain_csv_scan(benchmark, table):
    rows = benchmark(lambda: pl.read_csv(io.BytesIO(table), infer_schema=False).height)
    assert rows == ROWS


@pytest.mark.benchmark(group="prometheus-csv")
def bench_csv_reader(benchmark, table):
    context = Context(evidence_id="0" * 64)
    reading = benchmark.pedantic(lambda: _read(table, context), rounds=3, warmup_rounds=1)
    assert reading.rows == ROWS


@pytest.mark.benchmark(group="openmetrics")
def bench_plain_line_scan(benchmark, dump):
    def scan():
        lines = pl.read_csv(io.BytesIO(dump), has_header=False, separator="\x01", quote_char=None)
        return lines.height

    assert benchmark(scan) == ROWS


@pytest.mark.benchmark(group="openmetrics")
def bench_openmetrics_reader(benchmark, dump):
    context = Context(evidence_id="0" * 64)
    reading = benchmark.pedantic(lambda: _read(dump, context), rounds=3, warmup_rounds=1)
    assert reading.rows == ROWS
