"""From the content model to what stands on the page: a cover and sections, in reading order.

The template draws blocks and knows nothing of carbon; this module chooses words, units and
columns and knows nothing of typography. Every figure is the content's own, brought to the
report's unit.
"""

from typing import Any

from carbon.disclosure import appendix, charts, collection_section, cover, scenario_section
from carbon.disclosure.blocks import (
    CATEGORY_SHORT,
    LIFECYCLE_WORDS,
    Block,
    Column,
    Section,
    Units,
    basis,
    formulae,
    heading,
    name_or,
    number,
    section,
    table,
    text,
)
from carbon.disclosure.breakdown import COMPONENT_WORDS
from carbon.disclosure.methodology import TIER_WORDS
from carbon.disclosure.numbers import fixed, percent


def page_view(content: dict[str, Any], attachments: list[dict[str, str]]) -> dict[str, Any]:
    """Everything that the template prints, as strings and chart numbers."""
    units = Units.of(content["results"]["compute_total"])
    parts = [
        cover.summary(content, units),
        _boundary(content, units),
        _results(content, units),
        _quality(content, units),
        _market(content, units),
        _hardware(content, units),
        appendix.reported(content, units),
        scenario_section.scenarios(content, units),
        appendix.factors(content),
        _methodology(content),
        appendix.assumptions(content),
        appendix.inventory(content, units),
        collection_section.collection(content),
        appendix.data(content),
        appendix.attached(attachments),
    ]
    organisation = name_or(content["organisation"], "Organisation not named")
    return {
        "title": content["title"],
        "organisation": organisation,
        "meta_title": f"{content['title']}, {organisation}, {content['period']['words']}",
        "period": content["period"]["words"],
        "period_kind": content["period"]["kind"],
        "date": content["period"]["date"],
        "cover": cover.cover(content, units),
        "sections": _with_breaks([part for part in parts if part is not None]),
    }


NEW_PAGE = frozenset(
    {
        "Summary",
        scenario_section.TITLE,
        "Emission factors used",
        "Methodology",
        "Assumptions and choices",
    }
)
"""Sections that begin a page; the others run on."""


def _with_breaks(sections: list[Section]) -> list[Section]:
    return [{**part, "page_break": part["title"] in NEW_PAGE} for part in sections]


def _boundary(content: dict[str, Any], units: Units) -> Section:
    boundary = content["boundary"]
    left_out = ""
    if boundary["scope"] == "all":
        left_out = "This report counts every workload, those outside the declared boundary too. "
    elif boundary["excluded"]:
        left_out = (
            "Workloads outside the boundary are listed here with the energy that leaving them out "
            "leaves out; they are in no figure of this report. "
        )
    return section(
        "Boundary",
        [
            text(
                f"Consolidation approach: {boundary['approach_words']}. "
                f"{len(boundary['included'])} workloads are inside the boundary and "
                f"{len(boundary['excluded'])} outside. {left_out}The whole AI inventory, with the "
                "reason for each decision, stands before the data."
            ),
            table(
                "Parts of the equipment that are counted",
                [Column("Part", 1), Column("What it is", 3)],
                [[c["component"], c["words"]] for c in boundary["components"]],
            ),
            appendix.workloads("Workloads outside the boundary", boundary["excluded"], units),
        ],
    )


def _results(content: dict[str, Any], units: Units) -> Section:
    results = content["results"]
    by_month = [[m["month"], *_measures(m, units)] for m in results["by_month"]]
    blocks: list[Block | None] = [
        heading("By month"),
        charts.months(content, units),
        table("Results by month", [Column("Month", 1), *_measure_columns(units)], by_month),
        heading("By workload"),
        charts.workloads(content, units),
        table(
            "Results by workload",
            [Column("Workload", 2.4), Column("Category", 0.9), *_measure_columns(units)],
            [
                [
                    {"main": r["workload"], "sub": _model_line(r)},
                    CATEGORY_SHORT[r["scope_category"]],
                    *_measures(r, units),
                ]
                for r in results["by_workload"]
            ],
            empty="No workload used energy in this period.",
        ),
        heading("By lifecycle"),
        _by(results["by_lifecycle"], "Lifecycle", "lifecycle", LIFECYCLE_WORDS, units),
        heading("By grid zone"),
        _by(results["by_zone"], "Zone", "zone", {None: "Not known"}, units),
        heading("By part of the equipment"),
        table(
            "Results by part of the equipment",
            [Column("Part", 2.2), *_measure_columns(units)],
            [
                [COMPONENT_WORDS[r["component"]], *_measures(r, units)]
                for r in results["by_component"]
            ],
            empty="No energy is known in this period.",
        ),
    ]
    return section("Results", [b for b in blocks if b])


def _by(
    rows: list[dict[str, Any]], title: str, column: str, words: dict[Any, str], units: Units
) -> Block:
    return table(
        f"Results by {title.lower()} and scope category",
        [Column(title, 1.5), Column("Category", 1), *_measure_columns(units)],
        [
            [
                words.get(r[column], str(r[column])),
                CATEGORY_SHORT[r["scope_category"]],
                *_measures(r, units),
            ]
            for r in rows
        ],
        empty="No energy is known in this period.",
    )


def _measure_columns(units: Units) -> list[Column]:
    return [
        number(f"Energy, {units.energy}", 1.05),
        number(f"Location-based, {units.mass}", 1.3),
        number(f"Market-based, {units.mass}", 1.3),
        Column("Energy is", 1.25),
    ]


def _measures(row: dict[str, Any], units: Units) -> list[Any]:
    return [
        units.energy_cell(row["energy_facility_kwh"]),
        units.with_interval(row, "location"),
        units.with_interval(row, "market"),
        basis(row),
    ]


def _model_line(row: dict[str, Any]) -> str:
    lifecycle = LIFECYCLE_WORDS.get(row["lifecycle"], "")
    return " · ".join(p for p in (row["model"], lifecycle if row["lifecycle"] else "") if p)


def _quality(content: dict[str, Any], units: Units) -> Section:
    quality = content["quality"]
    gaps = []
    if quality["rows_without_energy"]:
        names = ", ".join(quality["workloads_without_energy"])
        gaps.append(
            f"Energy is not known for {fixed(quality['rows_without_energy'])} rows of the sources "
            f"({names}); they are in no total."
        )
    if quality["kwh_without_location_factor"]:
        zones = ", ".join(quality["zones_without_location_factor"]) or "place not known"
        gaps.append(
            f"{fixed(quality['kwh_without_location_factor'])} kWh found no location-based factor "
            f"({zones}); the energy is counted, its emissions are not known."
        )
    return section(
        "How sure the figures are",
        [
            text(
                f"{percent(quality['share_measured'])} of the facility energy is measured (tiers "
                "T1 to T3); the rest is estimated. Every figure carries a 95 % interval that "
                "widens with the tier of its energy and the age and kind of its factor."
                if quality["tiers"]
                else "No energy is known in this period."
            ),
            *[text(g) for g in gaps],
            table(
                "Facility energy by how it is known",
                [
                    Column("Tier", 0.5),
                    Column("How the energy is known", 3),
                    number(f"Energy, {units.energy}"),
                    number("Share", 0.7),
                    number(f"Location-based, {units.mass}", 1.1),
                ],
                [
                    [
                        t["tier"],
                        TIER_WORDS[t["tier"]],
                        units.energy_cell(t["energy_facility_kwh"]),
                        percent(t["share"], 1),
                        units.mass_cell(t["location_kg_co2e"]),
                    ]
                    for t in quality["tiers"]
                ],
            ),
        ],
    )


def _market(content: dict[str, Any], units: Units) -> Section:
    rungs = content["market"]["rungs"]
    return section(
        "Location-based and market-based",
        [
            text(
                "Location-based takes the average of the grid where the electricity is used. "
                "Market-based takes what was bought: instruments and supplier rates first, the "
                "residual mix for the rest, and the grid average only where there is no residual "
                "mix."
            ),
            table(
                "What the market-based figures rest on",
                [
                    Column("Category", 1),
                    Column("Rung of the hierarchy", 2.6),
                    number(f"Energy, {units.energy}"),
                    number("Share", 0.8),
                    number(f"Market-based, {units.mass}"),
                    number(f"Asserted, {units.energy}"),
                ],
                [
                    [
                        CATEGORY_SHORT[r["scope_category"]],
                        r["words"],
                        units.energy_cell(r["energy_facility_kwh"]),
                        percent(r["share"], 1),
                        units.mass_cell(r["market_kg_co2e"]),
                        units.energy_cell(r["asserted_kwh"]),
                    ]
                    for r in rungs
                ],
                empty="No energy found a market-based factor in this period.",
            ),
            text(
                "Asserted: the rate was typed in and no instrument or supplier document stands "
                "behind it."
                if any(r["asserted_kwh"] for r in rungs)
                else ""
            ),
            appendix.instruments(content),
        ],
    )


def _hardware(content: dict[str, Any], units: Units) -> Section | None:
    results = content["results"]
    known = [c for c in results["categories"] if c["embodied_kg_co2e"] is not None]
    water = results["compute_total"]["water_l"]
    if not known and water is None:
        return None
    return section(
        "Hardware and water",
        [
            table(
                "Amortised hardware, beside the electricity and in no total above",
                [
                    Column("Category", 1.2),
                    number(f"Hardware, {units.mass}CO₂e", 1),
                    Column("Where it belongs", 3),
                ],
                [
                    [
                        CATEGORY_SHORT[c["scope_category"]],
                        units.mass_cell(c["embodied_kg_co2e"]),
                        c["embodied_treatment"],
                    ]
                    for c in known
                ],
            ),
            text(
                f"Water: {fixed(water / 1000, 1)} m³ over the energy for which a figure is known."
                if water is not None
                else ""
            ),
        ],
    )


def _methodology(content: dict[str, Any]) -> Section:
    blocks: list[Block] = []
    for chapter in content["methodology"]:
        blocks.append(heading(chapter["title"]))
        blocks.extend(text(p) for p in chapter["paragraphs"])
        blocks.append(formulae(chapter["formulae"]))
    return section("Methodology", blocks)
