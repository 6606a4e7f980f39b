"""Runs that a tracker measured: their span of time, and the last step of their readers."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal

import polars as pl

from carbon.activity.accept import activity_reading
from carbon.activity.sheet import Sheet
from carbon.activity.source import Context, Reading
from carbon.activity.subdivisions import subdivision
from carbon.tables.dates import EARLIEST, FAR, LATEST

MICROSECONDS: Final = 1e6
EPOCH_UNITS: Final = {1.0: "seconds", 1e3: "milliseconds", 1e9: "nanoseconds"}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def span_of_duration(
    sheet: Sheet, anchor: Literal["period_start", "period_end"], duration: str = "duration_s"
) -> None:
    """Fill in the other end of a run from one end and its length, in place.

    Args:
        sheet: with the anchor as a moment (see `Sheet.instants`, `epoch`) and the duration [s] as
            a number. Rows whose duration or other end cannot be are set aside.
        anchor: the end of the run that the source states.
        duration: house column of the duration.
    """
    other = "period_start" if anchor == "period_end" else "period_end"
    micros = (pl.col(duration) * MICROSECONDS).round(0)
    # Longer than the span in which dates may lie; beyond it a timestamp could overflow.
    longest = (LATEST - EARLIEST).total_seconds() * MICROSECONDS
    possible = (micros >= 1) & (micros < longest)
    sheet.reject(
        pl.col(duration).is_not_null() & ~possible & (pl.col(duration) >= 0),
        "the duration must be more than 0 seconds, and less than 110 years",
        duration,
    )
    length = pl.duration(microseconds=pl.when(possible).then(micros).cast(pl.Int64))
    sign = pl.col(anchor) - length if anchor == "period_end" else pl.col(anchor) + length
    sheet.frame = sheet.frame.with_columns(sign.alias(other))
    sheet.reject(
        (pl.col(other) < EARLIEST) | (pl.col(other) > LATEST),
        f"the start of the run, its timestamp less its duration, {FAR}"
        if anchor == "period_end"
        else f"the end of the run, its start and its duration, {FAR}",
        duration,
    )


def epoch(sheet: Sheet, house: str, per_second: float = 1.0) -> None:
    """Read a column of numbers as moments since 1970 (UTC), in place; `<house> (raw)` is its text.

    Args:
        sheet: the column is still text.
        house: the column.
        per_second: of EPOCH_UNITS: 1 for seconds, 1000 for milliseconds, 1e9 for nanoseconds.
    """
    sheet.numbers({house: None}, least=None)
    micros = pl.col(house) * (MICROSECONDS / per_second)
    low, high = ((moment - _EPOCH).total_seconds() * MICROSECONDS for moment in (EARLIEST, LATEST))
    within = micros.is_between(low, high)
    unit = EPOCH_UNITS[per_second]
    sheet.reject(~within, f"this moment, in {unit} since 1970, {FAR}", house)
    moment = pl.from_epoch(pl.when(within).then(micros).round(0).cast(pl.Int64), time_unit="us")
    sheet.frame = sheet.frame.with_columns(moment.dt.replace_time_zone("UTC").alias(house))


def epochs_as_dates(sheet: Sheet, *houses: str) -> None:
    """Write cells that hold seconds since 1970 as dates, in place, and leave any other as it is."""
    for house in houses:
        seconds = pl.col(house).str.contains(r"^\d{10}(\.\d{1,9})?$")
        micros = (pl.col(house).cast(pl.Float64, strict=False) * MICROSECONDS).cast(
            pl.Int64, strict=False
        )
        date = pl.from_epoch(pl.when(seconds).then(micros), time_unit="us").dt.strftime(
            "%Y-%m-%dT%H:%M:%S%.6fZ"
        )
        sheet.frame = sheet.frame.with_columns(pl.coalesce(date, house).alias(house))


def country_and_zone(text: pl.Series, context: Context) -> pl.DataFrame:
    """Country and grid zone of places written in words (`FR`, `france`, `US/California`).

    Args:
        text: country, or country and subdivision with a slash or comma between.
        context: countries and zones that are known.

    Returns:
        one row per cell: country (alpha-2) and zone, null where not known.
    """
    distinct = {cell: _place(cell, context) for cell in text.unique().drop_nulls().sort()}
    rows = [distinct.get(cell, (None, None)) if cell is not None else (None, None) for cell in text]
    return pl.DataFrame(rows, schema={"country": pl.String, "zone": pl.String}, orient="row")


def run_reading(
    sheet: Sheet,
    frame: pl.DataFrame,
    format: str,
    context: Context,
    *,
    defaults: Mapping[str, pl.Expr] | None = None,
) -> Reading:
    """A Reading of runs: stamps what every row bears and checks the rows against the schema."""
    stamped = frame.with_columns(
        pl.lit(context.evidence_id).alias("evidence_id"), pl.lit(format).alias("format")
    )
    absent = {"superseded_in_file": pl.lit(False), **(defaults or {})}
    missing = [expr.alias(name) for name, expr in absent.items() if name not in stamped.columns]
    return activity_reading(
        stamped.with_columns(missing),
        sheet.rows,
        sheet.rejections,
        context,
        sheet.notes,
        local_times=sheet.local_times,
    )


def stamp(column: str) -> pl.Expr:
    """A moment as text for keys."""
    return pl.col(column).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")


def _place(cell: str, context: Context) -> tuple[str | None, str | None]:
    words = [word.strip() for word in cell.replace(",", "/").split("/") if word.strip()]
    country = next(
        (context.countries[w.casefold()] for w in words if w.casefold() in context.countries), None
    )
    for word in words:
        code = subdivision(country, word) or word
        zone = context.zones.get(code.casefold())
        if zone is not None and zone != country:
            return country or context.zone_countries.get(zone), zone
    return country, None
