"""MLflow runs with system metrics: power of GPUs, else hours of GPUs, processors or the clock.

How the file is got:

* `carbon sync mlflow --url …`, which asks the tracking server and keeps what it answers;
* for every run of `MlflowClient().search_runs(...)` a line of JSON,
  `run.to_dictionary() | {"metric_history": {key: [[m.timestamp, m.value] for m in
  client.get_metric_history(run.info.run_id, key)]}}` for its keys `system/gpu_N_power_usage_watts`,
  `system/cpu_utilization_percentage` and `system/system_memory_usage_megabytes`;
* the pages that REST answers: `runs/search`, `metrics/get-history` (with run_id in each entry) and
  `experiments/search`, in one file, as lines or as a list;
* `mlflow.search_runs().to_csv(...)`, or `mlflow experiments csv`: last values only.

System metrics are off unless `MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING` is set. They watch every GPU
and all processors of the machine: of nested runs that watched the same the parent alone counts,
and a parent that watched nothing leaves the figures to its children. Children with the same params
and different values are trials of a search. A run without a GPU gives hours of its processors
where a param or tag states how many there are (`cpu_count`), and else its length alone. A row is a
run; its workload is its experiment.
"""

from typing import Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.mlflow_documents import is_kept, runs_of, samples_of
from carbon.activity.mlflow_metrics import machine_metrics, powers_of
from carbon.activity.mlflow_nesting import mark_nested, with_searches
from carbon.activity.run_ends import run_status
from carbon.activity.run_power import SAMPLES, energy_of
from carbon.activity.run_processors import (
    count_columns,
    note_processors,
    processor_rows,
    processors,
)
from carbon.activity.runs import run_reading
from carbon.activity.sheet import Sheet, open_sheet, sheet_of, tags
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.recognition import by_columns
from carbon.tables.records import table_of
from carbon.units import SECONDS_PER_HOUR

NAME: Final = "mlflow-runs"
TITLE: Final = "MLflow runs with system metrics"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = (
    "run_id",
    "start_time",
    "end_time",
    "metrics.system/gpu_0_power_usage_watts",
)

VARIABLE_MAP: Final = {
    "run_id": "resource",
    "experiment_id": "experiment_id",
    "experiment_name": "experiment",
    "status": "status",
    "start_time": "period_start",
    "end_time": "period_end",
    "tags.mlflow.runName": "note",
    "tags.mlflow.user": "owner",
    "tags.mlflow.parentRunId": "parent",
    "tags.mlflow.source.name": "source_name",
    "tags.mlflow.project.entryPoint": "entry_point",
    "artifact_uri": "artifact_uri",
    "params.model": "model",
}
"""Names of `search_runs`; a run as JSON is brought under them."""

REQUIRED: Final = ("run_id", "start_time", "end_time")
PREFIXES: Final = ("metrics.", "params.", "tags.")
OWN_PREFIXES: Final = ("params.", "tags.")
STATED: Final = {
    "host": ("host", "hostname", "node"),
    "run_status": ("run_status",),
    "batch_size": ("batch_size", "per_device_train_batch_size", "train_batch_size"),
}
"""House name -> the params or tags that state it, the first that does."""

MODEL_PARAMS: Final = ("model", "model_name", "model_name_or_path", "base_model")

LOG_COUNT: Final = 'Log it: mlflow.log_param("cpu_count", os.cpu_count()).'


def sniff(head: Head) -> Recognition:
    """run_id with start and end, and metrics or params, as a table or as REST answers them."""
    names = {name.removeprefix("runs.") for name in head.columns}
    if head.kind in ("json", "jsonl"):
        if {"info.run_id", "info.start_time"} <= names or {"info.run_uuid"} <= names:
            return Recognition(0.95, "has runs with info and data")
        if {"metrics.key", "metrics.run_id", "metrics.timestamp"} <= names:
            return Recognition(0.9, "has pages of metric histories")
        return Recognition(0.0, "also needs info.run_id and info.start_time")
    prefixed = tuple(name for name in head.columns if name.startswith(PREFIXES))
    return by_columns(
        head,
        REQUIRED,
        one_of=(prefixed or ("metrics.*", "params.*"),),
        optional=(*VARIABLE_MAP, *prefixed),
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read runs of MLflow.

    Args:
        payload: runs as JSON, or as a table.
        context: zone of local times in a table; `policy.telemetry` for gaps and spans.

    Returns:
        Activity per run. With GPUs: where histories of power are there, `energy_it_kwh` of each GPU
        by span (T3; gaps apart, T4); and `accelerator_hours`, GPUs x length of the run, which carry
        the mean of the last watts (T4, of boards) where there is no history. Without: as
        `run_processors.processor_rows` gives it.

    Raises:
        RefusalError: the file holds no run.
    """
    sheet, samples, metrics = _from_json(payload) if _is_json(payload) else _from_table(payload)
    sheet.require(["resource", "period_start", "period_end"])
    sheet.instants(["period_start", "period_end"], context.timezone)
    sheet.reject(
        pl.col("period_end") <= pl.col("period_start"),
        "the run ends before it starts",
        "period_end",
    )
    sheet.frame = sheet.frame.join(
        metrics, on="row_number", how="left", validate="1:1", maintain_order="left"
    )
    _describe(sheet)
    energy = energy_of(sheet.rejections.keep(samples), context.policy.telemetry)
    mark_nested(sheet)
    frame = _components(sheet, energy)
    # A later table of the same runs has no histories: it takes the place of their hours alone.
    history = pl.when(pl.col("quantity_kind") == "energy_it_kwh").then(pl.lit("history"))
    key = joined_key(NAME, pl.concat_str("resource", history, separator="|", ignore_nulls=True))
    return run_reading(sheet, frame.with_columns(key), NAME, context)


def _is_json(payload: Payload) -> bool:
    return payload.kind in ("json", "jsonl")


def _from_table(payload: Payload) -> tuple[Sheet, pl.DataFrame, pl.DataFrame]:
    """A table of `search_runs`: no histories, last values."""
    sheet = open_sheet(payload, VARIABLE_MAP, REQUIRED)
    last = {
        name.removeprefix("metrics."): name
        for name in sheet.extra.columns
        if name.startswith("metrics.system/")
    }
    values = sheet.extra.with_columns(row_number=sheet.frame["row_number"])
    rows = [
        (int(row["row_number"]), {key: row[name] for key, name in last.items() if row[name]})
        for row in values.select("row_number", *last.values()).iter_rows(named=True)
    ]
    return sheet, pl.DataFrame(schema=SAMPLES), machine_metrics(rows, {}, set())


def _from_json(payload: Payload) -> tuple[Sheet, pl.DataFrame, pl.DataFrame]:
    """Runs as JSON, with their histories where they are there."""
    runs = runs_of(payload)
    sheet = sheet_of(
        payload.name,
        table_of(payload.name, runs.entries, payload.corrections),
        VARIABLE_MAP,
        REQUIRED,
    )
    if runs.unended:
        sheet.notes.append(
            Problem(
                "Runs that state no end (still running, or killed) were taken to end with their "
                f"last sample: {runs.unended}. Export them again once they have ended."
            )
        )
    samples, lost = samples_of(runs.histories)
    if lost:
        sheet.notes.append(Problem(f"Points of power histories without a moment: {lost}."))
    last = [
        (row, dict.fromkeys(traces) | values)
        for (row, values), (_, traces) in zip(runs.last, runs.histories, strict=True)
    ]
    steps = samples.group_by("row_number", "sku").len().filter(pl.col("len") > 1)
    meters = dict(steps.group_by("row_number").len().iter_rows())
    # A run of which only some GPUs have a history is taken by its last watts as a whole.
    traced = {row for row, values in last if meters.get(row, 0) >= max(1, len(powers_of(values)))}
    samples = samples.filter(pl.col("row_number").is_in(sorted(traced)))
    return sheet, samples, machine_metrics(last, dict(runs.histories), traced)


def _describe(sheet: Sheet) -> None:
    """Workload, model, tags, what params and tags state, and how each run ended."""
    own = [name for name in sheet.extra.columns if _is_tag(name)]
    params = [name for name in own if name.startswith("params.")]
    models = [name for name in (f"params.{n}" for n in MODEL_PARAMS[1:]) if name in params]
    wide = pl.concat([sheet.frame, sheet.extra.select(own)], how="horizontal")
    stated = {
        house: pl.coalesce(*_named(own, names), pl.lit(None, pl.String))
        for house, names in STATED.items()
    }
    wide = wide.with_columns(expr.alias(f"({house})") for house, expr in stated.items())
    size = pl.col("(batch_size)").cast(pl.Float64, strict=False)
    wide = wide.with_columns(
        pl.coalesce("experiment", pl.format("MLflow experiment {}", pl.col("experiment_id"))).alias(
            "workload"
        ),
        tags(sheet.extra.select(own)) if own else pl.lit(None, pl.String).alias("tags"),
        processors(count_columns(own, OWN_PREFIXES)),
        host="(host)",
        batch_size=pl.when(size > 0, size.is_finite()).then(size),
        run_status=run_status(wide["status"]),
        stated_status=run_status(wide["(run_status)"]),
    )
    ended = with_searches(wide, [*params, "model"])
    wide = wide.with_columns(
        model=pl.coalesce("model", *models), run_status=pl.coalesce("stated_status", ended)
    )
    sheet.frame = wide.drop(own)


def _named(columns: list[str], names: tuple[str, ...]) -> list[str]:
    """Of these columns those that are a param or tag of one of these names, by their order."""
    return [p + name for name in names for p in OWN_PREFIXES if p + name in columns]


def _is_tag(column: str) -> bool:
    """Whether a column is kept as a tag: params, and tags of the user's own."""
    return column.startswith("params.") or (
        column.startswith("tags.") and is_kept(column.removeprefix("tags."))
    )


def _components(sheet: Sheet, energy: pl.DataFrame) -> pl.DataFrame:
    """Energy of traced GPUs, hours of all GPUs, and what runs without any used."""
    shared = (
        *("row_number", "superseded_in_file", "workload", "model", "owner", "resource"),
        *("run_status", "batch_size", "host", "tags", "note"),
    )
    period = ("period_start", "period_end")
    hours = (pl.col("period_end") - pl.col("period_start")).dt.total_microseconds() / 1e6
    watts = pl.col("average_power_w")
    gpus = pl.col("accelerator_count").is_not_null()
    whole = sheet.frame.filter(gpus)
    last = sheet.rejections.keep(whole).filter(watts.is_not_null()).height
    if last:
        sheet.notes.append(
            Problem(
                "Runs without a history of power, whose last watts stand for the whole run: "
                f"{last}. Export metric_history for a measured figure."
            )
        )
    counted = whole.select(
        *shared,
        *period,
        *("accelerator_count", "average_power_w"),
        pl.lit("accelerator_hours").alias("quantity_kind"),
        (pl.col("accelerator_count") * hours / SECONDS_PER_HOUR).alias("quantity"),
        pl.lit("accelerator").alias("component"),
        pl.when(watts.is_not_null()).then(pl.lit("T4")).alias("tier"),
        # The GPUs' own sensors see neither host nor fans.
        pl.when(watts.is_not_null()).then(pl.lit("board")).alias("boundary"),
    )
    metered = energy.join(
        whole.select(shared), on="row_number", how="inner", validate="m:1"
    ).with_columns(
        pl.lit("energy_it_kwh").alias("quantity_kind"),
        pl.lit("board").alias("boundary"),
        pl.lit(1.0).alias("accelerator_count"),
    )
    without = sheet.rejections.keep(sheet.frame.filter(~gpus))
    note_processors(sheet, without.filter(~pl.col("superseded_in_file")), LOG_COUNT)
    used = processor_rows(without.select(*shared, *period, "cpu_count", "utilisation", "memory_gb"))
    return pl.concat([counted, metered, used], how="diagonal")
