"""AWS Cost and Usage Report: CUR 2.0 and the legacy report, CSV and Parquet.

Source: AWS Data Exports, table dictionary CUR 2.0; legacy names as CSV (`lineItem/UsageType`) and
Parquet (`line_item_usage_type`) write them. Times are UTC.
"""

from typing import Final

import polars as pl

from carbon.activity.bill_layout import Layout, Lines
from carbon.activity.bill_places import regions
from carbon.activity.bill_rows import bill_reading, billing_month, with_uses
from carbon.activity.bill_scan import read_lines
from carbon.activity.bill_tags import row_tags
from carbon.activity.bill_units import with_units
from carbon.activity.source import Context, Head, Payload, Reading, Recognition
from carbon.activity.usage_types import region_of, uses
from carbon.tables.recognition import by_columns

NAME: Final = "aws-cur"
TITLE: Final = "AWS Cost and Usage Report (CUR 2.0 and legacy)"
PROVIDER: Final = "aws"
EXAMPLE_COLUMNS: Final = (
    "line_item_usage_start_date",
    "line_item_usage_type",
    "line_item_usage_amount",
    "lineItem/UsageType",
)

LEGACY: Final = {
    "bill/PayerAccountId": "payer",
    "bill/BillingPeriodStartDate": "billing",
    "lineItem/UsageAccountId": "account",
    "lineItem/LineItemType": "charge",
    "lineItem/UsageStartDate": "start",
    "lineItem/UsageEndDate": "end",
    "lineItem/ProductCode": "service",
    "lineItem/UsageType": "sku",
    "lineItem/AvailabilityZone": "place",
    "lineItem/ResourceId": "resource",
    "lineItem/UsageAmount": "quantity",
    "lineItem/CurrencyCode": "currency",
    "lineItem/UnblendedCost": "cost",
    "product/region": "region",
    "product/regionCode": "region",
    "pricing/unit": "unit",
}
"""The legacy report's CSV -> house names."""

VARIABLE_MAP: Final = {
    "bill_payer_account_id": "payer",
    "bill_billing_period_start_date": "billing",
    "line_item_usage_account_id": "account",
    "line_item_line_item_type": "charge",
    "line_item_usage_start_date": "start",
    "line_item_usage_end_date": "end",
    "line_item_product_code": "service",
    "line_item_usage_type": "sku",
    "line_item_availability_zone": "place",
    "line_item_resource_id": "resource",
    "line_item_usage_amount": "quantity",
    "line_item_currency_code": "currency",
    "line_item_unblended_cost": "cost",
    "product_region_code": "region",
    "product_region": "region",
    "pricing_unit": "unit",
    "resource_tags": "tags",
    **LEGACY,
}

COUNTED_CHARGES: Final = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")
"""Line item types that state usage. RIFee, SavingsPlanNegation and the like state the hours of
other lines again; Tax, Credit, Refund and Fee state none."""

LAYOUT: Final = Layout(
    names=VARIABLE_MAP,
    required=(
        ("line_item_usage_start_date", "lineItem/UsageStartDate"),
        ("line_item_usage_type", "lineItem/UsageType"),
        ("line_item_line_item_type", "lineItem/LineItemType"),
        ("line_item_usage_amount", "lineItem/UsageAmount"),
    ),
    tags=("resource_tags_", "resourceTags/", "resource_tags."),
)

USER_PREFIXES: Final = ("user:", "user_")
"""What AWS sets before the keys of a user's own tags."""


def sniff(head: Head) -> Recognition:
    """Columns of line items: start, usage type, type of charge and amount, in either spelling."""
    legacy = "lineItem/UsageType" in head.columns
    return by_columns(
        head,
        [names[1 if legacy else 0] for names in LAYOUT.required],
        optional=tuple(VARIABLE_MAP),
        kinds=("text", "parquet", "xlsx", "json", "jsonl"),
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read a Cost and Usage Report.

    Args:
        payload: the file.
        context: of which the evidence id and AWS's regions are used.

    Returns:
        Activity per account, service, usage type, resource, region, tags and month: instance hours,
        tokens, GB-hours of storage and memory, vCPU hours, GB transferred; and cost.

    Raises:
        RefusalError: a required column is missing.
    """
    lines = read_lines(payload, LAYOUT)
    return bill_reading(lines, in_house_terms(lines, context), NAME, context)


def in_house_terms(lines: Lines, context: Context) -> pl.DataFrame:
    """Sums of lines with what they used, where, and for whom."""
    sums = with_uses(with_units(lines.sums), ("service", "sku"), uses)
    return sums.with_columns(
        pl.lit(PROVIDER).alias("provider"),
        account_of("payer"),
        account_of("account"),
        row_tags(lines, USER_PREFIXES),
        billing_month("billing"),
        region(sums, context),
        pl.col("charge").is_in(COUNTED_CHARGES).alias("counts"),
    )


def account_of(column: str) -> pl.Expr:
    """An account id of AWS: twelve digits, of which a spreadsheet may have eaten leading zeros."""
    text = pl.col(column)
    return pl.when(text.str.contains(r"^\d{1,11}$")).then(text.str.zfill(12)).otherwise(text)


def region(sums: pl.DataFrame, context: Context) -> pl.Series:
    """Region of each sum: as stated, else of its availability zone, else of the prefix of its usage
    type. A use that has no prefix is in us-east-1, which writes none."""
    home = pl.when(pl.col("kind").is_not_null()).then(pl.lit("us-east-1"))
    prefix = region_of(pl.col("sku"))
    return sums.select(
        pl.coalesce(
            regions(sums["region"], PROVIDER, context),
            regions(sums["place"], PROVIDER, context),
            prefix,
            home,
        ).alias("region")
    ).to_series()
