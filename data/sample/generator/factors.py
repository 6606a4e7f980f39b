"""Monthly factors of a fictitious grid operator for France: a level, a season, and some weather."""

import csv
import io
import random
from datetime import date
from typing import Final

from .plan import MONTHS, after

SEASON: Final = (1.38, 1.30, 1.10, 0.88, 0.78, 0.74, 0.76, 0.72, 0.82, 0.98, 1.22, 1.32)
"""January to December; the mean is 1."""

LEVEL: Final = {2023: 0.0381, 2024: 0.0368, 2025: 0.0360, 2026: 0.0353}
"""kgCO2e/kWh of a year without its season."""

FIRST: Final = date(2023, 1, 1)
_WEATHER: Final = 0.04

_SAID: Final = {
    "method": "location",
    "basis": "direct",
    "gwp_set": "AR5",
    "publisher": "Sample grid operator (fictitious)",
    "release": "monthly series",
    "licence": "invented for the sample portfolio",
    "document": "Monthly intensities of a sample grid operator (fictitious)",
}
_COLUMNS: Final = (
    *("zone", "valid_from", "valid_to", "method", "basis", "kg_co2e_per_kwh", "gwp_set"),
    *("publisher", "release", "vintage", "licence", "document"),
)


def monthly_factors(chance: random.Random) -> str:
    """The factor template with a row a month, January 2023 to the end of the record."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    month = FIRST
    while month <= MONTHS[-1]:
        weather = chance.uniform(1 - _WEATHER, 1 + _WEATHER)
        writer.writerow(
            {
                **_SAID,
                "zone": "FR",
                "valid_from": month.isoformat(),
                "valid_to": after(month).isoformat(),
                "kg_co2e_per_kwh": f"{LEVEL[month.year] * SEASON[month.month - 1] * weather:.5f}",
                "vintage": month.year,
            }
        )
        month = after(month)
    return out.getvalue()
