"""How many rows of a file its accepted frames stand for."""

from collections.abc import Mapping

import polars as pl

from carbon.workspace.tables import ACCEPTED


def sums_up(frames: Mapping[str, pl.DataFrame]) -> bool:
    """Whether rows are made of many rows of the file (lines of a bill, samples, points)."""
    return any(
        "source_rows" in frame.columns and bool(frame["source_rows"].is_not_null().any())
        for table, frame in frames.items()
        if table in ACCEPTED
    )


def rows_of(frames: Mapping[str, pl.DataFrame]) -> int:
    """Rows of the file that accepted frames stand for.

    A row number stands for one row of the file, or for the largest `source_rows` that it bears:
    one sum gives several quantities.

    Args:
        frames: table -> rows with `row_number`, of one file.
    """
    parts = [
        frame.select(
            "row_number",
            pl.col("source_rows")
            if "source_rows" in frame.columns
            else pl.lit(None, pl.Int64).alias("source_rows"),
        )
        for table, frame in frames.items()
        if table in ACCEPTED and "row_number" in frame.columns
    ]
    if not parts:
        return 0
    each = (
        pl.concat(parts)
        .drop_nulls("row_number")
        .group_by("row_number")
        .agg(pl.col("source_rows").fill_null(1).max())
    )
    return int(each["source_rows"].sum())
