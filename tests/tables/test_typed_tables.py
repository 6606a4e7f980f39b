"""Workbooks, Parquet and JSON as tables of text that reads back exactly."""

import io
from datetime import datetime

import polars as pl
import pytest
import xlsxwriter

from carbon.tables import Payload, RefusalError, parse_number, read_table

KNOWN = ("workload", "period_start", "energy_kwh")


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if isinstance(cell, datetime):
                        sheet.write_datetime(r, c, cell, day)
                    elif isinstance(cell, str):
                        sheet.write_string(r, c, cell)
                    elif cell is not None:
                        sheet.write(r, c, cell)
    return buffer.getvalue()


def test_the_sheet_that_holds_the_known_columns_is_read_with_its_row_numbers() -> None:
    data = workbook(
        {
            "Read me": [["How to fill this in"], ["Ask Ana"]],
            "Data": [
                ["Our runs"],
                [],
                ["workload", "period_start", "energy_kwh"],
                ["0012", datetime(2025, 3, 1), 1 / 3],
                [],
                ["b", datetime(2025, 4, 1), 5],
            ],
        }
    )
    read = read_table(Payload("f.xlsx", "xlsx", data=data), KNOWN)
    assert read.frame["workload"].to_list() == ["0012", "b"]
    assert read.frame["period_start"].to_list() == ["2025-03-01", "2025-04-01"]
    assert read.row_numbers.to_list() == [4, 6]


def test_numbers_of_a_workbook_are_exact() -> None:
    numbers = [1 / 3, 2 / 3, 1.234, 195.0373e-6, 1082990.123456789, 1e-12]
    rows: list[list[object]] = [["workload", "energy_kwh"], *[["w", n] for n in numbers]]
    read = read_table(Payload("f.xlsx", "xlsx", data=workbook({"S": rows})), KNOWN)
    values, reasons = parse_number(read.frame["energy_kwh"])
    assert values.to_list() == numbers
    assert reasons.null_count() == len(numbers)


def test_a_parquet_file_reads_back_exactly_and_nested_columns_get_dots() -> None:
    frame = pl.DataFrame({"workload": ["a"], "energy_kwh": [1 / 3], "place": [{"zone": "GB"}]})
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    read = read_table(Payload("f.parquet", "parquet", data=buffer.getvalue()), KNOWN)
    assert read.columns == ["workload", "energy_kwh", "place.zone"]
    assert parse_number(read.frame["energy_kwh"])[0].to_list() == [1 / 3]
    assert read.row_numbers.to_list() == [2]


def test_a_faulty_json_line_costs_only_itself() -> None:
    text = '{"workload": "a", "place": {"zone": "GB"}}\n{"workload": \n\n{"workload": "b"}\n[1]\n'
    read = read_table(Payload("f.jsonl", "jsonl", text=text), KNOWN)
    assert read.frame["workload"].to_list() == ["a", "b"]
    assert read.frame["place.zone"].to_list() == ["GB", None]
    assert read.row_numbers.to_list() == [1, 4]
    assert read.defects["row_number"].to_list() == [2, 5]


def test_json_that_is_cut_off_is_refused_with_its_place() -> None:
    with pytest.raises(RefusalError, match=r"f\.json is not valid JSON at line 1, column"):
        read_table(Payload("f.json", "json", text='[{"workload": "a"}, {"wor'), KNOWN)


def test_a_formula_without_a_result_shows_its_error() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, KNOWN)
        sheet.write_row(1, 0, ["a", "2025-01-01"])
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        sheet.write_formula(2, 0, "=NA()", None, "#N/A")
        sheet.write_row(2, 1, ["2025-01-01", 3])
        sheet.write_formula(3, 0, "=A99", None, "#REF!")
        sheet.write_row(3, 1, ["2025-01-01", 3])
    read = read_table(Payload("f.xlsx", "xlsx", data=buffer.getvalue()), KNOWN)
    assert read.frame["workload"].to_list() == ["a", "#N/A", "#REF!"]
    assert read.frame["energy_kwh"].to_list() == ["#DIV/0!", "3", "3"]
