"""Temperatures in Lyon and the hall's PUE, day by day: a warm record beside a typical year."""

import csv
import io
import math
import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from .plan import MONTHS, after

MEAN_C: Final = 12.5
SWING_C: Final = 9.5
COLDEST_DAY: Final = 17
"""Of the year, by the long-term mean."""

WARMER_C: Final = 1.2
"""By how much the record is warmer than the typical year."""

BASE_C: Final = 12.0
PUE_COOL: Final = 1.22
PUE_PER_K: Final = 0.0125
"""Above BASE_C."""

TYPICAL_YEAR: Final = 2019
_COLUMNS: Final = ("site", "date", "mean_temp_c", "pue", "normal")


def weather(chance: random.Random) -> str:
    """The weather template: a row a day of the record, then a row a day of a typical year."""
    rows = []
    for day, celsius in _days(MONTHS[0], after(MONTHS[-1]), MEAN_C + WARMER_C, chance):
        pue = PUE_COOL + PUE_PER_K * max(0.0, celsius - BASE_C) + chance.gauss(0, 0.008)
        rows.append(("Lyon DC", day, f"{celsius:.1f}", f"{pue:.3f}", ""))
    for day, celsius in _days(
        date(TYPICAL_YEAR, 1, 1), date(TYPICAL_YEAR + 1, 1, 1), MEAN_C, chance
    ):
        rows.append(("Lyon DC", day, f"{celsius:.1f}", "", "true"))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([_COLUMNS, *rows])
    return out.getvalue()


def _days(
    first: date, end: date, mean_c: float, chance: random.Random
) -> Iterator[tuple[date, float]]:
    """Each day with its mean temperature [°C]: a season, and weather that lasts some days."""
    day, spell = first, 0.0
    while day < end:
        spell = 0.75 * spell + chance.gauss(0, 2.2)
        turn = 2 * math.pi * (day.timetuple().tm_yday - COLDEST_DAY) / 365.25
        yield day, mean_c - SWING_C * math.cos(turn) + spell
        day += timedelta(days=1)
