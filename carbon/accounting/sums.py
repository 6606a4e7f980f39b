"""Sums by group that are the same to the last digit on any machine.

Floats added in another order differ in their last digits, and a parallel group-by adds them in an
order that depends on its threads and its hash seed. Gathered first, they are added one by one.
"""

from collections.abc import Sequence

import polars as pl


def sum_by(frame: pl.DataFrame, by: Sequence[str], columns: Sequence[str]) -> pl.DataFrame:
    """Sum columns by group, in the order of the rows.

    Args:
        frame: any frame.
        by: columns that make a group.
        columns: columns to sum; nulls add nothing, so that a group of nulls has 0.

    Returns:
        by and columns, one row per group, in the order in which the groups first appear.
    """
    gathered = frame.group_by(list(by), maintain_order=True).agg(pl.col(list(columns)))
    return gathered.with_columns(pl.col(list(columns)).list.sum())


def known_sum_by(frame: pl.DataFrame, by: Sequence[str], columns: Sequence[str]) -> pl.DataFrame:
    """As `sum_by`, and null where nothing in the group is known."""
    names = list(columns)
    gathered = frame.group_by(list(by), maintain_order=True).agg(
        pl.col(names), pl.col(names).count().name.prefix("_known_")
    )
    return gathered.with_columns(
        pl.when(pl.col(f"_known_{name}") > 0).then(pl.col(name).list.sum()).alias(name)
        for name in names
    ).select(*by, *names)


def ordered_sum(values: pl.Expr) -> pl.Expr:
    """The same sum as an aggregation of its own: a group's values one by one, nulls adding nothing.

    For use inside `group_by(...).agg(...)`; a group without values gives 0.
    """
    return values.fill_null(0.0).cum_sum().last().fill_null(0.0)


def ordered_known_sum(column: str) -> pl.Expr:
    """As `ordered_sum` of a column, and null, never 0, where nothing in the group is known."""
    known = pl.col(column).count() > 0
    return pl.when(known).then(ordered_sum(pl.col(column))).alias(column)
