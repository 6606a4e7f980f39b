"""Which hours of a day a grid is cleaner: what may be gained by running at other times."""

from typing import Final

import streamlit as st

from pages.ui import charts, numbers, season_charts, tables
from pages.ui.view import View

TITLES: Final = {
    "zone": "Grid zone",
    "publisher": "Factors of",
    "month": "Calendar month",
    "hour": "Hour (UTC)",
    "kg_co2e_per_kwh": "Mean factor [kgCO₂e/kWh]",
    "ratio": "Hour / day",
    "days": "Days",
    "weak": "Weak",
}


def draw(view: View, zone: str | None) -> None:
    """The map of a place whose hourly factors are known; nothing elsewhere."""
    if zone is None:
        return
    rows = view.ask("hourly_profile", zone)
    if rows.is_empty():
        return
    st.subheader("Hours of the day", anchor=False)
    drawn, said = season_charts.hours(rows)
    st.markdown(said)
    charts.show((drawn, said), key=f"season_hours_{zone}")
    tables.beside(
        rows,
        key="season_hours_table",
        alt="Grid intensity of each hour of the day, by calendar month",
        titles=TITLES,
        download="hours-of-the-day.csv",
    )
    months = numbers.count(rows["month"].n_unique(), "calendar month")
    few = " Rows marked weak rest on fewer than 20 days." if rows["weak"].any() else ""
    st.caption(
        f"Hourly factors of {numbers.plain(rows['publisher'][0])}, {months}. Nothing above rests "
        f"on this; What-if moves load within a day.{few}"
    )
