"""Mappings: text, constants, rows to skip, kinds of files, and the mapping itself."""

import io
import json

import polars as pl
import pytest
from mapping_rows import at, energies, mapping, text

from carbon.activity.mapping.model import Mapping
from carbon.activity.mapping.reader import MappedReader
from carbon.activity.source import Context, Payload, RefusalError
from carbon.tables.recognition import peek


def test_columns_are_joined_and_constants_fill_what_is_empty(context: Context) -> None:
    meaning = Mapping.from_toml(
        'name = "m"\nperiod = "month"\n[fields.start]\ncolumn = "month"\n'
        '[fields.workload]\ncolumns = ["team", "job"]\nseparator = "/"\n'
        '[fields.energy]\ncolumn = "use"\n'
        '[fields.country]\ncolumn = "land"\nconstant = "GB"\n'
        '[fields.site]\nconstant = "Hall A"\n[fields.lifecycle]\nconstant = "inference"\n'
        '[fields.boundary]\nconstant = "facility"'
    )
    reading = MappedReader(meaning).read(
        text(["month,team,job,use,land,shift", "2025-03,nlp,chat,5,FR,night", "2025-03,,ocr,6,,"]),
        context,
    )
    rows = reading.activity.to_dicts()
    assert [row["workload"] for row in rows] == ["nlp/chat", "ocr"]
    assert [row["country"] for row in rows] == ["FR", "GB"]
    assert [row["tags"] for row in rows] == ['{"shift":"night"}', None]
    first = rows[0]
    assert (first["site"], first["lifecycle"]) == ("Hall A", "inference_realtime")
    assert (first["quantity_kind"], first["boundary"], first["tier"]) == (
        "energy_facility_kwh",
        "facility",
        "T1",
    )


@pytest.mark.parametrize(
    ("word", "boundary", "tier"),
    [
        ("chip", "chip", "T3"),
        ("board", "board", "T3"),
        ("server", "node", "T2"),
        ("PDU", "rack", "T2"),
        ("building", "facility", "T1"),
    ],
)
def test_what_the_meter_sees(context: Context, word: str, boundary: str, tier: str) -> None:
    meaning = mapping('[fields.energy]\ncolumn = "use"\n[fields.boundary]\ncolumn = "at"')
    reading = MappedReader(meaning).read(
        text(["date,job,use,at", f"2025-03,c,1,{word}", "2025-03,d,1,moon"]), context
    )
    assert reading.activity.select("boundary", "tier").rows() == [(boundary, tier)]
    assert "'moon' is no boundary" in reading.quarantine["reason"][0]


def test_numbers_of_several_columns_add_up(context: Context) -> None:
    meaning = mapping('[fields.energy]\ncolumns = ["a", "b"]\nunit = "MWh"')
    reading = MappedReader(meaning).read(
        text(["date,job,a,b", "2025-03,x,1,2", "2025-03,y,,3", "2025-03,z,1,bad"]), context
    )
    assert energies(reading) == [3000.0, 3000.0]
    assert reading.quarantine.select("row_number", "column", "value").rows() == [
        (4, "a, b", "1 + bad")
    ]


def test_rows_to_skip_are_no_data_rows_and_are_named(context: Context) -> None:
    meaning = mapping(
        '[fields.energy]\ncolumn = "use"\n[[skip]]\ncolumn = "job"\nvalues = ["total", "Summe"]\n'
        '[[skip]]\ncolumn = "date"'
    )
    reading = MappedReader(meaning).read(
        text(["date,job,use", "2025-03,a,1", "2025-03,Total,1", "2025-04,b,2", ",rest,9"]), context
    )
    assert reading.rows == 2
    assert energies(reading) == [1.0, 2.0]
    assert reading.quarantine.is_empty()
    assert [note.reason for note in reading.notes] == [
        "1 row is no data row by the mapping, because job is 'total' or 'Summe': row 3.",
        "1 row is no data row by the mapping, because date is empty: row 5.",
    ]


def test_a_mapping_that_leaves_out_every_row_is_refused(context: Context) -> None:
    meaning = mapping(
        '[fields.energy]\ncolumn = "use"\n[[skip]]\ncolumn = "job"\nvalues = ["total"]'
    )
    with pytest.raises(RefusalError, match="leaves out every row"):
        MappedReader(meaning).read(text(["date,job,use", "2025-03,total,1"]), context)


def test_rows_are_conserved_whatever_is_wrong_with_them(context: Context) -> None:
    meaning = mapping('[fields.energy]\ncolumn = "use"\n[fields.country]\ncolumn = "land"')
    rows = [
        "2025-03,good,1,FR",
        ",no date,1,FR",
        "2025-03,,1,FR",
        "2025-03,negative,-1,FR",
        "2025-03,nothing,,FR",
        "2025-03,nowhere,1,Atlantis",
        "2025-13,bad date,1,FR",
        "2025-03,too,many,cells,FR",
        "2025-03,#DIV/0!,1,FR",
    ]
    reading = MappedReader(meaning).read(text(["date,job,use,land", *rows]), context)
    aside = reading.quarantine["row_number"].unique().sort().to_list()
    assert reading.rows == len(rows)
    assert reading.activity["row_number"].to_list() == [2]
    assert aside == [3, 4, 5, 6, 7, 8, 9, 10]
    # One reason for a date that is wrong: it is not called empty as well.
    assert reading.quarantine.filter(pl.col("row_number") == 8)["reason"].len() == 1


def test_without_any_place_rows_are_taken_and_that_is_said(context: Context) -> None:
    meaning = Mapping.from_toml(
        'name = "m"\nperiod = "month"\n[fields.start]\ncolumn = "date"\n'
        '[fields.workload]\ncolumn = "job"\n[fields.energy]\ncolumn = "use"\n'
        '[fields.host]\ncolumn = "host"'
    )
    reading = MappedReader(meaning).read(text(["date,job,use,host", "2025-03,a,1,dgx07"]), context)
    assert reading.activity["host"].to_list() == ["dgx07"]
    assert "names no place" in reading.notes[0].reason


def test_hours_and_counts_become_accelerator_hours(context: Context) -> None:
    meaning = mapping(
        '[fields.accelerator_count]\ncolumn = "gpus"\n[fields.accelerator]\nconstant = "H100"\n'
        '[fields.average_power]\ncolumn = "kw"\nunit = "kW"',
        'period = "day"',
    )
    reading = MappedReader(meaning).read(text(["date,job,gpus,kw", "2025-03-04,a,8,0.35"]), context)
    (row,) = reading.activity.to_dicts()
    # 8 accelerators over the 24 hours of the day; 0.35 kW is 350 W.
    assert (row["quantity_kind"], row["quantity"], row["tier"]) == (
        "accelerator_hours",
        192.0,
        "T4",
    )
    assert row["average_power_w"] == 350.0


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "json", "jsonl"])
def test_the_same_rows_in_every_kind_of_file(context: Context, kind: str) -> None:
    rows = [
        {"date": "2025-03-01", "job": "chat", "use": 2.5},
        {"date": "2025-04-01", "job": "chat", "use": 3.5},
    ]
    frame, buffer = pl.DataFrame(rows), io.BytesIO()
    payload = Payload("f", kind)
    if kind == "xlsx":
        frame.write_excel(buffer)
        payload = Payload("f.xlsx", kind, data=buffer.getvalue())
    elif kind == "parquet":
        frame.write_parquet(buffer)
        payload = Payload("f.parquet", kind, data=buffer.getvalue())
    elif kind == "json":
        payload = Payload("f.json", kind, json.dumps(rows))
    else:
        payload = Payload("f.jsonl", kind, "\n".join(json.dumps(row) for row in rows))
    meaning = mapping('[fields.energy]\ncolumn = "use"\nunit = "MWh"')
    reading = MappedReader(meaning).read(payload, context)
    assert energies(reading) == [2500.0, 3500.0]


def test_records_inside_lists_inside_objects(context: Context) -> None:
    meaning = Mapping.from_toml(
        'name = "n"\nrecords = "page.days.runs"\nperiod = "day"\n'
        '[fields.start]\ncolumn = "page.days.date"\n'
        '[fields.workload]\ncolumn = "page.days.runs.job.name"\n'
        '[fields.energy]\ncolumn = "page.days.runs.kwh"\n[fields.zone]\nconstant = "FR"'
    )
    document = {
        "page": {
            "days": [
                {"date": "2025-03-04", "runs": [{"job": {"name": "a"}, "kwh": 1}, "broken"]},
                {"date": "2025-03-05", "runs": []},
                {"date": "2025-03-06", "runs": [{"job": {"name": "b"}, "kwh": 2}]},
                {"date": "2025-03-07", "runs": None},
            ]
        }
    }
    reading = MappedReader(meaning).read(Payload("n.json", "json", json.dumps(document)), context)
    assert reading.activity.select("row_number", "workload", "quantity").rows() == [
        (1, "a", 1.0),
        (3, "b", 2.0),
    ]
    assert reading.activity["period_start"].to_list() == [at(2025, 3, 4), at(2025, 3, 6)]
    assert reading.rows == 4
    assert reading.quarantine.select("row_number", "reason").rows() == [
        (2, "this is not a JSON object"),
        (4, "'page.days.runs' is no list, and rows are expected in it"),
    ]


def test_toml_and_back(context: Context) -> None:
    meaning = mapping(
        '[fields.energy]\ncolumns = ["a", "b"]\nunit = "MWh"\n[[skip]]\ncolumn = "job"',
        'title = "Meters"\nperiod = "month"\nnumbers = "1.234,5"\ntimezone = "Europe/Berlin"',
    )
    assert Mapping.from_toml(meaning.to_toml()) == meaning


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("name = ", "not valid TOML"),
        ('name = "A B"', "name: "),
        ('name = "a"\n[fields.energy]\nunit = "kg"', "unit 'kg' of energy is not known; use one"),
        ('name = "a"\n[fields.wrong]\ncolumn = "x"', "field 'wrong' is not known"),
        ('name = "a"\ndates = "soon"', "Date style 'soon' is not known"),
        ('name = "a"\ntimezone = "Mars"', "Time zone 'Mars' is not known"),
        ('name = "a"\n[fields.pue]\nconstant = "low"', "constant 'low' of pue is no number"),
        ('name = "a"\nwrong = 1', "wrong: "),
    ],
    ids=["toml", "name", "unit", "field", "dates", "zone", "constant", "key"],
)
def test_a_mapping_that_cannot_be_used_says_why(toml: str, said: str) -> None:
    with pytest.raises(RefusalError) as refusal:
        Mapping.from_toml(toml)
    assert said in str(refusal.value)


def test_a_mapping_says_what_it_lacks(context: Context) -> None:
    empty = Mapping.from_toml('name = "a"')
    assert len(empty.lacks()) == 3
    with pytest.raises(RefusalError, match="is not finished"):
        MappedReader(empty).read(text(["a,b", "1,2"]), context)


def test_a_file_without_a_column_of_the_mapping_is_refused(context: Context) -> None:
    meaning = mapping('[fields.energy]\ncolumn = "use"')
    with pytest.raises(RefusalError, match="lacks the column use of the mapping 'meters'"):
        MappedReader(meaning).read(text(["date,job", "2025-03,a"]), context)


def test_recognised_by_its_header() -> None:
    meaning = mapping(
        '[fields.energy]\ncolumn = "use"', 'period = "month"\ncolumns = ["date", "job", "use"]'
    )
    reader = MappedReader(meaning)
    exact = reader.sniff(peek(text(["date,job,use", "2025-03,a,1"]), reader.VARIABLE_MAP))
    more = reader.sniff(peek(text(["date,job,use,x", "2025-03,a,1,2"]), reader.VARIABLE_MAP))
    less = reader.sniff(peek(text(["date,job", "2025-03,a"]), reader.VARIABLE_MAP))
    assert exact.confidence == 0.97
    assert 0.9 <= more.confidence < 0.97
    assert less.confidence < 0.5
