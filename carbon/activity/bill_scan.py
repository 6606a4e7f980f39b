"""A bill's file -> sums of its lines: the fast way where the file is regular, else the careful one.

*Fast*: polars scans the columns of a Parquet or comma-separated file and adds lines up as they
pass (`bill_lines.sum_lines`), in memory that does not grow with the file. *Careful*: every cell is
read (`bill_by_hand`); of a Parquet file only the lines that the fast way cannot take. Both give
the same sums.

A text file is regular where it is undamaged UTF-8, its first line is a header without twins, its
numbers and dates are written in one plain way, and its bytes add up: what stands in the cells, a
delimiter or line end for each, and the quotation marks around and within them make the whole file.
A line with a field too few or too many breaks that sum, which costs no second look at the file.
"""

import io
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import polars as pl

from carbon.activity.bill_by_hand import read_by_hand
from carbon.activity.bill_layout import (
    MOMENTS,
    Found,
    Layout,
    Lines,
    clean,
    find_columns,
    period_end,
    unusable,
)
from carbon.activity.bill_lines import MOMENT, NUMBERS, odd_line, sum_lines
from carbon.activity.bill_tags import encoded
from carbon.activity.regular_text import BYTES, RegularText
from carbon.activity.source import Payload
from carbon.tables import day_first, read_table
from carbon.tables.table import build_table

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
_HEAD_ROWS: Final = 100
RAW: Final = "(raw) "
"""Before the file's own name of a column, as it stands there."""


@dataclass(frozen=True)
class _Scan:
    """A file that is read as it passes.

    Attributes:
        lines: row_number and the file's columns as they stand, nested ones flat with dots.
        head: its first lines.
        found: where the columns of the layout stand.
    """

    lines: pl.LazyFrame
    head: pl.DataFrame
    found: Found


def read_lines(payload: Payload, layout: Layout) -> Lines:
    """Sums of the lines of a bill.

    Args:
        payload: the file.
        layout: its columns.

    Raises:
        RefusalError: no table, or a required column is missing.
    """
    ways = {"parquet": _parquet_lines, "text": _csv_lines}
    fast = None
    if payload.kind in ways and not payload.corrections:
        try:
            fast = ways[payload.kind](payload, layout)
        except (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException):
            fast = None
    # Whatever made the file irregular is named by the careful way, which meets it again.
    if fast is None:
        return read_by_hand(payload.name, read_table(payload, list(layout.names)), layout)
    return fast


def _parquet_lines(payload: Payload, layout: Layout) -> Lines | None:
    """Lines of a Parquet file; single ones that cannot be added up are read by hand."""
    whole = pl.scan_parquet(io.BytesIO(payload.data), row_index_name="(row)", row_index_offset=2)
    lines = _flat(whole, layout)
    columns = lines.collect_schema().names()[1:]
    found = find_columns(payload.name, columns, layout)
    typed = _typed(_Scan(lines, lines.head(_HEAD_ROWS).collect(), found), layout)
    if typed is None:
        return None
    fast, odd = _added_up(typed, found, layout)
    if fast is None or not odd:
        return fast
    raw = [pl.col(RAW + column).alias(column) for column in columns]
    left = typed.filter("odd").select("row_number", *raw).collect(engine="streaming")
    return _joined(fast, payload.name, left, layout)


def _added_up(typed: pl.LazyFrame, found: Found, layout: Layout) -> tuple[Lines | None, int]:
    """Lines that can be added up, and how many cannot; None where there are none, or where a cell
    is none that a name can have."""
    keys, carried, month = found.keys(layout), found.carried(layout), _only_month(typed)
    sums = sum_lines(typed, keys, carried, month=month, measures=[_ODD])
    odd = int(sums["odd"].sum())
    if odd:
        sums = sum_lines(typed.filter(~pl.col("odd")), keys, carried, measures=[_ODD])
    if not sums.height or _has_unusable(sums, found, layout):
        return None, odd
    rows = int(sums["lines"].sum())
    return Lines(clean(sums.drop("odd"), found, layout), found, rows, notes=list(found.notes)), odd


_ODD: Final = pl.col("odd").sum()


def _only_month(typed: pl.LazyFrame) -> datetime | None:
    """The month in which every line starts; None where there are several. A Parquet file tells the
    bounds of a column without its being read."""
    first, last = (
        typed.select(first=pl.col("start").min(), last=pl.col("start").max())
        .select(pl.all().dt.truncate("1mo"))
        .collect(engine="streaming")
        .row(0)
    )
    return first if first == last else None


def _joined(fast: Lines, name: str, odd: pl.DataFrame, layout: Layout) -> Lines:
    """Lines that were added up, and the odd ones of the same typed file, read by hand."""
    cells = odd.drop("row_number")
    if not cells.select(pl.any_horizontal(pl.all().is_not_null()).any()).item():
        return fast  # A line without any cell is a blank one, here as in a spreadsheet.
    texts = cells.select(encoded(cells[c]).alias(f"c{i}") for i, c in enumerate(cells.columns))
    table = build_table(name, texts, odd["row_number"], cells.columns, 1, decimal=".")
    careful = read_by_hand(name, table, layout)
    sums = [fast.sums, careful.sums]
    for column in fast.found.carried(layout):
        sums = [part.with_columns(encoded(part[column])) for part in sums]
    return replace(
        fast,
        sums=pl.concat(sums, how="diagonal").sort("row_number"),
        rows=fast.rows + careful.rows,
        rejections=careful.rejections,
        notes=[*fast.notes, *(n for n in careful.notes if n not in fast.notes)],
    )


def _flat(lines: pl.LazyFrame, layout: Layout) -> pl.LazyFrame:
    """Columns with records opened, at every depth, but for those that are carried whole."""
    whole = {known for known, house in layout.names.items() if house in layout.long}
    while True:
        schema = lines.collect_schema()
        nested = [c for c, t in schema.items() if isinstance(t, pl.Struct) and c not in whole]
        if not nested:
            return lines
        opened = [
            pl.col(c).struct.field(f.name).alias(f"{c}.{f.name}")
            for c in nested
            for f in schema[c].fields  # type: ignore[attr-defined]
        ]
        lines = lines.select(pl.exclude(nested), *opened)


def _csv_lines(payload: Payload, layout: Layout) -> Lines | None:
    """Lines of a comma-separated file; None where it is not regular."""
    text = RegularText.of(payload)
    if text is None:
        return None
    found = find_columns(payload.name, text.columns, layout)
    scan = _Scan(text.lines(), text.lines().head(_HEAD_ROWS).collect(), found)
    typed = _typed(scan, layout)
    if typed is None:
        return None
    keys, carried = found.keys(layout), found.carried(layout)
    sums = sum_lines(typed, keys, carried, measures=[_ODD, text.measure(RAW)])
    rows, cells, odd = (int(sums[name].sum()) for name in ("lines", BYTES, "odd"))
    if odd or _has_unusable(sums, found, layout) or not text.adds_up(rows, cells):
        return None
    regular = clean(sums.drop("odd", BYTES), found, layout)
    return Lines(regular, found, rows, notes=list(found.notes))


def _typed(scan: _Scan, layout: Layout) -> pl.LazyFrame | None:
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


def _formats(scan: _Scan, layout: Layout) -> dict[str, str] | None:
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


def _slashed(scan: _Scan, house: str, layout: Layout) -> str | None:
    """The order of day and month that the file's first dates tell, else any date of the column."""
    columns = scan.found.columns
    named = [columns[h] for h in (*MOMENTS, *layout.dates) if h in columns]
    texts = [scan.head[c] for c in named if scan.head[c].dtype == pl.String]
    order = day_first(texts)
    if order is None:
        column = columns[house]
        order = day_first([scan.lines.select(pl.col(column).unique()).collect()[column]])
    return None if order is None else "%d/%m/%Y" if order else "%m/%d/%Y"


def _has_unusable(sums: pl.DataFrame, found: Found, layout: Layout) -> bool:
    texts = [key for key in found.keys(layout) if sums[key].dtype == pl.String]
    return bool(sums.select(unusable(texts).any()).item())
