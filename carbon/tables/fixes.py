"""Fixes of a whole column: the same slip in many cells, mended by one rule.

Text in, text out: a fix changes what is read, and the reader then judges it as it would any cell.
What it writes is unambiguous (ISO dates, numbers without a thousands separator), so that it cannot
change how the other rows of the file are understood.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon import units
from carbon.tables.datestyles import check_style, parse_styled
from carbon.tables.numbers import Mark
from carbon.tables.payload import RefusalError

KINDS: Final = ("unit", "dates", "decimal", "replace", "set", "strip")
"""`unit`: write this unit behind the number. `dates`: read them in this style, write them as ISO.
`decimal`: read the numbers with this decimal mark. `replace`: put another text in the place of one.
`set`: write this value in every cell. `strip`: leave these characters out."""

UNITS: Final = tuple(
    dict.fromkeys(
        unit
        for table in (
            units.ENERGY_KWH,
            units.POWER_W,
            units.MASS_KG,
            units.INTENSITY_KG_PER_KWH,
            units.HOURS,
        )
        for unit in table
    )
)
"""Units that may stand behind a number."""

DECIMAL_MARKS: Final = (".", ",")

_NUMBER: Final = r"^\s*([+-]?[\d.,'’ \u00a0\u202f]*\d[.,]?(?:[eE][+-]?\d+)?)\s*(.*)$"
_GROUPING: Final = "['’ \u00a0\u202f]"


@dataclass(frozen=True)
class Fix:
    """One rule for many cells.

    Attributes:
        kind: one of KINDS.
        value: the unit, the date style (`day first`, `month first` or a pattern such as
            `%d %b %Y`), the decimal mark that the cells use, the text that is sought, the value
            that is set, or the characters to leave out.
        other: of `replace`, what is written in place of the text.
    """

    kind: str
    value: str = ""
    other: str = ""


def check(fix: Fix) -> None:
    """Raise a RefusalError where a fix is not one, in words that say what it may be."""
    if fix.kind not in KINDS:
        raise RefusalError(f"There is no fix '{fix.kind}': there are {', '.join(KINDS)}.")
    if fix.kind == "unit" and fix.value not in UNITS:
        raise RefusalError(f"Unit '{fix.value}' is not known. Use one of {', '.join(UNITS)}.")
    if fix.kind == "decimal" and fix.value not in DECIMAL_MARKS:
        raise RefusalError("The decimal mark is a point or a comma.")
    if fix.kind == "dates":
        check_style(fix.value)
    if fix.kind in ("replace", "strip") and not fix.value:
        raise RefusalError(f"Say which {'text' if fix.kind == 'replace' else 'characters'}.")


def fixed(cells: pl.Series, fix: Fix, mark: Mark = ".") -> pl.Series:
    """Cells as the fix writes them; a cell that it does not fit stays as it is.

    Args:
        cells: text, null where a cell is empty.
        fix: the rule.
        mark: decimal mark of the file (`numbers.decimal_mark`), in which numbers are written.

    Raises:
        RefusalError: the fix is not one; the message says what it may be.
    """
    check(fix)
    text = cells.cast(pl.String)
    frame = pl.DataFrame({"cell": text})
    cell = pl.col("cell")
    if fix.kind == "set":
        return pl.Series(cells.name, [fix.value.strip() or None] * len(cells), dtype=pl.String)
    if fix.kind == "unit":
        written = frame.select(_with_unit(cell, fix.value))
    elif fix.kind == "decimal":
        written = frame.select(_decimal(cell, fix.value, mark))
    elif fix.kind == "dates":
        written = _dates(text, fix.value).to_frame()
    elif fix.kind == "replace":
        written = frame.select(cell.str.replace_all(fix.value, fix.other, literal=True))
    else:
        written = frame.select(cell.str.replace_many(list(fix.value), [""] * len(fix.value)))
    result = pl.select(pl.coalesce(written.to_series(), text).str.strip_chars()).to_series()
    return result.replace("", None).alias(cells.name)


def _with_unit(cell: pl.Expr, unit: str) -> pl.Expr:
    """The number of a cell with this unit behind it, whatever unit stood there."""
    return cell.str.extract(_NUMBER, 1).str.strip_chars() + pl.lit(f" {unit}")


def _decimal(cell: pl.Expr, used: str, mark: Mark) -> pl.Expr:
    """A number that uses one mark for decimals, written with the mark of its file."""
    grouping = "," if used == "." else "."
    number = (
        cell.str.extract(_NUMBER, 1)
        .str.replace_all(_GROUPING, "")
        .str.replace_all(grouping, "", literal=True)
        .str.replace(used, ".", literal=True)
    )
    # Three decimals could be read as thousands; a fourth, which is 0, says that they are not.
    plain = pl.when(number.str.contains(r"\.\d{3}$")).then(number + "0").otherwise(number)
    if mark in (",", ";"):
        plain = plain.str.replace(".", ",", literal=True)
    behind = cell.str.extract(_NUMBER, 2)
    return pl.when(behind == "").then(plain).otherwise(plain + " " + behind)


def _dates(cells: pl.Series, style: str) -> pl.Series:
    """Dates of a style as ISO text, as precise as they were; null where a cell does not fit."""
    parsed = parse_styled(cells, style)
    zone = pl.when("local").then(pl.lit("")).otherwise(pl.lit("Z"))
    instant = pl.col("instant")
    return parsed.select(
        pl.when(pl.col("precision") == "month")
        .then(instant.dt.strftime("%Y-%m"))
        .when(pl.col("precision") == "time")
        .then(instant.dt.strftime("%Y-%m-%dT%H:%M:%S") + zone)
        .otherwise(instant.dt.strftime("%Y-%m-%d"))
    ).to_series()
