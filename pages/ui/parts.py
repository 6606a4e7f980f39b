"""The parts of a screen that shows one of them at a time, and the way from one to another."""

from collections.abc import Collection, Mapping

import streamlit as st

_THERE = "parts_there"
KEY = "part"
"""Of the widget that chooses the part; it stands in the address too."""


def declare(names: Collection[str]) -> None:
    """Say which parts the screen has, before any of them is drawn."""
    st.session_state[_THERE] = tuple(names)


def opened(titles: Mapping[str, str]) -> None:
    """Open the part that the address names, by its name or its title, in any case.

    The widget itself knows titles alone, as they are written; links and people write names.

    Args:
        titles: name of each part -> its title.
    """
    written = str(st.query_params.get(KEY, "")).strip().casefold()
    named = next((n for n, title in titles.items() if written in (n, title.casefold())), None)
    if named is not None and st.query_params[KEY] != titles[named]:
        st.query_params[KEY] = titles[named]
        st.session_state[KEY] = named


def button(name: str, label: str, icon: str, *, key: str) -> None:
    """A button that leads to another part of the screen, where the screen has it."""
    if name in st.session_state.get(_THERE, ()):
        st.button(label, icon=icon, key=key, on_click=_go, args=(name,))


def _go(name: str) -> None:
    st.session_state[KEY] = name
