"""The register of what was assumed and chosen, with the energy that rests on it."""

from typing import Any

import polars as pl
from pydantic import BaseModel

from carbon.accounting.sums import ordered_known_sum
from carbon.disclosure.numbers import plain
from carbon.policy import Policy


def choices(policy: Policy) -> list[dict[str, Any]]:
    """Every choice of the policy, in its order, and whether it is the default."""
    return [
        {
            "part": c["part"],
            "name": c["name"],
            "value": _value(c["value"]),
            "words": value_words(c["value"]),
            "default_words": value_words(c["default"]),
            "changed": c["value"] != c["default"],
            "why": c["why"],
        }
        for c in policy.choices()
    ]


def assumptions(lines: pl.DataFrame) -> list[dict[str, Any]]:
    """What was assumed rather than known, and how much facility energy rests on it [kWh].

    One entry for each source of power, of PUE, of embodied carbon and of water that the lines
    name, and one for each basis of a factor that is not direct.
    """
    found = [
        *_by_source(lines, "Power", "power_source"),
        *_by_source(lines, "PUE", "pue_source"),
        *_by_source(lines, "Embodied carbon", "embodied_source"),
        *_by_source(lines, "Water", "water_source"),
    ]
    lifecycle = lines.filter(pl.col("location_basis") == "lifecycle")
    if lifecycle.height:
        zones = ", ".join(sorted(z for z in lifecycle["zone"].unique().to_list() if z))
        found.append(
            {
                "subject": "Factor basis",
                "assumption": "Life-cycle factor used for want of a direct one; it contains "
                f"upstream emissions and overstates Scope 2 ({zones})",
                "energy_facility_kwh": float(lifecycle["energy_facility_kwh"].sum()),
            }
        )
    total = float(lines["energy_facility_kwh"].sum()) if lines.height else 0.0
    for row in found:
        row["share"] = row["energy_facility_kwh"] / total if total else None
    return found


def _by_source(lines: pl.DataFrame, subject: str, column: str) -> list[dict[str, Any]]:
    """Energy by what a line says of its source; what the row itself stated is no assumption."""
    sourced = lines.filter(pl.col(column).is_not_null())
    return (
        sourced.group_by(pl.col(column).alias("assumption"))
        .agg(ordered_known_sum("energy_facility_kwh"))
        .filter(~pl.col("assumption").str.contains(r"(?i)\brow\b|inside the meter"))
        .with_columns(pl.col("energy_facility_kwh").fill_null(0.0))
        .select(pl.lit(subject).alias("subject"), "assumption", "energy_facility_kwh")
        .sort("assumption")
        .to_dicts()
    )


def _value(value: Any) -> Any:
    """A policy value as JSON holds it."""
    if isinstance(value, tuple):
        return [_value(part) for part in value]
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def value_words(value: Any) -> str:
    """A policy value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return plain(value)
    if isinstance(value, dict):
        return ", ".join(f"{k}: {value_words(v)}" for k, v in sorted(value.items())) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(value_words(v) for v in value) or "none"
    return str(value) if value != "" else "not stated"
