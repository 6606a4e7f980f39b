"""The user's own factors: taken row by row, set aside with row, column, value and remedy."""

import io
from datetime import UTC, date, datetime

import polars as pl
import pytest
import xlsxwriter

from carbon.factors.template import COLUMNS, NAME, VARIABLE_MAP, read_factor_template
from carbon.schema import Factor, Quarantine
from carbon.tables import Payload, RefusalError

EVIDENCE = "e" * 64
GOOD = {
    "zone": "DE",
    "valid_from": "2024-01-01",
    "valid_to": "2024-12-31",
    "method": "residual",
    "basis": "direct",
    "kg_co2e_per_kwh": "0.73",
    "publisher": "AIB",
    "release": "2025",
    "vintage": "2024",
    "licence": "own copy",
    "document": "Residual mixes 2024",
}


def text(*rows: dict, columns=COLUMNS, delimiter=",") -> Payload:
    lines = [delimiter.join(columns)]
    lines += [delimiter.join(str(row.get(column, "")) for column in columns) for row in rows]
    return Payload("own.csv", "text", "\n".join(lines) + "\n")


def read(*rows: dict, **how):
    factors, aside, count = read_factor_template(text(*rows, **how), EVIDENCE)
    Factor.validate(factors)
    Quarantine.validate(aside)
    # Rows are conserved: in the file = taken + set aside.
    taken, rejected = set(factors["row_number"]), set(aside["row_number"])
    assert taken.isdisjoint(rejected)
    assert len(taken | rejected) == count == len(rows)
    return factors, aside


def test_the_header_is_that_of_the_contract():
    assert NAME == "factor-template"
    assert ",".join(VARIABLE_MAP) == (
        "zone,valid_from,valid_to,method,basis,kg_co2e_per_kwh,co2_kg_per_kwh,ch4_kg_per_kwh,"
        "n2o_kg_per_kwh,gwp_set,publisher,release,vintage,licence,document"
    )


def test_a_complete_row_is_taken_as_it_stands():
    factors, aside = read(GOOD)
    row = factors.row(0, named=True)
    assert aside.is_empty()
    assert row["kg_co2e_per_kwh"] == 0.73
    assert (row["zone"], row["method"], row["basis"]) == ("DE", "residual", "direct")
    assert row["valid_from"] == datetime(2024, 1, 1, tzinfo=UTC)
    assert row["valid_to"] == datetime(2025, 1, 1, tzinfo=UTC)
    assert (row["origin"], row["granularity"]) == ("workspace", "year")
    assert (row["evidence_id"], row["row_number"], row["import_id"]) == (EVIDENCE, 2, None)
    assert row["checked_against_original"] is False
    assert row["document"] == "Residual mixes 2024"


def test_a_factor_of_zero_is_taken():
    factors, _ = read(GOOD | {"kg_co2e_per_kwh": "0"})
    assert factors["kg_co2e_per_kwh"].to_list() == [0.0]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("method", "market", "use one of location, residual, supplier, upstream, td_loss"),
        ("basis", "marginal", "use one of direct, lifecycle"),
        ("gwp_set", "AR9", "use one of SAR, AR4, AR5, AR6"),
        ("kg_co2e_per_kwh", "380", "looks like g/kWh or lb/MWh; give kg/kWh"),
        ("kg_co2e_per_kwh", "-0.1", "cannot be negative"),
        ("kg_co2e_per_kwh", "about half", "not a number"),
        ("kg_co2e_per_kwh", "0.4 t/kWh", "unit 't/kWh' is not known"),
        ("valid_to", "2023-12-31", "ends before it starts"),
        ("valid_to", "2024-01-07", "neither an hour, a month nor a year"),
        ("valid_from", "spring", "not a date"),
        ("valid_from", "2024-02-30", "does not exist"),
    ],
)
def test_a_bad_cell_is_named_and_the_good_row_kept(column, value, reason):
    factors, aside = read(GOOD, GOOD | {"zone": "FR", column: value})
    assert factors["row_number"].to_list() == [2]
    problem = aside.row(0, named=True)
    assert (problem["row_number"], problem["column"]) == (3, column)
    assert problem["value"] == value
    assert reason in problem["reason"]


@pytest.mark.parametrize("column", ["zone", "valid_from", "valid_to", "method", "basis"])
def test_an_empty_cell_that_every_row_needs_is_named(column):
    factors, aside = read(GOOD | {column: ""})
    assert factors.is_empty()
    assert (column, None) in aside.select("column", "value").rows()


def test_gases_stand_in_for_an_empty_figure():
    """AR5: 0.4 + 28 x 0.00004 + 265 x 0.000006 = 0.4 + 0.00112 + 0.00159 = 0.40271 kg/kWh."""
    gases = {"co2_kg_per_kwh": 0.4, "ch4_kg_per_kwh": 0.00004, "n2o_kg_per_kwh": 0.000006}
    factors, aside = read(GOOD | {"kg_co2e_per_kwh": "", "gwp_set": "ar5", **gases})
    assert aside.is_empty()
    assert factors["kg_co2e_per_kwh"].item() == pytest.approx(0.40271, abs=1e-12)
    assert factors["gwp_set"].item() == "AR5"
    assert "computed from the three gases" in factors["note"].item()


@pytest.mark.parametrize("without", ["ch4_kg_per_kwh", "gwp_set"])
def test_an_empty_figure_needs_all_three_gases_and_their_set(without):
    row = GOOD | {
        "kg_co2e_per_kwh": "",
        "gwp_set": "AR5",
        "co2_kg_per_kwh": 0.4,
        "ch4_kg_per_kwh": 0.00004,
        "n2o_kg_per_kwh": 0.000006,
    }
    factors, aside = read(row | {without: ""})
    assert factors.is_empty()
    assert "CO2, CH4 and N2O together with gwp_set" in aside["reason"].item()


@pytest.mark.parametrize(
    ("cell", "kg"), [("195 g/kWh", 0.195), ("195 kg/MWh", 0.195), ("1000 lb/MWh", 0.45359237)]
)
def test_a_unit_in_the_cell_is_converted(cell, kg):
    factors, _ = read(GOOD | {"kg_co2e_per_kwh": cell})
    assert factors["kg_co2e_per_kwh"].item() == pytest.approx(kg, rel=1e-12)


def test_semicolons_and_decimal_commas():
    factors, aside = read(GOOD | {"kg_co2e_per_kwh": "0,4255"}, delimiter=";")
    assert aside.is_empty()
    assert factors["kg_co2e_per_kwh"].item() == 0.4255


@pytest.mark.parametrize(
    ("start", "end", "first", "after", "granularity"),
    [
        ("2024", "2024", (2024, 1, 1), (2025, 1, 1), "year"),
        ("2024-03", "2024-03", (2024, 3, 1), (2024, 4, 1), "month"),
        ("2024-03-01", "2024-03-31", (2024, 3, 1), (2024, 4, 1), "month"),
        ("2024-03-01", "2024-04-01", (2024, 3, 1), (2024, 4, 1), "month"),
        ("2023-04-01", "2024-03-31", (2023, 4, 1), (2024, 4, 1), "year"),
        ("2024-03-01T05:00Z", "2024-03-01T06:00Z", (2024, 3, 1, 5), (2024, 3, 1, 6), "hour"),
        ("2024-03-01T23:00Z", "2024-03-02T00:00Z", (2024, 3, 1, 23), (2024, 3, 2), "hour"),
    ],
)
def test_periods_and_the_granularity_that_their_length_gives(start, end, first, after, granularity):
    factors, aside = read(GOOD | {"valid_from": start, "valid_to": end})
    assert aside.is_empty()
    row = factors.row(0, named=True)
    assert row["valid_from"] == datetime(*first, tzinfo=UTC)
    assert row["valid_to"] == datetime(*after, tzinfo=UTC)
    assert row["granularity"] == granularity


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("camx", "CAMX"),
        ("DEU", "DE"),
        ("Germany", "DE"),
        ("us-in", "US-IN"),
        ("UK", "GB"),
        ("NA", "NA"),
        ("Hall 7", "Hall 7"),
    ],
)
def test_zones_are_read_as_people_write_them_and_new_ones_are_zones(written, zone):
    factors, aside = read(GOOD | {"zone": written})
    assert aside.is_empty()
    assert factors["zone"].item() == zone


def test_words_for_method_and_basis():
    factors, _ = read(GOOD | {"method": "Location-based", "basis": "Life cycle"})
    assert (factors["method"].item(), factors["basis"].item()) == ("location", "lifecycle")


def test_what_is_not_stated_is_said_and_the_file_is_the_document():
    factors, _ = read(GOOD | dict.fromkeys(("publisher", "licence", "document"), ""))
    row = factors.row(0, named=True)
    assert (row["publisher"], row["licence"]) == ("not stated", "not stated")
    assert row["document"] == "own.csv"


def test_a_row_that_contradicts_an_earlier_one_is_set_aside():
    factors, aside = read(GOOD, GOOD | {"kg_co2e_per_kwh": "0.5"}, GOOD)
    assert factors["row_number"].to_list() == [2, 4]
    assert factors["factor_id"].is_unique().all()
    assert aside["row_number"].item() == 3
    assert "row 2 gives this factor already with another figure" in aside["reason"].item()


def test_a_revised_file_gives_the_same_ids():
    """An id that stays lets the newer file supersede the older one."""
    first, _ = read(GOOD, GOOD | {"zone": "FR"})
    second, _ = read(GOOD | {"kg_co2e_per_kwh": "0.71"}, GOOD | {"zone": "FR"})
    assert first["factor_id"].to_list() == second["factor_id"].to_list()
    january, _ = read(GOOD | {"valid_to": "2024-01-31"})
    assert january["factor_id"].item() not in set(first["factor_id"])


def test_a_missing_column_refuses_the_file_and_names_it():
    columns = [column for column in COLUMNS if column != "basis"]
    with pytest.raises(RefusalError, match=r"own\.csv lacks the column basis"):
        read_factor_template(text(GOOD, columns=columns), EVIDENCE)


def test_names_that_look_like_formulas_stay_text():
    factors, _ = read(GOOD | {"publisher": "=cmd|'/c calc'!A1", "document": "<script>"})
    assert factors["publisher"].item() == "=cmd|'/c calc'!A1"
    assert factors["document"].item() == "<script>"


def test_parquet_with_typed_columns():
    frame = pl.DataFrame(
        [
            GOOD
            | {
                "valid_from": date(2024, 1, 1),
                "valid_to": date(2024, 12, 31),
                "kg_co2e_per_kwh": 0.73,
            }
        ]
    )
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    factors, aside, count = read_factor_template(
        Payload("own.parquet", "parquet", data=buffer.getvalue()), EVIDENCE
    )
    assert (count, aside.height) == (1, 0)
    assert factors["valid_to"].item() == datetime(2025, 1, 1, tzinfo=UTC)
    assert factors["kg_co2e_per_kwh"].item() == 0.73


def workbook(*periods):
    """A workbook with one good row for each period, its dates as date cells."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    as_date = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.write_row(0, 0, list(GOOD))
    for index, period in enumerate(periods):
        for column, (name, value) in enumerate((GOOD | period).items()):
            if name.startswith("valid"):
                sheet.write_datetime(index + 1, column, datetime.fromisoformat(value), as_date)
            elif name == "kg_co2e_per_kwh":
                sheet.write_number(index + 1, column, 0.73)
            else:
                sheet.write_string(index + 1, column, value)
    book.close()
    return Payload("own.xlsx", "xlsx", data=buffer.getvalue())


def test_a_workbooks_dates_count_whole_but_midnight_ends_an_hour():
    factors, aside, count = read_factor_template(
        workbook({}, {"valid_from": "2024-03-01T23:00", "valid_to": "2024-03-02T00:00"}), EVIDENCE
    )
    assert (count, aside.height) == (2, 0)
    assert factors["valid_to"].to_list() == [
        datetime(2025, 1, 1, tzinfo=UTC),
        datetime(2024, 3, 2, tzinfo=UTC),
    ]
    assert factors["granularity"].to_list() == ["year", "hour"]
    assert factors["kg_co2e_per_kwh"].to_list() == [0.73, 0.73]


@pytest.mark.parametrize(
    ("column", "cell"), [("valid_from", "0001-01-01"), ("valid_to", "9999-12-31")]
)
def test_a_period_out_of_all_reason_is_set_aside(column, cell):
    factors, aside, _ = read_factor_template(text(GOOD | {column: cell}), EVIDENCE)
    assert factors.height == 0
    assert aside.select("row_number", "column", "value").rows() == [(2, column, cell)]
    assert "lies outside of 1990 to 2100; write " in aside["reason"][0]


@pytest.mark.parametrize(
    ("column", "cell", "shown", "says"),
    [
        ("method", "N/A", "N/A", "method says 'N/A', which states nothing"),
        ("release", "x" * 501, "x" * 80 + "…", "at most 500 are read"),
        ("zone", "#REF!", "#REF!", "mend its formula"),
    ],
)
def test_a_cell_that_names_nothing_is_shown_as_it_stands(column, cell, shown, says):
    factors, aside, _ = read_factor_template(text(GOOD | {column: cell}), EVIDENCE)
    assert factors.height == 0
    assert (2, column, shown) in aside.select("row_number", "column", "value").rows()
    assert says in aside["reason"][0]
