"""Lines of a bill as the file has them -> under house names, moments and numbers typed.

All of it is expressions over a LazyFrame, so that nothing is read twice. A line that cannot be
added up as it stands (a cell that is no number, a period that cannot be) is marked as odd.
"""

import re
from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.activity.bill_layout import MOMENTS, Found, Layout, period_end, unusable
from carbon.activity.bill_lines import MOMENT, NUMBERS, odd_line
from carbon.tables import day_first

_ISO: Final = r"\d{4}-\d{2}-\d{2}"
_FORMATS: Final = (
    (re.compile(rf"^{_ISO}T\d\d:\d\d:\d\dZ$"), "%Y-%m-%dT%H:%M:%SZ"),
    (re.compile(rf"^{_ISO}T\d\d:\d\d:\d\d\.\d+Z$"), "%Y-%m-%dT%H:%M:%S%.fZ"),
    (re.compile(rf"^{_ISO}T\d\d:\d\d:\d\d$"), "%Y-%m-%dT%H:%M:%S"),
    (re.compile(rf"^{_ISO} \d\d:\d\d:\d\d$"), "%Y-%m-%d %H:%M:%S"),
    (re.compile(rf"^{_ISO} \d\d:\d\d:\d\d UTC$"), "%Y-%m-%d %H:%M:%S UTC"),
    (re.compile(rf"^{_ISO} \d\d:\d\d:\d\dZ$"), "%Y-%m-%d %H:%M:%SZ"),
    (re.compile(rf"^{_ISO}$"), "%Y-%m-%d"),
)
"""Ways in which bills write a moment in UTC."""

_SLASHED: Final = re.compile(r"^\d{2}/\d{2}/\d{4}$")
HEAD_ROWS: Final = 100
RAW: Final = "(raw) "
"""Before the file's own name of a column, as it stands there."""


@dataclass(frozen=True)
class Scan:
    """A file, or a part of it, that is read as it passes.

    Attributes:
        lines: `(row)` and the file's columns as they stand, nested ones flat with dots.
        head: its first lines.
        found: where the columns of the layout stand.
    """

    lines: pl.LazyFrame
    head: pl.DataFrame
    found: Found


ODD: Final = pl.col("odd").sum()
"""How many lines cannot be added up."""


def typed_lines(scan: Scan, layout: Layout) -> pl.LazyFrame | None:
    """Lines under house names, moments and numbers typed, each with whether it is odd; columns as
    they stand under RAW. None where moments are written in no plain way."""
    formats = _formats(scan, layout)
    if formats is None:
        return None
    columns, schema = scan.found.columns, scan.head.schema
    raw = scan.lines.select(
        pl.col("(row)").cast(pl.Int64).alias("row_number"),
        *[pl.col(c).alias(RAW + c) for c in scan.head.columns if c != "(row)"],
    )
    keys = [pl.col(RAW + columns[h]).alias(h) for h in scan.found.keys(layout)]
    long = [pl.col(RAW + columns[h]).alias(h) for h in layout.long if h in columns]
    tags = [pl.col(RAW + c).alias(c) for c in scan.found.tags]
    moments = [
        _moment(RAW + columns[h], schema[columns[h]], formats.get(h)).alias(h)
        if h in columns
        else pl.lit(None, MOMENT).alias(h)
        for h in MOMENTS
    ]
    numbers = [
        _number(RAW + columns[h], schema[columns[h]]).alias(h)
        if h in columns
        else pl.lit(None, pl.Float64).alias(h)
        for h in NUMBERS
    ]
    unread = [
        pl.col(h).is_null() & (_filled(RAW + columns[h], schema[columns[h]]))
        for h in (*MOMENTS, *NUMBERS)
        if h in columns
    ]
    wanted = [h for h in MOMENTS if h in columns and not (h == "end" and layout.day)]
    absent = [pl.col(h).is_null() for h in wanted]
    return (
        raw.with_columns(*keys, *long, *tags, *moments, *numbers)
        .with_columns(pl.any_horizontal(*unread, *absent).alias("(unread)"))
        .with_columns(period_end(layout))
        .with_columns((pl.col("(unread)") | odd_line()).alias("odd"))
    )


def _moment(column: str, kind: pl.DataType, format: str | None) -> pl.Expr:
    """A column as moments in UTC; null where a text is none."""
    cell = pl.col(column)
    if isinstance(kind, pl.Datetime):
        utc = (
            cell.dt.convert_time_zone("UTC") if kind.time_zone else cell.dt.replace_time_zone("UTC")
        )
        return utc.dt.cast_time_unit("us")
    if kind == pl.Date:
        return cell.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    read = cell.str.to_datetime(format or "", strict=False, time_unit="us")
    return read.dt.replace_time_zone("UTC")


def _number(column: str, kind: pl.DataType) -> pl.Expr:
    cell = pl.col(column)
    # A float that is no number says nothing, as an empty cell does.
    return cell.fill_nan(None) if kind.is_float() else cell.cast(pl.Float64, strict=False)


def _filled(column: str, kind: pl.DataType) -> pl.Expr:
    """Whether a cell states anything."""
    if kind == pl.String:
        return (pl.col(column) != "").fill_null(False)
    return pl.lit(False) if kind.is_float() else pl.col(column).is_not_null()


def _formats(scan: Scan, layout: Layout) -> dict[str, str] | None:
    """House column -> how its moments are written; None where they, or numbers, are in no plain
    way."""
    columns, head = scan.found.columns, scan.head
    formats: dict[str, str] = {}
    for house in (h for h in MOMENTS if h in columns):
        cells = head[columns[house]]
        if isinstance(cells.dtype, pl.Datetime) or cells.dtype == pl.Date:
            continue
        first = cells.drop_nulls().first() if cells.dtype == pl.String else None
        if not isinstance(first, str):
            return None
        format = next((f for pattern, f in _FORMATS if pattern.match(first)), None)
        if format is None and _SLASHED.match(first):
            format = _slashed(scan, house, layout)
        if format is None:
            return None
        formats[house] = format
    numeric = [head[columns[h]].dtype for h in NUMBERS if h in columns]
    return formats if all(t.is_numeric() or t == pl.String for t in numeric) else None


def _slashed(scan: Scan, house: str, layout: Layout) -> str | None:
    """The order of day and month that the file's first dates tell, else any date of the column."""
    columns = scan.found.columns
    named = [columns[h] for h in (*MOMENTS, *layout.dates) if h in columns]
    texts = [scan.head[c] for c in named if scan.head[c].dtype == pl.String]
    order = day_first(texts)
    if order is None:
        column = columns[house]
        order = day_first([scan.lines.select(pl.col(column).unique()).collect()[column]])
    return None if order is None else "%d/%m/%Y" if order else "%m/%d/%Y"


def has_unusable(sums: pl.DataFrame, found: Found, layout: Layout) -> bool:
    return bool(sums.select(unusable_names(sums.schema, found, layout).any()).item())


def unusable_names(schema: pl.Schema, found: Found, layout: Layout) -> pl.Expr:
    """Whether a text that names something is none that a name can have."""
    return unusable([key for key in found.keys(layout) if schema[key] == pl.String])
