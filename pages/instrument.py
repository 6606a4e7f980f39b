"""Instrument: how does what runs here get into the baseline by itself?"""

import re
from typing import Final

import streamlit as st

from carbon.portfolio import HowTo
from pages.ui import bar, gate
from pages.ui.view import View

QUESTION: Final = "What runs your AI?"

LANGUAGES: Final = {"sh": "bash", "crontab": "bash"}
"""Names of languages in the docs -> those that colour code on the screen."""

_SECTION: Final = re.compile(r"^## ", re.MULTILINE)
"""The docs' second level stands below the page's own headings here."""


def draw(view: View) -> None:
    """The whole screen."""
    st.title("Instrument", anchor=False)
    st.caption(
        "Set-ups to copy, after which energy, requests and tokens arrive by themselves. Each says "
        "what was run here and what was not."
    )
    pages = {page.name: page for page in view.ask("how_tos")}
    chosen = st.segmented_control(
        QUESTION,
        list(pages),
        format_func=lambda name: pages[name].title,
        default=next(iter(pages)),
        required=True,
        key="setup",
        bind="query-params",
    )
    _page(pages[chosen])


def _page(page: HowTo) -> None:
    """One set-up: words, and code that is copied with a click."""
    st.subheader(page.title, anchor=False)
    st.markdown(page.summary)
    for part in page.parts:
        if part.language is None:
            st.markdown(_SECTION.sub("#### ", part.text))
            continue
        if part.file:
            st.caption(f"Save as `{part.file}`")
        st.code(part.text.rstrip("\n"), language=LANGUAGES.get(part.language, part.language))


gate.require()
draw(bar.current())
