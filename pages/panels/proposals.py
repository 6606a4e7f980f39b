"""Proposals: what other systems know of and the inventory does not, to be decided one by one."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from pages.ui import discovery, gate, numbers, states, tables, words
from pages.ui.view import View

KINDS: Final = {
    "new": ("New", "orange"),
    "match": ("Belongs to a workload", "blue"),
    "merge": ("Two that look like one", "violet"),
    "known": ("To confirm", "gray"),
}
"""What a proposal is, and its colour."""

AT_ONCE: Final = 6
"""Cards drawn before the reader asks for more."""

_FIELDS: Final = (
    ("model", "Model"),
    ("lifecycle", "Lifecycle"),
    ("provider", "Provider"),
    ("region", "Region"),
    ("site", "Site"),
    ("accelerator", "Accelerator"),
    ("accelerator_count", "Accelerators"),
    ("owner", "Owner"),
    ("business_unit", "Business unit"),
    ("project", "Project"),
)


def draw(view: View) -> None:
    """The whole panel."""
    discovery.said()
    found: tuple[Any, ...] = view.ask("proposals")
    waiting = [each for each in found if each.status == "open"]
    wanted = [each for each in waiting if each.kind != "known"]
    known = [each for each in waiting if each.kind == "known"]
    decided = [each for each in found if each.status != "open"]
    if not found:
        states.empty(
            "Here will stand what other systems know of and the inventory does not.",
            "Import a Terraform state, `kubectl get -o json`, a bill, or runs of a tracker.",
        )
        return
    _summary(view, len(wanted), len(known))
    _cards(view, wanted)
    _confirm(view, known)
    _decided(view, decided)


def _summary(view: View, wanted: int, known: int) -> None:
    left = view.ask("shadow_totals")
    with st.grid(min_column_width=170):
        st.metric("To decide", numbers.integer(wanted), border=True)
        st.metric("To confirm", numbers.integer(known), border=True)
        st.metric(
            "Energy nobody claims",
            numbers.energy(left.energy_kwh) if left.groups else "none",
            border=True,
        )
    st.caption(
        "Sources that speak of one thing stand together. Accepting writes an assignment rule for "
        "what nobody claims, and states what no source says. All files count here, whatever "
        "period is chosen."
    )


def _cards(view: View, wanted: Sequence[Any]) -> None:
    if not wanted:
        st.info("Nothing waits for a decision.", icon=":material/task_alt:")
        return
    discovery.by_and_by(
        wanted, lambda proposal: _card(view, proposal), key="proposals", at_once=AT_ONCE
    )


def _card(view: View, proposal: Any) -> None:
    key = proposal.proposal_id
    with st.container(border=True, key=f"card_{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            word, colour = KINDS[proposal.kind]
            st.badge(word, color=colour)
            st.markdown(f"**{numbers.plain(proposal.title)}**", width="content")
            for name in proposal.sources:
                st.badge(discovery.source(name), color="gray", icon=":material/visibility:")
        st.markdown(_sentence(proposal))
        if proposal.metadata:
            st.caption(_metadata(proposal))
        for line in _doubts(proposal):
            st.markdown(line)
        if proposal.note:
            st.warning(numbers.plain(proposal.note), icon=":material/history:")
        with st.expander("Evidence", icon=":material/plagiarism:"):
            for reason in proposal.why:
                st.markdown(f"- {numbers.plain(reason)}")
            discovery.evidence(proposal.evidence, key=f"evidence_{key}")
        _actions(view, proposal)


def _sentence(proposal: Any) -> str:
    """What is at stake, in a sentence."""
    if proposal.kind == "merge":
        return (
            f"{numbers.plain(proposal.workload)} and {numbers.plain(proposal.other)} look like one "
            f"workload: {'; '.join(numbers.plain(each) for each in proposal.why)}."
        )
    if not proposal.unclaimed_rows:
        known = proposal.energy_kwh is not None
        return (
            f"All of its activity is claimed ({numbers.energy(proposal.energy_kwh)})."
            if known
            else "It is declared, and nothing that was imported tells its energy: not measured."
        )
    energy = (
        f"{numbers.energy(proposal.unclaimed_kwh)} that nobody claims"
        if proposal.unclaimed_kwh is not None
        else "Use that nobody claims, of which no energy is known"
    )
    return f"{energy}, {discovery.money(proposal.cost)}."


def _metadata(proposal: Any) -> str:
    parts = []
    for column, title in _FIELDS:
        value = proposal.metadata.get(column)
        if value:
            if column == "lifecycle":
                value = words.name_of(words.LIFECYCLES, value)
            if column == "provider":
                value = words.PROVIDERS.get(value, value)
            if column == "owner" and proposal.owner_why:
                value = f"{value} ({proposal.owner_why})"
            parts.append(f"{title}: {numbers.plain(value)}")
    return " · ".join(parts)


def _doubts(proposal: Any) -> list[str]:
    """What it may also be."""
    lines = []
    for match in proposal.matches[:3]:
        name = match.get("workload") or match.get("title")
        why = "; ".join(numbers.plain(each) for each in match["why"])
        lines.append(
            f":material/help: May be the same as **{numbers.plain(name)}** "
            f"({numbers.percent(match['score'])} sure): {why}."
        )
    return lines


def _actions(view: View, proposal: Any) -> None:
    """Accept under a name, merge into a workload, or ignore with a reason."""
    key = proposal.proposal_id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if proposal.kind == "new":
            name = st.text_input("Workload", value=proposal.workload, key=f"name_{key}", width=280)
        else:
            name = proposal.workload
        verb = {
            "new": "Accept",
            "match": f"Add to {proposal.workload}",
            "merge": f"Make them {proposal.workload}",
        }[proposal.kind]
        if st.button(
            numbers.plain(verb),
            key=f"accept_{key}",
            type="primary",
            icon=":material/check:",
            disabled=not name.strip(),
        ):
            discovery.decide(lambda: _accept(view, proposal, name))
        if proposal.kind != "merge":
            _merge(view, proposal)
        _ignore(view, proposal)


def _accept(view: View, proposal: Any, name: str) -> str:
    workload = view.portfolio.accept(proposal.proposal_id, name, who=gate.who())
    return f"Accepted: {numbers.plain(proposal.title)} is {numbers.plain(workload)} now."


def _merge(view: View, proposal: Any) -> None:
    key = proposal.proposal_id
    likely = [match["workload"] for match in proposal.matches if match.get("workload")]
    names = list(dict.fromkeys([*likely, *discovery.workloads(view)]))
    if not names:
        return
    with st.popover("Merge into …", icon=":material/merge:", key=f"merging_{key}"):
        into = st.selectbox("Workload that it is part of", names, key=f"into_{key}")
        if st.button("Merge", key=f"merge_{key}", type="primary"):
            discovery.decide(lambda: _merged(view, proposal, into))


def _merged(view: View, proposal: Any, into: str) -> str:
    workload = view.portfolio.merge(proposal.proposal_id, into, who=gate.who())
    return f"Merged: {numbers.plain(proposal.title)} is part of {numbers.plain(workload)} now."


def _ignore(view: View, proposal: Any) -> None:
    key = proposal.proposal_id
    with st.popover("Ignore …", icon=":material/block:", key=f"ignoring_{key}"):
        reason = st.text_input("Reason, for the record", key=f"reason_{key}")
        if st.button("Ignore", key=f"ignore_{key}", disabled=not reason.strip()):
            discovery.decide(lambda: _ignored(view, proposal, reason))


def _ignored(view: View, proposal: Any, reason: str) -> str:
    view.portfolio.ignore(proposal.proposal_id, reason, who=gate.who())
    return (
        f"Ignored: {numbers.plain(proposal.title)}. Its energy stays in Shadow AI, if it has any."
    )


def _confirm(view: View, known: Sequence[Any]) -> None:
    """Workloads that sources name: confirmed together, or those that are picked."""
    if not known:
        return
    st.subheader("Workloads that sources name and nobody confirmed", anchor=False)
    st.caption("Confirming writes nothing but your word; pick rows to confirm only these.")
    frame = pl.DataFrame(
        [
            {
                "workload": each.workload,
                "source": ", ".join(discovery.source(name) for name in each.sources),
                "energy_facility_kwh": each.energy_kwh,
                "model": each.metadata.get("model"),
                "owner": each.metadata.get("owner"),
                "may_be": ", ".join(m["workload"] for m in each.matches if m.get("workload")),
            }
            for each in known
        ],
        schema_overrides={"energy_facility_kwh": pl.Float64, "model": pl.String},
        infer_schema_length=None,
    )
    event = st.dataframe(
        tables.styled(frame),
        key=f"known_{view.version}",
        hide_index=True,
        alt="Workloads that sources name and nobody confirmed",
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="–",
        column_config={
            "workload": "Workload",
            "source": "Seen by",
            "energy_facility_kwh": "Facility energy [kWh]",
            "model": "Model",
            "owner": "Owner",
            "may_be": "May be the same as",
        },
    )
    picked = [known[at] for at in event.selection.rows] or list(known)
    if st.button(
        f"Confirm {numbers.count(len(picked), 'workload')}",
        key="confirm_known",
        icon=":material/done_all:",
    ):
        discovery.decide(lambda: _confirmed(view, picked))


def _confirmed(view: View, picked: Sequence[Any]) -> str:
    for each in picked:
        view.portfolio.accept(each.proposal_id, who=gate.who())
    return f"Confirmed: {numbers.count(len(picked), 'workload')}."


def _decided(view: View, decided: Sequence[Any]) -> None:
    if not decided:
        return
    with st.expander(f"Decided ({numbers.integer(len(decided))})", icon=":material/history:"):
        frame = pl.DataFrame(
            [
                {
                    "title": each.title,
                    "status": each.status,
                    "workload": each.decided["workload"],
                    "reason": each.decided["reason"],
                    "who": each.decided["who"],
                    "day": numbers.day(each.decided["at"]),
                }
                for each in decided
            ],
            infer_schema_length=None,
        )
        tables.show(
            frame,
            key="decided",
            alt="Decisions on proposals",
            titles={"title": "Proposal", "status": "Decision", "reason": "Reason", "day": "On"},
            download="decisions.csv",
        )
        titles = {each.proposal_id: each.title for each in decided}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(
                "Take a decision back",
                list(titles),
                format_func=lambda name: titles[name],
                key=f"decided_{view.version}",
                width=360,
            )
            if st.button("Reopen", key="reopen", icon=":material/undo:"):
                discovery.decide(lambda: _reopened(view, chosen, titles[chosen]))


def _reopened(view: View, proposal_id: str, title: str) -> str:
    view.portfolio.reopen(proposal_id, who=gate.who())
    return f"Open again: {numbers.plain(title)}. What the decision wrote was taken back."
