"""A bill in Parquet -> sums of its lines, batch by batch.

A row group may hold millions of lines, and a scanner that decodes it whole needs gigabytes for it.
Here pages are decoded as they are needed, repeated texts stay codes of a dictionary until their
lines are added up, and what is kept of a batch are its sums. Memory so does not grow with the file.
"""

from collections.abc import Iterator, Sequence
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
from carbon.tables.columnar import read_parquet
from carbon.tables.payload import Correction
from carbon.tables.table import Table, build_table

BATCH: Final = 250_000
"""Lines that are decoded at once: the needed columns of so many take some 100 MB."""

MANY: Final = 100_000
"""Sums of batches beyond this are merged."""

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

    def add(self, sums: pl.DataFrame, keys: list[str]) -> None:
        """Keep the sums of one more batch; they are merged before they become many."""
        self.sums.append(sums)
        if sum(part.height for part in self.sums[1:]) > max(MANY, self.sums[0].height):
            self.sums = [merge_sums(pl.concat(self.sums), keys)]


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
    source = pa.BufferReader(data)
    metadata = pq.read_metadata(source)
    coded = _coded(metadata.schema, found, layout)
    flat = [path for path in coded if path in found.columns.values()]
    files = [pq.ParquetFile(source, read_dictionary=paths) for paths in (coded, flat)]
    row = FIRST_ROW
    for group in range(metadata.num_row_groups):
        for batch in _of_group(files, group, [*found.columns.values(), *found.tags]):
            # A damaged page holds codes without a text, or bytes that are no text.
            batch.validate(full=True)
            frame = pl.from_arrow(pa.Table.from_batches([batch]))
            assert isinstance(frame, pl.DataFrame)
            yield row, frame
            row += frame.height


def _of_group(
    files: list[pq.ParquetFile], group: int, needed: list[str]
) -> Iterator[pa.RecordBatch]:
    """Batches of a row group. Within lists and maps texts stay codes only as long as one dictionary
    holds them all; from where it does not they are read as they are."""
    done = 0
    try:
        for batch in files[0].iter_batches(BATCH, row_groups=[group], columns=needed):
            yield batch
            done += batch.num_rows
    except pa.ArrowNotImplementedError:
        for batch in files[1].iter_batches(BATCH, row_groups=[group], columns=needed):
            left = batch.slice(min(done, batch.num_rows))
            done -= batch.num_rows - left.num_rows
            if left.num_rows:
                yield left


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
    gathered.add(sums.drop("odd"), [*keys, HASH])
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
    careful = read_by_hand(name, _table(name, cells, odd["row_number"]), layout)
    return replace(
        fast,
        sums=pl.concat([fast.sums, careful.sums], how="diagonal").sort("row_number"),
        rows=fast.rows + careful.rows,
        rejections=careful.rejections,
        notes=[*fast.notes, *(n for n in careful.notes if n not in fast.notes)],
    )


def parquet_cells(payload: Payload, layout: Layout) -> Table:
    """Every cell of a Parquet file as text; tags as JSON.

    Raises:
        RefusalError: the file cannot be read.
    """
    frame = _flat(read_parquet(payload.name, payload.data).lazy(), layout).collect()
    rows = pl.Series(range(FIRST_ROW, FIRST_ROW + frame.height), dtype=pl.Int64)
    return _table(payload.name, frame, rows, payload.corrections)


def _table(
    name: str, cells: pl.DataFrame, rows: pl.Series, corrections: Sequence[Correction] = ()
) -> Table:
    texts = cells.select(encoded(cells[c]).alias(f"c{i}") for i, c in enumerate(cells.columns))
    return build_table(name, texts, rows, cells.columns, 1, decimal=".", corrections=corrections)


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
