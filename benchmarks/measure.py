"""What reading a file costs, measured in a process of its own: time, memory, and a plain scan.

`measure(...)` starts this module as a program, so that the memory of one reader is not that of the
readers before it. Seconds are of the machine that it runs on; the ratios are of use elsewhere.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import log
from pathlib import Path
from time import perf_counter
from typing import Any
from xml.etree import ElementTree

import duckdb
import fastexcel
import polars as pl

from carbon import activity
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context
from carbon.factors import readers as factor_files
from carbon.factors.library import context_maps, load
from carbon.schema import Factor
from carbon.tables.recognition import recognise

MB = 1e6
"""Bytes in a megabyte."""


@dataclass(frozen=True)
class Cost:
    """What reading one file costs.

    Attributes:
        format: the format that it was recognised as.
        rows: data rows of the file.
        aside: rows that were set aside.
        file_mb: size of the file [MB].
        seconds: from bytes to a Reading: opened, decoded, recognised and read [s].
        peak_mb: peak of resident memory above what stood after all imports and shipped tables were
            loaded [MB]; the file's own bytes are in it.
        scan: the plain scan that was the fastest.
        scan_seconds: its time for the same file [s].
        growth: exponent of time over size between a smaller file of the same kind and this one:
            1 is linear, 2 is quadratic; None where there was no smaller file.
    """

    format: str
    rows: int
    aside: int
    file_mb: float
    seconds: float
    peak_mb: float
    scan: str
    scan_seconds: float
    growth: float | None

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds

    @property
    def ratio(self) -> float:
        """Time of the reader over time of the fastest plain scan."""
        return self.seconds / self.scan_seconds


def measure(path: Path, *, smaller: Path | None = None, example: Path | None = None) -> Cost:
    """What reading a file costs, in a fresh process.

    Args:
        path: the file.
        smaller: a smaller file of the same kind, read and timed before, for `growth`.
        example: a tiny one, read first, so that what is loaded at first use is not counted.

    Raises:
        RuntimeError: it cannot be read; the message is what the process said.
    """
    given = [str(path)]
    given += ["--smaller", str(smaller)] if smaller else []
    given += ["--example", str(example)] if example else []
    done = subprocess.run(
        [sys.executable, __file__, *given], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return Cost(**json.loads(done.stdout))


def _measured(path: Path, smaller: Path | None, example: Path | None) -> Cost:
    read = _reader()
    if example:
        read(example)
    small = _timed(lambda: read(smaller))[0] if smaller else None
    before = _memory("VmRSS")
    _forget_peak()
    seconds, (format, reading) = _timed(lambda: read(path))
    peak = _memory("VmHWM") - before
    aside, rows = reading.quarantine["row_number"].n_unique(), reading.rows
    del reading
    scan, scan_seconds = fastest_scan(path)
    sizes = path.stat().st_size / smaller.stat().st_size if smaller else None
    growth = log(seconds / small) / log(sizes) if small and sizes else None
    size = path.stat().st_size / MB
    return Cost(format, rows, aside, size, seconds, peak, scan, scan_seconds, growth)


def _reader() -> Callable[[Path], tuple[str, Any]]:
    """Reads a file of any format: its name and its Reading."""
    context = Context(evidence_id="0" * 64, **context_maps(load(), Factor.create_empty()))
    readers: dict[str, Any] = {**activity.READERS, **factor_files.READERS}

    def read(path: Path) -> tuple[str, Any]:
        (payload,) = open_payloads(path.name, path.read_bytes())
        name, _, _ = recognise(payload, readers)
        return name, readers[name].read(payload, context)

    return read


def fastest_scan(path: Path, rounds: int = 2) -> tuple[str, float]:
    """The fastest plain scan of a file, every value of it, by the libraries that know its kind.

    A library that cannot take the file (JSON whose objects differ) is left out.

    Returns:
        its name, and the least time of some rounds [s].
    """
    times = {}
    for name, scan in _scans(path).items():
        try:
            times[name] = min(_timed(scan)[0] for _ in range(rounds))
        except (pl.exceptions.PolarsError, duckdb.Error):
            continue
    return min(times.items(), key=lambda item: item[1])


def _scans(path: Path) -> dict[str, Callable[[], Any]]:
    name = str(path)
    by_suffix: dict[str, dict[str, Callable[[], Any]]] = {
        ".parquet": {
            "polars": lambda: pl.read_parquet(path),
            "duckdb": lambda: duckdb.read_parquet(name).to_arrow_table(),
        },
        ".csv": {
            "polars": lambda: pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True),
            "duckdb": lambda: duckdb.read_csv(name, all_varchar=True).to_arrow_table(),
        },
        ".jsonl": {
            "polars": lambda: pl.read_ndjson(path, infer_schema_length=None),
            "json": lambda: [json.loads(line) for line in path.open("rb")],
        },
        ".json": {
            "polars": lambda: pl.read_json(path, infer_schema_length=None),
            "json": lambda: json.loads(path.read_bytes()),
        },
        ".xlsx": {
            "fastexcel": lambda: [
                fastexcel.read_excel(name).load_sheet(sheet, dtypes="string").to_polars()
                for sheet in fastexcel.read_excel(name).sheet_names
            ]
        },
        ".xml": {"elementtree": lambda: ElementTree.parse(path)},
    }
    return by_suffix.get(path.suffix, {"lines": lambda: path.read_text("utf-8").splitlines()})


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = perf_counter()
    result = work()
    return perf_counter() - start, result


def _memory(field: str) -> float:
    """VmRSS (now) or VmHWM (peak) of this process [MB], as Linux tells it."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024 / MB
    raise RuntimeError(f"/proc/self/status lacks {field}")


def _forget_peak() -> None:
    """From here on VmHWM is the peak since now."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--smaller", type=Path)
    parser.add_argument("--example", type=Path)
    given = parser.parse_args(arguments)
    print(json.dumps(asdict(_measured(given.path, given.smaller, given.example))))


if __name__ == "__main__":
    main()
