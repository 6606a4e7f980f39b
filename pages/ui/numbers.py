"""Numbers and words as a person reads them, the same in every locale.

Thousands are parted by a narrow no-break space and decimals by a point, so that neither a comma
nor a point can be mistaken. Headlines carry three significant digits; tables and lineage carry
full precision. A figure that is not known is words, never 0.
"""

import math
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

THIN: Final = "\u202f"
"""Narrow no-break space between thousands, and between a number and its unit."""

NOT_KNOWN: Final = "not known"
MINUS: Final = "\u2212"

_ADDRESS: Final = re.compile(r"https?:|www|\w(?=@)|mailto:|xmpp:", re.IGNORECASE)
"""Where Markdown would begin to see a link or a mail address."""

_MARKDOWN: Final = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]()<>#+-.!|~$:^&="})


def significant(value: float | None, digits: int = 3) -> str:
    """The value to `digits` significant digits: 46.7, 0.001 23, 1 230; 0 stays 0."""
    if value is None or math.isnan(value):
        return NOT_KNOWN
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    rounded = round(value, digits - 1 - magnitude)
    magnitude = math.floor(math.log10(abs(rounded)))
    text = f"{abs(rounded):,.{max(0, digits - 1 - magnitude)}f}".replace(",", THIN)
    return (MINUS if rounded < 0 else "") + text


def full(value: float | None) -> str:
    """The value as it stands, up to ten significant digits, with thousands parted."""
    if value is None or math.isnan(value):
        return NOT_KNOWN
    text = f"{abs(value):,.10g}" if 1e-4 <= abs(value) < 1e15 or value == 0 else f"{abs(value):g}"
    return (MINUS if value < 0 else "") + text.replace(",", THIN)


def _scaled(value: float | None, steps: tuple[tuple[float, str], ...]) -> tuple[str, str]:
    """Number and unit, in the largest unit of `steps` that leaves at least 1."""
    if value is None or math.isnan(value):
        return NOT_KNOWN, ""
    for size, unit in steps:
        if abs(value) >= size:
            return significant(value / size), unit
    size, unit = steps[-1]
    return significant(value / size), unit


def stated(value: float | None) -> str:
    """A number as a file states it: six decimals at most, no trailing zeros."""
    if value is None or math.isnan(value):
        return NOT_KNOWN
    text = f"{abs(value):,.6f}".rstrip("0").rstrip(".")
    if 0 < abs(value) < 1e-3:
        text = f"{abs(value):.6g}"
    return (MINUS if value < 0 else "") + text.replace(",", THIN)


def mass(kg: float | None) -> str:
    """An emission [kgCO2e] in t, kg or g of CO2e: `46.7 t`, `842 kg`."""
    number, unit = _scaled(kg, ((1e3, "t"), (1.0, "kg"), (1e-3, "g")))
    return f"{number}{THIN}{unit}".rstrip(THIN) if kg != 0 else f"0{THIN}kg"


def energy(kwh: float | None) -> str:
    """An energy [kWh] in GWh, MWh or kWh."""
    number, unit = _scaled(kwh, ((1e6, "GWh"), (1e3, "MWh"), (1.0, "kWh")))
    return f"{number}{THIN}{unit}".rstrip(THIN)


def watt_hours(wh: float | None) -> str:
    """An energy [Wh] in GWh, MWh, kWh or Wh: figures per request stay in one unit."""
    number, unit = _scaled(wh, ((1e9, "GWh"), (1e6, "MWh"), (1e3, "kWh"), (1.0, "Wh")))
    return f"{number}{THIN}{unit}".rstrip(THIN)


def grams(g: float | None) -> str:
    """A mass [gCO2e] in t, kg or g: figures per request stay in one unit."""
    number, unit = _scaled(g, ((1e6, "t"), (1e3, "kg"), (1.0, "g")))
    return f"{number}{THIN}{unit}".rstrip(THIN)


def between(low: float | None, high: float | None, write: Callable[[float | None], str]) -> str:
    """A 95 % interval, each end as `write` writes it."""
    if low is None or high is None:
        return "95 % interval not known"
    return f"95{THIN}% interval {write(low)} to {write(high)}"


def interval(low: float | None, high: float | None) -> str:
    """A 95 % interval [kgCO2e], both ends in the unit of the upper one."""
    if low is None or high is None:
        return "95 % interval not known"
    size, unit = (1e3, "t") if abs(high) >= 1e3 else (1.0, "kg")
    return f"95{THIN}% interval {significant(low / size)} to {significant(high / size)}{THIN}{unit}"


def percent(share: float | None) -> str:
    """A share of 1 as a percentage; what is short of all is never shown as 100 %."""
    if share is None or math.isnan(share):
        return NOT_KNOWN
    whole = round(share * 100)
    if whole >= 100 and share < 1 - 1e-12:
        return f"> 99{THIN}%"
    if whole <= 0 and share > 0:
        return f"< 1{THIN}%"
    return f"{whole}{THIN}%"


def relative(change: float | None) -> str:
    """A relative change as `+3.2 %`, to a thousandth of a per cent at most."""
    if change is None or math.isnan(change):
        return NOT_KNOWN
    share = round(change, 5)
    text = significant(share * 100, 2 if abs(share) < 0.1 else 3)
    return f"{'+' if share > 0 else ''}{text}{THIN}%"


def integer(number: int) -> str:
    """A whole number: `1 234`."""
    return f"{number:,}".replace(",", THIN)


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 row`, `1 234 rows`."""
    return f"{integer(number)} {one if number == 1 else many or one + 's'}"


def month_name(month: str | None) -> str:
    """`2025-08` -> `Aug 2025`."""
    if not month:
        return "not known"
    return date.fromisoformat(f"{month[:7]}-01").strftime("%b %Y")


def period(first: str | None, last: str | None) -> str:
    """`Aug 2025 to Sep 2026`, or one month alone."""
    if not first or not last:
        return "no period yet"
    if first[:7] == last[:7]:
        return month_name(first)
    return f"{month_name(first)} to {month_name(last)}"


def day(moment: str | None) -> str:
    """The calendar day of an ISO moment: `2025-08-01T00:00:00Z` -> `1 Aug 2025`."""
    if not moment:
        return "not known"
    found = date.fromisoformat(moment[:10])
    return f"{found.day} {found.strftime('%b %Y')}"


def plain(text: object, *, links: bool = False) -> str:
    """User text inside Markdown: every character stands for itself.

    Args:
        text: what to show.
        links: whether an address may become a link, as for the document of a factor; else an
            invisible word joiner keeps it text.
    """
    clean = " ".join(str(text).split())
    if not links:
        clean = _ADDRESS.sub("\\g<0>\u2060", clean)
    return clean.translate(_MARKDOWN)


def last_day(moment: str | None) -> str:
    """The last calendar day before an exclusive end: `2025-09-01T00:00:00Z` -> `31 Aug 2025`."""
    if not moment:
        return "not known"
    end = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return day((end - timedelta(microseconds=1)).date().isoformat())
