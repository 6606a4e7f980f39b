"""The training baseline: everything that it took to make a model.

    energy = sum over every run of training, fine-tuning and development, however it ended

Failed, preempted and search runs are part of it and shown apart. Hours are three different things
and stay apart: accelerator-hours (accelerators x time), node-hours (machines x time) and wall-hours
(time in which anything ran); none is ever turned into another by an assumption.
Source: methodology, sections 3 and 5; SCI for AI, where training covers all intermediate runs.
"""

from typing import Final

import polars as pl

from carbon.accounting import ladder
from carbon.accounting.result import Footprint
from carbon.accounting.summary import measured
from carbon.accounting.sums import known_sum_by
from carbon.accounting.usage import TRAINS
from carbon.policy import Policy
from carbon.schema import BILL_FORMATS, MEASURES, UNASSIGNED

HOURS: Final = ("accelerator_hours", "node_hours", "wall_hours")
"""Never added to each other."""

NOT_STATED: Final = "not_stated"

_MICROSECONDS_PER_HOUR: Final = 3.6e9


def of_training(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines of training, fine-tuning and development, with the run that each is of.

    A run is what a tracker or a scheduler names: a row that says how it ended, or that stands in no
    bill and names its resource. Rows without one are together the run of their workload.

    Args:
        lines: `FootprintLine` rows.

    Returns:
        those lines, with run and ended (RUN_STATUSES, or `not_stated`).
    """
    named = pl.col("resource").is_not_null() & (
        pl.col("run_status").is_not_null()
        | ~(pl.col("format").is_in(BILL_FORMATS) | pl.col("host").is_not_null())
    )
    return lines.filter(
        pl.col("lifecycle").is_in(TRAINS), pl.col("workload") != UNASSIGNED
    ).with_columns(
        run=pl.when(named).then("resource").otherwise("workload"),
        ended=pl.col("run_status").fill_null(NOT_STATED),
    )


def training(
    footprint: Footprint, groups: list[str], instances: pl.DataFrame, policy: Policy
) -> pl.DataFrame:
    """The training baseline by any columns of the lines.

    Args:
        footprint: of the period and boundary.
        groups: columns that make a group; `run` and `ended` among them, if wanted.
        instances: `CloudInstance` rows, for the accelerators of a machine.
        policy: of the measures.

    Returns:
        groups, runs (how many), first_month, last_month, MEASURES of R, HOURS [h] (null where
        not known) and boundary; sorted.
    """
    chosen = ladder.seen(of_training(footprint.lines))
    rows = measured(chosen, footprint.market, groups, policy)
    for part in (
        _runs(chosen, groups),
        _machine_hours(chosen, groups, instances),
        _wall_hours(chosen, groups),
        ladder.rungs(chosen, groups, policy, with_idle=True).drop("boundary_it"),
    ):
        rows = rows.join(
            part, on=groups, how="left", validate="1:1", nulls_equal=True, maintain_order="left"
        )
    facts = ("runs", "first_month", "last_month")
    return rows.select(*groups, *facts, *MEASURES, *HOURS, "boundary").sort(groups, nulls_last=True)


def _runs(lines: pl.DataFrame, groups: list[str]) -> pl.DataFrame:
    return lines.group_by(groups, maintain_order=True).agg(
        runs=pl.struct("workload", "run").n_unique(),
        first_month=pl.col("month").min(),
        last_month=pl.col("month").max(),
    )


def _machine_hours(lines: pl.DataFrame, groups: list[str], instances: pl.DataFrame) -> pl.DataFrame:
    """Accelerator-hours and node-hours.

    Node-hours are instance-hours as stated, else accelerator-hours over the accelerators of the
    instance type that the row names; of own machines they are not known.
    """
    machines = instances.select("provider", "instance_type", _per_node="accelerator_count").filter(
        pl.col("_per_node") > 0
    )
    known = lines.join(
        machines,
        on=["provider", "instance_type"],
        how="left",
        validate="m:1",
        maintain_order="left",
    )
    once = pl.col("accelerator_hours").is_not_null() | (pl.col("component") == "it")
    instance = (pl.col("quantity_kind") == "instance_hours") & once
    stated = pl.col("quantity") * pl.col("month_share") * pl.col("assigned_share")
    node_hours = (
        pl.when(instance).then(stated).otherwise(pl.col("accelerator_hours") / pl.col("_per_node"))
    )
    return known_sum_by(
        known.select(*groups, "accelerator_hours", node_hours=node_hours),
        groups,
        ["accelerator_hours", "node_hours"],
    )


def _wall_hours(lines: pl.DataFrame, groups: list[str]) -> pl.DataFrame:
    """Length of the union of the periods [h]: time in which anything of the group ran.

    Where a row states a month, the month is its period: an upper bound.
    """
    spans = lines.select(
        *groups, start=pl.col("use_start").dt.epoch("us"), end=pl.col("use_end").dt.epoch("us")
    ).sort(*groups, "start", "end", nulls_last=True)
    # What earlier periods of the group reached covers the beginning of a later one.
    reached = pl.col("end").cum_max().shift().over(groups)
    added = pl.col("end") - pl.max_horizontal("start", reached)
    return (
        spans.with_columns(added=added.clip(lower_bound=0))
        .group_by(groups, maintain_order=True)
        .agg(wall_hours=pl.col("added").sum() / _MICROSECONDS_PER_HOUR)
    )
