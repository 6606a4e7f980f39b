"""UK Carbon Intensity API: half-hours of Great Britain, as the API answers (JSON).

`intensity.actual` is gCO2/kWh of the generation's direct combustion; a half-hour that has only a
forecast is no measurement: it is set aside. The zone is GB (the grid of Great Britain, without
Northern Ireland). Two half-hours make an hour. The layout is as third-party clients read it.
"""

from typing import Final

import polars as pl

from carbon.factors.accept import as_factors
from carbon.factors.documents import ANSWERS, answer, has_points
from carbon.factors.figures import identified, intensities, moments
from carbon.factors.intervals import reject_contradictions, with_periods
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.tables import Payload, Problem, RefusalError, Rejections, blank_to_null
from carbon.units import INTENSITY_KG_PER_KWH

NAME: Final = "uk-carbon-intensity"
TITLE: Final = "UK Carbon Intensity API (Great Britain)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("data.from", "data.to", "data.intensity.actual")

VARIABLE_MAP: Final = {
    "from": "valid_from",
    "to": "valid_to",
    "intensity.actual": "kg_co2e_per_kwh",
    "intensity.forecast": "forecast",
}
"""The source's names -> the house's."""

_PLACES: Final = ("data",)
_ACTUAL: Final = "intensity.actual"
_ZONE: Final = "GB"
_NO_ACTUAL: Final = (
    "this half-hour has a forecast and no actual intensity; fetch it again once it is past"
)


def sniff(head: Head) -> Recognition:
    """Known by half-hours with an actual and a forecast intensity."""
    keys = ("from", "to", "intensity.forecast")
    if head.kind not in ANSWERS or has_points(head, _PLACES, keys) is None:
        return Recognition(0.0, f"also needs {', '.join(keys)}")
    return Recognition(0.97, "has the keys of the UK Carbon Intensity API")


def read(payload: Payload, context: Context) -> FactorReading:
    """Read an answer of `/intensity/{from}/{to}`.

    Args:
        payload: the file.
        context: not used: every figure is Great Britain's.

    Returns:
        Hourly location factors of basis direct [kgCO2/kWh]; gases "CO2".

    Raises:
        RefusalError: no half-hours with an actual intensity (the regional answers hold forecasts).
    """
    table, _ = answer(payload, _PLACES)
    absent = [name for name in ("from", _ACTUAL) if name not in table.columns]
    if absent:
        raise RefusalError(
            f"{payload.name} lacks {', '.join(absent)}. Fetch /intensity/{{from}}/{{to}}, which "
            "has actual figures; regional answers hold forecasts alone."
        )
    rejections = Rejections()
    rejections.add(table.defects)
    nothing = blank_to_null(_ACTUAL).is_null()
    rejections.add_where(table.numbered(), nothing, _NO_ACTUAL, column=_ACTUAL, value=_ACTUAL)
    figures = intensities(
        table,
        {"kg_co2e_per_kwh": _ACTUAL},
        INTENSITY_KG_PER_KWH["gCO2/kWh"],
        rejections,
        required=False,
    )
    frame = moments(table, "from", rejections).join(
        figures, on="row_number", how="left", validate="1:1", maintain_order="left"
    )
    frame = frame.with_columns(pl.lit(_ZONE).alias("zone"))
    reject_contradictions(frame, ("start",), "kg_co2e_per_kwh", rejections, _ACTUAL)
    frame, notes = with_periods(
        rejections.keep(frame), ("kg_co2e_per_kwh",), rejections, column="from"
    )
    said = Problem("Direct combustion alone, of Great Britain without Northern Ireland; CO2 alone.")
    return FactorReading(
        table.rows,
        as_factors(_factors(frame, payload.name), context.evidence_id),
        rejections.frame(context.evidence_id),
        (*notes, said),
    )


def _factors(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    frame = frame.with_columns(
        pl.lit("location").alias("method"),
        pl.lit("direct").alias("basis"),
        pl.col("kg_co2e_per_kwh").alias("co2_kg_per_kwh"),
    )
    return identified(
        frame,
        "ukci",
        publisher="National Energy System Operator, Carbon Intensity API",
        licence="CC BY 4.0",
        document=name,
        gases="CO2",
        note="Great Britain without Northern Ireland.",
    )
