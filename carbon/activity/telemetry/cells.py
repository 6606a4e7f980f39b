"""Cells of tables of samples: dates or counts since 1970, values with or without a unit."""

from typing import Final

import polars as pl

from carbon.activity.telemetry.epochs import FARAWAY, from_epoch
from carbon.tables import day_first, decimal_mark, parse_instant, parse_number
from carbon.units import POWER_W

UNITS: Final = {**POWER_W, "J": 1.0, "kJ": 1e3, "MJ": 1e6}
"""Units in which dashboards show W and J."""

NOT_MEASURED: Final = r"(?i)^(\[.*\]|nan|[+-]?inf(inity)?|null|none|undefined|n/?a|-|err!?|)$"
"""Cells that say that nothing was measured; nvidia-smi puts its words in brackets."""

_COUNT: Final = r"^\d{9,19}(\.\d+)?$"


def moments_of(cells: pl.Series, timezone: str) -> pl.DataFrame:
    """Moments of a column: time (UTC), reason (null where it is fine), local (no zone was met).

    Args:
        cells: text: dates and times, or counts since 1970 in s, ms, µs or ns.
        timezone: IANA zone of local times.
    """
    frame = pl.DataFrame({"cell": cells}).with_columns(
        counted=pl.col("cell").str.contains(_COUNT).fill_null(False)
    )
    epoch = from_epoch(pl.col("cell").cast(pl.Float64, strict=False))
    far = pl.when(pl.col("time").is_null()).then(pl.lit(FARAWAY))
    if bool(frame["counted"].all()):
        return frame.with_columns(time=epoch).select("time", reason=far, local=pl.lit(False))
    # Some locales write the fraction of a second behind a comma.
    comma = pl.col("cell").str.replace(r"^(\d{4}-\d\d-\d\d[T ][\d:]+),(\d+)", "$1.$2")
    text = frame.select(pl.when(~pl.col("counted")).then(comma)).to_series()
    found = parse_instant(text, timezone, day_first([text])).with_columns(frame)
    # A sample is a moment: a day without a time is its midnight, and a month is none.
    usable = pl.col("precision").is_in(["time", "day"]).fill_null(False)
    return found.select(
        time=pl.when("counted").then(epoch).when(usable).then("instant"),
        reason=pl.when("counted")
        .then(pl.when(epoch.is_null()).then(pl.lit(FARAWAY)))
        .otherwise(
            pl.coalesce("reason", pl.when(~usable).then(pl.lit("this is no moment in time")))
        ),
        local=pl.col("local"),
    )


def values_of(cells: pl.Series, delimiter: str | None) -> pl.DataFrame:
    """Values of a column: value (null where nothing was measured), reason (null where it is fine).

    Args:
        cells: text, a unit of power or energy may follow the number.
        delimiter: of the table; tells whether a comma is a decimal mark.
    """
    text = cells.fill_null("").str.strip_chars()
    stated = ~text.str.contains(NOT_MEASURED)
    plain = text.cast(pl.Float64, strict=False)
    odd = stated & plain.is_null()
    hard = pl.select(pl.when(odd).then(text)).to_series() if bool(odd.any()) else None
    frame = pl.DataFrame({"plain": plain, "stated": stated})
    if hard is None:
        return frame.select(value=pl.when("stated").then("plain"), reason=pl.lit(None, pl.String))
    parsed, reasons = parse_number(hard, UNITS, decimal_mark([text], delimiter, None))
    return frame.with_columns(parsed=parsed, reason=reasons).select(
        value=pl.when("stated").then(pl.coalesce("plain", "parsed")), reason="reason"
    )
