"""How much of each span of time other spans cover, without looking at pairs of rows.

Views of a machine differ in how much of it they see: a meter of one of eight accelerators covers an
eighth of it. What covers a group at a moment is

    min(1, sum over names of min(most, max over views of (sum over devices of weight)))

that is: devices of one view add up; of several views of one machine that count which sees most;
several machines of one job add up again. As every one of these is a staircase, so is the whole; its
running area says what is covered up to a moment, and of a span the difference between its two ends.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

_NOISE: Final = 1e-12
"""Height of a stair below which it is rounding of a sum of weights that came and went."""


def covered(wanted: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Time of each wanted span that the spans of its group cover.

    Args:
        wanted: group, start, end [µs].
        spans: group, name (machine), view, device, start, end [µs], weight (share of the group that
            the device is), most (share that its machine is), rank (the first of those that start
            together is named) and by (whose span it is).

    Returns:
        wanted, in its order, with covered [µs, times the share that is seen] and by: whose span
        covers its latest covered moment; null where none does.
    """
    stairs = _by_group(_by_name(_by_view(_by_device(spans))))
    numbered = wanted.with_row_index("_at")
    found = _latest(numbered, _apart(spans))
    return wanted.with_columns(
        covered=_area(numbered, stairs, "end") - _area(numbered, stairs, "start"),
        by=found.select(pl.when(pl.col("last") > wanted["start"]).then("by")).to_series(),
    )


def _by_device(spans: pl.DataFrame) -> pl.DataFrame:
    """The spans of each device without those that touch or overlap: a run of hours is one."""
    device = ["group", "name", "view", "device"]
    ordered = spans.filter(pl.col("end") > pl.col("start")).sort(*device, "start", "end")
    reached = pl.col("end").cum_max().shift().over(device)
    return (
        ordered.with_columns(_run=(pl.col("start") > reached).fill_null(False).cum_sum())
        .group_by(*device, "_run", maintain_order=True)
        .agg(pl.col("start").min(), pl.col("end").max(), pl.col("weight", "most").max())
    )


def _by_view(spans: pl.DataFrame) -> pl.DataFrame:
    """The staircase of each view: group, name, view, time, level (from that time on)."""
    view = ["group", "name", "view"]
    steps = pl.concat(
        [
            spans.select(*view, "most", time="start", rise="weight"),
            spans.select(*view, "most", time="end", rise=-pl.col("weight")),
        ]
    )
    return _staircase(steps, view, pl.col("most"))


def _by_name(stairs: pl.DataFrame) -> pl.DataFrame:
    """Of several views of one machine the highest at each time: group, name, time, level."""
    name, view = ["group", "name"], ["group", "name", "view"]
    views = stairs.select(view).unique()
    if views.height == views.select(name).unique().height:
        return stairs.drop("view")
    moments = stairs.select(*name, "time").unique()
    return (
        moments.join(views, on=name, how="inner")
        .sort("time")
        .join_asof(stairs.sort("time"), on="time", by=view, check_sortedness=False)
        .group_by(*name, "time")
        .agg(pl.col("level").max().fill_null(0.0))
        .sort(*name, "time")
    )


def _by_group(stairs: pl.DataFrame) -> pl.DataFrame:
    """The staircase of each group, with the area before each stair: group, time, level, before."""
    name = ["group", "name"]
    rise = pl.col("level") - pl.col("level").shift(fill_value=0.0).over(name)
    steps = stairs.with_columns(rise=rise, most=pl.lit(1.0))
    whole = _staircase(steps, ["group"], pl.col("most"))
    length = pl.col("time").shift(-1).over("group") - pl.col("time")
    area = (pl.col("level") * length).fill_null(0.0)
    return whole.with_columns(before=area.cum_sum().over("group") - area)


def _staircase(steps: pl.DataFrame, key: Sequence[str], most: pl.Expr) -> pl.DataFrame:
    """Rises at times -> levels from each time on, none higher than `most`."""
    level = pl.col("rise").cum_sum().over(key)
    return (
        # The order in which rises of one moment are added is part of the result.
        steps.sort(*key, "time", "rise")
        .group_by(*key, "time", maintain_order=True)
        .agg(pl.col("rise").sum(), most.max().alias("most"))
        .with_columns(level=pl.when(level > _NOISE).then(pl.min_horizontal(level, "most")))
        .select(*key, "time", pl.col("level").fill_null(0.0))
    )


def _area(numbered: pl.DataFrame, stairs: pl.DataFrame, moment: str) -> pl.Series:
    """Of each row, the area of its group's staircase before a moment [µs]."""
    found = (
        numbered.select("_at", "group", _moment=moment)
        .sort("_moment")
        .join_asof(
            stairs.sort("time"),
            left_on="_moment",
            right_on="time",
            by="group",
            strategy="backward",
            check_sortedness=False,
        )
        .sort("_at")
    )
    area = pl.col("before") + pl.col("level") * (pl.col("_moment") - pl.col("time"))
    return found.select(area.fill_null(0.0)).to_series()


def _apart(spans: pl.DataFrame) -> pl.DataFrame:
    """The spans of each group, cut where an earlier one already covers."""
    ordered = spans.sort("group", "start", "rank", "by")
    reached = pl.col("end").cum_max().shift().over("group")
    return ordered.with_columns(start=pl.max_horizontal("start", reached)).filter(
        pl.col("end") > pl.col("start")
    )


def _latest(numbered: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Of each row, the last piece of its group before its end: last (until when), by."""
    return (
        # What starts at the end itself covers nothing before it.
        numbered.select("_at", "group", _moment=pl.col("end") - 1)
        .sort("_moment")
        .join_asof(
            pieces.select("group", "by", _start="start", last="end").sort("_start"),
            left_on="_moment",
            right_on="_start",
            by="group",
            strategy="backward",
            check_sortedness=False,
        )
        .sort("_at")
        .select("last", "by")
    )
