"""Runs without accelerators: hours of their processors and memory, and of the clock.

    vcpu_hours = processors x length of the run,   gb_hours = mean memory in use x length

No tracker measures the watts of processors. Their energy follows in the accounting from the
published coefficients of supporting services (T6), at the utilisation that the tracker measured,
where it did. A run whose number of processors nobody states gives the hours that it lasted, and
nothing else: memory alone would pass for the whole. Their energy is known once the analyst states
the workload's mean watts.
"""

import re
from collections.abc import Iterable
from typing import Final

import polars as pl

from carbon.activity.sheet import Sheet
from carbon.activity.source import Problem
from carbon.units import SECONDS_PER_HOUR

COUNT_NAMES: Final = (
    *("cpucount", "oscpucount", "cpucountlogical", "logicalcpucount", "ncpus", "numcpus"),
    *("numbercpus", "numberofcpus", "cpus", "vcpus", "nvcpus", "numvcpus", "vcpucount"),
)
"""How people name the number of logical processors, without case and punctuation."""

MOST_PROCESSORS: Final = 1e6
"""A number above it is none of processors."""

_PUNCTUATION: Final = re.compile(r"[^a-z0-9]")


def count_columns(columns: Iterable[str], prefixes: Iterable[str] = ("",)) -> list[str]:
    """The columns that state a number of processors, by the order of COUNT_NAMES.

    Args:
        columns: of a table, as the source writes them.
        prefixes: what may stand before the name ("params.").
    """
    found = {
        column: COUNT_NAMES.index(name)
        for column in columns
        for prefix in prefixes
        if column.startswith(prefix)
        and (name := _PUNCTUATION.sub("", column.removeprefix(prefix).casefold())) in COUNT_NAMES
    }
    return sorted(found, key=lambda column: (found[column], column))


def processors(columns: Iterable[str]) -> pl.Expr:
    """Logical processors of each run: the first of these columns that holds a number of some."""
    numbers = [pl.col(name).cast(pl.String).cast(pl.Float64, strict=False) for name in columns]
    possible = [pl.when(n.is_between(0, MOST_PROCESSORS, closed="right")).then(n) for n in numbers]
    return pl.coalesce(*possible, pl.lit(None, pl.Float64)).alias("cpu_count")


def processor_rows(runs: pl.DataFrame) -> pl.DataFrame:
    """What runs without accelerators used.

    Args:
        runs: row_number, period_start, period_end, cpu_count [1], utilisation [1] and memory_gb
            [GB], the means over the run; null where not known; and columns that are passed on.

    Returns:
        rows of activity: `instance_hours` of every run, without an instance type (T4 once somebody
        states watts); where the processors are known `vcpu_hours` (component cpu) with their
        utilisation, and `gb_hours` (component memory) where memory was sampled.
    """
    hours = (pl.col("period_end") - pl.col("period_start")).dt.total_microseconds() / (
        SECONDS_PER_HOUR * 1e6
    )
    passed = runs.drop("cpu_count", "utilisation", "memory_gb")
    known = pl.col("cpu_count").is_not_null()
    node = pl.lit("node").alias("boundary")
    clock = passed.with_columns(
        node,
        pl.lit("instance_hours").alias("quantity_kind"),
        hours.alias("quantity"),
        pl.lit("it").alias("component"),
    )
    cores = runs.filter(known).select(
        *passed.columns,
        "utilisation",
        node,
        pl.lit("vcpu_hours").alias("quantity_kind"),
        (pl.col("cpu_count") * hours).alias("quantity"),
        pl.lit("cpu").alias("component"),
    )
    memory = runs.filter(known, pl.col("memory_gb").is_not_null()).select(
        *passed.columns,
        node,
        pl.lit("gb_hours").alias("quantity_kind"),
        (pl.col("memory_gb") * hours).alias("quantity"),
        pl.lit("memory").alias("component"),
    )
    return pl.concat([clock, cores, memory], how="diagonal")


def note_processors(sheet: Sheet, runs: pl.DataFrame, remedy: str) -> None:
    """Say which runs without accelerators have no known energy, or no measured utilisation.

    Args:
        sheet: gets the remarks.
        runs: row_number, cpu_count, utilisation.
        remedy: how the number of processors is logged with this tracker.
    """
    unknown = runs.filter(pl.col("cpu_count").is_null())["row_number"]
    if len(unknown):
        sheet.notes.append(
            Problem(
                f"Runs without a GPU that state no number of processors: {len(unknown)} (first: "
                f"row {unknown[0]}). Their hours are kept, and their energy is not known until the "
                f"workload's mean watts are stated. {remedy}",
                row=int(unknown[0]),
            )
        )
    guessed = runs.filter(pl.col("cpu_count").is_not_null(), pl.col("utilisation").is_null())
    if guessed.height:
        sheet.notes.append(
            Problem(
                "Runs without a GPU of whose processors no use was measured: "
                f"{guessed.height}. The policy's mean use stands for it.",
                row=int(guessed["row_number"][0]),
            )
        )
