"""Rules applied to activity: whose each row is, and by which share.

Rules are asked in their order; the first whose conditions hold takes the row. A row that several
workloads share stands once for each, with its share; what is left over keeps the row as it was, so
that the shares of a row always add up to 1. A row that straddles the day on which a rule begins or
ends is cut there, by hours.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from carbon.inventory.assignment.claims import SCALED, claims
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
    activity: pl.DataFrame,
    rules: Sequence[Rule],
    files: Mapping[str, str] | None = None,
    *,
    scaled: Sequence[str] = SCALED,
) -> pl.DataFrame:
    """Give each row the workload, or the workloads, that the rules say.

    Of every row, `quantity x assigned_share` summed over its parts is its quantity.

    Args:
        activity: `Activity` rows that count.
        rules: in the order in which they are asked; disabled ones are left out.
        files: evidence_id -> name of the file, for conditions on `file`.
        scaled: columns that are cut with the period where a rule's dates cut a row.

    Returns:
        activity with the columns of ADDED; a row that is shared or cut stands once for each part,
        in place of the row, by time and then in the order of the shares.
    """
    asked = [rule for rule in rules if rule.enabled]
    if not asked or activity.is_empty():
        return activity.with_columns(
            assigned_share=pl.lit(1.0),
            assigned_part=pl.lit(0, pl.Int64),
            rule_id=pl.lit(None, pl.String),
        )
    parts = pl.len().over("_row")
    return (
        claims(activity, asked, files or {}, scaled=scaled)
        .join(_shares(asked), on="_rule", how="left", validate="m:m")
        .sort("_row", "period_start", "_place")
        .with_columns(
            workload=pl.coalesce("_given", "workload"),
            assigned_share=pl.col("assigned_share").fill_null(1.0),
            assigned_part=pl.when(parts > 1)
            .then(pl.int_range(1, pl.len() + 1).over("_row"))
            .otherwise(0),
        )
        .select(*activity.columns, *ADDED)
    )


def _shares(rules: Sequence[Rule]) -> pl.DataFrame:
    """_rule, _place (order), _given (workload; null: stays as it was), assigned_share, rule_id."""
    rows: list[tuple[int, int, str | None, float, str | None]] = []
    for number, rule in enumerate(rules):
        total = sum(share.share for share in rule.shares)
        # Three thirds with few decimals are a whole.
        scale = total if abs(total - 1) <= _LEFT else 1.0
        for place, share in enumerate(rule.shares):
            rows.append((number, place, share.workload, share.share / scale, rule.rule_id))
        if total < 1 - _LEFT:
            rows.append((number, len(rule.shares), None, 1 - total, None))
    return pl.DataFrame(
        rows,
        schema={
            "_rule": pl.Int32,
            "_place": pl.Int32,
            "_given": pl.String,
            "assigned_share": pl.Float64,
            "rule_id": pl.String,
        },
        orient="row",
    )
