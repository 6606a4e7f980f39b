"""Scenarios that are kept: saved, compared side by side, handed over, put in the report."""

import json
from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from pages.panels import whatif_state as state
from pages.ui import charts, gate, numbers, tables, whatif_charts, whatif_figures, words
from pages.ui.view import View

MOST: Final = 4
"""Scenarios that are compared at once."""

TODAY: Final = "Today"

_SAID: Final = "whatif_said"


def hand_over(view: View, document: state.Document, outcome: Any) -> None:
    """Beneath the result: save it under a name, or take it along as a file."""
    shown = st.popover(
        "Save or export", icon=":material/save:", on_change="rerun", key="whatif_out"
    )
    if not shown.open:
        return
    with shown:
        name = st.text_input("Name", value=document["name"], key="whatif_name")
        reported = st.checkbox(
            "Put in the report",
            key="whatif_in_report",
            help="In a section of its own; a scenario is never part of the inventory.",
        )
        if st.button("Save", type="primary", key="whatif_save", icon=":material/save:"):
            _save(view, document | {"name": name}, reported=reported)
        file = _file_name(document["name"])
        with st.container(horizontal=True):
            for suffix, mime, content in (
                ("toml", "application/toml", lambda: view.portfolio.scenario_toml(document)),
                ("json", "application/json", lambda: _json(outcome)),
                ("csv", "text/csv", lambda: tables.csv(_rows(outcome))),
            ):
                st.download_button(
                    suffix.upper(),
                    data=content,
                    file_name=f"{file}.{suffix}",
                    mime=mime,
                    key=f"whatif_{suffix}",
                    on_click="ignore",
                    icon=":material/download:",
                )
        st.caption("TOML is the scenario, as `carbon whatif` takes it; JSON and CSV its figures.")


def draw(view: View) -> None:
    """What is saved, side by side."""
    _say()
    kept = view.portfolio.scenarios()
    _bring(view)
    if not kept:
        st.info(
            "No scenario is saved yet. Set the sliders, then Save or export above.",
            icon=":material/info:",
        )
        return
    names = list(kept)
    st.subheader("Side by side", anchor=False)
    chosen = st.multiselect(
        "Scenarios",
        names,
        default=names[:MOST],
        max_selections=MOST,
        key="whatif_compared",
        label_visibility="collapsed",
    )
    if chosen:
        _compare(view, chosen)
    _list(view, kept)


def _compare(view: View, chosen: list[str]) -> None:
    try:
        outcomes = view.portfolio.compare_scenarios(chosen)
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    rows = pl.DataFrame([_line(outcome) for outcome in outcomes], infer_schema_length=None)
    charts.show(
        whatif_charts.compared(_bars(outcomes), view.methods), key=f"whatif_compare_{view.method}"
    )
    tables.show(
        rows,
        key="whatif_compare_table",
        alt="Saved scenarios side by side",
        titles={
            "scenario": "Scenario",
            **{f"{m}_kg": f"{words.METHODS[m]} [kgCO₂e]" for m in _METHODS},
            **{f"{m}_change": "Change" for m in _METHODS},
            **{f"{m}_today_kg": f"{words.METHODS[m]}, today [kgCO₂e]" for m in _METHODS},
            "not_kept": "Limits not kept",
            "months": "Months",
        },
        download="scenarios.csv",
    )


_METHODS: Final = ("location", "market")


def _line(outcome: Any) -> dict[str, Any]:
    """A scenario's row of the comparison."""
    today, after = outcome.baseline, outcome.scenario
    line: dict[str, Any] = {"scenario": outcome.name}
    for method in _METHODS:
        measure = f"{method}_kg_co2e"
        line |= {
            f"{method}_kg": after[measure],
            f"{method}_change": whatif_figures.percent(today[measure], after[measure]),
        }
    return line | {
        "not_kept": len(outcome.violations),
        "energy_facility_kwh": after["energy_facility_kwh"],
        "water_l": after["water_l"],
        "embodied_kg_co2e": after["embodied_kg_co2e"],
        **{f"{method}_today_kg": today[f"{method}_kg_co2e"] for method in _METHODS},
        "months": numbers.period(outcome.month_from, outcome.month_to),
    }


def _bars(outcomes: list[Any]) -> pl.DataFrame:
    """Today, where all are of the same state of today, then each scenario."""
    same = all(outcome.baseline == outcomes[0].baseline for outcome in outcomes)
    bars = [{"name": TODAY, **outcomes[0].baseline}] if same else []
    return pl.DataFrame(
        bars + [{"name": outcome.name, **outcome.scenario} for outcome in outcomes],
        infer_schema_length=None,
    )


def _list(view: View, kept: dict[str, Any]) -> None:
    st.subheader("Saved", anchor=False)
    reported = set(view.portfolio.scenarios_in_report())
    for name, document in kept.items():
        with st.container(
            key=f"whatif_kept_{name}", border=True, horizontal=True, vertical_alignment="center"
        ):
            st.markdown(f"**{numbers.plain(name)}**", width="stretch")
            if name in reported:
                st.badge("In the report", color="gray")
            st.button(
                "Open",
                key=f"whatif_open_{name}",
                icon=":material/tune:",
                on_click=state.open_next,
                args=(document,),
            )
            with st.popover("More", key=f"whatif_more_{name}"):
                _more(view, name, listed=name in reported)


def _more(view: View, name: str, *, listed: bool) -> None:
    renamed = st.text_input("Name", value=name, key=f"whatif_rename_{name}")
    if st.button("Rename", key=f"whatif_rename_do_{name}", disabled=renamed == name):
        _act(view, "rename_scenario", name, renamed, said=f"It is now called {renamed}.")
    label = "Take out of the report" if listed else "Put in the report"
    if st.button(label, key=f"whatif_report_{name}"):
        _act(view, "scenario_in_report", name, not listed, said=f"{label}: {name}.")
    if st.button("Delete", key=f"whatif_delete_{name}", icon=":material/delete:"):
        _act(view, "delete_scenario", name, said=f"{name} is deleted.")


def _bring(view: View) -> None:
    """A scenario file, opened on the sliders."""
    with st.expander("Open a scenario file", icon=":material/upload_file:"):
        given = st.file_uploader("TOML", type="toml", key="whatif_file", max_upload_size=1)
        if given and st.session_state.get("whatif_file_taken") != given.file_id:
            try:
                document = view.portfolio.scenario(given.getvalue().decode("utf-8")).to_dict()
            except (PortfolioError, UnicodeDecodeError) as error:
                st.error(numbers.plain(str(error)), icon=":material/error:")
                return
            st.session_state["whatif_file_taken"] = given.file_id
            state.open_next(document)
            st.rerun()


def _save(view: View, document: state.Document, *, reported: bool) -> None:
    _act(
        view,
        "save_scenario",
        document,
        said=f"{document['name']} is saved.",
        in_report=reported,
    )


def _act(view: View, verb: str, *args: Any, said: str, **options: Any) -> None:
    """A verb that writes; then the whole screen is drawn again."""
    try:
        getattr(view.portfolio, verb)(*args, who=gate.who(), **options)
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    st.session_state[_SAID] = said
    st.rerun()


def _say() -> None:
    if said := st.session_state.pop(_SAID, None):
        st.toast(numbers.plain(said), icon=":material/check:")


def _json(outcome: Any) -> str:
    return json.dumps(outcome.to_dict(), indent=2, ensure_ascii=False)


def _rows(outcome: Any) -> pl.DataFrame:
    """Each month, workload and place, today and in the scenario, one row each."""
    rows = [
        {"part": part, "name": row[part], "state": side, **row[side]}
        for part in ("month", "workload", "place")
        for row in getattr(outcome, f"by_{part}")
        for side in ("today", "scenario")
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _file_name(name: str) -> str:
    kept = "".join(letter if letter.isalnum() else "-" for letter in name.lower())
    return "-".join(part for part in kept.split("-") if part) or "scenario"
