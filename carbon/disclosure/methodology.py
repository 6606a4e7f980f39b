"""The methodology chapter, written from what ran: the policy's values and the lines' own sources.

No sentence here is printed unless the step it describes carried energy of this report, and every
number in it comes from the policy or the footprint, so that the text cannot drift from the
arithmetic.
"""

from typing import Any, Final

import polars as pl

from carbon.accounting.pipeline import Footprint
from carbon.disclosure.methodology_of_analysis import changes, seasons, uncertainty
from carbon.disclosure.numbers import fixed, percent, plain
from carbon.policy import Policy
from carbon.schema import SUPPORT_KINDS, USAGE_KINDS

TIER_WORDS: Final = {
    "T1": "Facility meter",
    "T2": "Node or rack meter × PUE",
    "T3": "Board or chip telemetry × PUE",
    "T4": "Hours × measured or modelled watts × PUE",
    "T5": "Hours × thermal design power × PUE",
    "T6": "Tokens, requests or coefficients × benchmark",
    "T7": "Spend",
}

TIER_FORMULAE: Final = {
    "T1": "E_facility = metered kWh",
    "T2": "E_facility = metered kWh × PUE",
    "T3": "E_facility = telemetry kWh × PUE",
    "T4": "E_facility = hours × W ÷ 1000 × PUE",
    "T5": "E_facility = hours × (TDP × u + host W) ÷ 1000 × PUE",
    "T6": "E_facility = units × energy per unit × PUE, where the unit does not include it",
    "T7": "E_facility = spend × energy per unit of money",
}

Chapter = dict[str, Any]


def chapters(model: dict[str, Any], footprint: Footprint, policy: Policy) -> list[Chapter]:
    """The chapters, each `{id, title, paragraphs, formulae}`; only what ran is described."""
    lines = footprint.lines
    steps = [
        _standard(model, policy),
        _energy(model, lines, policy),
        _location(model, policy),
        _market(model, policy),
        _embodied(model, lines, policy),
        _water(lines),
        uncertainty([t["tier"] for t in model["quality"]["tiers"]], lines, policy),
        seasons(footprint, model["period"]["months"], policy),
        changes(lines),
        _completeness(model),
    ]
    return [s for s in steps if s is not None]


def _standard(model: dict[str, Any], policy: Policy) -> Chapter:
    share = policy.boundary.equity_share
    equity = (
        " Energy of a site is counted by the organisation's share in it: "
        + ", ".join(f"{site} {percent(s)}" for site, s in sorted(share.items()))
        + "; every other site in full."
        if policy.boundary.consolidation_approach == "equity_share"
        else ""
    )
    deployment = {
        "own": "own hardware (Scope 2)",
        "colocated": "colocated hardware (Scope 2)",
        "purchased": "purchased compute (Scope 3, category 1)",
    }[policy.boundary.default_deployment]
    return _chapter(
        "standard",
        "Standard and boundary",
        [
            "The footprint follows the GHG Protocol Corporate Standard and the Scope 2 Guidance "
            f"of 2015, consolidated by {model['boundary']['approach_words']}.{equity}",
            "Electricity of own and colocated hardware is Scope 2. Purchased compute is Scope 3, "
            "category 1, which is cradle-to-gate; of it this report holds the electricity and the "
            "amortised hardware, so its electricity is printed as “Category 1, electricity part "
            "only”. A row that names neither a cloud provider nor a site is taken to be "
            f"{deployment}.",
            f"Greenhouse gases are weighted by GWP-100 of {policy.factors.gwp_set}. A factor that "
            "was published in another set and without its gases apart keeps its own set, which "
            "the list of factors states. Offsets, removals and avoided emissions are in no total.",
        ],
        [],
    )


def _energy(model: dict[str, Any], lines: pl.DataFrame, policy: Policy) -> Chapter | None:
    tiers = model["quality"]["tiers"]
    if not tiers:
        return None
    paragraphs = [
        "Of one row of a source the best quantity counts and no other: a facility meter, then "
        "metered IT energy, then accelerator-hours, then instance-hours. Quantities over several "
        "months are spread by hours (UTC). In this report: "
        + "; ".join(f"{TIER_WORDS[t['tier']]} {percent(t['share'], 1)}" for t in tiers)
        + " of facility energy."
    ]
    present = {t["tier"] for t in tiers}
    if "T5" in present:
        paragraphs.append(
            "Where power is not known, accelerators are taken at "
            f"{percent(policy.energy.tdp_utilisation)} of their thermal design power, and the "
            "server without its accelerators at "
            f"{fixed(policy.energy.host_w_per_accelerator, 0)} W per accelerator, as a component "
            "of its own."
        )
    if lines["quantity_kind"].is_in(SUPPORT_KINDS).any():
        paragraphs.append(_support(policy))
    if lines["quantity_kind"].is_in(USAGE_KINDS).any():
        paragraphs.append(_usage(policy))
    if model["superseded"]["rows"]:
        paragraphs.append(_superseded(model["superseded"], policy))
    by_default = lines.filter(pl.col("pue_source").str.contains("(?i)default"))
    if by_default.height:
        paragraphs.append(
            f"A default PUE of {fixed(policy.energy.default_pue, 2)} stands in where neither the "
            "row nor the operator of the region gives one: "
            f"{fixed(float(by_default['energy_facility_kwh'].sum()), 0)} kWh of facility energy. "
            "PUE is never applied to energy that a facility meter saw."
        )
    formulae = [f"{t['tier']}: {TIER_FORMULAE[t['tier']]}" for t in tiers]
    return _chapter("energy", "Energy", paragraphs, formulae)


def _usage(policy: Policy) -> str:
    return (
        "Where neither a meter nor hours of machines give the energy of inference, it is worked "
        "out from use: output tokens or requests x the energy that is stated of one for the "
        f"workload (of two, that per {policy.inference.prefer.removesuffix('s')} counts); of "
        "models behind an API by EcoLogits' method, with "
        f"{policy.inference.api_batch_size} requests served together and the PUE of the vendor's "
        "data centres as that method has it. Of one workload, model and time such use counts "
        "once, and never beside a meter."
    )


def _support(policy: Policy) -> str:
    choice = policy.support
    return (
        "Supporting services that a bill lists on their own count by coefficients, as Cloud Carbon "
        "Footprint publishes them or the policy states them: vCPUs at "
        f"{percent(choice.vcpu_utilisation)} of the way from idle to full power of the provider's "
        f"processors, memory at {plain(choice.memory_w_per_gb)} W per GB, storage at "
        f"{plain(choice.ssd_w_per_tb)} (SSD, or not stated) or {plain(choice.hdd_w_per_tb)} W per "
        f"TB (HDD), and data moved at {plain(choice.network_kwh_per_gb)} kWh per GB. Copies that a "
        "storage service keeps are not known and not added."
    )


def _superseded(found: dict[str, Any], policy: Policy) -> str:
    rule = {
        "tier": "the better tier, then the wider boundary",
        "widest": "the wider boundary, then the better tier",
        "narrowest": "the narrower boundary, then the better tier",
    }[policy.overlap.prefer]
    pairs = "; ".join(
        f"{fixed(p['kwh'])} kWh of {p['format']} counted from {p['superseded_by_format']}"
        for p in found["by_format"]
    )
    lost = (
        f" Of {fixed(found['rest_kwh'])} kWh what counts sees only part of the equipment."
        if found["rest_kwh"]
        else ""
    )
    return (
        f"Energy that several sources state of one device or machine counts once, from {rule}; "
        "the others count for the share of their time that it does not cover. In this report, "
        f"before PUE: {pairs}.{lost}"
    )


def _location(model: dict[str, Any], policy: Policy) -> Chapter | None:
    used = [f for f in model["factors"] if f["location_kwh"] is not None]
    own = [f for f in model["row_factors"] if f["method"] == "location"]
    if not used and not own:
        return None
    publishers = sorted({_edition(f) for f in used})
    preference = " before ".join(
        {"workspace": "factors that were imported", "library": "the shipped library"}[p]
        for p in policy.factors.preference
    )
    paragraphs = [
        "Facility energy is multiplied by the average factor of the most specific grid zone that "
        "is known, direct before life-cycle, of the period itself, else of the nearest earlier "
        f"one; {preference}. Nothing is guessed: where no factor fits, the energy stays without a "
        "figure and lowers the coverage."
    ]
    if publishers:
        paragraphs.append("Factors used: " + "; ".join(publishers) + ".")
    lagging = [f for f in used if (f["lag_years"] or 0) > 0]
    if lagging:
        worst = max(f["lag_years"] for f in lagging)
        paragraphs.append(
            f"{len(lagging)} of {len(used)} factors are older than the consumption, by up to "
            f"{worst} {'year' if worst == 1 else 'years'}; the figures are to be restated when "
            "newer editions appear."
        )
    if own:
        paragraphs.append(
            f"{_count(sum(len(f['rows']) for f in own), 'row')} of the sources brought a factor of "
            "their own, which was used as given."
        )
    return _chapter(
        "location",
        "Location-based method",
        paragraphs,
        ["CO₂e_location = Σ E_facility(zone, month) × factor(zone, month)"],
    )


def _market(model: dict[str, Any], policy: Policy) -> Chapter | None:
    rows = model["market"]["rungs"]
    if not rows:
        return None
    names = {"scope_2": "Scope 2", "scope_3_cat_1": "Category 1"}
    paragraphs = [
        "Each kWh takes the first that exists: the factor stated on the row, a contractual "
        "instrument that meets the Scope 2 Quality Criteria, the supplier's rate, the residual "
        "mix, and only where there is none the grid average, which is disclosed here. "
        "Instruments cover Scope 2 load of their own market and period, and never more than the "
        "load; purchased compute takes no instrument."
    ]
    for category, words in names.items():
        of_it = [r for r in rows if r["scope_category"] == category]
        if of_it:
            paragraphs.append(
                f"{words}: "
                + "; ".join(f"{r['words']} {percent(r['share'], 1)}" for r in of_it)
                + "."
            )
    if any(r["rung"] in ("grid_average", "row_location") for r in rows):
        paragraphs.append(
            "For part of the energy no residual mix is available; its location-based factor "
            "stands in (Scope 2 Quality Criterion 8, disclosure)."
        )
    if any(r["rung"] == "none" for r in rows):
        paragraphs.append(
            "Part of the energy found no market-based factor at all; it is in no market-based "
            "figure and lowers the coverage."
        )
    if any(r["rung"] == "instrument" for r in rows):
        match = {"annual": "the whole period of the instrument", "monthly": "each month apart"}
        paragraphs.append(
            f"Instruments are matched with consumption over "
            f"{match[policy.factors.match_granularity]}, not hour by hour."
        )
    return _chapter(
        "market",
        "Market-based method",
        paragraphs,
        ["CO₂e_market = Σ kWh_i × rate_i + (kWh − Σ kWh_i) × residual mix, with Σ kWh_i ≤ kWh"],
    )


def _embodied(model: dict[str, Any], lines: pl.DataFrame, policy: Policy) -> Chapter | None:
    if not lines["embodied_kg"].count():
        return None
    choice = policy.embodied
    server = (
        f"plus a share of its server ({choice.accelerators_per_server} accelerators to a server, "
        f"{fixed(choice.server_lifetime_years, 1)} years)"
        if choice.include_server
        else "without a share of the server"
    )
    return _chapter(
        "embodied",
        "Embodied carbon",
        [
            "Cradle-to-gate carbon of the accelerator is spread over a service life of "
            f"{fixed(choice.accelerator_lifetime_years, 1)} years at a utilisation of "
            f"{percent(choice.utilisation)}, {server}. End of life is left out. Where no figure "
            "of the hardware is known, none is invented.",
            "It is amortised use, a product-style figure: for purchased compute it belongs to "
            "category 1; for owned hardware it is a memo item beside category 2, which books the "
            "whole purchase in its year, and the two are never added.",
        ],
        ["M = hours × [accelerator kg ÷ (life × 8760 × U) + server kg ÷ (n × life × 8760 × U)]"],
    )


def _water(lines: pl.DataFrame) -> Chapter | None:
    if not lines["water_l"].count():
        return None
    return _chapter(
        "water",
        "Water",
        [
            "Site water is the operator's WUE times IT energy, not facility energy; water of "
            "generation is added per kWh of facility energy where it is known for the region.",
        ],
        ["W = E_IT × WUE_site + E_facility × WUE_source"],
    )


def _completeness(model: dict[str, Any]) -> Chapter:
    total = model["results"]["compute_total"]
    quality = model["quality"]
    paragraphs = [
        "A sum is over what is known. Coverage is the share of facility energy that found a "
        f"factor: location-based {percent(total['location_coverage'], 1)}, market-based "
        f"{percent(total['market_coverage'], 1)}. Zero, missing and not measured are three "
        "things: a factor of 0 is a factor, and a figure that is not known is printed as such."
    ]
    if quality["rows_without_energy"]:
        paragraphs.append(
            f"{_count(quality['rows_without_energy'], 'row')} of the sources could not be turned "
            "into energy and are in no total."
        )
    if model["general_it"]["lines"]:
        paragraphs.append(
            f"{_count(model['general_it']['lines'], 'line')} of bills are general IT by the rules "
            "of the policy and are in no figure."
        )
    for gone in model["left_out"]:
        if gone["reason"] in ("declared", "component"):
            energy = "" if gone["kwh"] is None else f", {fixed(gone['kwh'], 0)} kWh"
            paragraphs.append(
                f"The boundary leaves out {gone['why']} ({_count(gone['rows'], 'row')}{energy})."
            )
    if any(part["central_kwh"] is not None for part in model["missing"]):
        paragraphs.append(
            "The section on data collection lists what the boundary asks for and no source holds, "
            "with an estimate of how much it could be; it is in no figure."
        )
    if model["quarantine"]["rows"]:
        paragraphs.append(
            f"{_count(model['quarantine']['rows'], 'row')} could not be read and were set aside; "
            "the chapter on data lists them by reason."
        )
    if model["reported"]:
        paragraphs.append(
            "Figures that providers report themselves stand beside the footprint and are never "
            "added to it."
        )
    return _chapter("completeness", "Completeness", paragraphs, [])


def _edition(factor: dict[str, Any]) -> str:
    release = factor["release"]
    return f"{factor['publisher']}, {release}" if release else str(factor["publisher"])


def _chapter(name: str, title: str, paragraphs: list[str], formulae: list[str]) -> Chapter:
    return {"id": name, "title": title, "paragraphs": paragraphs, "formulae": formulae}


def _count(number: int, noun: str) -> str:
    return f"{fixed(number)} {noun if number == 1 else noun + 's'}"
