"""The activity template: every quantity of a row, its place, its period, and what is set aside."""

import io
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading, RefusalError

DATA = Path(__file__).parents[1] / "data"
HEADER = "workload,zone,period_start,period_end,energy_kwh"


def reading(text: str | bytes, context: Context, name: str = "f.csv") -> Reading:
    data = text.encode() if isinstance(text, str) else text
    (payload,) = open_payloads(name, data)
    return read(payload, context)


def quantities(found: Reading, row: int) -> dict[str, float]:
    rows = found.activity.filter(pl.col("row_number") == row)
    return dict(rows.select("quantity_kind", "quantity").iter_rows())


def reasons(found: Reading) -> list[tuple[int, str | None, str | None]]:
    return found.quarantine.select("row_number", "column", "value").rows()


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type]


def test_the_sample_file_is_read_by_hand_arithmetic(context: Context) -> None:
    found = reading((DATA / "template.csv").read_bytes(), context)
    assert (found.rows, found.quarantine.height) == (5, 0)
    assert quantities(found, 2) == {"accelerator_hours": 245_760.0}
    # 8 accelerators for the 31 days of January: 8 x 744 h
    assert quantities(found, 3) == {
        "accelerator_hours": 8 * 744.0,
        "requests": 1_200_000.0,
        "output_tokens": 340_000_000.0,
    }
    assert quantities(found, 4) == {"energy_it_kwh": 1520.5}
    assert quantities(found, 5) == {"energy_facility_kwh": 98_000.0}
    # Energy is stated, so the count of accelerators is not turned into hours.
    assert quantities(found, 6) == {"energy_it_kwh": 12.25}


def test_tiers_boundaries_and_words_are_the_houses(context: Context) -> None:
    found = reading((DATA / "template.csv").read_bytes(), context)
    first = found.activity.group_by("row_number", maintain_order=True).first()
    assert first["tier"].to_list() == ["T4", "T5", "T2", "T1", "T2"]
    assert first["boundary"].to_list() == [None, None, "node", "facility", "node"]
    assert first["lifecycle"].to_list() == [
        "training",
        "inference_realtime",
        "inference_batch",
        "shared",
        "fine_tuning",
    ]
    assert first["country"].to_list() == [None, None, "US", "GB", "US"]
    assert first["tags"].to_list()[:2] == ['{"team":"research"}', '{"team":"serving"}']
    assert first["note"][1] == (
        "accelerator-hours derived: accelerator_count x hours of the period"
    )


def test_a_period_ends_exclusive_on_the_first_of_a_month_and_whole_on_other_days(
    context: Context,
) -> None:
    found = reading(
        f"{HEADER}\n"
        "a,GB,2025-01-01,2025-02-01,1\n"
        "b,GB,2025-01-01,2025-01-31,1\n"
        "c,GB,2025-01-10T06:00Z,2025-01-10T18:00Z,1\n"
        "d,GB,2025-01,2025-03,1\n"
        "e,GB,2025-01-10,2025-01-10,1\n",
        context,
    )
    assert found.activity["period_end"].to_list() == [
        at(2025, 2, 1),
        at(2025, 2, 1),
        at(2025, 1, 10, 18),
        at(2025, 4, 1),
        at(2025, 1, 11),
    ]


def test_local_times_are_read_in_the_named_zone_or_said_to_be_read_as_utc(
    context: Context,
) -> None:
    text = f"{HEADER}\na,FR,2025-07-01 12:00,2025-07-01 14:00,1\n"
    default = reading(text, context)
    assert default.local_times
    assert "time zone were read as UTC" in default.notes[0].reason
    paris = Context(**{**vars(context), "timezone": "Europe/Paris", "timezone_given": True})
    named = reading(text, paris)
    assert named.activity["period_start"].to_list() == [at(2025, 7, 1, 10)]
    assert named.notes == ()


def test_places_in_every_form_are_canonical(context: Context) -> None:
    found = reading(
        "workload,provider,region,zone,country,period_start,period_end,energy_kwh\n"
        "a,AWS,us-east-1,,,2025-01-01,2025-02-01,1\n"
        "b,Google Cloud,US-CENTRAL1-a,,,2025-01-01,2025-02-01,1\n"
        "c,,,us-in,,2025-01-01,2025-02-01,1\n"
        "d,,,02139,,2025-01-01,2025-02-01,1\n"
        "e,,,2139,,2025-01-01,2025-02-01,1\n"
        "f,,,,GBR,2025-01-01,2025-02-01,1\n"
        "g,on-prem,,FRA,,2025-01-01,2025-02-01,1\n"
        "h,CoreWeave,x1,CAMX,,2025-01-01,2025-02-01,1\n"
        "i,,,,NA,2025-01-01,2025-02-01,1\n",
        context,
    )
    assert found.quarantine.height == 0
    assert found.activity.select("provider", "region", "zone", "country").rows() == [
        ("aws", "us-east-1", None, None),
        ("gcp", "us-central1", None, None),
        (None, None, "US-IN", "US"),
        (None, None, "NEWE", "US"),
        (None, None, "NEWE", "US"),
        (None, None, None, "GB"),
        (None, None, "FR", "FR"),
        ("coreweave", "x1", "CAMX", "US"),
        (None, None, None, "NA"),
    ]


def test_places_that_nobody_knows_are_set_aside_with_a_suggestion(context: Context) -> None:
    found = reading(
        "workload,provider,region,zone,country,period_start,period_end,energy_kwh\n"
        "a,aws,us-eest-1,,,2025-01-01,2025-02-01,1\n"
        "b,,,CAMY,,2025-01-01,2025-02-01,1\n"
        "c,,,,Atlantis,2025-01-01,2025-02-01,1\n"
        "d,,us-east-1,,,2025-01-01,2025-02-01,1\n"
        "e,coreweave,x1,,,2025-01-01,2025-02-01,1\n"
        "f,,,,,2025-01-01,2025-02-01,1\n"
        "g,,,CAMX,GB,2025-01-01,2025-02-01,1\n"
        "h,,,GB,,2025-01-01,2025-02-01,1\n",
        context,
    )
    assert found.activity["row_number"].to_list() == [9]
    assert reasons(found) == [
        (2, "region", "us-eest-1"),
        (3, "zone", "CAMY"),
        (4, "country", "Atlantis"),
        (5, "region", "us-east-1"),
        (6, "region", "x1"),
        (7, "zone", None),
        (8, "country", "GB"),
    ]
    assert "(did you mean us-east-1?)" in found.quarantine["reason"][0]
    assert "(did you mean CAMX?)" in found.quarantine["reason"][1]


def test_bad_rows_name_column_value_and_remedy_and_lose_no_good_row(context: Context) -> None:
    found = reading(
        "workload,zone,period_start,period_end,energy_kwh,pue,lifecycle,energy_boundary\n"
        "good,GB,2025-01-01,2025-02-01,0,,,\n"
        "a,GB,2025-01-01,2025-02-01,-5,,,\n"
        "b,GB,2025-02-01,2025-01-01,1,,,\n"
        ",GB,2025-01-01,2025-02-01,1,,,\n"
        "d,GB,,2025-02-01,1,,,\n"
        "e,GB,2025-01-01,2025-02-01,12 kWhh,,,\n"
        "f,GB,2025-01-01,2025-02-01,1,0.9,,\n"
        "g,GB,2025-01-01,2025-02-01,1,,pondering,\n"
        "h,GB,2025-01-01,2025-02-01,,,,\n"
        "i,GB,2025-01-01,2025-02-01,1,,,rack\n",
        context,
    )
    assert found.rows == 10
    assert found.activity.select("row_number", "quantity").rows() == [(2, 0.0)]
    assert reasons(found) == [
        (3, "energy_kwh", "-5"),
        (4, "period_end", "2025-01-01"),
        (5, "workload", None),
        (6, "period_start", None),
        (7, "energy_kwh", "12 kWhh"),
        (8, "pue", "0.9"),
        (9, "lifecycle", "pondering"),
        (10, None, None),
        (11, "energy_boundary", "rack"),
    ]


def test_text_that_looks_like_code_is_data(context: Context) -> None:
    names = ["=cmd|'/c calc'!A1", "<script>alert(1)</script>", "学習ジョブ", "007"]
    rows = "".join(f"{n},GB,2025-01-01,2025-02-01,1\n" for n in names)
    found = reading(f"{HEADER}\n{rows}", context)
    assert found.activity["workload"].to_list() == names


def test_semicolons_decimal_commas_units_and_utf16_are_read(context: Context) -> None:
    text = (
        f"{HEADER}\n".replace(",", ";")
        + "a;GB;01.01.2025;31.01.2025;1.234,5\n"
        + "b;GB;01.01.2025;31.01.2025;1,2 MWh\n"
    )
    found = reading(text.encode("utf-16"), context)
    assert found.activity["quantity"].to_list() == [1234.5, 1200.0]


def test_header_case_is_forgiven_with_a_note(context: Context) -> None:
    found = reading(
        "Workload,ZONE,Period Start,period_end,Energy kWh\na,GB,2025-01,2025-01,3\n", context
    )
    assert quantities(found, 2) == {"energy_it_kwh": 3.0}
    assert "Column 'Energy kWh' was read as 'energy_kwh'." in [n.reason for n in found.notes]


def test_hours_without_accelerator_or_watts_are_accepted_and_noted(context: Context) -> None:
    found = reading(
        "workload,zone,period_start,period_end,accelerator_hours\na,GB,2025-01,2025-01,3\n", context
    )
    assert found.activity.select("quantity", "tier").rows() == [(3.0, None)]
    assert "their energy is not known" in found.notes[-1].reason


def test_instances_are_counted_into_hours(context: Context) -> None:
    # 2 instances for the 28 days of February 2025: 2 x 672 h
    found = reading(
        "workload,provider,region,period_start,period_end,instance_type,instance_count\n"
        "a,aws,us-east-1,2025-02-01,2025-03-01,p5.48xlarge,2\n",
        context,
    )
    assert quantities(found, 2) == {"instance_hours": 1344.0}


def test_a_workbook_and_a_parquet_file_give_the_rows_of_the_csv(context: Context) -> None:
    frame = pl.read_csv(DATA / "template.csv", infer_schema=False)
    book, parquet = io.BytesIO(), io.BytesIO()
    frame.with_columns(
        pl.col("period_start", "period_end").str.to_date(),
        pl.col("energy_kwh", "pue", "requests").cast(pl.Float64),
    ).write_parquet(parquet)
    with xlsxwriter.Workbook(book) as workbook:
        day = workbook.add_format({"num_format": "dd/mm/yyyy"})
        sheet = workbook.add_worksheet("Runs")
        sheet.write_row(0, 0, frame.columns)
        for r, row in enumerate(frame.rows(named=True), start=1):
            for c, (name, cell) in enumerate(row.items()):
                if cell is None:
                    continue
                if name.startswith("period"):
                    sheet.write_datetime(r, c, datetime.fromisoformat(cell), day)
                elif name in ("energy_kwh", "requests", "accelerator_hours"):
                    sheet.write_number(r, c, float(cell))
                else:
                    sheet.write_string(r, c, cell)
    expected = reading((DATA / "template.csv").read_bytes(), context).activity
    assert reading(book.getvalue(), context).activity.equals(expected)
    assert reading(parquet.getvalue(), context).activity.equals(expected)


def test_rows_of_one_place_and_period_share_a_key_across_files(context: Context) -> None:
    one = reading(f"{HEADER}\na,GBR,2025-01-01,2025-01-31,1\n", context).activity
    two = reading(f"{HEADER}\na,gb,2025-01,2025-01,2\n", context).activity
    assert one["key"].to_list() == two["key"].to_list()
    assert one["key"][0].startswith("activity-template|a|")


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("workload,zone,period_end,energy_kwh", "period_start"),
        ("workload,period_start,period_end,energy_kwh", "region or zone or country"),
        ("workload,zone,period_start,period_end,colour", "energy_kwh or"),
    ],
)
def test_a_file_that_lacks_a_column_is_refused_by_name(
    header: str, says: str, context: Context
) -> None:
    row = ",".join("x" for _ in header.split(","))
    with pytest.raises(RefusalError, match=says):
        reading(f"{header}\n{row}\n", context)


def test_the_template_is_recognised_by_content(context: Context) -> None:
    (payload,) = open_payloads("emissions.csv", (DATA / "template.csv").read_bytes())
    name, recognition, _ = recognise(payload)
    assert name == "activity-template"
    assert recognition.confidence > 0.9


@pytest.mark.parametrize(
    "places",
    [
        ("zone,country", "GB,", ",GB"),
        ("zone,country", "GB,GBR", ",United Kingdom"),
        ("zone,site", "GB,Hall A", "GB, hall a "),
        ("provider,region,country", "aws,eu-west-3,FR", "aws,eu-west-3,"),
    ],
)
def test_a_place_has_one_key_however_it_is_spelled(
    places: tuple[str, str, str], context: Context
) -> None:
    names, *spelled = places
    keys = [
        reading(
            f"workload,{names},period_start,period_end,energy_kwh\na,{cells},2025-01,2025-01,1\n",
            context,
        ).activity["key"]
        for cells in spelled
    ]
    assert keys[0].to_list() == keys[1].to_list()
    assert len(keys[0]) == 1


def test_places_that_differ_have_keys_of_their_own(context: Context) -> None:
    found = reading(
        "workload,zone,country,period_start,period_end,energy_kwh\n"
        "a,CAMX,US,2025-01,2025-01,1\na,NEWE,US,2025-01,2025-01,1\na,,US,2025-01,2025-01,1\n",
        context,
    )
    assert found.activity["key"].n_unique() == 3


@pytest.mark.parametrize("column", ["workload", "model"])
def test_an_identifier_without_end_is_set_aside(column: str, context: Context) -> None:
    cells = {"workload": "a", "model": "m"}
    text = "workload,model,zone,period_start,period_end,energy_kwh\n"
    for length in (500, 501):
        row = cells | {column: "x" * length}
        text += f"{row['workload']},{row['model']},GB,2025-01,2025-01,1\n"
    found = reading(text, context)
    assert found.activity["row_number"].to_list() == [2]
    assert reasons(found) == [(3, column, "x" * 80 + "…")]
    assert "has 501 characters, and at most 500 are read" in found.quarantine["reason"][0]


@pytest.mark.parametrize("cell", ["null", "None", "N/A", "-"])
def test_a_cell_that_states_nothing_is_shown_as_it_stands(cell: str, context: Context) -> None:
    found = reading(f"{HEADER}\n{cell},GB,2025-01,2025-01,1\n,GB,2025-01,2025-01,1\n", context)
    assert reasons(found) == [(2, "workload", cell), (3, "workload", None)]
    assert found.quarantine["reason"].to_list() == [
        f"workload says '{cell}', which states nothing; every row needs it",
        "workload is empty; every row needs it",
    ]


def test_an_error_of_the_spreadsheet_is_set_aside(context: Context) -> None:
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(
            0, 0, ["workload", "model", "zone", "period_start", "period_end", "energy_kwh"]
        )
        for row in (1, 2):
            sheet.write_row(row, 0, ["a", "m", "GB", "2025-01", "2025-01", 1])
        sheet.write_formula(1, 1, "=A99", None, "#REF!")
        sheet.write_formula(2, 5, "=1/0", None, "#DIV/0!")
    found = reading(book.getvalue(), context, "f.xlsx")
    assert found.activity.height == 0
    assert (2, "model", "#REF!") in reasons(found)
    assert (3, "energy_kwh", "#DIV/0!") in reasons(found)
    assert "mend its formula" in found.quarantine["reason"][0]


def test_columns_of_runs_and_endpoints_are_understood_where_somebody_adds_them(
    context: Context,
) -> None:
    text = (
        f"{HEADER},run_id,run_status,endpoint,batch_size,colour\n"
        "w,FR,2025-01-01,2025-01-02,5,r1,Failed,/v1/chat,32,red\n"
        "w,FR,2025-01-01,2025-01-02,7,,,,,\n"
        "w,FR,2025-01-01,2025-01-02,7,r3,exploded,,,\n"
    )
    found = reading(text, context)
    columns = ("resource", "run_status", "endpoint", "batch_size", "tags")
    assert found.activity.select(columns).rows() == [
        ("r1", "failed", "/v1/chat", 32.0, '{"colour":"red"}'),
        (None, None, None, None, None),
    ]
    assert reasons(found) == [(4, "run_status", "exploded")]
    # A run is superseded by a later file that names the same run, and by no other.
    keys = found.activity["key"].to_list()
    assert keys[0] == f"{keys[1]}|r1"
