"""Setting a target, and taking one back."""

from typing import Any, Final

import streamlit as st

from carbon.portfolio import PortfolioError
from pages.ui import gate, numbers, words
from pages.ui.view import View

_SAID: Final = "target_said"


def say() -> None:
    """What was done on the run before."""
    if said := st.session_state.pop(_SAID, None):
        st.toast(numbers.plain(said), icon=":material/check:")


def act(view: View, verb: str, *args: Any, said: str) -> None:
    """A verb that writes; then the whole screen is drawn again."""
    try:
        getattr(view.portfolio, verb)(*args, who=gate.who())
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    st.session_state[_SAID] = said
    st.rerun()


def draw(view: View, *, opened: bool) -> None:
    """The form, closed where a target is set already, and the targets to take back."""
    with st.expander("Set a target", icon=":material/flag:", expanded=opened):
        said = _asked(view)
        name = st.text_input("Name", placeholder="Half by 2030", key="target_name")
        if st.button("Set the target", type="primary", key="target_save", disabled=not name):
            act(view, "save_target", name, said, said=f"{name} is set.")
    known = list(view.portfolio.targets())
    if known:
        with st.popover("Take a target back", icon=":material/delete:"):
            name = st.selectbox("Which", known, key="target_delete_which")
            if st.button("Take it back", key="target_delete"):
                act(view, "delete_plan", "target", name, said=f"{name} is taken back.")


def _asked(view: View) -> dict[str, Any]:
    """What the form states, as `save_target` takes it."""
    said: dict[str, Any] = {"scope": view.scope}
    left, right = st.columns(2, gap="medium")
    with left:
        said["measure"] = st.selectbox(
            "What is to fall", list(words.TARGET_MEASURES), key="target_measure",
            format_func=words.TARGET_MEASURES.__getitem__,
        )  # fmt: skip
        said["per"] = st.selectbox(
            "Counted", list(words.TARGET_PER), key="target_per",
            format_func=words.TARGET_PER.__getitem__,
            help="In absolute terms, a year; or per unit of work. A figure per unit may fall while "
            "emissions rise: both are shown.",
        )  # fmt: skip
        months = list(view.months)
        said["base_from"] = st.selectbox(
            "Base period from", months, key="target_from", format_func=numbers.month_name
        )
        said["base_to"] = st.selectbox(
            "to", months, index=min(len(months), 12) - 1, key="target_to",
            format_func=numbers.month_name,
        )  # fmt: skip
    with right:
        said["until"] = st.text_input(
            "To be reached by the twelve months that end in", value="2030-12", key="target_until",
            help="A month, written as 2030-12.",
        )  # fmt: skip
        kind = st.segmented_control(
            "As", ["reduction", "level"], default="reduction", required=True, key="target_kind",
            format_func={"reduction": "A reduction", "level": "A level"}.__getitem__,
        )  # fmt: skip
        if kind == "reduction":
            said["reduction"] = st.slider(
                "Reduce by", 0.01, 1.0, 0.5, 0.01, format="percent", key="target_reduction"
            )
        else:
            unit = "kWh" if said["measure"] == "energy" else "kgCO₂e"
            said["level"] = st.number_input(
                f"Reach [{unit} {words.TARGET_PER[said['per']]}]", min_value=0.0, value=None,
                key="target_level",
            )  # fmt: skip
        said["path"] = st.selectbox(
            "Path", list(words.TARGET_PATHS), key="target_path",
            format_func=words.TARGET_PATHS.__getitem__,
        )  # fmt: skip
        said["planned"] = _planned(view)
    return said


def _planned(view: View) -> list[dict[str, str]]:
    """Saved scenarios that the forecast counts in, each from a month on."""
    saved = list(view.portfolio.scenarios())
    if not saved:
        st.caption("Scenarios that you save in What-if can be planned here.")
        return []
    return [
        {
            "scenario": name,
            "start": st.text_input(
                f"{name} in force from", value="2027-01", key=f"target_start_{name}"
            ),
        }
        for name in st.multiselect("Planned scenarios", saved, key="target_planned")
    ]
