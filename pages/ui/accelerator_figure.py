"""The model's figure of accelerators alone, beside imported editions of the same task."""

from typing import Any, Final

import polars as pl
import streamlit as st

from pages.ui import numbers, states, tables, words

UNSAID: Final = "Task not said"
TITLES: Final = {
    "name": "Other model",
    "wh_per_1000": "Accelerators, per 1,000 requests [Wh]",
    "ratio": "This model is so many times it",
    "boundary": "What the figure sees",
    "hardware": "Hardware",
    "release": "Edition",
    "publisher": "Publisher",
    "licence": "Licence",
    "document": "Document",
}
HOW: Final = (
    "No figure of accelerators alone is imported to stand beside it. Import a CSV of the AI Energy "
    "Score leaderboard, or any published figure with the references template (Import)."
)


def draw(found: Any) -> None:
    """Wh of accelerators per 1,000 requests, and the imported figures of a task.

    Args:
        found: what `model` gives of it.
    """
    if found.accelerator_only.is_empty():
        return
    row = found.accelerator_only.row(0, named=True)
    st.markdown(
        "Accelerators alone, in the manner of the AI Energy Score: "
        f"**{numbers.watt_hours(row['accelerator_wh_per_1000_queries'])}** per 1,000 requests."
    )
    if found.accelerators.is_empty():
        st.caption(HOW)
        states.link("import_.py", "Import figures", ":material/upload:")
        return
    rows = found.accelerators.with_columns(
        pl.col("task").fill_null(UNSAID),
        pl.col("release").fill_null("not stated"),
        pl.col("boundary").replace({k: v for k, v in words.FIGURE_BOUNDARIES.items() if k}),
    )
    tasks = rows["task"].unique().sort().to_list()
    task = st.selectbox(
        "Task of the published figures",
        tasks,
        format_func=numbers.plain,
        key="reference_task",
        help="Choose the task that comes nearest to what this model is asked for.",
    )
    tables.show(
        rows.filter(pl.col("task") == task),
        key="accelerators",
        alt="Accelerator energy per 1,000 requests of published models, with edition and document",
        columns=list(TITLES),
        titles=TITLES,
        download="accelerators.csv",
    )
    st.caption(
        "Chips and boards alone on both sides, and figures that you imported: no host, idle "
        "capacity or cooling. Hardware, prompts and load differ; a ratio is no ranking of quality."
    )
