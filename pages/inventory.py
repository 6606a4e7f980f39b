"""AI inventory: what AI do we run, whose is it, is it in scope?"""

from collections.abc import Callable
from typing import Final

import streamlit as st

from pages.panels import boundary, collection, proposals, rules, shadow, workloads
from pages.ui import bar, gate, parts, states
from pages.ui.view import View

PANELS: Final[dict[str, tuple[str, Callable[[View], None]]]] = {
    "workloads": ("Workloads", workloads.draw),
    "proposals": ("Proposals", proposals.draw),
    "shadow": ("Shadow AI", shadow.draw),
    "rules": ("Rules", rules.draw),
    "boundary": ("Boundary", boundary.draw),
    "collection": ("Data collection", collection.draw),
}
"""Name in the address -> title and what draws it. One is drawn at a time."""


def draw(view: View) -> None:
    """The whole screen."""
    states.title("AI inventory", "What AI runs, whose it is, and whether it is in scope.", view)
    parts.declare(PANELS)
    parts.opened({name: title for name, (title, _) in PANELS.items()})
    chosen = st.segmented_control(
        "Part of the inventory",
        list(PANELS),
        format_func=lambda name: PANELS[name][0],
        default="workloads",
        required=True,
        key=parts.KEY,
        bind="query-params",
        label_visibility="collapsed",
    )
    PANELS[chosen][1](view)


gate.require()
draw(bar.current())
