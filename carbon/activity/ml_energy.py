"""ML.ENERGY benchmark results: measured energy of a benchmark run, with its requests and tokens.

How the file is got: the benchmark of https://github.com/ml-energy/benchmark writes a `results.json`
per configuration; several may stand in one file, one a line or as a list. Its keys are not
documented, so any of them may be missing.

Only a run of one's own is use. Figures per token, per image or per request, and the leaderboard's
tables of them, are reference values of somebody else's run: they say how much a request *would*
use, so a record that has no more than those is not taken.

Energy is in Joules, of the GPUs: of the entire benchmark where the record has it, else of its
steady state, which is a part of it. `date` is when the run ended.
"""

from typing import Any, Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.documents import document_sheet, inner_rows, pick
from carbon.activity.runs import run_reading, span_of_duration, stamp
from carbon.activity.sheet import Sheet
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.payload import RefusalError
from carbon.tables.recognition import THRESHOLD, by_columns
from carbon.tables.records import Entry
from carbon.units import J_PER_KWH, SECONDS_PER_HOUR

NAME: Final = "ml-energy"
TITLE: Final = "ML.ENERGY benchmark results (JSON)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("date", "model_id", "completed", "duration", "steady_state_energy")

VARIABLE_MAP: Final = {
    "date": "period_end",
    "model_id": "model",
    "gpu_model": "accelerator",
    "num_gpus": "accelerator_count",
    "completed": "requests",
    "total_input_tokens": "input_tokens",
    "total_output_tokens": "output_tokens",
    "duration": "duration_s",
    "steady_state_duration": "steady_s",
    "steady_state_energy": "steady_j",
    "(whole energy)": "whole_j",
    "(whole time)": "whole_s",
    "task": "task",
    "backend": "backend",
}
"""The two in brackets are picked out of `entire_benchmark_measurement`."""

REFERENCE: Final = (
    "steady_state_energy_per_token",
    "energy_per_token_joules",
    "energy_per_request_joules",
    "Energy per image (J)",
    "Batch energy (J)",
    "Energy per request (J)",
    "configurations.energy_per_token_joules",
    "configurations.energy_per_request_joules",
)
"""Figures per unit: reference values, no use."""

WHOLE: Final = "entire_benchmark_measurement"
COUNTS: Final = ("requests", "input_tokens", "output_tokens")
NUMBERS: Final = (
    *("accelerator_count", "duration_s", "steady_s", "steady_j", "whole_j", "whole_s"),
)


def sniff(head: Head) -> Recognition:
    """Energy of the steady state or of the benchmark, or figures per token or request."""
    whole = tuple(name for name in head.columns if name.startswith(f"{WHOLE}."))
    energies = ("steady_state_energy", *whole, *REFERENCE)
    models = ("model_id", "Model", "configurations.model_id")
    found = by_columns(
        head,
        (),
        one_of=(models, energies),
        optional=(*models, *energies, *VARIABLE_MAP, *head.columns),
        kinds=("json", "jsonl"),
    )
    if found.confidence < THRESHOLD:
        return found
    return Recognition(0.93, "has a model and energy of a benchmark")


def read(payload: Payload, context: Context) -> Reading:
    """Read results of benchmark runs.

    Args:
        payload: one result, an array or lines of them.
        context: zone of local times.

    Returns:
        Activity of tier T3, boundary board: `energy_it_kwh` of the accelerators (J / 3.6e6),
        `accelerator_hours`, requests and tokens; lifecycle development.

    Raises:
        RefusalError: the file holds reference figures alone.
    """
    sheet = _open(payload)
    sheet.require(["period_end"])
    sheet.numbers(dict.fromkeys((*COUNTS, *NUMBERS)))
    sheet.frame = sheet.frame.with_columns(
        pl.coalesce("whole_j", "steady_j").alias("joules"),
        pl.coalesce("duration_s", "whole_s", "steady_s").alias("duration_s"),
    )
    sheet.reject(
        pl.col("joules").is_null()
        & pl.col("steady_j (raw)").is_null()
        & pl.col("whole_j (raw)").is_null(),
        "the record states no energy of a run; figures per token or request are reference values",
    )
    sheet.reject(
        pl.col("duration_s").is_null() & pl.col("duration_s (raw)").is_null(),
        "the record states no duration",
        "duration_s",
    )
    sheet.instants(["period_end"], context.timezone)
    span_of_duration(sheet, "period_end")
    _note_steady(sheet)
    key = joined_key(NAME, "model", "task", "accelerator", stamp("period_end"))
    frame = _components(sheet).with_columns(key).drop("task")
    return run_reading(sheet, frame, NAME, context)


def _open(payload: Payload) -> Sheet:
    rows = [
        item if item.value is None else Entry(item.row, _slim(item.value), item.fault, item.text)
        for item in inner_rows(payload, lambda _: None)
    ]
    taken = [item for item in rows if item.value and _measured(item.value)]
    if not taken:
        raise RefusalError(
            f"{payload.name} holds reference figures of a benchmark (energy per token, image or "
            "request), which are no use of yours. Import the results.json of your own run."
        )
    return document_sheet(payload, rows, VARIABLE_MAP)


def _slim(record: dict[str, Any]) -> dict[str, Any]:
    """The known keys alone: results also hold every request's answer."""
    slim: dict[str, Any] = {name: record.get(name) for name in VARIABLE_MAP if name in record}
    gpus = pick(record, f"{WHOLE}.gpu_energy")
    joules = list(gpus.values()) if isinstance(gpus, dict) else []
    if joules and all(isinstance(j, int | float) and not isinstance(j, bool) for j in joules):
        slim["(whole energy)"] = sum(joules)
        slim.setdefault("num_gpus", len(joules))
    slim["(whole time)"] = pick(record, f"{WHOLE}.time")
    date = slim.get("date")
    if isinstance(date, str) and len(date) == len("20250801-123456") and date[8:9] == "-":
        hour, minute, second = date[9:11], date[11:13], date[13:15]
        slim["date"] = f"{date[:4]}-{date[4:6]}-{date[6:8]} {hour}:{minute}:{second}"
    slim.setdefault("model_id", None)
    return {k: v for k, v in slim.items() if not isinstance(v, dict | list)}


def _measured(record: dict[str, Any]) -> bool:
    return any(record.get(name) is not None for name in ("steady_state_energy", "(whole energy)"))


def _note_steady(sheet: Sheet) -> None:
    partly = sheet.rejections.keep(sheet.frame).filter(pl.col("whole_j").is_null())
    if partly.height:
        sheet.notes.append(
            Problem(
                "Records with the energy of the steady state alone, without warm-up and ramp-down: "
                f"{partly.height}.",
                row=int(partly["row_number"][0]),
                column="steady_state_energy",
            )
        )


def _components(sheet: Sheet) -> pl.DataFrame:
    hours = pl.col("accelerator_count") * pl.col("duration_s") / SECONDS_PER_HOUR
    parts = [
        ("energy_it_kwh", pl.col("joules") / J_PER_KWH, "accelerator"),
        ("accelerator_hours", hours, "accelerator"),
        *[(kind, pl.col(kind), None) for kind in COUNTS],
    ]
    return pl.concat(
        sheet.frame.filter(quantity.is_not_null()).select(
            *("row_number", "model", "task", "period_start", "period_end"),
            *("accelerator", "accelerator_count"),
            pl.col("model").alias("workload"),
            pl.lit("development").alias("lifecycle"),
            pl.lit(kind).alias("quantity_kind"),
            quantity.alias("quantity"),
            pl.lit(component, pl.String).alias("component"),
            pl.lit("board" if kind == "energy_it_kwh" else None, pl.String).alias("boundary"),
            pl.lit("T3" if kind == "energy_it_kwh" else None, pl.String).alias("tier"),
        )
        for kind, quantity, component in parts
    )
