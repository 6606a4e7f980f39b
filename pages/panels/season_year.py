"""A year from a part of it: by hours alone, by season, and what the season makes of it."""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from pages.ui import charts, numbers, season_charts, tables
from pages.ui.view import View

ZONES: Final = {
    "zone": "Grid zone",
    "publisher": "Factors of",
    "treatment": "What an index may say",
    "kwh": "Observed energy [kWh]",
    "level": "Level without season [kgCO₂e/kWh]",
    "bias": "Observed months / year",
    "actual_kg": "Observed [kgCO₂e]",
    "annualised_naive_kg": "Year by hours [kgCO₂e]",
    "annualised_seasonal_kg": "Year by season [kgCO₂e]",
    "annualised_low_kg": "Low [kgCO₂e]",
    "annualised_high_kg": "High [kgCO₂e]",
    "reason": "Why no index applies",
}

INDEX: Final = {
    "zone": "Grid zone",
    "month": "Calendar month",
    "index": "Index",
    "years": "Years",
    "spread": "Spread between years",
    "weak": "Weak",
    "publisher": "Factors of",
    "low": "Least",
    "high": "Greatest",
    "method": "Method",
    "release": "Edition",
}


def draw(view: View, zone: str | None) -> None:
    """The year of the bar's period."""
    st.subheader("A whole year from what was observed", anchor=False)
    years = sorted({month[:4] for month in view.months}, reverse=True)
    asked = st.selectbox(
        "Year",
        [None, *years],
        format_func=lambda year: year or "That of the period",
        key="season_year",
        width=200,
    )
    try:
        found = view.ask(
            "seasonal",
            view.month_from,
            view.month_to,
            year=int(asked) if asked else None,
            zone=zone,
            scope=view.scope,
        )
    except PortfolioError as error:
        st.info(numbers.plain(str(error)), icon=":material/info:")
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _said(found)
        charts.show(season_charts.year(found), key="season_year_bars")
        tables.beside(
            found.zones,
            key="season_zones",
            alt="The year by zone, by hours and by season",
            titles=ZONES,
            download=f"year-by-season-{found.year.replace(' ', '-')}.csv",
        )
    with right:
        _index(found)
    for note in found.notes:
        st.caption(numbers.plain(note))


def _said(found: Any) -> None:
    """The estimate, and the bias that it removes, in words."""
    hours = (
        f"{numbers.significant(found.hours_observed, 4)} of "
        f"{numbers.significant(found.hours_year, 4)} hours"
    )
    if found.hours_observed >= found.hours_year:
        st.markdown(
            f"All of **{numbers.plain(found.year)}** is observed: "
            f"**{numbers.mass(found.actual_kg)}**. There is nothing to estimate."
        )
        return
    if found.basis == "annual factors":
        st.markdown(
            f"**{numbers.plain(found.year)}** by hours alone: "
            f"**{numbers.mass(found.annualised_naive_kg)}**, estimated from {hours}. No index "
            "applies, so intensity is not adjusted for season."
        )
        return
    st.markdown(
        f"**{numbers.plain(found.year)}** by season: "
        f"**{numbers.mass(found.annualised_seasonal_kg)}** "
        f"({numbers.mass(found.low_kg)} to {numbers.mass(found.high_kg)} by the index of single "
        f"years), estimated from {hours}."
    )
    direction = "above" if found.bias > 1 else "below"
    st.markdown(
        f"The observed months lie **{_off(found.bias)} {direction}** their year: by hours alone it "
        f"would be {numbers.mass(found.annualised_naive_kg)}, which is "
        f"**{numbers.mass(abs(found.adjustment_kg))}** too "
        f"{'high' if found.adjustment_kg < 0 else 'low'}."
    )


def _off(bias: float) -> str:
    return f"{numbers.significant(abs(bias - 1) * 100)}{numbers.THIN}%"


def _index(found: Any) -> None:
    if found.rows.is_empty():
        st.caption("No seasonal index applies.")
        return
    largest = found.zones.filter(pl.col("reason").is_null()).sort(
        "actual_kg", "zone", descending=[True, False]
    )
    first = largest.row(0, named=True)
    rows = found.rows.filter(
        (pl.col("zone") == first["zone"]) & (pl.col("publisher") == first["publisher"])
    )
    about = rows.row(0, named=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**Index of {numbers.plain(about['zone'])}**, {numbers.count(about['years'], 'year')}"
        )
        if about["weak"]:
            st.badge("Weak: years differ", icon=":material/warning:", color="orange")
    charts.show(season_charts.index(rows), key=f"season_index_{about['zone']}")
    tables.beside(
        found.rows,
        key="season_index_table",
        alt="Seasonal index of each calendar month",
        titles=INDEX,
        download="seasonal-index.csv",
    )
