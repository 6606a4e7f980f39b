"""Emissions that a tracker or a card states of its own rows: kept for comparison, in no figure.

A tracker multiplies with a factor of its own, most often a life-cycle one of another year, so its
emissions are never taken. Divided by the energy beside them they tell that factor, and a row that
was copied from another one, or whose units are wrong, shows in it.
"""

from typing import Final

import polars as pl

from carbon.activity.sheet import Sheet
from carbon.tables.names import plain
from carbon.tables.numbers import decimal_mark, parse_number
from carbon.units import MASS_KG

COLUMN: Final = "stated_kg_co2e"

KG_BY_NAME: Final = {
    "emissions_kg": 1.0,
    "emissions_kg_co2e": 1.0,
    "kg_co2e": 1.0,
    "kgco2e": 1.0,
    "emissions_t": 1e3,
    "emissions_t_co2e": 1e3,
    "t_co2e": 1e3,
    "tco2e": 1e3,
    "emissions_g": 1e-3,
    "co2_eq_emissions": 1e-3,
}
"""Columns that people add to a table of their own -> kilograms of a bare number in them. The last
is the name on model cards of Hugging Face, where it is in grams."""


def keep_emissions(sheet: Sheet, column: str, *, kg: float = 1.0) -> None:
    """Add `stated_kg_co2e` [kg] from a column of the sheet; null where it says nothing readable.

    A cell that is no number is no reason to set its row aside: nothing is computed from it.

    Args:
        sheet: where the column is still text.
        column: the house's name of it.
        kg: kilograms that a bare number counts in: 0.001 for grams.
    """
    cells = sheet.frame[column] if sheet.has(column) else None
    sheet.frame = sheet.frame.with_columns(_kilograms(sheet, cells, kg))


def keep_added_emissions(sheet: Sheet) -> None:
    """Add `stated_kg_co2e` [kg] from the first column of the user's own whose name tells it."""
    for name in sheet.extra.columns:
        if kg := KG_BY_NAME.get(plain(name)):
            sheet.frame = sheet.frame.with_columns(_kilograms(sheet, sheet.extra[name], kg))
            return
    sheet.frame = sheet.frame.with_columns(_kilograms(sheet, None, 1.0))


def _kilograms(sheet: Sheet, cells: pl.Series | None, kg: float) -> pl.Series:
    if cells is None:
        return pl.Series(COLUMN, [None] * sheet.frame.height, dtype=pl.Float64)
    mark = decimal_mark([cells], sheet.delimiter, sheet.decimal)
    values, _ = parse_number(cells, MASS_KG, mark, bare=kg)
    seen = pl.col(COLUMN)
    readable = pl.when(seen.is_finite() & (seen >= 0)).then(seen).alias(COLUMN)
    return values.alias(COLUMN).to_frame().select(readable).to_series()
