"""How long the figures of a series apply, brought to hours, months and years.

Publishers name the start of an interval and leave its length to the reader: the step from one row
to the next. Points within an hour (5, 15 or 30 minutes) become the mean of their hour, because an
hour is the finest that the house resolves; the figure of a day stands for each hour of that day.
"""

import re
from collections.abc import Sequence
from typing import Final

import polars as pl

from carbon.tables import Problem, Rejections

HOUR_S: Final = 3600
DAY_S: Final = 86_400

_MONTH_S: Final = (28 * DAY_S, 31 * DAY_S)
_YEAR_S: Final = (365 * DAY_S, 366 * DAY_S)
_LENGTHS: Final = {"day": "1d", "month": "1mo", "year": "1y"}

ENOUGH: Final = 0.5
"""Least share of an hour's points from which its mean is taken [1]."""

_HINTS: Final = {
    "hourly": "hour",
    "daily": "day",
    "monthly": "month",
    "yearly": "year",
    "annual": "year",
}

_NOT_TOLD: Final = (
    "how long this figure applies cannot be told: the file has one row for its zone, or rows that "
    "are no hour, day, month or year apart; fetch a longer period, or use the factor template"
)


def with_periods(
    frame: pl.DataFrame,
    values: Sequence[str],
    rejections: Rejections,
    *,
    column: str,
    by: Sequence[str] = ("zone",),
    file_name: str = "",
) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    """The period of each figure, told by the step between the rows of its series.

    Args:
        frame: row_number, the columns `by`, `start` (UTC, of the interval), `start (raw)` and the
            values.
        values: columns of figures; of points within an hour the mean is taken, all alike.
        rejections: where rows go whose period cannot be told, or does not start where it should,
            and the points of an hour of which fewer than half are there.
        column: the file's own name of `start`.
        by: columns that tell the series apart.
        file_name: tells the step (`..._yearly.csv`) only where no two rows of the file do.

    Returns:
        The frame without `start`, with valid_from, valid_to, granularity and source_rows, and
        `step`: how the publisher gives it (hour, day, month, year): one row for each hour, month
        and year; and what to say of it.
    """
    frame = _with_step(frame, by, file_name)
    start = pl.col("start")
    off = (
        (pl.col("step") == "month") & (start != start.dt.truncate("1mo"))
        | (pl.col("step") == "year") & (start != start.dt.truncate("1y"))
        | (pl.col("step") == "day") & (start != start.dt.truncate("1d"))
    )
    for failed, reason in (
        (pl.col("step").is_null(), pl.lit(_NOT_TOLD)),
        (
            off.fill_null(False),
            pl.format("the {} does not begin at its first moment in UTC", "step"),
        ),
    ):
        rejections.add_where(frame, failed, reason, column=column, value="start (raw)")
    frame = rejections.keep(frame)
    within, coarse = frame.filter(pl.col("step") == "hour"), frame.filter(pl.col("step") != "hour")
    hours, notes = _hours(within, values, by, rejections, column)
    whole = coarse.with_columns(
        pl.col("start").alias("valid_from"),
        pl.coalesce(
            pl.when(pl.col("step") == step).then(pl.col("start").dt.offset_by(length))
            for step, length in _LENGTHS.items()
        ).alias("valid_to"),
        pl.col("step").alias("granularity"),
        pl.lit(None, pl.Int64).alias("source_rows"),
    )
    days = whole.filter(pl.col("step") == "day")
    if days.height:
        notes = (
            *notes,
            Problem(
                "The file gives days. The figure of a day is taken for each of its 24 hours: what "
                "a day looks like within is not known."
            ),
        )
    parts = (hours, _each_hour(days), whole.filter(pl.col("step") != "day"))
    columns = [c for c in whole.columns if c not in ("start", "seconds") and "(raw)" not in c]
    return pl.concat([part.select(columns) for part in parts]).sort("row_number", *by), notes


def reject_contradictions(
    frame: pl.DataFrame, key: Sequence[str], value: str, rejections: Rejections, column: str
) -> None:
    """Set aside rows that give the figure of an earlier row again, and give another.

    Args:
        frame: row_number, the key, the value, and the value as it stands in the file.
        key: columns that name one figure (zone, start).
        value: column of the figure; the one beside it is named `value (raw)`.
        rejections: where the rows go.
        column: the file's own name of the figure.
    """
    ordered = frame.sort("row_number").with_columns(
        pl.col(value).first().over(key).alias("(first)"),
        pl.col("row_number").first().over(key).alias("(first row)"),
    )
    rejections.add_where(
        ordered,
        pl.col(value).ne_missing(pl.col("(first)")),
        pl.format(
            "row {} gives this figure already, and another; keep one of the two", "(first row)"
        ),
        column=column,
        value=f"{value} (raw)",
    )


def _with_step(frame: pl.DataFrame, by: Sequence[str], file_name: str) -> pl.DataFrame:
    """`step` (hour, day, month, year) and `seconds` of each row: the commonest of its series."""
    gaps = (
        frame.select(*by, "start")
        .unique()
        .sort(*by, "start")
        .with_columns(pl.col("start").diff().over(by).dt.total_seconds().alias("seconds"))
        .with_columns(_class(pl.col("seconds")).alias("step"))
        .drop_nulls("step")
    )
    own = _commonest(gaps, by)
    of_file = _commonest(gaps, ())
    hint = next((s for word, s in _HINTS.items() if word in _words(file_name)), None)
    step, seconds = of_file.row(0) if of_file.height else (hint, HOUR_S if hint else None)
    return frame.join(
        own, on=list(by), how="left", validate="m:1", maintain_order="left", nulls_equal=True
    ).with_columns(
        pl.col("step").fill_null(pl.lit(step, pl.String)),
        pl.col("seconds").fill_null(pl.lit(seconds, pl.Int64)),
    )


def _commonest(gaps: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The commonest step of each series, the finer of two alike."""
    counted = (
        gaps.group_by(*by, "step", "seconds").len().sort("len", "seconds", descending=[True, False])
    )
    if not by:
        return counted.select("step", "seconds").head(1)
    return counted.unique(by, keep="first", maintain_order=True).select(*by, "step", "seconds")


def _class(seconds: pl.Expr) -> pl.Expr:
    return (
        pl.when(seconds.is_in([60, 300, 600, 900, 1200, 1800, HOUR_S]))
        .then(pl.lit("hour"))
        .when(seconds == DAY_S)
        .then(pl.lit("day"))
        .when(seconds.is_between(*_MONTH_S))
        .then(pl.lit("month"))
        .when(seconds.is_between(*_YEAR_S))
        .then(pl.lit("year"))
    )


def _words(name: str) -> set[str]:
    return set(re.split(r"[^a-z]+", name.casefold()))


def _hours(
    points: pl.DataFrame,
    values: Sequence[str],
    by: Sequence[str],
    rejections: Rejections,
    column: str,
) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    """The mean of the points of each hour: sum of the points / number of points."""
    keys = [*by, "valid_from"]
    points = points.with_columns(pl.col("start").dt.truncate("1h").alias("valid_from"))
    there = pl.col("start").n_unique().over(keys)
    points = points.with_columns(
        (there * pl.col("seconds") / HOUR_S).alias("share"),
        there.alias("there"),
        (HOUR_S // pl.col("seconds")).alias("of"),
    )
    rejections.add_where(
        points,
        pl.col("share") < ENOUGH,
        pl.format("of this hour only {} of {} points are there; no mean is taken", "there", "of"),
        column=column,
        value="start (raw)",
    )
    points = rejections.keep(points).sort("row_number")
    rest = [c for c in points.columns if c not in (*keys, *values)]
    once = pl.col("start").is_first_distinct()
    hours = (
        points.group_by(keys, maintain_order=True)
        .agg(
            *(pl.col(value).filter(once).mean() for value in values),
            pl.len().cast(pl.Int64).alias("source_rows"),
            *(pl.col(name).first() for name in rest),
        )
        .with_columns(
            pl.when(pl.col("source_rows") > 1).then("source_rows").alias("source_rows"),
            (pl.col("valid_from") + pl.duration(hours=1)).alias("valid_to"),
            pl.lit("hour").alias("granularity"),
        )
    )
    return hours, _of_points(hours)


def _of_points(hours: pl.DataFrame) -> tuple[Problem, ...]:
    """What to say where hours are means of finer points."""
    finer = hours.filter(pl.col("seconds") < HOUR_S)
    if not finer.height:
        return ()
    partial = finer.filter(pl.col("share") < 1).height
    said = "Points within an hour were averaged to the hour"
    if partial:
        said += f"; {partial} of {finer.height} hours lack some of their points"
    return (Problem(f"{said}."),)


def _each_hour(days: pl.DataFrame) -> pl.DataFrame:
    """The figure of a day for each of its hours."""
    offsets = pl.int_ranges(0, 24).alias("(hour)")
    return (
        days.with_columns(offsets)
        .explode("(hour)")
        .with_columns(
            (pl.col("valid_from") + pl.duration(hours=pl.col("(hour)"))).alias("valid_from"),
            pl.lit("hour").alias("granularity"),
        )
        .with_columns((pl.col("valid_from") + pl.duration(hours=1)).alias("valid_to"))
        .drop("(hour)")
    )
