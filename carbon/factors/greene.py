"""Green-e residual mix: the rate of each eGRID subregion, as the user copied or bought it.

The Center for Resource Solutions publishes it as a table on its pages and does not license it
openly: nothing of it is shipped, and the user brings it as CSV or XLSX. Columns are found by words
(an eGRID subregion, a rate in lb/MWh with "residual" or "adjusted"). The label says CO2; the
published rates equal eGRID's CO2e scaled to the residual generation, so that methane and nitrous
oxide must not be added.
"""

from typing import Final

import polars as pl

from carbon.factors.accept import as_factors
from carbon.factors.calendar import titles_of, year_told
from carbon.factors.figures import find_column, identified, intensities, known_zone, reject_empty
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.factors.yearly import reject_second, with_year
from carbon.tables import Payload, RefusalError, Rejections, read_table
from carbon.units import INTENSITY_KG_PER_KWH

NAME: Final = "green-e-residual-mix"
TITLE: Final = "Green-e residual mix (eGRID subregions)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("eGRID Subregion", "Green-e Residual Mix Emissions Rate (lb CO2/MWh)")

VARIABLE_MAP: Final = {
    "eGRID Subregion": "zone",
    "egrid_subregion": "zone",
    "Year": "valid_from",
    "data_year": "valid_from",
    "Green-e Residual Mix Emissions Rate (lb CO2/MWh)": "kg_co2e_per_kwh",
    "published_adjusted_rate_lb_per_mwh": "kg_co2e_per_kwh",
}
"""The source's names -> the house's; any column is found by its words."""

_DERIVED: Final = ("calc", "recomputed", "diff", "kg")
_NOTE: Final = "Labelled CO2; equals eGRID's CO2e scaled to the residual generation."


def sniff(head: Head) -> Recognition:
    """Known by an eGRID subregion and a residual rate in lb/MWh."""
    if head.kind not in ("text", "xlsx", "parquet"):
        return Recognition(0.0, f"the format does not come as {head.kind}")
    zone, rate = _columns(head.columns)
    if zone and rate:
        return Recognition(0.95, "has eGRID subregions and a residual rate in lb/MWh")
    return Recognition(0.2 if zone else 0.0, "also needs an eGRID subregion and a rate in lb/MWh")


def read(payload: Payload, context: Context) -> FactorReading:
    """Read residual rates by eGRID subregion.

    Args:
        payload: the file; its data year is a column, or stands in its title or name.
        context: zones by eGRID's acronym.

    Returns:
        Residual factors of basis direct [kgCO2e/kWh], of the data year.

    Raises:
        RefusalError: no subregion, no rate, or no year.
    """
    table = read_table(payload, VARIABLE_MAP)
    zone, rate = _columns(table.columns)
    if zone is None or rate is None:
        raise RefusalError(
            f"{payload.name} lacks a column of eGRID subregions, or one of residual rates in "
            "lb/MWh; name them so."
        )
    rejections = Rejections()
    rejections.add(table.defects)
    reject_empty(table, zone, rejections)
    figures = intensities(
        table, {"kg_co2e_per_kwh": rate}, INTENSITY_KG_PER_KWH["lb/MWh"], rejections
    )
    places = table.numbered().select(
        "row_number", known_zone(pl.col(zone), context).alias("zone"), pl.col(zone).alias("raw")
    )
    rejections.add_where(
        places,
        pl.col("zone").is_null() & pl.col("raw").is_not_null(),
        "this is no eGRID subregion that is known; write its acronym, such as CAMX",
        column=zone,
        value="raw",
    )
    frame = figures.join(places, on="row_number", how="left", validate="1:1", maintain_order="left")
    frame = with_year(frame, table, year_told(titles_of(payload, table)), payload.name, rejections)
    written = pl.col("kg_co2e_per_kwh (raw)").alias("raw")
    reject_second(frame.with_columns(written, column=pl.lit(rate)), rejections)
    factors = identified(
        rejections.keep(frame).with_columns(
            pl.lit("residual").alias("method"), pl.lit("direct").alias("basis")
        ),
        "green-e",
        publisher="Center for Resource Solutions (Green-e)",
        licence="user-supplied; not openly licensed",
        document=payload.name,
        original=False,
        note=_NOTE,
    )
    return FactorReading(
        table.rows,
        as_factors(factors, context.evidence_id),
        rejections.frame(context.evidence_id),
    )


def _columns(columns: tuple[str, ...] | list[str]) -> tuple[str | None, str | None]:
    """The file's own columns of subregion and rate."""
    zone = find_column(columns, "egrid", "subregion", without=("name",)) or find_column(
        columns, "subregion", without=("name",)
    )
    rates = (
        find_column(columns, word, "lb", "mwh", without=_DERIVED)
        for word in ("residual", "adjusted")
    )
    return zone, next((rate for rate in rates if rate), None)
