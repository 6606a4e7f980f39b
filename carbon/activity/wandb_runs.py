"""Weights & Biases: a table of runs, which tells hours of GPUs.

How the file is got: a line of JSON each with `id`, `name`, `project`, `created_at`, `summary`,
`metadata` and `system_metrics` of `wandb.Api().runs("entity/project")`, or the CSV of the table of
runs on the screen.

Hours are runtime x GPUs, with the last watts where they are there. Measured energy needs the system
metrics of the runs (`wandb_system`); where both were imported, those count.
"""

from typing import Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.runs import run_reading, span_of_duration
from carbon.activity.sheet import sheet_of
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.activity.wandb_system import powers_of
from carbon.tables import read_table
from carbon.tables.payload import RefusalError
from carbon.tables.recognition import by_columns
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
    "host": "metadata.host",
}
"""How the table on the screen and hand-written exports name the same."""

VARIABLE_MAP: Final = {
    **COLUMNS,
    **{other: COLUMNS[name] for other, name in OTHER_NAMES.items()},
}


def sniff(head: Head) -> Recognition:
    """Runtime and GPUs of runs."""
    known = {OTHER_NAMES.get(name, name) for name in head.columns}
    found = by_columns(
        Head(head.kind, tuple(known), head.rows),
        ("summary._wandb.runtime",),
        one_of=(("metadata.gpu_count", "metadata.gpu"), ("created_at", "metadata.startedAt")),
        optional=(*COLUMNS, *known),
        kinds=("json", "jsonl", "text", "xlsx", "parquet"),
    )
    return Recognition(min(found.confidence, 0.94), found.reason)


def read(payload: Payload, context: Context) -> Reading:
    """Read a table of runs.

    Args:
        payload: CSV, JSON, a workbook or Parquet.
        context: of which only the evidence id is used; W&B's times are UTC.

    Returns:
        Activity: `accelerator_hours` with the mean of the last watts (T4), else with the GPU's
        name (T5).

    Raises:
        RefusalError: there is no runtime, or no number of GPUs.
    """
    table = read_table(payload, VARIABLE_MAP)
    powers = powers_of(table.columns)
    columns = dict(COLUMNS)
    for other, known in OTHER_NAMES.items():
        if other in table.columns and known not in table.columns:
            columns.pop(known, None)
            columns[other] = COLUMNS[known]
    columns |= dict(zip(powers, powers, strict=True))
    sheet = sheet_of(payload.name, table, columns, ())
    if not sheet.has("runtime_s") or not sheet.has("accelerator_count"):
        raise RefusalError(
            f"{payload.name} tells neither watts of GPUs nor the runtime and number of GPUs. "
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
