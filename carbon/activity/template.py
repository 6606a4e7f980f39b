"""The activity template: an organisation's own spreadsheet, one row per workload, place, period.

One row may state several quantities (energy, accelerator-hours, requests, tokens); each becomes a
row of activity with the same row number. Which of them the energy is computed from is decided by
the order of `ENERGY_KINDS`, not here.
"""

from typing import Final

import polars as pl

from carbon.activity.accept import activity_reading, joined_key, place_key
from carbon.activity.lifecycle import read_lifecycle
from carbon.activity.own_emissions import keep_added_emissions
from carbon.activity.period import read_period
from carbon.activity.places import read_places
from carbon.activity.quantities import (
    HOURS_DERIVED,
    INSTANCES_DERIVED,
    PASSED_ON,
    derive_hours,
    hours_tier,
    stated,
)
from carbon.activity.run_ends import read_run_status
from carbon.activity.sheet import Sheet, open_sheet, tags
from carbon.activity.source import (
    Context,
    Head,
    Payload,
    Problem,
    Reading,
    Recognition,
    RefusalError,
)
from carbon.tables.recognition import by_columns
from carbon.units import COUNT, ENERGY_KWH, HOURS, INTENSITY_KG_PER_KWH, POWER_W

NAME: Final = "activity-template"
TITLE: Final = "Activity template (spreadsheet)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("workload", "period_start", "period_end", "zone", "energy_kwh")

COLUMNS: Final = (
    "workload",
    "model",
    "lifecycle",
    "project",
    "business_unit",
    "owner",
    "architecture",
    "parameters",
    "dataset_size",
    "provider",
    "region",
    "zone",
    "country",
    "site",
    "period_start",
    "period_end",
    "accelerator",
    "accelerator_count",
    "accelerator_hours",
    "average_power_w",
    "instance_type",
    "instance_count",
    "instance_hours",
    "energy_kwh",
    "energy_boundary",
    "pue",
    "requests",
    "input_tokens",
    "output_tokens",
    "location_factor_kg_per_kwh",
    "market_factor_kg_per_kwh",
    "factor_source",
    "note",
)
"""The template's header, in its order: others rely on it."""

UNDERSTOOD: Final = {
    "run_id": "resource",
    "run_status": "run_status",
    "endpoint": "endpoint",
    "batch_size": "batch_size",
}
"""Columns that are not in the template, and are understood where somebody adds them."""

VARIABLE_MAP: Final = {name: name for name in COLUMNS} | UNDERSTOOD
"""The template's names are the house's."""

REQUIRED: Final = ("workload", "period_start", "period_end")
PLACES: Final = ("region", "zone", "country")

NUMBERS: Final = {
    "accelerator_count": None,
    "accelerator_hours": HOURS,
    "average_power_w": POWER_W,
    "instance_count": None,
    "instance_hours": HOURS,
    "energy_kwh": ENERGY_KWH,
    "pue": None,
    "batch_size": None,
    "requests": COUNT,
    "input_tokens": COUNT,
    "output_tokens": COUNT,
    "location_factor_kg_per_kwh": INTENSITY_KG_PER_KWH,
    "market_factor_kg_per_kwh": INTENSITY_KG_PER_KWH,
}
"""Number column -> units that may stand behind the number."""

QUANTITIES: Final = (
    "energy_kwh",
    "accelerator_hours",
    "accelerator_count",
    "instance_hours",
    "instance_count",
    "requests",
    "input_tokens",
    "output_tokens",
)
"""Any one of these makes a row count."""

BOUNDARY_WORDS: Final = {"it": "it", "facility": "facility", "node": "it", "site": "facility"}


def sniff(head: Head) -> Recognition:
    """Columns workload, period and a place, with a quantity."""
    return by_columns(head, REQUIRED, one_of=(PLACES, QUANTITIES), optional=COLUMNS)


def read(payload: Payload, context: Context) -> Reading:
    """Read an activity template (CSV, XLSX or Parquet).

    Args:
        payload: the file.
        context: zones, regions and countries that are known; the zone of local times.

    Returns:
        Activity: energy at facility boundary (T1) or IT boundary (T2) in kWh; accelerator-hours
        (T4 with watts, T5 with an accelerator's name alone); instance-hours (T5); requests and
        tokens. Rows that state no quantity, no place or no period are set aside.

    Raises:
        RefusalError: a required column is missing.
    """
    sheet = open_sheet(payload, VARIABLE_MAP, REQUIRED, verbatim=("country", "zone"))
    _need_one_of(sheet, PLACES, "a place")
    _need_one_of(sheet, QUANTITIES, "a quantity")
    sheet.frame = sheet.frame.with_columns(tags(sheet.extra))
    keep_added_emissions(sheet)
    _note_extra(sheet)
    sheet.require(REQUIRED)
    sheet.numbers(NUMBERS)
    sheet.reject(
        (pl.col("pue") >= 0) & (pl.col("pue") < 1),
        "PUE is facility energy divided by IT energy and cannot be below 1",
        "pue",
    )
    read_lifecycle(sheet)
    read_run_status(sheet)
    sheet.translate(
        "energy_boundary",
        BOUNDARY_WORDS,
        "energy_boundary '{value}' is not known; write it or facility",
    )
    read_places(sheet, context)
    read_period(sheet, context.timezone)
    derive_hours(sheet)
    frame = _quantities(sheet)
    # A run is an account of its own; what states none keeps the key that it always had.
    run = pl.when(pl.col("resource").is_not_null()).then(pl.format("|{}", "resource"))
    return activity_reading(
        frame.with_columns(
            pl.lit(context.evidence_id).alias("evidence_id"),
            pl.lit(NAME).alias("format"),
            pl.lit(False).alias("superseded_in_file"),
            joined_key(
                NAME,
                "workload",
                *place_key(),
                pl.col("site").str.to_lowercase(),
                pl.col("period_start").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
                pl.col("period_end").dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            ),
        ).with_columns(key=pl.concat_str("key", run.fill_null(""))),
        sheet.rows,
        sheet.rejections,
        context,
        sheet.notes,
        local_times=sheet.local_times,
    )


def _need_one_of(sheet: Sheet, houses: tuple[str, ...], what: str) -> None:
    if not any(sheet.has(house) for house in houses):
        raise RefusalError(
            f"{sheet.name} has no column for {what}. Add one of {', '.join(houses)}."
        )


def _note_extra(sheet: Sheet) -> None:
    for column in sheet.extra.columns:
        sheet.notes.append(
            Problem(
                f"Column '{column}' is not in the template; it is kept as a tag.", column=column
            )
        )


def _quantities(sheet: Sheet) -> pl.DataFrame:
    """One row per quantity that a row states."""
    facility = pl.col("energy_boundary") == "facility"
    passed_on = (*PASSED_ON, "stated_kg_co2e", *UNDERSTOOD.values())
    unpowered = pl.col("average_power_w").is_null() & pl.col("accelerator").is_null()
    _note_unpowered(sheet, unpowered)
    parts = [
        stated(
            sheet,
            "energy_kwh",
            "energy_facility_kwh",
            passed_on=passed_on,
            tier=pl.lit("T1"),
            boundary=pl.lit("facility"),
            where=facility,
        ),
        stated(
            sheet,
            "energy_kwh",
            "energy_it_kwh",
            passed_on=passed_on,
            tier=pl.lit("T2"),
            boundary=pl.lit("node"),
            where=~facility.fill_null(False),
        ),
        stated(
            sheet,
            "accelerator_hours",
            "accelerator_hours",
            passed_on=passed_on,
            tier=hours_tier(),
            remark=HOURS_DERIVED,
        ),
        stated(
            sheet,
            "instance_hours",
            "instance_hours",
            passed_on=passed_on,
            tier=pl.lit("T5"),
            remark=INSTANCES_DERIVED,
        ),
        *[
            stated(sheet, kind, kind, passed_on=passed_on)
            for kind in ("requests", "input_tokens", "output_tokens")
        ],
    ]
    rows = pl.concat(parts)
    sheet.reject(
        ~pl.col("row_number").is_in(rows["row_number"].unique().implode())
        & pl.all_horizontal(pl.col(f"{q} (raw)").is_null() for q in QUANTITIES),
        "the row states no quantity; give energy_kwh, accelerator_hours, instance_hours, requests "
        "or tokens",
    )
    return rows


def _note_unpowered(sheet: Sheet, unpowered: pl.Expr) -> None:
    rows = sheet.rejections.keep(
        sheet.frame.filter(
            pl.col("accelerator_hours").is_not_null() & pl.col("energy_kwh").is_null() & unpowered
        )
    )["row_number"]
    if len(rows):
        sheet.notes.append(
            Problem(
                f"{len(rows)} row{'s' if len(rows) > 1 else ''} (first: {rows[0]}) state "
                "accelerator-hours without an accelerator or watts; their energy is not known.",
                row=int(rows[0]),
                column=sheet.column("accelerator"),
            )
        )
