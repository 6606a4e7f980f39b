"""The reader of bills against the fastest plain scan of the same file: read the ratio.

Promised are, for Parquet, at most four times the scan of the needed columns, in less than 1 GB; for
CSV at most twice the fastest plain scan of the file. `CARBON_BENCH_LINES=10000000` measures more.
The reader is timed on an opened payload; what opening costs (decoding above all) stands beside it.
Memory is that of a process of its own (`measure.py`), and stands under `extra_info`.
"""

import os
from pathlib import Path

import duckdb
import polars as pl
import pytest
from make_bill import write_csv, write_parquet
from measure import measure

from carbon.activity import aws_cur, intake
from carbon.activity.source import Context, Payload

LINES = int(os.environ.get("CARBON_BENCH_LINES", "1000000"))
CSV_LINES = min(LINES // 4, 2_500_000)
"""A line takes some 400 bytes of CSV, and a file may have a gigabyte."""

PARQUET = "bill, Parquet: needed columns"
CSV = "bill, CSV: whole file"
CONTEXT = Context(evidence_id="0" * 64)


@pytest.fixture(scope="module")
def parquet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bill") / "bill.parquet"
    write_parquet(path, LINES)
    return path


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bill") / "bill.csv"
    write_csv(path, CSV_LINES)
    return path


def needed(path: Path) -> list[str]:
    return [c for c in pl.scan_parquet(path).collect_schema() if c in aws_cur.VARIABLE_MAP]


def opened(path: Path) -> Payload:
    (payload,) = intake.open_payloads(path.name, path.read_bytes())
    assert isinstance(payload, Payload)
    return payload


def read(payload: Payload) -> int:
    return aws_cur.read(payload, CONTEXT).rows


@pytest.mark.benchmark(group=PARQUET)
def bench_parquet_polars(benchmark, parquet):
    columns = needed(parquet)
    assert benchmark(lambda: pl.read_parquet(parquet, columns=columns).height) == LINES


@pytest.mark.benchmark(group=PARQUET)
def bench_parquet_duckdb(benchmark, parquet):
    columns = ", ".join(needed(parquet))
    query = f"select {columns} from read_parquet('{parquet}')"
    assert benchmark(lambda: duckdb.sql(query).to_arrow_table().num_rows) == LINES


@pytest.mark.benchmark(group=PARQUET)
def bench_parquet_reader(benchmark, parquet):
    cost = measure(parquet)
    benchmark.extra_info |= {"peak_mb": cost.peak_mb, "rows_per_second": cost.rows_per_second}
    assert benchmark.pedantic(read, [opened(parquet)], rounds=3, warmup_rounds=1) == LINES


@pytest.mark.benchmark(group=CSV)
def bench_csv_polars(benchmark, csv):
    assert benchmark(lambda: pl.read_csv(csv, infer_schema=False).height) == CSV_LINES


@pytest.mark.benchmark(group=CSV)
def bench_csv_duckdb(benchmark, csv):
    def scan():
        return duckdb.read_csv(str(csv), all_varchar=True).to_arrow_table().num_rows

    assert benchmark(scan) == CSV_LINES


@pytest.mark.benchmark(group=CSV)
def bench_csv_reader(benchmark, csv):
    cost = measure(csv)
    benchmark.extra_info |= {"peak_mb": cost.peak_mb, "rows_per_second": cost.rows_per_second}
    assert benchmark.pedantic(read, [opened(csv)], rounds=3, warmup_rounds=1) == CSV_LINES


@pytest.mark.benchmark(group=CSV)
def bench_csv_opening(benchmark, csv):
    assert benchmark(lambda: opened(csv).kind) == "text"
