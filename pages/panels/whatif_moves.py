"""The moves of the screen, in the order in which they are applied."""

from typing import Any, Final

import streamlit as st

from pages.panels import whatif_state as state
from pages.ui import numbers

MOST_NAMED: Final = 3
"""Names that a sentence lists; the rest are counted."""

MOST_TOLD: Final = 4
"""Moves and changes that a sentence tells; the rest are counted."""


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
        st.markdown(numbers.plain(f"{len(kept) + 1}. {said(live)}, by the sliders"))


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


def in_words(document: state.Document) -> str:
    """A scenario in a sentence: its moves and its changes; empty where it has none.

    Args:
        document: in the shape of its file.
    """
    told = [said(move) for move in document.get("moves", [])]
    changes = document.get("changes", {})
    for change, title in (
        ("energy_per_unit", "energy per unit of work"),
        ("growth", "activity"),
        ("utilisation", "use of the hardware"),
    ):
        ratio = state.of_all(changes.get(change))
        if ratio is not None:
            told.append(f"{title} {numbers.relative(ratio - 1)}")
        elif changes.get(change):
            told.append(f"{title} by workload")
    pue = state.of_all(changes.get("pue"))
    if pue is not None:
        told.append(f"PUE {pue:.4g} of what stays")
    told += [f"{each['from']} replaced by {each['to']}" for each in changes.get("hardware", [])]
    told += [
        f"{numbers.percent(each['share'])} of the load moved within its day"
        for each in changes.get("time_shift", [])
    ]
    told += [
        f"{numbers.energy(each['kwh'])} bought in {each['market']}"
        for each in changes.get("procurement", [])
    ]
    if not told:
        return ""
    more = f"; and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    return "; ".join(told[:MOST_TOLD]) + more + "."


def _several(named: list[str]) -> str:
    more = len(named) - MOST_NAMED
    return ", ".join(named[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
