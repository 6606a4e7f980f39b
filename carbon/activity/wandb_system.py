"""Weights & Biases: the system metrics of runs, sampled by its agent.

How the file is got: `wandb.Api().run("entity/project/id").history(stream="system",
samples=100000).to_csv("id.csv")`, or its rows as JSON (lines or a list). Columns `run_id` and
`project` may be added, to put several runs into one file and to name their workload.

Samples of power become energy (`system.gpu.N.powerWatts`). A row is a sample of all GPUs; all rows
of a run stand for its energy.
"""

import re
from collections.abc import Iterable
from typing import Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.run_power import energy_of
from carbon.activity.runs import epoch, run_reading, stamp
from carbon.activity.sheet import sheet_of
from carbon.activity.source import Context, Head, Payload, Reading, Recognition
from carbon.tables import read_table
from carbon.tables.payload import RefusalError

NAME: Final = "wandb-system"
TITLE: Final = "Weights & Biases system metrics"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("_timestamp", "_runtime", "system.gpu.0.powerWatts")

COLUMNS: Final = {
    "_timestamp": "time",
    "_runtime": "runtime_s",
    "run_id": "run_id",
    "project": "workload",
}

VARIABLE_MAP: Final = {**COLUMNS, "system.gpu.0.powerWatts": "system.gpu.0.powerWatts"}
"""Power of every GPU is read, whatever its number."""

_POWER: Final = re.compile(r"^(?:system_metrics\.)?(system\.gpu\.\d+\.powerWatts(?:/l:.+)?)$")


def sniff(head: Head) -> Recognition:
    """_timestamp beside watts of GPUs."""
    powers = powers_of(head.columns)
    if "_timestamp" in head.columns and powers:
        return Recognition(0.97, f"has the columns _timestamp, {next(iter(powers))}")
    return Recognition(0.0, "also needs _timestamp and system.gpu.0.powerWatts")


def powers_of(columns: Iterable[str]) -> dict[str, str]:
    """Column of power -> the metric's own name."""
    return {name: match[1] for name in columns if (match := _POWER.match(name))}


def read(payload: Payload, context: Context) -> Reading:
    """Read the system metrics of runs.

    Args:
        payload: CSV, JSON, a workbook or Parquet.
        context: `policy.telemetry` for gaps and spans.

    Returns:
        Activity: `energy_it_kwh` of each GPU by span (T3; gaps apart, T4).

    Raises:
        RefusalError: there is no moment, or no power.
    """
    table = read_table(payload, VARIABLE_MAP)
    powers = powers_of(table.columns)
    if not powers:
        raise RefusalError(
            f"{payload.name} has no column of power, such as system.gpu.0.powerWatts. Export "
            'history(stream="system") of a run on GPUs.'
        )
    columns = {**COLUMNS, **dict(zip(powers, powers, strict=True))}
    sheet = sheet_of(payload.name, table, columns, ("_timestamp",))
    sheet.require(["time"])
    epoch(sheet, "time")
    sheet.numbers(dict.fromkeys(powers), least=None)
    rows = sheet.rejections.keep(sheet.frame).with_columns(
        pl.col("row_number").min().over("run_id", "workload").alias("first"),
        pl.len().over("run_id", "workload").cast(pl.Int64).alias("source_rows"),
    )
    samples = rows.unpivot(
        list(powers), index=["first", "time"], variable_name="sku", value_name="value"
    ).select(
        pl.col("first").alias("row_number"),
        pl.col("sku").replace(powers),
        "time",
        "value",
    )
    seen = samples.filter(pl.col("value").is_not_null())
    watched = samples.join(seen.select("row_number", "sku").unique(), on=["row_number", "sku"])
    energy = energy_of(watched, context.policy.telemetry)
    runs = rows.group_by("first", maintain_order=True).agg(
        pl.col("source_rows", "run_id", "workload").first(),
        pl.col("time").min().alias("begin"),
        pl.col("time").max().alias("until"),
    )
    frame = _with_silent(energy, runs).with_columns(
        pl.lit("energy_it_kwh").alias("quantity_kind"),
        pl.lit("board").alias("boundary"),
        pl.lit(1.0).alias("accelerator_count"),
        pl.col("run_id").alias("resource"),
        pl.coalesce("run_id", stamp("begin")).alias("(run)"),
    )
    key = joined_key(NAME, "workload", "(run)")
    dropped = ("run_id", "begin", "until", "(run)")
    return run_reading(sheet, frame.with_columns(key).drop(dropped), NAME, context)


def _with_silent(energy: pl.DataFrame, runs: pl.DataFrame) -> pl.DataFrame:
    """Energy with its run; a run of which no two samples tell any stands with zero, not covered."""
    of_run = runs.rename({"first": "row_number"})
    told = energy.join(of_run, on="row_number", how="left", validate="m:1", maintain_order="left")
    silent = of_run.join(energy, on="row_number", how="anti").with_columns(
        pl.col("begin").alias("period_start"),
        pl.max_horizontal("until", pl.col("begin") + pl.duration(seconds=1)).alias("period_end"),
        pl.lit(0.0).alias("quantity"),
        pl.lit(0.0).alias("coverage"),
        pl.lit("accelerator").alias("component"),
        pl.lit("T3").alias("tier"),
        pl.lit("no two samples of this run tell power").alias("note"),
    )
    return pl.concat([told, silent], how="diagonal")
