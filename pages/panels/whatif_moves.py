"""The moves of the screen, in the order in which they are applied."""

from typing import Any, Final

import streamlit as st

from pages.panels import whatif_state as state
from pages.ui import numbers

MOST_NAMED: Final = 3
"""Names that a sentence lists; the rest are counted."""


def draw() -> None:
    """Every move, those that are kept with a button to take them out."""
    st.subheader("Moves", anchor=False)
    kept = state.rest().get("moves", [])
    live = state.move()
    if not kept and not live:
        st.caption("Nothing moves. Choose above what moves and where to.")
        return
    st.caption("Applied in this order; each takes its share of what is where it is by then.")
    for index, move in enumerate(kept):
        entry(f"{index + 1}. {said(move)}", "moves", index)
    if live:
        st.markdown(f"{len(kept) + 1}. {numbers.plain(said(live))}, by the sliders")


def entry(text: str, part: str, index: int) -> None:
    """One line of a list that is kept, with a button that takes it out.

    Args:
        text: what it says.
        part: the list: `moves`, `hardware` or `procurement`.
        index: where it stands in the list.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(numbers.plain(text), width="stretch")
        st.button(
            "Remove",
            key=f"whatif_drop_{part}_{index}",
            type="tertiary",
            icon=":material/close:",
            on_click=state.drop,
            args=(part, index),
        )


def said(move: dict[str, Any]) -> str:
    """A move in a sentence."""
    whose = ", ".join(
        f"{title.lower()} {_several(named)}"
        for kind, title in state.KINDS.items()
        if (named := [name for name in state.names(move.get(kind)) if name != state.ALL])
    )
    source = state.place_of(move, "from")
    return (
        f"{100 * move.get('share', 1.0):.3g}{numbers.THIN}% of {whose or 'all workloads'}"
        + (f" from {source}" if source else "")
        + f" to {state.place_of(move, 'to')}"
        + (f", PUE {move['pue']:.4g}" if move.get("pue") else "")
    )


def _several(named: list[str]) -> str:
    more = len(named) - MOST_NAMED
    return ", ".join(named[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
