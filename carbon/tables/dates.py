"""Text -> moments in UTC.

Read are ISO dates and date-times (blank or `T`, seconds and fractions optional, `Z` or an offset
or none), `YYYY/MM/DD`, `YYYYMMDD`, `DD.MM.YYYY`, months (`YYYY-MM`), and the day numbers of
spreadsheets where the file is one. Of `a/b/YYYY` day and month are told apart by the column: one
value above 12 decides for all; what stays open is refused.

A date without a time is a UTC calendar label, whatever the time zone, because months of the
footprint are. A time without a zone is local time of the given zone: an hour that daylight saving
repeats is its first occurrence, an hour that it skips is the same instant an hour later.

Moments outside of EARLIEST to LATEST are slips of the pen, and are refused: no later step then
needs to reckon with the year 1 or 9999.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from carbon.tables.numbers import blank_to_null
from carbon.tables.payload import RefusalError

_TIME: Final = (
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?\s*([AaPp][Mm])?"
    r"\s*(Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$"
)
_YMD: Final = r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _TIME
_COMPACT: Final = r"^(\d{4})(\d{2})(\d{2})" + _TIME
_DMY: Final = r"^(\d{1,2})\.(\d{1,2})\.(\d{4})" + _TIME
_SLASH: Final = r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})" + _TIME
_MONTH: Final = r"^(\d{4})[-/](\d{1,2})$"
_SERIAL: Final = r"^(\d{5})(\.\d+)?$"
_EXCEL_EPOCH: Final = datetime(1899, 12, 30)

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""The span in which every date of a file must lie, both ends included."""

FAR: Final = "lies outside of 1990 to 2100; write a date within it, such as 2025-03-04"
"""What is said of a date, or of a moment reckoned from one, that does not."""

_OFFSET_SECONDS: Final = 3600

Order = bool | None
"""Of a/b/YYYY: True day first, False month first, None not told."""


def check_timezone(timezone: str) -> None:
    """Raise a RefusalError where the IANA time zone is not known."""
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise RefusalError(
            f"Time zone '{timezone}' is not known. Use an IANA name such as Europe/Berlin or UTC."
        ) from error


def day_first(columns: Iterable[pl.Series]) -> Order:
    """Whether `a/b/YYYY` in these columns is day first; None where no value above 12 tells."""
    texts = [series.cast(pl.String) for series in columns]
    if not texts:
        return None
    groups = pl.DataFrame({"t": pl.concat(texts)}).select(
        pl.col("t").str.strip_chars().str.extract_groups(_SLASH).alias("g")
    )
    first, second = (
        groups.select(pl.col("g").struct.field(n).cast(pl.Int32)).to_series().drop_nulls()
        for n in ("1", "2")
    )
    day, month = bool((first > 12).any()), bool((second > 12).any())
    return day if day != month else None


def parse_instant(
    series: pl.Series, timezone: str = "UTC", order: Order = None, *, serial_dates: bool = False
) -> pl.DataFrame:
    """Moments of a text column.

    Args:
        series: cells as text.
        timezone: IANA zone of times that carry none.
        order: of `a/b/YYYY`, from `day_first`.
        serial_dates: a bare five-digit number is a spreadsheet's day number.

    Returns:
        One row per cell: `instant` (UTC, microseconds; null where nothing is stated or it
        failed), `precision` ("month", "day" or "time"), `local` (a time without a zone was met),
        `reason` (null where the cell is fine).

    Raises:
        RefusalError: the time zone is not known.
    """
    check_timezone(timezone)
    cells = pl.DataFrame({"raw": series.cast(pl.String)}).select(blank_to_null("raw").alias("text"))
    # A file repeats its dates; each distinct text is read once.
    distinct = _parse(cells.unique(maintain_order=True), timezone, order, serial_dates)
    return cells.join(
        distinct, on="text", how="left", nulls_equal=True, validate="m:1", maintain_order="left"
    ).drop("text")


def _parse(frame: pl.DataFrame, timezone: str, order: Order, serial_dates: bool) -> pl.DataFrame:
    """`parse_instant` of distinct texts, which it keeps."""
    steps = frame.lazy().with_columns(_parts(order)).unnest("parts")
    stamp = pl.format(
        "{}-{}-{}T{}:{}:{}{}",
        *[pl.col(c).str.zfill(w) for c, w in _WIDTHS],
        pl.col("fraction").fill_null(".0").str.head(7),
    ).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    steps = steps.with_columns(stamp.alias("stamp"))
    if serial_dates:
        steps = steps.with_columns(pl.coalesce("stamp", _from_serial()).alias("stamp"))
    # A zone moves a moment by less than a day: what is far is dropped before zones are reckoned.
    near = pl.col("stamp").is_between(
        pl.lit(EARLIEST.replace(tzinfo=None)) - pl.duration(days=1),
        pl.lit(LATEST.replace(tzinfo=None)) + pl.duration(days=1),
    )
    steps = steps.with_columns(
        pl.when(near).then("stamp").alias("stamp"), (~near).fill_null(False).alias("far")
    )
    steps = steps.with_columns(_precision(), _zone_seconds())
    steps = steps.with_columns(_instant(timezone).alias("instant"))
    within = pl.col("instant").is_between(EARLIEST, LATEST)
    steps = steps.with_columns(
        pl.when(within).then("instant").alias("instant"), pl.col("far") | ~within.fill_null(True)
    )
    return steps.select(
        "text",
        "instant",
        "precision",
        ((pl.col("precision") == "time") & pl.col("offset_s").is_null())
        .fill_null(False)
        .alias("local"),
        _reason(order).alias("reason"),
    ).collect()


_WIDTHS: Final = (
    ("year", 4),
    ("month", 2),
    ("day", 2),
    ("hour", 2),
    ("minute", 2),
    ("second", 2),
)


def _parts(order: Order) -> pl.Expr:
    """Year to zone of each cell, as text, by the first pattern that fits."""
    text = pl.col("text")
    slash = text.str.extract_groups(_SLASH).struct
    first, second = slash.field("1").cast(pl.Int32), slash.field("2").cast(pl.Int32)
    is_day_first = (
        pl.when(first > 12)
        .then(True)
        .when((second > 12) | (first == second))
        .then(False)
        .otherwise(pl.lit(order, pl.Boolean))
    )
    found = [
        (text.str.contains(_YMD), _groups(_YMD, ("1", "2", "3"))),
        (text.str.contains(_COMPACT), _groups(_COMPACT, ("1", "2", "3"))),
        (text.str.contains(_DMY), _groups(_DMY, ("3", "2", "1"))),
        (text.str.contains(_SLASH) & is_day_first, _groups(_SLASH, ("3", "2", "1"))),
        (text.str.contains(_SLASH) & ~is_day_first, _groups(_SLASH, ("3", "1", "2"))),
        (text.str.contains(_MONTH), _month_groups()),
    ]
    return pl.coalesce(pl.when(fits).then(groups) for fits, groups in found).alias("parts")


def _groups(pattern: str, ymd: tuple[str, str, str]) -> pl.Expr:
    found = pl.col("text").str.extract_groups(pattern).struct
    half = found.field("8").str.to_lowercase()
    hour = found.field("4").cast(pl.Int32, strict=False)
    twelve = (
        pl.when(half.is_null())
        .then(hour)
        .when((hour > 12) | (hour == 0))
        .then(99)
        .otherwise(hour % 12 + pl.when(half == "pm").then(12).otherwise(0))
    )
    return pl.struct(
        found.field(ymd[0]).alias("year"),
        found.field(ymd[1]).alias("month"),
        found.field(ymd[2]).alias("day"),
        twelve.cast(pl.String).fill_null("00").alias("hour"),
        found.field("5").fill_null("00").alias("minute"),
        found.field("6").fill_null("00").alias("second"),
        found.field("7").alias("fraction"),
        found.field("9").alias("zone"),
        found.field("4").is_not_null().alias("timed"),
    )


def _month_groups() -> pl.Expr:
    found = pl.col("text").str.extract_groups(_MONTH).struct
    zero = pl.lit("00")
    return pl.struct(
        found.field("1").alias("year"),
        found.field("2").alias("month"),
        pl.lit("01").alias("day"),
        zero.alias("hour"),
        zero.alias("minute"),
        zero.alias("second"),
        pl.lit(None, pl.String).alias("fraction"),
        pl.lit(None, pl.String).alias("zone"),
        pl.lit(False).alias("timed"),
    )


def _from_serial() -> pl.Expr:
    """Day number of a spreadsheet (1900 system) -> date-time, to the second."""
    number = pl.when(pl.col("text").str.contains(_SERIAL)).then(
        pl.col("text").cast(pl.Float64, strict=False)
    )
    seconds = (number * 86400).round(0).cast(pl.Int64)
    return pl.lit(_EXCEL_EPOCH, pl.Datetime("us")) + pl.duration(seconds=seconds)


def _precision() -> pl.Expr:
    midnight = pl.col("stamp").dt.time() == pl.time(0, 0, 0)
    return (
        pl.when(pl.col("stamp").is_null())
        .then(None)
        .when(pl.col("text").str.contains(_MONTH))
        .then(pl.lit("month"))
        .when(pl.col("text").str.contains(_SERIAL))
        .then(pl.when(midnight).then(pl.lit("day")).otherwise(pl.lit("time")))
        .when("timed")
        .then(pl.lit("time"))
        .otherwise(pl.lit("day"))
        .alias("precision")
    )


def _zone_seconds() -> pl.Expr:
    """Offset from UTC in seconds; null where the cell states no zone."""
    zone = pl.col("zone")
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    hours = zone.str.extract(r"^[+-](\d{2})").cast(pl.Int64)
    minutes = zone.str.extract(r"^[+-]\d{2}:?(\d{2})$").cast(pl.Int64).fill_null(0)
    return (
        pl.when(zone.str.starts_with("+") | zone.str.starts_with("-"))
        .then(sign * (hours * _OFFSET_SECONDS + minutes * 60))
        .when(zone.is_not_null())
        .then(0)
        .alias("offset_s")
    )


def _instant(timezone: str) -> pl.Expr:
    stamp = pl.col("stamp")
    shifted = (stamp - pl.duration(seconds=pl.col("offset_s"))).dt.replace_time_zone("UTC")

    def localised(moment: pl.Expr) -> pl.Expr:
        return moment.dt.replace_time_zone(
            timezone, ambiguous="earliest", non_existent="null"
        ).dt.convert_time_zone("UTC")

    hour = pl.duration(hours=1)
    local = pl.coalesce(localised(stamp), localised(stamp - hour) + hour)
    return (
        pl.when(pl.col("offset_s").is_not_null())
        .then(shifted)
        .when(pl.col("precision") == "time")
        .then(local)
        .otherwise(stamp.dt.replace_time_zone("UTC"))
    )


def _reason(order: Order) -> pl.Expr:
    text = pl.col("text")
    return (
        pl.when(text.is_null() | pl.col("instant").is_not_null())
        .then(None)
        .when("far")
        .then(pl.lit(f"this date {FAR}"))
        .when(text.str.contains(_SLASH) & pl.col("year").is_null() & pl.lit(order is None))
        .then(pl.lit("day and month cannot be told apart; write 2025-03-04"))
        .when(pl.col("year").is_not_null())
        .then(pl.lit("this date does not exist; write it as 2025-03-04"))
        .otherwise(pl.lit("this is not a date; write 2025-03-04 or 2025-03-04T10:30:00Z"))
    )
