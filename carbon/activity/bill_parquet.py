"""A bill in Parquet -> sums of its lines, batch by batch.

A row group may hold millions of lines, and a scanner that decodes it whole needs gigabytes for it.
Here pages are decoded as they are needed, repeated texts stay codes of a dictionary until their
lines are added up, and what is kept of a batch are its sums. Memory so does not grow with the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import polars as pl
import polars.selectors as cs
import pyarrow as pa
import pyarrow.parquet as pq

from carbon.activity.bill_by_hand import read_by_hand
from carbon.activity.bill_layout import Found, Layout, Lines, clean, find_columns
from carbon.activity.bill_lines import HASH, merge_sums, sum_lines
from carbon.activity.bill_tags import encoded
from carbon.activity.bill_typed import (
    HEAD_ROWS,
    ODD,
    RAW,
    Scan,
    has_unusable,
    typed_lines,
    unusable_names,
)
from carbon.activity.source import Payload
from carbon.tables.table import build_table

BATCH: Final = 250_000
"""Lines that are decoded at once: the needed columns of so many take some 100 MB."""

FIRST_ROW: Final = 2
"""Row 1 is the header, as it would be in a spreadsheet."""


@dataclass
class _Gathered:
    """What is kept of the batches.

    Attributes:
        sums: sums of lines by batch, without what is carried.
        carried: under HASH, as text, what is carried; each once.
        odd: lines that cannot be added up, as they stand.
    """

    sums: list[pl.DataFrame] = field(default_factory=list)
    carried: pl.DataFrame | None = None
    odd: list[pl.DataFrame] = field(default_factory=list)


def parquet_lines(payload: Payload, layout: Layout) -> Lines | None:
    """Lines of a Parquet file; single ones that cannot be added up are read by hand.

    Args:
        payload: the file.
        layout: its columns.

    Returns:
        None where moments or numbers are of a type that needs reading by hand.

    Raises:
        RefusalError: a required column is missing.
    """
    source = pa.BufferReader(payload.data)
    empty = pl.from_arrow(pq.read_schema(source).empty_table())
    assert isinstance(empty, pl.DataFrame)
    columns = _flat(empty.lazy(), layout).collect_schema().names()
    found = find_columns(payload.name, columns, layout)
    gathered = _Gathered()
    for first, batch in _batches(payload.data, found, layout):
        lines = _flat(batch.lazy(), layout).with_row_index("(row)", first)
        scan = Scan(lines, lines.head(HEAD_ROWS).collect(), found)
        typed = typed_lines(scan, layout)
        if typed is None:
            return None
        _gather(gathered, typed, scan, layout)
    if not any(part.height for part in gathered.sums):
        return None
    return _lines(payload.name, gathered, found, layout)


def _batches(data: bytes, found: Found, layout: Layout) -> Iterator[tuple[int, pl.DataFrame]]:
    """Row number of the first line of each batch, and the batch."""
    needed = [*found.columns.values(), *found.tags]
    source = pa.BufferReader(data)
    coded = _coded(pq.read_metadata(source).schema, found, layout)
    row = FIRST_ROW
    file = pq.ParquetFile(source, read_dictionary=coded)
    for batch in file.iter_batches(batch_size=BATCH, columns=needed):
        # A damaged page holds codes without a text, or bytes that are no text.
        batch.validate(full=True)
        frame = pl.from_arrow(pa.Table.from_batches([batch]))
        assert isinstance(frame, pl.DataFrame)
        yield row, frame
        row += frame.height


def _coded(schema: pq.ParquetSchema, found: Found, layout: Layout) -> list[str]:
    """Columns of repeated texts, those within lists and maps too; they stay codes of a
    dictionary, which spares most of the work of decoding them."""
    names = [*(found.columns[key] for key in found.keys(layout)), *found.tags]
    names += [found.columns[house] for house in layout.long if house in found.columns]
    leaves = [schema.column(index) for index in range(len(schema))]
    return [
        leaf.path
        for leaf in leaves
        if leaf.logical_type.type == "STRING"
        and any(leaf.path == name or leaf.path.startswith(f"{name}.") for name in names)
    ]


def _gather(gathered: _Gathered, typed: pl.LazyFrame, scan: Scan, layout: Layout) -> None:
    """Add up the lines of a batch; keep those that cannot be."""
    keys, carried = scan.found.keys(layout), scan.found.carried(layout)
    sums = sum_lines(
        typed, keys, carried, keep=False, month=_only_month(typed), measures=[ODD]
    ).with_columns(_decoded(keys))
    if sums["odd"].sum() or has_unusable(sums, scan.found, layout):
        named = unusable_names(sums.schema, scan.found, layout)
        marked = typed.with_columns(_decoded(keys)).with_columns(pl.col("odd") | named)
        raw = [pl.col(RAW + c).alias(c) for c in scan.head.columns if c != "(row)"]
        gathered.odd.append(marked.filter("odd").select("row_number", *raw).collect())
        typed = marked.filter(~pl.col("odd"))
        sums = sum_lines(typed, keys, carried, keep=False, measures=[ODD])
    gathered.sums.append(sums.drop("odd"))
    if carried:
        gathered.carried = _with_carried(gathered.carried, sums, typed, carried)


def _decoded(keys: list[str]) -> pl.Expr:
    """Keys as text, where they are codes of a dictionary."""
    return (cs.by_name(keys) & cs.categorical()).cast(pl.String)


def _with_carried(
    known: pl.DataFrame | None, sums: pl.DataFrame, lines: pl.LazyFrame, carried: list[str]
) -> pl.DataFrame:
    """What is carried, with what a batch has of it that was not met before."""
    new = sums.select(HASH, "row_number").unique(HASH, keep="first", maintain_order=True)
    if known is not None:
        new = new.join(known, on=HASH, how="anti")
    wanted = pl.col("row_number").is_in(new["row_number"].implode())
    cells = lines.filter(wanted).select("row_number", *carried).collect()
    texts = cells.with_columns(encoded(cells[column]) for column in carried)
    found = new.join(texts, on="row_number", validate="1:1").drop("row_number")
    return found if known is None else pl.concat([known, found])


def _only_month(typed: pl.LazyFrame) -> datetime | None:
    """The month in which every line starts; None where there are several."""
    bounds = typed.select(first=pl.col("start").min(), last=pl.col("start").max())
    first, last = bounds.select(pl.all().dt.truncate("1mo")).collect().row(0)
    return first if first == last else None


def _lines(name: str, gathered: _Gathered, found: Found, layout: Layout) -> Lines:
    """Lines of all batches."""
    sums = merge_sums(pl.concat(gathered.sums), [*found.keys(layout), HASH])
    rows = int(sums["lines"].sum())
    if gathered.carried is not None:
        sums = sums.join(
            gathered.carried, on=HASH, how="left", validate="m:1", maintain_order="left"
        )
    fast = Lines(clean(sums.drop(HASH), found, layout), found, rows, notes=list(found.notes))
    return _joined(fast, name, pl.concat(gathered.odd), layout) if gathered.odd else fast


def _joined(fast: Lines, name: str, odd: pl.DataFrame, layout: Layout) -> Lines:
    """Lines that were added up, and the odd ones of the same file, read by hand."""
    cells = odd.drop("row_number")
    if not cells.select(pl.any_horizontal(pl.all().is_not_null()).any()).item():
        return fast  # A line without any cell is a blank one, here as in a spreadsheet.
    texts = cells.select(encoded(cells[c]).alias(f"c{i}") for i, c in enumerate(cells.columns))
    table = build_table(name, texts, odd["row_number"], cells.columns, 1, decimal=".")
    careful = read_by_hand(name, table, layout)
    sums = [fast.sums, careful.sums]
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
