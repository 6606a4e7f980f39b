"""Cells: energy of one place and one time, for which instruments and factors are looked up once.

A row's use within a month has a span of its own, and certificates and hourly factors go by it. Rows
that share place and span share a cell, so that whole months stay a few cells, however many rows.
"""

from typing import Final

import polars as pl

CELL: Final = ("zone", "market", "use_start", "use_end")
"""What makes a cell; its month follows from its span."""

REQUEST: Final = ("zone", "month", "span_start", "span_end")
"""What makes a request for factors; the span is null where the month as a whole will do."""


def number(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number the places and spans of lines.

    Args:
        lines: zone, market, and use_start and use_end within one calendar month (UTC).

    Returns:
        lines with `cell`, and the cells: cell, zone, market, use_start, use_end, month (YYYY-MM),
        sorted.
    """
    numbered, cells = _numbered(lines, CELL, "cell")
    return numbered, cells.with_columns(month=pl.col("use_start").dt.strftime("%Y-%m"))


def ask(cells: pl.DataFrame, with_hours: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What to ask of the factors for each cell.

    A zone without hourly factors is asked for by the month, and so is a use of the whole month.

    Args:
        cells: as `number` gives them.
        with_hours: the zones that have hourly factors.

    Returns:
        cells with `ask`, and the requests: ask, zone, month, span_start, span_end, sorted.
    """
    month = pl.col("use_start").dt.truncate("1mo")
    whole = (pl.col("use_start") == month) & (pl.col("use_end") == month.dt.offset_by("1mo"))
    by_span = pl.col("zone").is_in(with_hours.implode()) & ~whole
    spans = cells.with_columns(
        span_start=pl.when(by_span).then("use_start"), span_end=pl.when(by_span).then("use_end")
    )
    numbered, asked = _numbered(spans, REQUEST, "ask")
    return numbered.drop("span_start", "span_end"), asked


def _numbered(
    frame: pl.DataFrame, key: tuple[str, ...], name: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A frame with the number of each distinct key, and the keys in order."""
    keys = frame.select(key).unique().sort(key, nulls_last=True).with_row_index(name)
    numbered = frame.join(
        keys, on=key, how="left", validate="m:1", nulls_equal=True, maintain_order="left"
    )
    return numbered, keys
