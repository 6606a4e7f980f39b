"""EIA v2: hourly net generation by energy source of a balancing authority (JSON).

The answer of `/electricity/rto/fuel-type-data/data/` has no emissions: factors are made of the
generation mix (see `generation_mix`) with EIA's own averages of U.S. plants. `period` is UTC and
marks the *end* of its hour; values are strings, numbers or null, in MWh, and may be negative.
Answers are cut at 5000 rows without a word: the last hour is then not whole, and is set aside. Put
all pages of a question into one file (`jq -s . page*.json > all.json`), so that hours are whole.
The layout is as third-party clients read it; that `period` is hour ending, as EIA-930 defines it.
"""

from typing import Final

import polars as pl

from carbon.factors.accept import as_factors
from carbon.factors.documents import ANSWERS, answer, has_points
from carbon.factors.figures import identified, moments, reject_empty
from carbon.factors.generation_mix import STORAGE, hourly_intensity
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.tables import Payload, Problem, RefusalError, Rejections, Table, parse_number

NAME: Final = "eia-fuel-type"
TITLE: Final = "EIA hourly generation by energy source (API v2)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = (
    "response.data.period",
    "response.data.respondent",
    "response.data.fueltype",
    "response.data.value",
)

VARIABLE_MAP: Final = {
    "period": "valid_to",
    "respondent": "zone",
    "fueltype": "fuel",
    "value": "mwh",
}
"""The source's names -> the house's."""

FUELS: Final = {
    "COL": "coal",
    "NG": "gas",
    "OIL": "oil",
    "NUC": "nuclear",
    "WAT": "hydro",
    "SUN": "solar",
    "SNB": "solar",
    "WND": "wind",
    "WNB": "wind",
    "GEO": "geothermal",
    "PS": STORAGE,
    "BAT": STORAGE,
    "OES": STORAGE,
    "UES": STORAGE,
}
"""EIA's code of an energy source -> fuel; `OTH` and codes that are not here have no figure."""

_PLACES: Final = ("response.data", "data")
_POINT: Final = ("period", "respondent", "fueltype", "value")
_ZONE: Final = "US-EIA-{}"
"""Respondents are zones of their own: some of their codes are those of states or countries."""


def sniff(head: Head) -> Recognition:
    """Known by the keys of its rows."""
    if head.kind not in ANSWERS or has_points(head, _PLACES, _POINT) is None:
        return Recognition(0.0, f"also needs {', '.join(_POINT)}")
    return Recognition(0.97, "has the keys of EIA's fuel-type-data")


def read(payload: Payload, context: Context) -> FactorReading:
    """Read an answer of `/v2/electricity/rto/fuel-type-data/data/` with `frequency=hourly`.

    Args:
        payload: the file.
        context: evidence_id is used.

    Returns:
        Hourly location factors of basis direct [kgCO2/kWh] by respondent, computed from the mix.

    Raises:
        RefusalError: the rows lack period, respondent, fuel type or value.
    """
    table, around = answer(payload, _PLACES)
    absent = [name for name in _POINT if name not in table.columns]
    if absent:
        raise RefusalError(
            f"{payload.name} lacks {', '.join(absent)} in its rows. Save an answer of EIA's "
            "electricity/rto/fuel-type-data."
        )
    rejections = Rejections()
    rejections.add(table.defects)
    frame, notes = hourly_intensity(
        _generation(table, rejections), "US", rejections, column="value"
    )
    factors = identified(
        frame.with_columns(
            pl.lit("location").alias("method"), pl.col("kg_co2e_per_kwh").alias("co2_kg_per_kwh")
        ),
        "eia-mix",
        publisher="U.S. EIA (intensity computed from generation)",
        licence="Public domain (U.S. government work)",
        document=f"{payload.name}: generation; fuels: U.S. EIA FAQ 74, data for 2022",
        original=False,
        note="Generation-based estimate: sum(MWh x average CO2 of the fuel) / sum(MWh).",
    )
    return FactorReading(
        table.rows,
        as_factors(factors, context.evidence_id),
        rejections.frame(context.evidence_id),
        (*notes, *_cut_off(table, around)),
    )


def _generation(table: Table, rejections: Rejections) -> pl.DataFrame:
    """zone, start of the hour, code, fuel and MWh of each row."""
    for name in ("respondent", "fueltype"):
        reject_empty(table, name, rejections)
    values, reasons = parse_number(table.frame["value"])
    rows = table.numbered().select(
        "row_number",
        pl.format(_ZONE, "respondent").alias("zone"),
        pl.col("fueltype").str.to_uppercase().alias("code"),
        pl.col("value").alias("raw"),
        values.alias("mw"),
        reasons.alias("reason"),
    )
    for failed, reason in (
        (pl.col("reason").is_not_null(), pl.col("reason")),
        (
            pl.col("mw").is_null() & pl.col("reason").is_null(),
            pl.lit("value is empty; the generation of this hour is not known"),
        ),
    ):
        rejections.add_where(rows, failed, reason, column="value", value="raw")
    starts = _starts(table, rejections)
    return rows.join(starts, on="row_number", how="left", validate="1:1").select(
        "row_number",
        "zone",
        "start",
        "code",
        pl.col("code").replace_strict(FUELS, default=None, return_dtype=pl.String).alias("fuel"),
        "mw",
        pl.lit(True).alias("own"),
    )


def _starts(table: Table, rejections: Rejections) -> pl.DataFrame:
    """The start of each hour: `2026-10-01T01` is the hour that ends at one o'clock UTC."""
    period = pl.col("period").str.replace(r"^(\d{4}-\d{2}-\d{2}T\d{2})($|[+-Z])", "${1}:00$2")
    written = Table(
        table.frame.with_columns(period), table.row_numbers, table.defects, table.header_row
    )
    ends = moments(written, "period", rejections)
    return ends.select("row_number", (pl.col("start") - pl.duration(hours=1)).alias("start"))


def _cut_off(table: Table, around: dict[str, object]) -> tuple[Problem, ...]:
    """Say so where the service has more rows than the file."""
    response = around.get("response")
    total = str(response.get("total") or "") if isinstance(response, dict) else ""
    if not total.isdecimal() or int(total) <= table.rows:
        return ()
    return (
        Problem(
            f"EIA has {total} rows for this question and the file holds {table.rows}: answers are "
            "cut at 5000. Fetch the rest with offset=5000, 10000 and so on, and put all pages into "
            "one file, as a list: an hour that two pages share is whole only there."
        ),
    )
