"""Two ways through a bill's file, one result; and no line is lost on either."""

import io
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carbon.activity import aws_cur, azure_costs, bill_parquet, bill_scan, focus
from carbon.activity.bill_tags import read_tags
from carbon.activity.bill_units import Unit, read_unit
from carbon.activity.intake import open_payloads
from carbon.activity.regular_text import RegularText
from carbon.activity.source import Context, Payload, Reading
from carbon.tables.payload import Correction
from carbon.workspace.counting import rows_of

DATA = Path(__file__).parents[1] / "data"
BILLS = {
    "aws_cur_2.csv": aws_cur,
    "azure_costs_ea.csv": azure_costs,
    "focus_aws.csv": focus,
    "focus_gcp.csv": focus,
    "focus_azure.csv": focus,
}
CUR = (DATA / "aws_cur_2.csv").read_bytes()


def payload_of(data: bytes) -> Payload:
    (payload,) = open_payloads("bill", data)
    assert isinstance(payload, Payload)
    return payload


@contextmanager
def by_hand() -> Iterator[None]:
    """Every text file is read cell by cell."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RegularText, "of", classmethod(lambda cls, payload: None))
        yield


@contextmanager
def only_fast() -> Iterator[None]:
    """No file may be read cell by cell."""

    def refuse(*_: object) -> None:
        raise AssertionError("read by hand")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bill_scan, "read_by_hand", refuse)
        patch.setattr(bill_parquet, "read_by_hand", refuse)
        yield


def same(one: Reading, other: Reading) -> None:
    assert one.rows == other.rows
    assert one.activity.equals(other.activity)
    assert one.quarantine.equals(other.quarantine)
    assert one.notes == other.notes


def account_for(found: Reading) -> None:
    accepted, aside = set(found.activity["row_number"]), set(found.quarantine["row_number"])
    assert not accepted & aside
    assert rows_of({"activity": found.activity}) + len(aside) == found.rows


@pytest.mark.parametrize(("file", "reader"), BILLS.items(), ids=BILLS)
def test_both_ways_give_the_same(file: str, reader: ModuleType, context: Context) -> None:
    payload = payload_of((DATA / file).read_bytes())
    with only_fast():
        fast = reader.read(payload, context)
    with by_hand():
        careful = reader.read(payload, context)
    same(fast, careful)
    account_for(fast)


def test_maps_in_parquet_are_tags_and_batches_are_one_bill(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    september = pl.read_csv(CUR, infer_schema=False)
    october = september.head(1).with_columns(
        pl.col("^line_item_usage_.*_date$").str.replace("2026-09", "2026-10")
    )
    frame = pl.concat([september, october])
    table = frame.drop("resource_tags").to_arrow()
    pairs = [
        None if text is None else sorted(read_tags(text).items()) for text in frame["resource_tags"]
    ]
    maps = pa.array(pairs, type=pa.map_(pa.string(), pa.string()))
    buffer = io.BytesIO()
    pq.write_table(table.append_column("resource_tags", maps), buffer, row_group_size=5)
    monkeypatch.setattr(bill_parquet, "BATCH", 2)
    monkeypatch.setattr(bill_parquet, "MANY", 3)
    bill = payload_of(buffer.getvalue())
    expected = aws_cur.read(payload_of(frame.write_csv().encode()), context).activity
    with only_fast():
        assert aws_cur.read(bill, context).activity.equals(expected)
    mended = replace(bill, corrections=(Correction(2, "line_item_usage_amount", "1.0", "3"),))
    found = aws_cur.read(mended, context)
    # 3 h in place of 1 h, beside 0.5 h
    assert found.activity.filter(row_number=2)["quantity"].to_list() == pytest.approx(
        [49.1589, 3.5]
    )
    assert found.activity.drop("quantity").equals(expected.drop("quantity"))


def test_texts_that_outgrow_a_dictionary_are_read_as_they_are(context: Context) -> None:
    first = pl.read_csv(CUR, infer_schema=False).head(1).drop("resource_tags")
    count = 4000
    tags = [[("workload", f"job-{i}")] for i in range(count)]
    table = pl.concat([first] * count).to_arrow()
    maps = pa.array(tags, type=pa.map_(pa.string(), pa.string()))
    buffer = io.BytesIO()
    pq.write_table(
        table.append_column("resource_tags", maps), buffer, dictionary_pagesize_limit=2000
    )
    with only_fast():
        found = aws_cur.read(payload_of(buffer.getvalue()), context)
    assert found.activity["tags"].n_unique() == count
    assert rows_of({"activity": found.activity}) == found.rows == count


def test_a_name_that_is_none_is_set_aside_alone_in_parquet_too(context: Context) -> None:
    long = pl.when(pl.int_range(pl.len()) == 1).then(pl.lit("x" * 501))
    frame = pl.read_csv(CUR, infer_schema=False).with_columns(
        long.otherwise("line_item_resource_id").alias("line_item_resource_id")
    )
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    for data in (frame.write_csv().encode(), buffer.getvalue()):
        found = aws_cur.read(payload_of(data), context)
        assert found.quarantine.select("row_number", "column").rows() == [
            (3, "line_item_resource_id")
        ]
        account_for(found)


CELLS = [
    "",
    "x",
    '"',
    "a,b",
    '""',
    "1.5",
    "-2",
    "1,5",
    "NA",
    " 3",
    "2026-09-03T10:00:00Z",
    "é",
    "\n",
]

_FIELD = r'(?:"(?:[^"]|"")*"|[^",]*)'
WELL_QUOTED = re.compile(rf"{_FIELD}(?:,{_FIELD})*\Z")

damages = st.lists(
    st.tuples(
        st.sampled_from(["cell", "drop", "add", "blank", "cut", "quote", "swap", "twice"]),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
    ),
    max_size=3,
)


def damaged(text: str, steps: list[tuple[str, int, int]]) -> str:
    for kind, a, b in steps:
        lines = text.split("\n")
        at = 1 + a % max(len(lines) - 1, 1)
        cells = lines[min(at, len(lines) - 1)].split(",")
        if kind == "cell":
            cells[b % len(cells)] = CELLS[(a + b) % len(CELLS)]
        elif kind == "drop":
            del cells[b % len(cells)]
        elif kind == "add":
            cells.insert(b % (len(cells) + 1), CELLS[a % len(CELLS)])
        elif kind == "quote" and '"' not in cells[b % len(cells)]:
            cells[b % len(cells)] = f'"{cells[b % len(cells)]}"'
        elif kind == "swap":
            cells.reverse()
        lines[min(at, len(lines) - 1)] = ",".join(cells)
        if kind == "blank":
            lines.insert(at, "")
        elif kind == "twice":
            lines.insert(at, lines[a % len(lines)])
        text = "\n".join(lines)
        if kind == "cut":
            text = text[: a % (len(text) + 1)]
    return text


@settings(
    max_examples=max(150, settings().max_examples),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=damages, file=st.sampled_from(sorted(BILLS)), returns=st.booleans())
def test_a_damaged_bill_property(
    context: Context, *, steps: list[tuple[str, int, int]], file: str, returns: bool
) -> None:
    text = damaged((DATA / file).read_text("utf-8"), steps)
    data = (text.replace("\n", "\r\n") if returns else text).encode()
    readings = []
    for way in (only_text, by_hand):
        try:
            with way():
                readings.append(BILLS[file].read(payload_of(data), context))
                account_for(readings[-1])
        except ValueError as refusal:
            readings.append(str(refusal))
    if not all(WELL_QUOTED.match(line) for line in text.split("\n")):
        return  # Muddled quotation marks are read as well as each way can; no line is lost.
    if isinstance(readings[0], str) or isinstance(readings[1], str):
        assert readings[0] == readings[1]
    else:
        same(*readings)


@contextmanager
def only_text() -> Iterator[None]:
    yield


def test_sums_do_not_depend_on_the_order_of_lines(context: Context) -> None:
    first = pl.read_csv(CUR, infer_schema=False).head(1)
    amounts = [repr(10 ** random.Random(i).uniform(-6, 6)) for i in range(500)]
    bill = pl.concat([first] * 500).with_columns(line_item_usage_amount=pl.Series(amounts))

    def hours(frame: pl.DataFrame) -> float:
        rows = aws_cur.read(payload_of(frame.write_csv().encode()), context).activity
        return float(rows.filter(quantity_kind="instance_hours")["quantity"].item())

    assert {hours(bill.sample(fraction=1, shuffle=True, seed=seed)) for seed in range(4)} == {
        hours(bill)
    }
    assert hours(bill) == pytest.approx(sum(map(float, amounts)), rel=1e-12)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Hrs", Unit("hours", 1)),
        ("100 Hours", Unit("hours", 1)),
        ("seconds", Unit("hours", 1 / 3600)),
        ("GB-Mo", Unit("gb_months", 1)),
        ("1 GB/Month", Unit("gb_months", 1)),
        ("gibibyte month", Unit("gb_months", 1)),
        ("TB-Month", Unit("gb_months", 1024)),
        ("byte-seconds", Unit("gb_hours", 2.0**-30 / 3600)),
        ("GB-Second", Unit("gb_hours", 1 / 3600)),
        ("bytes", Unit("gb", 2.0**-30)),
        ("vCPU-Hours", Unit("vcpu_hours", 1)),
        ("1/Month", Unit("months", 1)),
        ("1K tokens", Unit("count", 1000)),
        ("tokens", Unit("count", 1)),
        ("1M", Unit("count", 1_000_000)),
        ("1,000 tokens", Unit("count", 1000)),
        ("count", Unit("count", 1)),
        ("Requests", Unit("", 0)),
        ("", Unit("", 0)),
    ],
)
def test_units_say_what_is_counted(text: str, unit: Unit) -> None:
    found = read_unit(text)
    assert (found.basis, found.factor) == (unit.basis, pytest.approx(unit.factor))


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ('{"a": "b", "n": 1}', {"a": "b", "n": "1"}),
        ('"a": "b","c": "d"', {"a": "b", "c": "d"}),
        ('[{"key": "a", "value": "b"}, {"key": "c", "value": null}]', {"a": "b"}),
        ("{a=b, c=d}", {"a": "b", "c": "d"}),
        ("what is this", {"tags": "what is this"}),
    ],
)
def test_tags_are_read_in_every_shape_and_none_is_lost(text: str, tags: dict[str, str]) -> None:
    assert read_tags(text) == tags


def test_a_file_of_another_dialect_is_read_by_hand(context: Context) -> None:
    numbers = pl.col("line_item_usage_amount", "line_item_unblended_cost")
    frame = pl.read_csv(CUR, infer_schema=False)
    german = frame.with_columns(numbers.str.replace(".", ",", literal=True))
    found = aws_cur.read(payload_of(german.write_csv(separator=";").encode()), context)
    same(found, aws_cur.read(payload_of(CUR), context))


def test_a_preamble_before_the_header_is_passed_over(context: Context) -> None:
    found = aws_cur.read(payload_of(b"Cost and usage of September,,\n" + CUR), context)
    plain = aws_cur.read(payload_of(CUR), context)
    assert found.activity["quantity"].to_list() == plain.activity["quantity"].to_list()
    assert found.activity["row_number"].to_list() == (plain.activity["row_number"] + 1).to_list()
