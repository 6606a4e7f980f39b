"""Factors of fictitious grid operators: a level, a season, and some weather.

France by the month, Ireland by the hour: solar at noon, people at home in the evening.
"""

import csv
import gzip
import io
import random
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from .plan import MONTHS, after

SEASON: Final = (1.38, 1.30, 1.10, 0.88, 0.78, 0.74, 0.76, 0.72, 0.82, 0.98, 1.22, 1.32)
"""January to December; the mean is 1."""

LEVEL: Final = {2023: 0.0381, 2024: 0.0368, 2025: 0.0360, 2026: 0.0353}
"""kgCO2e/kWh of a year without its season."""

FIRST: Final = date(2023, 1, 1)
HOURLY_MONTHS: Final = 3
HOURLY_LEVEL: Final = 0.237
DAY: Final = (
    *(0.94, 0.92, 0.91, 0.91, 0.93, 0.98, 1.04, 1.07, 1.03, 0.97, 0.91, 0.87),
    *(0.85, 0.85, 0.88, 0.95, 1.06, 1.17, 1.23, 1.22, 1.16, 1.09, 1.05, 1.01),
)
"""Ireland's hours of a day, UTC; the mean is 1."""

_WEATHER: Final = 0.04

_SAID: Final = {
    "method": "location",
    "basis": "direct",
    "gwp_set": "AR5",
    "publisher": "Sample grid operator (fictitious)",
    "licence": "invented for the sample portfolio",
    "document": "Intensities of a sample grid operator (fictitious)",
}
_COLUMNS: Final = (
    *("zone", "valid_from", "valid_to", "method", "basis", "kg_co2e_per_kwh", "gwp_set"),
    *("publisher", "release", "vintage", "licence", "document"),
)


def monthly_factors(chance: random.Random) -> str:
    """The factor template with a row a month, January 2023 to the end of the record."""
    rows = []
    month = FIRST
    while month <= MONTHS[-1]:
        weather = chance.uniform(1 - _WEATHER, 1 + _WEATHER)
        rows.append(
            {
                **_SAID,
                "zone": "FR",
                "valid_from": month.isoformat(),
                "valid_to": after(month).isoformat(),
                "kg_co2e_per_kwh": f"{LEVEL[month.year] * SEASON[month.month - 1] * weather:.5f}",
                "release": "monthly series",
                "vintage": month.year,
            }
        )
        month = after(month)
    return _table(rows)


def hourly_factors(chance: random.Random) -> bytes:
    """The factor template with a row an hour, of the last three months of the record."""
    rows = []
    moment = datetime.combine(MONTHS[-HOURLY_MONTHS], time())
    wind = 1.0
    while moment.date() < after(MONTHS[-1]):
        # The wind of an hour is much like that of the hour before.
        wind += 0.1 * (1 - wind) + chance.uniform(-0.06, 0.06)
        ends = moment + timedelta(hours=1)
        rows.append(
            {
                **_SAID,
                "zone": "IE",
                "valid_from": f"{moment:%Y-%m-%dT%H:%MZ}",
                "valid_to": f"{ends:%Y-%m-%dT%H:%MZ}",
                "kg_co2e_per_kwh": f"{HOURLY_LEVEL * DAY[moment.hour] * wind:.4f}",
                "release": "hourly series",
                "vintage": moment.year,
            }
        )
        moment = ends
    return gzip.compress(_table(rows).encode(), mtime=0)


def _table(rows: Iterable[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
