"""The result: footprint lines, and how each line's market-based figure is made up."""

from typing import Final

import dataframely as dy

from carbon.schema.columns import instant, number, text
from carbon.schema.terms import SCOPE_CATEGORIES, TIERS

MEASURES: Final = (
    "energy_it_kwh",
    "energy_facility_kwh",
    "location_kg_co2e",
    "market_kg_co2e",
    "embodied_kg_co2e",
    "water_l",
    "location_low_kg",
    "location_high_kg",
    "market_low_kg",
    "market_high_kg",
    "location_coverage",
    "market_coverage",
    "tier",
)
"""R of the contracts: the measures of a footprint row."""


class FootprintLine(dy.Schema):
    """One source row x month x component, with everything needed to recompute it by hand."""

    line_id = text("evidence_id[:12]:row[.part]:month:component, unique", nullable=False)
    evidence_id = text("the file", nullable=False)
    row_number = dy.Int64(description="the row of the file")
    format = text("the reader", nullable=False)
    month = text("YYYY-MM", nullable=False)
    use_start = instant("first moment of the row's period in this month")
    use_end = instant("end of the row's period in this month (exclusive)")
    workload = text("workload or (unassigned)", nullable=False)
    model = text("model")
    project = text("project")
    business_unit = text("business unit")
    lifecycle = text("one of LIFECYCLES")
    in_scope = dy.Bool(nullable=False, description="inside the declared boundary")
    deployment = text("own, colocated or purchased", nullable=False)
    scope_category = text(
        "one of SCOPE_CATEGORIES", nullable=False, check=lambda c: c.is_in(SCOPE_CATEGORIES)
    )
    provider = text("cloud provider")
    region = text("the provider's region")
    site = text("own site")
    zone = text("grid zone that the factor is looked up for")
    country = text("ISO 3166-1 alpha-2")
    market = text("market boundary: the country, else the zone")
    component = text("one of COMPONENTS", nullable=False)
    quantity_kind = text("what the row states", nullable=False)
    quantity = number("the row's whole quantity, in the unit of its kind", nullable=False)
    counted_share = number("share of the month's quantity that no better source states [1]")
    month_share = number("share of the quantity in this month, by hours", nullable=False)
    assigned_share = number("share of the row that a rule assigns to the workload; 1 elsewhere [1]")
    account = text("account, subscription or project id")
    service = text("the provider's service")
    resource = text("device, run or resource id")
    host = text("node or instance that carries the device")
    endpoint = text("endpoint or route that served the requests")
    run_status = text("one of RUN_STATUSES, of a run of training")
    batch_size = number("requests served at a time, or examples a step [1]")
    instance_type = text("the provider's instance type")
    accelerator = text("accelerator as the library names it, else as the source does")
    accelerator_count = number("accelerators in use [1]")
    rule_id = text("the assignment rule that gave the row its workload; null = its source did")
    equity_share = number("share of the site that counts under equity share; 1 elsewhere [1]")
    power_w = number(
        "watts per accelerator, instance, host, vCPU or GB; Wh per GB moved, token, request"
    )
    power_source = text("average_power_w of the row, TDP of ..., policy ..., W per vCPU ...")
    accelerator_hours = number("accelerator-hours in this month, for embodied")
    pue = number("PUE applied; null where none applies")
    pue_source = text("row, region 2024, policy default, inside the meter")
    boundary = text("what the meter sees, or what is modelled: one of BOUNDARIES")
    tier = text("one of TIERS", check=lambda c: c.is_in(TIERS))
    energy_it_kwh = number("IT energy [kWh]; null where a facility meter has no PUE")
    energy_facility_kwh = number("facility energy [kWh]; null where energy is not known")
    location_factor_id = text("factor id, row:<evidence>:<row>, or null")
    location_factor_kg_per_kwh = number("kgCO2e/kWh")
    location_basis = text("direct, lifecycle or row")
    location_why = text("why this factor")
    location_kg = number("kgCO2e")
    market_rung = text("rung that carries most of the line")
    market_kg = number("kgCO2e")
    market_kwh_covered = number("kWh that found a market-based factor [kWh]")
    asserted_kwh = number("kWh whose market factor was typed in without a document [kWh]")
    embodied_kg = number("amortised embodied kgCO2e")
    embodied_low_kg = number("low of that [kgCO2e]; null where the library has none")
    embodied_high_kg = number("high of that [kgCO2e]; null where the library has none")
    embodied_hours = number("hours of accelerators, machines or vCPUs that bear it [h]")
    embodied_kg_per_hour = number("amortised embodied per such hour [kgCO2e/h]")
    embodied_source = text("how it was computed")
    water_l = number("water [L]")
    wue_l_per_kwh = number("site water per IT energy [L/kWh]")
    source_water_l_per_kwh = number("water of generation per facility energy [L/kWh]")
    water_source = text("which WUE")
    energy_gsd2 = number("95 % factor of the energy, a shared PUE's with it, GSD squared [1]")
    pue_gsd2 = number("95 % factor that a shared PUE adds to an overhead [1]; null elsewhere")
    embodied_gsd2 = number("95 % factor of the embodied figure [1]; null where there is none")
    location_gsd2 = number("95 % factor of the location-based factor [1]")
    market_gsd2 = number("95 % factor of the market-based factor [1]")
    flags = text("plausibility remarks, '; ' between them; a flag never removes a row")


class MarketLine(dy.Schema):
    """A slice of a footprint line's facility energy on one rung of the market-based hierarchy."""

    line_id = text("the footprint line", nullable=False)
    rung = text(
        "row_factor, instrument, supplier, residual, grid_average or row_location", nullable=False
    )
    source_id = text("instrument or factor id", nullable=False)
    kwh = number("facility energy on this rung [kWh]", nullable=False)
    kg_co2e_per_kwh = number("rate [kgCO2e/kWh]", nullable=False)
    kg_co2e = number("kwh x rate [kgCO2e]", nullable=False)
    asserted = dy.Bool(nullable=False, description="no document stands behind the rate")
    gsd2 = number("95 % factor of the rate [1]")
