"""A rule as a form, tried while it is written: conditions with the data's own values, shares."""

import datetime as dt
from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from carbon.schema import UNASSIGNED
from pages.ui import gate, numbers, tables
from pages.ui.view import View

TESTS: Final = {
    "is": "is",
    "is_not": "is not",
    "like": "is like (* and ?)",
    "not_like": "is not like",
    "present": "has a value",
    "absent": "has no value",
}
BOUNDS: Final = {"at_least": "is at least", "below": "is below"}
NUMBERS: Final = ("quantity", "average_power_w", "accelerator_count", "batch_size")
TAKES: Final = {
    "unclaimed": "only rows that no source claims",
    "any": "also rows whose source names a workload",
}

DRAFT: Final = "rule_draft"
"""Where the rule that is being changed is kept; nothing there: a new one."""

ROUND: Final = "rule_round"
"""How many forms were begun: part of every key, so that a new form starts empty."""

MOST_VALUES: Final = 300
"""Values that a list suggests; any other can be typed in."""

Entry = dict[str, Any]


def begin(entry: Entry | None) -> None:
    """Start the form afresh, on a rule or on a new one."""
    st.session_state[DRAFT] = entry
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def draw(view: View, entries: list[Entry]) -> None:
    """The form, and what the rule would come to."""
    draft: Entry = st.session_state.get(DRAFT) or {}
    if draft and draft["rule_id"] not in [entry["rule_id"] for entry in entries]:
        begin(None)
        draft = {}
    key = f"rule_form_{st.session_state.get(ROUND, 0)}"
    title = f"Change {numbers.plain(draft['name'])}" if draft else "A new rule"
    st.subheader(title, anchor=False)
    with st.container(border=True, key="rule_form"):
        conditions = _conditions(view, draft, key)
        shares = _shares(view, draft, key)
        rest = _rest(draft, key)
        entry = {
            **{name: draft[name] for name in ("rule_id", "priority", "enabled") if draft},
            **rest,
            "name": rest["name"] or _named(conditions),
            "conditions": conditions,
            "shares": shares,
        }
        asks = any(each["column"] == "workload" for each in conditions)
        if asks and entry["takes"] == "unclaimed":
            st.caption(
                ":material/info: A row whose workload you ask for is claimed already: let the rule "
                f"take {TAKES['any']}."
            )
        if conditions and shares:
            _trial(view, entry)
        else:
            st.caption("Choose a value for a condition and a workload to see what the rule takes.")
        if draft and st.button("Leave it as it is", key=f"{key}_cancel", type="tertiary"):
            begin(None)
            st.rerun()


def moved(workloads: pl.DataFrame, *, key: str) -> None:
    """Workloads before and after."""
    if workloads.is_empty():
        st.info("No workload would change.", icon=":material/equal:")
        return
    tables.show(
        workloads,
        key=f"{key}_moved",
        alt="Energy and emissions of workloads before and after the rule",
        columns=[
            *("workload", "kwh_before", "kwh_after", "location_kg_before", "location_kg_after"),
            *("market_kg_before", "market_kg_after"),
        ],
        titles={
            "kwh_before": "Energy now [kWh]",
            "kwh_after": "Energy then [kWh]",
            "location_kg_before": "Location-based now [kgCO₂e]",
            "location_kg_after": "Location-based then [kgCO₂e]",
            "market_kg_before": "Market-based now [kgCO₂e]",
            "market_kg_after": "Market-based then [kgCO₂e]",
        },
        download="rule-dry-run.csv",
    )


def _conditions(view: View, draft: Entry, key: str) -> list[Entry]:
    """Rows of column, test and values; those without a value are left out."""
    stated = draft.get("conditions", [{}])
    count = st.session_state.setdefault(f"{key}_conditions", len(stated))
    columns = view.ask("rule_columns")
    st.markdown("**Takes rows where all of these hold**")
    found = []
    for n in range(count):
        before = stated[n] if n < len(stated) else {}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            condition = _condition(view, before, columns, f"{key}_c{n}")
        if condition:
            found.append(condition)
    if st.button("One more condition", key=f"{key}_more", icon=":material/add:", type="tertiary"):
        st.session_state[f"{key}_conditions"] = count + 1
        st.rerun()
    return found


def _condition(view: View, before: Entry, columns: list[str], key: str) -> Entry | None:
    first = before.get("column", "account" if "account" in columns else columns[0])
    options = columns if first in columns else [first, *columns]
    column = st.selectbox(
        "Column or tag",
        options,
        index=options.index(first),
        format_func=lambda name: name.replace("_", " "),
        key=f"{key}_column",
        width=220,
    )
    tests = BOUNDS if column in NUMBERS else TESTS
    op = st.selectbox(
        "Test",
        list(tests),
        index=list(tests).index(before["op"]) if before.get("op") in tests else 0,
        format_func=tests.__getitem__,
        # Columns of numbers have other tests.
        key=f"{key}_{'bound' if tests is BOUNDS else 'test'}",
        width=170,
    )
    if op in ("present", "absent"):
        return {"column": column, "op": op, "values": []}
    stated = list(before.get("values", [])) if column == before.get("column") else []
    if column in NUMBERS:
        number = st.number_input(
            "Number",
            value=float(stated[0]) if stated else None,
            key=f"{key}_{column}_number",
            width=160,
        )
        values = [] if number is None else [f"{number:g}"]
    else:
        known = view.ask("rule_values", column)["value"].head(MOST_VALUES).to_list()
        values = st.multiselect(
            "Values",
            list(dict.fromkeys([*stated, *known])),
            default=stated,
            accept_new_options=True,
            placeholder="Choose or type",
            key=f"{key}_{column}_values",
            width=360,
        )
    return {"column": column, "op": op, "values": list(values)} if values else None


def _shares(view: View, draft: Entry, key: str) -> list[Entry]:
    """Whose it is: workloads and their percentages."""
    stated = draft.get("shares", [{}])
    count = st.session_state.setdefault(f"{key}_shares", len(stated))
    known = [name for name in view.ask("workloads")["workload_id"] if name != UNASSIGNED]
    st.markdown("**They belong to**")
    found = []
    for n in range(count):
        before = stated[n] if n < len(stated) else {}
        options = list(dict.fromkeys([*([before["workload"]] if before else []), *known]))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            workload = st.selectbox(
                "Workload",
                options,
                index=0 if before else None,
                accept_new_options=True,
                placeholder="Choose, or type a new one",
                key=f"{key}_s{n}_workload",
                width=360,
            )
            percent = st.number_input(
                "Share [%]",
                min_value=0.0,
                max_value=100.0,
                value=before.get("share", 1.0 if count == 1 else 0.0) * 100,
                step=5.0,
                key=f"{key}_s{n}_percent",
                width=150,
            )
        if workload and percent:
            found.append({"workload": workload, "share": percent / 100})
    if st.button("One more workload", key=f"{key}_w", icon=":material/add:", type="tertiary"):
        st.session_state[f"{key}_shares"] = count + 1
        st.rerun()
    return found


def _rest(draft: Entry, key: str) -> Entry:
    """Name, which rows it may take, dates and note."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name",
            value=draft.get("name", ""),
            placeholder="As its conditions say",
            key=f"{key}_name",
            width=260,
        )
        takes = st.selectbox(
            "It may take",
            list(TAKES),
            index=list(TAKES).index(draft.get("takes", "unclaimed")),
            format_func=TAKES.__getitem__,
            key=f"{key}_takes",
            width=330,
        )
        begins = st.date_input(
            "From", value=_day(draft.get("effective_from")), key=f"{key}_from", width=150
        )
        ends = st.date_input(
            "Until, exclusive", value=_day(draft.get("effective_to")), key=f"{key}_to", width=150
        )
    note = st.text_input(
        "Why, for the record", value=draft.get("note") or "", key=f"{key}_note"
    ).strip()
    return {
        "name": name.strip(),
        "takes": takes,
        "effective_from": begins.isoformat() if begins else None,
        "effective_to": ends.isoformat() if ends else None,
        "note": note or None,
    }


def _trial(view: View, entry: Entry) -> None:
    """What the rule would take, dispute and move; and the button that saves it."""
    try:
        tried = view.ask("try_rule", entry)
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    mine = tried.coverage.rules.filter(pl.col("rule_id") == tried.rule_id).row(0, named=True)
    energy = "energy not known" if mine["kwh_won"] is None else numbers.energy(mine["kwh_won"])
    st.markdown(
        f"**Holds for {numbers.count(mine['rows_asked'], 'row')}, takes "
        f"{numbers.count(mine['rows_won'], 'row')}: {energy}.** {numbers.plain(tried.words)}."
    )
    disputed = tried.coverage.conflicts.filter(
        pl.col("other_owner"),
        (pl.col("winner_id") == tried.rule_id) | (pl.col("loser_id") == tried.rule_id),
    )
    for row in disputed.to_dicts():
        st.warning(
            f"{numbers.plain(row['winner'])} is asked before {numbers.plain(row['loser'])} and "
            f"wins {numbers.count(row['rows'], 'row')} that both hold for.",
            icon=":material/call_split:",
        )
    st.markdown("**Before it is saved: workloads now and then**")
    moved(tried.workloads, key="rule_trial")
    st.caption(
        "Energy as today's footprint has it. What is stated of a workload (its accelerator, its "
        "place, whether it is in scope) acts once the rule is saved."
    )
    if st.button("Save the rule", type="primary", icon=":material/save:", key="rule_save"):
        try:
            view.portfolio.save_rule(entry, who=gate.who())
        except PortfolioError as error:
            st.error(numbers.plain(str(error)), icon=":material/error:")
            return
        begin(None)
        st.session_state["rules_said"] = f"Saved: {numbers.plain(entry['name'])}."
        st.rerun()


def _named(conditions: list[Entry]) -> str:
    """What a rule is called whose writer does not say."""
    return ", ".join(
        f"{each['column'].replace('_', ' ')} {each['op'].replace('_', ' ')} "
        f"{' or '.join(each['values'])}".strip()
        for each in conditions
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
