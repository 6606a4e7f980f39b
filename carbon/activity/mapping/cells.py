"""What the cells of an unknown column are: numbers, dates, and in which style."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.tables import parse_number
from carbon.tables.datestyles import AUTO, parse_styled

PATTERNS: Final = (
    *("%b %Y", "%B %Y", "%Y %b", "%m/%Y", "%m.%Y", "%m-%Y", "%b-%y", "%b %y", "%Y%m", "%YM%m"),
    *("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d.%m.%y"),
    *("%d %b %Y %H:%M", "%d-%b-%Y %H:%M:%S", "%b %d, %Y %H:%M", "%d.%m.%y %H:%M"),
    *("%a %b %d %H:%M:%S %Y", "%Y"),
)
"""Date patterns that are tried where no other style fits."""

MOST: Final = 0.8
"""Share of a column's cells that must fit before it is taken for numbers or dates."""

_WITH_UNIT: Final = r"^[+-]?\d[\d.,' ]*\s*[A-Za-zµ%][A-Za-z0-9/]{0,11}$"


@dataclass(frozen=True)
class Seen:
    """What the cells of a column are: numbers, dates (and in which style, how precise and how many
    seconds apart)."""

    number: bool = False
    style: str | None = None
    precision: str = ""
    first_of_month: bool = False
    ambiguous: bool = False
    step: int | None = None


def seen_in(series: pl.Series, serial_dates: bool) -> Seen:
    """What a column's cells are, by those that state anything.

    Args:
        series: cells as text.
        serial_dates: a bare five-digit number may be a spreadsheet's day number.
    """
    cells = series.drop_nulls()
    if cells.is_empty():
        return Seen()
    values, reasons = parse_number(cells)
    # A unit behind the number does not make it less of one, nor a mark that is not told apart.
    unsure = reasons.str.starts_with("this could mean").fill_null(False)
    fits = values.is_not_null() | unsure | cells.str.contains(_WITH_UNIT)
    number = int(fits.sum()) >= MOST * len(cells)
    whole = values.drop_nulls()
    epoch = number and _all_between(whole, 9.4e8, 4.1e9)
    milli = number and _all_between(whole, 9.4e11, 4.1e12)
    if epoch or milli:
        style = "epoch s" if epoch else "epoch ms"
        return Seen(number, style, "time", step=_apart(parse_styled(cells, style)["instant"]))
    for style in (AUTO, *PATTERNS):
        if number and style == AUTO and not serial_dates and not _compact(cells):
            continue
        if number and style not in (AUTO, "%Y%m", "%Y", "%m.%Y", "%d.%m.%y"):
            continue
        parsed = parse_styled(cells, style, serial_dates=serial_dates)
        good = parsed["instant"].drop_nulls()
        ambiguous = bool(parsed["reason"].str.contains("told apart").any())
        if good.len() >= MOST * cells.len() or (style == AUTO and ambiguous):
            precise = parsed["precision"].drop_nulls()
            return Seen(
                number,
                style,
                str(precise.mode().sort().last()) if len(precise) else "day",
                bool((good.dt.day() == 1).all()) and len(good) > 1,
                ambiguous,
                _apart(good),
            )
    return Seen(number)


def _apart(moments: pl.Series) -> int | None:
    """Seconds between one moment and the next, where nearly all are equally far apart."""
    gaps = moments.drop_nulls().unique().sort().diff().drop_nulls().dt.total_seconds()
    if gaps.is_empty():
        return None
    usual = int(gaps.mode().sort().first())  # type: ignore[arg-type]
    return usual if int((gaps == usual).sum()) >= MOST * len(gaps) else None


def _compact(cells: pl.Series) -> bool:
    return bool(cells.str.contains(r"^(19|20)\d{6}$").all())


def _all_between(values: pl.Series, least: float, most: float) -> bool:
    return not values.is_empty() and bool(values.is_between(least, most).all())
