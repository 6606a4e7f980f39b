"""Every reader on a large file of its format: rows per second, peak memory, ratio to a plain scan.

The table at the end of `make bench` has a line per example of `tests/data`, enlarged as `plans.py`
says. Seconds of the benchmark's own table are of the whole process (imports, the smaller file,
the plain scans); read the table at the end. `CARBON_BENCH_SHARE=4` takes files four times as large.
"""

import os
from dataclasses import asdict

import pytest
from enlarge import enlarge, enlarge_workbook
from measure import measure
from plans import EXAMPLES, PLANS, WORKBOOKS

SHARE = float(os.environ.get("CARBON_BENCH_SHARE", "1"))

SMALLER = 0.25
"""Share of the rows in the file by which growth is told."""


@pytest.mark.benchmark(group="every reader, whole processes")
@pytest.mark.parametrize("file", [*PLANS, *WORKBOOKS])
def bench_every_reader(benchmark, tmp_path, every_reader, file):
    large, smaller = tmp_path / file, tmp_path / "smaller" / file
    smaller.parent.mkdir()
    large.write_bytes(_enlarged(file, SHARE))
    smaller.write_bytes(_enlarged(file, SHARE * SMALLER))

    def read():
        return measure(large, smaller=smaller, example=EXAMPLES / file)

    cost = benchmark.pedantic(read, rounds=1)
    assert cost.rows > cost.aside
    every_reader[file] = cost
    benchmark.extra_info.update(
        asdict(cost), rows_per_second=cost.rows_per_second, ratio=cost.ratio
    )


def _enlarged(file: str, share: float) -> bytes:
    """The bytes of an example, enlarged to a share of its plan."""
    if file in PLANS:
        return enlarge((EXAMPLES / file).read_text("utf-8"), PLANS[file], share).encode()
    sheet, head, copies = WORKBOOKS[file]
    rows = round(copies * share)
    return enlarge_workbook((EXAMPLES / file).read_bytes(), sheet, head, rows)


def bench_there_is_a_plan_for_every_example(benchmark):
    named = benchmark(lambda: {path.name for path in EXAMPLES.iterdir() if path.is_file()})
    packed = {name for name in named if name.endswith((".parquet", ".gz", ".zip"))}
    assert named - packed == {*PLANS, *WORKBOOKS}
