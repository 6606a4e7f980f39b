"""The first pages: the cover with the headline figures, and the summary."""

from typing import Any

from carbon.disclosure import charts
from carbon.disclosure.blocks import (
    Block,
    Cell,
    Column,
    Section,
    Units,
    mass_words,
    number,
    section,
    table,
    text,
)
from carbon.disclosure.numbers import THIN, fixed, percent


def cover(content: dict[str, Any], units: Units) -> dict[str, Any]:
    """A card for each scope category with both methods side by side, and the compute total."""
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
    notes.extend(_coverage_notes(category))
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


def _coverage_notes(category: dict[str, Any]) -> list[str]:
    """What the figures above leave out, where some energy found no factor."""
    shares = {m: category[f"{m}_coverage"] for m in ("location", "market")}
    short = [
        f"{percent(share)} found a {method}-based factor"
        for method, share in shares.items()
        if share is not None and share < 1
    ]
    return [f"Of the energy {' and '.join(short)}; the rest is in no figure."] if short else []


def summary(content: dict[str, Any], units: Units) -> Section:
    """What is reported, the totals in full, and what a reader should know of them."""
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
        Column("", 1.8),
        number("Facility energy, kWh", 1.2),
        number("Location-based, kgCO₂e", 1.9),
        number("Market-based, kgCO₂e", 1.9),
        number("Energy with a factor", 1.2),
    ]


def _totals_row(title: str, row: dict[str, Any], units: Units) -> list[Cell]:
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
