"""Supporting services: processors, memory, storage and network that a bill lists on their own.

Energy at tier T6, by the coefficients of Cloud Carbon Footprint (Apache-2.0):

    vCPU-hours x (min + u (max - min)) W,   GB-hours x W per GB,   GB moved x kWh per GB

`min` and `max` are watts of a vCPU at idle and at full load (SPECpower_ssj2008), the mean over the
provider's processor architectures, because a bill does not name the machine's; u is the row's own
measured use, else the policy's. Replication that a
storage service does behind its price is not known from a bill and is not added.
"""

from typing import Final

import polars as pl

from carbon.policy import Policy, Support
from carbon.schema import SUPPORT_KINDS
from carbon.units import W_PER_KW

GB_PER_TB: Final = 1000.0

TIER: Final = "T6"

SOURCE: Final = "Cloud Carbon Footprint"

VCPU: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "_vcpu_w": pl.Float64,
    "_vcpu_source": pl.String,
    "_idle_w": pl.Float64,
    "_full_w": pl.Float64,
    "_mean_of": pl.String,
}
"""A provider's vCPU: its power [W] at the policy's use, and what that is made of."""

_COMPONENT: Final = {"vcpu_hours": "cpu", "gb_transferred": "network"}
"""Part of the equipment, by the kind of quantity; GB-hours are of memory or of storage."""


def watts(rows: pl.DataFrame, vcpu_power: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Power behind the quantities of supporting services.

    GB-hours are of storage where the row says so or names a medium, of memory where it says so;
    where neither is told their energy is not known. A medium that is not stated is taken as SSD,
    the higher of the two coefficients.

    Args:
        rows: quantity_kind, component, medium, provider, utilisation, power_w, power_source, tier.
        vcpu_power: provider, architecture, min_w_per_vcpu, max_w_per_vcpu [W].
        policy: the coefficients under `support`.

    Returns:
        rows with power_w ([W] per vCPU or GB; [Wh] per GB moved), power_source, tier and component
        of supporting services; other rows as they are.
    """
    supporting = pl.col("quantity_kind").is_in(SUPPORT_KINDS)
    if not rows.select(supporting.any()).item():
        return rows
    kind = pl.col("quantity_kind")
    stored = pl.col("component").is_null() & pl.col("medium").is_not_null()
    part = pl.coalesce(
        kind.replace_strict(_COMPONENT, default=None, return_dtype=pl.String),
        pl.when(stored).then(pl.lit("storage")).otherwise("component"),
    )
    # Whatever is not told apart stays visible as storage, and its energy is not known.
    known = rows.with_columns(
        component=pl.when(supporting).then(part.fill_null("storage")).otherwise("component"),
        _told=~supporting | part.is_not_null(),
    ).join(
        _per_vcpu(rows["provider"], vcpu_power, policy.support),
        on="provider",
        how="left",
        validate="m:1",
        nulls_equal=True,
        maintain_order="left",
    )
    power, source = _coefficients(policy.support)
    counted = supporting & pl.col("_told")
    return known.with_columns(
        power_w=pl.when(counted).then(power).otherwise("power_w"),
        power_source=pl.when(counted).then(source).otherwise("power_source"),
        tier=pl.when(supporting).then(pl.lit(TIER)).otherwise("tier"),
    ).drop("_told", *VCPU)


def _coefficients(support: Support) -> tuple[pl.Expr, pl.Expr]:
    """Power and where it is from, by the part of the equipment."""
    hdd = pl.col("medium") == "hdd"
    ssd_note = pl.when(pl.col("medium").is_null()).then(pl.lit(", medium not stated"))
    ssd = pl.concat_str(
        pl.lit(f"{support.ssd_w_per_tb:g} W per TB of SSD"),
        ssd_note.otherwise(pl.lit("")),
        pl.lit(_cited(support, "ssd_w_per_tb")),
    )
    choices: list[tuple[pl.Expr, pl.Expr, pl.Expr]] = [
        (pl.col("component") == "cpu", *_of_vcpus()),
        (
            pl.col("component") == "memory",
            pl.lit(support.memory_w_per_gb),
            _text(f"{support.memory_w_per_gb:g} W per GB of memory", support, "memory_w_per_gb"),
        ),
        (
            pl.col("component") == "network",
            pl.lit(support.network_kwh_per_gb * W_PER_KW),
            _text(f"{support.network_kwh_per_gb:g} kWh per GB", support, "network_kwh_per_gb"),
        ),
        (
            (pl.col("component") == "storage") & hdd,
            pl.lit(support.hdd_w_per_tb / GB_PER_TB),
            _text(f"{support.hdd_w_per_tb:g} W per TB of HDD", support, "hdd_w_per_tb"),
        ),
        (pl.col("component") == "storage", pl.lit(support.ssd_w_per_tb / GB_PER_TB), ssd),
    ]
    power = [pl.when(where).then(value) for where, value, _ in choices]
    source = [pl.when(where).then(text) for where, _, text in choices]
    return pl.coalesce(power), pl.coalesce(source)


def _of_vcpus() -> tuple[pl.Expr, pl.Expr]:
    """Power of a vCPU at its row's measured use, else at the policy's."""
    use = pl.col("utilisation")
    power = pl.col("_idle_w") + use * (pl.col("_full_w") - pl.col("_idle_w"))
    words = pl.format(
        "{} W per vCPU: measured use {} % between {} and {} W, {}",
        _plain(power.round_sig_figs(3)),
        _plain((use * 100).round(1)),
        _plain(pl.col("_idle_w").round_sig_figs(3)),
        _plain(pl.col("_full_w").round_sig_figs(3)),
        "_mean_of",
    )
    return pl.coalesce(power, "_vcpu_w"), pl.coalesce(words, "_vcpu_source")


def _plain(number: pl.Expr) -> pl.Expr:
    """37.0 as `37`."""
    return number.cast(pl.String).str.strip_suffix(".0")


def _per_vcpu(providers: pl.Series, vcpu_power: pl.DataFrame, support: Support) -> pl.DataFrame:
    """Each provider's vCPU by the mean of its architectures, else that of all."""
    found = []
    for provider in providers.unique().sort():
        own = vcpu_power.filter(pl.col("provider").eq_missing(pl.lit(provider)))
        of, whose = (own, f"{provider} ") if own.height else (vcpu_power, "")
        low, high = (of[f"{end}_w_per_vcpu"].mean() for end in ("min", "max"))
        power = source = mean_of = None
        if isinstance(low, float) and isinstance(high, float):
            use = support.vcpu_utilisation
            power = low + use * (high - low)
            mean_of = f"mean of {of.height} {whose}architectures ({SOURCE})"
            source = (
                f"{power:.3g} W per vCPU: {use:.0%} of the way from {low:.3g} to {high:.3g} W, "
                f"{mean_of}"
            )
        found.append((provider, power, source, low, high, mean_of))
    return pl.DataFrame(found, schema={"provider": pl.String, **VCPU}, orient="row")


def _text(words: str, support: Support, name: str) -> pl.Expr:
    return pl.lit(words + _cited(support, name))


def _cited(support: Support, name: str) -> str:
    """Whose coefficient it is: as published, or the policy's own."""
    published = getattr(support, name) == type(support).model_fields[name].default
    return f" ({SOURCE})" if published else " (policy)"
