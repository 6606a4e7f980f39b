"""MLflow runs with system metrics: power of GPUs, or hours where only the last value is known.

How the file is got:

* best, with histories: for every run of `MlflowClient().search_runs(...)` write a line of JSON,
  `run.to_dictionary() | {"metric_history": {key: [[m.timestamp, m.value] for m in
  client.get_metric_history(run.info.run_id, key)]}}` for its keys `system/gpu_N_power_usage_watts`;
* the pages that REST answers: `runs/search`, `metrics/get-history` (with run_id in each entry) and
  `experiments/search`, in one file, as lines or as a list;
* `mlflow.search_runs().to_csv(...)`, or `mlflow experiments csv`: last values only.

System metrics are off unless `MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING` is set. They watch every GPU of
the machine. A nested run that lies within its parent, and has the same GPUs, sees what its parent
sees, so the parent alone counts. A row is a run; its workload is its experiment.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.documents import number_of
from carbon.activity.mlflow_documents import POWER, is_kept, runs_of, samples_of
from carbon.activity.run_power import SAMPLES, energy_of
from carbon.activity.runs import run_reading
from carbon.activity.sheet import Sheet, open_sheet, sheet_of, tags
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.payload import RefusalError
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
MODEL_PARAMS: Final = ("model", "model_name", "model_name_or_path", "base_model")

_GPU: Final = re.compile(r"^system/((?:.+/)?gpu_\d+)_[a-z_]+$")


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
        Activity per run: where histories of power are there, `energy_it_kwh` of each GPU by span
        (T3; gaps apart, T4); and `accelerator_hours`, GPUs x length of the run, which carry the
        mean of the last watts (T4) where there is no history.

    Raises:
        RefusalError: no run names a GPU.
    """
    sheet, samples, gpus = _from_json(payload) if _is_json(payload) else _from_table(payload)
    if not gpus.height:
        raise RefusalError(
            f"{payload.name}: no run has a system metric of a GPU. Set "
            "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING=true before the runs, and export them with "
            "their metrics."
        )
    sheet.require(["resource", "period_start", "period_end"])
    sheet.instants(["period_start", "period_end"], context.timezone)
    sheet.reject(
        pl.col("period_end") <= pl.col("period_start"),
        "the run ends before it starts",
        "period_end",
    )
    sheet.frame = sheet.frame.join(
        gpus, on="row_number", how="left", validate="1:1", maintain_order="left"
    )
    sheet.reject(
        pl.col("accelerator_count").is_null(),
        "the run has no system metric of a GPU, so nothing tells its energy; set "
        "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING=true before a run",
    )
    _describe(sheet)
    energy = energy_of(sheet.rejections.keep(samples), context.policy.telemetry)
    _mark_nested(sheet)
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
    return sheet, pl.DataFrame(schema=SAMPLES), _gpus(rows, set())


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
                f"last sample of power: {runs.unended}. Export them again once they have ended."
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
    traced = {row for row, values in last if meters.get(row, 0) >= max(1, len(_powers(values)))}
    samples = samples.filter(pl.col("row_number").is_in(sorted(traced)))
    return sheet, samples, _gpus(last, traced)


def _powers(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if POWER.match(key)}


def _gpus(rows: list[tuple[int, dict[str, Any]]], traced: Collection[int]) -> pl.DataFrame:
    """Of each run with GPUs: how many, which, and the mean of their last watts."""
    found = []
    for row, last in rows:
        names = sorted({match[1] for key in last if (match := _GPU.match(key))})
        watts = [number_of(value) for value in _powers(last).values()]
        known = [w for w in watts if w is not None and w >= 0]
        mean = sum(known) / len(known) if known and row not in traced else None
        if names:
            found.append((row, float(len(names)), " ".join(names), mean, row in traced))
    return pl.DataFrame(
        found,
        schema={
            "row_number": pl.Int64,
            "accelerator_count": pl.Float64,
            "gpus": pl.String,
            "average_power_w": pl.Float64,
            "traced": pl.Boolean,
        },
        orient="row",
    )


def _describe(sheet: Sheet) -> None:
    """Workload, model and tags."""
    params = [f"params.{n}" for n in MODEL_PARAMS[1:] if f"params.{n}" in sheet.extra.columns]
    own = [n for n in sheet.extra.columns if _is_tag(n)]
    sheet.frame = sheet.frame.with_columns(
        pl.coalesce("experiment", pl.format("MLflow experiment {}", pl.col("experiment_id"))).alias(
            "workload"
        ),
        pl.coalesce("model", *[sheet.extra[n].alias(f"({n})") for n in params]).alias("model"),
        tags(sheet.extra.select(own)) if own else pl.lit(None, pl.String).alias("tags"),
    )


def _is_tag(column: str) -> bool:
    """Whether a column is kept as a tag: params, and tags of the user's own."""
    return column.startswith("params.") or (
        column.startswith("tags.") and is_kept(column.removeprefix("tags."))
    )


def _mark_nested(sheet: Sheet) -> None:
    """Mark runs whose parent is in the file, lasts as long or longer, and has the same GPUs."""
    good = sheet.rejections.keep(sheet.frame)
    parents = good.select(
        pl.col("resource").alias("parent"),
        pl.col("gpus").alias("(gpus)"),
        pl.col("period_start").alias("(start)"),
        pl.col("period_end").alias("(end)"),
    ).unique("parent", keep="first", maintain_order=True)
    nested = good.join(parents, on="parent", how="inner", validate="m:1").filter(
        pl.col("gpus") == pl.col("(gpus)"),
        pl.col("period_start") >= pl.col("(start)"),
        pl.col("period_end") <= pl.col("(end)"),
        pl.col("resource") != pl.col("parent"),
    )["row_number"]
    sheet.frame = sheet.frame.with_columns(
        pl.col("row_number").is_in(nested.implode()).alias("superseded_in_file")
    )
    if len(nested):
        sheet.notes.append(
            Problem(
                f"Nested runs whose parent watched the same GPUs at the same time: {len(nested)}; "
                "the parent alone counts. If they ran on other machines, export them without it.",
                row=int(nested.min()),  # type: ignore[arg-type]
            )
        )


def _components(sheet: Sheet, energy: pl.DataFrame) -> pl.DataFrame:
    """Energy of traced GPUs, and hours of all."""
    shared = (
        *("row_number", "superseded_in_file", "workload", "model", "owner", "resource"),
        *("tags", "note"),
    )
    hours = (pl.col("period_end") - pl.col("period_start")).dt.total_microseconds() / 1e6
    watts = pl.col("average_power_w")
    whole = sheet.frame.filter(pl.col("accelerator_count").is_not_null())
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
        *("period_start", "period_end", "accelerator_count", "average_power_w"),
        pl.lit("accelerator_hours").alias("quantity_kind"),
        (pl.col("accelerator_count") * hours / SECONDS_PER_HOUR).alias("quantity"),
        pl.lit("accelerator").alias("component"),
        pl.when(watts.is_not_null()).then(pl.lit("T4")).alias("tier"),
    )
    metered = energy.join(
        whole.select(shared), on="row_number", how="inner", validate="m:1"
    ).with_columns(
        pl.lit("energy_it_kwh").alias("quantity_kind"),
        pl.lit("board").alias("boundary"),
        pl.lit(1.0).alias("accelerator_count"),
    )
    return pl.concat([counted, metered], how="diagonal")
