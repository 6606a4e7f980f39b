"""Cooling in the weather of a normal year: what was, what would have been, and how well it fits."""

from typing import Any, Final

import polars as pl
import streamlit as st

from pages.ui import charts, numbers, season_charts, tables
from pages.ui.view import View

TITLES: Final = {
    "it_kwh": "IT energy [kWh]",
    "facility_kwh": "As it was [kWh]",
    "pue": "PUE as it was",
    "pue_weather": "PUE by the regression",
    "pue_normal": "PUE in a normal year",
    "modelled_kwh": "By the regression [kWh]",
    "normalised_kwh": "In a normal year's weather [kWh]",
    "adjustment_kwh": "Adjustment [kWh]",
    "location_kg": "As it was [kgCO₂e]",
    "normalised_kg": "In a normal year's weather [kgCO₂e]",
    "adjustment_kg": "Adjustment [kgCO₂e]",
    "seasonless_kg": "… and without season [kgCO₂e]",
    "mean_temp_c": "Mean temperature [°C]",
    "normal_temp_c": "Normal temperature [°C]",
}

GATES: Final = {"name": "Criterion", "value": "Value", "limit": "Limit", "passed": "Passed"}

DRIVERS: Final = {"mean_temp_c": "dry bulb", "wet_bulb_c": "wet bulb"}


def draw(view: View) -> None:
    """The places of which temperatures are known; else what to bring."""
    st.subheader("Cooling in a normal year's weather", anchor=False)
    places = view.ask("weather_places")
    if places.is_empty():
        _nothing(view)
        return
    place = st.selectbox(
        "Place with temperatures", places["place"].to_list(), key="weather_place", width=260
    )
    base = _base()
    answer = view.ask(
        "weather_normalised",
        place,
        view.month_from,
        view.month_to,
        scope=view.scope,
        base_c=base,
    )
    found = answer.cooling
    if found.refusal is not None:
        st.warning(numbers.plain(found.refusal), icon=":material/thermostat:")
    else:
        _figures(answer)
    left, right = st.columns(2, gap="medium")
    with left:
        if answer.months.height:
            charts.show(season_charts.weather_months(answer.months), key="weather_months")
            tables.beside(
                answer.months,
                key="weather_table",
                alt="Energy and emissions of each month, as they were and in a normal year",
                titles=TITLES,
                download="normal-weather.csv",
            )
    with right:
        if found.points.height:
            charts.show(season_charts.pue(found.points, found.fit), key="weather_pue")
            tables.beside(
                found.points,
                key="weather_points",
                alt="PUE and temperature of each span",
                titles={"at": "From", "temperature": "Temperature [°C]", "pue": "PUE"},
                download="pue-by-temperature.csv",
            )
    if found.fit is not None:
        _fit(found.fit, found.normal_years)
    _left_out(found)


def _base() -> float | None:
    """The base temperature: found, or stated."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stated = st.toggle("State the base temperature of cooling", key="weather_stated")
        if not stated:
            return None
        return float(
            st.number_input(
                "Base temperature [°C]", 0.0, 30.0, 15.0, 0.5, key="weather_base", width=200
            )
        )


def _nothing(view: View) -> None:
    with st.container(border=True, key="no_weather"):
        st.markdown(
            "**Here a site's energy will stand beside the same in a normal year's weather.** "
            "Bring twelve months of daily mean temperatures with the site's metered PUE, and a "
            "normal year: the weather template says how."
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            files: dict[str, bytes] = view.ask("templates")
            st.download_button(
                "weather-template.csv",
                data=files["weather-template.csv"],
                file_name="weather-template.csv",
                mime="text/csv",
                key="season_weather_template",
                on_click="ignore",
                icon=":material/download:",
            )
            st.page_link("import_.py", label="Import", icon=":material/upload_file:")


def _figures(answer: Any) -> None:
    """Both figures, and the adjustment between them."""
    totals = answer.cooling.totals
    whose = (
        "this portfolio's energy there"
        if answer.cooling.of == "portfolio"
        else "the whole facility, as the weather file states it; no emissions are known of it"
    )
    with st.grid(3, min_column_width=220):
        with st.container(border=True, height="stretch"):
            st.metric("As it was", numbers.energy(totals["facility_kwh"]))
            st.caption(_kg(totals["location_kg"]))
        with st.container(border=True, height="stretch"):
            st.metric("In a normal year's weather", numbers.energy(totals["normalised_kwh"]))
            st.caption(
                _kg(totals["normalised_kg"])
                + (
                    ""
                    if answer.seasonless_kg is None
                    else f"; {numbers.mass(answer.seasonless_kg)} without the grid's season as well"
                )
            )
        with st.container(border=True, height="stretch"):
            st.metric("Adjustment", numbers.relative(totals["adjustment_share"]))
            st.caption(
                f"{numbers.energy(totals['adjustment_kwh'])}"
                + (
                    ""
                    if totals["adjustment_kg"] is None
                    else f", {numbers.mass(totals['adjustment_kg'])} CO₂e"
                )
            )
    st.caption(f"Of {whose}. Normalised figures are indicators, never totals.")


def _kg(kg: float | None) -> str:
    return "emissions not known" if kg is None else f"{numbers.mass(kg)} CO₂e, location-based"


def _fit(fit: Any, normal_years: int) -> None:
    """The regression as it is, with what speaks against it."""
    heating = (
        ""
        if fit.base_heating_c is None
        else f" + {fit.per_heating:.4f} × K below {fit.base_heating_c:g} °C"
    )
    st.markdown(
        f"PUE = {fit.intercept:.3f} + **{fit.per_cooling:.4f}** × K above "
        f"**{fit.base_cooling_c:g} °C** ({DRIVERS[fit.driver]}){heating}"
    )
    if fit.weak:
        st.badge("Weak: temperature explains little", icon=":material/warning:", color="orange")
    st.caption(
        f"95{numbers.THIN}% interval of the slope {fit.per_cooling_low:.4f} to "
        f"{fit.per_cooling_high:.4f} per K · R² {fit.r_squared:.2f} · "
        f"{numbers.count(fit.n, fit.span)} from {numbers.period(fit.first_month, fit.last_month)} "
        f"· normal year of {numbers.count(normal_years, 'year')}"
    )
    with st.expander("Gates of ASHRAE Guideline 14", icon=":material/checklist:"):
        tables.show(
            pl.DataFrame(
                {
                    "name": [gate.name for gate in fit.gates],
                    "value": [numbers.relative(gate.value) for gate in fit.gates],
                    "limit": [numbers.percent(gate.limit) for gate in fit.gates],
                    "passed": ["yes" if gate.passed else "no" for gate in fit.gates],
                }
            ),
            key="weather_gates",
            alt="Bias and scatter of the regression, beside their limits",
            titles=GATES,
        )


def _left_out(found: Any) -> None:
    """What stands as it is, and why."""
    if found.untouched_kwh:
        st.caption(
            f"{numbers.energy(found.untouched_kwh)} of this place stand as they are: their PUE is "
            "a figure of the year, and no weather is in it."
        )
    if found.without:
        names = ", ".join(numbers.month_name(month) for month in found.without)
        st.caption(f"Months without temperatures or PUE are left out: {names}.")
