"""EPA's own eGRID workbook -> emission factors.

The data file has one sheet per level, named by prefix and year (`SRL23`, `ST23`, `US23`), with two
header rows: descriptions, then codes. Rates are lb/MWh (CH4 and N2O were lb/GWh in older editions,
kg/MWh in the metric one); the description says which, and where it does not, the data year. Only
total output rates are read: they are the ones for location-based Scope 2. The sheet of grid gross
losses (`GGL23`) holds shares of energy and no factors; a note says so. Source: EPA, eGRID Technical
Guide.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import fastexcel
import polars as pl

from carbon.factors.accept import as_factors, slug
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.tables import Payload, Problem, RefusalError, Rejections
from carbon.tables.workbook import sheet_names
from carbon.units import INTENSITY_KG_PER_KWH

NAME: Final = "egrid-workbook"
TITLE: Final = "EPA eGRID data file (Excel)"
PROVIDER: Final = None
REASON: Final = "the sheets are named as in EPA's eGRID data file"
EXAMPLE_COLUMNS: Final = ("SUBRGN", "SRCO2RTA", "SRCH4RTA", "SRN2ORTA", "SRC2ERTA")

VARIABLE_MAP: Final = {
    "CO2RTA": "co2_kg_per_kwh",
    "CH4RTA": "ch4_kg_per_kwh",
    "N2ORTA": "n2o_kg_per_kwh",
    "C2ERTA": "kg_co2e_per_kwh",
}
"""eGRID's code after the prefix of its level -> the house's name."""

FIRST_LB_PER_MWH_YEAR: Final = 2018
"""From this data year on CH4 and N2O are in lb/MWh where no unit is named; before it, lb/GWh."""

FIRST_AR5_YEAR: Final = 2023
"""From this data year on EPA's CO2e is known to be AR5; what earlier editions used is not stated
in the workbook, so it is left open and recomputed from the gases."""

_PUBLISHER: Final = "U.S. EPA"
_LICENCE: Final = "Public domain (U.S. government work, 17 USC 105)"
_IMPLAUSIBLE: Final = 3.0
"""More than any grid emits [kgCO2e/kWh]; oil alone gives about 1."""

_UNIT: Final = re.compile(r"\b(lb|kg)\s*/\s*(MWh|GWh)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Level:
    """A level of the workbook: its sheet, the prefix of its codes, and how its zones are named."""

    sheet: str
    prefix: str
    area: str | None
    zone: str


_LEVELS: Final = (
    _Level("SRL", "SR", "SUBRGN", "{}"),
    _Level("ST", "ST", "PSTATABB", "US-{}"),
    _Level("US", "US", None, "US"),
)


def sniff(head: Head) -> Recognition:
    """A data file of eGRID is known by the names of its sheets."""
    found = _sheet(head.sheets, "SRL") is not None and _sheet(head.sheets, "ST") is not None
    return Recognition(1.0, REASON) if found else Recognition(0.0, "also needs sheets SRL and ST")


def read(payload: Payload, context: Context) -> FactorReading:
    """An eGRID data file as a FactorReading; see `read_workbook`."""
    factors, quarantine, rows = read_workbook(payload, context.evidence_id)
    losses = _sheet(sheet_names(payload.data), "GGL")
    notes = (
        (
            Problem(
                f"Sheet {losses} holds grid gross losses: shares of energy, not emission factors. "
                "They are not read."
            ),
        )
        if losses
        else ()
    )
    return FactorReading(rows, factors, quarantine, notes)


def read_workbook(payload: Payload, evidence_id: str) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Read total output rates of subregions, states and the nation.

    Args:
        payload: the workbook.
        evidence_id: sha256 of the file.

    Returns:
        factors (schema Factor, origin "workspace", checked_against_original true because this is
        the original), rows set aside (schema Quarantine), and how many data rows were read. Rows
        are counted over all sheets read: the row number is that of the sheet, plus 1000 for the
        states' and 2000 for the nation's, and the reason names the sheet.

    Raises:
        RefusalError: the workbook cannot be opened or has no sheet of subregion rates.
    """
    try:
        book = fastexcel.read_excel(payload.data)
    except fastexcel.FastExcelError as error:
        raise RefusalError(
            f"{payload.name}: the workbook cannot be opened; it may be cut off. Fetch it again "
            "from epa.gov/egrid."
        ) from error
    rejections = Rejections()
    parts, rows = [], 0
    for index, level in enumerate(_LEVELS):
        sheet = _sheet(book.sheet_names, level.sheet)
        if sheet is None:
            continue
        rates, year = _rates(payload.name, book, sheet, level)
        rates = rates.with_columns(pl.col("row_number") + 1000 * index)
        rows += rates.height
        _reject(rejections, rates, sheet)
        parts.append(_factors(rejections.keep(rates), year, sheet, payload.name))
    if not parts:
        raise RefusalError(f"{payload.name} has no sheet SRL, ST or US with emission rates.")
    return as_factors(pl.concat(parts), evidence_id), rejections.frame(evidence_id), rows


def _sheet(names: Sequence[str], prefix: str) -> str | None:
    """The sheet of a level, whatever its year: `SRL23`."""
    return next((name for name in names if re.fullmatch(rf"{prefix}\d{{2}}", name.strip())), None)


def _rates(name: str, book: Any, sheet: str, level: _Level) -> tuple[pl.DataFrame, int]:
    """row_number, zone and the rates [kg/kWh] of one sheet, and its data year."""
    cells: pl.DataFrame = book.load_sheet(
        sheet, header_row=None, skip_rows=0, dtypes="string"
    ).to_polars()
    head = [[(cell or "").strip() for cell in row] for row in cells.head(2).rows()]
    if len(head) < 2:
        raise RefusalError(f"{name}: sheet {sheet} has no two header rows, as eGRID has.")
    codes = {code: index for index, code in enumerate(head[1]) if code}
    wanted = {level.prefix + code: house for code, house in VARIABLE_MAP.items()}
    missing = [code for code in ("YEAR", level.area, *wanted) if code and code not in codes]
    if missing:
        raise RefusalError(
            f"{name}: sheet {sheet} lacks the column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)}. Take the data file from epa.gov/egrid as it is."
        )
    body = cells.with_row_index("row_number", offset=1).slice(2)
    column = cells.columns

    def cell(code: str) -> pl.Expr:
        return pl.col(column[codes[code]]).str.strip_chars().replace("", None)

    stated = body.select(cell("YEAR").cast(pl.Float64, strict=False)).to_series().drop_nulls()
    if not stated.len():
        raise RefusalError(f"{name}: sheet {sheet} names no data year.")
    year = int(stated[0])
    area = cell(level.area) if level.area else pl.lit("US")
    rates = body.select(
        pl.col("row_number").cast(pl.Int64),
        cell("YEAR").alias("year"),
        area.alias("area"),
        pl.format(level.zone, area).alias("zone") if level.area else pl.lit("US").alias("zone"),
        *(cell(code).alias(f"{house} (raw)") for code, house in wanted.items()),
        *(
            (
                cell(code).cast(pl.Float64, strict=False)
                * _unit(name, head[0][codes[code]], code, year)
            ).alias(house)
            for code, house in wanted.items()
        ),
    ).filter(pl.col("year").is_not_null() | pl.col("area").is_not_null() & pl.lit(bool(level.area)))
    return rates, year


def _unit(name: str, description: str, code: str, year: int) -> float:
    """kg/kWh in the unit that a column's description names, or that its edition uses."""
    found = _UNIT.search(description)
    if not found:
        old = year < FIRST_LB_PER_MWH_YEAR and code.endswith(("CH4RTA", "N2ORTA"))
        return INTENSITY_KG_PER_KWH["lb/GWh" if old else "lb/MWh"]
    unit = f"{found[1].lower()}/{found[2][0].upper()}Wh"
    if unit not in INTENSITY_KG_PER_KWH:
        raise RefusalError(f"{name}: column {code} is in {unit}, which eGRID does not use.")
    return INTENSITY_KG_PER_KWH[unit]


def _reject(rejections: Rejections, rates: pl.DataFrame, sheet: str) -> None:
    """Set aside areas without a CO2e rate, with one that is no number, or beyond any grid."""
    raw, value = pl.col("kg_co2e_per_kwh (raw)"), pl.col("kg_co2e_per_kwh")
    for failed, reason in (
        (raw.is_null(), "has no CO2e rate"),
        (raw.is_not_null() & value.is_null(), "is not a number"),
        (value < 0, "is negative, which an emission rate cannot be"),
        (value > _IMPLAUSIBLE, f"is above {_IMPLAUSIBLE:g} kg/kWh; is the unit in row 1 right?"),
    ):
        rejections.add_where(
            rates,
            failed.fill_null(False),
            pl.format("sheet {}, {}: the cell {}", pl.lit(sheet), "zone", pl.lit(reason)),
            column=f"{sheet} C2ERTA",
            value="kg_co2e_per_kwh (raw)",
        )


def _factors(rates: pl.DataFrame, year: int, sheet: str, name: str) -> pl.DataFrame:
    """Rates as rows of schema Factor."""
    revision = re.search(r"rev\s*(\d)", name, re.IGNORECASE)
    release = f"eGRID{year}" + (f" rev{revision[1]}" if revision else "")
    return rates.select(
        "row_number",
        pl.format(f"{slug('EPA ' + release)}-original-{{}}-location-direct-{year}", "zone").alias(
            "factor_id"
        ),
        "zone",
        pl.lit("location").alias("method"),
        pl.lit("direct").alias("basis"),
        pl.lit("CO2e").alias("gases"),
        pl.lit("AR5" if year >= FIRST_AR5_YEAR else None, pl.String).alias("gwp_set"),
        pl.datetime(year, 1, 1, time_unit="us", time_zone="UTC").alias("valid_from"),
        pl.datetime(year + 1, 1, 1, time_unit="us", time_zone="UTC").alias("valid_to"),
        pl.lit("year").alias("granularity"),
        *VARIABLE_MAP.values(),
        pl.lit(_PUBLISHER).alias("publisher"),
        pl.lit(release).alias("release"),
        pl.lit(str(year)).alias("vintage"),
        pl.lit(_LICENCE).alias("licence"),
        pl.lit(f"{name}, sheet {sheet}").alias("document"),
        pl.lit(True).alias("checked_against_original"),
    )
