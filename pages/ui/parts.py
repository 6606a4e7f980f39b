"""The parts of a screen that shows one of them at a time, and the way from one to another."""

from collections.abc import Collection

import streamlit as st

_THERE = "parts_there"
KEY = "part"
"""Of the widget that chooses the part; it stands in the address too."""


def declare(names: Collection[str]) -> None:
    """Say which parts the screen has, before any of them is drawn."""
    st.session_state[_THERE] = tuple(names)


def button(name: str, label: str, icon: str, *, key: str) -> None:
    """A button that leads to another part of the screen, where the screen has it."""
    if name in st.session_state.get(_THERE, ()):
        st.button(label, icon=icon, key=key, on_click=_go, args=(name,))


def _go(name: str) -> None:
    st.session_state[KEY] = name
