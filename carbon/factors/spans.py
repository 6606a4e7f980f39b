"""Hourly factors -> their mean over any span of time.

Energy that was used for two hours is not the month's: where a zone has hourly factors, a request
names the span of the use, and each hour weighs as much as it overlaps that span (the use is taken
as even: no load profile is known here).
"""

from typing import Final

import polars as pl

from carbon.factors.averages import SAME_SERIES, VALUES, each_once

_DIGITS: Final = 10
"""Significant digits of a mean that are kept. It is the difference of two running sums, and the
last digits of such a difference are noise; no publisher gives as many as these."""

_TICK: Final = pl.duration(microseconds=1)


def over_spans(asked: pl.DataFrame, lineage: pl.DataFrame, factors: pl.DataFrame) -> pl.DataFrame:
    """The mean of each hourly series over the span of every request that it may answer.

    `sum(factor x hours in the span) / sum(hours in the span)`, as the difference of running sums
    at the two ends of the span, so that it costs the same whatever the span's length.

    Args:
        asked: request, zone, method, span_start and span_end (exclusive).
        lineage: zone and factor_zone: the zones whose factors a zone may use; with its other
            columns.
        factors: schema Factor; those of granularity "hour" are used.

    Returns:
        One row per request and series of which any part lies in the span: the columns of asked,
        lineage and factors (zone as factor_zone), parts (how many hours), complete (share of the
        span that they cover [1]) and finest ("hour"). A single hour is given as published; a mean
        has a factor_id and a period of its own.
    """
    hours = _running(factors.filter(pl.col("granularity") == "hour"))
    series = hours.group_by("series").agg(
        pl.col("zone", "method").first(), pl.col("part").min().alias("opening")
    )
    wanted = asked.join(lineage, on="zone", how="inner", maintain_order="left").join(
        series.rename({"zone": "factor_zone"}),
        on=["factor_zone", "method"],
        how="inner",
        maintain_order="left_right",
    )
    wanted = _part_at(wanted, hours, pl.col("span_start"), "start_part")
    wanted = _part_at(wanted, hours, pl.col("span_end") - _TICK, "end_part")
    wanted = wanted.filter(pl.col("end_part").is_not_null())
    ended = pl.col("span_start") >= _gather(hours, "valid_to", "start_part")
    first = pl.col("start_part") + pl.when(ended).then(1).otherwise(0)
    wanted = wanted.with_columns(first=first.fill_null(pl.col("opening")))
    wanted = wanted.filter(pl.col("first") <= pl.col("end_part"))
    return _described(wanted.sort("request", "series"), hours)


def _running(hours: pl.DataFrame) -> pl.DataFrame:
    """Hours by series and time, numbered, with what each series adds up to before every hour."""
    ordered = (
        each_once(hours)
        .sort(*SAME_SERIES, "valid_from", nulls_last=True)
        .with_columns(series=pl.struct(SAME_SERIES).rle_id())
    )
    following = pl.col("valid_from").shift(-1).over("series")
    length = _hours(pl.col("valid_to") - pl.col("valid_from"))
    return (
        ordered.with_columns(valid_to=pl.min_horizontal("valid_to", following))
        .with_columns(length=length)
        .with_columns(_before(pl.lit(1.0), "covered"), *(_before(pl.col(v), v) for v in VALUES))
        .with_columns(
            pl.col(value).is_null().cast(pl.Int64).cum_sum().over("series").alias(f"{value} nulls")
            for value in VALUES
        )
        .with_row_index("part")
        .with_columns(pl.col("part").cast(pl.Int64))
    )


def _before(value: pl.Expr, name: str) -> pl.Expr:
    """The sum of value x hours over the series before each of its hours."""
    weight = (value * pl.col("length")).fill_null(0.0)
    return weight.cum_sum().shift(1, fill_value=0.0).over("series").alias(f"{name} before")


def _hours(length: pl.Expr) -> pl.Expr:
    return length.dt.total_microseconds() / 3.6e9


def _part_at(wanted: pl.DataFrame, hours: pl.DataFrame, moment: pl.Expr, name: str) -> pl.DataFrame:
    """The last hour of the series that begins by a moment; null where none does."""
    begins = hours.select("series", _moment="valid_from", _part="part").sort("_moment")
    return (
        wanted.with_columns(_moment=moment)
        .sort("_moment")
        .join_asof(begins, on="_moment", by="series", strategy="backward", check_sortedness=False)
        .rename({"_part": name})
        .drop("_moment")
    )


def _described(wanted: pl.DataFrame, hours: pl.DataFrame) -> pl.DataFrame:
    """The mean of each span with what is known of its first hour."""
    single = pl.col("parts") == 1
    covered = _integral(hours, "covered")
    means = {value: (_integral(hours, value) / covered).round_sig_figs(_DIGITS) for value in VALUES}
    own = hours.drop("series", "part", "zone", "method", *_running_columns(hours))
    published = own[wanted["first"]].with_columns(wanted[column] for column in wanted.columns)
    moment = "%Y-%m-%dT%H:%M:%S%.fZ"
    named = pl.format(
        "mean of {} hourly factors: {} over {}/{}",
        "parts",
        "factor_id",
        pl.col("span_start").dt.strftime(moment),
        pl.col("span_end").dt.strftime(moment),
    )
    return (
        published.with_columns(parts=pl.col("end_part") - pl.col("first") + 1)
        .with_columns(
            *(
                pl.when(single)
                .then(pl.col(value))
                .when(_nulls(hours, value) == 0)
                .then(mean)
                .alias(value)
                for value, mean in means.items()
            ),
            complete=covered / _hours(pl.col("span_end") - pl.col("span_start")),
            finest=pl.lit("hour"),
            factor_id=pl.when(single).then("factor_id").otherwise(named),
            valid_from=pl.when(single).then("valid_from").otherwise("span_start"),
            valid_to=pl.when(single).then("valid_to").otherwise("span_end"),
        )
        .drop("series", "opening", "start_part", "end_part", "first")
    )


def _running_columns(hours: pl.DataFrame) -> list[str]:
    return [c for c in hours.columns if c == "length" or c.endswith((" before", " nulls"))]


def _integral(hours: pl.DataFrame, name: str) -> pl.Expr:
    """The sum of value x hours between the two ends of the span."""
    return _up_to(hours, name, "span_end", "end_part") - _up_to(
        hours, name, "span_start", "start_part"
    ).fill_null(0.0)


def _up_to(hours: pl.DataFrame, name: str, moment: str, part: str) -> pl.Expr:
    """The running sum at a moment that lies in or after an hour."""
    into = _hours(pl.col(moment) - _gather(hours, "valid_from", part))
    within = pl.min_horizontal(into, _gather(hours, "length", part))
    value = pl.lit(1.0) if name == "covered" else _gather(hours, name, part).fill_null(0.0)
    return _gather(hours, f"{name} before", part) + value * within


def _nulls(hours: pl.DataFrame, value: str) -> pl.Expr:
    """How many hours of the span do not state a value."""
    column = f"{value} nulls"
    missing_first = _gather(hours, value, "first").is_null().cast(pl.Int64)
    return _gather(hours, column, "end_part") - _gather(hours, column, "first") + missing_first


def _gather(hours: pl.DataFrame, column: str, part: str) -> pl.Expr:
    """A column of the hours at the positions that a column of parts names."""
    return pl.lit(hours[column]).gather(pl.col(part))
