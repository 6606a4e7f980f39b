"""What period a row of a mapped file stands for."""

import polars as pl

from carbon.activity.mapping.model import STEPS, Mapping, Origin
from carbon.activity.period import close_period, reject_empty_period
from carbon.activity.sheet import Sheet
from carbon.tables import parse_instant
from carbon.tables.datestyles import parse_styled

LABELS = ("day", "month", "quarter", "year")
"""Periods that are calendar labels: their first moment is midnight UTC, whatever the zone."""


DATES = {"start": "period_start", "end": "period_end"}
"""Field of a mapping -> house column."""


LONGEST_HOURS = 100 * 366 * 24
"""A period that lasts longer is a slip of the unit."""


def read_mapped_period(sheet: Sheet, mapping: Mapping, timezone: str) -> None:
    """Parse `period_start` and `period_end` in place, as the mapping's period says.

    An hour, or less, starts at the moment of its date. A day, month, quarter or year is that in
    which the date lies by the clock of its own zone, and a UTC label as all of the house's are.

    Args:
        sheet: the rows under house names, numbers parsed.
        mapping: its `period`, date styles and the origins of start and end.
        timezone: IANA zone of times that carry none.
    """
    _require(sheet, mapping)
    for field, house in DATES.items():
        if house in sheet.frame.columns:
            _instants(sheet, mapping, mapping.fields.get(field, Origin()), house, timezone)
        else:
            sheet.frame = sheet.frame.with_columns(
                pl.lit(None, pl.Datetime("us", "UTC")).alias(house)
            )
    if mapping.period == "span":
        close_period(sheet)
    elif mapping.period == "duration":
        _by_length(sheet)
    else:
        _by_step(sheet, mapping.period, timezone)


def _require(sheet: Sheet, mapping: Mapping) -> None:
    """Set aside rows in which what the period follows from is empty."""
    needed = ["start"]
    if mapping.period == "span":
        needed = ["start", "end"]
    elif mapping.period == "duration":
        needed = [field for field in DATES if sheet.has(DATES[field])]
        sheet.reject(
            pl.col("duration (raw)").is_null() & pl.col("duration").is_null(),
            f"{sheet.column('duration')} is empty; every row needs it",
            "duration",
        )
    sheet.require(
        DATES[field] for field in needed if not mapping.fields.get(field, Origin()).constant
    )


def _instants(sheet: Sheet, mapping: Mapping, origin: Origin, house: str, timezone: str) -> None:
    """Parse one column of dates in place, adding `(raw)`, `(precision)` and `(local)`."""
    text = sheet.frame[house]
    other = {"period_start": "period_end", "period_end": "period_start"}[house]
    raw = f"{other} (raw)"
    beside = [sheet.frame[name] for name in (raw, other) if name in sheet.frame.columns][:1]
    parsed = parse_styled(
        text,
        origin.style or mapping.dates,
        timezone,
        serial_dates=sheet.serial_dates,
        beside=[series for series in beside if series.dtype == pl.String],
    )
    if origin.constant:
        constant = parse_instant(pl.Series([origin.constant]), timezone)
        parsed = pl.select(
            pl.when(text.is_null())
            .then(pl.lit(constant[name].item(), constant[name].dtype))
            .otherwise(parsed[name])
            .alias(name)
            for name in parsed.columns
        )
    sheet.frame = sheet.frame.with_columns(
        parsed["instant"].dt.cast_time_unit("us").alias(house),
        parsed["precision"].alias(f"{house} (precision)"),
        parsed["local"].alias(f"{house} (local)"),
        text.alias(f"{house} (raw)"),
        parsed["reason"].alias("(reason)"),
    )
    sheet.reject(pl.col("(reason)").is_not_null(), pl.col("(reason)"), house)
    sheet.frame = sheet.frame.drop("(reason)")
    sheet.local_times = sheet.local_times or bool(parsed["local"].any())


def _by_length(sheet: Sheet) -> None:
    """The missing end from the other and the length of the period."""
    sheet.reject(
        pl.col("duration") > LONGEST_HOURS,
        "this is longer than a century; check the unit of the column",
        "duration",
    )
    sheet.frame = sheet.frame.with_columns(
        pl.when(pl.col("duration") <= LONGEST_HOURS).then("duration").alias("duration")
    )
    length = pl.duration(microseconds=(pl.col("duration") * 3.6e9).round(0).cast(pl.Int64))
    sheet.frame = sheet.frame.with_columns(
        pl.coalesce("period_start", pl.col("period_end") - length).alias("period_start"),
        pl.coalesce("period_end", pl.col("period_start") + length).alias("period_end"),
    )
    reject_empty_period(sheet)


def _by_step(sheet: Sheet, period: str, timezone: str) -> None:
    """The hour, day, month... of one date."""
    start, step = pl.col("period_start"), STEPS[period]
    if period in LABELS:
        by_the_clock = start.dt.convert_time_zone(timezone).dt.replace_time_zone(None)
        label = (
            pl.when("period_start (local)")
            .then(by_the_clock)
            .otherwise(start.dt.replace_time_zone(None))
        )
        start = label.dt.truncate(step).dt.replace_time_zone("UTC")
    sheet.frame = sheet.frame.with_columns(start.alias("period_start")).with_columns(
        pl.col("period_start").dt.offset_by(step).alias("period_end")
    )
