"""Damaged containers, and bytes that never were a file: refused in words, or every row is counted.

Damaged files of each format stand in `test_damaged_*_property.py` of the rooms that read them.
"""

import polars as pl
import pytest
from accounted import DATA, EXAMPLES, FILES, MANY, READERS, format_of, read_all, relaxed
from damaging import as_parquet, as_workbook, flipped, gzipped, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from carbon.tables import Payload
from carbon.tables.recognition import peek

TABLES = [name for name in FILES if name.endswith(".csv")]


def test_there_is_an_example_of_every_format() -> None:
    assert set(READERS) - {format_of(file) for file in FILES} == set()


def test_ten_thousand_files_are_damaged() -> None:
    assert MANY * len(FILES) >= 10_000


@pytest.mark.parametrize("container", ["xlsx", "parquet", "gzip", "zip"])
@relaxed
@given(
    file=st.sampled_from(TABLES),
    flips=st.lists(st.integers(0, 100_000), max_size=4),
    cut=st.integers(0, 5000),
    mistyped=st.lists(st.integers(0, 1000), max_size=3),
)
def test_tables_in_damaged_containers_are_refused_in_words_or_read(
    container: str,
    *,
    file: str,
    flips: list[int],
    cut: int,
    mistyped: list[int],
) -> None:
    read_all(
        f"file.{container}",
        flipped(packed(file, container, mistyped), flips, cut if cut % 2 else 0),
        format_of(file),
    )


def packed(file: str, container: str, mistyped: list[int]) -> bytes:
    """An example's table in a container; some of its columns get another type on the way."""
    plain = (DATA / file).read_bytes()
    if container in ("gzip", "zip"):
        return gzipped(plain) if container == "gzip" else zipped(plain)
    frame = pl.read_csv(plain, infer_schema=False, truncate_ragged_lines=True, quote_char=None)
    if container == "xlsx":
        return as_workbook([frame.columns, *frame.rows()])
    for index in mistyped:
        column = frame.columns[index % frame.width]
        kind = (pl.Int64, pl.Boolean, pl.Binary, pl.List(pl.String), pl.Null)[index % 5]
        values = (
            frame[column].cast(pl.Binary)
            if kind == pl.Binary
            else pl.Series(column, [None] * frame.height, dtype=kind)
        )
        frame = frame.with_columns(values.alias(column))
    return as_parquet(frame)


@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_in_words_or_read(data: bytes) -> None:
    read_all("anything.bin", data, None)


@settings(max_examples=EXAMPLES, deadline=None)
@given(text=st.text(max_size=200))
def test_the_head_of_any_text_can_be_looked_at(text: str) -> None:
    head = peek(Payload("anything.txt", "text", text, text.encode("utf-8", "replace")), ())
    assert all(0 <= reader.sniff(head).confidence <= 1 for reader in READERS.values())
