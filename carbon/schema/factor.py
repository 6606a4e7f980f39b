"""Emission factors and contractual instruments."""

import dataframely as dy
import polars as pl

from carbon.schema.columns import instant, number, text

FACTOR_METHODS = ("location", "residual", "supplier", "upstream", "td_loss")


class Factor(dy.Schema):
    """One emission factor for electricity, with who published it and in which document."""

    import_id = text("the import that brought it; null for the shipped library")
    evidence_id = text("sha256 of the file it came in; null for the shipped library")
    row_number = dy.Int64(nullable=True, min=1, description="row in that file")
    source_rows = dy.Int64(
        nullable=True,
        min=1,
        description="how many rows of the file it is made of (a mean of points, a mix of fuels); "
        "row_number is that of the first of them; null: one row",
    )
    factor_id = text("stable id: publisher-release-zone-method-basis-valid_from", nullable=False)
    origin = text("library or workspace", check=lambda c: c.is_in(["library", "workspace"]))
    zone = text("grid zone id", nullable=False)
    method = text("one of FACTOR_METHODS", nullable=False, check=lambda c: c.is_in(FACTOR_METHODS))
    basis = text("direct or lifecycle", check=lambda c: c.is_in(["direct", "lifecycle"]))
    gases = text("CO2e, or CO2 where the publisher counts CO2 alone")
    gwp_set = text("SAR, AR4, AR5, AR6, or null where not stated")
    valid_from = instant("first moment the publisher says it applies to")
    valid_to = instant("end of that period (exclusive)")
    granularity = text("hour, month or year", check=lambda c: c.is_in(["hour", "month", "year"]))
    kg_co2e_per_kwh = number("as published [kgCO2e/kWh]; 0 is a factor", nullable=False, min=0)
    co2_kg_per_kwh = number("CO2 alone [kg/kWh]", min=0)
    ch4_kg_per_kwh = number("CH4 alone [kg/kWh]", min=0)
    n2o_kg_per_kwh = number("N2O alone [kg/kWh]", min=0)
    publisher = text("who published it", nullable=False)
    release = text("edition or release")
    vintage = text("data year")
    licence = text("licence under which it is shipped or held", nullable=False)
    document = text("title or address of the document", nullable=False)
    checked_against_original = dy.Bool(
        nullable=False, description="true once the publisher's own file was imported and agreed"
    )
    note = text("what a careful reader should know")

    @dy.rule()
    def valid_period(cls) -> pl.Expr:
        return pl.col("valid_to") > pl.col("valid_from")


class Instrument(dy.Schema):
    """A contractual instrument: certificate, PPA, supplier rate or green tariff."""

    import_id = text("the import that wrote the row")
    evidence_id = text("sha256 of the file as received", nullable=False)
    row_number = dy.Int64(min=1, description="row in the file as the user sees it")
    key = text("what a later file supersedes: the instrument id", nullable=False)
    instrument_id = text("the registry's or the contract's id", nullable=False)
    kind = text(
        "eac, ppa, supplier_rate or green_tariff",
        nullable=False,
        check=lambda c: c.is_in(["eac", "ppa", "supplier_rate", "green_tariff"]),
    )
    market = text("market boundary: a country or a grid zone", nullable=False)
    period_start = dy.Date(nullable=False, description="first day covered")
    period_end = dy.Date(nullable=False, description="day after the last one (exclusive)")
    kwh = number("volume [kWh]", nullable=False, min=0)
    kg_co2e_per_kwh = number("emission rate [kgCO2e/kWh]", nullable=False, min=0)
    technology = text("generation technology")
    registry = text("where it is registered")
    vintage = text("year or month of generation")
    retired_on = text("date of retirement or cancellation")
    beneficiary = text("for whom it was retired")
    document = text("the document behind it")
    q1 = dy.Bool(nullable=True, description="conveys the direct emission rate")
    q2 = dy.Bool(nullable=True, description="is the only instrument with that claim")
    q3 = dy.Bool(nullable=True, description="tracked and retired for the reporter")
    q4 = dy.Bool(nullable=True, description="issued and redeemed close to the consumption")
    q5 = dy.Bool(nullable=True, description="from the market of the consumption")
    q6 = dy.Bool(nullable=True, description="supplier rate: delivered electricity, all sales")
    q7 = dy.Bool(nullable=True, description="direct purchase: all claims transferred")
    q8 = dy.Bool(nullable=True, description="a residual mix is used, or its absence disclosed")
