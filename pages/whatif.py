"""What-if: what if this moved, ran on less energy, or was bought otherwise?"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import polars as pl
import streamlit as st

from pages.panels import (
    whatif_changes,
    whatif_controls,
    whatif_limits,
    whatif_marginal,
    whatif_moves,
    whatif_optimiser,
    whatif_places,
    whatif_result,
    whatif_saved,
)
from pages.panels import whatif_state as state
from pages.ui import bar, gate, states
from pages.ui.view import View

STYLE: Final = Path(__file__).parent / "ui" / "whatif.css"

PART: Final = "show"
"""Of the parts' box; it stands in the address too."""

PARTS: Final = {
    "places": "Places",
    "changes": "Moves and changes",
    "limits": "Limits",
    "least": "Least-carbon placement",
    "saved": "Saved scenarios",
    "marginal": "Marginal view",
}


def draw(view: View) -> None:
    """The whole screen."""
    states.title("What-if", "Today beside what it would be, if load moved or changed.", view)
    if view.is_empty:
        states.empty(
            "Here sliders will move workloads between regions, and show what that would change.",
            "No activity was imported yet.",
        )
        return
    if states.nothing_in_view(view):
        return
    st.html(STYLE)
    named = whatif_controls.loads(view)
    state.bring(named)
    ranked = whatif_places.ranked(view)
    targets = whatif_places.targets(ranked)
    state.offered(targets)
    whatif_controls.sentence(view, named, targets)
    whatif_result.studio(
        view, shifting=whatif_places.can_shift(view), best=whatif_places.best(view, ranked)
    )
    whatif_controls.linked(PART, PARTS)
    st.session_state.setdefault(PART, "places")
    part = st.segmented_control(
        "Part",
        list(PARTS),
        format_func=PARTS.__getitem__,
        required=True,
        key=PART,
        bind="query-params",
        label_visibility="collapsed",
    )
    _part(view, part or "places", ranked, named)


def _part(view: View, part: str, ranked: pl.DataFrame, named: Mapping[str, str]) -> None:
    if part == "places":
        what = st.session_state.get(state.WHAT, state.ALL)
        whatif_places.draw(view, ranked, named[what])
    elif part == "changes":
        whatif_moves.draw()
        left, right = st.columns(2, gap="medium")
        with left:
            whatif_changes.hardware(view)
        with right:
            whatif_changes.purchases(view)
    elif part == "limits":
        left, right = st.columns([0.6, 0.4], gap="medium")
        with left:
            whatif_limits.draw(view, ranked)
        with right:
            whatif_changes.prices(ranked)
    elif part == "least":
        whatif_optimiser.draw(view)
    elif part == "saved":
        whatif_saved.draw(view)
    else:
        whatif_marginal.draw(view, ranked)


gate.require()
draw(bar.current())
