"""One emission figure: the number, its 95 % interval as a thin range, and its coverage."""

import math
from typing import Any

import streamlit as st

from pages.ui import numbers, words


def draw(figures: dict[str, Any], method: str) -> None:
    """A figure of one method.

    Args:
        figures: the measures R of a footprint row.
        method: `location` or `market`.
    """
    value = figures[f"{method}_kg_co2e"]
    low, high = figures[f"{method}_low_kg"], figures[f"{method}_high_kg"]
    st.metric(
        words.METHODS[method],
        f"{numbers.mass(value)} CO₂e" if value is not None else numbers.NOT_KNOWN,
        help=f"{numbers.full(value)} kgCO₂e",
    )
    if value is not None and low is not None and high is not None:
        st.html(range_bar(value, low, high, method))
    coverage = figures[f"{method}_coverage"]
    if coverage is not None and coverage < 1:
        st.caption(
            f"{numbers.interval(low, high)}. {numbers.percent(coverage)} of the energy found a "
            "factor; the rest is not in this figure."
        )
    else:
        st.caption(numbers.interval(low, high))


def range_bar(value: float, low: float, high: float, method: str) -> str:
    """The 95 % interval as a thin line with the figure on it, from 0 to the upper end, as HTML."""
    end = max(high, value, math.ulp(1.0)) * 1.04
    start, width = 100 * low / end, 100 * (high - low) / end
    return (
        f'<div class="range {method}" aria-hidden="true">'
        f'<span class="range-interval" style="left:{start:.2f}%;width:{width:.2f}%"></span>'
        f'<span class="range-figure" style="left:{100 * value / end:.2f}%"></span></div>'
    )
