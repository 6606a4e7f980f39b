"""From the content model to what stands on the page: a cover and sections, in reading order.

The template draws blocks and knows nothing of carbon; this module chooses words, units and
columns and knows nothing of typography. Every figure is the content's own, brought to the
report's unit.
"""

from typing import Any

from carbon.disclosure import appendix, charts
from carbon.disclosure.blocks import (
    CATEGORY_SHORT,
    LIFECYCLE_WORDS,
    Block,
    Cell,
    Column,
    Units,
    basis,
    formulae,
    heading,
    mass_words,
    name_or,
    number,
    section,
    table,
    text,
)
from carbon.disclosure.breakdown import COMPONENT_WORDS
from carbon.disclosure.methodology import TIER_WORDS
from carbon.disclosure.numbers import THIN, fixed, percent

Section = dict[str, Any]


def page_view(content: dict[str, Any], attachments: list[dict[str, str]]) -> dict[str, Any]:
    """Everything that the template prints, as strings and chart numbers."""
    units = Units.of(content["results"]["compute_total"])
    parts = [
        _summary(content, units),
        _boundary(content, units),
        _results(content, units),
        _quality(content, units),
        _market(content, units),
        _hardware(content, units),
        appendix.reported(content, units),
        appendix.factors(content),
        _methodology(content),
        appendix.assumptions(content),
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
        "cover": _cover(content, units),
        "sections": _with_breaks([part for part in parts if part is not None]),
    }


NEW_PAGE = frozenset(
    {"Summary", "Results", "Emission factors used", "Methodology", "Assumptions and choices"}
)
"""Sections that begin a page; the others run on."""


def _with_breaks(sections: list[Section]) -> list[Section]:
    return [{**part, "page_break": part["title"] in NEW_PAGE} for part in sections]


def _cover(content: dict[str, Any], units: Units) -> dict[str, Any]:
    total = content["results"]["compute_total"]
    return {
        "cards": [_card(category, units) for category in content["results"]["categories"]],
        "total": [
            {"label": "Location-based", "value": units.headline(total["location_kg_co2e"])},
            {"label": "Market-based", "value": units.headline(total["market_kg_co2e"])},
            {
                "label": "Facility energy",
                "value": (
                    f"{units.energy_cell(total['energy_facility_kwh'])}{THIN}{units.energy}"
                    if total["energy_facility_kwh"] is not None
                    else "not known"
                ),
            },
            {"label": "Energy measured", "value": percent(total["share_measured"])},
            {"label": "Energy with a factor", "value": percent(total["location_coverage"])},
        ],
        "findings": _findings_words(content),
        "boundary": f"{content['boundary']['approach_words'].capitalize()}; "
        + (
            "workloads inside the declared boundary"
            if content["boundary"]["scope"] == "in"
            else "every workload, those outside the declared boundary too"
        )
        + f"; GWP-100 of {content['boundary']['gwp_set']}.",
    }


def _findings_words(content: dict[str, Any]) -> str:
    count = len(content["findings"])
    if not count:
        return "The checks before disclosure found nothing that is open."
    things = "finding" if count == 1 else "findings"
    return f"{count} {things} that a reader should know of: see the summary."


def _card(category: dict[str, Any], units: Units) -> dict[str, Any]:
    tiles = []
    for method, words in (("location", "Location-based"), ("market", "Market-based")):
        kg, low, high = (
            category[f"{method}_kg_co2e"],
            category[f"{method}_low_kg"],
            category[f"{method}_high_kg"],
        )
        known = kg is not None and low is not None and high is not None
        tiles.append(
            {
                "label": words,
                "method": method,
                "value": units.headline(kg) if category["present"] else "none",
                "interval": (
                    f"95{THIN}% interval {units.mass_cell(low)} – {units.mass_cell(high)}"
                    f"{THIN}{units.mass}"
                    if known
                    else ""
                ),
                "exact": f"{fixed(kg, 1)}{THIN}kgCO₂e" if kg is not None else "",
            }
        )
    share = category["share_measured"]
    energy = category["energy_facility_kwh"]
    notes = []
    if not category["present"]:
        notes.append("No activity of this kind in the period.")
    if share is not None:
        rest = "the rest is estimated" if share < 1 else "none is estimated"
        notes.append(f"{percent(share)} of {fixed(energy)}{THIN}kWh is measured, {rest}.")
    if category["embodied_kg_co2e"] is not None:
        kind = "Memo item" if category["scope_category"] == "scope_2" else "Beside it"
        notes.append(
            f"{kind}: hardware, amortised, {mass_words(category['embodied_kg_co2e'])}CO₂e."
        )
    return {
        "title": category["title"],
        "subtitle": category["subtitle"],
        "tiles": tiles,
        "notes": notes,
    }


def _summary(content: dict[str, Any], units: Units) -> Section:
    results = content["results"]
    total = results["compute_total"]
    included = len(content["boundary"]["included"])
    sentences = (
        f"The report covers {content['period']['words']} and {included} "
        f"{'workload' if included == 1 else 'workloads'} inside the boundary. "
        f"{content['period']['kind']}. "
        "Location-based and market-based are two views of the same electricity; they stand side "
        "by side and are never added or netted. Electricity of purchased compute is not the "
        "organisation's Scope 2."
    )
    if total["energy_facility_kwh"] is None:
        return section(
            "Summary",
            [text(sentences), text("No energy is known for this period, so no total is given.")],
        )
    rows = [_totals_row(c["title"], c, units) for c in results["categories"] if c["present"]]
    rows.append(_totals_row("Compute total (not a GHG Protocol total)", total, units))
    blocks: list[Block | None] = [
        text(sentences),
        charts.methods(content, units),
        table("Totals in full", _totals_columns(), rows),
        text(
            "The compute total adds Scope 2 and the electricity part of category 1, each by the "
            "same method. It does not change when a workload moves between own hardware and the "
            "cloud, and it is not a GHG Protocol total. Hardware is in neither."
        ),
        _findings(content),
    ]
    return section("Summary", [b for b in blocks if b])


def _totals_columns() -> list[Column]:
    return [
        Column("", 2.2),
        number("Facility energy, kWh", 1.3),
        number("Location-based, kgCO₂e", 1.6),
        number("Market-based, kgCO₂e", 1.6),
        number("Energy with a factor", 1.2),
    ]


def _totals_row(title: str, row: dict[str, Any], units: Units) -> list[Any]:
    full = Units("kg", "kWh", 1, 1)
    return [
        title,
        fixed(row["energy_facility_kwh"], 1),
        full.with_interval(row, "location"),
        full.with_interval(row, "market"),
        {
            "main": percent(row["location_coverage"], 1),
            "sub": f"market: {percent(row['market_coverage'], 1)}",
        },
    ]


def _findings(content: dict[str, Any]) -> Block:
    words = {"block": "To be settled", "warn": "To be known", "info": "For information"}
    return table(
        "What a reader should know before relying on these figures",
        [Column("", 1), Column("Finding", 5)],
        [
            [words.get(f["severity"], f["severity"]), {"main": f["title"], "sub": f["detail"]}]
            for f in content["findings"]
        ],
        empty="The checks before disclosure found nothing that is open.",
    )


def _boundary(content: dict[str, Any], units: Units) -> Section:
    boundary = content["boundary"]
    people: list[list[Cell]] = [
        [
            {"main": w["workload"], "sub": name_or(w["name"], "")},
            LIFECYCLE_WORDS.get(w["lifecycle"], str(w["lifecycle"])),
            {"main": name_or(w["owner"]), "sub": name_or(w["business_unit"], "")},
            {
                "main": "inside" if w["in_scope"] else "outside",
                "sub": w["boundary_reason"] or ("by default" if w["by_default"] else ""),
            },
            units.energy_cell(w["energy_facility_kwh"]),
        ]
        for w in [*boundary["included"], *boundary["excluded"]]
    ]
    left_out = (
        "Workloads outside the boundary are listed with the energy that leaving them out leaves "
        "out; they are in no figure of this report."
        if boundary["scope"] == "in"
        else "This report counts every workload, those outside the declared boundary too."
    )
    return section(
        "Boundary",
        [
            text(
                f"Consolidation approach: {boundary['approach_words']}. "
                f"{len(boundary['included'])} inside, {len(boundary['excluded'])} outside. "
                + left_out
            ),
            table(
                "Parts of the equipment that are counted",
                [Column("Part", 1), Column("What it is", 3)],
                [[c["component"], c["words"]] for c in boundary["components"]],
            ),
            table(
                "Workloads and their place in the boundary",
                [
                    Column("Workload", 2.4),
                    Column("Lifecycle", 1.2),
                    Column("Owner", 1.4),
                    Column("Boundary", 1.5),
                    number(f"Facility energy, {units.energy}", 1.1),
                ],
                people,
                empty="There is no workload in the inventory.",
            ),
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
