"""Power that a run's tracker sampled -> energy of the run by device and span.

The kernel is that of `carbon.activity.telemetry.kernel`: the trapezoid between neighbours, split
at the span of the policy, a pause over the limit being a gap that is never bridged but estimated
apart.
"""

from typing import Final

import polars as pl

from carbon.activity.telemetry.kernel import KWH_PER_TICK, SPAN_US, reduce_power
from carbon.policy import Telemetry

SAMPLES: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "row_number": pl.Int64,
    "sku": pl.String,
    "time": pl.Datetime("us", "UTC"),
    "value": pl.Float64,
}
"""Samples of power [W]: the run's row, the metric that names the device, the moment."""

MOST_W: Final = 1e5
"""No board draws more [W]: what is above it was not measured."""


def energy_of(samples: pl.DataFrame, telemetry: Telemetry) -> pl.DataFrame:
    """Energy of power samples by run, device and span.

    Args:
        samples: columns of SAMPLES; a value that is negative or beyond MOST_W counts as missing.
        telemetry: limits of gaps, and the span.

    Returns:
        one row per run, device and span: row_number, sku, period_start, period_end (both within
        the device's first and last sample), quantity [kWh], coverage [1], component
        (`accelerator`, or `gap_estimate` of what no sample saw) and tier (T3; T4 of a gap).
    """
    series = samples.select("row_number", "sku").unique().sort("row_number", "sku")
    numbered = (
        samples.join(
            series.with_row_index("series"), on=["row_number", "sku"], validate="m:1", how="inner"
        )
        .with_columns(
            pl.when(pl.col("value").is_between(0, MOST_W)).then("value").alias("value"),
            pl.lit(None, pl.String).alias("owner"),
        )
        .select("series", "owner", "time", "value")
        .sort("series", "time", maintain_order=True)
    )
    extent = numbered.group_by("series").agg(
        pl.col("time").min().alias("first"), pl.col("time").max().alias("last")
    )
    reduced = reduce_power(numbered, telemetry)
    span = SPAN_US[telemetry.resolution]
    measured = _rows(reduced.energy, extent, span).with_columns(
        pl.lit("accelerator").alias("component"),
        pl.lit("T3").alias("tier"),
        (pl.col("seen_us") / pl.col("length_us")).clip(0, 1).alias("coverage"),
    )
    missed = _rows(reduced.gaps.filter(pl.col("ticks") > 0), extent, span).with_columns(
        pl.lit("gap_estimate").alias("component"),
        pl.lit("T4").alias("tier"),
        pl.lit(None, pl.Float64).alias("coverage"),
    )
    names = series.with_row_index("series")
    columns = ("row_number", "sku", "period_start", "period_end", "quantity", "coverage")
    return (
        pl.concat([measured, missed], how="diagonal")
        .join(names, on="series", validate="m:1", how="left", maintain_order="left")
        .sort("row_number", "sku", "period_start", "component")
        .select(*columns, "component", "tier")
    )


def _rows(ticks: pl.DataFrame, extent: pl.DataFrame, span_us: int) -> pl.DataFrame:
    """Ticks as kWh, with the part of the span between the device's first and last sample."""
    begin = pl.from_epoch(pl.col("span") * span_us, time_unit="us").dt.replace_time_zone("UTC")
    until = pl.from_epoch((pl.col("span") + 1) * span_us, time_unit="us")
    return (
        ticks.join(extent, on="series", validate="m:1", how="left")
        .with_columns(
            pl.max_horizontal(begin, "first").alias("period_start"),
            pl.min_horizontal(until.dt.replace_time_zone("UTC"), "last").alias("period_end"),
            (pl.col("ticks") * KWH_PER_TICK).alias("quantity"),
        )
        .with_columns(
            (pl.col("period_end") - pl.col("period_start"))
            .dt.total_microseconds()
            .alias("length_us")
        )
        .filter(pl.col("length_us") > 0)
    )
