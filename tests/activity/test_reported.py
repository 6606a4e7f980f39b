"""Figures that providers report: AWS, Google, Azure, each in every shape that it comes in."""

import gzip
import io
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading, RefusalError

DATA = Path(__file__).parents[1] / "data"


def reading(data: bytes, context: Context, name: str = "export") -> Reading:
    (payload,) = open_payloads(name, data)
    return read(payload, context)


def figures(found: Reading, row: int) -> dict[tuple[str, str], float]:
    rows = found.reported.filter(pl.col("row_number") == row)
    return {(s, m): kg for s, m, kg in rows.select("scope", "method", "kg_co2e").iter_rows()}


AWS_FIRST = {
    # metric tons x 1000
    ("total", "location"): 3402.117,
    ("total", "market"): 611.030,
    ("scope_1", "unspecified"): 4.001,
    ("scope_2", "location"): 2790.310,
    ("scope_2", "market"): 0.0,
    ("scope_3", "location"): 607.806,
    ("scope_3", "market"): 607.029,
}


def test_aws_metric_tons_become_kilograms_by_scope_and_method(context: Context) -> None:
    found = reading((DATA / "aws_carbon.csv").read_bytes(), context)
    assert found.quarantine.height == 0
    assert figures(found, 2) == pytest.approx(AWS_FIRST)
    assert figures(found, 3) == pytest.approx(
        {("total", "location"): 500.0, ("total", "market"): 250.0}
    )


def test_aws_ids_keep_leading_zeros_and_versions_stay_apart(context: Context) -> None:
    rows = (
        reading((DATA / "aws_carbon.csv").read_bytes(), context)
        .reported.group_by("row_number", maintain_order=True)
        .first()
    )
    assert rows["payer_account"].to_list() == ["012345678901"] * 2
    assert rows["account"].to_list() == ["000987654321"] * 2
    assert rows["model_version"].to_list() == ["v3.0.0", "v2.0.0"]
    assert rows["region"].to_list() == ["us-west-2", "Global, all"]
    assert rows["month"].to_list() == [date(2026, 9, 1)] * 2
    assert rows["key"][0] == ("aws|012345678901|000987654321|AmazonEC2|us-west-2|2026-09-01|v3.0.0")


def test_aws_comes_gzipped_and_as_parquet(context: Context) -> None:
    plain = (DATA / "aws_carbon.csv").read_bytes()
    frame = pl.read_csv(
        plain, schema_overrides={"payer_account_id": pl.String, "usage_account_id": pl.String}
    )
    frame = frame.with_columns(
        pl.col("usage_period_start").str.to_datetime("%Y-%m-%d %H:%M:%SZ", time_unit="ms")
    )
    parquet = io.BytesIO()
    frame.write_parquet(parquet)
    for data in (gzip.compress(plain), parquet.getvalue()):
        assert figures(reading(data, context), 2) == pytest.approx(AWS_FIRST)


def test_aws_without_scope_columns_is_read(context: Context) -> None:
    found = reading(
        b"usage_period_start,usage_account_id,payer_account_id,model_version,"
        b"total_mbm_emissions_unit,total_mbm_emissions_value\n"
        b"2024-01-01 00:00:00Z,98765432101,012345678901,v1.0.0,MTCO2e,0.25\n",
        context,
    )
    assert figures(found, 2) == {("total", "market"): 250.0}
    # Eleven digits: a spreadsheet ate the leading zero.
    assert found.reported["account"].to_list() == ["098765432101"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("total_lbm_emissions_unit", "MtCO2e"),
        ("total_lbm_emissions_unit", ""),
        ("total_lbm_emissions_value", "lots"),
        ("usage_period_start", "2026-13-01 00:00:00Z"),
        ("usage_account_id", "9.87654E+11"),
        ("model_version", ""),
    ],
)
def test_aws_rows_that_cannot_be_read_are_set_aside(
    column: str, value: str, context: Context
) -> None:
    lines = (DATA / "aws_carbon.csv").read_text().splitlines()
    names, cells = lines[0].split(","), lines[1].split(",")
    cells[names.index(column)] = value
    found = reading("\n".join([lines[0], ",".join(cells), lines[2]]).encode(), context)
    assert found.rows == 2
    assert found.quarantine.select("row_number", "column", "value").rows() == [
        (2, column, value or None)
    ]
    assert found.reported["row_number"].unique().to_list() == [3]


GOOGLE_FIRST = {
    ("total", "location"): 647.0,
    ("total", "market"): 330.4,
    ("scope_1", "unspecified"): 0.4,
    ("scope_2", "location"): 412.7,
    ("scope_2", "market"): 96.1,
    ("scope_3", "unspecified"): 233.9,
}


def google_shapes() -> dict[str, tuple[bytes, int]]:
    """The same export in every shape, with the row number of its first row."""
    text = (DATA / "google_carbon.jsonl").read_text()
    objects = [json.loads(line) for line in text.splitlines()]
    nested = io.BytesIO()
    pl.DataFrame(objects, infer_schema_length=None).write_parquet(nested)
    flat = pl.DataFrame(
        [
            {
                "usage_month": o["usage_month"],
                "billing_account_id": o["billing_account_id"],
                "project.number": o["project"]["number"],
                "project.id": o["project"]["id"],
                "service.description": o["service"]["description"],
                "location.location": o["location"]["location"],
                "location.region": o["location"]["region"],
                "carbon_model_version": o["carbon_model_version"],
                **{
                    f"carbon_footprint_kgCO2e.{k}": o["carbon_footprint_kgCO2e"][k]
                    for k in ("scope1", "scope3")
                },
                **{
                    f"carbon_footprint_kgCO2e.scope2.{k}": v
                    for k, v in o["carbon_footprint_kgCO2e"]["scope2"].items()
                },
                **{
                    f"carbon_footprint_total_kgCO2e.{k}": v
                    for k, v in o["carbon_footprint_total_kgCO2e"].items()
                },
            }
            for o in objects
        ]
    )
    under = flat.rename({c: c.replace(".", "_") for c in flat.columns})
    return {
        "json lines": (text.encode(), 1),
        "json": (json.dumps(objects, indent=2).encode(), 1),
        "parquet": (nested.getvalue(), 2),
        "dotted csv": (flat.write_csv().encode(), 2),
        "underscored csv": (under.write_csv().encode(), 2),
    }


@pytest.mark.parametrize("shape", list(google_shapes()))
def test_google_is_read_alike_in_every_shape(shape: str, context: Context) -> None:
    data, first = google_shapes()[shape]
    found = reading(data, context)
    assert (found.rows, found.quarantine.height) == (2, 0)
    assert figures(found, first) == pytest.approx(GOOGLE_FIRST)
    row = found.reported.row(0, named=True)
    assert (row["account"], row["service"], row["region"]) == (
        "ml-prod",
        "Vertex AI",
        "us-central1",
    )
    assert (row["month"], row["model_version"]) == (date(2026, 9, 1), "15")
    # A figure of zero is a figure; a project without number or id has no account.
    assert figures(found, first + 1)["scope_2", "location"] == 0.0
    assert found.reported["account"][-1] is None


def test_azure_takes_the_month_of_the_request_or_of_the_row(context: Context) -> None:
    found = reading((DATA / "azure_carbon.json").read_bytes(), context)
    assert (found.rows, found.quarantine.height) == (3, 0)
    assert found.reported.select("row_number", "month", "kg_co2e", "view", "region").rows() == [
        (1, date(2026, 8, 1), 281.4, "ResourceItemDetailsData:Resource", "east us"),
        (2, date(2026, 8, 1), 0.0, "ResourceItemDetailsData:Resource", "east us"),
        (3, date(2026, 7, 1), 1000.5, "MonthlySummaryData", None),
    ]
    assert found.reported["method"].unique().to_list() == ["unspecified"]
    assert found.reported["scope"].unique().to_list() == ["total"]
    assert found.reported["account"][0] == "11111111-aaaa-bbbb-cccc-000000000001"


def test_azure_says_which_subscriptions_were_denied(context: Context) -> None:
    found = reading((DATA / "azure_carbon.json").read_bytes(), context)
    (note,) = found.notes
    assert "22222222-aaaa-bbbb-cccc-000000000002 (No role)" in note.reason


ROW = {"dataType": "ItemDetailsData", "itemName": "s", "latestMonthEmissions": 5.5}


def test_azure_takes_the_month_of_the_file_name_last_and_says_so(context: Context) -> None:
    data = json.dumps({"value": [ROW]}).encode()
    found = reading(data, context, "azure-2026-09.json")
    assert found.reported["month"].to_list() == [date(2026, 9, 1)]
    assert "taken from the file name" in found.notes[0].reason
    for name in ("azure.json", "azure-2026-08-to-2026-09.json"):
        undated = reading(data, context, name)
        assert undated.quarantine.select("row_number", "column").rows() == [(1, "date")]
        assert "ask for one month" in undated.quarantine["reason"][0]


def test_azure_names_one_scope_and_refuses_two_of_three(context: Context) -> None:
    for scopes, scope in ((["Scope2"], "scope_2"), (["Scope3", "Scope1", "Scope2"], "total")):
        answer = {"request": {"carbonScopeList": scopes}, "value": [ROW | {"date": "2026-09-01"}]}
        found = reading(json.dumps(answer).encode(), context)
        assert found.reported["scope"].to_list() == [scope]
    answer = {"carbonScopeList": ["Scope1", "Scope3"], "value": [ROW | {"date": "2026-09-01"}]}
    found = reading(json.dumps(answer).encode(), context)
    assert found.reported.height == 0
    assert "sums some of the three scopes" in found.quarantine["reason"][0]


@pytest.mark.parametrize("shape", ["rows", "csv", "lines"])
def test_azure_rows_come_bare_too(shape: str, context: Context) -> None:
    rows = [ROW | {"date": "2026-09-01"}, ROW | {"date": "2026-10-01"}]
    data = {
        "rows": json.dumps(rows).encode(),
        "lines": "\n".join(json.dumps({"value": [row]}) for row in rows).encode(),
        "csv": pl.DataFrame(rows).write_csv().encode(),
    }[shape]
    found = reading(data, context)
    assert found.reported["kg_co2e"].to_list() == [5.5, 5.5]
    assert found.reported["month"].to_list() == [date(2026, 9, 1), date(2026, 10, 1)]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("template.csv", "activity-template"),
        ("codecarbon_3.csv", "codecarbon"),
        ("codecarbon_2_0.csv", "codecarbon"),
        ("aws_carbon.csv", "aws-carbon-export"),
        ("google_carbon.jsonl", "google-carbon-footprint"),
        ("azure_carbon.json", "azure-carbon-optimization"),
        ("instruments.csv", "instrument-template"),
    ],
)
def test_each_format_is_recognised_by_content_whatever_its_name(file: str, name: str) -> None:
    (payload,) = open_payloads("data.bin", (DATA / file).read_bytes())
    found, recognition, others = recognise(payload)
    assert found == name
    assert recognition.confidence >= 0.9
    assert all(other.confidence < 0.5 for _, other in others)


def test_a_file_of_another_kind_is_refused_with_its_columns_and_the_nearest_format() -> None:
    (payload,) = open_payloads("x.csv", b"workload,period_start,colour\na,b,c\n")
    with pytest.raises(RefusalError) as refusal:
        recognise(payload)
    message = str(refusal.value)
    assert "x.csv is not recognised: its columns are workload, period_start, colour." in message
    assert "activity-template, which also needs period_end" in message
    with pytest.raises(RefusalError, match="Format 'excel' is not known"):
        recognise(payload, "excel")


@pytest.mark.parametrize("month", ["9999-12-01", "0001-01-01"])
def test_a_month_out_of_all_reason_is_set_aside(month: str, context: Context) -> None:
    text = (DATA / "google_carbon.jsonl").read_text().replace("2026-09-01", month, 1)
    found = reading(text.encode(), context)
    assert found.quarantine.select("row_number", "column", "value").rows() == [
        (1, "usage_month", month)
    ]
    assert "lies outside of 1990 to 2100" in found.quarantine["reason"][0]


def google_line(**changes: object) -> bytes:
    """The first record of the export, some of its fields changed."""
    first = json.loads((DATA / "google_carbon.jsonl").read_text().splitlines()[0])
    sound = json.loads((DATA / "google_carbon.jsonl").read_text().splitlines()[0])
    sound["project"]["id"] = "other"
    return "\n".join(json.dumps(row) for row in (first | changes, sound)).encode()


TOTAL = "carbon_footprint_total_kgCO2e"


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"carbon_model_version": "newest"}, "carbon_model_version", "newest"),
        ({TOTAL: "much"}, TOTAL, "much"),
        ({TOTAL: {"location_based": "much"}}, f"{TOTAL}.location_based", "much"),
        ({TOTAL: {"location_based": {"v": 1}}}, f"{TOTAL}.location_based.v", "1"),
        ({TOTAL: {"location_based": [1]}}, f"{TOTAL}.location_based", "[1]"),
    ],
)
def test_google_cells_that_are_no_figure_are_set_aside(
    changes: dict[str, object], column: str, value: str, context: Context
) -> None:
    found = reading(google_line(**changes), context)
    assert found.quarantine.select("row_number", "column", "value").rows() == [(1, column, value)]
    assert found.reported["row_number"].unique().to_list() == [2]


def test_google_totals_of_null_leave_the_other_figures(context: Context) -> None:
    found = reading(google_line(**{TOTAL: None}), context)
    assert found.quarantine.height == 0
    without_totals = {key: kg for key, kg in GOOGLE_FIRST.items() if key[0] != "total"}
    assert figures(found, 1) == pytest.approx(without_totals)
    bare = reading(google_line(**{TOTAL: None, "carbon_footprint_kgCO2e": None}), context)
    assert bare.quarantine["row_number"].to_list() == [1]
    assert "states no figure" in bare.quarantine["reason"][0]
