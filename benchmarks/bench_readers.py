"""Readers against the fastest plain scan of the same bytes: read the ratio, not the seconds."""

import io

import polars as pl
import pytest

from carbon import activity
from carbon.activity import intake
from carbon.activity.source import Context
from carbon.factors.library import context_maps, load
from carbon.schema import Factor

ROWS = 200_000


@pytest.fixture(scope="module")
def template_csv() -> bytes:
    """An activity template of metered rows, one a workload and month."""
    frame = pl.select(row=pl.int_range(ROWS)).select(
        workload=pl.format("job-{}", pl.col("row")),
        site=pl.lit("Hall A"),
        zone=pl.lit("CAMX"),
        period_start=pl.lit("2024-01-01"),
        period_end=pl.lit("2024-01-31"),
        energy_kwh=(pl.col("row") % 977 + 1) * 1.5,
        pue=pl.lit(1.2),
    )
    return frame.write_csv().encode()


@pytest.fixture(scope="module")
def context() -> Context:
    return Context(evidence_id="0" * 64, **context_maps(load(), Factor.create_empty()))


@pytest.mark.benchmark(group="activity template, CSV")
def bench_plain_scan(benchmark, template_csv):
    rows = benchmark(lambda: pl.read_csv(io.BytesIO(template_csv), infer_schema=False).height)
    assert rows == ROWS


@pytest.mark.benchmark(group="activity template, CSV")
def bench_reader(benchmark, template_csv, context):
    def read():
        (payload,) = intake.open_payloads("runs.csv", template_csv)
        return activity.read(payload, context)

    reading = benchmark.pedantic(read, rounds=3, warmup_rounds=1)
    assert reading.activity.height == ROWS
