"""Parquet -> table of text, or -> the typed frame where columns are nested."""

import io
from collections.abc import Sequence
from datetime import time

import polars as pl

from carbon.tables.payload import Correction, RefusalError
from carbon.tables.table import Table, build_table


def read_parquet(name: str, data: bytes, rows: int | None = None) -> pl.DataFrame:
    """The frame of a Parquet file, as typed.

    Raises:
        RefusalError: the file cannot be read.
    """
    try:
        return pl.read_parquet(io.BytesIO(data), n_rows=rows)
    except (pl.exceptions.PolarsError, OSError, pl.exceptions.PanicException) as error:
        raise RefusalError(
            f"{name}: the Parquet file cannot be read; it may be cut off. Fetch it again."
        ) from error


def parquet_columns(name: str, data: bytes) -> tuple[str, ...]:
    """Column names of a Parquet file, nested ones with dots; no row is read.

    Raises:
        RefusalError: the file cannot be read.
    """
    return tuple(flatten(read_parquet(name, data, 0)).columns)


def parquet_table(
    name: str, data: bytes, rows: int | None = None, corrections: Sequence[Correction] = ()
) -> Table:
    """A Parquet file as a table of text; nested columns are flattened with dots.

    Row 1 is the header, as it would be in a spreadsheet, so the first data row is row 2.

    Raises:
        RefusalError: the file cannot be read, or has no rows.
    """
    frame = flatten(read_parquet(name, data, rows))
    cells = frame.select(as_text(frame[c]).alias(f"c{i}") for i, c in enumerate(frame.columns))
    numbers = pl.Series("row_number", range(2, frame.height + 2), dtype=pl.Int64)
    return build_table(name, cells, numbers, frame.columns, 1, decimal=".", corrections=corrections)


def flatten(frame: pl.DataFrame) -> pl.DataFrame:
    """Structs become columns named with dots, at every depth."""
    while nested := [c for c, t in frame.schema.items() if isinstance(t, pl.Struct)]:
        for column in nested:
            inner = frame[column].struct.unnest()
            frame = frame.drop(column).hstack(
                inner.rename({c: f"{column}.{c}" for c in inner.columns})
            )
    return frame


def as_text(series: pl.Series) -> pl.Series:
    """A typed column as text that reads back to the same value; null stays null."""
    kind = series.dtype
    if kind == pl.String:
        return series
    if isinstance(kind, pl.Datetime):
        if kind.time_zone is None and bool((series.dt.time() == time(0)).all()):
            # Some tools know no dates without a time; a column of midnights is a column of dates.
            return series.dt.strftime("%Y-%m-%d")
        utc = series.dt.convert_time_zone("UTC") if kind.time_zone else series
        return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f" + ("Z" if kind.time_zone else ""))
    if kind == pl.Date:
        return series.dt.strftime("%Y-%m-%d")
    if kind in (pl.Binary, pl.Object) or isinstance(kind, pl.List | pl.Array):
        words = [None if v is None else str(v) for v in series]
        return pl.Series(series.name, words, dtype=pl.String)
    return series.cast(pl.String, strict=False)
