"""Reports: what do I hand over?"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui import bar, gate, numbers, states
from pages.ui.view import View

PREVIEW_HEIGHT_PX = 820


def draw(view: View) -> None:
    """The whole screen."""
    states.title(
        "Reports",
        "The figures as a document, with every factor, assumption and file behind them.",
        view,
    )
    if view.is_empty:
        states.empty(
            "Here the report will stand, ready to download.", "No activity was imported yet."
        )
        return
    if states.nothing_in_view(view):
        return
    scenarios = _in_report(view)
    options, preview = st.columns([3, 7], gap="medium")
    with options:
        _options(view, scenarios)
    with preview:
        _preview(view, scenarios)


def _in_report(view: View) -> list[dict[str, Any]]:
    """The scenarios that the report lists, as they are kept: they are part of the question."""
    kept = view.portfolio.scenarios()
    return [kept[name] for name in view.portfolio.scenarios_in_report()]


def _report(view: View, kind: str, scenarios: list[dict[str, Any]]) -> bytes:
    document: bytes = view.ask(
        "report", kind, view.month_from, view.month_to, scope=view.scope, scenarios=scenarios
    )
    return document


def _options(view: View, scenarios: list[dict[str, Any]]) -> None:
    st.subheader("Hand over", anchor=False)
    name = _file_name(view)
    _download(
        "PDF report",
        f"{name}.pdf",
        lambda: _report(view, "pdf", scenarios),
        mime="application/pdf",
        icon="picture_as_pdf",
    )
    st.caption(
        "Archival and accessible (PDF/A-3a, PDF/UA-1), with the figures attached inside as JSON "
        "and CSV."
    )
    _download(
        "Workbook",
        f"{name}.xlsx",
        lambda: _report(view, "xlsx", scenarios),
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        icon="table_view",
    )
    st.caption("The same figures as tables, for a colleague's own calculation.")
    _download(
        "Data pack",
        f"{name}.json",
        lambda: _report(view, "data", scenarios),
        mime="application/json",
        icon="data_object",
    )
    st.caption("One JSON document, for another system.")
    st.subheader("What it will say", anchor=False)
    boundary = view.portfolio.policy.boundary
    st.text_input(
        "Organisation",
        value=boundary.organisation,
        max_chars=120,
        placeholder="Name to print on the report",
        key="organisation",
        on_change=_name_organisation,
        args=(view,),
    )
    _choose_scenarios(view)
    facts = {
        "Period": numbers.period(view.first_month, view.last_month),
        "Workloads": "in scope" if view.scope == "in" else "all, in scope or not",
        "Consolidation": boundary.consolidation_approach.replace("_", " "),
        "Methods": "location-based and market-based, side by side",
    }
    for title, fact in facts.items():
        st.markdown(f"{title}: **{numbers.plain(fact)}**")
    st.caption(
        "Period and boundary are set in the bar at the top. Both methods are always reported. The "
        "same evidence, policy and factors give the same bytes."
    )
    with st.expander("Follow a figure to its file", icon=":material/account_tree:"):
        st.markdown(
            "A reader of the report can recompute each figure: on Overview every figure opens its "
            "lineage, and on the command line"
        )
        st.code("carbon explain --workload NAME --month YYYY-MM --json", language="bash")


def _choose_scenarios(view: View) -> None:
    kept = list(view.portfolio.scenarios())
    if not kept:
        st.caption("No scenario is saved. One that is saved on What-if can be listed here.")
        return
    st.multiselect(
        "Scenarios, in a section that is not part of the inventory",
        kept,
        default=view.portfolio.scenarios_in_report(),
        placeholder="None",
        key="report_scenarios",
        on_change=_list_scenarios,
        args=(view, kept),
    )


def _list_scenarios(view: View, kept: list[str]) -> None:
    chosen = st.session_state["report_scenarios"]
    for name in kept:
        view.portfolio.scenario_in_report(name, name in chosen, who=gate.who())


def _name_organisation(view: View) -> None:
    view.portfolio.name_organisation(st.session_state["organisation"], who=gate.who())


def _download(title: str, name: str, build: Callable[[], bytes], *, mime: str, icon: str) -> None:
    """A button that makes the document on the click."""
    st.download_button(
        title,
        data=build,
        file_name=name,
        mime=mime,
        icon=f":material/{icon}:",
        type="primary" if name.endswith(".pdf") else "secondary",
        on_click="ignore",
        width="stretch",
        key=f"download_{icon}",
    )


def _preview(view: View, scenarios: list[dict[str, Any]]) -> None:
    st.subheader("Preview", anchor=False)
    with st.spinner("Typesetting the report"):
        document = _report(view, "pdf", scenarios)
    st.pdf(document, height=PREVIEW_HEIGHT_PX, key="preview", alt="The report as a PDF document")


def _file_name(view: View) -> str:
    return f"ai-carbon-footprint-{view.first_month}-to-{view.last_month}"


gate.require()
draw(bar.current())
