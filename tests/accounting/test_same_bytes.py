"""Rule 7 on any machine: neither threads nor hash seeds show in a figure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import hashlib, sys
sys.path.insert(0, {folder!r})
import polars as pl
from accounting_rows import FACTORS, LIBRARY, certificate, frame, use
from carbon.accounting.pipeline import Inputs, footprint
from carbon.accounting.summary import select, summarise
from carbon.policy import Policy
from carbon.schema import Activity, Factor, Instrument, Workload

one = frame(Activity, [use(zone="DE", quantity_kind="energy_facility_kwh", quantity=1.0, pue=1.3)])
number = pl.int_range(30_000, eager=True)
many = one[[0] * 30_000].with_columns(
    row_number=number + 2,
    workload=pl.format("w{{}}", number % 300),
    quantity=(number % 997) / 7,
    zone=pl.when(number % 3 == 0).then(pl.lit("CAMX")).otherwise(pl.lit("DE")),
)
instruments = frame(Instrument, [certificate("GO", 1e5)])
result = footprint(
    Inputs(many, frame(Workload, []), instruments, frame(Factor, FACTORS), LIBRARY), Policy()
)
frames = [result.lines, result.market, result.factors_used]
for by in ([], ["workload", "month"], ["country"], ["scope_category"]):
    frames.append(summarise(select(result), by, Policy()))
text = "".join(part.write_csv() for part in frames) + repr(result.findings)
print(hashlib.sha256(text.encode()).hexdigest())
"""


def digest(threads: int, seed: int) -> str:
    environment = {
        **os.environ,
        "POLARS_MAX_THREADS": str(threads),
        "PYTHONHASHSEED": str(seed),
    }
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(folder=str(Path(__file__).parents[1]))],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize(("threads", "seed"), [(1, 1), (5, 2)])
def test_one_thread_or_five_give_the_same_bytes(threads, seed):
    assert digest(threads, seed) == digest(2, 3)
