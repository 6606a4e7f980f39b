"""AIB European residual mixes: the table of countries, copied from the PDF or taken as workbook.

The layout was not seen at first hand: columns are found by words (a country or its code, a figure
in gCO2/kWh, by preference one that says "residual"). A country printed `NA` discloses all of its
electricity: it has no residual mix, which is not zero. AIB's figures are direct CO2. Nothing of
them is shipped; the user brings them.
"""

from typing import Final

import polars as pl

from carbon.factors.accept import as_factors
from carbon.factors.calendar import titles_of, year_told
from carbon.factors.countries import country_zone, reject_unknown
from carbon.factors.figures import find_column, identified, intensities, reject_empty
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.factors.yearly import reject_second, with_year
from carbon.tables import Payload, RefusalError, Rejections, Table, blank_to_null, read_table
from carbon.tables.workbook import read_workbook, sheet_names
from carbon.units import INTENSITY_KG_PER_KWH

NAME: Final = "aib-residual-mix"
TITLE: Final = "AIB European residual mixes"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("Country", "Year", "Residual mix (gCO2/kWh)")

VARIABLE_MAP: Final = {
    "Country": "zone",
    "Country code": "zone",
    "iso2": "zone",
    "Year": "valid_from",
    "data_year": "valid_from",
    "Residual mix (gCO2/kWh)": "kg_co2e_per_kwh",
    "gCO2/kWh": "kg_co2e_per_kwh",
}
"""The source's names -> the house's; any column is found by its words."""

_COUNTRY: Final = ("iso2", "country_code", "country code", "country", "area")
_FULL: Final = (
    "no residual mix is stated (NA): the country discloses all of its electricity. That is not "
    "zero; use a supplier's rate or the location-based factor"
)


def sniff(head: Head) -> Recognition:
    """Known by a country and a residual mix in gCO2/kWh."""
    if head.kind not in ("text", "xlsx", "parquet"):
        return Recognition(0.0, f"the format does not come as {head.kind}")
    country, figure = _columns(head.columns)
    sheet = any("residual" in name.casefold() for name in head.sheets)
    says = figure is not None and "residual" in figure.casefold()
    if country and figure and (says or sheet):
        return Recognition(0.93, "has countries and a residual mix in gCO2/kWh")
    if country and figure:
        return Recognition(0.3, "also needs the word residual in the column or the sheet")
    return Recognition(0.0, "also needs a country and a figure in gCO2/kWh")


def read(payload: Payload, context: Context) -> FactorReading:
    """Read the residual mix of each country.

    Args:
        payload: the file; its data year is a column, or stands in its title or name.
        context: zones by country name and code.

    Returns:
        Residual factors of basis direct [kgCO2/kWh], of the data year.

    Raises:
        RefusalError: no country, no figure in gCO2/kWh, or no year.
    """
    table = _table(payload)
    country, figure = _columns(table.columns)
    if country is None or figure is None:
        raise RefusalError(
            f"{payload.name} lacks a column of countries, or one of figures in gCO2/kWh; name them "
            "so."
        )
    rejections = Rejections()
    rejections.add(table.defects)
    reject_empty(table, country, rejections)
    printed = table.numbered().select("row_number", pl.col(figure).alias("raw"))
    full = pl.col("raw").str.to_lowercase().is_in(["na", "n/a", "n.a."]).fill_null(False)
    rejections.add_where(printed, full, _FULL, column=figure, value="raw")
    rejections.add_where(
        printed,
        blank_to_null("raw").is_null() & ~full,
        f"{figure} states nothing; a factor needs a figure",
        column=figure,
        value="raw",
    )
    figures = intensities(
        table,
        {"kg_co2e_per_kwh": figure},
        INTENSITY_KG_PER_KWH["gCO2/kWh"],
        rejections,
        required=False,
    )
    places = country_zone(table, country, context)
    reject_unknown(places, country, rejections)
    frame = figures.join(places, on="row_number", how="left", validate="1:1", maintain_order="left")
    frame = with_year(frame, table, year_told(titles_of(payload, table)), payload.name, rejections)
    written = pl.col("kg_co2e_per_kwh (raw)").alias("raw")
    reject_second(frame.with_columns(written, column=pl.lit(figure)), rejections)
    factors = identified(
        rejections.keep(frame).with_columns(
            pl.lit("residual").alias("method"),
            pl.lit("direct").alias("basis"),
            pl.col("kg_co2e_per_kwh").alias("co2_kg_per_kwh"),
        ),
        "aib",
        publisher="Association of Issuing Bodies",
        licence="user-supplied; no open licence stated",
        document=payload.name,
        original=False,
        gases="CO2",
    )
    return FactorReading(
        table.rows,
        as_factors(factors, context.evidence_id),
        rejections.frame(context.evidence_id),
    )


def _table(payload: Payload) -> Table:
    """The table; of a workbook in the sheet that says residual, where one does."""
    if payload.kind == "xlsx":
        sheets = [s for s in sheet_names(payload.data) if "residual" in s.casefold()]
        return read_workbook(
            payload.name,
            payload.data,
            VARIABLE_MAP,
            corrections=payload.corrections,
            sheets=sheets,
        )
    return read_table(payload, VARIABLE_MAP)


def _columns(columns: tuple[str, ...] | list[str]) -> tuple[str | None, str | None]:
    """The file's own columns of country and figure."""
    names = {column.strip().casefold(): column for column in columns}
    country = next((names[word] for word in _COUNTRY if word in names), None)
    figures = (
        find_column(columns, *words)
        for words in (
            ("residual", "co2", "kwh"),
            ("residual", "g/kwh"),
            ("gco2", "kwh"),
            ("g_co2", "kwh"),
        )
    )
    return country, next((figure for figure in figures if figure), None)
