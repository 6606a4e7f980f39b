"""A figure's calculation in sentences, with the numbers in it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from carbon.accounting.result import Footprint
from carbon.accounting.sums import known_sum_by, sum_by
from carbon.schema import ENERGY_KINDS, METERED_KINDS, USAGE_KINDS

PARTS: Final = 12
"""How many terms of a sum a formula spells out; the lines hold every one."""

RATE: Final = {
    "energy_facility_kwh": "kWh facility",
    "energy_it_kwh": "kWh IT",
    "accelerator_hours": "accelerator-hours",
    "instance_hours": "instance-hours",
    "vcpu_hours": "vCPU-hours",
    "gb_hours": "GB-hours",
    "gb_transferred": "GB",
    "output_tokens": "output tokens",
    "requests": "requests",
}
"""How a formula names the quantity that a row states."""

WH_EACH: Final = ("gb_transferred", *USAGE_KINDS)
"""Kinds whose `power_w` is energy of a unit [Wh], not power."""


def formula(part: Footprint, figure: Mapping[str, Any]) -> Iterator[str]:
    """The calculation of a figure, one sentence a step.

    Args:
        part: the lines and market slices that the figure sums.
        figure: its measures R.
    """
    yield from _energy(part.lines)
    if figure["energy_facility_kwh"] is not None:
        yield (
            f"Facility energy {_n(figure['energy_facility_kwh'])} kWh"
            f" = the parts above, of which IT {_n(figure['energy_it_kwh'])} kWh."
        )
    yield _product_sum(
        "Location-based",
        part.lines.filter(pl.col("location_kg").is_not_null()).select(
            kwh="energy_facility_kwh",
            rate="location_factor_kg_per_kwh",
            source="location_factor_id",
            kg="location_kg",
        ),
        figure["location_kg_co2e"],
    )
    yield _product_sum(
        "Market-based",
        part.market.select(
            "kwh",
            rate="kg_co2e_per_kwh",
            source=pl.format("{}, {}", pl.col("rung").str.replace("_", " "), "source_id"),
            kg="kg_co2e",
        ),
        figure["market_kg_co2e"],
    )
    yield from _beside(part.lines, figure)


def _energy(lines: pl.DataFrame) -> Iterator[str]:
    stated = (
        pl.col("quantity")
        * pl.col("month_share")
        * pl.col("assigned_share")
        * pl.col("equity_share")
    )
    keys = ["component", "quantity_kind", "power_w", "power_source", "pue", "pue_source"]
    terms = lines.select(
        *keys,
        stated=stated,
        counted=stated * pl.col("counted_share"),
        kwh="energy_facility_kwh",
    )
    parts = known_sum_by(terms, keys, ["stated", "counted", "kwh"])
    for row in parts.head(PARTS).iter_rows(named=True):
        yield _energy_sentence(row)
    if parts.height > PARTS:
        yield f"and {parts.height - PARTS} more parts, listed below."


def _energy_sentence(row: Mapping[str, Any]) -> str:
    kind, pue = row["quantity_kind"], row["pue"]
    amount = f"{_n(row['counted'])} {RATE[kind]}"
    if row["counted"] < row["stated"]:
        share = row["counted"] / row["stated"]
        amount = f"{_n(row['stated'])} {RATE[kind]} x {_n(share)} (the rest another source states)"
    if row["kwh"] is None:
        return f"{row['component']}: {amount}; its energy is not known."
    if kind not in METERED_KINDS:
        unit = "Wh" if kind in WH_EACH else "W"
        amount = f"{amount} x {_n(row['power_w'])} {unit} / 1000 ({row['power_source']})"
    if row["component"] == "overhead":
        share = f"(1 - 1 / {_n(pue)})" if kind == ENERGY_KINDS[0] else f"({_n(pue)} - 1)"
        amount = f"{amount} x {share} (PUE: {row['pue_source']})"
    elif kind == ENERGY_KINDS[0] and pue is not None:
        amount = f"{amount} / PUE {_n(pue)} ({row['pue_source']})"
    return f"{row['component']}: {amount} = {_n(row['kwh'])} kWh."


def _product_sum(method: str, terms: pl.DataFrame, total: float | None) -> str:
    if total is None:
        return f"{method}: not known; no factor fits."
    parts = sum_by(terms, ["source", "rate"], ["kwh", "kg"])
    spelled = [
        f"{_n(row['kwh'])} kWh x {_n(row['rate'])} kg/kWh ({row['source']})"
        for row in parts.head(PARTS).iter_rows(named=True)
    ]
    if parts.height > PARTS:
        spelled.append(f"{parts.height - PARTS} more terms")
    return f"{method}: {' + '.join(spelled)} = {_n(total)} kgCO2e."


def _beside(lines: pl.DataFrame, figure: Mapping[str, Any]) -> Iterator[str]:
    if figure["embodied_kg_co2e"] is not None:
        known = lines.filter(pl.col("embodied_kg").is_not_null())
        parts = sum_by(known, ["embodied_kg_per_hour", "embodied_source"], ["embodied_hours"])
        spelled = " + ".join(
            f"{_n(row['embodied_hours'])} hours x "
            f"{_n(row['embodied_kg_per_hour'])} kg/h ({row['embodied_source']})"
            for row in parts.head(PARTS).iter_rows(named=True)
        )
        yield f"Embodied, amortised: {spelled} = {_n(figure['embodied_kg_co2e'])} kgCO2e."
    if figure["water_l"] is not None:
        yield (
            "Water: IT energy x WUE of the site + facility energy x water of generation"
            f" = {_n(figure['water_l'])} L."
        )
    for method in ("location", "market"):
        low, high = figure[f"{method}_low_kg"], figure[f"{method}_high_kg"]
        if low is not None:
            yield f"95 % interval, {method}-based: {_n(low)} to {_n(high)} kgCO2e."


def _n(value: float | None) -> str:
    """A number as a sentence gives it: six significant digits, thousands apart."""
    if value is None:
        return "not known"
    digits = f"{value:.6g}"
    return (
        digits if "e" in digits else f"{float(digits):,}".removesuffix(".0").replace(",", "\u202f")
    )
