"""Slurm's accounting: jobs and their steps, energy that was measured or not, GPUs typed or not."""

from pathlib import Path

import polars as pl
import pytest
from telemetry_files import reading, said

from carbon.activity.source import Context

DATA = Path(__file__).parents[1] / "data"
FORMAT = "slurm-sacct"
HEADER = "JobIDRaw|State|Start|End|ElapsedRaw|AllocTRES|ConsumedEnergyRaw|NodeList"


def job(*lines: str, trailing: bool = False) -> bytes:
    end = "|" if trailing else ""
    return "".join(f"{line}{end}\n" for line in (HEADER, *lines)).encode()


def line(step: str, energy: str, tres: str = "cpu=8,gres/gpu=2,node=1") -> str:
    return f"{step}|COMPLETED|2026-10-03T08:00:00|2026-10-03T09:00:00|3600|{tres}|{energy}|n1"


def kwh(data: bytes, context: Context) -> list[float]:
    found = reading(data, context, FORMAT).activity
    return found.filter(quantity_kind="energy_it_kwh")["quantity"].to_list()


def test_the_example(context: Context) -> None:
    found = reading((DATA / "sacct.txt").read_bytes(), context, FORMAT)
    rows = found.activity.select(
        "resource", "quantity_kind", "quantity", "accelerator_count", "source_rows"
    ).rows()
    assert rows == [
        # 8 GPUs for 12 h
        ("48213", "accelerator_hours", 96.0, 8.0, 4),
        # .batch 201.6 MJ + .0 14.4 MJ, without .extern: 216 MJ
        ("48213", "energy_it_kwh", 60.0, None, 4),
        # one A100 and one H100 for half an hour; 0 and NO_VAL are no energy
        ("48214", "accelerator_hours", 1.0, 2.0, 2),
        # 32 processors for 2 h, still running
        ("48215", "vcpu_hours", 64.0, None, 1),
    ]
    assert found.quarantine.select("row_number", "column").rows() == [(9, "Start")]
    assert found.activity.filter(resource="48213")["workload"].unique().to_list() == [
        "llm-pretrain"
    ]
    assert found.activity.filter(resource="48213")["project"].unique().to_list() == ["nlp"]
    assert found.activity["period_end"].max().isoformat() == "2026-10-04T13:00:00+00:00"
    assert found.local_times


def test_the_jobs_own_energy_goes_before_that_of_its_steps(context: Context) -> None:
    data = job(line("7", "7200000"), line("7.batch", "3600000"), line("7.0", "3600000"))
    assert kwh(data, context) == [2.0]


@pytest.mark.parametrize(
    "energy", ["", "0", "4294967294", "4294967295", "18446744073709551614", "-1"]
)
def test_numbers_that_mean_no_value_are_not_measured(energy: str, context: Context) -> None:
    found = reading(job(line("7", energy)), context, FORMAT)
    assert found.activity.select("quantity_kind", "quantity").rows() == [("accelerator_hours", 2.0)]
    assert "no measured energy" in said(found)


def test_energy_of_more_than_32_bits_is_energy(context: Context) -> None:
    # 7.2 GJ of a large job
    assert kwh(job(line("7", "7200000000")), context) == [2000.0]


def test_lines_that_end_in_a_pipe_are_read(context: Context) -> None:
    data = job(line("7", ""), line("7.batch", "3600000"), trailing=True)
    assert kwh(data, context) == [1.0]


@pytest.mark.parametrize(
    ("tres", "gpus", "model"),
    [
        ("cpu=8,gres/gpu:h100=8,gres/gpu=8", 8.0, "H100"),
        ("cpu=8,gres/gpu:a100=2,gres/gpu:h100=1", 3.0, "A100"),
        ("cpu=8,gres/gpu=4", 4.0, None),
    ],
)
def test_typed_and_untyped_gpus_are_not_added(
    tres: str, gpus: float, model: str | None, context: Context
) -> None:
    found = reading(job(line("7", "", tres)), context, FORMAT).activity
    assert found.select("quantity", "accelerator_count", "accelerator").rows() == [
        (gpus, gpus, model)
    ]


def test_a_step_that_cannot_be_read_is_set_aside_alone(context: Context) -> None:
    bad = line("7.0", "3600000").replace("|3600|", "|soon|")
    found = reading(job(line("7", ""), line("7.batch", "3600000"), bad), context, FORMAT)
    assert found.quarantine.select("row_number", "column").rows() == [(4, "ElapsedRaw")]
    assert found.activity.filter(pl.col("quantity_kind") == "energy_it_kwh")[
        "quantity"
    ].to_list() == [1.0]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("COMPLETED", "finished"),
        ("FAILED", "failed"),
        ("NODE_FAIL", "failed"),
        ("OUT_OF_MEMORY", "failed"),
        ("TIMEOUT", "preempted"),
        ("PREEMPTED", "preempted"),
        ("CANCELLED by 1001", "preempted"),
        ("RUNNING", "running"),
        ("STRANGE", None),
    ],
)
def test_how_a_job_ended(state: str, status: str | None, context: Context) -> None:
    found = reading(job(line("1", "").replace("COMPLETED", state)), context, FORMAT)
    assert found.activity["run_status"].to_list() == [status]
