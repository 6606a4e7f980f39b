"""Two periods like for like: what is left of a change once the season is taken out."""

from typing import Any, Final

import streamlit as st

from carbon.portfolio import PortfolioError
from pages.ui import numbers, tables, words
from pages.ui.view import View

QUARTER: Final = 3
"""Months of a period that is compared with the one before, where nobody chooses otherwise."""

PER_UNIT: Final = {
    "workload": "Workload",
    "model": "Model",
    "per": "Per",
    "first_g": "First period [gCO₂e]",
    "second_g": "Second period [gCO₂e]",
    "change": "Change",
    "normalised_change": "Change without season",
}


def lead(view: View, zone: str | None, months: list[str]) -> None:
    """The answer in a sentence: the latest quarter against the one before."""
    periods = _latest(months)
    if periods is None:
        return
    first, second = periods
    try:
        change = _ask(view, zone, first, second, normalise=True).change
    except PortfolioError:
        return
    if change.actual_change is None:
        return
    said = (
        f"{_period(second)} against {_period(first)}: **{_signed(change.actual_change)}** an hour "
        "as it is"
    )
    if not change.normalised or change.normalised_change is None:
        st.markdown(f"{said}. How much of it is season cannot be said here.")
        return
    st.markdown(
        f"{said}, **{_signed(change.normalised_change)}** without season. "
        + _verdict(change.actual_change, change.normalised_change)
    )


def _verdict(actual: float, normalised: float) -> str:
    """What the two changes say together."""
    if abs(actual - normalised) < 0.5e-2:
        return "The season makes no difference here."
    if actual * normalised < 0:
        return "The season hides that it goes the other way."
    if abs(normalised) < abs(actual):
        return "Part of it is season." if abs(normalised) > abs(actual) / 2 else (
            "Most of it is season.")  # fmt: skip
    return "The season hides part of it."


def draw(view: View, zone: str | None) -> None:
    """Any two periods, with the warning where they are not the same months of a year."""
    st.subheader("Compare two periods", anchor=False)
    chosen = _choose(list(view.months))
    if chosen is None:
        st.caption("Two months of activity are needed.")
        return
    first, second, normalise = chosen
    try:
        found = _ask(view, zone, first, second, normalise=normalise)
    except PortfolioError as error:
        st.warning(numbers.plain(str(error)), icon=":material/event_busy:")
        return
    change = found.change
    if change.warning:
        st.warning(numbers.plain(change.warning), icon=":material/ac_unit:")
    _metrics(change)
    for note in found.notes:
        st.caption(numbers.plain(note))
    if found.per_unit.height:
        st.markdown("**By activity: what a unit of work takes**")
        st.caption(
            "Demand has seasons too. Per unit of work it plays no part; what is left is how the "
            "work is done, and without season the grid's part is gone as well."
        )
        tables.show(
            found.per_unit.with_columns(
                per=found.per_unit["per"].replace(words.PER_UNITS),
                change=found.per_unit["change"],
            ),
            key="season_per_unit",
            alt="Emissions per unit of work in the two periods",
            titles=PER_UNIT,
            download="per-unit-two-periods.csv",
        )


def _metrics(change: Any) -> None:
    with st.grid(4, min_column_width=190):
        for label, value, explained in (
            ("Emissions an hour, as it is", change.actual_change,
             f"{numbers.mass(change.first.actual_kg)} in {_hours(change.first)}, then "
             f"{numbers.mass(change.second.actual_kg)} in {_hours(change.second)}"),
            ("Emissions an hour, without season", change.normalised_change,
             "what grids' seasons explain is taken out"),
            ("Energy an hour", change.energy_change,
             f"{numbers.energy(change.first.kwh)}, then {numbers.energy(change.second.kwh)}"),
            ("Per kWh, without season", change.normalised_intensity_change,
             f"as it is {_signed(change.intensity_change)}"),
        ):  # fmt: skip
            with st.container(border=True, height="stretch"):
                st.metric(label, _signed(value))
                st.caption(explained)


def _hours(side: Any) -> str:
    return f"{numbers.significant(side.hours, 4)} h"


def _choose(months: list[str]) -> tuple[tuple[str, str], tuple[str, str], bool] | None:
    """Two periods, by default the latest quarter against the one before."""
    default = _latest(months)
    if default is None:
        return None
    (first_from, first_to), (second_from, second_to) = default
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = [
            st.selectbox(
                label,
                months,
                index=months.index(start),
                format_func=numbers.month_name,
                key=key,
                width=150,
            )
            for label, key, start in (
                ("First, from", "season_first_from", first_from),
                ("First, to", "season_first_to", first_to),
                ("Second, from", "season_second_from", second_from),
                ("Second, to", "season_second_to", second_to),
            )
        ]
        normalise = st.toggle("Take the season out", value=True, key="season_out")
    return (picked[0], picked[1]), (picked[2], picked[3]), normalise


def _latest(months: list[str]) -> tuple[tuple[str, str], tuple[str, str]] | None:
    """The latest quarter and the one before; of a shorter record its halves."""
    length = min(QUARTER, len(months) // 2)
    if not length:
        return None
    second, first = months[-length:], months[-2 * length : -length]
    return (first[0], first[-1]), (second[0], second[-1])


def _ask(
    view: View,
    zone: str | None,
    first: tuple[str, str],
    second: tuple[str, str],
    *,
    normalise: bool,
) -> Any:
    return view.ask(
        "compare_windows", first, second, normalise=normalise, zone=zone, scope=view.scope
    )


def _period(period: tuple[str, str]) -> str:
    return numbers.period(*period)


def _signed(change: float | None) -> str:
    """A relative change as `+3.2 %`."""
    if change is None:
        return numbers.NOT_KNOWN
    text = numbers.significant(change * 100, 2 if abs(change) < 0.1 else 3)
    return f"{'' if text.startswith(numbers.MINUS) or change == 0 else '+'}{text}{numbers.THIN}%"
