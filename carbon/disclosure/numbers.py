"""Numbers as a person reads them, the same in every locale: 1 234.5 t, never 1.2345e3.

Thousands are parted by a narrow no-break space and decimals by a point (ISO 80000-1 style), so
that neither a comma nor a point can be mistaken. A figure that is not known is printed as words,
never as 0.
"""

import math
from typing import Final

THIN: Final = "\u202f"
NOT_KNOWN: Final = "not known"
MINUS: Final = "\u2212"


def fixed(value: float | None, decimals: int = 0) -> str:
    """The value with `decimals` places; a non-zero value too small to show is `< 0.01`."""
    if value is None or math.isnan(value):
        return NOT_KNOWN
    smallest = 10.0**-decimals
    if 0 < abs(value) < smallest / 2:
        return ("< " if value > 0 else f"> {MINUS}") + _grouped(smallest, decimals)
    return _grouped(value, decimals)


def significant(value: float | None, digits: int = 3) -> str:
    """The value to `digits` significant digits: 46.7, 0.00123, 1 230; 0 is 0."""
    if value is None or math.isnan(value):
        return NOT_KNOWN
    if value == 0:
        return "0"
    magnitude = math.floor(math.log10(abs(value)))
    rounded = round(value, digits - 1 - magnitude)
    if rounded != 0:
        magnitude = math.floor(math.log10(abs(rounded)))
    return _grouped(rounded, max(0, digits - 1 - magnitude))


def plain(value: float | None, digits: int = 6) -> str:
    """Up to `digits` significant digits, without zeros that say nothing: 0.05, 1.56, 700."""
    text = significant(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: float | None, decimals: int = 0) -> str:
    """A share of 1 as a percentage. What is short of all is never rounded up to 100 %, what is
    more than nothing never down to 0 %."""
    if share is None or math.isnan(share):
        return NOT_KNOWN
    smallest = 10.0**-decimals
    shown = round(share * 100, decimals)
    if share < 1 and shown >= 100:
        return f"> {100 - smallest:.{decimals}f}{THIN}%"
    if share > 0 and shown <= 0:
        return f"< {smallest:.{decimals}f}{THIN}%"
    return f"{_grouped(shown, decimals)}{THIN}%"


def decimals_for(largest: float | None) -> int:
    """Decimals that give a column, whose largest value is given, about four digits."""
    if largest is None or math.isnan(largest) or abs(largest) >= 1000:
        return 1
    if abs(largest) >= 10:
        return 2
    return 3


def _grouped(value: float, decimals: int) -> str:
    text = f"{abs(value):,.{decimals}f}".replace(",", THIN)
    negative = value < 0 and text.strip("0.") != ""
    return MINUS + text if negative else text
