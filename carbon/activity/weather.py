"""The weather template: temperatures of the places where compute runs, and of a normal year.

A row is a mean over an hour, a day or a month, as `date` is written (`2025-03-04T13:00`,
`2025-03-04`, `2025-03`). Rows of a normal year have `normal` true and stand beside those of the
years that were; a normal year may be one year of long-term means, or many years, whose degree days
are then averaged. Where the site meters its PUE, it stands beside the temperature (`pue`, or
`facility_kwh` and `it_kwh`), and cooling can be normalised by degree days. Weather is no activity:
it is in no figure of the footprint.
"""

from typing import Final

import polars as pl

from carbon.activity.accept import joined_key, reading_of
from carbon.activity.places import read_places
from carbon.activity.sheet import Sheet, open_sheet
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.recognition import by_columns
from carbon.units import CELSIUS, ENERGY_KWH

NAME: Final = "weather-template"
TITLE: Final = "Weather template (temperatures and PUE)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("site", "date", "mean_temp_c", "wet_bulb_c", "pue", "normal")

REQUIRED: Final = ("date", "mean_temp_c")
PLACES: Final = ("site", "zone", "region")
VARIABLE_MAP: Final = {
    "site": "site",
    "provider": "provider",
    "region": "region",
    "zone": "zone",
    "date": "at",
    "mean_temp_c": "mean_temp_c",
    "wet_bulb_c": "wet_bulb_c",
    "pue": "pue",
    "facility_kwh": "facility_kwh",
    "it_kwh": "it_kwh",
    "normal": "normal",
}

ANSWERS: Final = {
    **dict.fromkeys(("true", "yes", "y", "1", "normal"), "true"),
    **dict.fromkeys(("false", "no", "n", "0", "actual"), "false"),
}

COLDEST_C: Final = -90.0
HOTTEST_C: Final = 60.0
"""Outside of these no mean temperature was ever measured on the ground [°C]: the records of the
World Meteorological Organization are -89.2 °C (Vostok, 1983) and 56.7 °C (Furnace Creek, 1913)."""

WET_ABOVE_DRY_C: Final = 0.5
"""By how much two thermometers may disagree before the wet bulb is above the dry one [°C]."""

PUE_AGREES: Final = 0.01
"""Relative difference up to which a stated PUE is the quotient of the two energies [1]."""


def sniff(head: Head) -> Recognition:
    """Columns date, mean_temp_c and a place."""
    return by_columns(head, REQUIRED, one_of=(PLACES,), optional=tuple(VARIABLE_MAP))


def read(payload: Payload, context: Context) -> Reading:
    """Read a weather template (CSV, XLSX or Parquet).

    Args:
        payload: the file.
        context: zones and regions that are known; the time zone of local hours.

    Returns:
        Weather: mean dry-bulb and, where given, wet-bulb temperature [°C], PUE [1] and energies
        [kWh] of an hour, a day or a month. PUE is computed where only the energies are stated. A
        row without a place or a temperature, or with one that cannot be, is set aside.

    Raises:
        RefusalError: a required column is missing.
    """
    sheet = open_sheet(payload, VARIABLE_MAP, REQUIRED, verbatim=("zone",))
    sheet.require(("at", "mean_temp_c"))
    _places(sheet, context)
    sheet.translate("normal", ANSWERS, "'{value}' is neither true nor false; write true for rows "
                    "of a normal year and leave the others empty")  # fmt: skip
    sheet.numbers({"mean_temp_c": CELSIUS, "wet_bulb_c": CELSIUS}, least=None)
    sheet.numbers({"pue": None, "facility_kwh": ENERGY_KWH, "it_kwh": ENERGY_KWH})
    sheet.instants(["at"], context.timezone)
    _check_temperatures(sheet)
    _check_energy(sheet)
    _compose(sheet)
    _note_means(sheet)
    again = sheet.rejections.keep(sheet.frame).filter(~pl.col("key").is_first_distinct())
    sheet.reject(
        pl.col("row_number").is_in(again["row_number"].implode()),
        "this place and date stand in the file before; leave one of the rows",
        "at",
    )
    return reading_of(
        sheet.frame.with_columns(evidence_id=pl.lit(context.evidence_id), format=pl.lit(NAME)),
        sheet.rows,
        sheet.rejections,
        context,
        sheet.notes,
        table="weather",
    )


def _places(sheet: Sheet, context: Context) -> None:
    """Canonical region and zone, as activity has them; a site needs neither."""
    sheet.frame = sheet.frame.with_columns(country=pl.lit(None, pl.String))
    read_places(sheet, context, required=False)
    region = pl.col("region").is_not_null() & pl.col("provider").is_null()
    sheet.reject(region, "a region needs its provider (aws, gcp or azure) beside it", "region")
    named = [pl.col(name).is_not_null() for name in PLACES]
    sheet.reject(
        ~pl.any_horizontal(named),
        "the row names no place; write the site as activity does, or a grid zone, or a provider "
        "and its region",
    )


def _check_temperatures(sheet: Sheet) -> None:
    """Set aside what no thermometer shows; degrees Fahrenheit are caught where they leave °C."""
    for name in ("mean_temp_c", "wet_bulb_c"):
        sheet.reject(
            ~pl.col(name).is_between(COLDEST_C, HOTTEST_C),
            f"a mean of {COLDEST_C:g} to {HOTTEST_C:g} °C is expected; write degrees Celsius",
            name,
        )
    sheet.reject(
        pl.col("wet_bulb_c") > pl.col("mean_temp_c") + WET_ABOVE_DRY_C,
        "the wet bulb is never above the dry bulb; look whether the two are exchanged",
        "wet_bulb_c",
    )


def _check_energy(sheet: Sheet) -> None:
    """Set aside energies and ratios that cannot be; work out the PUE where it is not stated."""
    facility, it, pue = (pl.col(name) for name in ("facility_kwh", "it_kwh", "pue"))
    quotient = facility / it
    for failed, reason, column in (
        (pue < 1, "PUE is facility energy divided by IT energy and cannot be below 1", "pue"),
        (it == 0, "IT energy is 0, so there is no PUE; leave the cell empty", "it_kwh"),
        (facility.is_null() != it.is_null(),
         "facility_kwh and it_kwh belong together; write both, or pue", "facility_kwh"),
        (facility < it, "the facility took less than its IT; look whether the two are exchanged",
         "facility_kwh"),
        ((pue / quotient - 1).abs() > PUE_AGREES,
         "pue is not facility_kwh / it_kwh; leave out the one that is wrong", "pue"),
    ):  # fmt: skip
        sheet.reject(failed.fill_null(False), reason, column)
    sheet.frame = sheet.frame.with_columns(pue=pl.coalesce(quotient, pue))


def _compose(sheet: Sheet) -> None:
    """What a row is the mean of, for where, and what a later file replaces."""
    precision = pl.col("at (precision)")
    sheet.frame = sheet.frame.with_columns(
        normal=(pl.col("normal") == "true").fill_null(False),
        span=pl.when(precision == "month").then(pl.lit("month"))
        .when(precision == "time").then(pl.lit("hour")).otherwise(pl.lit("day")),
        place=pl.coalesce("site", pl.format("{}:{}", "provider", "region"), "zone"),
    ).with_columns(
        joined_key(
            NAME,
            *(pl.col("site").str.to_lowercase(), "provider", "region", "zone", "span"),
            pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "normal",
        )
    )  # fmt: skip


def _note_means(sheet: Sheet) -> None:
    """Say what monthly means hide, before a regression on them is believed."""
    monthly = sheet.rejections.keep(sheet.frame).filter(pl.col("span") == "month")
    if monthly.height:
        sheet.notes.append(
            Problem(
                f"{monthly.height} rows are means of whole months: degree days of them miss the "
                "warm days of a cool month. Bring daily means where you have them.",
                row=int(monthly["row_number"][0]),
            )
        )
