"""Usage types of AWS -> what was used: machine hours, tokens, and supporting services.

A usage type is `<prefix of the region>-<kind>:<what>`; us-east-1 has no prefix with most services.
Source: AWS, usage types by service; kinds that count twice, and media of storage, as in Cloud
Carbon Footprint (packages/aws, CostAndUsageTypes).
"""

from typing import Final

import polars as pl

REGIONS: Final = {
    "AFS1": "af-south-1",
    "APE1": "ap-east-1",
    "APE2": "ap-east-2",
    "APN1": "ap-northeast-1",
    "APN2": "ap-northeast-2",
    "APN3": "ap-northeast-3",
    "APS1": "ap-southeast-1",
    "APS2": "ap-southeast-2",
    "APS3": "ap-south-1",
    "APS4": "ap-southeast-3",
    "APS5": "ap-south-2",
    "APS6": "ap-southeast-4",
    "CAN1": "ca-central-1",
    "CAN2": "ca-west-1",
    "EU": "eu-west-1",
    "EUW1": "eu-west-1",
    "EUW2": "eu-west-2",
    "EUW3": "eu-west-3",
    "EUC1": "eu-central-1",
    "EUC2": "eu-central-2",
    "EUN1": "eu-north-1",
    "EUS1": "eu-south-1",
    "EUS2": "eu-south-2",
    "ILC1": "il-central-1",
    "MEC1": "me-central-1",
    "MES1": "me-south-1",
    "MXC1": "mx-central-1",
    "SAE1": "sa-east-1",
    "UGE1": "us-gov-east-1",
    "UGW1": "us-gov-west-1",
    "USE1": "us-east-1",
    "USE2": "us-east-2",
    "USW1": "us-west-1",
    "USW2": "us-west-2",
}
"""Prefix of a usage type -> region."""

_PREFIX: Final = r"^((?:[A-Z]{2,3}\d+|EU|[A-Z]{3,4}\d+))-"

_MACHINE: Final = (
    r"^(?:BoxUsage|SpotUsage|DedicatedUsage|HostBoxUsage|HeavyUsage|MediumUsage|LightUsage"
    r"|SchedUsage|InstanceUsage|InstanceUsageIOOptimized|Multi-AZUsage|Multi-AZClusterUsage"
    r"|NodeUsage|Node|ESInstance|Kafka)"
    r"[:.]((?:db\.|cache\.)?[a-z][a-z0-9-]*\.[a-z0-9-]+)"
)
"""Kinds whose hours are hours of a machine. Others name a machine too and are none: `EBSOptimized`
and `CPUCredits` go with one; `UnusedBox` and `Reservation` pay for capacity that no instance runs
on, or that has its own `BoxUsage` line; `SoftwareUsage` is a licence; `EKS-Auto` a fee."""

_SAGEMAKER: Final = r"(?:^|[:-])(ml\.[a-z][a-z0-9-]*\.[a-z0-9-]+)"

_FEES_BY_MACHINE: Final = ("ElasticMapReduce",)
"""Services whose `BoxUsage` is a fee on machines that have lines of their own under EC2."""

_TOKENS: Final = (
    r"(?i)^(.+?)[-_](?:mantle[-_])?(?:cache[-_](?:read|write)[-_])?(?:input|output)[-_]tokens?\b"
)
_CACHE_READ: Final = r"(?i)cache[-_]read[-_]input"
_OUTPUT: Final = r"(?i)output[-_]tokens?\b"

_SSD: Final = (
    r"(?i)VolumeUsage\.(?:gp|io|piops)|PIOPS|GP[23]-Storage|SSD|Storage\.GP|Aurora|"
    r"EphemeralStorage|DocDB|Neptune"
)
_HDD: Final = (
    r"(?i)VolumeUsage(?:\.(?:st1|sc1)|$)|Snapshot|TimedStorage|Glacier|Backup|HDD|StorageUsage$"
)
_SSD_SERVICES: Final = ("AmazonEFS", "AmazonSageMaker", "AmazonDynamoDB", "AmazonES", "AmazonFSx")
"""Services that keep what they store on SSD, where the usage type does not say."""

_STORES: Final = r"(?i)storage|volume|snapshot|backup|byte(?:hrs|seconds)"
_SENDS: Final = r"(?i)out-bytes|outbytes|regional-bytes|dataxfer-out|egress"
"""Data is counted where it is sent: what one line sends, another receives."""

_TWICE: Final = r"(?i)ECS-EC2-|CPUCredits|EBSOptimized"
"""Split from, or riding on, machines that have lines of their own."""


def bare(usage_type: pl.Expr) -> pl.Expr:
    """A usage type without the prefix of its region, or those of both ends of a transfer."""
    known = "|".join(sorted(REGIONS, key=len, reverse=True))
    return usage_type.str.replace(rf"^(?:(?:{known})-)+", "")


def region_of(usage_type: pl.Expr) -> pl.Expr:
    """The region that the prefix of a usage type names."""
    return usage_type.str.extract(_PREFIX, 1).replace_strict(
        REGIONS, default=None, return_dtype=pl.String
    )


def uses(skus: pl.DataFrame) -> pl.DataFrame:
    """What usage types mean.

    Args:
        skus: distinct service (product code), sku (usage type), and the unit's basis and
            unit_factor (`bill_units.units`).

    Returns:
        skus with the columns of `bill_rows.USE`.
    """
    sku, service, basis = bare(pl.col("sku")), pl.col("service"), pl.col("basis")
    machine = pl.coalesce(sku.str.extract(_SAGEMAKER, 1), sku.str.extract(_MACHINE, 1))
    runs = (
        (basis == "hours")
        & machine.is_not_null()
        & ~service.is_in(_FEES_BY_MACHINE).fill_null(False)
        & ~sku.str.contains(r"^(?:UnusedBox|UnusedDed|Reservation|DedicatedRes)")
    )
    twice = sku.str.contains(_TWICE)
    stores = basis.is_in(["gb_months", "gb_hours"]) & (
        (basis == "gb_months") | sku.str.contains(_STORES)
    )
    remembers = (basis == "gb_hours") & ~stores
    computes = ((basis == "vcpu_hours") | sku.str.contains(r"(?i)vcpu-hours")) & basis.is_in(
        ["vcpu_hours", "hours"]
    )
    sends = (basis == "gb") & sku.str.contains(_SENDS)
    tokens = (basis == "count") & sku.str.contains(_TOKENS)
    kind = (
        pl.when(runs)
        .then(pl.lit("instance_hours"))
        .when(twice)
        .then(None)
        .when(tokens & sku.str.contains(_OUTPUT))
        .then(pl.lit("output_tokens"))
        .when(tokens)
        .then(pl.lit("input_tokens"))
        .when(stores | remembers)
        .then(pl.lit("gb_hours"))
        .when(computes)
        .then(pl.lit("vcpu_hours"))
        .when(sends)
        .then(pl.lit("gb_transferred"))
    )
    medium = (
        pl.when(sku.str.contains(_SSD) | service.is_in(_SSD_SERVICES).fill_null(False))
        .then(pl.lit("ssd"))
        .when(sku.str.contains(_HDD))
        .then(pl.lit("hdd"))
    )
    is_kind = pl.col("kind")
    return skus.with_columns(kind=kind).with_columns(
        monthly=basis == "gb_months",
        cached=(is_kind == "input_tokens") & sku.str.contains(_CACHE_READ),
        component=pl.when(is_kind == "gb_hours")
        .then(pl.when(stores).then(pl.lit("storage")).otherwise(pl.lit("memory")))
        .when(is_kind == "vcpu_hours")
        .then(pl.lit("cpu"))
        .when(is_kind == "gb_transferred")
        .then(pl.lit("network")),
        medium=pl.when((is_kind == "gb_hours") & stores).then(medium),
        instance_type=pl.when(is_kind == "instance_hours").then(machine),
        model=pl.when(is_kind.is_in(["input_tokens", "output_tokens"])).then(
            sku.str.extract(_TOKENS, 1)
        ),
    )
