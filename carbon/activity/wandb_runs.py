"""Weights & Biases: runs, which tell energy where their samples stand beside them, else hours.

How the file is got:

* `carbon sync wandb --entity … --project …`, which asks the server and keeps what it answers;
* a line of JSON each with `id`, `name`, `project`, `state`, `created_at`, `summary`, `config`,
  `metadata` and `system_metrics` of `wandb.Api().runs("entity/project")`, and in `system_history`
  the list that `run.history(stream="system", samples=100000, pandas=False)` gives;
* the CSV of the table of runs on the screen.

Samples of power become energy. Without them hours are runtime x GPUs, with the last watts where
they are there. A run without a GPU gives hours of its processors, whose number the agent writes
down, at the use that was sampled; else its length alone. System metrics of single runs, imported
as such, count before the hours here. Runs of a sweep are trials of a search.
"""

from typing import Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.run_ends import of_search, run_status
from carbon.activity.run_power import SAMPLES, energy_of
from carbon.activity.run_processors import (
    count_columns,
    note_processors,
    processor_rows,
    processors,
)
from carbon.activity.runs import run_reading, span_of_duration
from carbon.activity.sheet import Sheet, sheet_of, tags
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.activity.wandb_history import HISTORY, histories_of, no_histories
from carbon.activity.wandb_system import powers_of
from carbon.tables import Table, read_table
from carbon.tables.payload import RefusalError
from carbon.tables.recognition import by_columns
from carbon.tables.records import table_of
from carbon.units import SECONDS_PER_HOUR

NAME: Final = "wandb-runs"
TITLE: Final = "Weights & Biases table of runs"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("id", "created_at", "summary._wandb.runtime", "metadata.gpu_count")

COLUMNS: Final = {
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
    "heartbeat_at": "heartbeat",
    "sweep": "sweep",
}
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
    "Sweep": "sweep",
    "sweepName": "sweep",
    "host": "metadata.host",
}
"""How the table on the screen and hand-written exports name the same."""

VARIABLE_MAP: Final = {
    **COLUMNS,
    **{other: COLUMNS[name] for other, name in OTHER_NAMES.items()},
}


MODEL: Final = ("model", "model_name", "model_name_or_path", "base_model")
BATCH: Final = ("batch_size", "per_device_train_batch_size", "train_batch_size")
"""Settings that state the model and the batch, the first that does."""

OTHER: Final = "other: "
"""Stands before the file's own column names beside those of the house."""

KEPT: Final = ("config.", "group", "job_type", "sweep")
"""Columns, or beginnings of their names, that are kept as tags."""

MACHINE: Final = (
    *("metadata.gpu_count", "metadata.gpu", "metadata.host"),
    *("metadata.cpu_count", "metadata.cpu_count_logical"),
)

LOG_COUNT: Final = 'Log it: wandb.config["cpu_count"] = os.cpu_count().'


def sniff(head: Head) -> Recognition:
    """Runtime and machine of runs; or runs with their samples beside them."""
    if head.kind in ("json", "jsonl") and {"id", "created_at", "state"} <= set(head.columns):
        sampled = [name for name in head.columns if name.startswith(HISTORY)]
        if sampled:
            return Recognition(0.96, f"has runs with id, state, created_at and {HISTORY}")
    known = {OTHER_NAMES.get(name, name) for name in head.columns}
    found = by_columns(
        Head(head.kind, tuple(known), head.rows),
        ("summary._wandb.runtime",),
        one_of=(MACHINE, ("created_at", "metadata.startedAt")),
        optional=(*COLUMNS, *known),
        kinds=("json", "jsonl", "text", "xlsx", "parquet"),
    )
    return Recognition(min(found.confidence, 0.94), found.reason)


def read(payload: Payload, context: Context) -> Reading:
    """Read runs of Weights & Biases.

    Args:
        payload: CSV, JSON, a workbook or Parquet.
        context: `policy.telemetry` for gaps and spans; W&B's times are UTC.

    Returns:
        Activity. Of runs with GPUs `energy_it_kwh` of each by span, where power was sampled (T3;
        gaps apart, T4), and `accelerator_hours`, otherwise with the mean of the last watts (T4, of
        boards), else with the GPU's name (T5). Of other runs what
        `run_processors.processor_rows` gives.

    Raises:
        RefusalError: nothing tells how long the runs lasted.
    """
    table, power, seen = _tables(payload)
    sheet, powers = _sheet(payload.name, table)
    sheet.frame = sheet.frame.join(
        seen, on="row_number", how="left", validate="1:1", maintain_order="left"
    )
    if not sheet.has("runtime_s") and not sheet.has("heartbeat") and seen.is_empty():
        raise RefusalError(
            f"{payload.name} tells neither watts of GPUs nor the runtime of runs. "
            'Export history(stream="system") of a run, or runs with summary and metadata.'
        )
    _period(sheet, powers)
    _describe(sheet, powers)
    energy = energy_of(sheet.rejections.keep(power), context.policy.telemetry)
    frame = _components(sheet, energy)
    if energy.is_empty():
        sheet.notes.append(
            Problem(
                "A table of runs tells hours, not energy. Export the system metrics of the runs "
                '(history(stream="system")) for measured power.'
            )
        )
    started = pl.col("(started)").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    history = pl.when(pl.col("quantity_kind") == "energy_it_kwh").then(pl.lit("history"))
    run = pl.concat_str(pl.coalesce("resource", started), history, separator="|", ignore_nulls=True)
    named = frame.with_columns(joined_key(NAME, "workload", run)).drop("(started)")
    return run_reading(sheet, named, NAME, context)


def _tables(payload: Payload) -> tuple[Table, pl.DataFrame, pl.DataFrame]:
    """The table of runs, their samples of power, and what was sampled beside."""
    if payload.kind not in ("json", "jsonl"):
        return read_table(payload, VARIABLE_MAP), pl.DataFrame(schema=SAMPLES), no_histories()
    found = histories_of(payload)
    return table_of(payload.name, found.entries, payload.corrections), found.power, found.seen


def _sheet(name: str, table: Table) -> tuple[Sheet, list[str]]:
    """The runs under house names, and the columns of their last watts."""
    powers = list(powers_of(table.columns))
    columns = dict(COLUMNS)
    for other, known in OTHER_NAMES.items():
        if other in table.columns and known not in table.columns:
            columns.pop(known, None)
            columns[other] = COLUMNS[known]
    columns |= dict(zip(powers, powers, strict=True))
    return sheet_of(name, table, columns, ()), powers


def _period(sheet: Sheet, powers: list[str]) -> None:
    """When each run began and ended: after its runtime; else with its last sample or heartbeat."""
    begin = "started" if sheet.has("started") else "created"
    sheet.require([begin])
    sheet.numbers({"runtime_s": None, "accelerator_count": None, **dict.fromkeys(powers)})
    # W&B writes UTC, with and without saying so.
    sheet.instants([begin, "heartbeat"], "UTC")
    sheet.local_times = False
    alive = (pl.col("heartbeat") - pl.col(begin)).dt.total_microseconds() / 1e6
    unstated = pl.col("runtime_s (raw)").is_null()
    sheet.frame = sheet.frame.with_columns(
        pl.col(begin).alias("period_start"),
        pl.when(unstated)
        .then(pl.coalesce("seen_s", pl.when(alive > 0).then(alive)))
        .otherwise("runtime_s")
        .alias("runtime_s"),
    )
    sheet.reject(
        pl.col("runtime_s").is_null() & unstated,
        "nothing tells how long the run lasted: no runtime, sample or heartbeat",
        "runtime_s",
    )
    span_of_duration(sheet, "period_start", "runtime_s")


def _describe(sheet: Sheet, powers: list[str]) -> None:
    """Workload, model, tags, how each run ended, and its machine."""
    # A column of the file's own may bear a house name.
    others = sheet.extra.rename(lambda name: OTHER + name)
    extra = others.columns
    kept = [name for name in sheet.extra.columns if name.startswith(KEPT)]
    # The logical processors first; the machine's `cpu_count` may be of physical ones.
    logical = [name for name in extra if name == f"{OTHER}metadata.cpu_count_logical"]
    stated = count_columns(extra, (f"{OTHER}config.", f"{OTHER}metadata.", OTHER))
    wide = pl.concat([sheet.frame, others], how="horizontal")
    size = pl.coalesce(*_settings(extra, BATCH), pl.lit(None, pl.String))
    batch = size.cast(pl.Float64, strict=False)
    watched = pl.col("powered").cast(pl.Float64)
    gpus = pl.coalesce(
        *(pl.when(count > 0).then(count) for count in (pl.col("accelerator_count"), watched)),
        # An old export names the GPU, and states watts of each.
        pl.when(pl.any_horizontal(pl.col(p).is_not_null() for p in powers)).then(
            pl.sum_horizontal(pl.col(p).is_not_null() for p in powers).cast(pl.Float64)
        )
        if powers
        else pl.lit(None, pl.Float64),
    )
    wide = wide.with_columns(
        tags(sheet.extra.select(kept)) if kept else pl.lit(None, pl.String).alias("tags"),
        processors([*logical, "cores", *stated]),
        run_status(sheet.frame["state"]),
        workload=pl.coalesce("project", "note"),
        resource=pl.col("run_id"),
        model=pl.coalesce(*_settings(extra, MODEL), pl.lit(None, pl.String)),
        batch_size=pl.when(batch > 0, batch.is_finite()).then(batch),
        accelerator_count=gpus,
    ).with_columns(run_status=of_search(pl.col("run_status"), pl.col("sweep").is_not_null()))
    watts = pl.mean_horizontal(*powers) if powers else pl.lit(None, pl.Float64)
    traced = pl.col("powered").fill_null(0) > 0
    sheet.frame = wide.with_columns(average_power_w=pl.when(~traced).then(watts)).drop(extra)
    unstated = pl.col("accelerator_count").is_null() & pl.col("accelerator_count (raw)").is_null()
    sheet.reject(
        pl.col("accelerator").is_not_null() & unstated,
        "the run names its GPU, and not how many it had",
        "accelerator_count",
    )


def _settings(columns: list[str], names: tuple[str, ...]) -> list[str]:
    """Of these columns the settings of one of these names, by their order."""
    return [own for name in names if (own := f"{OTHER}config.{name}") in columns]


def _components(sheet: Sheet, energy: pl.DataFrame) -> pl.DataFrame:
    """Energy of sampled GPUs, hours of all GPUs, and what runs without any used."""
    shared = (
        *("row_number", "workload", "model", "owner", "resource", "host", "run_status"),
        *("batch_size", "tags", "note", pl.col("period_start").alias("(started)")),
    )
    period = ("period_start", "period_end")
    hours = pl.col("runtime_s") / SECONDS_PER_HOUR
    gpus, watts = pl.col("accelerator_count").is_not_null(), pl.col("average_power_w")
    whole = sheet.frame.filter(gpus, hours.is_not_null())
    counted = whole.select(
        *shared,
        *period,
        *("accelerator", "accelerator_count", "average_power_w"),
        pl.lit("accelerator_hours").alias("quantity_kind"),
        (pl.col("accelerator_count") * hours).alias("quantity"),
        pl.lit("accelerator").alias("component"),
        pl.when(watts.is_not_null())
        .then(pl.lit("T4"))
        .when(pl.col("accelerator").is_not_null())
        .then(pl.lit("T5"))
        .alias("tier"),
        # The GPUs' own sensors see neither host nor fans.
        pl.when(watts.is_not_null()).then(pl.lit("board")).alias("boundary"),
    )
    metered = energy.join(
        whole.select(*shared, "accelerator"), on="row_number", how="inner", validate="m:1"
    ).with_columns(
        pl.lit("energy_it_kwh").alias("quantity_kind"),
        pl.lit("board").alias("boundary"),
        pl.lit(1.0).alias("accelerator_count"),
    )
    without = sheet.rejections.keep(sheet.frame.filter(~gpus))
    note_processors(sheet, without, LOG_COUNT)
    used = processor_rows(without.select(*shared, *period, "cpu_count", "utilisation", "memory_gb"))
    return pl.concat([counted, metered, used], how="diagonal")
