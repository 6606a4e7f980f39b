"""A figure by hand, from what `explain` says of it and from nothing else."""

import math
from collections.abc import Iterable
from typing import Any

import pytest

Line = dict[str, Any]


def agree(one: object, other: object) -> bool:
    """Equal to rounding; unknown equals unknown only."""
    if isinstance(one, float) and isinstance(other, float):
        return one == pytest.approx(other, rel=1e-9)
    return one == other


def counted_quantity(line: Line) -> float:
    return (
        line["quantity"]
        * line["counted_share"]
        * line["month_share"]
        * line["assigned_share"]
        * line["equity_share"]
    )


def it_kwh(line: Line) -> float | None:
    counted = counted_quantity(line)
    kind = line["quantity_kind"]
    if line["component"] == "overhead":
        return 0.0
    if kind == "energy_it_kwh":
        return counted
    if kind == "energy_facility_kwh":
        return counted / line["pue"] if line["pue"] else None
    return counted * line["power_w"] / 1000 if line["power_w"] is not None else None


def facility_kwh(line: Line) -> float | None:
    counted = counted_quantity(line)
    kind, pue = line["quantity_kind"], line["pue"]
    if line["component"] == "overhead":
        if kind == "energy_facility_kwh":
            return counted * (1 - 1 / pue)
        return counted * (line["power_w"] / 1000 if line["power_w"] else 1) * (pue - 1)
    it = it_kwh(line)
    return counted if it is None and kind == "energy_facility_kwh" else it


def times(*values: float | None) -> float | None:
    """A product; not known where any part is not."""
    return None if None in values else math.prod(values)


def add(values: Iterable[float | None]) -> float | None:
    """A sum over what is known; not known where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def recompute(lines: list[Line]) -> dict[str, float | None]:
    """The sums of R by hand, from the lines' inputs."""
    return {
        "energy_it_kwh": add(map(it_kwh, lines)),
        "energy_facility_kwh": add(map(facility_kwh, lines)),
        "location_kg_co2e": add(
            times(facility_kwh(line), line["location_factor_kg_per_kwh"]) for line in lines
        ),
        "market_kg_co2e": add(
            part["kwh"] * part["kg_co2e_per_kwh"]
            for line in lines
            for part in line["market_slices"]
        ),
        "embodied_kg_co2e": add(
            times(line["embodied_hours"], line["embodied_kg_per_hour"]) for line in lines
        ),
        "water_l": add(
            add(
                [
                    times(it_kwh(line), line["wue_l_per_kwh"]),
                    times(facility_kwh(line), line["source_water_l_per_kwh"]),
                ]
            )
            for line in lines
        ),
    }
