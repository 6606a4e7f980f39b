"""Dates in a style that the user states: day or month first, a pattern, seconds since 1970.

Each style turns cells into ISO text, which `dates.parse_instant` then reads: time zones, daylight
saving and the span of possible dates are decided in one place.
"""

import re
from collections.abc import Iterable
from typing import Final

import polars as pl

from carbon.tables.dates import day_first, parse_instant
from carbon.tables.numbers import blank_to_null
from carbon.tables.payload import RefusalError

AUTO: Final = "auto"
ORDERS: Final = {"day first": True, "month first": False}
EPOCHS: Final = {"epoch s": 1_000_000, "epoch ms": 1_000}
"""Style -> microseconds of one unit since 1970-01-01 UTC."""

STYLES: Final = (AUTO, *ORDERS, *EPOCHS)
"""Styles by name; any other is a pattern of `strptime`, such as `%d %b %Y`."""

_ORDERED: Final = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})"
_NUMBER: Final = r"^\d{1,17}(\.\d+)?$"
_ISO: Final = "%Y-%m-%dT%H:%M:%S%.f"

_YEAR: Final = ("%Y", "%y", "%D", "%F", "%c", "%x", "%v", "%s")
_MONTH: Final = ("%m", "%b", "%B", "%h", "%j", "%D", "%F", "%c", "%x", "%v", "%s")
_DAY: Final = ("%d", "%e", "%j", "%D", "%F", "%c", "%x", "%v", "%s")
_TIME: Final = ("%H", "%I", "%k", "%l", "%T", "%R", "%r", "%X", "%c", "%s", "%+")
_MINUTE: Final = ("%M", "%T", "%R", "%r", "%X", "%c", "%s", "%+")
_ZONE: Final = ("%z", "%:z", "%#z", "%s", "%+")


def check_style(style: str) -> None:
    """Raise a RefusalError where a date style is neither a name of STYLES nor a usable pattern."""
    if style in STYLES:
        return
    if not _has(style, _YEAR):
        raise RefusalError(
            f"Date style '{style}' is not known. Use one of {', '.join(STYLES)}, or a pattern with "
            "a year, such as %d %b %Y."
        )
    try:
        _by_pattern(pl.Series(["2025"]), style)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise RefusalError(
            f"Date pattern '{style}' cannot be read. Write it as %Y-%m-%d or %d %b %Y %H:%M."
        ) from error


def parse_styled(
    series: pl.Series,
    style: str = AUTO,
    timezone: str = "UTC",
    *,
    serial_dates: bool = False,
    beside: Iterable[pl.Series] = (),
) -> pl.DataFrame:
    """Moments of a text column whose style is stated.

    Args:
        series: cells as text.
        style: one of STYLES, or a pattern of `strptime`; a pattern without a day is a month, one
            without a month a year.
        timezone: IANA zone of times that carry none.
        serial_dates: a bare five-digit number is a spreadsheet's day number (style `auto`).
        beside: other columns of dates, which help to tell day and month apart (style `auto`).

    Returns:
        As `dates.parse_instant`; `precision` may also be "year".

    Raises:
        RefusalError: the style or the time zone is not known.
    """
    if style == AUTO:
        order = day_first([series, *beside])
        return parse_instant(series, timezone, order, serial_dates=serial_dates)
    check_style(style)
    text = pl.DataFrame({"t": series.cast(pl.String)}).select(blank_to_null("t")).to_series()
    if style in ORDERS:
        iso, remedy = _by_order(text, ORDERS[style]), f"write it with the {style}"
    elif style in EPOCHS:
        iso, remedy = _by_epoch(text, EPOCHS[style]), f"it should be a count as in '{style}'"
    else:
        iso, remedy = _by_pattern(text, style), f"it should look like {style}"
    parsed = parse_instant(iso, timezone)
    unlike = text.is_not_null() & iso.is_null()
    return parsed.with_columns(
        reason=pl.when(unlike)
        .then(pl.lit(f"this does not fit the stated date style; {remedy}"))
        .otherwise("reason"),
        precision=pl.when((pl.col("precision") == "month") & pl.lit(_is_year(style)))
        .then(pl.lit("year"))
        .otherwise("precision"),
    )


def _by_order(text: pl.Series, day_leads: bool) -> pl.Series:
    """`4/3/2025 10:00` as ISO text; what has its year first stays as it is."""
    year_first = r"^\d{4}[-/.]?\d{2}"
    turned = pl.col("t").str.replace(_ORDERED, "${3}-${2}-${1}" if day_leads else "${3}-${1}-${2}")
    return (
        pl.DataFrame({"t": text})
        .select(
            pl.when(pl.col("t").str.contains(_ORDERED))
            .then(turned)
            .when(pl.col("t").str.contains(year_first))
            .then("t")
            .alias(text.name)
        )
        .to_series()
    )


def _by_epoch(text: pl.Series, microseconds: int) -> pl.Series:
    """A count since 1970 as ISO text with its zone; nulls where it is no number."""
    number = pl.when(pl.col("t").str.contains(_NUMBER)).then(
        pl.col("t").cast(pl.Float64, strict=False)
    )
    stamp = (number * microseconds).round(0).cast(pl.Int64, strict=False)
    return (
        pl.DataFrame({"t": text})
        .select(
            stamp.cast(pl.Datetime("us"), strict=False).dt.strftime(f"{_ISO}Z").alias(text.name)
        )
        .to_series()
    )


def _by_pattern(text: pl.Series, pattern: str) -> pl.Series:
    """Cells of a pattern as ISO text, as precise as the pattern is."""
    added_text, added_pattern = "", ""
    for parts, directive, least in (
        (_MONTH, "%m", "01"),
        (_DAY, "%d", "01"),
        (_MINUTE, "%M", "00"),
    ):
        if not _has(pattern, parts) and (directive != "%M" or _has(pattern, _TIME)):
            added_text, added_pattern = f"{added_text} {least}", f"{added_pattern} {directive}"
    timed, zoned = _has(pattern, _TIME), _has(pattern, _ZONE)
    kind = pl.Datetime("us", "UTC" if zoned else None) if timed else pl.Date
    shown = _ISO + ("Z" if zoned else "") if timed else "%Y-%m-%d"
    if not timed and not _has(pattern, _DAY):
        shown = "%Y-%m"
    return (
        pl.DataFrame({"t": text})
        .select(
            (pl.col("t") + pl.lit(added_text))
            .str.strptime(kind, pattern + added_pattern, strict=False)
            .dt.strftime(shown)
            .alias(text.name)
        )
        .to_series()
    )


def _is_year(style: str) -> bool:
    return style not in STYLES and not _has(style, _MONTH) and not _has(style, _TIME)


def _has(pattern: str, directives: Iterable[str]) -> bool:
    """Whether a pattern holds one of the directives; `%%` is a percent sign."""
    found = set(re.findall(r"%(?:[-_0]?[:#.]*\d*)[A-Za-z+]", pattern.replace("%%", "")))
    plain = {re.sub(r"[-_0]", "", directive, count=1) for directive in found}
    return not plain.isdisjoint(directives)
