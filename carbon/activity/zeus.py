"""Zeus: the CSV that `ZeusMonitor(log_file=...)` writes, one row per measurement window.

How the file is got: `ZeusMonitor(log_file="zeus.csv")` in the training script; every `end_window`
appends a row.

Energy is in Joules, one column per monitored GPU; `start_time` is in seconds since 1970. Windows
may lie inside each other (an epoch around its steps) and then measure the same energy: the
outermost counts, those within it are marked as superseded. Zeus counts boards, and not the host.
"""

import re
from collections.abc import Iterable
from typing import Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.runs import epoch, run_reading, span_of_duration, stamp
from carbon.activity.sheet import Sheet, sheet_of
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables import read_table
from carbon.tables.names import plain
from carbon.tables.payload import RefusalError
from carbon.tables.recognition import by_columns
from carbon.units import ENERGY_KWH, SECONDS_PER_HOUR

NAME: Final = "zeus"
TITLE: Final = "Zeus monitor log (CSV)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("start_time", "window_name", "elapsed_time", "gpu0_energy")

VARIABLE_MAP: Final = {
    "start_time": "period_start",
    "window_name": "window",
    "elapsed_time": "duration_s",
    **{f"gpu{i}_energy": f"gpu{i}_energy" for i in range(8)},
}
"""As many GPUs as a server usually has; every further column gpuN_energy is read as well."""

REQUIRED: Final = ("start_time", "window_name", "elapsed_time")

_GPU: Final = re.compile(r"gpu\d{1,6}_energy")


def sniff(head: Head) -> Recognition:
    """start_time, window_name and elapsed_time, with the energy of a GPU."""
    found = _gpus(head.columns) or ("gpu0_energy",)
    return by_columns(head, REQUIRED, one_of=(found,), optional=(*REQUIRED, *found))


def read(payload: Payload, context: Context) -> Reading:
    """Read a Zeus monitor's log.

    Args:
        payload: the file.
        context: of which only the evidence id is used; moments are epochs.

    Returns:
        Activity of tier T3, boundary board: `energy_it_kwh` and `accelerator_hours` of each GPU in
        each window (J / 3.6e6 = kWh). The window's name is its workload.

    Raises:
        RefusalError: a required column is missing, or there is no GPU.
    """
    table = read_table(payload, VARIABLE_MAP)
    gpus = _gpus(table.columns)
    if not gpus:
        raise RefusalError(
            f"{payload.name} has no column gpu0_energy, gpu1_energy and so on. Monitor a GPU."
        )
    names = {name: VARIABLE_MAP[name] for name in REQUIRED} | {gpu: gpu for gpu in gpus}
    sheet = sheet_of(payload.name, table, names, REQUIRED)
    sheet.require(["period_start", "duration_s"])
    epoch(sheet, "period_start")
    sheet.numbers({"duration_s": None, **dict.fromkeys(gpus)})
    span_of_duration(sheet, "period_start")
    sheet.reject(
        pl.all_horizontal(pl.col(f"{gpu} (raw)").is_null() for gpu in gpus),
        "the window states no energy of any GPU",
    )
    _mark_inner(sheet)
    frame = _components(sheet, gpus).with_columns(
        joined_key(NAME, "workload", "sku", stamp("period_start"))
    )
    return run_reading(sheet, frame, NAME, context)


def _gpus(columns: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in columns if _GPU.fullmatch(plain(name)))


def _mark_inner(sheet: Sheet) -> None:
    """Mark windows that lie wholly inside another; say so of those that merely overlap."""
    ordered = (
        sheet.rejections.keep(sheet.frame)
        .select("row_number", "period_start", "period_end")
        .sort("period_start", "period_end", "row_number", descending=[False, True, False])
        .with_columns(pl.col("period_end").cum_max().shift().alias("(until)"))
    )
    inner = ordered.filter(pl.col("period_end") <= pl.col("(until)"))["row_number"]
    overlaps = ordered.filter(
        (pl.col("period_start") < pl.col("(until)")) & (pl.col("period_end") > pl.col("(until)"))
    )
    sheet.frame = sheet.frame.with_columns(
        pl.col("row_number").is_in(inner.implode()).alias("superseded_in_file")
    )
    if len(inner):
        sheet.notes.append(
            Problem(
                "Windows inside another one measure its energy again and do not count: "
                f"{len(inner)}."
            )
        )
    if overlaps.height:
        sheet.notes.append(
            Problem(
                f"Windows that overlap an earlier one in part: {overlaps.height}. The energy of "
                "the time that they share counts twice; check them.",
                row=int(overlaps["row_number"][0]),
                column=sheet.column("window"),
            )
        )


def _components(sheet: Sheet, gpus: Iterable[str]) -> pl.DataFrame:
    """Two rows per window and GPU: its energy, and its hours."""
    hours = pl.col("duration_s") / SECONDS_PER_HOUR
    parts = [
        sheet.frame.filter(pl.col(gpu).is_not_null()).select(
            "row_number",
            "superseded_in_file",
            "period_start",
            "period_end",
            pl.col("window").alias("workload"),
            pl.lit(gpu).alias("sku"),
            pl.lit(kind).alias("quantity_kind"),
            quantity.alias("quantity"),
            pl.lit("accelerator").alias("component"),
            pl.lit(1.0).alias("accelerator_count"),
            pl.lit("board" if tier else None, pl.String).alias("boundary"),
            pl.lit(tier, pl.String).alias("tier"),
        )
        for gpu in gpus
        for kind, quantity, tier in (
            ("energy_it_kwh", pl.col(gpu) * ENERGY_KWH["J"], "T3"),
            ("accelerator_hours", hours, None),
        )
    ]
    return pl.concat(parts)
