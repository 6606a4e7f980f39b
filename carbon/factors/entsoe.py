"""ENTSO-E Transparency Platform: actual generation per production type (A75, XML; entsoe-py, CSV).

The platform has no emissions: factors are made of the generation mix (see `generation_mix`) with
the medians of IPCC AR5, direct and life-cycle. XML: every `Point` is a row, numbered through the
document; power in MW; of curve type A03 a position that is left out repeats the one before. CSV:
as `query_generation(...).to_csv()` of entsoe-py writes it, with one header row or two (type, and
Actual Aggregated or Actual Consumption). Codes are those of the platform; the XML's element names
are as third-party clients read them.
"""

import re
from dataclasses import replace
from typing import Final

import polars as pl

from carbon.factors.accept import as_factors
from carbon.factors.entsoe_codes import NAMES, OLDER_NAMES, TYPES, coded
from carbon.factors.entsoe_document import EMPTY, ROOT, generation_points
from carbon.factors.figures import identified, moments
from carbon.factors.generation_mix import hourly_intensity
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.tables import (
    Payload,
    Problem,
    RefusalError,
    Rejections,
    Table,
    decimal_mark,
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

_CODES: Final = {**{name: code for code, (name, _) in TYPES.items()}, **OLDER_NAMES}
_AGGREGATED: Final = "Actual Aggregated"
_CONSUMPTION: Final = "Actual Consumption"


def sniff(head: Head) -> Recognition:
    """Known by the root of the document; or by columns named as production types."""
    start = "\n".join(head.lines[:10])
    if head.kind == "text" and (f"<{ROOT}" in start or f"<{EMPTY}" in start):
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
        generation, rows = generation_points(payload, rejections)
        column = "quantity"
    else:
        generation, rows, zone, strange = _from_table(payload, rejections)
        column = "generation"
        if strange:
            said.append(
                Problem(
                    "Columns that name no production type of ENTSO-E are not in the mix: "
                    f"{', '.join(strange)}."
                )
            )
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


def _from_table(
    payload: Payload, rejections: Rejections
) -> tuple[pl.DataFrame, int, str, list[str]]:
    """Generation by interval, how many rows the table has, its area, and columns left out."""
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
    generation = pl.concat(parts)
    nowhere = table.frame.select(pl.col(others[0]).alias("raw")).with_columns(
        pl.Series("row_number", table.row_numbers)
    )
    rejections.add_where(
        nowhere,
        ~pl.col("row_number").is_in(generation["row_number"].implode()),
        "No generation in any column; leave the row out, or fill it.",
        column="generation",
        value="raw",
    )
    long = generation.join(starts, on="row_number", how="left", validate="m:1")
    frame = long.select(
        "row_number",
        pl.lit(zone).alias("zone"),
        "start",
        *coded(),
        "mw",
        pl.lit(True).alias("own"),
    )
    return frame, table.rows, zone, others[1:]


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
