"""Slurm's accounting: `sacct -a -P --noconvert -o JobIDRaw,…,AllocTRES,ConsumedEnergyRaw,NodeList`.

A job stands in several lines, its own and one a step (`48213.batch`, `48213.0`). Energy [J] is that
of the node, and normally stands on the steps: that of the job's own line counts where there is one,
else the sum of its steps without `.extern`, which sees the whole job again. 0, blank and the
numbers by which Slurm means *no value* are not measured; then the job's GPU-hours remain.
"""

import re
from typing import Final

import polars as pl

from carbon.activity.accept import activity_reading, joined_key
from carbon.activity.run_ends import run_status
from carbon.activity.sheet import Sheet, open_sheet
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.recognition import by_columns
from carbon.units import J_PER_KWH, SECONDS_PER_HOUR

NAME: Final = "slurm-sacct"
TITLE: Final = "Slurm sacct (pipe-separated)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("JobIDRaw", "Start", "ElapsedRaw", "AllocTRES", "ConsumedEnergyRaw")

VARIABLE_MAP: Final = {
    "JobIDRaw": "step_raw",
    "JobID": "step",
    "JobName": "job_name",
    "User": "owner",
    "Account": "account",
    "Partition": "partition",
    "Cluster": "cluster",
    "State": "state",
    "Start": "period_start",
    "End": "period_end",
    "ElapsedRaw": "elapsed_s",
    "AllocTRES": "tres",
    "ConsumedEnergyRaw": "energy_j",
    "NodeList": "host",
    # Asked for often, and read by nobody.
    "Elapsed": "elapsed",
    "ConsumedEnergy": "consumed_energy",
    "ReqTRES": "requested_tres",
    "AllocNodes": "alloc_nodes",
    "AllocCPUS": "alloc_cpus",
    "NCPUS": "ncpus",
    "NNodes": "nnodes",
    "Submit": "submit",
    "ExitCode": "exit_code",
    "QOS": "qos",
    "WorkDir": "work_dir",
}

REQUIRED: Final = ("Start", "ElapsedRaw")
_IDS: Final = ("JobIDRaw", "JobID")
_QUANTITIES: Final = ("AllocTRES", "ConsumedEnergyRaw")

_NOT_STARTED: Final = ("unknown", "none", "")
_NO_VALUES: Final = (0.0, *(2.0**32 - n for n in range(1, 4)), 2.0**63, 2.0**64)
"""Slurm's 0, NO_VAL, INFINITE and their neighbours in 32 and 64 bits: not measured."""

_GPUS: Final = r"(?:^|,)gres/gpu=(\d+)"
_TYPED: Final = r"(?:^|,)gres/gpu:([^=,]+)=(\d+)"
_CPUS: Final = r"(?:^|,)cpu=(\d+)"
_EXTERN: Final = ".extern"


def sniff(head: Head) -> Recognition:
    """Columns Start and ElapsedRaw, a job's id, and what it used."""
    return by_columns(
        head, REQUIRED, one_of=(_IDS, _QUANTITIES), optional=tuple(VARIABLE_MAP), kinds=("text",)
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read jobs of Slurm.

    Args:
        payload: the table, with or without a pipe at the end of each line.
        context: zone of its local times.

    Returns:
        For each job `energy_it_kwh` of its nodes (T2) where it was measured, and
        `accelerator_hours` = GPUs x elapsed time; without GPUs `vcpu_hours`. A job stands for its
        own line and those of its steps, and says how it ended.

    Raises:
        RefusalError: a required column is missing.
    """
    sheet = open_sheet(payload, VARIABLE_MAP, REQUIRED)
    if not (sheet.has("step_raw") or sheet.has("step")):
        sheet.require(["step_raw"])
    sheet.require(["period_start", "elapsed_s"])
    _not_started(sheet)
    sheet.numbers({"elapsed_s": None})
    sheet.numbers({"energy_j": None}, least=None)
    sheet.instants(["period_start", "period_end"], context.timezone)
    sheet.reject(pl.col("elapsed_s") > 4e9, "no job has run for longer than a century", "elapsed_s")
    jobs = _jobs(sheet)
    _note_energy(sheet, jobs)
    return activity_reading(
        _rows(jobs).with_columns(
            pl.lit(context.evidence_id).alias("evidence_id"),
            pl.lit(NAME).alias("format"),
            pl.lit(False).alias("superseded_in_file"),
            joined_key(NAME, "cluster", "resource", pl.col("period_start").dt.date()),
        ),
        sheet.rows,
        sheet.rejections,
        context,
        sheet.notes,
        local_times=sheet.local_times,
    )


def _not_started(sheet: Sheet) -> None:
    """`Unknown` is an end that has not come; as a start it is a job that has not run."""
    for house in ("period_start", "period_end"):
        text = pl.col(house)
        absent = text.str.to_lowercase().is_in(_NOT_STARTED)
        if house == "period_start":
            sheet.reject(absent, "the job has not started, so that it has used nothing yet", house)
        sheet.frame = sheet.frame.with_columns(
            pl.when(~absent.fill_null(False)).then(text).alias(house)
        )


def _jobs(sheet: Sheet) -> pl.DataFrame:
    """One row a job: its first line's number, its lines, its time, GPUs and energy [J]."""
    step = pl.coalesce("step_raw", "step")
    tres = pl.col("tres")
    typed = tres.str.extract_all(_TYPED)
    lines = sheet.rejections.keep(sheet.frame).with_columns(
        step=step,
        job=step.str.extract(r"^([^.]+)"),
        own=~step.str.contains(".", literal=True),
        gpus=pl.coalesce(
            tres.str.extract(_GPUS).cast(pl.Float64),
            typed.list.eval(pl.element().str.extract(r"=(\d+)$").cast(pl.Float64)).list.sum(),
        ),
        gpu=tres.str.extract(_TYPED, 1),
        cpus=tres.str.extract(_CPUS).cast(pl.Float64),
        energy_j=pl.when(_measured(pl.col("energy_j"))).then("energy_j"),
    )
    own, counts = pl.col("own"), ~pl.col("step").str.ends_with(_EXTERN)
    steps = pl.col("energy_j").filter(~own & counts)
    first = {
        name: pl.coalesce(
            pl.col(name).filter(own).drop_nulls().first(), pl.col(name).drop_nulls().first()
        )
        for name in ("job_name", "owner", "account", "partition", "cluster", "state", "gpu")
    }
    most = {name: pl.col(name).max() for name in ("gpus", "cpus")}
    return (
        lines.sort("row_number")
        .group_by("job", pl.col("cluster").alias("of_cluster"), maintain_order=True)
        .agg(
            pl.col("row_number").min(),
            pl.len().cast(pl.Int64).alias("source_rows"),
            pl.col("period_start").min(),
            pl.col("period_end").max(),
            pl.coalesce(pl.col("elapsed_s").filter(own).max(), pl.col("elapsed_s").max()),
            pl.coalesce(
                pl.col("energy_j").filter(own).first(),
                pl.when(steps.count() > 0).then(steps.sum()),
            ).alias("energy_j"),
            pl.coalesce(pl.col("host").filter(~own & counts).first(), pl.col("host").first()),
            **first,
            **most,
        )
        .with_columns(period_end=_end())
        .with_columns(run_status=pl.col("state").map_batches(run_status, return_dtype=pl.String))
    )


def _measured(joules: pl.Expr) -> pl.Expr:
    near = [joules == value for value in _NO_VALUES]
    return (joules > 0) & (joules < 2.0**62) & ~pl.any_horizontal(near)


def _end() -> pl.Expr:
    """The end; of a running job the start and what has elapsed; never before a second has."""
    elapsed = pl.duration(microseconds=(pl.col("elapsed_s") * 1e6).round().cast(pl.Int64))
    end = pl.coalesce("period_end", pl.col("period_start") + elapsed)
    return pl.max_horizontal(end, pl.col("period_start") + pl.duration(seconds=1))


def _rows(jobs: pl.DataFrame) -> pl.DataFrame:
    """What each job used, as rows of activity."""
    hours = pl.col("elapsed_s") / SECONDS_PER_HOUR
    measured, gpus = pl.col("energy_j").is_not_null(), (pl.col("gpus") > 0).fill_null(False)
    named = jobs.with_columns(
        resource=pl.col("job"),
        workload="job_name",
        project="account",
        accelerator=pl.when(gpus).then(pl.col("gpu").str.to_uppercase()),
        accelerator_count=pl.when(gpus).then("gpus"),
    ).drop("account")
    parts = [
        named.filter(measured)
        .with_columns(
            quantity_kind=pl.lit("energy_it_kwh"),
            quantity=pl.col("energy_j") / J_PER_KWH,
            component=pl.lit("it"),
            boundary=pl.lit("node"),
            tier=pl.lit("T2"),
        )
        .drop("accelerator", "accelerator_count"),
        named.filter(gpus).with_columns(
            quantity_kind=pl.lit("accelerator_hours"),
            quantity=pl.col("gpus") * hours,
            component=pl.lit("accelerator"),
        ),
        named.filter(~gpus).with_columns(
            quantity_kind=pl.lit("vcpu_hours"),
            quantity=pl.col("cpus").fill_null(0.0) * hours,
            component=pl.lit("cpu"),
        ),
    ]
    return pl.concat(parts, how="diagonal")


def _note_energy(sheet: Sheet, jobs: pl.DataFrame) -> None:
    measured = jobs["energy_j"].is_not_null().sum()
    if measured:
        sheet.notes.append(
            Problem(
                f"The energy of {measured} job{'s' if measured > 1 else ''} is that of whole "
                "nodes: where jobs shared a node, Slurm charges each of them with all of it."
            )
        )
    if measured < jobs.height:
        sheet.notes.append(
            Problem(
                f"{jobs.height - measured} jobs have no measured energy; theirs follows from "
                "accelerator-hours. Slurm measures with AcctGatherEnergyType."
            )
        )
    doubled = re.compile(_TYPED)
    if not any(doubled.search(t or "") or "gres/gpu" in (t or "") for t in sheet.frame["tres"]):
        sheet.notes.append(Problem("No job names GPUs in AllocTRES.", column=sheet.column("tres")))
