"""Seasonality: is this a trend, or just winter?"""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from pages.panels import season_compare, season_hours, season_weather, season_year
from pages.ui import bar, charts, gate, numbers, season_charts, states, tables
from pages.ui.view import View

EVERYWHERE: Final = "All places"
SHOWN_AS: Final = {False: "Emissions", True: "Per kWh"}

TITLES: Final = {
    "month": "Month",
    "kwh": "Facility energy [kWh]",
    "actual_kg": "As it is [kgCO₂e]",
    "normalised_kg": "Without season [kgCO₂e]",
    "intensity": "As it is [kgCO₂e/kWh]",
    "normalised_intensity": "Without season [kgCO₂e/kWh]",
    "index": "Seasonal index",
    "low": "Index, least of the years",
    "high": "Index, greatest of the years",
    "indexed_share": "Share with an index",
}


def draw(view: View) -> None:
    """The whole screen."""
    st.title("Seasonality", anchor=False)
    st.caption(
        "Emissions as they are beside the same without the season of the grid. "
        + (
            ""
            if view.is_empty
            else f"{numbers.period(view.first_month, view.last_month)}, location-based, "
            + ("workloads in scope. " if view.scope == "in" else "all workloads. ")
        )
        + "Figures without season are indicators, never totals."
    )
    if view.is_empty:
        states.empty(
            "Here every month will stand beside the same month without its season.",
            "No activity was imported yet. Beside it, monthly factors of at least two years for "
            "one zone of yours are needed.",
        )
        return
    if states.nothing_in_view(view):
        return
    try:
        found = view.of_period("seasonal")
    except PortfolioError as error:
        st.info(numbers.plain(str(error)), icon=":material/info:")
        return
    place = _place(found)
    zone = None if place == EVERYWHERE else place
    _trend(view, zone)
    season_compare.draw(view, zone)
    season_year.draw(view, zone)
    season_hours.draw(view, zone)
    season_weather.draw(view)


def _place(found: Any) -> str:
    """The grid zone that is shown, kept in the address; one with an index comes first."""
    indexed = found.zones.with_columns(pl.col("reason").is_null().alias("has"))
    zones = indexed.sort("has", "actual_kg", "zone", descending=[True, True, False])
    names = zones["zone"].unique(maintain_order=True).to_list()
    has = set(zones.filter("has")["zone"])
    if st.session_state.get("place") not in (None, EVERYWHERE, *names):
        # Another period or workspace: its places are others.
        del st.session_state["place"]
    first = [*names, EVERYWHERE] if has else [EVERYWHERE, *names]
    return st.selectbox(
        "Place",
        first,
        format_func=lambda name: (
            name if name == EVERYWHERE or name in has else f"{name} (no index)"
        ),
        key="place",
        bind="query-params",
        width=260,
        help="Grid zone. A zone without an index of its own stands as it is: no other's is taken.",
    )


def _trend(view: View, zone: str | None) -> None:
    """The line of the place, with what it says in a sentence above it."""
    series: pl.DataFrame = view.ask("seasonal_series", zone=zone, scope=view.scope)
    rows = series.filter(
        pl.col("month").is_between(pl.lit(view.first_month), pl.lit(view.last_month))
    )
    season_compare.lead(view, zone, rows["month"].to_list())
    per_kwh = st.segmented_control(
        "Shown as",
        list(SHOWN_AS),
        format_func=SHOWN_AS.__getitem__,
        default=False,
        required=True,
        key="season_per_kwh",
        label_visibility="collapsed",
    )
    if rows["index"].is_null().all():
        _no_index(view, zone)
    charts.show(season_charts.trend(rows, per_kwh=bool(per_kwh)), key=f"trend_{per_kwh}")
    tables.beside(
        rows,
        key="trend_table",
        alt="Emissions of each month, as they are and without season",
        titles=TITLES,
        download="months-without-season.csv",
    )


def _no_index(view: View, zone: str | None) -> None:
    """What is missing for a line without season, and where it is brought."""
    with st.container(border=True, key="no_index"):
        st.markdown(
            "**No season can be taken out here.** Monthly factors of at least two years for one "
            "zone of yours are missing; three years are better. Annual factors have no season in "
            "them, so the figures stand as they are."
        )
        refused = view.ask("seasonal_indices").refused
        if zone is not None:
            refused = refused.filter(pl.col("zone") == zone)
        for name, publisher, reason in refused.select("zone", "publisher", "reason").iter_rows():
            st.caption(
                f"{numbers.plain(name)}, {numbers.plain(publisher)}: {numbers.plain(reason)}"
            )
        states.link("import_.py", "Import monthly factors", ":material/upload_file:")


gate.require()
draw(bar.current())
