"""The inventory as a file that is edited elsewhere and comes back."""

import csv
import datetime as dt
import io
import zipfile

import polars as pl
import pytest
import xlsxwriter

from carbon.activity.intake import open_payloads
from carbon.inventory import roundtrip, sheets
from carbon.schema import Workload
from carbon.tables import read_table

NASTY = ["=cmd|'/c calc'!A1", "+1", "-x", "@sum", "'=quoted", "''-twice", "a\tb", 'q"uote', "日本"]


def shown(*rows):
    empty = Workload.create_empty()
    blank = dict.fromkeys(empty.columns)
    return pl.DataFrame(
        [{**blank, "name": row["workload_id"], "in_scope": True, **row} for row in rows],
        schema=empty.schema,
    )


INVENTORY = shown(
    {"workload_id": "chat", "owner": "Ana", "training_hours": "1000.5", "accelerator_count": "8"},
    {"workload_id": "rag", "in_scope": False, "boundary_reason": "sold, in May; twice"},
    *({"workload_id": text, "model": text, "parameters": "7000000000"} for text in NASTY),
)


def read(data, inventory=INVENTORY):
    payload = open_payloads("inventory", data)[0]
    return roundtrip.read(
        read_table(payload, roundtrip.COLUMNS), inventory, marked=payload.kind == "text"
    )


def written(header, *rows, mark=","):
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows([header, *rows])
    return text.getvalue().encode()


@pytest.mark.parametrize("write", [roundtrip.csv, sheets.workbook], ids=["csv", "xlsx"])
def test_an_unchanged_file_changes_nothing(write):
    found = read(write(INVENTORY))
    assert (found.changes, found.problems) == ([], ())
    assert len(found.rows) == INVENTORY.height


def test_marks_of_a_csv_that_became_a_workbook_come_off():
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    page = book.add_worksheet()
    for y, line in enumerate([("workload", "model"), ("'@sum", "'@sum"), ("'+1", "'=new")]):
        for x, text in enumerate(line):
            page.write_string(y, x, text)
    book.close()
    found = read(buffer.getvalue())
    assert found.changes == [{"workload_id": "+1", "model": "=new"}]


@pytest.mark.parametrize("write", [roundtrip.csv, sheets.workbook], ids=["csv", "xlsx"])
def test_the_same_inventory_gives_the_same_bytes(write):
    assert write(INVENTORY) == write(INVENTORY)


def test_no_cell_of_the_csv_is_run_by_a_spreadsheet():
    cells = pl.read_csv(roundtrip.csv(INVENTORY), infer_schema=False).unpivot()["value"]
    assert not cells.drop_nulls().str.contains(r"^[=+\-@\t\r]").any()


def test_no_cell_of_the_workbook_is_a_formula():
    with zipfile.ZipFile(io.BytesIO(sheets.workbook(INVENTORY))) as book:
        assert not any(b"<f>" in book.read(name) for name in book.namelist())


def test_a_blank_cell_leaves_the_field_and_take_back_takes_it_back():
    found = read(
        written(
            ("workload", "owner", "training_hours", "take_back"),
            ("chat", "", "", "owner; Training, as stated [h]"),
        )
    )
    # A title holds a comma: it is no field's name by itself.
    assert [(p.field, p.value) for p in found.problems] == [
        ("take_back", "Training"),
        ("take_back", "as stated [h]"),
    ]
    found = read(written(("workload", "owner", "take_back"), ("chat", "", "owner; model")))
    assert found.problems == ()
    assert found.changes == [{"workload_id": "chat", "owner": None, "model": None}]
    assert read(written(("workload", "owner", "model"), ("chat", "", "n/a"))).changes == []


def test_numbers_and_days_are_read_as_the_file_writes_them():
    data = written(
        ("workload", "training_hours", "mean_power_w", "boundary_decided_on"),
        ("chat", "1000,5", "12,25", "31.03.2026"),
        mark=";",
    )
    # 1000,5 is what stands there already; 12,25 W is new.
    assert read(data).changes == [
        {"workload_id": "chat", "mean_power_w": "12.25", "boundary_decided_on": "2026-03-31"}
    ]


def test_a_date_cell_of_a_workbook_is_a_day():
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    page = book.add_worksheet()
    page.write_row(0, 0, ["workload", "boundary_decided_on", "training_hours"])
    page.write(1, 0, "chat")
    page.write_datetime(1, 1, dt.datetime(2026, 3, 31), book.add_format({"num_format": "d/m/yy"}))
    page.write_number(1, 2, 7)
    book.close()
    assert read(buffer.getvalue()).changes == [
        {"workload_id": "chat", "training_hours": "7", "boundary_decided_on": "2026-03-31"}
    ]


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        (("workload", "ownr"), [("chat", "x")], (1, "ownr", "did you mean 'owner'?")),
        (("name", "owner"), [("chat", "x")], (1, "workload", "no column names the workload")),
        (("workload", "owner"), [("", "x")], (2, "workload", "names no workload")),
        (
            ("workload", "owner"),
            [("chat", "x"), ("rag", "y"), ("chat", "z")],
            (4, "workload", "row 2 states the same workload"),
        ),
        (("workload", "training_hours"), [("chat", "many")], (2, "training_hours", "number")),
        (("workload", "boundary_decided_on"), [("chat", "soon")], (2, "boundary_decided_on", "")),
        (("workload", "take_back"), [("chat", "ownr")], (2, "take_back", "Did you mean 'owner'?")),
    ],
)
def test_what_cannot_be_read_is_named_with_its_row_and_column(header, rows, said):
    (problem,) = read(written(header, *rows)).problems
    assert (problem.row, problem.field) == said[:2]
    assert said[2] in problem.reason


def test_columns_to_be_read_are_passed_over_and_a_new_name_is_a_new_workload():
    data = written(("workload", "requests", "missing", "owner"), ("new", "5", "all", "Bo"))
    assert read(data).changes == [{"workload_id": "new", "owner": "Bo"}]
    assert read(written(("Workload", "Owner"), ("chat", "Bo"))).notes
