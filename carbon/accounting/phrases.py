"""How findings say things: energies, shares, rows and names."""

from typing import Final

import polars as pl

KWH: Final = pl.col("energy_facility_kwh")

NAMED: Final = 6
"""How many places or workloads a sentence names before it says how many more there are."""


def energy_of(lines: pl.DataFrame) -> float:
    return float(lines["energy_facility_kwh"].sum())


def in_kwh(kwh: float) -> str:
    """An energy as a sentence gives it; the thousands' space reads the same in every language."""
    return f"{kwh:,.0f} kWh".replace(",", "\u202f")


def percent(part: float, total: float) -> str:
    return f"{part / total:.1%}" if total else "0 %"


def count_rows(lines: pl.DataFrame) -> str:
    count = lines.select(pl.struct("evidence_id", "row_number").n_unique()).item()
    return "1 row" if count == 1 else f"{count:,} rows".replace(",", "\u202f")


def source_lines(rows: pl.DataFrame) -> int:
    """How many lines of files rows sum up: several rows of one line are one line."""
    of_row = rows.group_by("evidence_id", "row_number").agg(pl.col("source_rows").max())
    return int(of_row["source_rows"].fill_null(1).sum())


def workloads_of(lines: pl.DataFrame) -> tuple[str, ...]:
    return tuple(lines["workload"].unique().sort().to_list())


def listed(values: pl.Series) -> str:
    names = values.unique().sort().to_list()
    more = len(names) - NAMED
    named = ", ".join(str(name) for name in names[:NAMED])
    return f"{named} and {more} more" if more > 0 else named
