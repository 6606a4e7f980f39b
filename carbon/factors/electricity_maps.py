"""Electricity Maps: carbon intensity of zones, as downloaded (CSV) or as its API answers (JSON).

The CSV has had three spellings since 2021; only case and the words for life cycle differ, so that
columns are found by words (seen in third-party parsers: read tolerantly). Times are UTC and mark
the *start* of an interval; hourly, daily, monthly and yearly files have the same header. Figures
are gCO2eq/kWh, consumption-based (imports traced to where they were generated). A row of the CSV
gives two factors, direct and life-cycle; the API gives whichever was asked for, life-cycle where
nothing was.
"""

from typing import Any, Final

import polars as pl

from carbon.factors.accept import as_factors
from carbon.factors.documents import ANSWERS, answer, has_points, text_of
from carbon.factors.figures import (
    find_column,
    identified,
    intensities,
    moments,
    reject_empty,
    zone_of,
)
from carbon.factors.intervals import reject_contradictions, with_periods
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.tables import Payload, RefusalError, Rejections, Table, read_table
from carbon.units import INTENSITY_KG_PER_KWH

NAME: Final = "electricity-maps"
TITLE: Final = "Electricity Maps carbon intensity (CSV or API)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = (
    "Datetime (UTC)",
    "Zone id",
    "Carbon intensity gCO₂eq/kWh (direct)",
    "Carbon intensity gCO₂eq/kWh (Life cycle)",
)

VARIABLE_MAP: Final = {
    "Datetime (UTC)": "valid_from",
    "Zone id": "zone",
    "Carbon intensity gCO₂eq/kWh (direct)": "direct",
    "Carbon intensity gCO₂eq/kWh (Life cycle)": "lifecycle",
    "Carbon Intensity gCO₂eq/kWh (LCA)": "lifecycle",
    "Data estimated": "estimated",
}
"""The source's names -> the house's."""

_PLACES: Final = ("data", "history")
_POINT: Final = ("zone", "carbonIntensity", "datetime")
_BASES: Final = ("direct", "lifecycle")
_LIFE_CYCLE_WORDS: Final = ("life cycle", "life-cycle", "lifecycle", "lca")
_UNIT: Final = INTENSITY_KG_PER_KWH["gCO2e/kWh"]
_LICENCE: Final = "user-supplied; Electricity Maps terms"
_RELEASES: Final = {"hour": "hourly", "day": "daily", "month": "monthly", "year": "yearly"}
_ESTIMATED: Final = "Estimated by Electricity Maps, at least in part."


def sniff(head: Head) -> Recognition:
    """Known by time, zone and an intensity, direct or life-cycle; or by the API's own keys."""
    if head.kind in ANSWERS:
        found = has_points(head, _PLACES, _POINT)
        return (
            Recognition(0.97, "has the keys of Electricity Maps' API")
            if found is not None
            else Recognition(0.0, f"also needs {', '.join(_POINT)}")
        )
    found_columns = _columns(head.columns)
    missing = [name for name in ("start", "zone") if name not in found_columns]
    if not set(_BASES) & set(found_columns):
        missing.append("carbon intensity")
    if missing:
        return Recognition(0.15 * (3 - len(missing)), f"also needs {', '.join(missing)}")
    return Recognition(0.97, "has time, zone and carbon intensity in Electricity Maps' words")


def read(payload: Payload, context: Context) -> FactorReading:
    """Read a CSV or an answer of `/carbon-intensity/past-range`, `/history` or `/past`.

    Args:
        payload: the file.
        context: zones that are known by id; any other id is the user's own zone.

    Returns:
        Location factors [kgCO2e/kWh] of basis direct and life-cycle, by hour, month or year; a
        figure that Electricity Maps estimated says so in its note.

    Raises:
        RefusalError: no time, no zone or no intensity.
    """
    rejections = Rejections()
    if payload.kind in ANSWERS:
        frame, own, rows = _from_api(payload, rejections, context)
    else:
        frame, own, rows = _from_table(payload, rejections, context)
    for basis in [name for name in _BASES if name in own]:
        reject_contradictions(frame, ("zone", "start"), basis, rejections, own[basis])
    frame = rejections.keep(frame)
    factors, notes = with_periods(
        frame,
        (*_BASES, "estimated"),
        rejections,
        column=own["start"],
        by=("zone", "series"),
        file_name=payload.name,
    )
    return FactorReading(
        rows,
        as_factors(_factors(factors, payload.name), context.evidence_id),
        rejections.frame(context.evidence_id),
        notes,
    )


def _columns(columns: tuple[str, ...] | list[str]) -> dict[str, str]:
    """House name -> the file's own column, by words."""
    life_cycle = (find_column(columns, "carbon intensity", word) for word in _LIFE_CYCLE_WORDS)
    found = {
        "start": find_column(columns, "datetime"),
        "zone": find_column(columns, "zone", "id"),
        "direct": find_column(columns, "carbon intensity", "direct"),
        "lifecycle": next((column for column in life_cycle if column), None),
        "estimated": find_column(columns, "data estimated"),
    }
    return {name: column for name, column in found.items() if column is not None}


def _from_table(
    payload: Payload, rejections: Rejections, context: Context
) -> tuple[pl.DataFrame, dict[str, str], int]:
    """zone, start and figures of a CSV, its own columns, and how many rows it has."""
    table = read_table(payload, VARIABLE_MAP)
    rejections.add(table.defects)
    found = _columns(table.columns)
    bases: dict[str, str] = {name: found[name] for name in _BASES if name in found}
    missing = [name for name in ("start", "zone") if name not in found]
    if missing or not bases:
        raise RefusalError(
            f"{payload.name} lacks a column for {', '.join(missing) or 'carbon intensity'}. Take "
            "the CSV from Electricity Maps as it is."
        )
    figures = intensities(table, bases, _UNIT, rejections)
    frame = _placed(table, found, rejections, context).join(
        figures, on="row_number", how="left", validate="1:1", maintain_order="left"
    )
    blank = [pl.lit(None, pl.Float64).alias(name) for name in _BASES if name not in bases]
    return frame.with_columns(*blank, pl.lit("both").alias("series")), found, table.rows


def _from_api(
    payload: Payload, rejections: Rejections, context: Context
) -> tuple[pl.DataFrame, dict[str, str], int]:
    """zone, start and figures of an answer of the API, its keys, and how many points it has."""
    table, around = answer(payload, _PLACES)
    absent = [name for name in _POINT if name not in table.columns]
    if absent:
        raise RefusalError(
            f"{payload.name} lacks {', '.join(absent)} in its points. Save an answer of "
            "Electricity Maps' /carbon-intensity/past-range as it is."
        )
    rejections.add(table.defects)
    names = {"start": "datetime", "zone": "zone"} | dict.fromkeys(_BASES, "carbonIntensity")
    if "isEstimated" in table.columns:
        names["estimated"] = "isEstimated"
    figures = intensities(table, {"kg": "carbonIntensity"}, _UNIT, rejections)
    asked = text_of(around, "emissionFactorType")
    basis = (
        pl.col("emissionFactorType") if "emissionFactorType" in table.columns else pl.lit(None)
    ).cast(pl.String)
    of_row = table.numbered().select(
        "row_number",
        basis.fill_null(pl.lit(asked or "lifecycle")).str.to_lowercase().alias("series"),
    )
    rejections.add_where(
        of_row,
        ~pl.col("series").is_in(_BASES),
        "this emissionFactorType is not known; it is direct or lifecycle",
        column="emissionFactorType",
        value="series",
    )
    frame = _placed(table, names, rejections, context)
    for part in (figures, of_row):
        frame = frame.join(part, on="row_number", how="left", validate="1:1", maintain_order="left")
    split = [
        pl.when(pl.col("series") == basis_name).then(name).alias(name.replace("kg", basis_name))
        for basis_name in _BASES
        for name in ("kg", "kg (raw)")
    ]
    return frame.with_columns(split).drop("kg", "kg (raw)"), names, table.rows


def _placed(
    table: Table, found: dict[str, str], rejections: Rejections, context: Context
) -> pl.DataFrame:
    """row_number, start, zone and whether the figure is an estimate."""
    reject_empty(table, found["zone"], rejections)
    estimated: Any = pl.lit(0.0)
    if "estimated" in found:
        estimated = pl.col(found["estimated"]).str.to_lowercase().is_in(["true", "yes", "1"])
    places = table.numbered().select(
        "row_number",
        zone_of(pl.col(found["zone"]), context).alias("zone"),
        estimated.cast(pl.Float64).fill_null(0.0).alias("estimated"),
    )
    return moments(table, found["start"], rejections).join(
        places, on="row_number", how="left", validate="1:1", maintain_order="left"
    )


def _factors(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Each basis as a factor of its own."""
    long = frame.unpivot(
        _BASES,
        index=[c for c in frame.columns if c not in _BASES],
        variable_name="basis",
        value_name="kg_co2e_per_kwh",
    ).drop_nulls("kg_co2e_per_kwh")
    return identified(
        long.with_columns(
            pl.when(pl.col("estimated") > 0).then(pl.lit(_ESTIMATED)).alias("note"),
            pl.lit("location").alias("method"),
            # Hours that are a day's figure are no hourly data, and do not take its place.
            pl.col("step").replace_strict(_RELEASES).alias("release"),
        ),
        "electricitymaps",
        publisher="Electricity Maps",
        licence=_LICENCE,
        document=name,
    )
