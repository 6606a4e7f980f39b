"""ENTSO-E Transparency Platform: actual generation per production type (A75, XML; entsoe-py, CSV).

The platform has no emissions: factors are made of the generation mix (see `generation_mix`) with
the medians of IPCC AR5, direct and life-cycle. XML: every `Point` is a row, numbered through the
document; power in MW; of curve type A03 a position that is left out repeats the one before. CSV:
as `query_generation(...).to_csv()` of entsoe-py writes it, with one header row or two (type, and
Actual Aggregated or Actual Consumption). Codes are those of the platform; the XML's element names
are as third-party clients read them.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final
from xml.etree import ElementTree

import polars as pl

from carbon.factors.accept import as_factors
from carbon.factors.entsoe_codes import NAMES, TYPES, ZONES
from carbon.factors.figures import identified, moments
from carbon.factors.generation_mix import STORAGE, hourly_intensity
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.tables import (
    Payload,
    Problem,
    RefusalError,
    Rejections,
    Table,
    decimal_mark,
    parse_instant,
    parse_number,
    read_table,
)
from carbon.tables.numbers import Mark

NAME: Final = "entsoe-generation"
TITLE: Final = "ENTSO-E actual generation per type (XML or entsoe-py CSV)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("(time)", "Fossil Gas", "Nuclear", "Wind Onshore")

VARIABLE_MAP: Final = {name: fuel or "no figure" for name, fuel in TYPES.values()}
"""Production type -> fuel."""

_CODES: Final = {name: code for code, (name, _) in TYPES.items()}
_FUELS: Final = {code: fuel for code, (_, fuel) in TYPES.items() if fuel}
_AGGREGATED: Final = "Actual Aggregated"
_CONSUMPTION: Final = "Actual Consumption"
_ROOT: Final = "GL_MarketDocument"
_EMPTY: Final = "Acknowledgement_MarketDocument"
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
    "minutes": pl.Int64,
    "position": pl.Int64,
    "until": pl.Int64,
    "quantity": pl.String,
}


def sniff(head: Head) -> Recognition:
    """Known by the root of the document; or by columns named as production types."""
    start = "\n".join(head.lines[:10])
    if head.kind == "text" and (f"<{_ROOT}" in start or f"<{_EMPTY}" in start):
        return Recognition(1.0, "is a market document of ENTSO-E")
    if head.kind not in ("text", "xlsx"):
        return Recognition(0.0, f"the format does not come as {head.kind}")
    types = [c for c in head.columns if c.partition(" (")[0] in _CODES]
    if len(types) < 2:
        return Recognition(0.0, "also needs columns named as production types (Fossil Gas, …)")
    return Recognition(0.95, "has columns named as ENTSO-E's production types")


def read(payload: Payload, context: Context) -> FactorReading:
    """Read actual generation per type, and make hourly factors of it.

    Args:
        payload: the file. A CSV of entsoe-py does not say its area: it is taken from the file's
            name (`generation_DE_LU.csv`).
        context: evidence_id is used.

    Returns:
        Hourly location factors of basis direct and life-cycle [kg/kWh], computed from the mix.

    Raises:
        RefusalError: the document holds something else, no data, or no area.
    """
    rejections = Rejections()
    said: list[Problem] = []
    if payload.kind == "text" and payload.text.lstrip("\ufeff \t\r\n").startswith("<"):
        generation, rows = _from_xml(payload, rejections)
        column = "quantity"
    else:
        generation, rows, zone = _from_table(payload, rejections)
        column = "generation"
        said.append(Problem(f"The area {zone} was taken from the name of the file."))
    frame, notes = hourly_intensity(generation, "IPCC", rejections, column=column)
    factors = identified(
        frame.with_columns(pl.lit("location").alias("method")),
        "entsoe-mix",
        publisher="ENTSO-E (intensity computed from generation)",
        licence="user-supplied; ENTSO-E Transparency Platform terms",
        document=f"{payload.name}: generation; fuels: IPCC AR5 WG III, Table A.III.2",
        original=False,
        note="Generation-based estimate: sum(MWh x median of the fuel) / sum(MWh).",
    )
    return FactorReading(
        rows,
        as_factors(factors, context.evidence_id),
        rejections.frame(context.evidence_id),
        (*said, *notes),
    )


def _from_xml(payload: Payload, rejections: Rejections) -> tuple[pl.DataFrame, int]:
    """Generation by interval, and how many points the document has."""
    root = _parsed(payload)
    points = pl.DataFrame(list(_points(root)), schema=_POINTS, orient="row")
    if points.is_empty():
        raise RefusalError(f"{payload.name} holds no points. Ask for a period that has data.")
    started = parse_instant(points["from"], "UTC")
    values, reasons = parse_number(points["quantity"])
    points = points.with_columns(
        started["instant"].alias("start"),
        started["reason"].alias("no start"),
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
        )
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
    if name == _EMPTY:
        reason = next((e.text for e in root.iter() if _local(e) == "text" and e.text), "no data")
        raise RefusalError(
            f"{payload.name} is ENTSO-E's answer that there is no data: "
            f"{reason.strip().rstrip('.')}. Ask for a period that has data."
        )
    if name != _ROOT or _text(root, "type") != _DOCUMENT:
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
            last = _positions(start, end, minutes)
            following = [*positions[1:], None if last is None else last + 1]
            for point, position, after in zip(found, positions, following, strict=True):
                row += 1
                zone = area or drawn
                yield (
                    row,
                    ZONES.get(zone or "", zone),
                    code,
                    area is None,
                    start,
                    minutes,
                    position,
                    after,
                    _text(point, "quantity"),
                )


def _positions(start: str | None, end: str | None, minutes: int | None) -> int | None:
    """How many intervals a period has."""
    moments_of = parse_instant(pl.Series([start, end], dtype=pl.String), "UTC")["instant"]
    first, last = moments_of.to_list()
    if first is None or last is None or minutes is None or last <= first:
        return None
    return int((last - first).total_seconds() // (60 * minutes))


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
            *_coded(),
            "mw",
            (pl.col("again") == 0).alias("own"),
        )
    )


def _coded() -> tuple[pl.Expr, pl.Expr]:
    """The code of a production type and its fuel; what plants draw is none of the mix."""
    fuel = pl.col("code").replace_strict(_FUELS, default=None, return_dtype=pl.String)
    name = pl.col("code").fill_null("not stated")
    return (
        pl.when("draws").then(name + " (drawn)").otherwise(name).alias("code"),
        pl.when("draws").then(pl.lit(STORAGE)).otherwise(fuel).alias("fuel"),
    )


def _from_table(payload: Payload, rejections: Rejections) -> tuple[pl.DataFrame, int, str]:
    """Generation by interval, how many rows the table has, and its area."""
    zone = _area(payload.name)
    table = read_table(_one_header(payload), VARIABLE_MAP)
    rejections.add(table.defects)
    types = [c for c in table.columns if _type(c) is not None]
    others = [c for c in table.columns if _type(c) is None]
    if not types or not others:
        raise RefusalError(
            f"{payload.name} lacks a column of times, or columns named as production types."
        )
    starts = moments(table, others[0], rejections)
    mark = decimal_mark([table.frame[c] for c in types], table.delimiter, table.decimal)
    parts = [_column(table, c, mark, rejections) for c in types]
    long = pl.concat(parts).join(starts, on="row_number", how="left", validate="m:1")
    frame = long.select(
        "row_number",
        pl.lit(zone).alias("zone"),
        "start",
        *_coded(),
        "mw",
        pl.lit(True).alias("own"),
    )
    return frame, table.rows, zone


def _column(table: Table, column: str, mark: Mark, rejections: Rejections) -> pl.DataFrame:
    """One production type: row_number, code, draws and MW; an empty cell is no generation."""
    values, reasons = parse_number(table.frame[column], None, mark)
    frame = pl.DataFrame(
        {
            "row_number": table.row_numbers,
            "raw": table.frame[column],
            "mw": values,
            "reason": reasons,
        }
    )
    rejections.add_where(
        frame, pl.col("reason").is_not_null(), pl.col("reason"), column=column, value="raw"
    )
    code, draws = _type(column) or ("", False)
    return frame.select(
        "row_number", pl.lit(code).alias("code"), pl.lit(draws).alias("draws"), "mw"
    ).drop_nulls("mw")


def _type(column: str) -> tuple[str, bool] | None:
    """Code of a production type that a column names, and whether it is what plants draw."""
    name, _, part = column.partition(" | ")
    code = _CODES.get(name)
    return None if code is None else (code, part == _CONSUMPTION)


def _one_header(payload: Payload) -> Payload:
    """A table with two header rows (type, and aggregated or consumption) as one with one.

    A blank line takes the place of the second, so that row numbers stay those of the file.
    """
    lines = payload.text.split("\n", 3)
    if payload.kind != "text" or len(lines) < 3 or _AGGREGATED not in lines[1]:
        return payload
    first, second = lines[0].split(","), lines[1].split(",")
    header = [f"{a} | {b}" if a and b else a or "time" for a, b in zip(first, second, strict=False)]
    rest = lines[2:]
    # Where the index has a name, pandas writes it in a row of its own.
    if not any(cell.strip() for cell in rest[0].split(",")[1:]):
        rest[0] = ""
    return replace(payload, text="\n".join([",".join(header), "", *rest]))


def _area(name: str) -> str:
    """The zone that the file's name holds: `generation_DE_LU_2025.csv`."""
    stem = name.rpartition("/")[2].rpartition("›")[2].upper()
    words = [w for w in re.split(r"[^A-Z0-9]+", stem) if w]
    for size in (2, 1):
        for i in range(len(words) - size + 1):
            if (area := "_".join(words[i : i + size])) in NAMES:
                return NAMES[area]
    raise RefusalError(
        f"{name} does not say which area it is of: entsoe-py leaves it out. Name the file after "
        "the area, such as generation_DE_LU.csv, or save the XML."
    )


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _text(element: ElementTree.Element, name: str) -> str | None:
    """Text of the first child of that name."""
    found = next((e.text for e in element if _local(e) == name), None)
    return found.strip() if found and found.strip() else None


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
