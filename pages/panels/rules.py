"""Assignment rules: what nobody claims yet, and the ordered rules that say whose it is."""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from pages.panels import rule_form
from pages.ui import gate, numbers, states, tables
from pages.ui.view import View

STATES: Final[dict[str, tuple[str, Any]]] = {
    "wins": ("in use", "green"),
    "shadowed": ("never reached", "orange"),
    "matches nothing": ("matches nothing", "orange"),
    "off": ("switched off", "gray"),
}
"""What a rule comes to -> how it is called, and its colour."""

SAID: Final = "rules_said"
"""Where what was done is kept until the panel is drawn again."""


def draw(view: View) -> None:
    """The whole panel."""
    if view.is_empty:
        states.empty(
            "Here rules will say whose activity is that no source names a workload for.",
            "No activity was imported yet.",
        )
        return
    coverage = view.ask("rule_coverage")
    entries: list[dict[str, Any]] = view.ask("rules")
    _summary(coverage)
    if said := st.session_state.pop(SAID, None):
        st.success(said, icon=":material/check:")
    _conflicts(coverage.conflicts)
    _listed(view, entries, coverage.rules)
    rule_form.draw(view, entries)
    _as_file(view, entries)
    _history(view)


def _summary(coverage: Any) -> None:
    """What remains, first: it is why a rule is written."""
    left, total = coverage.unclaimed, coverage.total
    cards = {
        "Nobody claims": (left["kwh_after"], left["rows_after"]),
        "Rules give to workloads": (total["kwh_given"], total["rows_given"]),
        "All AI activity": (total["kwh_in_all"], total["rows_in_all"]),
    }
    with st.grid(min_column_width=190):
        for title, (kwh, rows) in cards.items():
            st.metric(
                title,
                numbers.energy(kwh),
                numbers.count(rows, "row"),
                delta_color="off",
                delta_arrow="off",
                border=True,
            )
    st.caption(
        "The first rule whose conditions all hold takes a row, for its shares; what no rule takes "
        "belongs to whom its source names. Facility energy of all months, in scope or not."
    )


def _conflicts(conflicts: pl.DataFrame) -> None:
    disputed = conflicts.filter("other_owner")
    if disputed.is_empty():
        return
    st.warning(
        "Rules that disagree on rows which both hold for; the first one wins:\n\n"
        + "\n".join(
            f"- **{numbers.plain(row['winner'])}** before **{numbers.plain(row['loser'])}**: "
            f"{numbers.count(row['rows'], 'row')}, {_energy(row['kwh'])}"
            for row in disputed.to_dicts()
        ),
        icon=":material/call_split:",
    )


def _listed(view: View, entries: list[dict[str, Any]], counts: pl.DataFrame) -> None:
    st.subheader("Rules, in the order in which they are asked", anchor=False)
    if not entries:
        st.info(
            "There is no rule yet: every row belongs to whom its source names. Write the first one "
            "below.",
            icon=":material/rule:",
        )
    for place, (entry, count) in enumerate(zip(entries, counts.to_dicts(), strict=True)):
        rule_id = entry["rule_id"]
        with st.container(border=True, key=f"rule_{rule_id}"):
            word, colour = STATES[count["state"]]
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{place + 1}. {numbers.plain(entry['name'])}**", width="stretch")
                st.badge(word, color=colour)
            st.markdown(f"{numbers.plain(entry['words'])}.")
            if entry["note"]:
                st.markdown(f":material/sticky_note_2: {numbers.plain(entry['note'])}")
            st.caption(_count(count))
            with st.container(horizontal=True, gap="small"):
                _buttons(view, entry, place, len(entries))


def _buttons(view: View, entry: dict[str, Any], place: int, many: int) -> None:
    rule_id, name = entry["rule_id"], entry["name"]
    if _button("Earlier", "arrow_upward", rule_id, disabled=place == 0):
        _do(view, "move_rule", rule_id, -1, said=f"{name} is asked earlier.")
    if _button("Later", "arrow_downward", rule_id, disabled=place == many - 1):
        _do(view, "move_rule", rule_id, 1, said=f"{name} is asked later.")
    if _button("Change", "edit", rule_id):
        rule_form.begin(entry)
        st.rerun()
    switch = "Switch off" if entry["enabled"] else "Switch on"
    if _button(switch, "toggle_off" if entry["enabled"] else "toggle_on", rule_id):
        state = "off" if entry["enabled"] else "on"
        _do(view, "switch_rule", rule_id, on=not entry["enabled"], said=f"{name} is {state}.")
    if _button("Delete", "delete", rule_id):
        _do(view, "delete_rule", rule_id, said=f"{name} is deleted; its history stays below.")


def _button(label: str, icon: str, rule_id: str, *, disabled: bool = False) -> bool:
    return st.button(
        label,
        key=f"rule_{label}_{rule_id}",
        icon=f":material/{icon}:",
        type="tertiary",
        disabled=disabled,
    )


def _do(view: View, verb: str, *args: Any, said: str, **options: Any) -> None:
    try:
        getattr(view.portfolio, verb)(*args, who=gate.who(), **options)
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    st.session_state[SAID] = numbers.plain(said)
    st.rerun()


def _count(count: dict[str, Any]) -> str:
    parts = []
    for verb, rows, kwh in (
        ("Holds for", "rows_asked", "kwh_asked"),
        ("gives", "rows_won", "kwh_won"),
    ):
        energy = f": {_energy(count[kwh])}" if count[rows] else ""
        parts.append(f"{verb} {numbers.count(count[rows], 'row')}{energy}")
    if count["unknown_rows"]:
        parts.append(f"{numbers.count(count['unknown_rows'], 'row')} without a figure of energy")
    return " · ".join(parts)


def _energy(kwh: float | None) -> str:
    return "energy not known" if kwh is None else numbers.energy(kwh)


def _as_file(view: View, entries: list[dict[str, Any]]) -> None:
    with st.expander("Rules as a file", icon=":material/description:"):
        st.caption("TOML; `carbon rules try FILE` and `carbon rules import FILE` take the same.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.download_button(
                "Download rules.toml",
                data=lambda: view.portfolio.export_rules().encode(),
                file_name="rules.toml",
                mime="application/toml",
                on_click="ignore",
                icon=":material/download:",
                disabled=not entries,
                key="rules_download",
            )
        given = st.file_uploader("A file of rules", type=["toml"], key="rules_upload")
        if given is None:
            return
        try:
            text = given.getvalue().decode("utf-8")
            tried = view.ask("try_rules", view.ask("read_rules", text))
        except UnicodeDecodeError:
            st.error("The file is no UTF-8 text. Save it as UTF-8.", icon=":material/error:")
            return
        rule_form.moved(tried.workloads, key="rules_file")
        st.caption("The rules of the file take the place of all that stand; others go.")
        if st.button("Put these rules in place", type="primary", icon=":material/save:"):
            view.portfolio.import_rules(text, who=gate.who())
            st.session_state[SAID] = "The rules of the file are in place."
            st.rerun()


def _history(view: View) -> None:
    history = view.ask("rule_history")
    if history.is_empty():
        return
    with st.expander("What became of each rule", icon=":material/history:"):
        tables.show(
            history.drop("rule_id"),
            key="rule_history",
            alt="Changes of rules, the latest first",
            titles={"at": "When", "who": "Who", "rule": "Rule", "what": "What became of it"},
            download="rule-history.csv",
        )
