"""What MLflow's system metrics say of the machine that a run had."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import polars as pl

from carbon.activity.documents import number_of
from carbon.activity.mlflow_documents import MEMORY, POWER, USE, History, means_of

MB_PER_GB: Final = 1000.0
"""MLflow's megabytes are of 1e6 bytes."""

_GPU: Final = re.compile(r"^system/((?:.+/)?gpu_\d+)_[a-z_]+$")


def powers_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of metrics of power, by metric."""
    return {key: value for key, value in values.items() if POWER.match(key)}


def machine_metrics(
    rows: list[tuple[int, dict[str, Any]]],
    histories: Mapping[int, Mapping[str, History]],
    traced: Collection[int],
) -> pl.DataFrame:
    """What the system metrics of each run say of its machine, the last values where no history is.

    Args:
        rows: row and last values of each run, by metric.
        histories: row -> histories of its metrics.
        traced: rows whose GPUs have histories of power, and need no last watts.

    Returns:
        row_number, accelerator_count (null: no GPU), watched (which GPUs; `processors`; null where
        nothing was watched), average_power_w, utilisation [1], memory_gb.
    """
    found = []
    for row, last in rows:
        names = sorted({match[1] for key in last if (match := _GPU.match(key))})
        watts = [number_of(value) for value in powers_of(last).values()]
        known = [w for w in watts if w is not None and w >= 0]
        mean = sum(known) / len(known) if known and row not in traced else None
        use = _means(histories.get(row, {}), last, USE)
        memory = _means(histories.get(row, {}), last, MEMORY)
        watched = " ".join(names) or ("processors" if use or memory else None)
        found.append(
            (
                row,
                float(len(names)) or None,
                watched,
                mean,
                min(sum(use) / len(use) / 100, 1.0) if use else None,
                sum(memory) / MB_PER_GB if memory else None,
            )
        )
    return pl.DataFrame(
        found,
        schema={
            "row_number": pl.Int64,
            "accelerator_count": pl.Float64,
            "watched": pl.String,
            "average_power_w": pl.Float64,
            "utilisation": pl.Float64,
            "memory_gb": pl.Float64,
        },
        orient="row",
    )


def _means(
    traces: Mapping[str, History], last: Mapping[str, Any], metric: re.Pattern[str]
) -> list[float]:
    """Means of a metric by node; where there is no history of it, its last values."""
    values = [number_of(v) for k, v in sorted(last.items()) if metric.match(k)]
    return means_of(traces, metric) or [v for v in values if v is not None and v >= 0]
