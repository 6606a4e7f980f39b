"""A synthetic zone: what tests of seasons share.

S is 1.20 in January and 0.85 in summer; the twelve add up to 12, so their mean is 1. With a level
of 0.4 kg/kWh a month's factor is 0.4 x S.
"""

from collections.abc import Sequence

SEASON = (1.20, 1.15, 1.05, 0.95, 0.90, 0.85, 0.85, 0.85, 0.95, 1.00, 1.10, 1.15)
SOUTH = (*SEASON[6:], *SEASON[:6])
"""The same half a year later: winter in July."""
LEVEL = 0.4

HEADER = (
    "zone,valid_from,valid_to,method,basis,kg_co2e_per_kwh,publisher,release,vintage,licence,"
    "document"
)


def following(year: int, month: int) -> tuple[int, int]:
    return (year + 1, 1) if month == 12 else (year, month + 1)


def first_day(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}-01"


def monthly_file(
    zone: str,
    years: Sequence[int],
    *,
    season: Sequence[float] = SEASON,
    level: float = LEVEL,
    publisher: str = "Grid",
    release: str = "series",
) -> bytes:
    """Monthly factors of a zone, in the factor template."""
    rows = [HEADER]
    for year in years:
        for month in range(1, 13):
            ends = first_day(*following(year, month))
            rows.append(
                f"{zone},{first_day(year, month)},{ends},location,direct,"
                f"{level * season[month - 1]:.6f},{publisher},{release},{year},own,letter"
            )
    return "\n".join(rows).encode()


def annual_file(zone: str, year: int, kg: float) -> bytes:
    """One annual factor of a zone."""
    row = f"{zone},{year}-01-01,{year + 1}-01-01,location,direct,{kg},Grid,series,{year},own,letter"
    return f"{HEADER}\n{row}".encode()


def used(*rows: tuple[str, str, str, str, float]) -> bytes:
    """Facility kWh: (workload, zone, first day, end, exclusive, kWh), in the activity template."""
    lines = ["workload,zone,period_start,period_end,energy_kwh,energy_boundary"]
    lines += [f"{w},{zone},{start},{end},{kwh},facility" for w, zone, start, end, kwh in rows]
    return "\n".join(lines).encode()


def first_quarter(zone: str, kw: float = 10.0, year: int = 2025) -> bytes:
    """A flat load from January to March: hours of each month x kW."""
    hours = {1: 744, 2: 696 if year % 4 == 0 else 672, 3: 744}
    return used(
        *(
            (
                *("chat", zone, first_day(year, month)),
                first_day(*following(year, month)),
                kw * hours[month],
            )
            for month in hours
        )
    )
