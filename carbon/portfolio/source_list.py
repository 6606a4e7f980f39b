"""What there is of each source, and what is missing: its months, its gaps, what is due next.

A source is a family of files (`sources.source_of`). Its calendar says for every month which share
of it the files cover; its rhythm, in months, is what its own files keep to, and from it follows
when the next one is due. Pure functions over frames of the ledger; today is an argument.
"""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from statistics import median
from typing import Any, Final

import polars as pl

from carbon.portfolio.sources import source_of

COVERED: Final = "covered"
GAP: Final = "gap"
OVERDUE: Final = "overdue"

FEWEST_ENDS: Final = 3
"""From so many last months on, the files of a source tell their rhythm."""

LONGEST_MONTH: Final = 31

CALENDAR: Final = {
    "source": pl.String,
    "month": pl.String,
    "coverage": pl.Float64,
    "state": pl.String,
}
_INSTANT: Final = pl.duration(microseconds=1)


def files_of(imports: pl.DataFrame) -> pl.DataFrame:
    """The last import of each file with the source that the file belongs to.

    Args:
        imports: the committed imports, in order.

    Returns:
        The columns of `Import`, and source.
    """
    last = imports.unique("evidence_id", keep="last", maintain_order=True)
    names = [source_of(format, name) for format, name in last.select("format", "name").iter_rows()]
    return last.with_columns(source=pl.Series(names, dtype=pl.String))


def covered(activity: pl.DataFrame, reported: pl.DataFrame, files: pl.DataFrame) -> pl.DataFrame:
    """Which share of each month the files of a source cover.

    Of activity: the days on which a row lies, each weighted by the mean coverage that its rows
    state (1 where none is stated), over the days of the month. A provider's own figure covers its
    month whole.

    Args:
        activity: evidence_id, period_start, period_end (exclusive), coverage [1].
        reported: evidence_id, month.
        files: evidence_id, source.

    Returns:
        source, evidence_id, month (YYYY-MM), coverage [1] of the source's month, and step, the
        months that one of its rows spans (1 for a month or less), sorted.
    """
    spans = (
        activity.group_by(
            "evidence_id",
            first=pl.col("period_start").dt.date(),
            last=(pl.col("period_end") - _INSTANT).dt.date(),
        )
        .agg(coverage=pl.col("coverage").fill_null(1.0).sum(), rows=pl.len())
        .join(files.select("evidence_id", "source"), on="evidence_id", validate="m:1")
    )
    days = (
        spans.with_columns(day=pl.date_ranges("first", "last"))
        .explode("day")
        .group_by("source", "day")
        .agg(pl.col("coverage", "rows").sort().sum(), pl.col("evidence_id").unique().sort())
        .select("source", "day", "evidence_id", coverage=pl.col("coverage") / pl.col("rows"))
        .sort("source", "day")
    )
    month = pl.col("day").dt.month_start()
    used = days.group_by("source", month=month).agg(
        coverage=pl.col("coverage").sum() / pl.col("day").first().dt.days_in_month(),
        evidence_id=pl.col("evidence_id").explode().unique(),
    )
    length = (pl.col("last") - pl.col("first")).dt.total_days() + 1
    steps = spans.group_by("source").agg(
        step=(length.median() / LONGEST_MONTH).ceil().clip(1).cast(pl.Int64)
    )
    stated = (
        reported.select("evidence_id", "month")
        .unique()
        .join(files.select("evidence_id", "source"), on="evidence_id", validate="m:1")
        .group_by("source", "month")
        .agg(coverage=pl.lit(1.0), evidence_id=pl.col("evidence_id").unique())
    )
    return (
        pl.concat([used, stated.select(used.columns)])
        .explode("evidence_id")
        .join(steps, on="source", how="left", validate="m:1")
        .with_columns(
            pl.col("step").fill_null(1),
            pl.col("month").dt.strftime("%Y-%m"),
            pl.col("coverage").clip(0, 1),
        )
        .select("source", "evidence_id", "month", "coverage", "step")
        .sort("source", "month", "evidence_id")
    )


def calendar(months: pl.DataFrame, today: date | None = None) -> pl.DataFrame:
    """Every month of every source, from its first to its last and to what is due by today.

    Args:
        months: as `covered` gives them.
        today: the day on which it is asked; None: nothing is overdue.

    Returns:
        source, month, coverage [1] (0 in a gap, null where overdue) and state: covered, gap (no
        row between the first month and the last) or overdue (the next file should have come).
    """
    rows = []
    for (source,), part in months.group_by("source", maintain_order=True):
        share = dict(part.select("month", "coverage").iter_rows())
        first, last = _number(min(share)), _number(max(share))
        for at in range(first, last + 1):
            month = _month(at)
            state = COVERED if month in share else GAP
            rows.append((source, month, share.get(month, 0.0), state))
        due = _due(last, rhythm(part))
        if today is not None and today >= due:
            until = today.year * 12 + today.month - 1
            rows.extend((source, _month(at), None, OVERDUE) for at in range(last + 1, until))
    return pl.DataFrame(rows, schema=CALENDAR, orient="row").sort("source", "month")


def rhythm(part: pl.DataFrame) -> int:
    """After how many months a source brings its next file, at least 1.

    The median distance between the last months of its files, where there are enough of them to
    tell; else the months that one of its rows spans, as rows of a month come every month.

    Args:
        part: evidence_id, month and step of one source.
    """
    last = part.group_by("evidence_id").agg(pl.col("month").max())
    ends = sorted({_number(month) for month in last["month"]})
    if len(ends) >= FEWEST_ENDS:
        return max(1, round(median(b - a for a, b in pairwise(ends))))
    return int(part["step"][0])


def source_rows(
    files: pl.DataFrame,
    months: pl.DataFrame,
    calendar: pl.DataFrame,
    counts: Mapping[str, pl.DataFrame],
    versions: pl.DataFrame,
) -> pl.DataFrame:
    """One row a source.

    Args:
        files: as `files_of` gives them.
        months: as `covered` gives them.
        calendar: as `calendar` gives it.
        counts: name of a column -> evidence_id, row_number of the rows that it counts.
        versions: evidence_id, month and model_version of providers' own figures.

    Returns:
        source, format, files, last_import, last_by, last_file, timezone, first_month, last_month,
        months (with rows), coverage (mean of the months between) [1], gaps (months, joined),
        overdue (months), rhythm_months, next_expected (day), taken, the columns of `counts`,
        model_versions (joined) and restated (months with more than one version, joined).
    """
    source = files.select("evidence_id", "source")
    listed = (
        files.sort("sequence")
        .group_by("source", maintain_order=True)
        .agg(
            pl.col("format").last(),
            files=pl.len().cast(pl.Int64),
            last_import=pl.col("imported_at").last(),
            last_by=pl.col("imported_by").last(),
            last_file=pl.col("name").last(),
            timezone=pl.col("timezone").last(),
            # Of a file its last import tells: what it took, and what earlier ones had taken.
            taken=(pl.col("accepted") + pl.col("duplicates")).sum(),
        )
        .join(_when(months, calendar), on="source", how="left", validate="1:1")
        .join(_versions(versions, source), on="source", how="left", validate="1:1")
    )
    for name, rows in counts.items():
        counted = (
            rows.select("evidence_id", "row_number")
            .unique()
            .join(source, on="evidence_id", validate="m:1")
            .group_by("source")
            .agg(pl.len().cast(pl.Int64).alias(name))
        )
        listed = listed.join(counted, on="source", how="left", validate="1:1").with_columns(
            pl.col(name).fill_null(0)
        )
    return listed.sort("source")


def _when(months: pl.DataFrame, calendar: pl.DataFrame) -> pl.DataFrame:
    """First and last month, coverage, gaps and what is due of each source."""
    due: list[dict[str, Any]] = []
    for (source,), part in months.group_by("source", maintain_order=True):
        every = rhythm(part)
        next_day = _due(_number(str(part["month"].max())), every)
        due.append({"source": source, "rhythm_months": every, "next_expected": next_day})
    expected = pl.DataFrame(
        due,
        schema={"source": pl.String, "rhythm_months": pl.Int64, "next_expected": pl.Date},
    )
    state, month = pl.col("state"), pl.col("month")
    within = state != OVERDUE
    return (
        calendar.group_by("source")
        .agg(
            first_month=month.filter(within).min(),
            last_month=month.filter(within).max(),
            months=(state == COVERED).sum().cast(pl.Int64),
            coverage=pl.col("coverage").filter(within).mean(),
            gaps=month.filter(state == GAP).sort().str.join(", "),
            overdue=(state == OVERDUE).sum().cast(pl.Int64),
        )
        .join(expected, on="source", how="left", validate="1:1")
    )


def _versions(versions: pl.DataFrame, source: pl.DataFrame) -> pl.DataFrame:
    named = versions.join(source, on="evidence_id", validate="m:1").drop_nulls("model_version")
    restated = (
        named.group_by("source", "month")
        .agg(pl.col("model_version").n_unique())
        .filter(pl.col("model_version") > 1)
        .group_by("source")
        .agg(restated=pl.col("month").dt.strftime("%Y-%m").sort().str.join(", "))
    )
    return (
        named.group_by("source")
        .agg(model_versions=pl.col("model_version").unique().sort().str.join(", "))
        .join(restated, on="source", how="left", validate="1:1")
    )


def _number(month: str) -> int:
    """`2025-03` as months since the year 0, January 0."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _month(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _due(last: int, every: int) -> date:
    """The first day after the months that the next file should cover."""
    after = last + every + 1
    return date(after // 12, after % 12 + 1, 1)
