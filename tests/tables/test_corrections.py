"""A mended cell is read as it was mended, in every kind of file, and nothing else changes."""

import io
import json

import polars as pl
import pytest
import xlsxwriter

from carbon.tables import Payload, read_table
from carbon.tables.payload import Correction

KNOWN = ("workload", "energy_kwh", "period_start")
ROWS = [{"workload": "a", "energy_kwh": "1"}, {"workload": "b", "energy_kwh": "12 kilowatt"}]
MEND = Correction(3, "energy_kwh", "12 kilowatt", "12 kWh")


def workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for index, row in enumerate([list(ROWS[0]), *(list(row.values()) for row in ROWS)]):
            sheet.write_row(index, 0, row)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    pl.DataFrame(ROWS).write_parquet(out)
    return out.getvalue()


CSV = "workload,energy_kwh\na,1\nb,12 kilowatt\n"
FILES = {
    "csv": Payload("f.csv", "text", text=CSV),
    "quoted csv": Payload("f.csv", "text", text=CSV.replace("b,", '"b",')),
    "xlsx": Payload("f.xlsx", "xlsx", data=workbook()),
    "parquet": Payload("f.parquet", "parquet", data=parquet()),
    # Objects are numbered from 1: there is no header.
    "json": Payload("f.json", "json", text=json.dumps([{"workload": "z"}, *ROWS])),
    "jsonl": Payload("f.jsonl", "jsonl", text="\n".join(map(json.dumps, [{"a": 1}, *ROWS]))),
}


def mended(payload: Payload, *corrections: Correction):
    with_corrections = Payload(
        payload.name, payload.kind, payload.text, payload.data, corrections=corrections
    )
    return read_table(with_corrections, KNOWN)


@pytest.mark.parametrize("kind", FILES)
def test_one_cell_changes_and_no_other(kind: str) -> None:
    before = read_table(FILES[kind], KNOWN)
    after = mended(FILES[kind], MEND)
    assert after.row_numbers.to_list() == before.row_numbers.to_list()
    index = before.row_numbers.to_list().index(3)
    expected = before.frame["energy_kwh"].to_list()
    assert expected[index] == "12 kilowatt"
    expected[index] = "12 kWh"
    assert after.frame["energy_kwh"].to_list() == expected
    assert after.frame["workload"].to_list() == before.frame["workload"].to_list()
    assert after.notes == before.notes


@pytest.mark.parametrize(
    "wrong",
    [
        Correction(3, "energy_kwh", "13", "12 kWh"),
        Correction(9, "energy_kwh", "12 kilowatt", "12 kWh"),
        Correction(3, "power", "12 kilowatt", "12 kWh"),
    ],
    ids=["another text", "another row", "another column"],
)
def test_a_correction_that_finds_something_else_mends_nothing_and_says_so(wrong) -> None:
    before, after = read_table(FILES["csv"], KNOWN), mended(FILES["csv"], wrong)
    assert after.frame.equals(before.frame)
    assert [(note.row, note.column) for note in after.notes] == [(wrong.row, wrong.column)]


def test_the_last_correction_of_a_cell_counts_and_one_that_takes_it_back_is_none() -> None:
    again = Correction(3, "energy_kwh", "12 kilowatt", "13 kWh")
    back = Correction(3, "energy_kwh", "12 kilowatt", "12 kilowatt")
    assert mended(FILES["csv"], MEND, again).frame["energy_kwh"][1] == "13 kWh"
    assert mended(FILES["csv"], MEND, back).frame["energy_kwh"][1] == "12 kilowatt"


def test_an_empty_cell_is_filled_and_a_full_one_emptied() -> None:
    payload = Payload("f.csv", "text", text="workload,energy_kwh\na,\nb,2\n")
    fill, empty = Correction(2, "energy_kwh", None, "7"), Correction(3, "energy_kwh", "2", "")
    assert mended(payload, fill, empty).frame["energy_kwh"].to_list() == ["7", None]


def test_a_damaged_cell_can_be_mended() -> None:
    payload = Payload("f.csv", "text", text="workload,energy_kwh\nK\ufffdln,1\n")
    table = mended(payload, Correction(2, "workload", "K\ufffdln", "Köln"))
    assert table.frame["workload"].to_list() == ["Köln"]
    assert table.defects.is_empty()


def test_columns_of_one_name_that_differ_are_settled_by_one_correction() -> None:
    payload = Payload("f.csv", "text", text="workload,energy_kwh,energy_kwh\na,1,2\n")
    assert read_table(payload, KNOWN).defects["value"].to_list() == ["1 / 2"]
    table = mended(payload, Correction(2, "energy_kwh", "1 / 2", "2"))
    assert table.frame["energy_kwh"].to_list() == ["2"]
    assert table.defects.is_empty()


@pytest.mark.parametrize(
    ("kind", "text", "row", "typed"),
    [
        ("text", "workload,energy_kwh\na,1\nb,1,234\nc,3\n", 3, 'b,"1,234"'),
        ("text", 'workload,energy_kwh\na,1\n"b,1\nc,3\n', 3, "b,1"),
        ("jsonl", '{"workload": "a"}\n{"workload": \n{"workload": "c"}', 2, '{"workload": "b"}'),
    ],
    ids=["one field too many", "an open quotation mark", "JSON cut off"],
)
def test_a_line_that_makes_no_row_can_be_retyped(kind, text, row, typed) -> None:
    payload = Payload("f", kind, text=text)
    before = read_table(payload, KNOWN)
    assert before.defects["row_number"].to_list() == [row]
    line = before.defects["value"][0]
    after = mended(payload, Correction(row, None, line, typed))
    assert after.defects.is_empty()
    assert after.rows == before.rows
    assert after.frame["workload"].to_list() == ["a", "b", "c"]
    other = mended(payload, Correction(row, None, "another line", typed))
    assert other.defects.equals(before.defects)
