"""However a file of any format is damaged: its rows are accounted for, or it is refused."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from damaging import (
    DAMAGES,
    ENCODINGS,
    PACKINGS,
    as_parquet,
    as_workbook,
    flipped,
    gzipped,
    zipped,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carbon import activity
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, RefusalError, RefusedMember
from carbon.factors import readers as factor_files
from carbon.factors.library import context_maps, load
from carbon.schema import Factor
from carbon.tables import Payload
from carbon.tables.recognition import peek, recognise
from carbon.workspace.counting import rows_of

DATA = Path(__file__).parent / "data"
READERS: dict[str, Any] = {**activity.READERS, **factor_files.READERS}

EXAMPLES = max(int(os.environ.get("DAMAGED", "250")), settings().max_examples)
"""Damaged files of each example; with some forty examples more than ten thousand in all. The
profile of `make fuzz` asks for more."""

FILES = sorted(path.name for path in DATA.iterdir() if path.is_file())
TEXTS = [name for name in FILES if (DATA / name).suffix not in (".parquet", ".xlsx", ".gz", ".zip")]

CONTEXT = Context(evidence_id="e" * 64, **context_maps(load(), Factor.create_empty()))

relaxed = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
steps = st.lists(
    st.tuples(st.sampled_from(range(len(DAMAGES))), st.integers(0, 10_000), st.integers(0, 10_000)),
    max_size=5,
)


def account_for(payload: Payload, format: str | None) -> str:
    """Read a file, count its rows, and give its format.

    rows = rows that accepted frames stand for + rows set aside, and no row is both.
    """
    name, _, _ = recognise(payload, READERS, format)
    reading = READERS[name].read(payload, CONTEXT)
    if name in factor_files.READERS:
        frames = {"factor": reading.factors}
    else:
        frames = {
            "activity": reading.activity,
            "reported": reading.reported,
            "instrument": reading.instruments,
        }
    accepted = {row for frame in frames.values() for row in frame["row_number"]}
    aside = set(reading.quarantine["row_number"])
    assert accepted & aside == set()
    assert rows_of(frames) + len(aside) == reading.rows
    return name


def read_all(name: str, data: bytes, format: str | None) -> None:
    try:
        for payload in open_payloads(name, data):
            if isinstance(payload, RefusedMember):
                raise RefusalError(payload.reason)
            account_for(payload, format)
    except RefusalError as refusal:
        message = str(refusal)
        assert message.rstrip("`)\"'").endswith((".", "?")), message
        assert "Traceback" not in message


@cache
def format_of(file: str) -> str:
    """The format of an example, as it is recognised undamaged."""
    (payload,) = open_payloads(file, (DATA / file).read_bytes())
    assert isinstance(payload, Payload)
    return account_for(payload, None)


def test_there_is_an_example_of_every_format() -> None:
    assert set(READERS) - {format_of(file) for file in FILES} == set()


@pytest.mark.parametrize("file", TEXTS)
@relaxed
@given(
    steps=steps,
    encoding=st.sampled_from(ENCODINGS),
    cut=st.integers(0, 40),
    packing=st.sampled_from(range(len(PACKINGS))),
    named=st.booleans(),
)
def test_a_damaged_file_is_refused_or_every_row_is_accounted_for(
    file: str,
    *,
    steps: list[tuple[int, int, int]],
    encoding: str,
    cut: int,
    packing: int,
    named: bool,
) -> None:
    text = (DATA / file).read_text("utf-8")
    for kind, a, b in steps:
        text = DAMAGES[kind](text, a, b)
    data = text.encode(encoding, errors="replace")
    data = PACKINGS[packing](data[: len(data) - cut])
    read_all(file, data, format_of(file) if named else None)


@pytest.mark.parametrize("file", [name for name in FILES if name not in TEXTS])
@relaxed
@given(flips=st.lists(st.integers(0, 100_000), max_size=4), cut=st.integers(0, 500))
def test_damaged_bytes_of_a_binary_file_are_refused_in_words_or_read(
    file: str, *, flips: list[int], cut: int
) -> None:
    data = flipped((DATA / file).read_bytes(), flips, cut if cut % 2 else 0)
    read_all(file, data, format_of(file))


@pytest.mark.parametrize("container", ["xlsx", "parquet", "gzip", "zip"])
@relaxed
@given(
    file=st.sampled_from([name for name in TEXTS if name.endswith(".csv")]),
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
