"""Figures of providers as their APIs answer: AWS Sustainability and Cloud for Sustainability."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from carbon.activity import read, recognise
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading, RefusalError
from carbon.workspace.current import split_reported

DATA = Path(__file__).parents[1] / "data"


def reading(data: bytes, context: Context, format: str) -> Reading:
    (payload,) = open_payloads("answer", data)
    assert recognise(payload)[0] == format
    return read(payload, context)


def figures(found: Reading, row: int) -> dict[tuple[str, str], float]:
    rows = found.reported.filter(pl.col("row_number") == row)
    return {(s, m): kg for s, m, kg in rows.select("scope", "method", "kg_co2e").iter_rows()}


def result(**changes: Any) -> dict[str, Any]:
    """One result of the Sustainability API, some of its members changed."""
    return {
        "TimePeriod": {"Start": "2026-09-01T00:00:00Z", "End": "2026-10-01T00:00:00Z"},
        "DimensionsValues": {"REGION": "us-west-2"},
        "ModelVersion": "v3.0.0",
        "EmissionsValues": {"TOTAL_MBM_CARBON_EMISSIONS": {"Value": 2.0, "Unit": "MTCO2e"}},
    } | changes


def aws(found: list[dict[str, Any]], context: Context) -> Reading:
    return reading(json.dumps({"Results": found}).encode(), context, "aws-sustainability-api")


def test_all_seven_types_of_emissions_become_kilograms(context: Context) -> None:
    data = (DATA / "aws_sustainability.json").read_bytes()
    found = reading(data, context, "aws-sustainability-api")
    assert (found.rows, found.quarantine.height) == (3, 0)
    # metric tons x 1000
    assert figures(found, 1) == pytest.approx(
        {
            ("total", "location"): 3402.117,
            ("total", "market"): 611.03,
            ("scope_1", "unspecified"): 4.001,
            ("scope_2", "location"): 2790.31,
            ("scope_2", "market"): 0.0,
            ("scope_3", "location"): 607.806,
            ("scope_3", "market"): 607.029,
        }
    )
    assert figures(found, 2) == {("total", "location"): 250.0, ("total", "market"): 125.0}
    third = found.reported.filter(row_number=3).row(0, named=True)
    assert (third["month"], third["account"], third["service"], third["region"]) == (
        date(2026, 8, 1),
        "000987654321",
        "AmazonEC2",
        "us-west-2",
    )
    assert third["model_version"] == "v3.0.0"


@pytest.mark.parametrize("shape", ["lines", "bare", "bare lines"])
def test_pages_come_as_lines_and_results_bare(shape: str, context: Context) -> None:
    pages = json.loads((DATA / "aws_sustainability.json").read_text())
    bare = [item for page in pages for item in page["Results"]]
    data = {
        "lines": "\n".join(json.dumps(page) for page in pages),
        "bare": json.dumps(bare),
        "bare lines": "\n".join(json.dumps(item) for item in bare),
    }[shape]
    found = reading(data.encode(), context, "aws-sustainability-api")
    assert found.rows == 3
    # 3402.117 + 250 + 1500
    location = found.reported.filter(scope="total", method="location")
    assert location["kg_co2e"].sum() == pytest.approx(5152.117)


@pytest.mark.parametrize(
    ("changes", "column", "words"),
    [
        (
            {"TimePeriod": {"Start": "2026-07-01T00:00:00Z", "End": "2026-10-01T00:00:00Z"}},
            "TimePeriod.End",
            "--granularity MONTHLY",
        ),
        (
            {"TimePeriod": {"Start": "2026-09-15T00:00:00Z", "End": "2026-10-01T00:00:00Z"}},
            "TimePeriod.Start",
            "first of the month",
        ),
        (
            {"EmissionsValues": {"TOTAL_MBM_CARBON_EMISSIONS": {"Value": 2, "Unit": "MtCO2e"}}},
            "EmissionsValues.TOTAL_MBM_CARBON_EMISSIONS.Unit",
            "unit is not known",
        ),
        ({"ModelVersion": None}, "ModelVersion", "every row needs it"),
    ],
)
def test_a_result_that_states_no_month_or_unit_is_set_aside(
    changes: dict[str, Any], column: str, words: str, context: Context
) -> None:
    found = aws([result(), result(**changes)], context)
    assert found.reported["row_number"].unique().to_list() == [1]
    assert found.quarantine.select("row_number", "column").rows() == [(2, column)]
    assert words in found.quarantine["reason"][0]


def test_water_is_refused_and_beside_carbon_set_aside(context: Context) -> None:
    water = result(AllocationValues={"TOTAL_WATER_WITHDRAWALS": {"Value": 3.5, "Unit": "m3"}})
    del water["EmissionsValues"]
    with pytest.raises(RefusalError, match="water allocation, which is no carbon figure"):
        aws([water], context)
    found = aws([result(), water], context)
    assert found.reported["row_number"].to_list() == [1]
    assert "allocation of water" in " ".join(found.quarantine["reason"])


def imports(*evidence: str) -> pl.DataFrame:
    return pl.DataFrame({"evidence_id": evidence, "sequence": range(len(evidence))})


def test_the_export_and_the_api_of_one_month_do_not_both_count(context: Context) -> None:
    api = reading(
        (DATA / "aws_sustainability.json").read_bytes(),
        Context(**{**vars(context), "evidence_id": "a" * 64}),
        "aws-sustainability-api",
    ).reported
    export = reading(
        (DATA / "aws_carbon.csv").read_bytes(), context, "aws-carbon-export"
    ).reported.filter(model_version="v3.0.0")
    counted, rest = split_reported(pl.concat([export, api]), imports("e" * 64, "a" * 64))
    assert counted.height + rest.height == export.height + api.height
    september = counted.filter(month=date(2026, 9, 1))
    assert september["format"].unique().to_list() == ["aws-carbon-export"]
    # August is in no export, so the API's figure counts.
    assert counted.filter(month=date(2026, 8, 1))["kg_co2e"].to_list() == [1500.0]


def test_two_groupings_of_the_api_do_not_both_count(context: Context) -> None:
    by_region = result(DimensionsValues={"USAGE_ACCOUNT_ID": "000987654321", "REGION": "us-west-2"})
    whole = result(DimensionsValues={"USAGE_ACCOUNT_ID": "000987654321"})
    data = "\n".join(json.dumps({"Results": [item]}) for item in (by_region, whole)).encode()
    found = reading(data, context, "aws-sustainability-api")
    counted, _ = split_reported(found.reported, imports("e" * 64))
    assert counted["kg_co2e"].to_list() == [2000.0]
    assert counted["region"].to_list() == ["us-west-2"]


def test_cloud_for_sustainability_is_metric_tons_by_scope(context: Context) -> None:
    data = (DATA / "mcfs_emissions.json").read_bytes()
    found = reading(data, context, "azure-cloud-for-sustainability")
    assert (found.rows, found.quarantine.height, found.notes) == (3, 0, ())
    by_scope = dict(
        found.reported.group_by("scope").agg(pl.col("kg_co2e").sum()).sort("scope").iter_rows()
    )
    # (0.002 + 0.35 + 0.148) t x 1000
    assert by_scope == pytest.approx(
        {"scope_1": 2.0, "scope_2": 350.0, "scope_3": 148.0, "total": 500.0}
    )
    row = found.reported.row(0, named=True)
    assert (row["month"], row["method"], row["account"]) == (
        date(2026, 9, 1),
        "unspecified",
        "aaaaaaaa-1111-2222-3333-000000000001",
    )


def test_cloud_for_sustainability_says_which_scopes_are_not_there(context: Context) -> None:
    page = json.loads((DATA / "mcfs_emissions.json").read_text())
    page["value"] = [page["value"][0], page["value"][1] | {"scope": "Scope9"}]
    found = reading(json.dumps(page).encode(), context, "azure-cloud-for-sustainability")
    assert found.quarantine.select("row_number", "column", "value").rows() == [
        (2, "scope", "Scope9")
    ]
    assert "no rows of Scope2, Scope3" in found.notes[0].reason


def test_carbon_optimization_and_cloud_for_sustainability_do_not_both_count(
    context: Context,
) -> None:
    page = json.loads((DATA / "mcfs_emissions.json").read_text())
    account = page["value"][0]["subscriptionId"].lower()
    detail = {
        "dataType": "ResourceItemDetailsData",
        "itemName": "vm",
        "subscriptionId": account,
        "latestMonthEmissions": 480.0,
        "date": "2026-09-01",
    }
    first = reading(json.dumps(page).encode(), context, "azure-cloud-for-sustainability").reported
    second = reading(
        json.dumps({"value": [detail]}).encode(),
        Context(**{**vars(context), "evidence_id": "a" * 64}),
        "azure-carbon-optimization",
    ).reported
    counted, _ = split_reported(pl.concat([first, second]), imports("e" * 64, "a" * 64))
    assert counted["kg_co2e"].to_list() == [480.0]


def test_an_empty_page_is_refused_in_words(context: Context) -> None:
    (payload,) = open_payloads("page.json", b'{"Results": [], "NextToken": null}')
    with pytest.raises(RefusalError, match="its lists are empty"):
        read(payload, context, "aws-sustainability-api")


def test_python_dates_of_boto3_are_read(context: Context) -> None:
    moment = str(datetime(2026, 9, 1, tzinfo=UTC))
    found = aws([result(TimePeriod={"Start": moment, "End": "2026-10-01 00:00:00+00:00"})], context)
    assert found.reported["month"].to_list() == [date(2026, 9, 1)]


def test_moments_in_seconds_since_1970_name_their_month(context: Context) -> None:
    # 2026-09-01 and 2026-10-01, 00:00 UTC
    september = {"Start": 1788220800.0, "End": 1790812800.0}
    found = aws([result(TimePeriod=september)], context)
    assert found.quarantine.is_empty()
    assert found.reported["month"].to_list() == [date(2026, 9, 1)]
