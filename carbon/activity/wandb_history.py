"""Samples of system metrics that stand beside each run of Weights & Biases (`system_history`).

What the metrics are: docs.wandb.ai, "System metrics reference". `cpu.N.cpu_percent` is the use of
each processor of the machine; newer agents give `cpu` alone, the use by the run's own process as a
share of all processors. Megabytes of memory are of 2^20 bytes.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from carbon.activity.documents import number_of
from carbon.activity.run_power import SAMPLES
from carbon.activity.source import Payload
from carbon.activity.wandb_system import powers_of
from carbon.tables.dates import EARLIEST, LATEST
from carbon.tables.records import Entry, entries

HISTORY: Final = "system_history"

GB_PER_MB: Final = 2**20 / 1e9

_CORE: Final = re.compile(r"^system\.cpu\.\d+\.cpu_percent(?:/l:.+)?$")
_PROCESS: Final = re.compile(r"^system\.cpu(?:/l:.+)?$")
_MEMORY: Final = re.compile(r"^system\.proc\.memory\.rssMB(?:/l:.+)?$")

_SEEN: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "row_number": pl.Int64,
    "powered": pl.Int64,
    "seen_s": pl.Float64,
    "cores": pl.Float64,
    "utilisation": pl.Float64,
    "memory_gb": pl.Float64,
}


@dataclass(frozen=True)
class Histories:
    """Runs, and what was sampled of each.

    Attributes:
        entries: the runs without their samples.
        power: samples of power, columns of SAMPLES.
        seen: a row a run that has samples: row_number, powered (GPUs of which power was sampled),
            seen_s (time from its start to the last sample [s]), cores (processors that were
            watched one by one), utilisation [1] and memory_gb [GB], means over the samples.
    """

    entries: list[Entry]
    power: pl.DataFrame
    seen: pl.DataFrame


def histories_of(payload: Payload) -> Histories:
    """The runs of a JSON file and their samples.

    Raises:
        RefusalError: a JSON file that cannot be parsed as a whole.
    """
    found, power, seen = [], [], []
    for entry in entries(payload):
        listed = (entry.value or {}).get(HISTORY)
        if not isinstance(listed, list):
            found.append(entry)
            continue
        value = {k: v for k, v in (entry.value or {}).items() if k != HISTORY}
        found.append(replace(entry, value=value))
        samples = [sample for sample in listed if isinstance(sample, dict)]
        if samples:
            power += _power(entry.row, samples)
            seen.append(_seen(entry.row, samples))
    frame = pl.DataFrame(power, schema={**SAMPLES, "time": pl.Int64}, orient="row")
    time = pl.from_epoch("time", time_unit="us").dt.replace_time_zone("UTC").alias("time")
    return Histories(
        found, frame.with_columns(time), pl.DataFrame(seen, schema=_SEEN, orient="row")
    )


def no_histories() -> pl.DataFrame:
    """What is seen of runs in a table that has no samples."""
    return pl.DataFrame(schema=_SEEN)


def _power(row: int, samples: list[dict[str, Any]]) -> list[tuple[int, str, int, float | None]]:
    """Samples of power: row, metric, moment [µs since 1970], W."""
    low, high = EARLIEST.timestamp(), LATEST.timestamp()
    found = []
    for sample in samples:
        at = number_of(sample.get("_timestamp"))
        if at is not None and low <= at <= high:
            for key, name in powers_of(sample).items():
                found.append((row, name, round(at * 1e6), number_of(sample[key])))
    return found


def _seen(row: int, samples: list[dict[str, Any]]) -> tuple[Any, ...]:
    runtimes = [t for s in samples if (t := number_of(s.get("_runtime"))) is not None]
    cores, process = _means(samples, _CORE), _means(samples, _PROCESS)
    memory = list(_means(samples, _MEMORY).values())
    use = list((cores or process).values())
    return (
        row,
        len({name for sample in samples for name in powers_of(sample).values()}),
        max(runtimes, default=None),
        float(len(cores)) or None,
        min(math.fsum(use) / len(use) / 100, 1.0) if use else None,
        math.fsum(memory) * GB_PER_MB if memory else None,
    )


def _means(samples: Iterable[Mapping[str, Any]], metric: re.Pattern[str]) -> dict[str, float]:
    """The mean of each metric of a kind; the agent samples at even steps."""
    values: dict[str, list[float]] = {}
    for sample in samples:
        for key, value in sample.items():
            number = number_of(value) if metric.match(key) else None
            if number is not None and number >= 0:
                values.setdefault(key, []).append(number)
    return {key: math.fsum(found) / len(found) for key, found in sorted(values.items())}
