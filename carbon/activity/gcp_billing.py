"""Google Cloud billing export: standard and detailed, as BigQuery gives it.

Three shapes are read alike: nested records (JSON lines, Parquet), columns flattened with dots, and
columns flattened with underscores. Labels are lists of key and value, or JSON objects. Use is read
from `usage.amount` in `usage.unit`, the base unit of the meter (seconds, byte-seconds, bytes,
count). Times are UTC. Source: Google, structure of the billing export to BigQuery.
"""

from typing import Final

import polars as pl

from carbon.activity.bill_layout import Layout, Lines
from carbon.activity.bill_places import regions
from carbon.activity.bill_rows import bill_reading, billing_month, with_uses
from carbon.activity.bill_scan import read_lines
from carbon.activity.bill_tags import encoded, read_tags, row_tags
from carbon.activity.bill_units import with_units
from carbon.activity.google_skus import uses
from carbon.activity.source import Context, Head, Payload, Reading, Recognition
from carbon.tables.recognition import by_columns

NAME: Final = "gcp-billing"
TITLE: Final = "Google Cloud billing export (standard and detailed)"
PROVIDER: Final = "gcp"
EXAMPLE_COLUMNS: Final = (
    "billing_account_id",
    "sku.description",
    "usage_start_time",
    "usage.amount",
    "usage.unit",
)

DOTTED: Final = {
    "billing_account_id": "payer",
    "invoice.month": "billing",
    "cost_type": "charge",
    "usage_start_time": "start",
    "usage_end_time": "end",
    "service.description": "service",
    "service.id": "service_id",
    "sku.description": "sku",
    "project.id": "account",
    "project.number": "project_number",
    "location.region": "region",
    "location.zone": "place",
    "location.location": "location",
    "location.country": "country",
    "resource.global_name": "resource",
    "resource.name": "resource_name",
    "usage.amount": "quantity",
    "usage.unit": "unit",
    "cost": "cost",
    "currency": "currency",
    "labels": "tags",
    "system_labels": "system",
}

VARIABLE_MAP: Final = {
    **DOTTED,
    **{name.replace(".", "_"): house for name, house in DOTTED.items()},
}

REQUIRED: Final = ("usage_start_time", "usage_end_time", "sku.description", "usage.amount")

LAYOUT: Final = Layout(
    names=VARIABLE_MAP,
    required=tuple((name, name.replace(".", "_")) for name in REQUIRED),
    long=("tags", "system"),
    tags=("labels.",),
)

MACHINE_SPEC: Final = "compute.googleapis.com/machine_spec"
"""The system label that names the machine type of a part."""


def sniff(head: Head) -> Recognition:
    """Columns of use times, SKU, amount and unit, dotted or underscored."""
    flat = "sku_description" in head.columns
    names = (*REQUIRED, "usage.unit", "billing_account_id")
    return by_columns(
        head,
        [name.replace(".", "_") if flat else name for name in names],
        optional=tuple(VARIABLE_MAP),
        kinds=("text", "parquet", "xlsx", "json", "jsonl"),
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read a billing export.

    Args:
        payload: the file.
        context: of which the evidence id, countries and Google's regions are used.

    Returns:
        Activity per project, service, SKU, resource, region, labels and month: device hours, vCPU
        hours, GB-hours of memory and storage, GB transferred, tokens; and cost.

    Raises:
        RefusalError: a required column is missing.
    """
    lines = read_lines(payload, LAYOUT)
    return bill_reading(lines, in_house_terms(lines, context), NAME, context)


def in_house_terms(lines: Lines, context: Context) -> pl.DataFrame:
    """Sums of lines with what they used, where, and for whom."""
    sums = lines.sums.with_columns(machine=machine_spec(lines.sums["system"]))
    sums = with_uses(with_units(sums), ("sku", "machine"), uses)
    country = pl.col("country").str.to_lowercase()
    return sums.with_columns(
        pl.lit(PROVIDER).alias("provider"),
        pl.coalesce("account", "project_number").alias("account"),
        pl.coalesce("service", "service_id").alias("service"),
        pl.coalesce("resource", "resource_name").alias("resource"),
        pl.when(pl.col("kind").is_not_null()).then("resource_name").alias("host"),
        row_tags(lines),
        billing_month("billing"),
        _region(sums, context),
        country.replace_strict(context.countries, default=None, return_dtype=pl.String).alias(
            "country"
        ),
        # The standard export of older tables has no type of cost: all its lines are regular.
        (pl.col("charge").fill_null("regular") == "regular").alias("counts"),
    )


def machine_spec(system: pl.Series) -> pl.Series:
    """The machine type in the system labels of each sum; null where there is none."""
    texts = encoded(system)
    distinct = [text for text in texts.drop_nulls().unique().sort() if MACHINE_SPEC in text]
    found = {text: read_tags(text).get(MACHINE_SPEC) for text in distinct}
    return texts.replace_strict(found, default=None, return_dtype=pl.String)


def _region(sums: pl.DataFrame, context: Context) -> pl.Series:
    """Region of each sum; `us` and `eu` are no region but many, and name no place."""
    wide = pl.col("location").str.contains(r"^[a-z]+-[a-z]+\d+")
    location = sums.select(pl.when(wide).then("location")).to_series()
    return sums.select(
        pl.coalesce(
            regions(sums["region"], PROVIDER, context),
            regions(sums["place"], PROVIDER, context),
            regions(location, PROVIDER, context),
        ).alias("region")
    ).to_series()
