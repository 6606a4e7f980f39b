"""What a footprint is made of: its tree, and how few of its parts make most of it."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from carbon.accounting.result import Footprint
from carbon.accounting.summary import summarise
from carbon.policy import Policy

LEVELS: Final = ("business_unit", "model", "lifecycle")
"""Who runs it, what it is, and for what: from the trunk of the tree to its leaves."""

MEASURES: Final = ("energy_facility_kwh", "location_kg_co2e", "market_kg_co2e", "embodied_kg_co2e")

MOST: Final = 0.8
"""Share of the whole that "most of it" means, as Pareto's rule has it."""


def tree(footprint: Footprint, policy: Policy, levels: Sequence[str] = LEVELS) -> pl.DataFrame:
    """Every node of the tree that the levels span, each with the sum of what is beneath it.

    Args:
        footprint: the lines that count, cut to a period and a boundary.
        policy: as `summarise` takes it.
        levels: columns, from the trunk to the leaves.

    Returns:
        level (0 is the whole), the levels (null above the node's own depth, and where nobody
        stated it), stated (whether the node's own level is stated) and MEASURES, null where nothing
        is known; in order of level, then of the columns.
    """
    nodes = []
    for depth in range(len(levels) + 1):
        by = list(levels[:depth])
        rows = summarise(footprint, by, policy)
        stated = pl.col(levels[depth - 1]).is_not_null() if depth else pl.lit(True)
        absent = [pl.lit(None, pl.String).alias(level) for level in levels[depth:]]
        nodes.append(
            rows.with_columns(*absent, stated=stated, level=pl.lit(depth, pl.Int64)).select(
                "level", *levels, "stated", *MEASURES
            )
        )
    return pl.concat(nodes)


def pareto(rows: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Parts in order of size, with the share of the whole that they and those before them make.

        cumulative_share_k = (x_1 + ... + x_k) / (x_1 + ... + x_n),  x_1 >= x_2 >= ...

    Args:
        rows: one row a part, with the measure; parts of which it is not known are left out.
        measure: a column of sums, 0 or more.

    Returns:
        rows in that order with rank (from 1), part_share and cumulative_share [1], and vital: one
        of the fewest parts that make MOST of the whole.
    """
    known = rows.filter(pl.col(measure).is_not_null() & (pl.col(measure) > 0))
    others = [column for column in rows.columns if column != measure]
    ordered = known.sort(
        measure, *others, descending=[True, *[False] * len(others)], nulls_last=True
    )
    total = pl.col(measure).sum()
    share = pl.col(measure) / total
    before = (pl.col(measure).cum_sum() - pl.col(measure)) / total
    return ordered.with_row_index("rank", offset=1).with_columns(
        part_share=share, cumulative_share=pl.col(measure).cum_sum() / total, vital=before < MOST
    )
