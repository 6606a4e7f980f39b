"""SKUs of Google Cloud -> what was used: device hours, cores, memory, storage, network, tokens.

Google bills a machine by its parts: cores, memory and devices are lines of their own, told by the
words of the SKU (`Nvidia Tesla A100 80GB GPU attached to Spot Preemptible VMs running in ...`).
Source: Google, Cloud Billing catalogue; media of storage as in Cloud Carbon Footprint
(packages/gcp, BillingExportTypes).
"""

from typing import Final

import polars as pl

_NOT_USED: Final = r"(?i)^commitment\b|\bcommitment v\d|\blicen[cs]ing fee\b|\bsubscription\b"
"""What is paid for capacity or for software, beside the lines of its use."""

_GPU: Final = (
    r"(?i)(?:\b|_)"
    r"((?:GB200|GB300|B300|B200|H200|H100|A100|L40S|L4|T4|V100|P100|P4|K80|RTX PRO 6000)"
    r"(?:[ _-]+(?:\d{2,3} ?GB|mega|plus|ultra))*)(?:[ _]|$)"
)
_GPU_WORDS: Final = r"(?i)\bGPUs?\b|nvidia"
_TPU: Final = r"(?i)\bTPU[ _-]?v?(\d+(?:[a-z]\b| lite)?)"
_TRILLIUM: Final = r"(?i)\btrillium\b"
_IRONWOOD: Final = r"(?i)\bironwood\b|\bTPU7x"

_HOST: Final = r"(?i)^(?:.*\b)?(A2|A3|A3Plus|A3Ultra|A4|A4X|G2|G4)\b.*\binstance (?:core|ram)\b"
_HOST_SPEC: Final = r"(?i)^(?:a2|a3|a4|a4x|g2|g4)-"
"""Machines that are built around accelerators. Their cores and memory are the host that the
footprint models for each accelerator: as component `host` they are stated and never added to it."""

_CORE: Final = r"(?i)\bcores?\b|\bvcpus?\b|\bcpu\b"
_RAM: Final = r"(?i)\bram\b|\bmemory\b"
_SSD: Final = r"(?i)\bssd\b|balanced pd|extreme pd|hyperdisk|regional balanced"
_HDD: Final = (
    r"(?i)storage pd capacity|standard storage|nearline|coldline|archive|snapshot|backup|hdd|"
    r"durable reduced"
)
_SENT: Final = r"(?i)egress|data transfer|download|network traffic|data delivery"
_RECEIVED: Final = r"(?i)ingress|data transfer in\b|data transfer \(in\)"

_TOKENS: Final = (
    r"(?i)^(.+?)(?:[ -]+GA)?(?:[ -]+(?:thinking|text|audio|image|video|cached|caching|long|short|"
    r"context|batch|prompt))*[ -]+(?:input|output)\b"
)
_TOKEN_WORDS: Final = r"(?i)token|gemini|\b(?:text|audio|image|video) (?:input|output)\b"
_NOT_TOKENS: Final = r"(?i)character|storage|\bhour"
_OUTPUT: Final = r"(?i)\boutput\b"
_CACHED: Final = r"(?i)\bcach(?:ed|ing|e)\b"


def accelerator_of(sku: pl.Expr) -> pl.Expr:
    """The device that a SKU names: `A100 80GB`, `TPU v4`; null where it names none."""
    gpu = pl.when(sku.str.contains(_GPU_WORDS)).then(
        sku.str.extract(_GPU, 1).str.replace_all("[_-]", " ").str.replace(r"(?i)(\d) GB", "${1}GB")
    )
    tpu = (
        pl.when(sku.str.contains(_IRONWOOD))
        .then(pl.lit("TPU v7"))
        .when(sku.str.contains(_TRILLIUM))
        .then(pl.lit("TPU v6e"))
        .otherwise(pl.format("TPU v{}", sku.str.extract(_TPU, 1).str.to_lowercase()))
    )
    return pl.coalesce(gpu, tpu)


def uses(skus: pl.DataFrame) -> pl.DataFrame:
    """What SKUs mean.

    Args:
        skus: distinct sku (words), machine (the label machine_spec), and the unit's basis and
            unit_factor (`bill_units.with_units`).

    Returns:
        skus with the columns of `bill_rows.USE`.
    """
    sku, basis = pl.col("sku"), pl.col("basis")
    device = accelerator_of(sku)
    counted = ~sku.str.contains(_NOT_USED)
    device_hours = (basis == "hours") & device.is_not_null()
    cores = basis.is_in(["hours", "vcpu_hours"]) & sku.str.contains(_CORE) & device.is_null()
    held = basis.is_in(["gb_hours", "gb_months"])
    sent = (basis == "gb") & sku.str.contains(_SENT) & ~sku.str.contains(_RECEIVED)
    tokens = (
        (basis == "count")
        & sku.str.contains(_TOKENS)
        & sku.str.contains(_TOKEN_WORDS)
        & ~sku.str.contains(_NOT_TOKENS)
    )
    kind = (
        pl.when(device_hours)
        .then(pl.lit("accelerator_hours"))
        .when(cores)
        .then(pl.lit("vcpu_hours"))
        .when(held)
        .then(pl.lit("gb_hours"))
        .when(sent)
        .then(pl.lit("gb_transferred"))
        .when(tokens & sku.str.contains(_OUTPUT))
        .then(pl.lit("output_tokens"))
        .when(tokens)
        .then(pl.lit("input_tokens"))
    )
    host = sku.str.contains(_HOST) | pl.col("machine").str.contains(_HOST_SPEC).fill_null(False)
    memory = sku.str.contains(_RAM)
    is_kind = pl.col("kind")
    component = (
        pl.when(is_kind == "vcpu_hours")
        .then(pl.when(host).then(pl.lit("host")).otherwise(pl.lit("cpu")))
        .when((is_kind == "gb_hours") & memory)
        .then(pl.when(host).then(pl.lit("host")).otherwise(pl.lit("memory")))
        .when(is_kind == "gb_hours")
        .then(pl.lit("storage"))
        .when(is_kind == "gb_transferred")
        .then(pl.lit("network"))
    )
    medium = (
        pl.when(sku.str.contains(_SSD))
        .then(pl.lit("ssd"))
        .when(sku.str.contains(_HDD))
        .then(pl.lit("hdd"))
    )
    model = sku.str.extract(_TOKENS, 1).str.strip_chars()
    return skus.with_columns(kind=pl.when(counted).then(kind)).with_columns(
        monthly=basis == "gb_months",
        cached=(is_kind == "input_tokens") & sku.str.contains(_CACHED),
        component=component,
        medium=pl.when((is_kind == "gb_hours") & ~memory).then(medium),
        instance_type=pl.when(is_kind.is_in(["vcpu_hours", "gb_hours"])).then("machine"),
        accelerator=pl.when(is_kind == "accelerator_hours").then(device),
        model=pl.when(is_kind.is_in(["input_tokens", "output_tokens"])).then(model),
    )
