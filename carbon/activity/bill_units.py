"""Units of a bill -> what is counted, and how much of it one unit is.

A bill writes `Hrs`, `100 Hours`, `seconds`, `GB-Mo`, `1 GB/Month`, `byte-seconds`, `gibibyte`,
`1K tokens`, `1M`. Two rules hold for every provider:

* a GB of a bill is 2^30 bytes (Google says gibibyte; AWS and Azure mean it);
* a thousand or million stands for itself (`1K tokens` is 1000 tokens), but a block of hours or
  bytes (`100 Hours`) is only how the price is quoted: the quantity beside it counts single hours.
  Source: Microsoft, cost details (`x_PricingBlockSize`); Cloud Carbon Footprint reads it so.
"""

import re
from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.units import SECONDS_PER_HOUR

_HOURS: Final = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 1.0),
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1 / SECONDS_PER_HOUR),
    **dict.fromkeys(("min", "minute", "minutes"), 1 / 60),
    **dict.fromkeys(("day", "days"), 24.0),
}
_MONTHS: Final = ("mo", "mon", "mp", "month", "months")
_GB: Final = {
    **dict.fromkeys(("b", "byte", "bytes"), 2.0**-30),
    **dict.fromkeys(("kb", "kib", "kilobytes", "kibibyte", "kibibytes"), 2.0**-20),
    **dict.fromkeys(("mb", "mib", "megabytes", "mebibyte", "mebibytes"), 2.0**-10),
    **dict.fromkeys(("gb", "gib", "gigabyte", "gigabytes", "gibibyte", "gibibytes"), 1.0),
    **dict.fromkeys(("tb", "tib", "terabyte", "terabytes", "tebibyte", "tebibytes"), 2.0**10),
    **dict.fromkeys(("pb", "pib", "petabyte", "petabytes", "pebibyte", "pebibytes"), 2.0**20),
}
_CORES: Final = ("vcpu", "vcpus", "core", "cores", "vcore", "vcores", "cpu")
_COUNTS: Final = ("", "token", "tokens", "count", "counts", "unit", "units", "api tokens")
_THOUSANDS: Final = {"": 1.0, "k": 1e3, "m": 1e6, "b": 1e9}

_BLOCK: Final = re.compile(r"^(\d[\d,]*(?:\.\d+)?)?\s*([kmb](?![a-z]))?\s*(.*)$")


@dataclass(frozen=True)
class Unit:
    """What one unit of a bill is.

    Attributes:
        basis: "hours" (of whatever the SKU names), "vcpu_hours", "gb_hours", "gb_months", "gb",
            "months" (of a device), "count", or "" where it is something else.
        factor: how much of it one unit is: hours, GB-hours, GB-months, GB, months or ones.
    """

    basis: str
    factor: float


def read_unit(text: str) -> Unit:
    """The unit that a bill writes.

    Args:
        text: as it stands in the bill.
    """
    block, thousand, rest = _BLOCK.match(_plain(text)).groups()  # type: ignore[union-attr]
    if rest in _COUNTS:
        many = float((block or "1").replace(",", "")) * _THOUSANDS[thousand or ""]
        stated = rest != "" or block is not None or thousand is not None
        return Unit("count", many) if stated else Unit("", 0.0)
    words = [word for word in re.split(r"[\s/\-*.]+", rest) if word]
    # `1/Month` leaves a single word behind its stroke.
    if len(words) == 1 and rest.startswith("/") and words[0] in _MONTHS:
        return Unit("months", 1.0)
    return _of_words(words)


def _of_words(words: list[str]) -> Unit:
    unit = Unit("", 0.0)
    match words:
        case [word] if word in _HOURS:
            unit = Unit("hours", _HOURS[word])
        case [word] if word in _GB:
            unit = Unit("gb", _GB[word])
        case [word] if word in _MONTHS:
            unit = Unit("months", 1.0)
        case [what, span] if what in _GB and span in _MONTHS:
            unit = Unit("gb_months", _GB[what])
        case [what, span] if what in _GB and span in _HOURS:
            unit = Unit("gb_hours", _GB[what] * _HOURS[span])
        case [what, span] if what in _CORES and span in _HOURS:
            unit = Unit("vcpu_hours", _HOURS[span])
    return unit


def with_units(sums: pl.DataFrame) -> pl.DataFrame:
    """Sums with what their unit is: basis ("" where nobody knows it) and unit_factor.

    Args:
        sums: `unit` as it stands in the bill; null where it states none.
    """
    distinct = sums["unit"].drop_nulls().unique().sort()
    found = [(text, unit.basis, unit.factor) for text in distinct for unit in (read_unit(text),)]
    known = pl.DataFrame(
        found,
        schema={"unit": pl.String, "basis": pl.String, "unit_factor": pl.Float64},
        orient="row",
    )
    joined = sums.join(known, on="unit", how="left", validate="m:1", maintain_order="left")
    return joined.with_columns(pl.col("basis").fill_null(""), pl.col("unit_factor").fill_null(0.0))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
