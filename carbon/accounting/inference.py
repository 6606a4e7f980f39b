"""The inference baseline: what a request and a token take, and emit.

    per request = energy of serving, in the months whose requests are known / those requests

Energy and usage meet by workload and month, and by model, endpoint, batch size, accelerator and
region where both know the same of them. A month without a count of requests is left out of the
division, and the share of energy that was divided is stated; a month with 0 requests is provisioned
capacity, and its energy is borne by the others. Idle capacity that nobody claims is added by
policy, as lines of its own.

A median per request is never made, and none is ever multiplied by a volume: totals are meters'.
Source: methodology, sections 3 and 5.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.accounting import idle, per_unit
from carbon.accounting.per_unit import FIGURES, Lines
from carbon.accounting.result import Footprint
from carbon.accounting.sums import known_sum_by, sum_by
from carbon.accounting.usage import DIMENSIONS, TRAINS, VOLUMES
from carbon.policy import Policy
from carbon.schema import UNASSIGNED

PER: Final = {"query": "requests", "1k_output_tokens": "output", "1k_tokens": "tokens"}
"""What a figure is per -> the units of a cell."""

ACCELERATOR_ONLY: Final = ("chip", "board")

_THOUSAND: Final = 1000.0


@dataclass(frozen=True)
class Serving:
    """Energy and usage of inference, told apart alike.

    Attributes:
        lines: the lines that serve, idle capacity by policy among them.
        usage: requests and tokens, the columns of VOLUMES.
        by: columns by which both are told apart, besides workload, model and month.
        pool: pools of idle capacity: pool, month, energy_facility_kwh [kWh], spread.
        with_idle: whether idle capacity that nobody claims is among the lines.
    """

    lines: Lines
    usage: pl.DataFrame
    by: tuple[str, ...]
    pool: pl.DataFrame
    with_idle: bool

    @property
    def key(self) -> list[str]:
        return ["workload", "model", *self.by, "month"]


def serving(
    footprint: Footprint,
    usage: pl.DataFrame,
    policy: Policy,
    by: tuple[str, ...] = ("endpoint",),
) -> Serving:
    """What serves, with its usage.

    Lines of batch and real-time inference serve; so do lines of no stated, or of a shared,
    lifecycle whose workload states requests or tokens. Lines that train never do.

    Args:
        footprint: of the period and boundary, what nobody claims among it.
        usage: as `carbon.accounting.usage.usage` gives it, of the same period and boundary.
        policy: `inference.include_idle_pool`.
        by: some of DIMENSIONS.

    Raises:
        ValueError: a column of `by` is not one of DIMENSIONS.
    """
    unknown = [column for column in by if column not in DIMENSIONS]
    if unknown:
        raise ValueError(f"inference is not told apart by {unknown[0]!r}; use {DIMENSIONS}")
    whole = per_unit.physical(footprint.lines, footprint.market)
    # Idle capacity is physical as well: under equity share a site's is no smaller than its load.
    lines, sliced = whole.lines.drop("_seen").with_columns(equity_share=pl.lit(1.0)), whole.sliced
    shared, slices, pool = idle.pool_share(lines, sliced)
    with_idle = policy.inference.include_idle_pool
    every = pl.concat([lines, shared]) if with_idle else lines
    every_slice = pl.concat([sliced, slices]) if with_idle else sliced
    chosen = per_unit.physical(every, every_slice).where(_serves(usage))
    usage = usage.select("workload", "model", *DIMENSIONS, "month", "formats", *VOLUMES)
    for column in ("model", *by):
        aligned, usage = _aligned(chosen.lines, usage, column)
        chosen = Lines(aligned, chosen.sliced)
    return Serving(chosen, usage, by, pool, with_idle)


def _serves(usage: pl.DataFrame) -> pl.Expr:
    lifecycle, workload = pl.col("lifecycle"), pl.col("workload")
    stated = lifecycle.is_in(["inference_batch", "inference_realtime"]).fill_null(False)
    open_ = (lifecycle.is_null() | (lifecycle == "shared")) & workload.is_in(
        usage["workload"].unique().implode()
    )
    trains = lifecycle.is_in(TRAINS).fill_null(False)
    return (workload != UNASSIGNED) & ~trains & (stated | open_)


def _aligned(
    lines: pl.DataFrame, usage: pl.DataFrame, column: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Keep a column where energy and usage of a workload know the same of it; else what is sure.

    Where they differ, a workload that has one value in all keeps it, and any other has none: its
    energy and its requests are then divided as one.
    """

    def values(frame: pl.DataFrame, name: str) -> pl.DataFrame:
        return frame.group_by("workload").agg(pl.col(column).unique().sort().alias(name))

    dtype = lines.schema[column]
    known = values(lines, "_l").join(
        values(usage, "_u"), on="workload", how="full", coalesce=True, validate="1:1"
    )
    every = pl.concat_list(
        pl.col("_l").fill_null(pl.lit([], pl.List(dtype))),
        pl.col("_u").fill_null(pl.lit([], pl.List(dtype))),
    )
    same = pl.col("_l").is_null() | pl.col("_u").is_null() | (pl.col("_l") == pl.col("_u"))
    only = every.list.drop_nulls().list.unique()
    known = known.select(
        "workload",
        _same=same.fill_null(False),
        _only=pl.when(only.list.len() == 1).then(only.list.first()),
    )

    def settled(frame: pl.DataFrame) -> pl.DataFrame:
        return (
            frame.join(known, on="workload", how="left", validate="m:1", maintain_order="left")
            .with_columns(pl.when("_same").then(column).otherwise("_only").alias(column))
            .drop("_same", "_only")
        )

    return settled(lines), settled(usage)


def cells(of: Serving) -> pl.DataFrame:
    """Energy and usage side by side, by workload, model, what tells them apart, and month.

    Returns:
        the key, energy_it_kwh, energy_facility_kwh, idle_kwh, overhead_kwh, accelerator_kwh (of
        chip and board meters alone) [kWh], location_kg, market_kg, embodied_kg [kg],
        accelerator_hours [h], VOLUMES, output and tokens (thousands of output tokens and of all
        tokens), formats and provisioned (a month of energy with 0 requests); sorted. A cell of
        usage without energy is there, with its energy null.
    """
    kwh = pl.col("energy_facility_kwh")
    only = (pl.col("component") == "accelerator") & pl.col("boundary").is_in(ACCELERATOR_ONLY)
    amounts = {
        "energy_it_kwh": pl.col("energy_it_kwh"),
        "energy_facility_kwh": kwh,
        "idle_kwh": pl.when(pl.col("component") == "idle").then(kwh),
        "overhead_kwh": pl.when(pl.col("component") == "overhead").then(kwh),
        "accelerator_kwh": pl.when(only).then("energy_it_kwh"),
        "location_kg": pl.col("location_kg"),
        "market_kg": pl.col("market_kg"),
        "embodied_kg": pl.col("embodied_kg"),
        "accelerator_hours": pl.col("accelerator_hours"),
    }
    energy = known_sum_by(of.lines.lines.select(*of.key, **amounts), of.key, list(amounts))
    counts = known_sum_by(of.usage, of.key, VOLUMES).join(
        of.usage.group_by(of.key).agg(pl.col("formats").unique().sort().str.join(", ")),
        on=of.key,
        how="left",
        validate="1:1",
        nulls_equal=True,
    )
    return (
        energy.join(counts, on=of.key, how="full", coalesce=True, validate="1:1", nulls_equal=True)
        .with_columns(
            output=pl.col("output_tokens") / _THOUSAND,
            tokens=_all_tokens() / _THOUSAND,
            provisioned=(pl.col("requests") == 0) & (kwh > 0),
        )
        .sort(of.key, nulls_last=True)
    )


def _all_tokens() -> pl.Expr:
    """Input and output; cached tokens are in the input, reasoning tokens in the output.

    The output alone is no total. The input alone is one where the workload never states an output:
    an embedding has none.
    """
    never = pl.col("output_tokens").is_null().all().over("workload")
    alone = pl.when(never).then(pl.col("input_tokens"))
    return pl.coalesce(pl.col("input_tokens") + pl.col("output_tokens"), alone)


def per_request_and_token(of: Serving, groups: list[str], policy: Policy) -> pl.DataFrame:
    """Figures per request, per 1,000 output tokens and per 1,000 tokens of all.

    Args:
        of: what serves, with its usage.
        groups: some of the key of `of`.
        policy: of the measures.

    Returns:
        groups, per, units [1], FIGURES, and unit_coverage: the share of the groups' energy that
        lies in months with units [1]. Sorted; groups without units have no row.
    """
    by_cell = cells(of)
    kwh = pl.col("energy_facility_kwh")
    whole = known_sum_by(by_cell, groups, ["energy_facility_kwh"]).rename(
        {"energy_facility_kwh": "_whole"}
    )
    rows = []
    for per, units in PER.items():
        counted = by_cell.filter(pl.col(units).is_not_null(), kwh.is_not_null())
        divisor = sum_by(counted, groups, [units]).rename({units: "units"})
        found = per_unit.figures(
            of.lines.within(counted, of.key), groups, divisor, policy, with_idle=of.with_idle
        )
        energy = sum_by(counted, groups, ["energy_facility_kwh"])
        rows.append(
            found.join(energy, on=groups, how="left", validate="1:1", nulls_equal=True)
            .join(whole, on=groups, how="left", validate="1:1", nulls_equal=True)
            .with_columns(
                per=pl.lit(per),
                unit_coverage=pl.when(pl.col("_whole") > 0).then(kwh / pl.col("_whole")),
            )
        )
    return (
        pl.concat(rows)
        .select(*groups, "per", "units", *FIGURES, "unit_coverage")
        .sort([*groups, "per"], nulls_last=True)
    )


def accelerator_wh_per_1000_queries(of: Serving, groups: list[str]) -> pl.DataFrame:
    """Accelerator energy alone per 1,000 requests, in the manner of the AI Energy Score.

    Only what meters of chips and boards saw, in the months whose requests are known: without host,
    idle capacity and cooling. It is beside other figures of that kind alone.

    Returns:
        groups, accelerator_wh_per_1000_queries [Wh] and units (requests), sorted; groups without
        such a meter have no row.
    """
    counted = cells(of).filter(
        pl.col("requests").is_not_null(), pl.col("accelerator_kwh").is_not_null()
    )
    sums = sum_by(counted, groups, ["accelerator_kwh", "requests"]).filter(pl.col("requests") > 0)
    wh = pl.col("accelerator_kwh") * 1000.0 / pl.col("requests") * _THOUSAND
    return sums.select(*groups, accelerator_wh_per_1000_queries=wh, units="requests").sort(
        groups, nulls_last=True
    )
