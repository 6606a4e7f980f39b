"""UK Government GHG conversion factors (DESNZ, formerly DEFRA): electricity.

Two layouts of the yearly publication. The flat file has one factor a row (`Level 1` to `Level 4`,
`UOM`, `GHG/Unit`, `GHG Conversion Factor 2025`); the full and the condensed set have a sheet a
topic, with tables headed `Activity`, `Unit`, `kg CO2e` under titles and prose. Names as
third-party importers read them, editions 2022 to 2026. Read are kg CO2e per kWh of UK electricity:

* electricity generated -> location, direct (Scope 2);
* transmission and distribution -> td_loss, direct: the loss of one kWh *consumed* (Scope 3);
* well-to-tank of generation -> upstream, life-cycle (Scope 3); that of the losses stands in its
  note, because a zone has one upstream factor a year.

The edition's year is the year that it applies to, not the data year.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.factors.accept import as_factors
from carbon.factors.calendar import year_told
from carbon.factors.figures import MOST_PLAUSIBLE
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.tables import (
    Payload,
    Problem,
    RefusalError,
    Rejections,
    match_names,
    parse_number,
    read_table,
)
from carbon.tables.workbook import sheet_cells, sheet_names

NAME: Final = "uk-desnz"
TITLE: Final = "UK Government GHG conversion factors (flat file or full set)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = (
    "Scope",
    "Level 1",
    "Level 2",
    "UOM",
    "GHG/Unit",
    "GHG Conversion Factor 2025",
)

_FLAT: Final = ("Level 1", "Level 2", "UOM", "GHG/Unit")
_FIGURE: Final = "GHG Conversion Factor"
VARIABLE_MAP: Final = {
    "Scope": "scope",
    "Level 1": "topic",
    "Level 2": "activity",
    "UOM": "unit",
    "GHG/Unit": "gas",
    **{f"{_FIGURE} {year}": "kg_co2e_per_kwh" for year in range(2014, 2050)},
}
"""The source's names -> the house's."""


@dataclass(frozen=True)
class _Kind:
    """What an activity of the publication is in the house."""

    method: str
    basis: str
    note: str


KINDS: Final = {
    "electricity generated": _Kind(
        "location", "direct", "Electricity generation. The edition year is not the data year."
    ),
    "t&d- uk electricity": _Kind(
        "td_loss", "direct", "Transmission and distribution losses: Scope 3 category 3."
    ),
    "wtt- uk electricity (generation)": _Kind(
        "upstream", "lifecycle", "Well-to-tank of generation: Scope 3 category 3."
    ),
}
"""Activity, in lower case -> method and basis."""

_LOSS_UPSTREAM: Final = "wtt- uk electricity (t&d)"
_SHEETS: Final = ("uk electricity", "transmission and distribution", "wtt- uk electricity")
_OLD_SHEETS: Final = ("wtt- uk & overseas elec",)
_TOTAL: Final = "kg co2e"


def sniff(head: Head) -> Recognition:
    """Known by the columns of the flat file, or by the sheets of the full set."""
    figure = any(column.startswith(_FIGURE) for column in head.columns)
    if figure and set(_FLAT) <= set(head.columns):
        return Recognition(0.98, "has the columns of the UK conversion factors' flat file")
    named = {sheet.strip().casefold() for sheet in head.sheets}
    if set(_SHEETS[:2]) <= named:
        return Recognition(0.97, "has the sheets of the UK conversion factors")
    return Recognition(0.0, f"also needs {', '.join(_FLAT)} and {_FIGURE}")


def read(payload: Payload, context: Context) -> FactorReading:
    """Read the electricity factors of one edition.

    Args:
        payload: the flat file, or the full or condensed set.
        context: evidence_id is used.

    Returns:
        Location, td_loss and upstream factors of GB [kgCO2e/kWh]. Its rows are those of UK
        electricity in kg CO2e per kWh; all other rows of the publication are counted in a note.

    Raises:
        RefusalError: neither layout is there, no row is of UK electricity, or no year is told.
    """
    rejections = Rejections()
    named = list(sheet_names(payload.data)) if payload.kind == "xlsx" else []
    sheets = [s for s in named if s.strip().casefold() in (*_SHEETS, *_OLD_SHEETS)]
    flat = not sheets or any("factors by category" in s.casefold() for s in named)
    rows, others, year, column = _flat(payload, rejections) if flat else _full_set(payload, sheets)
    if rows.is_empty() and not rejections.rows.len():
        raise RefusalError(
            f"{payload.name} holds no factor of UK electricity in kg CO2e per kWh. Take the flat "
            "file or the full set of the UK Government's conversion factors."
        )
    factors = _factors(rows, year, payload.name, rejections, column)
    noted = int((rows["activity"] == _LOSS_UPSTREAM).sum())
    return FactorReading(
        factors["row_number"].n_unique() + rejections.rows.len(),
        as_factors(factors, context.evidence_id),
        rejections.frame(context.evidence_id),
        (
            Problem(
                f"Read are the rows of UK electricity; {others + noted} others of the publication "
                "are not."
            ),
        ),
    )


def _flat(payload: Payload, rejections: Rejections) -> tuple[pl.DataFrame, int, int, str]:
    """Rows of UK electricity in the flat file, how many others, the edition, and the column."""
    table = read_table(payload, VARIABLE_MAP)
    rejections.add(table.defects)
    found, _ = match_names(table.columns, VARIABLE_MAP)
    figure = next((own for name, own in found.items() if name.startswith(_FIGURE)), None)
    missing = [name for name in _FLAT if name not in found]
    if missing or figure is None:
        raise RefusalError(
            f"{payload.name} lacks {', '.join(missing) or _FIGURE}. Take the flat file or the full "
            "set of the UK Government's conversion factors."
        )
    level, unit, gas = (
        pl.col(found[name]).str.strip_chars().str.to_lowercase()
        for name in ("Level 2", "UOM", "GHG/Unit")
    )
    wanted = table.numbered().filter(
        level.is_in([*KINDS, _LOSS_UPSTREAM]) & (unit == "kwh") & (gas == _TOTAL)
    )
    year = year_told([figure])
    rows = wanted.select("row_number", level.alias("activity"), pl.col(figure).alias("raw"))
    if year is None:
        raise RefusalError(f"{payload.name}: the column '{figure}' names no year.")
    return rows, table.frame.height - rows.height, year, figure


def _full_set(payload: Payload, sheets: Sequence[str]) -> tuple[pl.DataFrame, int, int, str]:
    """Rows of UK electricity in the sheets of a set, how many others, edition and column.

    The row number is that of the sheet, plus 1000 for the second sheet that is read and so on.
    """
    parts, others, years = [], 0, []
    for index, sheet in enumerate(sheets):
        cells = sheet_cells(payload.name, payload.data, sheet)
        rows, years_of = _tables_of(cells, 1000 * index)
        wanted = rows.filter(pl.col("activity").is_in([*KINDS, _LOSS_UPSTREAM]))
        parts.append(wanted)
        others += rows.height - wanted.height
        years += years_of
    year = year_told([str(y) for y in dict.fromkeys(years)])
    if year is None:
        raise RefusalError(f"{payload.name} does not say which year's factors it holds.")
    return pl.concat(parts), others, year, _TOTAL


_ROW: Final = {"row_number": pl.Int64, "activity": pl.String, "raw": pl.String}


def _tables_of(cells: pl.DataFrame, offset: int) -> tuple[pl.DataFrame, list[str]]:
    """Rows per kWh of every table of a sheet that is headed `Activity … kg CO2e`, and its years.

    Labels are printed once and hold for the rows below; a blank row ends a table.
    """
    found: list[tuple[int, str, str | None]] = []
    years: list[str] = []
    header: dict[str, int] = {}
    activity = ""
    # A sheet of this publication has some dozens of rows.
    for number, row in enumerate(cells.rows(), start=1):
        texts = [(cell or "").strip() for cell in row]
        plain = [text.casefold() for text in texts]
        if "activity" in plain and _TOTAL in plain:
            header = {
                name: plain.index(name)
                for name in ("activity", "unit", "year", _TOTAL)
                if name in plain
            }
            activity = ""
            continue
        if not any(texts):
            header = {}
        years += re.findall(r"(?<!\d)20[1-4]\d(?!\d)", " ".join(texts)) if "year:" in plain else []
        if not header:
            continue
        activity = plain[header["activity"]] or activity
        if "unit" in header and plain[header["unit"]] == "kwh":
            found.append((offset + number, activity, texts[header[_TOTAL]] or None))
            years += [texts[header["year"]].removesuffix(".0")] if "year" in header else []
    return pl.DataFrame(found, schema=_ROW, orient="row"), [y for y in years if y]


def _factors(
    rows: pl.DataFrame, year: int, name: str, rejections: Rejections, column: str
) -> pl.DataFrame:
    """Rows of UK electricity as factors of schema Factor."""
    values, reasons = parse_number(rows["raw"])
    rows = rows.with_columns(values.alias("kg_co2e_per_kwh"), reasons.alias("reason"))
    kg = pl.col("kg_co2e_per_kwh")
    on_top = rows.filter(activity=_LOSS_UPSTREAM)["kg_co2e_per_kwh"].drop_nulls()
    rows = rows.filter(pl.col("activity") != _LOSS_UPSTREAM)
    for failed, reason in (
        (pl.col("reason").is_not_null(), pl.col("reason")),
        (kg.is_null() & pl.col("reason").is_null(), pl.lit("the factor is empty")),
        ((kg < 0).fill_null(False), pl.lit("an emission factor cannot be negative")),
        ((kg > MOST_PLAUSIBLE).fill_null(False), pl.lit("this is more than any grid emits")),
    ):
        rejections.add_where(rows, failed, reason, column=column, value="raw")
    rows = rejections.keep(rows)
    note = pl.col("activity").replace_strict({k: v.note for k, v in KINDS.items()})
    if on_top.len():
        told = f" Well-to-tank of the losses ({on_top[0]:g} kgCO2e/kWh) comes on top."
        upstream = pl.col("method") == "upstream"
        note = pl.when(upstream).then(note + pl.lit(told)).otherwise(note)
    return rows.with_columns(
        pl.col("activity").replace_strict({k: v.method for k, v in KINDS.items()}).alias("method"),
        pl.col("activity").replace_strict({k: v.basis for k, v in KINDS.items()}).alias("basis"),
    ).select(
        "row_number",
        pl.format(f"desnz-{year}-original-GB-{{}}-{{}}-{year}", "method", "basis").alias(
            "factor_id"
        ),
        pl.lit("GB").alias("zone"),
        "method",
        "basis",
        pl.lit("CO2e").alias("gases"),
        pl.datetime(year, 1, 1, time_unit="us", time_zone="UTC").alias("valid_from"),
        pl.datetime(year + 1, 1, 1, time_unit="us", time_zone="UTC").alias("valid_to"),
        pl.lit("year").alias("granularity"),
        "kg_co2e_per_kwh",
        pl.lit("UK DESNZ (DEFRA)").alias("publisher"),
        pl.lit(f"{year}, the publisher's file").alias("release"),
        pl.lit("Open Government Licence v3.0").alias("licence"),
        pl.lit(f"{name}: UK Government GHG Conversion Factors for Company Reporting {year}").alias(
            "document"
        ),
        pl.lit(True).alias("checked_against_original"),
        note.alias("note"),
    )
