"""Rules applied to activity: whose each row is, and by which share.

Rules are asked in their order; the first whose conditions hold takes the row. A row that several
workloads share stands once for each, with its share; what is left over keeps the row as it was, so
that the shares of a row always add up to 1. A row that straddles the day on which a rule begins or
ends is cut there, by hours.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final

import polars as pl

from carbon.inventory.assignment.predicates import holds
from carbon.inventory.assignment.rules import Rule

ADDED: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "assigned_share": pl.Float64,
    "assigned_part": pl.Int64,
    "rule_id": pl.String,
}
"""What `assign` adds: the share of the row [1], its number among the parts of the row (0 where it
is whole), and the rule that gave it its workload."""

_LEFT: Final = 1e-9
"""A share below this is rounding."""


def assign(
    activity: pl.DataFrame, rules: Sequence[Rule], files: Mapping[str, str] | None = None
) -> pl.DataFrame:
    """Give each row the workload, or the workloads, that the rules say.

    Args:
        activity: `Activity` rows that count.
        rules: in the order in which they are asked; disabled ones are left out.
        files: evidence_id -> name of the file, for conditions on `file`.

    Returns:
        activity with the columns of ADDED; a row that is shared or cut stands once for each part,
        in place of the row.
    """
    asked = [rule for rule in rules if rule.enabled]
    untouched = activity.with_columns(
        assigned_share=pl.lit(1.0),
        assigned_part=pl.lit(0, pl.Int64),
        rule_id=pl.lit(None, pl.String),
    )
    if not asked or activity.is_empty():
        return untouched
    rows = untouched.with_row_index("_row").with_columns(_open=pl.lit(True))
    for rule in asked:
        rows = _apply(rule, rows, files or {})
    parts = pl.len().over("_row")
    return (
        rows.sort("_row", maintain_order=True)
        .with_columns(
            assigned_part=pl.when(parts > 1)
            .then(pl.int_range(1, pl.len() + 1).over("_row"))
            .otherwise(0)
        )
        .drop("_row", "_open")
    )


def taken_by(rule: Rule, rows: pl.DataFrame, files: Mapping[str, str]) -> pl.Expr:
    """Whether a rule asks for a row, whatever comes before it; never null.

    Args:
        rule: its conditions, its dates and what it takes.
        rows: `Activity` rows that the expression will be asked of.
        files: evidence_id -> name of the file.
    """
    wanted = holds(rule.conditions, rows, files)
    if rule.takes == "unclaimed":
        wanted = wanted & pl.col("workload").is_null()
    begin, end = _moment(rule.effective_from), _moment(rule.effective_to)
    if begin is not None:
        wanted = wanted & (pl.col("period_end") > begin)
    if end is not None:
        wanted = wanted & (pl.col("period_start") < end)
    return wanted


def _apply(rule: Rule, rows: pl.DataFrame, files: Mapping[str, str]) -> pl.DataFrame:
    """One rule: the rows that it takes become one for each share, and one of what is left."""
    marked = rows.with_columns(_mine=taken_by(rule, rows, files) & pl.col("_open"))
    mine = marked.filter("_mine").drop("_mine")
    if mine.is_empty():
        return rows
    others = [marked.filter(~pl.col("_mine")).drop("_mine")]
    for moment in (_moment(rule.effective_from), _moment(rule.effective_to)):
        if moment is not None:
            mine = _cut(mine, moment)
    inside = _inside(rule)
    others.append(mine.filter(~inside))
    mine = mine.filter(inside)
    left = 1.0 - sum(share.share for share in rule.shares)
    given = [
        mine.with_columns(
            workload=pl.lit(share.workload),
            assigned_share=pl.col("assigned_share") * share.share,
            rule_id=pl.lit(rule.rule_id),
            _open=pl.lit(False),
        )
        for share in rule.shares
    ]
    if left > _LEFT:
        given.append(
            mine.with_columns(assigned_share=pl.col("assigned_share") * left, _open=pl.lit(False))
        )
    return pl.concat([*others, *given])


def _inside(rule: Rule) -> pl.Expr:
    """Whether a row that was cut at the rule's dates lies between them."""
    begin, end = _moment(rule.effective_from), _moment(rule.effective_to)
    inside = pl.lit(True)
    if begin is not None:
        inside = inside & (pl.col("period_start") >= begin)
    if end is not None:
        inside = inside & (pl.col("period_end") <= end)
    return inside


def _cut(rows: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Rows that straddle a moment as two, each with its part of the quantity by hours."""
    astride = (pl.col("period_start") < moment) & (pl.col("period_end") > moment)
    whole, cut = rows.filter(~astride), rows.filter(astride)
    if cut.is_empty():
        return rows
    length = (pl.col("period_end") - pl.col("period_start")).dt.total_microseconds()
    before = (pl.lit(moment) - pl.col("period_start")).dt.total_microseconds() / length
    at = pl.lit(moment).cast(pl.Datetime("us", "UTC"))
    return pl.concat(
        [
            whole,
            cut.with_columns(quantity=pl.col("quantity") * before, period_end=at),
            cut.with_columns(quantity=pl.col("quantity") * (1 - before), period_start=at),
        ]
    )


def _moment(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)
