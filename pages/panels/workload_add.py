"""A workload by hand, before any activity names it; and off again, while nothing refers to it."""

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from carbon.schema import LIFECYCLES
from pages.ui import gate, numbers, words
from pages.ui.view import View


def draw(view: View, frame: pl.DataFrame) -> None:
    """Two forms."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Add a workload**")
        form(view)
    with right:
        st.markdown("**Delete a workload**")
        _delete(view, frame)


def form(view: View) -> None:
    """The name under which activity will refer to it, and what is known of it."""
    with st.form("inventory_add", clear_on_submit=False):
        name = st.text_input("Workload", help="The name under which activity will refer to it.")
        shown = st.text_input("Shown as", help="Optional: a name that people know it by.")
        lifecycle = st.selectbox(
            "Lifecycle",
            LIFECYCLES,
            index=None,
            format_func=lambda code: words.name_of(words.LIFECYCLES, code),
        )
        model = st.text_input("Model")
        owner = st.text_input("Owner")
        pressed = st.form_submit_button("Add", icon=":material/add:")
    if not pressed:
        return
    stated = {"name": shown, "lifecycle": lifecycle, "model": model, "owner": owner}
    try:
        view.portfolio.add_workload(
            name, {field: value for field, value in stated.items() if value}, who=gate.who()
        )
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    st.session_state["inventory_said"] = f"Added {numbers.plain(name.strip())}."
    st.rerun()


def _delete(view: View, frame: pl.DataFrame) -> None:
    """Only what no activity names can be deleted; the rest is put outside the boundary."""
    free = frame.filter(pl.col("rows") == 0)["workload_id"].sort().to_list()
    st.caption(
        "A workload that activity, a rule or a decision names stays: put it outside the boundary "
        "instead, with a reason. The history of what was stated stays in any case."
    )
    if not free:
        st.caption("Every workload has activity; none can be deleted.")
        return
    workload = st.selectbox("Workload without activity", free, index=None, key="inventory_gone")
    if st.button(
        "Delete", icon=":material/delete:", key="inventory_delete", disabled=workload is None
    ):
        try:
            view.portfolio.delete_workload(workload, who=gate.who())
        except PortfolioError as error:
            st.error(numbers.plain(str(error)), icon=":material/error:")
            return
        st.session_state["inventory_said"] = f"Deleted {numbers.plain(workload)}."
        st.rerun()
