"""WattTime v3: historical average emissions of a region, as `/v3/historical` answers (JSON), or as
WattTime's Python client saves it (CSV).

The signal `co2_aoer` (average operating emissions rate) is read; `co2_moer` is marginal and
`health_damage` is no emission, and both are refused. Figures are lb CO2 (not CO2e) per MWh, in
points of five minutes whose `point_time` is the start; they are averaged to hours. Keys and units
as in WattTime's own client and documentation (version 3). A CSV says in its name alone of which
region and signal it is (`CAISO_NORTH_co2_aoer_2026-09-01_2026-10-01.csv`), and not its unit, which
for average emissions is always lb CO2 per MWh.
"""

import re
from typing import Final, NamedTuple

import polars as pl

from carbon.factors.accept import as_factors
from carbon.factors.documents import ANSWERS, answer, has_points, text_of
from carbon.factors.figures import MARGINAL, identified, intensities, moments
from carbon.factors.intervals import reject_contradictions, with_periods
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.tables import Payload, Problem, RefusalError, Rejections, Table, read_table
from carbon.units import INTENSITY_KG_PER_KWH

NAME: Final = "watttime"
TITLE: Final = "WattTime average emissions (API v3, or CSV of its client)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("data.point_time", "data.value", "meta.region", "meta.signal_type")

VARIABLE_MAP: Final = {
    "point_time": "valid_from",
    "value": "co2_kg_per_kwh",
    "meta.region": "zone",
    "meta.signal_type": "method",
    "meta.units": "unit",
}
"""The source's names -> the house's."""

_PLACES: Final = ("data",)
_POINT: Final = ("point_time", "value")
_AVERAGE: Final = "co2_aoer"
_FILE: Final = re.compile(r"^(.+?)_(co2_aoer|co2_moer|health_damage)(?![a-z])")
_OF_CSV: Final = "lbs_co2_per_mwh"
_UNITS: Final = {
    "lbs_co2_per_mwh": INTENSITY_KG_PER_KWH["lb/MWh"],
    "lb_co2_per_mwh": INTENSITY_KG_PER_KWH["lb/MWh"],
}


def sniff(head: Head) -> Recognition:
    """Known by its points and the signal that stands around them."""
    if head.kind == "text":
        if set(_POINT) <= set(head.columns):
            return Recognition(0.9, "has the columns of WattTime's client: point_time, value")
        return Recognition(0.0, f"also needs {', '.join(_POINT)}")
    if head.kind not in ANSWERS or has_points(head, _PLACES, _POINT) is None:
        return Recognition(0.0, "also needs data.point_time and data.value")
    if "meta.signal_type" not in head.columns:
        return Recognition(0.4, "also needs meta.signal_type")
    return Recognition(0.97, "has the keys of WattTime's API")


class _Series(NamedTuple):
    """Points, and what is said of all of them."""

    points: Table
    signal: str | None
    region: str | None
    unit: str | None
    model: str | None


def read(payload: Payload, context: Context) -> FactorReading:
    """Read an answer of `/v3/historical` with `signal_type=co2_aoer`, or its CSV.

    Args:
        payload: the file.
        context: not used: WattTime's regions are zones of their own.

    Returns:
        Hourly location factors of basis direct [kgCO2/kWh]; gases "CO2".

    Raises:
        RefusalError: the signal is marginal or no emission, its region or unit is not stated.
    """
    table, signal, region, unit, model = _series(payload)
    if signal != _AVERAGE:
        raise RefusalError(f"{payload.name}: {_refused(signal)}")
    if not region or unit not in _UNITS:
        raise RefusalError(
            f"{payload.name} does not say its region, or its unit is '{unit}'; read are "
            f"{', '.join(_UNITS)}. Save the answer of /v3/historical with its `meta`."
        )
    absent = [name for name in _POINT if name not in table.columns]
    if absent:
        raise RefusalError(f"{payload.name} lacks {', '.join(absent)} in its points.")
    rejections = Rejections()
    rejections.add(table.defects)
    figures = intensities(table, {"kg_co2e_per_kwh": "value"}, _UNITS[unit], rejections)
    frame = moments(table, "point_time", rejections).join(
        figures, on="row_number", how="left", validate="1:1", maintain_order="left"
    )
    frame = frame.with_columns(pl.lit(region).alias("zone"))
    reject_contradictions(frame, ("zone", "start"), "kg_co2e_per_kwh", rejections, "value")
    frame, notes = with_periods(
        rejections.keep(frame), ("kg_co2e_per_kwh",), rejections, column="point_time"
    )
    return FactorReading(
        table.rows,
        as_factors(_factors(frame, payload.name, model), context.evidence_id),
        rejections.frame(context.evidence_id),
        (*notes, Problem("WattTime counts CO2 alone, without methane and nitrous oxide.")),
    )


def _series(payload: Payload) -> _Series:
    """The points with their signal, region, unit and model's date, where they are stated."""
    if payload.kind in ANSWERS:
        table, around = answer(payload, _PLACES)
        keys = (("signal_type",), ("region",), ("units",), ("model", "date"))
        return _Series(table, *(text_of(around, "meta", *path) for path in keys))
    name = re.split(r"[/\\]| › ", payload.name)[-1]
    told = _FILE.match(name)
    if told is None:
        raise RefusalError(
            f"{payload.name} does not say in its name of which region and signal it is. Name it as "
            "WattTime's client does: CAISO_NORTH_co2_aoer_2026-09-01_2026-10-01.csv."
        )
    return _Series(read_table(payload, VARIABLE_MAP), told[2], told[1], _OF_CSV, None)


def _refused(signal: str | None) -> str:
    if signal == "co2_moer":
        return f"these are marginal emission rates (co2_moer). {MARGINAL}"
    if signal == "health_damage":
        return "this is health damage in money, not an emission. Fetch the signal co2_aoer."
    return f"the signal is '{signal}'; only co2_aoer (average emissions) is read. Fetch that."


def _factors(frame: pl.DataFrame, name: str, model: str | None) -> pl.DataFrame:
    frame = frame.with_columns(
        pl.lit("location").alias("method"),
        pl.lit("direct").alias("basis"),
        pl.col("kg_co2e_per_kwh").alias("co2_kg_per_kwh"),
        pl.lit(f"model {model}" if model else None, pl.String).alias("release"),
    )
    return identified(
        frame,
        "watttime-aoer",
        publisher="WattTime",
        licence="user-supplied; WattTime terms",
        document=name,
        gases="CO2",
    )
