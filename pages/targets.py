"""Targets: are we on the path, where does the trend lead, and what did our measures show?"""

from typing import Any, Final

import streamlit as st

from carbon.portfolio import PortfolioError
from pages.panels import register, target_form
from pages.ui import bar, charts, gate, numbers, states, tables, target_charts, words
from pages.ui.view import View

STATUS: Final = {
    "on path": ("On the path", "green", ":material/check:"),
    "below path": ("Below the path", "green", ":material/south:"),
    "above path": ("Above the path", "orange", ":material/north:"),
    "not known": ("Not known", "gray", ":material/question_mark:"),
}

TITLES: Final = {
    "month": "Twelve months up to",
    "actual": "Record",
    "path": "Path",
    "estimated": "Estimated",
    "value": "By the trend",
    "low": "Low",
    "high": "High",
    "planned": "With planned scenarios",
    "planned_low": "Low, planned",
    "planned_high": "High, planned",
}


def draw(view: View) -> None:
    """The whole screen."""
    states.title("Targets", "The path, the record, and what measures have shown.", view)
    if view.is_empty:
        states.empty(
            "Here the path to your target will stand, and how far from it you are.",
            "No activity was imported yet.",
        )
        return
    target_form.say()
    targets = view.portfolio.targets()
    if targets:
        name = st.selectbox("Target", list(targets), key="target", bind="query-params")
        _target(view, targets[name])
    else:
        st.info(
            "No target is set yet. Choose what is to fall, from which base period, and until when.",
            icon=":material/flag:",
        )
    target_form.draw(view, opened=not targets)
    register.draw(view)
    st.caption("Neither a target nor a measure changes any figure of the footprint.")


def _target(view: View, target: Any) -> None:
    try:
        progress = view.portfolio.progress(target.name)
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    forecast, why = _forecast(view, target)
    _sentence(target, progress)
    charts.show(target_charts.path(target, progress, forecast), key=f"target_{target.name}")
    _ahead(target, progress, forecast, why)
    for note in (*progress.notes, *(forecast.notes if forecast else ())):
        st.caption(numbers.plain(note))
    tables.beside(
        progress.rows.select("month", "actual", "path", "estimated"),
        key="target_rows", alt="The record beside the path", titles=TITLES,
        download="target.csv",
    )  # fmt: skip
    if forecast is not None:
        tables.beside(
            forecast.rows, key="target_forecast", alt="The trend carried on", titles=TITLES,
            download="target-forecast.csv",
        )  # fmt: skip


def _forecast(view: View, target: Any) -> tuple[Any, str]:
    try:
        return view.portfolio.forecast(target.name), ""
    except PortfolioError as error:
        return None, str(error)


def _sentence(target: Any, progress: Any) -> None:
    """Where the record stands, before anything else."""
    status, colour, icon = STATUS[progress.status]
    st.badge(status, icon=icon, color=colour)
    write = _writer(target)
    if progress.actual.value is None:
        st.markdown(f"The record cannot be compared yet: {numbers.plain(progress.actual.how)}.")
        return
    said = (
        f"Twelve months to {numbers.month_name(progress.month)}: **{write(progress.actual.value)}**"
    )
    if progress.path is not None:
        said += f", where the path allows {write(progress.path)}"
    said += (
        f". Since the base period: **{numbers.relative(progress.change)}**, of "
        f"{numbers.relative(-target.reduction)} to be reached by "
        f"{numbers.month_name(target.until)}."
    )
    if progress.yearly is not None:
        said += f" To get there from here: {numbers.relative(progress.yearly)} a year."
    st.markdown(said)
    if progress.actual.estimated:
        st.caption(numbers.plain(progress.actual.how))


def _ahead(target: Any, progress: Any, forecast: Any, why: str) -> None:
    """Where the trend leads, or why no forecast is made."""
    if forecast is None:
        st.caption(numbers.plain(why))
        return
    write, short, end = _writer(target), _short(target), forecast.at(target.until)
    if end is None:
        return
    said = (
        f"If the trend of {forecast.months} months went on, it would be "
        f"**{write(end['value'])}** in {numbers.month_name(target.until)} "
        f"({numbers.between(end['low'], end['high'], short)})"
    )
    if target.planned:
        names = ", ".join(numbers.plain(plan.scenario) for plan in target.planned)
        said += (
            f"; with {names} **{write(end['planned'])}** "
            f"({numbers.between(end['planned_low'], end['planned_high'], short)})"
        )
    st.markdown(f"{said}. The target is {write(target.level)}.")
    st.caption(f"Forecast by {forecast.method}.")


def _writer(target: Any) -> Any:
    """How a value of a target is written, with what it is per."""
    unit = "" if target.measure == "energy" else " CO₂e"
    return lambda value: f"{_short(target)(value)}{unit} {words.TARGET_PER[target.per]}"


def _short(target: Any) -> Any:
    """The same without what it is per."""
    return numbers.energy if target.measure == "energy" else numbers.mass


gate.require()
draw(bar.current())
