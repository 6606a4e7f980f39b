"""Each month's name stands under its own bar."""

import plotly.graph_objects as go
import pytest

from pages.ui import charts


def axis(months):
    drawn = go.Figure()
    charts.month_axis(drawn, months)
    return drawn.layout.xaxis


@pytest.mark.parametrize(
    ("months", "names"),
    [
        (["2026-01"], ["Jan<br>2026"]),
        (["2026-01", "2026-02", "2026-03"], ["Jan<br>2026", "Feb", "Mar"]),
        (["2025-12", "2026-01"], ["Dec<br>2025", "Jan<br>2026"]),
        # A month without a bar keeps its place.
        (["2026-03", "2026-01"], ["Jan<br>2026", "Feb", "Mar"]),
    ],
)
def test_few_months_are_all_named(months, names):
    found = axis(months)
    assert list(found.ticktext) == names
    assert list(found.tickvals) == list(found.categoryarray)


def test_many_months_are_named_every_second_or_third():
    months = [f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)]
    found = axis([*months, "2026-01"])
    # 25 months, at most 12 names: every third.
    assert list(found.tickvals) == [*months[::3], "2026-01"]
    assert list(found.ticktext)[::4] == ["Jan<br>2024", "Jan<br>2025", "Jan<br>2026"]


def test_a_single_bar_does_not_fill_the_chart():
    assert list(axis(["2026-01"]).range) == [-0.5, 5.5]
