"""Azure cost and usage details: the export of EA and of MCA, and of the older consumption API.

EA writes `SubscriptionId`, MCA `subscriptionId`; columns are found in any case. `Date` is the day
(UTC) of the use, month first or ISO: the file's own dates tell. `AdditionalInfo` is JSON that names
the machine size; `Tags` is JSON, often without its outer braces. Source: Microsoft, cost and usage
details dataset schema.
"""

from typing import Final

import polars as pl

from carbon.activity.azure_meters import uses
from carbon.activity.bill_layout import Layout, Lines
from carbon.activity.bill_places import regions
from carbon.activity.bill_rows import bill_reading, billing_month, with_uses
from carbon.activity.bill_scan import read_lines
from carbon.activity.bill_tags import encoded, read_tags, row_tags
from carbon.activity.bill_units import with_units
from carbon.activity.source import Context, Head, Payload, Reading, Recognition
from carbon.tables.recognition import by_columns

NAME: Final = "azure-costs"
TITLE: Final = "Azure cost and usage details (EA and MCA)"
PROVIDER: Final = "azure"
EXAMPLE_COLUMNS: Final = ("Date", "MeterCategory", "MeterName", "UnitOfMeasure", "Quantity")

VARIABLE_MAP: Final = {
    "BillingAccountId": "payer",
    "BillingPeriodStartDate": "billing",
    "BillingPeriodEndDate": "billing_end",
    "SubscriptionId": "account",
    "SubscriptionGuid": "account",
    "ResourceGroup": "project",
    "ResourceGroupName": "project",
    "ResourceLocation": "region",
    "ResourceLocationNormalized": "region",
    "MeterRegion": "place",
    "Date": "start",
    "UsageDateTime": "start",
    "UsageDate": "start",
    "MeterCategory": "category",
    "MeterSubCategory": "subcategory",
    "MeterSubcategory": "subcategory",
    "MeterName": "sku",
    "Meter": "sku",
    "UnitOfMeasure": "unit",
    "Quantity": "quantity",
    "UsageQuantity": "quantity",
    "CostInBillingCurrency": "cost",
    "Cost": "cost",
    "PreTaxCost": "cost",
    "BillingCurrencyCode": "currency",
    "BillingCurrency": "currency",
    "Currency": "currency",
    "ChargeType": "charge",
    "ResourceId": "resource",
    "InstanceId": "resource",
    "InstanceName": "resource",
    "AdditionalInfo": "details",
    "Tags": "tags",
}

LAYOUT: Final = Layout(
    names=VARIABLE_MAP,
    required=(
        ("Date", "UsageDateTime", "UsageDate"),
        ("MeterCategory",),
        ("Quantity", "UsageQuantity"),
        ("UnitOfMeasure",),
    ),
    long=("tags", "details"),
    dates=("billing", "billing_end"),
    day=True,
)

USED: Final = "usage"
"""The charge type whose lines state use; purchases, refunds, taxes and unused reservations state
none."""


def sniff(head: Head) -> Recognition:
    """Columns of day, meter category, quantity and unit of measure."""
    return by_columns(
        head,
        ("MeterCategory", "UnitOfMeasure"),
        one_of=(*LAYOUT.required, ("MeterName", "Meter", "MeterId")),
        optional=tuple(VARIABLE_MAP),
        kinds=("text", "parquet", "xlsx", "json", "jsonl"),
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read cost and usage details.

    Args:
        payload: the file.
        context: of which the evidence id and Azure's regions are used.

    Returns:
        Activity per subscription, meter, resource, region, tags and month: instance hours, tokens,
        GB-hours of storage and memory, vCPU hours, GB transferred; and cost.

    Raises:
        RefusalError: a required column is missing.
    """
    lines = read_lines(payload, LAYOUT)
    return bill_reading(lines, in_house_terms(lines, context), NAME, context)


def in_house_terms(lines: Lines, context: Context) -> pl.DataFrame:
    """Sums of lines with what they used, where, and for whom."""
    sums = lines.sums.with_columns(machine=machine_size(lines.sums["details"]))
    on = ("category", "subcategory", "sku", "machine")
    sums = with_uses(with_units(sums), on, uses)
    return sums.with_columns(
        pl.lit(PROVIDER).alias("provider"),
        pl.col("account").str.to_lowercase(),
        pl.col("category").alias("service"),
        pl.concat_str("subcategory", "sku", separator=" / ", ignore_nulls=True)
        .replace("", None)
        .alias("sku"),
        host_of(pl.col("resource")),
        row_tags(lines),
        billing_month("billing"),
        _region(sums, context),
        (pl.col("charge").str.to_lowercase().fill_null(USED) == USED).alias("counts"),
    )


def host_of(resource: pl.Expr) -> pl.Expr:
    """The virtual machine that a resource id names."""
    return resource.str.extract(r"(?i)/virtualmachines/([^/]+)", 1).alias("host")


def machine_size(details: pl.Series) -> pl.Series:
    """`ServiceType` of the additional information of each sum: the machine size."""
    texts = encoded(details)
    distinct = [text for text in texts.drop_nulls().unique().sort() if "ServiceType" in text]
    found = {text: read_tags(text).get("ServiceType") for text in distinct}
    return texts.replace_strict(found, default=None, return_dtype=pl.String)


def _region(sums: pl.DataFrame, context: Context) -> pl.Series:
    return sums.select(
        pl.coalesce(
            regions(sums["region"], PROVIDER, context), regions(sums["place"], PROVIDER, context)
        ).alias("region")
    ).to_series()
