"""Ember: yearly and monthly emissions intensity of countries (CSV or API).

Life-cycle gCO2e/kWh. Three layouts (as third-party parsers read them): the release since July 2026
(one row per area, period and source; the intensity stands in the row `Total generation`), the long
format before it (Category `Power sector emissions`, Subcategory `CO2 intensity`), and the answer
of the API's `carbon-intensity`. Rows of other measures and of groups of countries are understood,
counted in a note, and are no rows of factors. The latest year of a release is provisional.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.factors.accept import as_factors
from carbon.factors.calendar import calendar_periods
from carbon.factors.documents import ANSWERS, answer, has_points
from carbon.factors.figures import identified, intensities, known_zone
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.factors.yearly import reject_second
from carbon.tables import (
    Payload,
    Problem,
    RefusalError,
    Rejections,
    Table,
    blank_to_null,
    match_names,
    read_table,
)
from carbon.tables.recognition import by_columns
from carbon.units import INTENSITY_KG_PER_KWH

NAME: Final = "ember"
TITLE: Final = "Ember electricity data (yearly or monthly CSV, or API)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = (
    "Area",
    "ISO 3 code",
    "Year",
    "Area type",
    "Electricity source",
    "Emissions intensity (gCO2e/kWh)",
)

VARIABLE_MAP: Final = {
    "Area": "name",
    "Country": "name",
    "ISO 3 code": "zone",
    "Country code": "zone",
    "Year": "valid_from",
    "Date": "valid_from",
    "Area type": "area_type",
    "Electricity source": "source",
    "Emissions intensity (gCO2e/kWh)": "kg_co2e_per_kwh",
    "Category": "category",
    "Subcategory": "subcategory",
    "Variable": "variable",
    "Unit": "unit",
    "Value": "value",
}
"""The source's names -> the house's."""

_KEYS: Final = ("entity_code", "date", "emissions_intensity_gco2_per_kwh")
_INTENSITY: Final = "Emissions intensity (gCO2e/kWh)"
_COUNTRIES: Final = ("country", "country or economy")
_LICENCE: Final = "CC BY 4.0"
_NEGATIVE: Final = "the intensity is negative; provisional years can be so. Take a later release"
_PROVISIONAL: Final = "Of the latest year of its file, which in Ember's releases is provisional."


@dataclass(frozen=True)
class _Columns:
    """The file's own columns of one layout."""

    zone: str
    name: str
    period: str
    figure: str
    of_factor: pl.Expr
    of_country: pl.Expr


def sniff(head: Head) -> Recognition:
    """Known by the columns of one of its three layouts."""
    if head.kind in ANSWERS:
        if has_points(head, ("data",), _KEYS) is None:
            return Recognition(0.0, f"also needs {', '.join(_KEYS)}")
        return Recognition(0.97, "has the keys of Ember's API")
    areas = (("ISO 3 code", "Country code"), ("Year", "Date"))
    new = by_columns(head, ("Electricity source", _INTENSITY), one_of=areas)
    old = by_columns(head, ("Category", "Subcategory", "Unit", "Value"), one_of=areas)
    return max((new, old), key=lambda found: found.confidence)


def read(payload: Payload, context: Context) -> FactorReading:
    """Read the intensity of every country that the file gives one for.

    Args:
        payload: the file.
        context: zones by ISO alpha-3 code.

    Returns:
        Location factors of basis life-cycle [kgCO2e/kWh], by year or month. Its rows are those
        that state an intensity of a country; the others are counted in a note.

    Raises:
        RefusalError: the columns of no layout are there, or no row has an intensity.
    """
    if payload.kind in ANSWERS:
        table, _ = answer(payload, ("data",))
        columns = _of_api(table)
    else:
        table = read_table(payload, VARIABLE_MAP)
        columns = _of_table(table)
    if columns is None:
        raise RefusalError(
            f"{payload.name} lacks the columns of Ember's data: {', '.join(EXAMPLE_COLUMNS)}, or "
            "those of the long format with Category, Subcategory, Unit and Value."
        )
    stated = blank_to_null(pl.col(columns.figure)).is_not_null()
    wanted = table.frame.select(
        (columns.of_factor & columns.of_country & stated).fill_null(False)
    ).to_series()
    if not wanted.any() and not table.defects.height:
        raise RefusalError(
            f"{payload.name} gives no emissions intensity of a country; it may be another of "
            "Ember's tables. Take the yearly or monthly release with all sources."
        )
    part = _only(table, wanted)
    rejections = Rejections()
    rejections.add(part.defects)
    frame = _figures(part, columns, rejections, context) if part.frame.height else None
    factors = (
        as_factors(_factors(rejections.keep(frame), payload.name), context.evidence_id)
        if frame is not None
        else FactorReading(0).factors
    )
    return FactorReading(
        part.rows,
        factors,
        rejections.frame(context.evidence_id),
        _notes(table.frame.height - part.frame.height, factors),
    )


def _of_table(table: Table) -> _Columns | None:
    """The columns of a CSV in the new or the old layout."""
    found, _ = match_names(table.columns, VARIABLE_MAP)
    zone = found.get("ISO 3 code") or found.get("Country code")
    period = found.get("Date") or found.get("Year")
    if zone is None or period is None:
        return None
    name = found.get("Area") or found.get("Country") or zone
    kind = found.get("Area type")
    is_country = (
        pl.col(kind).str.to_lowercase().is_in(_COUNTRIES) if kind else pl.col(zone).is_not_null()
    )
    if "Electricity source" in found and _INTENSITY in found:
        total = pl.col(found["Electricity source"]).str.to_lowercase() == "total generation"
        return _Columns(zone, name, period, found[_INTENSITY], total, is_country)
    if not {"Category", "Subcategory", "Unit", "Value"} <= set(found):
        return None
    intensity = (pl.col(found["Subcategory"]).str.to_lowercase() == "co2 intensity") & (
        pl.col(found["Unit"]).str.contains(r"(?i)^g\s*CO2e?\s*(/|per)\s*kWh$")
    )
    return _Columns(zone, name, period, found["Value"], intensity, is_country)


def _of_api(table: Table) -> _Columns | None:
    if not set(_KEYS) <= set(table.columns):
        return None
    aggregate = (
        pl.col("is_aggregate_entity").str.to_lowercase() == "true"
        if "is_aggregate_entity" in table.columns
        else pl.lit(False)
    )
    name = "entity" if "entity" in table.columns else "entity_code"
    return _Columns("entity_code", name, "date", _KEYS[2], pl.lit(True), ~aggregate)


def _only(table: Table, wanted: pl.Series) -> Table:
    """The table with these rows alone, and its defects."""
    return Table(
        frame=table.frame.filter(wanted),
        row_numbers=table.row_numbers.filter(wanted),
        defects=table.defects,
        header_row=table.header_row,
        delimiter=table.delimiter,
        decimal=table.decimal,
        serial_dates=table.serial_dates,
    )


def _figures(
    part: Table, columns: _Columns, rejections: Rejections, context: Context
) -> pl.DataFrame:
    """zone, period and figure of each row of a country."""
    figures = intensities(
        part,
        {"kg_co2e_per_kwh": columns.figure},
        INTENSITY_KG_PER_KWH["gCO2e/kWh"],
        rejections,
        negative=_NEGATIVE,
    )
    places = part.numbered().select(
        "row_number",
        pl.coalesce(
            known_zone(pl.col(columns.zone), context), known_zone(pl.col(columns.name), context)
        ).alias("zone"),
        pl.coalesce(columns.zone, columns.name).alias("raw"),
    )
    rejections.add_where(
        places,
        pl.col("zone").is_null(),
        "this country is not known; give its ISO alpha-3 code",
        column=columns.zone,
        value="raw",
    )
    frame = figures
    for other in (places, calendar_periods(part, columns.period, rejections)):
        frame = frame.join(
            other, on="row_number", how="left", validate="1:1", maintain_order="left"
        )
    written = pl.col("kg_co2e_per_kwh (raw)").alias("raw")
    reject_second(frame.with_columns(written, column=pl.lit(columns.figure)), rejections)
    return frame


def _factors(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    latest = pl.col("valid_from").dt.year() == pl.col("valid_from").dt.year().max()
    return identified(
        frame.with_columns(
            pl.lit("location").alias("method"),
            pl.lit("lifecycle").alias("basis"),
            pl.when(latest).then(pl.lit(_PROVISIONAL)).alias("note"),
        ),
        "ember",
        publisher="Ember",
        licence=_LICENCE,
        document=f"{name}: Ember, emissions intensity of electricity",
    )


def _notes(others: int, factors: pl.DataFrame) -> tuple[Problem, ...]:
    notes = []
    if others:
        notes.append(
            Problem(
                f"Beside the rows of factors the file has {others} of other measures, of groups of "
                "countries, or without an intensity."
            )
        )
    if factors.height:
        year = factors.filter(pl.col("valid_from") == pl.col("valid_from").max())["vintage"][0]
        notes.append(Problem(f"The figures of {year} are the latest of the file, and provisional."))
    return tuple(notes)
