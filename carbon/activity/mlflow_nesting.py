"""Nested runs of MLflow: which of parent and child counts, and which are trials of a search.

System metrics watch the whole machine. A child that lies within its parent and watched the same
(the same GPUs; or the machine's processors; or nothing) is seen by its parent too, so the parent
alone counts. A parent that watched nothing only holds its children together: where any of them
watched something, the children count and the parent does not.

A search is a parent of at least two runs that have the same params, by name, with different
values. Its trials, and itself, are `search` where they ended well.
"""

from collections.abc import Sequence

import polars as pl

from carbon.activity.run_ends import of_search
from carbon.activity.sheet import Sheet, tags
from carbon.activity.source import Problem


def mark_nested(sheet: Sheet) -> None:
    """Mark, in place, runs that another of the file stands for.

    Args:
        sheet: resource (the run), parent, watched (what its metrics see; null: nothing), a period.
            Gets superseded_in_file.
    """
    good = sheet.rejections.keep(sheet.frame)
    columns = ("resource", "watched", "period_start", "period_end")
    parents = (
        good.select(columns)
        .rename({name: f"({name})" for name in columns})
        .unique("(resource)", keep="first", maintain_order=True)
    )
    pairs = good.join(
        parents, left_on="parent", right_on="(resource)", how="inner", validate="m:1"
    ).filter(
        pl.col("period_start") >= pl.col("(period_start)"),
        pl.col("period_end") <= pl.col("(period_end)"),
        pl.col("resource") != pl.col("parent"),
    )
    holders = _holders(pairs)
    seen = pairs.filter(
        pl.col("watched").is_null() | (pl.col("watched") == pl.col("(watched)")),
        ~pl.col("parent").is_in(holders.implode()),
        ~pl.col("resource").is_in(holders.implode()),
    )["row_number"]
    held = good.filter(pl.col("resource").is_in(holders.implode()))["row_number"]
    sheet.frame = sheet.frame.with_columns(
        pl.col("row_number").is_in(pl.concat([seen, held]).implode()).alias("superseded_in_file")
    )
    if len(seen):
        sheet.notes.append(
            Problem(
                "Nested runs whose parent watched the same GPUs or processors at the same time: "
                f"{len(seen)}; the parent alone counts. If they ran on other machines, export them "
                "without it.",
                row=int(seen.min()),  # type: ignore[arg-type]
            )
        )
    if len(held):
        sheet.notes.append(
            Problem(
                "Runs without system metrics that only hold others together, which have them: "
                f"{len(held)}; the others count.",
                row=int(held.min()),  # type: ignore[arg-type]
            )
        )


def _holders(pairs: pl.DataFrame) -> pl.Series:
    """Runs that watched nothing, and under which something was watched, however deep."""
    empty = pl.col("(watched)").is_null()
    found = pairs.filter(empty, pl.col("watched").is_not_null())["parent"].unique().sort()
    while True:
        # A holder of holders is one itself.
        above = pairs.filter(empty, pl.col("resource").is_in(found.implode()))["parent"]
        wider = pl.concat([found, above]).unique().sort()
        if len(wider) == len(found):
            return found
        found = wider


def with_searches(runs: pl.DataFrame, params: Sequence[str]) -> pl.Expr:
    """The status of each run, where trials of searches, and searches, are told.

    Args:
        runs: run_status, parent, resource, and the columns of `params`.
        params: columns of params; null where a run has none.
    """
    names = [pl.when(pl.col(name).is_not_null()).then(pl.lit(name)) for name in sorted(params)]
    searches = (
        runs.select(
            "parent",
            tags(runs.select(params)).alias("values"),
            pl.concat_list(names).list.drop_nulls().list.join("|").alias("names"),
        )
        .filter(pl.col("parent").is_not_null(), pl.col("names") != "")
        .group_by("parent")
        .agg(pl.len(), pl.col("names", "values").n_unique())
        .filter(pl.col("len") > 1, pl.col("names") == 1, pl.col("values") > 1)["parent"]
        .sort()
        .implode()
    )
    trial = pl.col("parent").is_in(searches) | pl.col("resource").is_in(searches)
    return of_search(pl.col("run_status"), trial)
