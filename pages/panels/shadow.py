"""Shadow AI: what runs on accelerators and AI services that no workload claims, and whose it is."""

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from pages.ui import charts, discovery, gate, numbers, states, tables, words
from pages.ui.view import View

AT_ONCE: Final = 8
"""Groups drawn before the reader asks for more."""


def draw(view: View) -> None:
    """The whole panel."""
    discovery.said()
    if view.portfolio.is_empty:
        states.empty(
            "Here will stand accelerators and AI services that no workload claims.",
            "Import a bill or the readings of meters.",
        )
        return
    groups = view.ask("shadow")
    total = view.ask("shadow_totals")
    if not groups:
        st.success(
            "Every use of accelerators and AI services is claimed by a workload.",
            icon=":material/task_alt:",
        )
        return
    _summary(total)
    _bars(total)
    st.subheader("Whose is it?", anchor=False)
    st.caption(
        "Most energy first. Assigning writes a rule, which claims later use of the same kind too."
    )
    _groups(view, groups)


def _summary(total: Any) -> None:
    with st.grid(min_column_width=170):
        st.metric("Energy nobody claims", numbers.energy(total.energy_kwh), border=True)
        st.metric("Location-based", numbers.mass(total.location_kg), border=True)
        st.metric("Cost of it", discovery.money(total.cost, short=True), border=True)
    if total.unknown:
        st.caption(
            f"Of {numbers.count(total.unknown, 'group')} of {numbers.integer(total.groups)} no "
            "energy is known; their energy is not in these figures, and is not 0."
        )


def _bars(total: Any) -> None:
    currency = next(iter(total.paid["currency"]), None)
    with st.grid(min_column_width=330):
        with st.container():
            st.markdown("**Energy by account or site**")
            charts.show(discovery.by_account(total.places), key="shadow_energy")
        if currency:
            with st.container():
                st.markdown(f"**Cost by account or site, {numbers.plain(currency)}**")
                charts.show(discovery.by_cost(total.paid, currency), key="shadow_cost")
    tables.beside(
        total.places,
        key="shadow_places",
        alt="Unclaimed use by account or site",
        download="shadow-ai.csv",
        titles={
            "where": "Account or site",
            "source": "Seen by",
            "groups": "Groups",
            "energy_kwh": "Facility energy [kWh]",
        },
    )


def _groups(view: View, groups: Sequence[Any]) -> None:
    names = discovery.workloads(view)
    discovery.by_and_by(
        groups, lambda group: _group(view, group, names), key="shadow", at_once=AT_ONCE
    )


def _group(view: View, group: Any, names: list[str]) -> None:
    key = group.group_id
    with st.container(border=True, key=f"shadow_{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{numbers.plain(group.name)}**", width="content")
            st.badge(discovery.source(group.source), color="gray", icon=":material/visibility:")
            if group.ignored:
                st.badge("Proposal ignored", color="orange", help=numbers.plain(group.ignored))
        energy = (
            f"**{numbers.energy(group.energy_kwh)}**, location-based "
            f"{numbers.mass(group.location_kg)}"
            if group.energy_kwh is not None
            else "**Energy not known**"
        )
        months = numbers.period(group.first_month, group.last_month)
        st.markdown(f"{energy}, {discovery.money(group.cost)}; {months}.")
        st.markdown(f":material/person_search: {_owner(group)}")
        with st.expander("Evidence and the rule", icon=":material/plagiarism:"):
            st.markdown(f"{numbers.plain(group.says)}.")
            st.caption(_place(group))
            rule = " and ".join(each.in_words() for each in group.conditions)
            st.markdown(f"The rule takes what nobody claims where {numbers.plain(rule)}.")
        _assign(view, group, names)


def _owner(group: Any) -> str:
    if group.owner is None:
        return "Nothing tells whose it is."
    return f"Likely {numbers.plain(group.owner)}: {numbers.plain(group.owner_why)}."


def _place(group: Any) -> str:
    parts = {
        "Provider": words.PROVIDERS.get(group.provider, group.provider),
        "Account": group.account,
        "Region": group.region,
        "Site": group.site,
        "Service": group.service,
        "Machine": group.machine,
        "Rows": numbers.integer(group.rows),
    }
    return " · ".join(f"{name}: {numbers.plain(value)}" for name, value in parts.items() if value)


def _assign(view: View, group: Any, names: list[str]) -> None:
    key = group.group_id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Workload, or a new name",
            names,
            index=None,
            accept_new_options=True,
            placeholder="choose or write",
            key=f"to_{key}",
            width=300,
        )
        if st.button(
            "Assign",
            key=f"assign_{key}",
            type="primary",
            icon=":material/assignment_ind:",
            disabled=not (chosen or "").strip(),
        ):
            discovery.decide(lambda: _assigned(view, group, chosen))


def _assigned(view: View, group: Any, workload: str) -> str:
    name = view.portfolio.assign_shadow(group.group_id, workload, who=gate.who())
    return f"Assigned: {numbers.plain(group.name)} is of {numbers.plain(name)} now."
