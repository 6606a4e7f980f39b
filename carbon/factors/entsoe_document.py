"""The XML of ENTSO-E's actual generation per type: its points as rows.

Element names are as third-party clients read them. A document is parsed by the standard library;
one that declares entities is refused before.
"""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

import polars as pl

from carbon.factors.entsoe_codes import ZONES, coded
from carbon.tables import Payload, RefusalError, Rejections, parse_instant, parse_number

ROOT: Final = "GL_MarketDocument"
EMPTY: Final = "Acknowledgement_MarketDocument"
_DOCUMENT: Final = "A75"
_MINUTES: Final = {"PT15M": 15, "PT30M": 30, "PT60M": 60, "PT1H": 60}
_LONGEST: Final = 400 * 96
"""Positions of a period that are followed: a year of quarter-hours and some."""

_POINTS: Final = {
    "row_number": pl.Int64,
    "zone": pl.String,
    "code": pl.String,
    "draws": pl.Boolean,
    "from": pl.String,
    "to": pl.String,
    "minutes": pl.Int64,
    "position": pl.Int64,
    "next": pl.Int64,
    "last": pl.Boolean,
    "quantity": pl.String,
}


def generation_points(payload: Payload, rejections: Rejections) -> tuple[pl.DataFrame, int]:
    """Generation by interval, and how many points the document has.

    Args:
        payload: the file.
        rejections: where points go without a quantity, a time or an area.

    Returns:
        row_number (position of the point in the document), zone, start (UTC), code, fuel, mw [MW]
        and own (false where a point of curve type A03 is repeated); and the number of points.

    Raises:
        RefusalError: no such document, or one that says that there is no data.
    """
    root = _parsed(payload)
    points = pl.DataFrame(list(_points(root)), schema=_POINTS, orient="row")
    if points.is_empty():
        raise RefusalError(f"{payload.name} holds no points. Ask for a period that has data.")
    values, reasons = parse_number(points["quantity"])
    points = points.with_columns(
        parse_instant(points["from"], "UTC")["instant"].alias("start"),
        parse_instant(points["to"], "UTC")["instant"].alias("end"),
        values.alias("mw"),
        reasons.alias("no number"),
    )
    known = pl.col("minutes").is_not_null() & pl.col("position").is_between(1, _LONGEST)
    for failed, reason, name in (
        (pl.col("no number").is_not_null(), pl.col("no number"), "quantity"),
        (pl.col("mw").is_null(), pl.lit("quantity is empty"), "quantity"),
        (
            pl.col("start").is_null(),
            pl.lit("the period has no start that can be read"),
            "timeInterval",
        ),
        (
            ~known.fill_null(False),
            pl.lit("the point's position, or the resolution of its period, cannot be read"),
            "position",
        ),
        (pl.col("zone").is_null(), pl.lit("the time series names no area"), "inBiddingZone_Domain"),
    ):
        rejections.add_where(points, failed, reason, column=name, value="quantity")
    points = points.with_columns(
        (pl.col("start") + pl.duration(minutes=pl.col("minutes") * (pl.col("position") - 1))).alias(
            "start"
        ),
        _until().alias("until"),
    )
    return _repeated(points), points.height


def _parsed(payload: Payload) -> ElementTree.Element:
    if re.search(r"<!(DOCTYPE|ENTITY)", payload.text, re.IGNORECASE):
        raise RefusalError(
            f"{payload.name} declares entities, which ENTSO-E's documents do not. Fetch it again."
        )
    try:
        root = ElementTree.fromstring(payload.text.lstrip("\ufeff \t\r\n"))
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        raise RefusalError(
            f"{payload.name} is not XML that can be read ({error}). It may be cut off; fetch it "
            "again."
        ) from error
    name = _local(root)
    if name == EMPTY:
        reason = next((e.text for e in root.iter() if _local(e) == "text" and e.text), "no data")
        raise RefusalError(
            f"{payload.name} is ENTSO-E's answer that there is no data: "
            f"{reason.strip().rstrip('.')}. Ask for a period that has data."
        )
    if name != ROOT or _text(root, "type") != _DOCUMENT:
        raise RefusalError(
            f"{payload.name} is the document {name} of type {_text(root, 'type')}. Read is actual "
            f"generation per type: documentType={_DOCUMENT}, processType=A16."
        )
    return root


def _points(root: ElementTree.Element) -> Iterator[tuple[object, ...]]:
    """Each point with what its series and period say of it."""
    row = 0
    for series in (e for e in root if _local(e) == "TimeSeries"):
        area = _text(series, "inBiddingZone_Domain.mRID")
        # A series with an out-domain is what plants of the type draw.
        drawn = _text(series, "outBiddingZone_Domain.mRID")
        code = next((e.text for e in series.iter() if _local(e) == "psrType"), None)
        for period in (e for e in series if _local(e) == "Period"):
            minutes = _MINUTES.get(_text(period, "resolution") or "")
            start = next((e.text for e in period.iter() if _local(e) == "start"), None)
            end = next((e.text for e in period.iter() if _local(e) == "end"), None)
            found = [e for e in period if _local(e) == "Point"]
            positions = [_whole(_text(point, "position")) for point in found]
            following = [*positions[1:], None]
            for index, point in enumerate(found):
                row += 1
                zone = area or drawn
                yield (
                    row,
                    ZONES.get(zone or "", zone),
                    code,
                    area is None,
                    start,
                    end,
                    minutes,
                    positions[index],
                    following[index],
                    index == len(found) - 1,
                    _text(point, "quantity"),
                )


def _until() -> pl.Expr:
    """The position up to which a point holds: that of the next, or behind the period's last."""
    whole = pl.col("end") - pl.col("start")
    intervals = whole.dt.total_seconds() // (60 * pl.col("minutes"))
    behind = pl.when(whole > pl.duration(minutes=0)).then(intervals + 1)
    return pl.when("last").then(behind).otherwise("next")


def _repeated(points: pl.DataFrame) -> pl.DataFrame:
    """Each point at its own interval, and again for positions that are left out behind it."""
    more = (pl.col("until") - pl.col("position") - 1).clip(0, _LONGEST).fill_null(0)
    return (
        points.with_columns(pl.int_ranges(0, more + 1).alias("again"))
        .explode("again")
        .select(
            "row_number",
            "zone",
            (pl.col("start") + pl.duration(minutes=pl.col("minutes") * pl.col("again"))).alias(
                "start"
            ),
            *coded(),
            "mw",
            (pl.col("again") == 0).alias("own"),
        )
    )


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(element: ElementTree.Element, name: str) -> str | None:
    """Text of the first child of that name."""
    found = next((e.text for e in element if _local(e) == name), None)
    return found.strip() if found and found.strip() else None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
