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
