"""AWS Cost and Usage Report: what counts, what it was, and both generations of names."""

import io
from pathlib import Path

import polars as pl
import pytest

from carbon.activity import read, recognise
from carbon.activity.aws_cur import LEGACY, VARIABLE_MAP
from carbon.activity.intake import open_payloads
from carbon.activity.source import Context, Reading
from carbon.workspace.counting import rows_of

DATA = Path(__file__).parents[1] / "data"
CUR = (DATA / "aws_cur_2.csv").read_bytes()


def reading(data: bytes, context: Context) -> Reading:
    (payload,) = open_payloads("cur", data)
    assert recognise(payload)[0] == "aws-cur"
    return read(payload, context)


def used(found: Reading) -> dict[str, float]:
    """Quantity by usage type and kind, costs left out."""
    rows = found.activity.filter(pl.col("quantity_kind") != "cost")
    return {
        f"{sku} {kind}": q
        for sku, kind, q in rows.select("sku", "quantity_kind", "quantity").rows()
    }


def lines(*changes: dict[str, str]) -> bytes:
    """The first line of the example, once for each set of changed cells."""
    frame = pl.read_csv(CUR, infer_schema=False).head(1)
    rows = [frame.with_columns(pl.lit(v).alias(k) for k, v in change.items()) for change in changes]
    return pl.concat(rows).write_csv().encode()


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def typed() -> pl.DataFrame:
    """The example as CUR 2.0 comes in Parquet: timestamps, doubles, maps."""
    tag = pl.struct(pl.lit("user_workload").alias("key"), pl.lit("llm-train").alias("value"))
    other = pl.struct(pl.lit("aws_createdBy").alias("key"), pl.lit("ana").alias("value"))
    dates = (
        "line_item_usage_start_date",
        "line_item_usage_end_date",
        "bill_billing_period_start_date",
    )
    return pl.read_csv(CUR, infer_schema=False).with_columns(
        pl.col(dates).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms"),
        pl.col("line_item_usage_amount", "line_item_unblended_cost").cast(pl.Float64),
        pl.when(pl.col("resource_tags").is_not_null())
        .then(pl.concat_list(tag, other))
        .alias("resource_tags"),
    )


EXPECTED = {
    # 1 h on demand and 0.5 h that a savings plan covers; its negation states the 0.5 h again
    "USW2-BoxUsage:p4d.24xlarge instance_hours": 1.5,
    "SpotUsage:g5.12xlarge instance_hours": 1.0,
    "BoxUsage:m5.large instance_hours": 1.0,
    "USW2-Train:ml.p4d.24xlarge instance_hours": 4.25,
    "USW2-Host:ml.g5.2xlarge instance_hours": 1.0,
    # 1234.5 in units of "1K tokens", 200 000 in units of "tokens"
    "USE1-Claude3Sonnet-input-tokens input_tokens": 1_234_500.0,
    "USE1-Claude3Sonnet-output-tokens output_tokens": 200_000.0,
    # read from a cache: 10 x 1000, which are part of the input as well
    "USE1-Claude4.6Opus-cache-read-input-token-count-cross-region-global input_tokens": 10_000.0,
    "USE1-Claude4.6Opus-cache-read-input-token-count-cross-region-global cached_tokens": 10_000.0,
    # September has 30 x 24 = 720 h: 500 GB-months, 2048 GB-months
    "USW2-EBS:VolumeUsage.gp3 gb_hours": 360_000.0,
    "TimedStorage-ByteHrs gb_hours": 1_474_560.0,
    "USW2-Fargate-vCPU-Hours:perCPU vcpu_hours": 2.0,
    "USW2-Fargate-GB-Hours gb_hours": 8.0,
    # what is received is counted where it is sent
    "USW2-DataTransfer-Out-Bytes gb_transferred": 12.5,
}


def test_lines_become_hours_tokens_and_supporting_services(context: Context) -> None:
    found = reading(CUR, context)
    assert used(found) == pytest.approx(EXPECTED)
    assert found.rows == 19
    assert found.quarantine.is_empty()
    assert rows_of({"activity": found.activity}) == 19


def test_every_line_gives_its_cost_and_only_that_where_it_states_no_use(context: Context) -> None:
    found = reading(CUR, context)
    costs = found.activity.filter(quantity_kind="cost")
    # 32.7726 + 16.3863 of the p4d; the negation takes the second back
    assert costs.filter(row_number=2)["quantity"].to_list() == pytest.approx([49.1589])
    assert costs.filter(row_number=4)["quantity"].to_list() == [-16.3863]
    of_none = set(costs["row_number"]) - set(
        found.activity.filter(pl.col("quantity_kind") != "cost")["row_number"]
    )
    # negation, RIFee, tax, credit, and data received
    assert sorted(of_none) == [4, 5, 6, 7, 20]
    assert costs["currency"].unique().to_list() == ["USD"]
    assert costs["source_rows"].sum() == 19


def test_a_sum_says_who_where_and_what(context: Context) -> None:
    row = reading(CUR, context).activity.filter(row_number=2, quantity_kind="instance_hours")
    (first,) = row.rows(named=True)
    assert (first["provider"], first["account"], first["region"]) == (
        "aws",
        "001122334455",
        "us-west-2",
    )
    assert (first["service"], first["resource"]) == ("AmazonEC2", "i-0a1")
    assert first["instance_type"] == "p4d.24xlarge"
    assert first["tags"] == '{"aws_createdBy": "ana", "workload": "llm-train"}'
    assert (first["tier"], first["workload"], first["source_rows"]) == (None, None, 2)
    assert str(first["period_start"]) == "2026-09-03 10:00:00+00:00"
    assert str(first["period_end"]) == "2026-09-03 12:00:00+00:00"


def test_media_and_components_of_supporting_services(context: Context) -> None:
    rows = reading(CUR, context).activity.filter(pl.col("component").is_not_null())
    assert rows.select("sku", "component", "medium").rows() == [
        ("USW2-EBS:VolumeUsage.gp3", "storage", "ssd"),
        ("TimedStorage-ByteHrs", "storage", "hdd"),
        ("USW2-Fargate-vCPU-Hours:perCPU", "cpu", None),
        ("USW2-Fargate-GB-Hours", "memory", None),
        ("USW2-DataTransfer-Out-Bytes", "network", None),
    ]


def test_machines_keep_their_name_and_models_theirs(context: Context) -> None:
    rows = reading(CUR, context).activity
    machines = rows.filter(quantity_kind="instance_hours")["instance_type"].to_list()
    assert machines == [
        "p4d.24xlarge",
        "g5.12xlarge",
        "m5.large",
        "ml.p4d.24xlarge",
        "ml.g5.2xlarge",
    ]
    models = rows["model"].drop_nulls().unique().sort().to_list()
    assert models == ["Claude3Sonnet", "Claude4.6Opus"]


@pytest.mark.parametrize(
    ("usage_type", "region", "zone", "expected"),
    [
        ("BoxUsage:p4d.24xlarge", "", "", "us-east-1"),
        ("BoxUsage:p4d.24xlarge", "", "eu-west-3b", "eu-west-3"),
        ("EUC1-BoxUsage:p4d.24xlarge", "", "", "eu-central-1"),
        ("EU-BoxUsage:p4d.24xlarge", "", "", "eu-west-1"),
        ("APS3-BoxUsage:p4d.24xlarge", "eu-west-3", "", "eu-west-3"),
        ("Global-Something", "", "", None),
    ],
)
def test_the_region_is_stated_or_told_by_zone_or_prefix(
    usage_type: str, region: str, zone: str, expected: str | None, context: Context
) -> None:
    change = {
        "line_item_usage_type": usage_type,
        "product_region_code": region,
        "line_item_availability_zone": zone,
    }
    assert reading(lines(change), context).activity["region"].unique().to_list() == [expected]


@pytest.mark.parametrize(
    ("service", "usage_type", "unit"),
    [
        ("AmazonEC2", "USW2-EBSOptimized:p4d.24xlarge", "Hrs"),
        ("AmazonEC2", "USW2-UnusedBox:p4d.24xlarge", "Hrs"),
        ("AmazonEC2", "USW2-Reservation:p4d.24xlarge", "Hrs"),
        ("ElasticMapReduce", "USW2-BoxUsage:p4d.24xlarge", "Hrs"),
        ("AmazonEC2", "USW2-CPUCredits:t3", "vCPU-Hours"),
        ("AmazonECS", "USW2-ECS-EC2-vCPU-Hours", "vCPU-Hours"),
        ("abc123marketplace", "USW2-SoftwareUsage:p4d.24xlarge", "Hrs"),
        ("AmazonBedrock", "USW2-Claude3Sonnet-input-tokens", ""),
        ("AmazonBedrock", "USW2-ProvisionedThroughput-ModelUnits", "Hrs"),
    ],
)
def test_what_only_names_a_machine_or_a_unit_nobody_states_counts_nothing(
    service: str, usage_type: str, unit: str, context: Context
) -> None:
    change = {
        "line_item_product_code": service,
        "line_item_usage_type": usage_type,
        "pricing_unit": unit,
    }
    kinds = reading(lines(change), context).activity["quantity_kind"].to_list()
    assert kinds == ["cost"]


def test_parquet_gives_what_csv_gives(context: Context) -> None:
    csv, columnar = reading(CUR, context), reading(parquet(typed()), context)
    assert columnar.activity.equals(csv.activity)


def test_the_legacy_report_is_read_by_its_own_names(context: Context) -> None:
    known = {house: name for name, house in LEGACY.items() if name != "product/regionCode"}
    frame = pl.read_csv(CUR, infer_schema=False)
    renamed = {c: known[VARIABLE_MAP[c]] for c in frame.columns if VARIABLE_MAP.get(c) in known}
    assert renamed["line_item_usage_type"] == "lineItem/UsageType"
    legacy = frame.drop("resource_tags").rename(renamed)
    legacy = legacy.with_columns(pl.lit("llm-train").alias("resourceTags/user:workload"))
    found = reading(legacy.write_csv().encode(), context)
    assert used(found) == pytest.approx(EXPECTED)
    assert found.activity["tags"].unique().to_list() == ['{"workload": "llm-train"}']


def test_leading_zeros_of_accounts_stay_and_come_back(context: Context) -> None:
    change = {"line_item_usage_account_id": "1122334455", "bill_payer_account_id": "12345678901"}
    row = reading(lines(change), context).activity
    assert row["account"].unique().to_list() == ["001122334455"]
    assert "|012345678901|" in row["key"][0]


def test_usage_that_is_taken_back_nets_out_and_never_below_zero(context: Context) -> None:
    back = {"line_item_usage_amount": "-0.25", "line_item_unblended_cost": "-8"}
    found = reading(lines({}, back), context)
    # 1 h - 0.25 h
    assert used(found) == pytest.approx({"USW2-BoxUsage:p4d.24xlarge instance_hours": 0.75})
    alone = reading(lines(back), context)
    assert alone.activity["quantity_kind"].to_list() == ["cost"]
    assert "-0.25 was taken back" in alone.activity["note"][0]
    assert "take usage back" in alone.notes[0].reason


def keys(found: Reading) -> set[str]:
    return set(found.activity["key"])


def test_a_month_exported_again_takes_the_place_of_a_partial_export(context: Context) -> None:
    later = {
        "line_item_usage_start_date": "2026-09-20T10:00:00Z",
        "line_item_usage_end_date": "2026-09-20T11:00:00Z",
    }
    partial, whole = reading(lines({}), context), reading(lines({}, later), context)
    assert keys(partial) == keys(whole)


def test_parts_of_an_export_and_corrections_in_a_later_bill_stand_beside_it(
    context: Context,
) -> None:
    first = reading(lines({}), context)
    later = {
        "line_item_usage_start_date": "2026-09-20T10:00:00Z",
        "line_item_usage_end_date": "2026-09-20T11:00:00Z",
    }
    part = reading(lines(later), context)
    october = reading(lines({"bill_billing_period_start_date": "2026-10-01T00:00:00Z"}), context)
    assert keys(first).isdisjoint(keys(part) | keys(october))


def test_a_month_of_use_is_a_sum_of_its_own(context: Context) -> None:
    october = {
        "line_item_usage_start_date": "2026-10-01T00:00:00Z",
        "line_item_usage_end_date": "2026-10-01T01:00:00Z",
    }
    found = reading(lines({}, october), context)
    assert found.activity.filter(quantity_kind="instance_hours")["source_rows"].to_list() == [1, 1]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"line_item_usage_amount": "many"}, "line_item_usage_amount"),
        ({"line_item_unblended_cost": "1e300"}, "line_item_unblended_cost"),
        ({"line_item_usage_start_date": "soon"}, "line_item_usage_start_date"),
        ({"line_item_usage_start_date": ""}, "line_item_usage_start_date"),
        ({"line_item_usage_end_date": "2026-09-02T00:00:00Z"}, "line_item_usage_end_date"),
    ],
)
def test_a_bad_line_is_set_aside_and_the_rest_is_taken(
    change: dict[str, str], column: str, context: Context
) -> None:
    found = reading(lines({}, change, {}), context)
    assert found.quarantine.select("row_number", "column").rows() == [(3, column)]
    assert found.rows == 3
    assert used(found) == pytest.approx({"USW2-BoxUsage:p4d.24xlarge instance_hours": 2.0})


def test_a_bad_line_of_a_parquet_file_is_set_aside_alone(context: Context) -> None:
    frame = typed().with_columns(
        pl.when(pl.int_range(pl.len()) == 6)
        .then(None)
        .otherwise("line_item_usage_start_date")
        .alias("line_item_usage_start_date")
    )
    found = reading(parquet(frame), context)
    assert found.quarantine.select("row_number", "column").rows() == [
        (8, "line_item_usage_start_date")
    ]
    expected = {k: v for k, v in EXPECTED.items() if not k.startswith("SpotUsage")}
    assert used(found) == pytest.approx(expected)
    assert found.rows == 19
