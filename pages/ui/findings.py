"""The readiness list: what a careful reader would ask before the figures are handed on."""

from typing import Any, Final

import polars as pl
import streamlit as st

from pages.ui import numbers, tables
from pages.ui.view import View

SHOWN: Final = 4

_ICONS: Final = {
    "block": ":material/block:",
    "warn": ":material/warning:",
    "info": ":material/info:",
}
_WORDS: Final = {"block": "must be settled", "warn": "should be settled", "info": "to disclose"}
_ORDER: Final = tuple(_ICONS)

_PAGES: Final = {
    "boundary": ("inventory.py", "Open the AI inventory"),
    "market": ("methods.py", "Open Location vs market"),
    "instrument": ("methods.py", "Open Location vs market"),
    "residual": ("methods.py", "Open Location vs market"),
    "asserted": ("methods.py", "Open Location vs market"),
    "unassigned": ("inventory.py", "Open the AI inventory"),
    "workload": ("inventory.py", "Open the AI inventory"),
    "owner": ("inventory.py", "Open the AI inventory"),
    "quarantine": ("quarantine.py", "Open Quarantine"),
    "unmetered": ("import_.py", "Import what is missing"),
    "reading": ("sources.py", "Open Sources"),
    "place": ("sources.py", "Open Sources"),
    "superseded": ("sources.py", "Open Sources"),
    "energy_unknown": ("inventory.py", "State it in the AI inventory"),
    "energy_stated": ("inventory.py", "State it in the AI inventory"),
    "api_model": ("inventory.py", "Open the AI inventory"),
    "usage_several": ("sources.py", "Open Sources"),
    "energy": ("import_.py", "Import what is missing"),
    "factor": ("import_.py", "Import a factor"),
}


def readiness(view: View) -> None:
    """The findings of the period, worst first, each with what to do and where."""
    found = sorted(view.of_period("findings"), key=lambda finding: _ORDER.index(finding.severity))
    aside = view.ask("quarantine")
    entries = len(found) + (not aside.is_empty())
    st.subheader(
        f"{numbers.count(entries, 'thing')} to settle or know"
        if entries
        else "Nothing to settle: ready to hand on",
        anchor=False,
    )
    if not entries:
        return
    with st.container(border=True):
        _aside(aside)
        for number, finding in enumerate(found[:SHOWN]):
            _entry(finding, number)
        if found[SHOWN:]:
            with st.expander(f"{len(found) - SHOWN} more"):
                for number, finding in enumerate(found[SHOWN:], start=SHOWN):
                    _entry(finding, number)


def _aside(aside: pl.DataFrame) -> None:
    """Rows that no figure holds come first: they may change any of them."""
    if aside.height:
        with st.container(key="finding_aside"):
            st.markdown(
                f":material/warning: **{numbers.count(tables.rows_of(aside), 'row')} set aside**, "
                "in no figure"
            )
            _link("quarantine.py", "Mend them in Quarantine")


def _entry(finding: Any, number: int) -> None:
    with st.container(key=f"finding_{number}"):
        st.markdown(
            f"{_ICONS[finding.severity]} **{numbers.plain(finding.title)}** "
            f"({_WORDS[finding.severity]})"
        )
        st.caption(numbers.plain(finding.detail))
        for word, (page, title) in _PAGES.items():
            if word in finding.code:
                _link(page, title)
                break


def _link(page: str, title: str) -> None:
    st.page_link(page, label=title)
