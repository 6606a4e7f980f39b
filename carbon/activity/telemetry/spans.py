"""Reduced telemetry -> rows of activity, one a device (or model), span and user.

The rows of a device's span bear the number of its first sample in the file and say how many samples
they stand for. A table with a column per series has rows that hold several devices: there the sums
of every device in a span stand for the same rows.

A sample belongs to the span of the step that it ends, so that the sample at midnight closes the day
before; a meter's first sample belongs to its own.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from carbon.activity.accept import joined_key
from carbon.activity.source import Context, Problem
from carbon.activity.telemetry.counters import Counter, reduce_counters, reduce_counts
from carbon.activity.telemetry.inference import Tally
from carbon.activity.telemetry.kernel import KWH_PER_TICK, SPAN_US, Reduced, reduce_power
from carbon.activity.telemetry.meters import Meter
from carbon.activity.telemetry.metrics import RAPL_RANGE_J
from carbon.activity.telemetry.notes import NOTHING, notes_of
from carbon.activity.telemetry.plan import (
    NUMBER,
    Plan,
    devices_of,
    plan_of,
    servers_of,
    users_of,
)
from carbon.policy import Telemetry

_LABEL: Final = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d"}


def activity_of(
    frame: pl.DataFrame,
    moments: pl.DataFrame | None,
    known: Sequence[Meter | Tally | None],
    format: str,
    context: Context,
) -> tuple[pl.DataFrame, list[Problem]]:
    """Rows of activity in house columns, and what is to be said of them.

    Args:
        frame: row_number, series, time, value [W, J or ones; null: not measured].
        moments: row_number and time of every row, where a row holds several series.
        known: what each series is.
        format: name of the reader.
        context: policy and evidence id.
    """
    telemetry = context.policy.telemetry
    plan = plan_of(known, _measured_extents(frame), together=moments is not None)
    series = pl.col("series")
    numbered = frame.with_columns(
        meter=_numbers(plan.meters).gather(series),
        tally=_numbers(plan.tallies).gather(series),
        owner=_numbers(plan.owners).gather(series),
        bundle=_numbers(plan.bundles).gather(series),
    )
    metered = _one_value_a_moment(
        numbered.filter(pl.col("meter").is_not_null()).select(
            "row_number", "owner", "time", "value", series="meter"
        )
    )
    reduced = _energy(metered, plan, telemetry)
    counts = reduce_counts(
        numbered.filter(pl.col("tally").is_not_null()).select(
            "time", "value", series="tally", owner=pl.lit(None, NUMBER)
        ),
        telemetry,
    )
    if moments is not None:
        numbered = moments.with_columns(bundle=pl.lit(0, NUMBER))
    sums = _row_sums(numbered, SPAN_US[telemetry.resolution])
    extents = _extents(metered)
    parts = [
        _energy_rows(reduced, plan, extents, sums, context),
        _count_rows(counts.energy, plan, sums),
    ]
    taken = pl.concat([part.select("bundle", "row_number") for part in parts])
    parts.append(_idle_rows(sums.join(taken, on=["bundle", "row_number"], how="anti"), plan))
    rows = _dressed(pl.concat(parts, how="diagonal"), format, context)
    return rows, notes_of(plan.left_out, reduced, metered, rows, telemetry)


def _numbers(values: Sequence[int | None]) -> pl.Expr:
    return pl.lit(pl.Series(values, dtype=NUMBER))


def _one_value_a_moment(samples: pl.DataFrame) -> pl.DataFrame:
    """Of a device and moment one sample: the first that holds a value.

    A GPU stands once per pod and once per MIG instance, each time with the figure of the whole.
    Where the repeats name different users, the moment belongs to none of them.
    """
    key = ["series", "time"]
    series, time = pl.col("series"), pl.col("time")
    later = (series > series.shift()) | ((series == series.shift()) & (time > time.shift()))
    if samples.select(later.fill_null(True).all()).item():
        return samples.with_columns(shared=pl.lit(False))
    ordered = samples.sort("series", "time", pl.col("value").is_null(), "row_number")
    again = pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in key)
    repeated = ordered.with_columns(again=again.fill_null(False)).with_columns(
        several=pl.col("again") | pl.col("again").shift(-1, fill_value=False)
    )
    users = (
        repeated.filter("several")
        .group_by(key)
        .agg(shared=pl.col("owner").n_unique() > 1)
        .filter("shared")
    )
    return (
        repeated.filter(~pl.col("again"))
        .join(users, on=key, how="left", validate="1:1", maintain_order="left")
        .with_columns(pl.col("shared").fill_null(False))
        .with_columns(owner=pl.when(~pl.col("shared")).then("owner"))
        .select("row_number", "owner", "time", "value", "series", "shared")
    )


def _energy(samples: pl.DataFrame, plan: Plan, telemetry: Telemetry) -> Reduced:
    """Gauges by the trapezoid, counters by their rises."""
    is_power = pl.Series([m.metric.measures == "power" for m in plan.devices], dtype=pl.Boolean)
    power = pl.lit(is_power).gather(pl.col("series"))
    known = [
        Counter(m.described.most_w, RAPL_RANGE_J if m.metric.wraps else None) for m in plan.devices
    ]
    needed = ["series", "owner", "time", "value"]
    both = (
        reduce_power(samples.filter(power).select(needed), telemetry),
        reduce_counters(samples.filter(~power).select(needed), known, telemetry),
    )
    return Reduced(pl.concat(r.energy for r in both), pl.concat(r.gaps for r in both))


def _row_sums(rows: pl.DataFrame, span_us: int) -> pl.DataFrame:
    """Rows of the file by bundle and span: first row number, how many, first and last moment."""
    time = pl.col("time").to_physical()
    first = rows.group_by("bundle").agg(begin=time.min())
    return (
        rows.join(first, on="bundle", how="left", validate="m:1")
        .group_by(
            "bundle",
            span=pl.max_horizontal((time - 1) // span_us, pl.col("begin") // span_us),
        )
        .agg(
            pl.col("row_number").min(),
            source_rows=pl.col("row_number").n_unique().cast(pl.Int64),
            begin=time.min(),
            until=time.max(),
        )
        .sort("bundle", "span")
    )


def _measured_extents(frame: pl.DataFrame) -> dict[int, tuple[int, int]]:
    """First and last moment at which each series has a value [µs]."""
    time = pl.col("time").to_physical()
    measured = frame.filter(pl.col("value").is_not_null())
    found = measured.group_by("series").agg(first=time.min(), last=time.max())
    return {series: (first, last) for series, first, last in found.iter_rows()}


def _extents(metered: pl.DataFrame) -> pl.DataFrame:
    """First and last moment of each meter."""
    time = pl.col("time").to_physical()
    return metered.group_by(meter="series").agg(begin=time.min(), until=time.max())


def _energy_rows(
    reduced: Reduced, plan: Plan, extents: pl.DataFrame, sums: pl.DataFrame, context: Context
) -> pl.DataFrame:
    """Energy as metered, and the estimate for what was not seen, as rows of their own."""
    span_us = SPAN_US[context.policy.telemetry.resolution]
    estimated = reduced.gaps.filter(pl.col("ticks").is_not_null())
    seconds = (pl.col("unseen_us") / 1e6).round().cast(pl.Int64)
    both = pl.concat(
        [
            reduced.energy.with_columns(estimate=pl.lit(False)),
            estimated.with_columns(
                estimate=pl.lit(True),
                note=pl.format("estimated for {} s that the meter did not see", seconds),
            ),
        ],
        how="diagonal",
    ).rename({"series": "meter"})
    length = pl.col("period_end") - pl.col("period_start")
    placed = both.join(extents, on="meter", how="left", validate="m:1").with_columns(
        period_start=pl.max_horizontal("begin", pl.col("span") * span_us),
        period_end=pl.min_horizontal("until", (pl.col("span") + 1) * span_us),
    )
    measured = ~pl.col("estimate")
    return (
        _with_rows(placed.join(devices_of(plan), on="meter", how="left", validate="m:1"), sums)
        .join(users_of(plan), on="owner", how="left", validate="m:1")
        # The number of the user; in activity an owner is a person.
        .drop("owner")
        .with_columns(
            quantity_kind=pl.lit("energy_it_kwh"),
            quantity=pl.col("ticks") * KWH_PER_TICK,
            coverage=pl.when(measured).then((pl.col("seen_us") / length).clip(0.0, 1.0)),
            component=pl.when(measured).then("component").otherwise(pl.lit("gap_estimate")),
            tier=pl.when(measured).then("tier").otherwise(pl.lit("T4")),
            accelerator_count=pl.when(measured).then("accelerator_count"),
        )
    )


def _with_rows(things: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    """Row number and count of the bundle's span; of a span without samples those before it."""
    return things.sort("span").join_asof(
        sums.select("bundle", "span", "row_number", "source_rows").sort("span"),
        on="span",
        by="bundle",
        strategy="backward",
        check_sortedness=False,
    )


def _count_rows(counts: pl.DataFrame, plan: Plan, sums: pl.DataFrame) -> pl.DataFrame:
    """Requests and tokens of a server by span, over its engines, versions and reasons to finish."""
    summed = (
        counts.rename({"series": "tally"})
        .join(servers_of(plan), on="tally", how="left", validate="m:1")
        .sort("tally", "span")
        .group_by("bundle", "server", "span", "quantity_kind", maintain_order=True)
        .agg(
            pl.col(
                "sku", "kind", "host", "standing", "model", "workload", "project", "service"
            ).first(),
            quantity=pl.col("ticks").sum().cast(pl.Float64),
        )
    )
    return (
        _with_rows(summed, sums)
        .join(
            sums.select("bundle", "row_number", period_start="begin", period_end="until"),
            on=["bundle", "row_number"],
            how="left",
            validate="m:1",
        )
        .with_columns(
            lifecycle=pl.lit("inference_realtime"), known_everywhere=pl.lit(True), resource="model"
        )
    )


def _idle_rows(sums: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Spans whose samples measured nothing: rows of no energy and no coverage."""
    of_meters = devices_of(plan).unique("bundle", keep="first", maintain_order=True)
    of_servers = servers_of(plan).unique("bundle", keep="first", maintain_order=True)
    metered = sums.join(of_meters, on="bundle", how="inner", validate="m:1").with_columns(
        quantity_kind=pl.lit("energy_it_kwh"), coverage=pl.lit(0.0)
    )
    served = (
        sums.join(of_servers, on="bundle", how="inner", validate="m:1")
        .join(of_meters, on="bundle", how="anti")
        .with_columns(known_everywhere=pl.lit(True), resource="model")
    )
    return pl.concat([metered, served], how="diagonal").with_columns(
        quantity=pl.lit(0.0),
        period_start="begin",
        period_end="until",
        note=pl.lit(NOTHING),
    )


def _dressed(rows: pl.DataFrame, format: str, context: Context) -> pl.DataFrame:
    """The columns that every row needs; times as times; the key of its device and span."""
    resolution = context.policy.telemetry.resolution
    moment = pl.Datetime("us", "UTC")
    span = (pl.col("span") * SPAN_US[resolution]).cast(moment)
    # A lone sample has no length; a second stands for it.
    end = pl.max_horizontal("period_end", pl.col("period_start") + 1_000_000)
    # Where nothing tells machines apart, an equal name is no proof of an equal device.
    here = pl.when("known_everywhere").then("standing").otherwise(pl.lit(context.evidence_id[:12]))
    user = pl.col("workload").fill_null("")
    return rows.sort(
        "row_number", "bundle", "span", "resource", "sku", user, "quantity_kind"
    ).with_columns(
        pl.lit(context.evidence_id).alias("evidence_id"),
        pl.lit(format).alias("format"),
        pl.lit(False).alias("superseded_in_file"),
        joined_key(
            format,
            "kind",
            here,
            "resource",
            pl.when(pl.col("service").is_not_null()).then("workload"),
            span.dt.strftime(_LABEL[resolution]),
        ),
        period_start=pl.col("period_start").cast(moment),
        period_end=end.cast(moment),
    )
