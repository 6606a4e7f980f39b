"""FOCUS 1.0 to 1.3: bills of every provider in the columns of the FinOps Foundation.

What was used is told by each provider's own words, where its `x_` columns or the SKU's meter have
them, and by `SkuPriceDetails` where they do not. Source: FOCUS specification, tags v1.0 to v1.2;
`ServiceProviderName` takes the place of `ProviderName` after it.
"""

from typing import Final

import polars as pl

from carbon.activity import azure_meters, google_skus, usage_types
from carbon.activity.aws_cur import USER_PREFIXES, account_of
from carbon.activity.azure_costs import host_of
from carbon.activity.bill_layout import Layout, Lines
from carbon.activity.bill_places import regions
from carbon.activity.bill_rows import USE, bill_reading, billing_month, with_uses
from carbon.activity.bill_scan import read_lines
from carbon.activity.bill_tags import encoded, read_tags, row_tags
from carbon.activity.bill_units import with_units
from carbon.activity.places import PROVIDERS
from carbon.activity.source import Context, Head, Payload, Reading, Recognition
from carbon.tables.recognition import by_columns

NAME: Final = "focus"
TITLE: Final = "FOCUS cost and usage (AWS, Google Cloud, Azure and others)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = (
    "ChargePeriodStart",
    "ChargeCategory",
    "ServiceName",
    "ConsumedQuantity",
    "ConsumedUnit",
)

VARIABLE_MAP: Final = {
    "BillingAccountId": "payer",
    "BillingPeriodStart": "billing",
    "SubAccountId": "account",
    "ChargeCategory": "charge",
    "ChargePeriodStart": "start",
    "ChargePeriodEnd": "end",
    "CommitmentDiscountStatus": "commitment",
    "ServiceProviderName": "service_provider",
    "ProviderName": "provider_name",
    "PublisherName": "publisher",
    "ServiceCategory": "category",
    "ServiceName": "service",
    "x_ServiceCode": "code",
    "x_UsageType": "usage_type",
    "SkuMeter": "meter",
    "x_SkuMeterName": "meter",
    "x_SkuDescription": "meter",
    "ChargeDescription": "words",
    "x_SkuMeterCategory": "meter_category",
    "x_SkuMeterSubcategory": "meter_subcategory",
    "SkuId": "sku_id",
    "RegionId": "region",
    "AvailabilityZone": "place",
    "RegionName": "region_name",
    "ResourceId": "resource",
    "ResourceName": "resource_name",
    "x_ResourceGroupName": "project",
    "ConsumedQuantity": "quantity",
    "ConsumedUnit": "unit",
    "BilledCost": "cost",
    "EffectiveCost": "cost",
    "BillingCurrency": "currency",
    "SkuPriceDetails": "details",
    "x_SkuDetails": "details",
    "Tags": "tags",
}

LAYOUT: Final = Layout(
    names=VARIABLE_MAP,
    required=(("ChargePeriodStart",), ("ChargeCategory",), ("ServiceName",), ("ConsumedQuantity",)),
    long=("tags", "details", "words"),
    tags=("Tags.",),
)

MACHINE_PROPERTIES: Final = ("InstanceType", "x_InstanceType", "ServiceType", "x_ServiceType")
"""Properties of a SKU that name the machine."""

MACHINE_CATEGORIES: Final = ("Compute", "AI and Machine Learning")
"""Service categories in which hours of a SKU with a machine are hours of the machine."""

CATEGORY_TAG: Final = "ServiceCategory"
"""Under this tag the category is kept, so that rules can tell AI by it."""


def sniff(head: Head) -> Recognition:
    """Columns of charge period and category, service, and quantity consumed."""
    return by_columns(
        head,
        ("ChargePeriodStart", "ChargeCategory", "ServiceName", "ConsumedQuantity", "ConsumedUnit"),
        optional=tuple(VARIABLE_MAP),
        kinds=("text", "parquet", "xlsx", "json", "jsonl"),
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read a FOCUS export.

    Args:
        payload: the file.
        context: of which the evidence id and the providers' regions are used.

    Returns:
        Activity per provider, sub-account, SKU, resource, region, tags and month: machine and
        device hours, tokens, GB-hours, vCPU hours, GB transferred; and billed cost.

    Raises:
        RefusalError: a required column is missing.
    """
    lines = read_lines(payload, LAYOUT)
    return bill_reading(lines, in_house_terms(lines, context), NAME, context)


def in_house_terms(lines: Lines, context: Context) -> pl.DataFrame:
    """Sums of lines with what they used, where, and for whom."""
    details, words = (encoded(lines.sums[name]) for name in ("details", "words"))
    sums = lines.sums.with_columns(
        _provider(),
        words.str.strip_chars().replace("", None).alias("words"),
        *_properties(details),
    ).with_columns(*_service(), _sku())
    on = ("provider", "category", "service", "subservice", "sku", "machine", "devices")
    sums = with_uses(with_units(sums), on, _uses)
    aws = pl.col("provider") == "aws"
    unused = pl.col("commitment").str.to_lowercase() == "unused"
    return sums.with_columns(
        *[
            pl.when(aws)
            .then(account_of(column))
            .otherwise(pl.col(column).str.strip_prefix("/subscriptions/"))
            .alias(column)
            for column in ("payer", "account")
        ],
        pl.coalesce("resource", "resource_name").alias("resource"),
        pl.coalesce(
            host_of(pl.col("resource")),
            pl.when(pl.col("provider") == "gcp", pl.col("kind").is_not_null()).then(
                "resource_name"
            ),
        ).alias("host"),
        pl.coalesce("service_name", "service").alias("service"),
        row_tags(lines, USER_PREFIXES[:1], {"category": CATEGORY_TAG}),
        billing_month("billing"),
        _region(sums, context),
        ((pl.col("charge").str.to_lowercase() == "usage") & ~unused.fill_null(False)).alias(
            "counts"
        ),
    )


def _provider() -> pl.Expr:
    """Who provides the service, by the house's name; a stranger by its own."""
    name = pl.coalesce("service_provider", "provider_name", "publisher").str.to_lowercase()
    return name.replace(PROVIDERS).alias("provider")


def _properties(details: pl.Series) -> list[pl.Series]:
    """Machine and number of devices in the details of each SKU."""
    distinct = details.drop_nulls().unique().sort()
    found = {text: read_tags(text) for text in distinct}
    machines = {
        text: next((tags[name] for name in MACHINE_PROPERTIES if name in tags), None)
        for text, tags in found.items()
    }
    devices = {text: tags.get("GpuCount") for text, tags in found.items()}
    return [
        details.replace_strict(machines, default=None, return_dtype=pl.String).alias("machine"),
        details.replace_strict(devices, default=None, return_dtype=pl.String)
        .cast(pl.Float64, strict=False)
        .alias("devices"),
    ]


def _service() -> list[pl.Expr]:
    """The service by which the provider's own rules go; the name is kept beside it."""
    provider = pl.col("provider")
    own = (
        pl.when(provider == "aws")
        .then(pl.coalesce("code", "service"))
        .when(provider == "azure")
        .then(pl.coalesce("meter_category", "service"))
        .otherwise("service")
    )
    return [
        pl.col("service").alias("service_name"),
        own.alias("service"),
        pl.col("meter_subcategory").alias("subservice"),
    ]


def _sku() -> pl.Expr:
    """The SKU in the words by which the provider's own rules go."""
    provider = pl.col("provider")
    return (
        pl.when(provider == "aws")
        .then(pl.coalesce("usage_type", "meter", "sku_id"))
        .when(provider == "gcp")
        .then(pl.coalesce("words", "meter", "sku_id"))
        .otherwise(pl.coalesce("meter", "words", "sku_id"))
        .alias("sku")
    )


def _uses(skus: pl.DataFrame) -> pl.DataFrame:
    """What SKUs mean, by the rules of their provider; a SKU of another provider, or one that those
    rules do not know, by the machine in its details."""
    of = pl.col("provider").fill_null("")
    azure = skus.filter(of == "azure").with_columns(
        pl.col("category").alias("(category)"),
        pl.col("service").alias("category"),
        pl.col("subservice").alias("subcategory"),
    )
    parts = [
        usage_types.uses(skus.filter(of == "aws")),
        google_skus.uses(skus.filter(of == "gcp")),
        azure_meters.uses(azure).with_columns(pl.col("(category)").alias("category")),
        skus.filter(~of.is_in(["aws", "gcp", "azure"])),
    ]
    meant = pl.concat(parts, how="diagonal_relaxed")
    absent = [
        pl.lit(None, kind).alias(name) for name, kind in USE.items() if name not in meant.columns
    ]
    return meant.with_columns(*absent).with_columns(*_by_details())


def _by_details() -> list[pl.Expr]:
    """Hours of a machine that the SKU's details name, where its words told nothing."""
    # A usage type of AWS that its rules do not count is none: it names its machine too.
    told = pl.col("sku").str.contains(":").fill_null(False) & (pl.col("provider") == "aws")
    runs = (
        pl.col("kind").is_null()
        & ~told.fill_null(False)
        & (pl.col("basis") == "hours")
        & pl.col("machine").is_not_null()
        & pl.col("category").is_in(MACHINE_CATEGORIES).fill_null(False)
    )
    hours = pl.when(runs).then(pl.lit("instance_hours")).otherwise("kind")
    return [
        hours.alias("kind"),
        pl.when(runs).then("machine").otherwise("instance_type").alias("instance_type"),
        pl.when(hours == "instance_hours").then("devices").alias("accelerator_count"),
    ]


def _region(sums: pl.DataFrame, context: Context) -> pl.Series:
    """Region of each sum, by the names of its own provider."""
    numbered = sums.select("provider", "region", "place", "region_name").with_row_index()
    parts = [
        group.select(
            "index",
            pl.coalesce(
                regions(group[column], str(provider or ""), context)
                for column in ("region", "place", "region_name")
            ).alias("region"),
        )
        for (provider,), group in numbered.group_by("provider", maintain_order=True)
    ]
    if not parts:
        return sums["region"]
    return pl.concat(parts).sort("index")["region"]
