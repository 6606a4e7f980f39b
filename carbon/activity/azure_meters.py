"""Meters of Azure -> what was used: machine hours, tokens, and supporting services.

Source: Microsoft, cost and usage details; sizes of managed disks as Microsoft lists them; kinds of
storage as in Cloud Carbon Footprint (packages/azure, ConsumptionTypes). Microsoft documents the
quantity of hours and bytes as single units whatever block the price is quoted in; of tokens the
quantity is taken in the unit that the meter states (`1K`, `1M`).
"""

from typing import Final

import polars as pl

_MACHINES: Final = r"(?i)^(?:virtual machines|cloud services|azure machine learning|batch)$"

_NOT_RUN: Final = r"(?i)licen[cs]e|software|reservation|savings plan"
"""What is paid for software or capacity, beside the hours of the machine."""

_TOKENS: Final = r"(?i)\btokens?\b"
_MODEL: Final = (
    r"(?i)^(.+?)[\s-]+(?:(?:batch|cached|cchd|cd|cache|data|zone|pp|ft|mdl|grdr|shortco|longco|reg"
    r"(?:nl|ional)?|glbl|gl|dz)[\s-]+)*(?:inp(?:ut|t)?|outp(?:ut|t)?|out|opt|completion|prompt)\b"
)
_OUTPUT: Final = r"(?i)\b(?:outp(?:ut|t)?|out|opt|completion)\b"
_CACHED: Final = r"(?i)\b(?:cached|cchd|cd|cache)\b"
_FINE_TUNING: Final = r"(?i)\btraining\b|\bhosting\b"

_DISK: Final = r"(?i)^([PES])(\d+)\b.*\bdisks?\b"
_DISK_GB: Final = {
    "1": 4.0,
    "2": 8.0,
    "3": 16.0,
    "4": 32.0,
    "6": 64.0,
    "10": 128.0,
    "15": 256.0,
    "20": 512.0,
    "30": 1024.0,
    "40": 2048.0,
    "50": 4096.0,
    "60": 8192.0,
    "70": 16384.0,
    "80": 32767.0,
}
"""Size of a managed disk, by the number of its tier [GB]."""

_SSD: Final = r"(?i)\bssd\b|premium|ultra disk"
_HDD: Final = (
    r"(?i)\bhdd\b|standard page blob|\blrs data stored|\bgrs data stored|cool|archive|hot|backup"
)
_MEMORY: Final = r"(?i)\bmemory\b|execution time|\bcache\b"
_CORE: Final = r"(?i)\bvcpus?\b|\bvcores?\b"
_SENT: Final = r"(?i)transfer out|data transfer$|egress|inter-region|geo-replication"
_BANDWIDTH: Final = r"(?i)^(?:bandwidth|content delivery network|virtual network)$"


def machine_of(meter: pl.Expr) -> pl.Expr:
    """The size that a meter of virtual machines names: `ND96asr v4 Spot` -> Standard_ND96asr_v4."""
    size = (
        meter.str.replace(r"(?i)\s+(?:spot|low priority|expired)$", "")
        .str.split("/")
        .list.first()
        .str.strip_chars()
    )
    shaped = size.str.contains(r"^[A-Z][A-Za-z]*\d[A-Za-z0-9-]*(?: [A-Za-z0-9]+)*$")
    return pl.when(shaped).then(pl.concat_str(pl.lit("Standard_"), size.str.replace_all(" ", "_")))


def uses(skus: pl.DataFrame) -> pl.DataFrame:
    """What meters mean.

    Args:
        skus: distinct category (service), subcategory, sku (meter), machine (the size that the
            line itself names), and the unit's basis and unit_factor.

    Returns:
        skus with the columns of `bill_rows.USE`.
    """
    sku, basis = pl.col("sku").fill_null(""), pl.col("basis")
    words = pl.concat_str("category", "subcategory", "sku", separator=" ", ignore_nulls=True)
    category = pl.col("category").fill_null("")
    run = ~words.str.contains(_NOT_RUN)
    stated = pl.col("machine").str.contains(r"(?i)^(?:standard|basic)_").fill_null(False)
    machine = pl.when(stated).then("machine").otherwise(machine_of(pl.col("sku")))
    machines = (basis == "hours") & run & category.str.contains(_MACHINES) & machine.is_not_null()
    tokens = (
        (basis == "count")
        & sku.str.contains(_TOKENS)
        & sku.str.contains(_MODEL)
        & ~sku.str.contains(_FINE_TUNING)
    )
    disk_gb = sku.str.extract(_DISK, 2).replace_strict(
        _DISK_GB, default=None, return_dtype=pl.Float64
    )
    disks = (basis == "months") & disk_gb.is_not_null()
    held = basis.is_in(["gb_months", "gb_hours"])
    memory = (basis == "gb_hours") & sku.str.contains(_MEMORY)
    cores = basis.is_in(["hours", "vcpu_hours"]) & sku.str.contains(_CORE) & run
    sent = (
        (basis == "gb")
        & (sku.str.contains(_SENT) | category.str.contains(_BANDWIDTH))
        & ~sku.str.contains(r"(?i)transfer in\b|ingress")
    )
    kind = (
        pl.when(machines)
        .then(pl.lit("instance_hours"))
        .when(tokens & sku.str.contains(_OUTPUT))
        .then(pl.lit("output_tokens"))
        .when(tokens)
        .then(pl.lit("input_tokens"))
        .when(disks | held)
        .then(pl.lit("gb_hours"))
        .when(cores)
        .then(pl.lit("vcpu_hours"))
        .when(sent)
        .then(pl.lit("gb_transferred"))
    )
    letter = sku.str.extract(_DISK, 1).str.to_uppercase()
    medium = (
        pl.when(disks)
        .then(pl.when(letter == "S").then(pl.lit("hdd")).otherwise(pl.lit("ssd")))
        .when(words.str.contains(_SSD))
        .then(pl.lit("ssd"))
        .when(words.str.contains(_HDD))
        .then(pl.lit("hdd"))
    )
    is_kind = pl.col("kind")
    return skus.with_columns(kind=kind).with_columns(
        size=pl.when(disks).then(disk_gb),
        monthly=disks | (basis == "gb_months"),
        cached=(is_kind == "input_tokens") & sku.str.contains(_CACHED),
        component=pl.when(is_kind == "gb_hours")
        .then(pl.when(memory).then(pl.lit("memory")).otherwise(pl.lit("storage")))
        .when(is_kind == "vcpu_hours")
        .then(pl.lit("cpu"))
        .when(is_kind == "gb_transferred")
        .then(pl.lit("network")),
        medium=pl.when((is_kind == "gb_hours") & ~memory).then(medium),
        instance_type=pl.when(is_kind == "instance_hours").then(machine),
        model=pl.when(is_kind.is_in(["input_tokens", "output_tokens"])).then(
            sku.str.extract(_MODEL, 1).str.strip_chars(" -")
        ),
    )
