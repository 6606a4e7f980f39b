"""Whatever months are seen: a flat load in a zone with a clean season gives the same year.

the year = kW x level x sum of S x hours, however many months of it were observed
"""

import calendar
import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carbon.analysis.annualise import annualise
from carbon.analysis.seasonal_cells import ANNUAL, INDEXED
from carbon.analysis.seasonal_index import seasonal_index
from carbon.analysis.windows import months_between, observed_window
from carbon.policy import Policy

YEAR = 2025
HOURS = [24 * calendar.monthrange(YEAR, month)[1] for month in range(1, 13)]
ratios = st.lists(st.floats(0.2, 5), min_size=12, max_size=12)
seen_months = st.sets(st.integers(0, 11), min_size=1)


def observed(season: list[float], seen: set[int], level: float, kw: float, treatment: str):
    """Cells of a flat load, the index of its zone, and what of the year was seen."""
    months = pl.date_range(dt.date(2022, 1, 1), dt.date(2024, 12, 1), "1mo", eager=True)
    series = pl.DataFrame(
        {
            **{"zone": "Z", "basis": "direct", "publisher": "Grid", "release": "series"},
            "month": months,
            "kg_co2e_per_kwh": [level * season[month.month - 1] for month in months],
        }
    )
    cells = pl.DataFrame(
        [
            {
                **{"zone": "Z", "basis": "direct", "publisher": "Grid", "treatment": treatment},
                "workload": "chat",
                "month": f"{YEAR}-{month + 1:02d}",
                "kg": kw * HOURS[month] * level * season[month],
                "kwh": kw * HOURS[month],
            }
            for month in sorted(seen)
        ]
    )
    spans = cells.select(
        "month",
        use_start=(pl.col("month") + "-01").str.to_datetime(
            "%Y-%m-%d", time_unit="us", time_zone="UTC"
        ),
    ).with_columns(use_end=pl.col("use_start").dt.offset_by("1mo"))
    year = months_between(f"{YEAR}-01", f"{YEAR}-12")
    window = observed_window(spans, year, year[0], year[-1])
    return cells, seasonal_index(series, Policy()), window


@given(ratios=ratios, seen=seen_months, level=st.floats(0.01, 1), kw=st.floats(0.1, 1e4))
def test_any_months_give_the_same_year(ratios, seen, level, kw):
    season = [ratio * 12 / sum(ratios) for ratio in ratios]
    cells, indices, window = observed(season, seen, level, kw, INDEXED)
    found = annualise(cells, indices, window)
    year = kw * level * sum(s * h for s, h in zip(season, HOURS, strict=True))
    assert found.figures["annualised_seasonal_kg"] == pytest.approx(year, rel=1e-9)
    assert found.figures["annualised_low_kg"] == pytest.approx(year, rel=1e-9)
    assert found.figures["annualised_high_kg"] == pytest.approx(year, rel=1e-9)
    hours = sum(HOURS[month] for month in seen)
    naive = found.figures["actual_kg"] * 8760 / hours
    assert found.figures["annualised_naive_kg"] == pytest.approx(naive)
    assert found.bias == pytest.approx(sum(season[m] * HOURS[m] for m in seen) / hours)


@given(ratios=ratios, seen=seen_months)
def test_what_has_no_index_goes_by_hours_whatever_the_months(ratios, seen):
    cells, indices, window = observed(ratios, seen, 0.4, 10.0, ANNUAL)
    found = annualise(cells, indices, window)
    assert found.figures["annualised_seasonal_kg"] == found.figures["annualised_naive_kg"]
    assert found.bias == 1.0
