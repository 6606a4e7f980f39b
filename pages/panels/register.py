"""The register of measures: what was done, what was expected, what the record shows."""

from typing import Any, Final

import polars as pl
import streamlit as st

from pages.panels.target_form import act
from pages.ui import numbers, tables, words
from pages.ui.view import View

TITLES: Final = {
    "measure": "Measure",
    "taken": "Taken on",
    "workloads": "Workloads",
    "expected": "Expected",
    "shown": "Shown, per unit of work",
    "verdict": "Verdict",
    "done": "What was done",
    "evidence": "Evidence",
}


def draw(view: View) -> None:
    """Every measure with what it was to bring beside what is seen, and the form for another."""
    st.subheader("Measures taken", anchor=False)
    results = view.portfolio.measure_results()
    if results:
        tables.show(
            pl.DataFrame([_row(result) for result in results]),
            key="measures",
            alt="Measures: expected beside shown",
            titles=TITLES,
            download="measures.csv",
        )
        st.caption(
            "Expected and shown are compared per unit of work, so that demand plays no part, and "
            "without season where an index applies. The record shows what changed when a measure "
            "was taken, not that the measure changed it. Nothing here is subtracted from the "
            "footprint."
        )
        _notes(results)
    else:
        st.markdown("No measure is in the register yet.")
    _form(view)
    if results:
        with st.popover("Strike a measure out", icon=":material/delete:"):
            names = [result.measure.name for result in results]
            name = st.selectbox("Which", names, key="measure_delete_which")
            if st.button("Strike it out", key="measure_delete"):
                act(view, "delete_plan", "measure", name, said=f"{name} is struck out.")


def _row(result: Any) -> dict[str, Any]:
    measure, found = result.measure, result.main
    return {
        "measure": measure.name,
        "taken": measure.taken,
        "workloads": ", ".join(measure.workloads),
        "expected": _expected(measure),
        "shown": f"{numbers.relative(found.change)} ({numbers.relative(found.low)} to "
        f"{numbers.relative(found.high)})"
        if found
        else "not yet",
        "verdict": found.verdict.capitalize() if found else "",
        "done": measure.done,
        "evidence": measure.evidence,
    }


def _expected(measure: Any) -> str:
    of = words.TARGET_MEASURES[measure.of].lower()
    if measure.expected_share is not None:
        return f"{numbers.relative(measure.expected_share)} of {of}"
    write = numbers.energy if measure.of == "energy" else numbers.mass
    return f"{write(measure.expected_kg)} a year of {of}"


def _notes(results: tuple[Any, ...]) -> None:
    for result in results:
        if result.missing:
            st.caption(f"{numbers.plain(result.measure.name)}: {numbers.plain(result.missing)}")
        elif result.main.notes:
            said = " ".join(result.main.notes)
            st.caption(f"{numbers.plain(result.measure.name)}: {numbers.plain(said)}")


def _form(view: View) -> None:
    with st.expander("Enter a measure", icon=":material/add_task:"):
        said: dict[str, Any] = {}
        left, right = st.columns(2, gap="medium")
        with left:
            name = st.text_input("Name", placeholder="Batching in chat", key="measure_name")
            workloads = view.ask("footprint", ("workload",)).rows["workload"]
            said["workloads"] = st.multiselect(
                "Workloads", sorted(workloads), key="measure_workloads"
            )
            said["taken"] = str(st.date_input("Taken on", key="measure_taken"))
            said["done"] = st.text_area("What was done", key="measure_done")
        with right:
            said["of"] = st.selectbox(
                "What was to change", list(words.TARGET_MEASURES), key="measure_of",
                format_func=words.TARGET_MEASURES.__getitem__,
            )  # fmt: skip
            said |= _asked(said["of"])
            scenarios = list(view.portfolio.scenarios())
            said["scenario"] = st.selectbox(
                "Goes back to the scenario", scenarios, index=None, key="measure_scenario",
                placeholder="None" if scenarios else "None is saved",
            )  # fmt: skip
            evidence = st.text_input("Evidence", key="measure_evidence")
            said["evidence"] = evidence or None
        if st.button("Enter it", type="primary", key="measure_save", disabled=not name):
            act(view, "save_measure", name, said, said=f"{name} is in the register.")


def _asked(of: str) -> dict[str, float | None]:
    """What was expected: a share per unit of work, or an amount a year."""
    kind = st.segmented_control(
        "Expected as", ["share", "amount"], default="share", required=True, key="measure_kind",
        format_func={"share": "A share", "amount": "An amount"}.__getitem__,
    )  # fmt: skip
    if kind == "share":
        share = st.slider(
            "Expected change per unit of work", -0.99, 1.0, -0.2, 0.01, format="percent",
            key="measure_share",
        )  # fmt: skip
        return {"expected_share": share}
    unit = "kWh" if of == "energy" else "kgCO₂e"
    amount = st.number_input(
        f"Expected change a year [{unit}], below 0 for less", value=None, key="measure_amount"
    )
    return {"expected_kg": amount}
