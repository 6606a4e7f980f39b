"""nvidia-smi's CSV: `nvidia-smi --query-gpu=timestamp,uuid,name,power.draw --format=csv -l 5`.

Units stand in the header (`power.draw [W]`) and, without `nounits`, in the cells too. Words in
brackets (`[N/A]`, `[Not Supported]`) say that nothing was measured. Times are local, without a
zone. A row is one GPU at one moment.
"""

import re
from collections.abc import Sequence
from typing import Final

import polars as pl

from carbon.activity.source import (
    Context,
    Head,
    Payload,
    Problem,
    Reading,
    Recognition,
    RefusalError,
)
from carbon.activity.telemetry.cells import moments_of, values_of
from carbon.activity.telemetry.meters import NAME_LABEL
from carbon.activity.telemetry.samples import COLUMNS, Samples, samples_reading
from carbon.tables import Rejections, Table, read_table

NAME: Final = "nvidia-smi"
TITLE: Final = "nvidia-smi CSV (--query-gpu)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("timestamp", "index", "uuid", "name", "power.draw [W]")

POWERS: Final = ("power.draw", "power.draw.average", "power.draw.instant")
"""Columns of power, the first that is there counts: `power.draw` is what every driver has."""

VARIABLE_MAP: Final = {
    "timestamp": "time",
    "index": "gpu",
    "gpu_index": "gpu",
    "uuid": "UUID",
    "gpu_uuid": "UUID",
    "name": "modelName",
    "gpu_name": "modelName",
    "pci.bus_id": "pci_bus_id",
    "hostname": "Hostname",
    "host": "Hostname",
    "power.draw [W]": "power",
    "power.draw": "power",
}
"""nvidia-smi's names, with the unit as the header has it -> labels of a series; hostname is no
column of nvidia-smi, but scripts add it."""

_BARE: Final = {re.sub(r"\s*\[.*\]$", "", name): house for name, house in VARIABLE_MAP.items()}
_UUID: Final = re.compile(r"^GPU-[0-9a-fA-F-]{8,}$")
_WATTS: Final = re.compile(r"^\d+(\.\d+)? W$")


def sniff(head: Head) -> Recognition:
    """Columns timestamp and power.draw, beside what names the GPU."""
    if head.kind not in ("text", "xlsx", "parquet"):
        return Recognition(0.0, f"the format does not come as {head.kind}")
    bare = {_bare(c) for c in head.columns}
    powers = bare.intersection(POWERS)
    if powers and "timestamp" in bare:
        return Recognition(0.97, f"has the columns timestamp and {min(powers)}")
    if _headless(head.columns):
        return Recognition(0.9, "holds rows of nvidia-smi without their header")
    if powers:
        return Recognition(0.4, "also needs timestamp")
    return Recognition(0.0, "needs timestamp and power.draw")


def _bare(column: str) -> str:
    return re.sub(r"\s*\[.*\]$", "", column.strip()).lower()


def _headless(columns: Sequence[str]) -> bool:
    """Whether what stands in place of the header is a row."""
    return any(_UUID.match(c) for c in columns) or (
        any(_WATTS.match(c) for c in columns)
        and any(re.match(r"^\d{4}/\d\d/\d\d ", c) for c in columns)
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read a log of nvidia-smi.

    Args:
        payload: the table.
        context: zone of its local times; policy (`telemetry`: limits of gaps, span).

    Returns:
        Energy of each GPU and span at tier T3, as `samples.samples_reading` gives it.

    Raises:
        RefusalError: there is no header, no timestamp or no power.
    """
    table = read_table(payload, VARIABLE_MAP)
    if _headless(table.columns):
        raise RefusalError(
            f"{payload.name} has no header, so that its columns have no names. Leave out "
            "`noheader`, or write the list of --query-gpu as its first line."
        )
    columns = {_bare(c): c for c in reversed(table.columns)}
    power = next((columns[name] for name in POWERS if name in columns), None)
    if power is None or "timestamp" not in columns:
        raise RefusalError(
            f"{payload.name} lacks timestamp or power.draw. Its columns are "
            f"{', '.join(table.columns[:30])}. Ask for "
            "--query-gpu=timestamp,index,uuid,name,power.draw."
        )
    return samples_reading(_samples(payload.name, table, columns, power, context), NAME, context)


def _samples(
    name: str, table: Table, columns: dict[str, str], power: str, context: Context
) -> Samples:
    rejections = Rejections()
    rejections.add(table.defects)
    labels, series = _series(table, columns, _bare(power))
    stamp = columns["timestamp"]
    time = moments_of(table.frame[stamp], context.timezone)
    value = values_of(table.frame[power], table.delimiter)
    frame = table.numbered().select(
        "row_number",
        series.alias("series"),
        time["time"].alias("time"),
        value["value"].alias("value"),
        pl.coalesce(time["reason"], pl.when(time["time"].is_null()).then(pl.lit("empty"))).alias(
            "(time)"
        ),
        value["reason"].alias("(value)"),
        pl.col(stamp).alias("(stamp)"),
        pl.col(power).alias("(power)"),
    )
    for reason, column, raw in (("(time)", stamp, "(stamp)"), ("(value)", power, "(power)")):
        failed = pl.col(reason).is_not_null()
        rejections.add_where(frame, failed, pl.col(reason), column=column, value=raw)
    kept = rejections.keep(frame).select(COLUMNS)
    others = [columns[n] for n in POWERS if n in columns and columns[n] != power]
    notes = [*table.notes]
    if others:
        notes.append(Problem(f"{power} was taken; {', '.join(others)} tells the same power."))
    return Samples(
        name,
        labels,
        kept,
        rejections=rejections,
        notes=notes,
        local_times=bool(time["local"].any()),
    )


def _series(
    table: Table, columns: dict[str, str], metric: str
) -> tuple[list[dict[str, str]], pl.Series]:
    """Labels of every GPU, and the number of each row's."""
    named = {columns[bare]: label for bare, label in _BARE.items() if bare in columns}
    naming = [c for c, label in named.items() if label not in ("time", "power")]
    if not naming:
        only = pl.Series([0] * table.frame.height, dtype=pl.UInt32)
        return [{NAME_LABEL: metric}], only
    distinct = table.frame.select(naming).unique(maintain_order=True).with_row_index("(series)")
    labels = [
        {NAME_LABEL: metric} | {named[c]: v for c, v in row.items() if c in named and v}
        for row in distinct.iter_rows(named=True)
    ]
    series = table.frame.select(naming).join(
        distinct, on=naming, how="left", nulls_equal=True, validate="m:1", maintain_order="left"
    )["(series)"]
    return labels, series
