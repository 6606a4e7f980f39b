"""Weights & Biases: a run's system metrics, or the table of runs.

How the file is got:

* system metrics of one run, sampled by W&B itself: `wandb.Api().run("entity/project/id")
  .history(stream="system", samples=100000).to_csv("id.csv")`, or its rows as JSON; columns
  `run_id` and `project` may be added, to put several runs into one file;
* runs: a line of JSON each with `id`, `name`, `project`, `created_at`, `summary`, `metadata` and
  `system_metrics` of `wandb.Api().runs(...)`, or the CSV of the table of runs.

Samples of power become energy (`system.gpu.N.powerWatts`); a row is a sample of all GPUs, and all
rows of a run stand for its energy. A table of runs tells hours only: runtime x GPUs, with the last
watts where they are there.
"""

import re
from collections.abc import Iterable
from typing import Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.run_power import energy_of
from carbon.activity.runs import epoch, run_reading, span_of_duration
from carbon.activity.sheet import sheet_of
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables import read_table
from carbon.tables.payload import RefusalError
from carbon.tables.recognition import by_columns
from carbon.tables.table import Table
from carbon.units import SECONDS_PER_HOUR

NAME: Final = "wandb-runs"
TITLE: Final = "Weights & Biases runs and system metrics"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("_timestamp", "_runtime", "system.gpu.0.powerWatts")

SAMPLED: Final = {
    "_timestamp": "time",
    "_runtime": "runtime_s",
    "run_id": "run_id",
    "project": "workload",
}
"""Of the system metrics of a run."""

LISTED: Final = {
    "id": "run_id",
    "project": "project",
    "name": "note",
    "state": "state",
    "created_at": "created",
    "summary._wandb.runtime": "runtime_s",
    "metadata.startedAt": "started",
    "metadata.gpu": "accelerator",
    "metadata.gpu_count": "accelerator_count",
    "metadata.host": "host",
    "user": "owner",
}
"""Of a table of runs."""

OTHER_NAMES: Final = {
    "Created": "created_at",
    "Runtime": "summary._wandb.runtime",
    "summary._runtime": "summary._wandb.runtime",
    "_wandb.runtime": "summary._wandb.runtime",
    "GPU Type": "metadata.gpu",
    "GPU Count": "metadata.gpu_count",
    "gpu": "metadata.gpu",
    "gpu_count": "metadata.gpu_count",
    "startedAt": "metadata.startedAt",
    "Name": "name",
    "ID": "id",
    "State": "state",
    "User": "user",
    "Host": "metadata.host",
    "host": "metadata.host",
}
"""How the table on the screen and hand-written exports name the same."""

VARIABLE_MAP: Final = {
    **SAMPLED,
    **LISTED,
    **{other: LISTED[name] for other, name in OTHER_NAMES.items()},
    "system.gpu.0.powerWatts": "system.gpu.0.powerWatts",
}

_POWER: Final = re.compile(r"^(?:system_metrics\.)?(system\.gpu\.\d+\.powerWatts(?:/l:.+)?)$")


def sniff(head: Head) -> Recognition:
    """_timestamp beside watts of GPUs, or runtime and GPUs of runs."""
    powers = _powers(head.columns)
    if "_timestamp" in head.columns and powers:
        return Recognition(0.96, f"has the columns _timestamp, {next(iter(powers))}")
    kinds = ("json", "jsonl", "text", "xlsx", "parquet")
    known = {OTHER_NAMES.get(name, name) for name in head.columns}
    found = by_columns(
        Head(head.kind, tuple(known), head.rows),
        ("summary._wandb.runtime",),
        one_of=(("metadata.gpu_count", "metadata.gpu"), ("created_at", "metadata.startedAt")),
        optional=(*LISTED, *known),
        kinds=kinds,
    )
    return Recognition(min(found.confidence, 0.94), found.reason)


def read(payload: Payload, context: Context) -> Reading:
    """Read system metrics of runs, or a table of runs.

    Args:
        payload: CSV, JSON, a workbook or Parquet.
        context: `policy.telemetry` for gaps and spans; W&B's times are UTC.

    Returns:
        Activity. System metrics: `energy_it_kwh` of each GPU by span (T3; gaps apart, T4). Runs:
        `accelerator_hours` with the last watts (T4), else with the GPU's name (T5).

    Raises:
        RefusalError: there is neither power nor a runtime with GPUs.
    """
    table = read_table(payload, VARIABLE_MAP)
    powers = _powers(table.columns)
    if "_timestamp" in table.columns and powers:
        return _samples(payload.name, table, powers, context)
    return _runs(payload.name, table, powers, context)


def _powers(columns: Iterable[str]) -> dict[str, str]:
    """Column of power -> the metric's own name."""
    return {name: match[1] for name in columns if (match := _POWER.match(name))}


def _samples(name: str, table: Table, powers: dict[str, str], context: Context) -> Reading:
    """Samples -> energy: every row of a run stands for the run's energy."""
    columns = {**SAMPLED, **dict(zip(powers, powers, strict=True))}
    sheet = sheet_of(name, table, columns, ("_timestamp",))
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
        pl.coalesce("run_id", pl.col("begin").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).alias("(run)"),
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


def _runs(name: str, table: Table, powers: dict[str, str], context: Context) -> Reading:
    """A table of runs: hours of GPUs, with the last watts where they are there."""
    columns = dict(LISTED)
    for other, known in OTHER_NAMES.items():
        if other in table.columns and known not in table.columns:
            columns.pop(known, None)
            columns[other] = LISTED[known]
    columns |= dict(zip(powers, powers, strict=True))
    sheet = sheet_of(name, table, columns, ())
    if not sheet.has("runtime_s") or not sheet.has("accelerator_count"):
        raise RefusalError(
            f"{name} tells neither watts of GPUs nor the runtime and number of GPUs of runs. "
            'Export history(stream="system") of a run, or runs with summary and metadata.'
        )
    begin = "started" if sheet.has("started") else "created"
    sheet.require([begin, "runtime_s", "accelerator_count"])
    sheet.numbers({"runtime_s": None, "accelerator_count": None, **dict.fromkeys(powers)})
    # W&B writes UTC, with and without saying so.
    sheet.instants([begin], "UTC")
    sheet.local_times = False
    sheet.frame = sheet.frame.with_columns(pl.col(begin).alias("period_start"))
    span_of_duration(sheet, "period_start", "runtime_s")
    watts = pl.mean_horizontal(*powers) if powers else pl.lit(None, pl.Float64)
    hours = pl.col("accelerator_count") * pl.col("runtime_s") / SECONDS_PER_HOUR
    named_gpu = pl.col("accelerator").is_not_null()
    frame = sheet.frame.filter(hours.is_not_null()).select(
        "row_number",
        *("period_start", "period_end", "accelerator", "accelerator_count", "host", "owner"),
        "note",
        pl.coalesce("project", "note").alias("workload"),
        pl.col("run_id").alias("resource"),
        watts.alias("average_power_w"),
        pl.lit("accelerator_hours").alias("quantity_kind"),
        hours.alias("quantity"),
        pl.lit("accelerator").alias("component"),
        pl.when(watts.is_not_null())
        .then(pl.lit("T4"))
        .when(named_gpu)
        .then(pl.lit("T5"))
        .alias("tier"),
    )
    sheet.notes.append(
        Problem(
            "A table of runs tells hours, not energy. Export the system metrics of the runs "
            '(history(stream="system")) for measured power.'
        )
    )
    started = pl.col("period_start").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    named = frame.with_columns(joined_key(NAME, "workload", pl.coalesce("resource", started)))
    return run_reading(sheet, named, NAME, context)
