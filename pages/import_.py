"""Import: is my file understood, and did all of it arrive?"""

from typing import Final

import polars as pl
import streamlit as st

from carbon.portfolio import FileResult
from pages.ui import bar, gate, numbers, states, tables, templates, uploads
from pages.ui.uploads import Upload
from pages.ui.view import View, open_portfolio

SEEN_BY: Final = 5
"""So many columns are named of a format."""

FORMATS_HEIGHT_PX: Final = 430


def draw(view: View) -> None:
    """The whole screen."""
    st.title("Import", anchor=False)
    st.caption(
        "Drop exports, tracker files and spreadsheets as they are. Every row is either taken, or "
        "set aside with the reason; the file itself is kept as evidence."
    )
    # The sample stays as it is: what is imported goes to the user's own workspace.
    own = open_portfolio("own")
    target = View("own", own, own.version)
    if view.is_sample:
        st.info(
            "You are looking at the sample portfolio. Files that you import go to "
            "**My workspace**, which then opens.",
            icon=":material/info:",
        )
    done = st.container()
    files = st.file_uploader(
        "Files",
        accept_multiple_files=True,
        max_upload_size=uploads.LIMIT_MB,
        key=f"files_{st.session_state.get('uploads', 0)}",
        help="CSV, XLSX, Parquet, JSON, JSON lines; gzip and ZIP archives are opened.",
    )
    if files:
        # What became of the last files is said; now it is about these.
        st.session_state.pop(uploads.RESULT, None)
        _cards(target, files)
    else:
        if uploads.RESULT in st.session_state:
            with done:
                _result(st.session_state[uploads.RESULT])
        _help(target)
    _set_aside(view)


def _cards(target: View, files: list) -> None:  # type: ignore[type-arg]
    wanted = [
        uploads.card(target, file.name, file.getvalue(), key=f"file_{file.file_id}")
        for file in files
    ]
    takable = [upload for upload in wanted if upload.takable]
    clicked = st.button(
        f"Import {numbers.count(len(takable), 'file')}",
        type="primary",
        icon=":material/upload:",
        disabled=not takable,
        on_click=bar.use,
        args=("own",),
    )
    if clicked:
        st.session_state[uploads.RESULT] = _import(target, takable)
        st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
        st.rerun()


def _import(target: View, wanted: list[Upload]) -> list[FileResult]:
    """Take the files one by one, so that one that fails keeps none of the others out."""
    results: list[FileResult] = []
    progress = st.progress(0.0, text="Starting")
    for number, upload in enumerate(wanted, start=1):
        progress.progress(
            (number - 1) / len(wanted),
            text=f"Taking {numbers.plain(upload.name)} ({number} of {len(wanted)})",
        )
        taken = target.portfolio.import_files(
            [(upload.name, upload.data)],
            format=upload.format,
            timezone=upload.timezone,
            who=gate.who(),
        )
        results.extend(taken.files)
    progress.progress(1.0, text="Done")
    return results


def _result(files: list[FileResult]) -> None:
    with st.container(border=True, key="import_result_card"):
        taken = sum(file.accepted for file in files)
        aside = sum(file.quarantined for file in files)
        known = sum(file.duplicates for file in files)
        st.subheader("Import finished", anchor=False)
        with st.grid(min_column_width=150):
            st.metric("Rows taken", numbers.integer(taken), border=True)
            st.metric("Set aside", numbers.integer(aside), border=True)
            st.metric("Already known", numbers.integer(known), border=True)
        for number, file in enumerate(files):
            uploads.file_result(file, number)
        with st.container(horizontal=True):
            if aside:
                states.link(
                    "quarantine.py", f"Fix {numbers.count(aside, 'row')}", ":material/rule:"
                )
            states.link("overview.py", "See the overview", ":material/monitoring:")
            if st.button("Import more", icon=":material/add:"):
                del st.session_state[uploads.RESULT]
                st.rerun()


def _set_aside(view: View) -> None:
    """Every row that is set aside now, of all imports."""
    rows: pl.DataFrame = view.ask("quarantine")
    if rows.is_empty():
        return
    st.subheader(f"{numbers.count(tables.rows_of(rows), 'row')} set aside so far", anchor=False)
    st.markdown(
        "In no figure until they are mended: cell by cell, or a whole column by one rule. A row "
        "that belongs in no figure is discarded with a reason."
    )
    st.page_link("quarantine.py", label="Open Quarantine", icon=":material/rule:")


def _help(target: View) -> None:
    """What can be imported, and templates to fill in."""
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.subheader("What is understood", anchor=False)
        st.caption("Files are recognised by what is in them, whatever they are called.")
        formats = target.ask("formats")
        tables.show(
            pl.DataFrame(
                [
                    (entry["title"], ", ".join(entry["example_columns"][:SEEN_BY]))
                    for entry in formats
                ],
                schema={"title": pl.String, "columns": pl.String},
                orient="row",
            ),
            key="formats",
            alt="Every format that is recognised, with columns by which it is known",
            titles={
                "title": numbers.count(len(formats), "format"),
                "columns": "Recognised by columns such as",
            },
            height=FORMATS_HEIGHT_PX,
        )
        st.caption("Anything else: say on the Mapping screen what its columns mean.")
        st.page_link("mapping.py", label="Open Mapping", icon=":material/view_column:")
    with right:
        st.subheader("Start from a template", anchor=False)
        st.markdown("For figures that live in a spreadsheet.")
        templates.draw(target)


gate.require()
draw(bar.current())
