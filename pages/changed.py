"""What changed: why is it up or down?"""

from typing import Any, Final

import polars as pl
import streamlit as st

from pages.ui import bar, change_charts, charts, gate, lineage, numbers, states, tables, words
from pages.ui.change_charts import signed, written
from pages.ui.view import View

AGAINST: Final = {
    "a_year_before": "The same months a year before",
    "just_before": "The months just before",
    "other": "Two periods of your choice",
}

BY: Final = {
    "workload": "Workloads",
    "model": "Models",
    "business_unit": "Business units",
    "project": "Projects",
    "lifecycle": "Lifecycles",
}

_OF_PLACES: Final = ("place", "grid", "procurement", "overhead")
"""Steps that zones stand behind."""

Months = tuple[str, str, str, str]
"""First and last month of the earlier period, then of the later one."""


def draw(view: View) -> None:
    """The whole screen."""
    st.title("What changed", anchor=False)
    if view.is_empty:
        states.empty(
            "Here the reasons for a change will stand: activity, efficiency, place, grid.",
            "No activity was imported yet.",
        )
        return
    chosen = _periods(view)
    if chosen is None:
        return
    months, per_day = chosen
    changes = {
        method: view.ask("changed", *months, method=method, scope=view.scope, per_day=per_day)
        for method in view.methods
    }
    _warn(changes[view.methods[0]])
    _waterfalls(changes, months)
    _behind(view, changes)


def _warn(change: Any) -> None:
    """What the change must not be read without, in one box above it."""
    warnings = [numbers.plain(note.text) for note in change.notes if note.warns]
    if warnings:
        st.warning("\n\n".join(warnings), icon=":material/event_repeat:")


def _periods(view: View) -> tuple[Months, bool] | None:
    """Which two periods, and whether by the day."""
    pairs = view.ask("comparable", view.month_from, view.month_to, scope=view.scope)
    options = [*pairs, *(["other"] if len(view.months) > 1 else [])]
    if not options:
        st.info(
            "A change needs two periods, and activity of one month alone is here. Import earlier "
            "months.",
            icon=":material/compare_arrows:",
        )
        return None
    if st.session_state.get("against") not in (None, *options):
        # Another period or workspace: there is nothing of that kind to compare it with.
        st.session_state.pop("against")
    with st.container(horizontal=True, vertical_alignment="bottom", key="compared"):
        against = st.selectbox(
            "Compared with",
            options,
            format_func=AGAINST.__getitem__,
            key="against",
            bind="query-params",
            width=270,
        )
        months = _own_choice(view) if against == "other" else _months_of(pairs[against])
        per_day = st.toggle("Per day", key="per_day", bind="query-params")
    if months is None:
        st.info("Each period ends no earlier than it begins; choose its months above.")
        return None
    st.caption(
        f"{numbers.period(*months[2:])} against {numbers.period(*months[:2])}, "
        f"{words.METHODS[view.method].lower()}, "
        + ("workloads in scope." if view.scope == "in" else "all workloads, in scope or not.")
        + " Electricity only; embodied hardware is on its own screen."
    )
    return months, per_day


def _months_of(pair: Any) -> Months:
    return pair.before_from, pair.before_to, pair.after_from, pair.after_to


def _own_choice(view: View) -> Months | None:
    """Four months; the first half of the record against its second until they are chosen."""
    first, last = view.months[0], view.months[-1]
    middle = len(view.months) // 2
    starts = (first, view.months[middle - 1], view.months[middle], last)
    titles = ("Earlier, from", "Earlier, to", "Later, from", "Later, to")
    keys = ("earlier_from", "earlier_to", "later_from", "later_to")
    chosen = [
        st.selectbox(
            title,
            view.months,
            index=view.months.index(start),
            format_func=numbers.month_name,
            key=f"{key}_{view.workspace}",
            width=130,
        )
        for title, key, start in zip(titles, keys, starts, strict=True)
    ]
    if chosen[0] > chosen[1] or chosen[2] > chosen[3]:
        return None
    return chosen[0], chosen[1], chosen[2], chosen[3]


def _waterfalls(changes: dict[str, Any], months: Months) -> None:
    """The finding in a sentence and the steps as a chart, a column a method."""
    names = numbers.period(*months[:2]), numbers.period(*months[2:])
    for place, (method, change) in zip(st.columns(len(changes)), changes.items(), strict=True):
        with place:
            st.subheader(words.METHODS[method], anchor=False)
            st.markdown(_sentence(change))
            key = f"waterfall_{method}_{'_'.join(months)}_{change.unit}"
            chart = change_charts.waterfall(change, *names)
            charts.opened(key, charts.show(chart, key=key, select=True), _choose_step)
            tables.beside(
                _in_steps(change),
                key=f"steps_table_{method}",
                alt="The steps from the first period's total to the second's",
                titles={"step": "Step", "kg_co2e": _mass_title(change)},
                download=f"what-changed-{method}.csv",
            )


def _choose_step(point: Any) -> None:
    """A click on a bar shows who is behind it."""
    step = point["customdata"][2]
    if step:
        st.session_state["step"] = step


def _sentence(change: Any) -> str:
    """How much more or less, and the largest reason."""
    before, after = change.before["kg_co2e"], change.after["kg_co2e"]
    if before is None or after is None:
        return "No emission is known in one of the two periods: energy without a factor is no zero."
    if change.largest is None:
        return f"**Nothing changed**: {written(before, change.unit)} in both periods."
    way = "more" if change.difference > 0 else "less"
    share = f", {numbers.percent(abs(change.share))}" if change.share is not None else ""
    reason, kg = words.CHANGE_STEPS[change.largest], change.of(change.largest)
    return (
        f"**{written(abs(change.difference), change.unit)} {way}**{share}: from "
        f"{written(before, change.unit)} to {written(after, change.unit)}. The largest reason is "
        f"**{reason[0].lower()}{reason[1:]}**, {signed(kg, change.unit)}."
    )


def _in_steps(change: Any) -> pl.DataFrame:
    steps: pl.DataFrame = change.with_totals
    return steps.with_columns(
        pl.col("step").replace(
            {"before": "First period", "after": "Second period"} | words.CHANGE_STEPS
        )
    )


def _mass_title(change: Any) -> str:
    return f"Total or difference [kgCO₂e{' a day' if 'day' in change.unit else ''}]"


def _behind(view: View, changes: dict[str, Any]) -> None:
    """Who is behind a step."""
    st.subheader("Who is behind it", anchor=False)
    there = [
        step
        for step in words.CHANGE_STEPS
        if any(step in change.steps["step"] for change in changes.values())
    ]
    if not there:
        st.markdown("Nothing changed between the two periods, for no workload.")
        return
    first = next(change.largest for change in changes.values() if change.largest)
    if st.session_state.get("step") not in there:
        st.session_state["step"] = first
    with st.container(horizontal=True, vertical_alignment="bottom", key="behind"):
        step = st.selectbox(
            "Step", there, format_func=words.CHANGE_STEPS.__getitem__, key="step", width=270
        )
        by = st.segmented_control(
            "By",
            list(BY),
            format_func=BY.__getitem__,
            default="workload",
            required=True,
            key="changed_by",
            bind="query-params",
        )
    st.caption(f"{words.CHANGE_MEANINGS[step]} A click on a bar above chooses its step.")
    for method, change in changes.items():
        rows = change.behind(step, by)
        if rows.is_empty():
            continue
        st.markdown(f"**{words.METHODS[method]}**: {_most_of_it(rows, by, change)}")
        _table(view, rows, by, change, key=f"behind_{method}_{by}_{step}")
        if step in _OF_PLACES:
            _places(change, step)
    _notes(changes)


def _most_of_it(rows: pl.DataFrame, by: str, change: Any) -> str:
    top = rows.row(0, named=True)
    name = words.LIFECYCLES.get(top[by]) if by == "lifecycle" else top[by]
    return f"most by {numbers.plain(name or 'not stated')}, {signed(top['kg_co2e'], change.unit)}."


def _table(view: View, rows: pl.DataFrame, by: str, change: Any, *, key: str) -> None:
    day = " a day" if "day" in change.unit else ""
    # A workload of one period has no figures of the other, nor work that both know.
    shown = rows.select(name for name in rows.columns if name == by or rows[name].count())
    if "unit" in shown.columns:
        shown = shown.with_columns(pl.col("unit").replace(words.WORK_UNITS))
    tables.show(
        shown,
        key=key,
        alt="Who is behind the step, the largest part first",
        titles={
            "kg_co2e": f"This step [kgCO₂e{day}]",
            "unit": "Work counted in",
            "work_before": f"Work, first period{day}",
            "work_after": f"Work, second period{day}",
            "facility_kwh_before": f"Energy, first [kWh{day}]",
            "facility_kwh_after": f"Energy, second [kWh{day}]",
            "kg_before": f"Total, first [kgCO₂e{day}]",
            "kg_after": f"Total, second [kgCO₂e{day}]",
            "business_unit": "Business unit",
            "project": "Project",
        },
        download=f"what-changed-{change.method}-by-{by.replace('_', '-')}.csv",
        select=(lambda row: lineage.workload(view, row["workload"])) if by == "workload" else None,
    )


def _places(change: Any, step: str) -> None:
    """Where the workloads behind a step drew power, and what a kWh emitted there."""
    day = " a day" if "day" in change.unit else ""
    with st.expander("Grid zones of these workloads", icon=":material/place:"):
        tables.show(
            change.places(step),
            key=f"zones_{change.method}_{step}",
            alt="Energy and emissions per kWh of the workloads behind the step, by grid zone",
            titles={
                "facility_kwh_before": f"Energy, first [kWh{day}]",
                "facility_kwh_after": f"Energy, second [kWh{day}]",
                "kg_per_kwh_before": "Intensity, first [kgCO₂e/kWh]",
                "kg_per_kwh_after": "Intensity, second [kgCO₂e/kWh]",
            },
            download=f"what-changed-{change.method}-zones.csv",
        )


def _notes(changes: dict[str, Any]) -> None:
    """What else bears on the comparison, and each scope category on its own."""
    change = next(iter(changes.values()))
    with st.expander("How to read it", icon=":material/info:"):
        for note in change.notes:
            if not note.warns:
                st.markdown(numbers.plain(note.text))
        st.markdown(
            "Log-mean decomposition (LMDI-I): the steps add up to the change, without a rest, and "
            "looking back in time turns each of them over. Work and energy per unit of work are "
            "told by workload; place, overhead and grid by the workload's zones. Both totals are "
            "compute totals, not GHG Protocol totals, so that a move from own hardware to a cloud "
            "is no end of a workload. Each scope category on its own:"
        )
        for method, each in changes.items():
            tables.show(
                each.categories,
                key=f"categories_{method}",
                alt=f"Each scope category in both periods, {words.METHODS[method].lower()}",
                titles={
                    "kg_before": f"{words.METHODS[method]}, first period [kgCO₂e]",
                    "kg_after": "Second period [kgCO₂e]",
                },
            )


gate.require()
draw(bar.current())
