"""How much of each span of time other spans cover, without looking at pairs of rows.

The spans of a group are cut so that none overlaps another; the covered time up to a moment is then
a running total, and of a span the difference between its two ends.
"""

import polars as pl


def covered(wanted: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Time of each wanted span that the spans of its group cover.

    Args:
        wanted: group, start, end [µs].
        spans: group, start, end [µs], rank (the first of those that start together is named) and
            by (whose span it is).

    Returns:
        wanted, in its order, with covered [µs] and by: whose span covers its latest covered
        moment; null where none does.
    """
    pieces = _apart(spans)
    numbered = wanted.with_row_index("_at")
    until = _up_to(numbered, pieces, pl.col("end"))
    before = _up_to(numbered, pieces, pl.col("start"))
    return wanted.with_columns(
        covered=until["total"] - before["total"],
        by=until.select(pl.when(pl.col("last") > wanted["start"]).then("by")).to_series(),
    )


def _apart(spans: pl.DataFrame) -> pl.DataFrame:
    """The spans of each group, cut where an earlier one already covers; `before`: their total."""
    ordered = spans.sort("group", "start", "rank", "by")
    reached = pl.col("end").cum_max().shift().over("group")
    return (
        ordered.with_columns(start=pl.max_horizontal("start", reached))
        .filter(pl.col("end") > pl.col("start"))
        .with_columns(_length=pl.col("end") - pl.col("start"))
        .with_columns(before=pl.col("_length").cum_sum().over("group") - pl.col("_length"))
        .drop("_length")
    )


def _up_to(numbered: pl.DataFrame, pieces: pl.DataFrame, moment: pl.Expr) -> pl.DataFrame:
    """Of each row, what its group covers before a moment: total [µs], last (until when), by."""
    found = (
        # What starts at the moment itself covers nothing before it.
        numbered.select("_at", "group", _moment=moment - 1)
        .sort("_moment")
        .join_asof(
            pieces.select("group", "before", "by", _start="start", _end="end").sort("_start"),
            left_on="_moment",
            right_on="_start",
            by="group",
            strategy="backward",
            check_sortedness=False,
        )
        .sort("_at")
    )
    last = pl.min_horizontal(pl.col("_moment") + 1, "_end")
    total = (pl.col("before") + last - pl.col("_start")).fill_null(0)
    return found.select(total=total, last="_end", by="by")
