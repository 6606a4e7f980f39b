"""Embodied carbon of machines without accelerators: a type's share of its platform.

    rate = TE_platform x vCPU / vCPU_platform / (L_server x 8760 x U)

of an instance-hour; of a vCPU-hour, whose machine a bill does not name, the mean of the provider's
platforms per vCPU. Low and high widen the platform to the range that is published of servers, as
the library's `server` has it.

Source: Cloud Carbon Footprint, embodied emissions (TE x time / life x reserved / total vCPUs); SCI,
ISO/IEC 21031, M = TE x TS x RS.
"""

from typing import Final, NamedTuple

import polars as pl

from carbon.factors.library import Library
from carbon.policy import Policy

MACHINE: Final = "machine"
"""`embodied_of` of hours that are a machine's, not an accelerator's."""

ENDS: Final = ("low", "central", "high")


class _Range(NamedTuple):
    """What is published of servers [kg]; None where nothing is."""

    low: float | None
    high: float | None


def machine_hours(
    rows: pl.DataFrame, library: Library, policy: Policy, life: float
) -> pl.DataFrame:
    """Hours of machines without accelerators, and their rates.

    Args:
        rows: row, source, quantity_kind, quantity, provider, instance_type, accelerator.
        library: `platforms` and `embodied` are used.
        policy: the choices under `embodied`.
        life: hours over which a server's carbon is spread [h].

    Returns:
        rows of which a share of a platform is known, with hours [h], the rates by ENDS
        (`rate_low` ... [kgCO2e/h]; null where no range is known), embodied_source and embodied_of.
    """
    cpu = pl.col("quantity_kind") == "vcpu_hours"
    whole = (pl.col("quantity_kind") == "instance_hours") & pl.col("accelerator").is_null()
    of_them = rows.filter(cpu | whole)
    if of_them.is_empty() or library.platforms.is_empty():
        return _nothing(rows)
    types = _types(library.platforms)
    name = pl.col("instance_type").str.strip_chars().str.to_lowercase().str.strip_prefix("ml.")
    known = (
        of_them.with_columns(_type=pl.when(whole).then(name))
        .join(
            types,
            on=["provider", "_type"],
            how="left",
            validate="m:1",
            nulls_equal=True,
            maintain_order="left",
        )
        .filter(pl.col("share").is_not_null())
    )
    years = f"{policy.embodied.server_lifetime_years:g}"
    server = _range(library.embodied)
    kg = pl.col("platform_kg")
    low, high = (pl.lit(end, pl.Float64) for end in server)
    ends = {
        "low": pl.when(low.is_not_null()).then(pl.min_horizontal(kg, low)),
        "central": kg,
        "high": pl.when(high.is_not_null()).then(pl.max_horizontal(kg, high)),
    }
    return known.with_columns(
        hours="quantity",
        **{f"rate_{end}": value * pl.col("share") / life for end, value in ends.items()},
        embodied_source=pl.format(f"{{}}, over {years} y", "words"),
        embodied_of=pl.lit(MACHINE),
    )


def _types(platforms: pl.DataFrame) -> pl.DataFrame:
    """Each type's share of its platform; and, under no type, the mean of a vCPU's."""
    lower = pl.col("instance_type").str.to_lowercase()
    typed = platforms.select(
        "provider",
        _type=lower,
        share=pl.col("vcpu") / pl.col("platform_vcpu"),
        platform_kg="platform_kg",
        words=pl.format(
            "{}: {} of the {} vCPUs of its platform, {} kg",
            "instance_type",
            pl.col("vcpu").cast(pl.Int64),
            pl.col("platform_vcpu").cast(pl.Int64),
            "platform_kg",
        ),
    )
    # Types of one platform are one machine: it counts once in the mean.
    machines = platforms.select("provider", "platform_vcpu", "platform_kg").unique()
    means = (
        machines.sort(pl.all())
        .group_by("provider", maintain_order=True)
        .agg(
            pl.len(),
            vcpus=pl.col("platform_vcpu").mean(),
            platform_kg=pl.col("platform_kg").mean(),
        )
        .select(
            "provider",
            _type=pl.lit(None, pl.String),
            share=1 / pl.col("vcpus"),
            platform_kg="platform_kg",
            words=pl.format(
                "a vCPU of {} platforms of {}: 1 of {} vCPUs, {} kg",
                "len",
                "provider",
                pl.col("vcpus").round(1),
                pl.col("platform_kg").round(1),
            ),
        )
    )
    return pl.concat([typed, means])


def _range(embodied: pl.DataFrame) -> _Range:
    server = embodied.filter(pl.col("item") == "server").select("low_kg", "high_kg")
    return _Range(*server.row(0)) if server.height else _Range(None, None)


def _nothing(rows: pl.DataFrame) -> pl.DataFrame:
    rates = {f"rate_{end}": pl.lit(None, pl.Float64) for end in ENDS}
    return rows.clear().with_columns(
        hours=pl.lit(None, pl.Float64),
        **rates,
        embodied_source=pl.lit(None, pl.String),
        embodied_of=pl.lit(None, pl.String),
    )
