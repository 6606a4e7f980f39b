"""The report's section on kept scenarios; none of their figures is part of the inventory."""

from typing import Any

from carbon.disclosure.blocks import (
    Block,
    Cell,
    Column,
    Section,
    Units,
    heading,
    number,
    section,
    table,
    text,
)
from carbon.disclosure.numbers import MINUS, THIN, fixed

TITLE = "Scenarios (not part of the inventory)"


def scenarios(content: dict[str, Any], units: Units) -> Section | None:
    """Today and scenario under both methods, for each scenario that the report lists."""
    listed = content["scenarios"]
    if not listed:
        return None
    return section(
        TITLE,
        [
            text(
                "What the footprint would be if load moved or changed. A scenario is a calculation "
                "with average factors, not a measurement: none of its figures is in a total of "
                "this report, and none is netted against it."
            ),
            *[block for scenario in listed for block in _blocks(scenario, content, units)],
        ],
    )


def _blocks(scenario: dict[str, Any], content: dict[str, Any], units: Units) -> list[Block]:
    head = heading(scenario["name"])
    if scenario["fault"]:
        return [head, text(f"This scenario cannot be computed: {scenario['fault']}")]
    said = " ".join(scenario["words"]) or "Nothing moves and nothing changes."
    return [
        head,
        text(said),
        text(_months(scenario, content)),
        table(
            f"{scenario['name']}: today and scenario, with 95 % intervals",
            [
                Column("Measure", 1.8),
                number("Today", 1.2),
                number("Scenario", 1.2),
                number("Change", 0.8),
            ],
            _rows(scenario, units),
        ),
        *[text(f"Limit not kept: {violation}") for violation in scenario["violations"]],
        *[text(note) for note in scenario["notes"]],
    ]


def _months(scenario: dict[str, Any], content: dict[str, Any]) -> str:
    period = content["period"]
    same = (scenario["month_from"], scenario["month_to"]) == (period["start"], period["end"])
    words = f"Computed on {scenario['month_from']} to {scenario['month_to']}"
    if not same:
        words += ", which is not the period of this report"
    if scenario["scope"] != content["boundary"]["scope"]:
        counted = "every workload" if scenario["scope"] == "all" else "workloads in the boundary"
        words += f", of {counted}"
    return f"{words}."


def _rows(scenario: dict[str, Any], units: Units) -> list[list[Cell]]:
    today, after = scenario["today"], scenario["scenario"]
    mass, energy = f"{units.mass}CO₂e", units.energy
    rows: list[tuple[str, str, Cell, Cell]] = [
        (
            f"{title}, {mass}",
            f"{method}_kg_co2e",
            units.with_interval(today, method),
            units.with_interval(after, method),
        )
        for title, method in (("Location-based", "location"), ("Market-based", "market"))
    ]
    rows += [
        (
            f"{title}, {energy}",
            measure,
            units.energy_cell(today[measure]),
            units.energy_cell(after[measure]),
        )
        for title, measure in (
            ("Facility energy", "energy_facility_kwh"),
            ("IT energy", "energy_it_kwh"),
        )
    ]
    rows.append(
        (
            f"Hardware, amortised, {mass}",
            "embodied_kg_co2e",
            units.mass_cell(today["embodied_kg_co2e"]),
            units.mass_cell(after["embodied_kg_co2e"]),
        )
    )
    rows.append(("Water, L", "water_l", fixed(today["water_l"]), fixed(after["water_l"])))
    return [
        [title, before, then, _change(today[measure], after[measure])]
        for title, measure, before, then in rows
    ]


def _change(today: float | None, scenario: float | None) -> str:
    if not today or scenario is None:
        return ""
    percent = round(100 * (scenario / today - 1), 1)
    sign = "+" if percent > 0 else MINUS if percent < 0 else ""
    return f"{sign}{abs(percent):.1f}{THIN}%"
