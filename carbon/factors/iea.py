"""IEA emission factors: CO2 per kWh of electricity by country, from the licensed workbook or CSV.

The layout was not seen at first hand, so that it is read tolerantly: a column of countries with
years as columns (wide), or with a column of years and one of values (long); figures are gCO2/kWh
unless a header says kg. Of a workbook the sheet of electricity is read (`CO2KWH ELE`). The figures
are direct CO2 of generation. They are licensed: none is shipped, and the file is never recognised
by countries and years alone; the user names the format.
"""

import re
from collections.abc import Sequence
from typing import Final

import polars as pl

from carbon.factors.accept import as_factors
from carbon.factors.countries import country_zone, reject_unknown
from carbon.factors.figures import MOST_PLAUSIBLE, find_column, identified, reject_empty
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.factors.yearly import reject_second, with_year, year_column
from carbon.tables import (
    Payload,
    Problem,
    RefusalError,
    Rejections,
    Table,
    decimal_mark,
    parse_number,
    read_table,
)
from carbon.tables.workbook import read_workbook, sheet_names
from carbon.units import INTENSITY_KG_PER_KWH

NAME: Final = "iea-emission-factors"
TITLE: Final = "IEA emission factors (licensed, the user's own file)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("Country", "Year", "gCO2/kWh")

_COUNTRY: Final = (
    *("country", "economy", "economies", "region", "area", "country/region"),
    "region/country/economy",
)

VARIABLE_MAP: Final = {
    **{word.capitalize(): "zone" for word in _COUNTRY},
    "Year": "valid_from",
    "Time": "valid_from",
    "Value": "kg_co2e_per_kwh",
    "gCO2/kWh": "kg_co2e_per_kwh",
}
"""The source's names -> the house's; a column named as a year holds that year's figures."""

_HEADER: Final = (*VARIABLE_MAP, *(str(year) for year in range(1990, 2050)))
"""By what the header is told. Years tell no other file's: they may be any number there."""

_YEAR: Final = re.compile(r"^((?:19|20)\d{2})(?:\.0+)?\s*[a-z]?$", re.IGNORECASE)
_SHEET: Final = re.compile(r"CO2\s*(?:per\s*)?KWH\s*ELE\w*\s*$", re.IGNORECASE)
_NOT_STATED: Final = ("..", "x", "c", "...", "n.a.")
"""IEA's marks of figures that are not there."""


def sniff(head: Head) -> Recognition:
    """Known by its sheet; by countries and years alone the user is asked."""
    if head.kind not in ("text", "xlsx", "parquet"):
        return Recognition(0.0, f"the format does not come as {head.kind}")
    if any(_SHEET.search(sheet) for sheet in head.sheets):
        return Recognition(0.8, "has a sheet named as in IEA's emission factors")
    country, years, value = _columns(head.columns)
    if country and (years or value):
        return Recognition(0.4, "may be a table of countries and years; name the format if it is")
    return Recognition(0.0, "also needs countries, and years as columns or with a figure")


def read(payload: Payload, context: Context) -> FactorReading:
    """Read CO2 per kWh of electricity by country and year.

    Args:
        payload: the file.
        context: zones by country name and code.

    Returns:
        Location factors of basis direct [kgCO2/kWh], by year. A row with years as columns gives
        one for each year that it states.

    Raises:
        RefusalError: no country, no years or figures, or figures that are in no plausible unit.
    """
    table = _table(payload)
    country, years, value = _columns(table.columns)
    if country is None or not (years or value):
        raise RefusalError(
            f"{payload.name} lacks a column of countries, or years as columns, or a year with a "
            "figure in gCO2/kWh. If the table is laid out otherwise, bring it as the factor "
            "template."
        )
    rejections = Rejections()
    rejections.add(table.defects)
    reject_empty(table, country, rejections)
    places = country_zone(table, country, context)
    reject_unknown(places, country, rejections)
    figures = _figures(table, years, value, rejections, payload.name)
    frame = figures.join(places, on="row_number", how="left", validate="m:1", maintain_order="left")
    reject_second(frame, rejections)
    factors = identified(
        rejections.keep(frame).with_columns(
            pl.lit("location").alias("method"),
            pl.lit("direct").alias("basis"),
            pl.col("kg_co2e_per_kwh").alias("co2_kg_per_kwh"),
        ),
        "iea",
        publisher="International Energy Agency",
        licence="user-supplied; IEA terms, not to be passed on",
        document=payload.name,
        gases="CO2",
    )
    said = Problem("Read as direct CO2 of electricity generation; check a figure against the file.")
    return FactorReading(
        table.rows,
        as_factors(factors, context.evidence_id),
        rejections.frame(context.evidence_id),
        (said,),
    )


def _table(payload: Payload) -> Table:
    """The table; of a workbook in the sheet of electricity, where one is named so."""
    if payload.kind == "xlsx":
        sheets = [s for s in sheet_names(payload.data) if _SHEET.search(s)]
        return read_workbook(
            payload.name,
            payload.data,
            _HEADER,
            corrections=payload.corrections,
            sheets=sheets[:1],
        )
    return read_table(payload, _HEADER)


def _columns(columns: Sequence[str]) -> tuple[str | None, dict[str, int], str | None]:
    """The file's own columns: country, column -> year, and the value of the long form."""
    names = {column.strip().casefold(): column for column in columns}
    country = next((names[word] for word in _COUNTRY if word in names), None)
    years = {c: int(found[1]) for c in columns if (found := _YEAR.match(c.strip()))}
    if country is None and years:
        # The corner above the countries is often empty.
        country = next((c for c in columns if c not in years), None)
    value = None
    if not years and year_column(list(columns)):
        value = find_column(columns, "co2", "kwh") or names.get("value")
    return country, years, value


def _figures(
    table: Table,
    years: dict[str, int],
    value: str | None,
    rejections: Rejections,
    name: str,
) -> pl.DataFrame:
    """row_number, period and figure [kg/kWh], one for each year that a row states."""
    columns = list(years) or [str(value)]
    cells = table.numbered().select("row_number", *columns)
    stated = cells.with_columns(
        pl.when(~pl.col(c).str.to_lowercase().is_in(_NOT_STATED)).then(c).alias(c) for c in columns
    )
    mark = decimal_mark([stated[c] for c in columns], table.delimiter, table.decimal)
    unit = _unit(columns)
    parts = []
    for column in columns:
        values, reasons = parse_number(stated[column], None, mark)
        part = pl.DataFrame(
            {"row_number": stated["row_number"], "raw": stated[column], "column": column}
        ).with_columns((values * unit).alias("kg_co2e_per_kwh"), reasons.alias("reason"))
        kg = pl.col("kg_co2e_per_kwh")
        for failed, reason in (
            (pl.col("reason").is_not_null(), pl.col("reason")),
            ((kg < 0).fill_null(False), pl.lit("an emission factor cannot be negative")),
            (
                (kg > MOST_PLAUSIBLE).fill_null(False),
                pl.lit(f"this is more than any grid emits ({MOST_PLAUSIBLE:g} kg/kWh); mend it"),
            ),
        ):
            rejections.add_where(part, failed, reason, column=column, value="raw")
        parts.append(part)
    long = pl.concat(parts)
    _check_unit(long, name)
    none = long.group_by("row_number").agg(pl.col("kg_co2e_per_kwh").is_null().all().alias("none"))
    rejections.add_where(
        none.sort("row_number"), pl.col("none"), "the row states no figure", column=columns[0]
    )
    long = long.drop_nulls("kg_co2e_per_kwh")
    if not years:
        return with_year(long, table, None, name, rejections)
    return _of_years(long, years)


def _of_years(long: pl.DataFrame, years: dict[str, int]) -> pl.DataFrame:
    year = pl.col("column").replace_strict(years, return_dtype=pl.Int32)
    return long.with_columns(
        pl.datetime(year, 1, 1, time_unit="us", time_zone="UTC").alias("valid_from"),
        pl.datetime(year + 1, 1, 1, time_unit="us", time_zone="UTC").alias("valid_to"),
        pl.lit("year").alias("granularity"),
    )


def _unit(columns: Sequence[str]) -> float:
    """kg/kWh in the unit that a header names; gCO2/kWh where it names none."""
    name = columns[0].casefold().replace(" ", "")
    if "kgco2" in name or "kg/kwh" in name:
        return INTENSITY_KG_PER_KWH["kg/kWh"]
    return INTENSITY_KG_PER_KWH["gCO2/kWh"]


def _check_unit(long: pl.DataFrame, name: str) -> None:
    """Refuse a file whose figures are a thousand times too small: they are not in grams."""
    middle = long["kg_co2e_per_kwh"].drop_nulls().median()
    if isinstance(middle, float) and 0 < middle < _LEAST_PLAUSIBLE:
        raise RefusalError(
            f"{name}: half of the figures are below {_LEAST_PLAUSIBLE:g} kg/kWh when read as "
            "gCO2/kWh. Name the column by its unit, such as kgCO2/kWh."
        )


_LEAST_PLAUSIBLE: Final = 0.003
"""A median below it means another unit [kgCO2/kWh]: half the world's grids are not that clean."""
