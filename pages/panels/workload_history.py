"""Who changed what of a workload, and when."""

import polars as pl
import streamlit as st

from pages.ui import tables
from pages.ui.view import View

_WHAT = {"add": "added", "edit": "", "delete": "deleted"}


def draw(view: View, frame: pl.DataFrame) -> None:
    """Each field that was stated or taken back, the latest first."""
    rows: pl.DataFrame = view.ask("workload_history")
    if rows.is_empty():
        st.info(
            "Nothing was stated yet: all that stands here is what the files say.",
            icon=":material/history:",
        )
        return
    named = rows["workload"].unique().sort().to_list()
    workload = st.selectbox(
        "Workload", [None, *named], format_func=lambda name: name or "All", key="history_of",
        width=320,
    )  # fmt: skip
    titles = {field.name: field.title for field in view.portfolio.workload_fields()}
    shown = rows if workload is None else rows.filter(pl.col("workload") == workload)
    tables.show(
        shown.select(
            "at",
            "who",
            "workload",
            field=pl.coalesce(
                pl.col("field").replace(titles),
                pl.format("(workload {})", pl.col("action").replace(_WHAT)),
            ),
            before=pl.col("before"),
            after=pl.col("after"),
        ),
        key="inventory_history",
        alt="Changes of the AI inventory, the latest first",
        titles={"at": "When", "who": "Who", "field": "Field", "before": "Before", "after": "After"},
        download="ai-inventory-history.csv",
    )
