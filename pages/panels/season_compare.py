"""Two periods like for like: what is left of a change once the season is taken out."""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from pages.ui import numbers, tables, words
from pages.ui.view import View

QUARTER: Final = 3
"""Months of a period that is compared with the one before, where nobody chooses otherwise."""

NO_DIFFERENCE: Final = 0.5e-2
"""Two changes closer than this read alike [1]."""

PER_UNIT: Final = {
    "workload": "Workload",
    "model": "Model",
    "per": "Per",
    "first_g": "First period [gCO₂e]",
    "second_g": "Second period [gCO₂e]",
    "change": "Change [%]",
    "normalised_change": "Change without season [%]",
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
    as_it_is = numbers.relative(change.actual_change)
    said = f"{_period(second)} against {_period(first)}: **{as_it_is}** per hour as it is"
    if not change.normalised or change.normalised_change is None:
        st.markdown(f"{said}. How much of it is season cannot be said here.")
        return
    st.markdown(
        f"{said}, **{numbers.relative(change.normalised_change)}** without season. "
        + _verdict(change.actual_change, change.normalised_change, _doubt(view, zone))
    )


def _verdict(actual: float, normalised: float, doubt: float) -> str:
    """What the two changes say together.

    Args:
        actual: change as it is [1].
        normalised: change without season [1].
        doubt: by how much the season itself varies between years [1].
    """
    if abs(actual - normalised) < NO_DIFFERENCE:
        return "The season makes no difference here."
    if abs(normalised) <= max(doubt, NO_DIFFERENCE):
        return "It is season: what is left is no more than seasons differ between years."
    if actual * normalised < 0:
        return "The season hides that it goes the other way."
    if abs(normalised) > abs(actual):
        return "The season hides part of it."
    return "Part of it is season." if 2 * abs(normalised) > abs(actual) else "Most of it is season."


def _doubt(view: View, zone: str | None) -> float:
    """The largest spread between years of the indices of a place [1]."""
    rows = view.ask("seasonal_indices").rows
    mine = rows if zone is None else rows.filter(pl.col("zone") == zone)
    return float(mine["spread"].max() or 0.0)


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
    units = view.ask("units_of_windows", first, second, zone=zone, scope=view.scope)
    if units.height:
        st.markdown("**By activity: what a unit of work takes**")
        st.caption(
            "Demand has seasons too. Per unit of work it plays no part; what is left is how the "
            "work is done, and without season the grid's part is gone as well."
        )
        tables.show(
            units.with_columns(
                pl.col("per").replace(words.PER_UNITS), pl.col("change", "normalised_change") * 100
            ),
            key="season_per_unit",
            alt="Emissions per unit of work in the two periods",
            titles=PER_UNIT,
            download="per-unit-two-periods.csv",
        )


def _metrics(change: Any) -> None:
    share = min(change.first.indexed_share, change.second.indexed_share)
    if share > 0:
        left = "emissions; what grids' seasons explain is taken out"
        if not change.normalised:
            left = f"an index applies to {numbers.percent(share)} of the emissions alone"
        flat, flat_per_kwh = change.normalised_change, change.normalised_intensity_change
    else:
        left, flat, flat_per_kwh = "no index applies here", None, None
    with st.grid(4, min_column_width=190):
        for label, value, explained in (
            ("Per hour, as it is", change.actual_change,
             f"{numbers.mass(change.first.actual_kg)} in {_hours(change.first)}, then "
             f"{numbers.mass(change.second.actual_kg)} in {_hours(change.second)}"),
            ("Per hour, without season", flat, left),
            ("Energy per hour", change.energy_change,
             f"{numbers.energy(change.first.kwh)}, then {numbers.energy(change.second.kwh)}"),
            ("Per kWh, without season", flat_per_kwh,
             f"as it is {numbers.relative(change.intensity_change)}"),
        ):  # fmt: skip
            with st.container(border=True, height="stretch"):
                st.metric(label, numbers.relative(value))
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
