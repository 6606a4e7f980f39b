"""The data collection policy: what is measured where, with which meter, how often and by whom."""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import COLLECTION_TITLES, PortfolioError
from pages.ui import gate, numbers, states, tables
from pages.ui.view import View

EDITABLE: Final = ("responsible", "retention", "meter", "error", "frequency", "note")

SHOWN: Final = ("source", "responsible", "retention", "what", "where", "meter", "error",
                "frequency", "observed", "note")  # fmt: skip

TITLES: Final = {**COLLECTION_TITLES, "stated": "Stated by you"}

FILES: Final = {
    "md": ("Markdown", "text/markdown", ":material/description:"),
    "xlsx": ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
             ":material/table_view:"),
    "csv": ("CSV", "text/csv", ":material/download:"),
}  # fmt: skip

_SAID: Final = "collection_said"


def draw(view: View) -> None:
    """The whole panel."""
    rows: pl.DataFrame = view.ask("collection")
    if rows.is_empty():
        states.empty(
            "Here will stand what is measured where, with which meter, how often and by whom.",
            "No source was imported yet.",
        )
        return
    versions: pl.DataFrame = view.ask("collection_versions")
    if text := st.session_state.pop(_SAID, None):
        st.success(text, icon=":material/check:")
    _summary(rows, versions)
    _editor(view, rows)
    _files(view, None, "collection_now")
    _versions(view, versions)


def _summary(rows: pl.DataFrame, versions: pl.DataFrame) -> None:
    with st.grid(min_column_width=170):
        st.metric("Sources", numbers.integer(rows.height), border=True)
        for name, title in (("responsible", "Nobody answers for"), ("retention", "No retention")):
            st.metric(title, numbers.integer(rows[name].null_count()), border=True)
        last = f"Version {versions['version'][0]}" if versions.height else "None"
        st.metric("Last saved", last, border=True)
    st.caption(
        "What is measured, where and with which error follows from the sources and the policy. "
        "State who answers for a source and how long it is kept; a statement stands above what is "
        "derived, and an emptied cell gives the derived words back."
    )


def _editor(view: View, rows: pl.DataFrame) -> None:
    before = rows.select(SHOWN).with_columns(pl.col(pl.String).fill_null(""))
    key = f"collection_{view.version}"
    st.data_editor(
        before,
        key=key,
        hide_index=True,
        num_rows="fixed",
        disabled=[name for name in SHOWN if name not in EDITABLE],
        column_config={
            name: st.column_config.TextColumn(
                TITLES[name],
                width=170 if name == "source" else "medium",
                pinned=name == "source",
            )
            for name in SHOWN
        },
        alt="The data collection policy; cells can be edited",
    )
    edited: dict[int, dict[str, Any]] = st.session_state[key]["edited_rows"]
    changes = [{"source": before["source"][int(index)], **cells} for index, cells in edited.items()]
    with st.form("collection_save", border=False):
        note = st.text_input("What changed, for the record", placeholder="optional")
        label = f"Save as version with {numbers.count(len(changes), 'changed source')}"
        if st.form_submit_button(
            label if changes else "Save as it stands", type="primary", icon=":material/save:"
        ):
            try:
                number = view.portfolio.state_collection(changes, note, who=gate.who())
            except PortfolioError as error:
                st.error(numbers.plain(str(error)), icon=":material/error:")
                return
            st.session_state[_SAID] = f"Saved as version {number}."
            st.rerun()


def _files(view: View, number: int | None, key: str) -> None:
    name = "data-collection-policy" + (f"-v{number}" if number else "")
    with st.container(horizontal=True):
        for kind, (title, mime, icon) in FILES.items():
            st.download_button(
                f"Download {title}",
                data=lambda kind=kind: view.portfolio.collection_document(kind, number),
                file_name=f"{name}.{kind}",
                mime=mime,
                key=f"{key}_{kind}",
                on_click="ignore",
                icon=icon,
                type="tertiary",
            )


def _versions(view: View, versions: pl.DataFrame) -> None:
    st.subheader("Versions", anchor=False)
    if versions.is_empty():
        st.markdown("No version is saved yet; what stands above follows from the sources.")
        return
    tables.show(
        versions,
        key="collection_versions",
        alt="Saved versions of the data collection policy",
        titles={
            "version": "Version",
            "at": "Saved (UTC)",
            "who": "By",
            "note": "What changed",
            "sources": "Sources",
            "hash": "sha256",
        },
    )
    chosen = st.selectbox(
        "Read a version",
        versions["version"].to_list(),
        index=None,
        placeholder="Choose a version",
        key="collection_chosen",
    )
    if chosen is not None:
        tables.show(
            view.ask("collection_version", chosen),
            key=f"collection_version_{chosen}",
            alt=f"Version {chosen} of the data collection policy",
            titles=TITLES,
        )
        _files(view, chosen, f"collection_{chosen}")
