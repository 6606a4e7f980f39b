"""Mapping: what do these columns mean?"""

import hashlib
from typing import Any

import streamlit as st

from carbon.portfolio import (
    ColumnMapping,
    MappingGuess,
    MappingPreview,
    PortfolioError,
)
from pages.ui import bar, gate, mapping_form, numbers, states, tables, uploads
from pages.ui.preview import readable
from pages.ui.view import View, open_portfolio

SAMPLE_ROWS = 8


def draw(view: View) -> None:
    """The whole screen."""
    st.title("Mapping", anchor=False)
    st.caption(
        "Say once what the columns of a spreadsheet mean. Files with the same columns are then "
        "recognised, here and on the command line."
    )
    own = open_portfolio("own")
    target = View("own", own, own.version)
    if view.is_sample:
        st.info(
            "You are looking at the sample portfolio. Mappings, and files that you import by them, "
            "go to **My workspace**.",
            icon=":material/info:",
        )
    if "mapping_done" in st.session_state:
        _done(st.session_state.pop("mapping_done"))
    file = _file()
    if file is None:
        _known(target)
        return
    name, data = file
    try:
        _form(target, name, data)
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")


def _file() -> tuple[str, bytes] | None:
    """The file that the reader came with, or drops here."""
    waiting = uploads.waiting()
    chosen = None
    if waiting:
        chosen = st.selectbox(
            "File that was not recognised", list(waiting), key="mapping_waiting", width=440
        )
    room = st.expander("Another file", icon=":material/upload_file:") if waiting else st.container()
    with room:
        dropped = st.file_uploader(
            "File",
            max_upload_size=uploads.LIMIT_MB,
            key=f"mapping_file_{st.session_state.get('uploads', 0)}",
            help="CSV, XLSX, Parquet, JSON or JSON lines.",
        )
    if dropped is not None:
        return dropped.name, dropped.getvalue()
    return (chosen, waiting[chosen]) if chosen else None


def _form(view: View, name: str, data: bytes) -> None:
    """The file on top, the fields under it, what they give, and what becomes of the mapping."""
    digest = hashlib.sha256(data).hexdigest()
    first = _guess(digest, name, None, view.version, view, data)
    st.subheader(numbers.plain(name), anchor=False)
    tables.show(
        first.sample.head(SAMPLE_ROWS),
        key=f"mapping_table_{digest[:8]}",
        alt=f"The first rows of {name}, as they stand in the file",
        # The file's own names, letter by letter: MWh is not mWh.
        titles={column: column for column in first.sample.columns},
    )
    holds = st.segmented_control(
        "The file holds",
        list(mapping_form.TARGETS),
        format_func=mapping_form.TARGETS.__getitem__,
        default=first.mapping.target,
        required=True,
        key=f"map_{digest[:8]}_target",
    )
    guess = (
        first
        if holds == first.mapping.target
        else _guess(digest, name, holds, view.version, view, data)
    )
    key = f"map_{digest[:8]}_{holds}"
    converted = st.session_state.get(f"{key}_converted", {})
    choices = view.portfolio.mapping_choices()
    form = mapping_form.Form(
        key, guess, choices["fields"][holds], converted, choices["numbers"], choices["dates"]
    )
    said = _said(form, holds, choices)
    mapping = view.portfolio.make_mapping(said)
    zone = st.session_state.get(f"{key}_zone")
    tried = _try(digest, name, mapping.to_toml(), zone, view.version, view, data, mapping)
    if tried.converted != converted:
        # The values beside the fields are those of the mapping as it is now.
        st.session_state[f"{key}_converted"] = tried.converted
        st.rerun()
    _preview(tried, key)
    _finish(view, (name, data), mapping, tried, key)


def _said(form: mapping_form.Form, holds: str, choices: dict[str, Any]) -> dict[str, Any]:
    """What the reader says the columns mean."""
    st.subheader("What the columns mean", anchor=False)
    st.caption(
        "Fields that are filled in are guesses by header and cells: check them, with their units."
    )
    basic = mapping_form.basics(form, choices)
    top = mapping_form.top_fields(holds, basic["period"])
    origins = mapping_form.fields(form, top)
    amounts, others = mapping_form.more_fields(form, top)
    for title, names, icon in (
        ("More amounts: power, hours, tokens, PUE, factors, cost", amounts, ":material/speed:"),
        ("More about each row: model, lifecycle, project, accelerator", others, ":material/label:"),
    ):
        filled = [name for name in names if name in form.guess.mapping.fields]
        with st.expander(
            f"{title} ({len(filled)} guessed)" if filled else title,
            icon=icon,
            expanded=bool(filled) and names is amounts,
        ):
            origins |= mapping_form.fields(form, names)
    skip = mapping_form.skipped(form)
    return mapping_form.as_said(form.guess.mapping, holds, basic, {"fields": origins, "skip": skip})


def _preview(tried: MappingPreview, key: str) -> None:
    """Ten rows in house terms, and what is said against the others."""
    st.subheader("What it gives", anchor=False)
    if tried.lacks:
        for sentence in tried.lacks:
            st.info(numbers.plain(sentence), icon=":material/edit:")
        return
    file = tried.file
    if file.refusal:
        st.error(numbers.plain(file.refusal), icon=":material/error:")
        return
    uploads.counts(file)
    tables.show(
        readable(file.head),
        key=f"{key}_head",
        alt="The first rows, in the words of the house",
        as_stated=True,
    )
    uploads.problems(file, key)


def _finish(
    view: View, file: tuple[str, bytes], mapping: ColumnMapping, tried: MappingPreview, key: str
) -> None:
    """Name the mapping, keep it, and take the file in by it."""
    st.subheader("Keep it", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        called = st.text_input(
            "Name",
            value=mapping.name,
            key=f"{key}_name",
            width=260,
            help="Small letters, digits and hyphens; by this name `carbon import --mapping` "
            "knows it.",
        )
        title = st.text_input("Title", key=f"{key}_title", placeholder="Our hall meters", width=340)
        zone = None
        if not tried.lacks and tried.file.timezone and not mapping.timezone:
            zone = uploads.zone_choice(tried.file, key)
    ready = not tried.lacks and tried.file.refusal is None
    with st.container(horizontal=True):
        take = st.button(
            "Save and import",
            type="primary",
            icon=":material/upload:",
            disabled=not ready,
            on_click=bar.use,
            args=("own",),
        )
        keep = st.button("Save mapping", icon=":material/save:", disabled=not ready)
        st.download_button(
            "Download TOML",
            data=mapping.to_toml(),
            file_name=f"{called}.toml",
            mime="application/toml",
            key=f"{key}_toml",
            on_click="ignore",
            icon=":material/download:",
            type="tertiary",
        )
    if not (take or keep):
        return
    named = view.portfolio.make_mapping(
        {**mapping.model_dump(exclude_defaults=True), "name": called.strip(), "title": title}
    )
    view.portfolio.save_mapping(named, gate.who())
    name, data = file
    done: dict[str, Any] = {"name": named.name, "file": None}
    if take:
        with st.spinner(f"Taking {numbers.plain(name)}"):
            result = view.portfolio.import_files(
                [(name, data)], mapping=named, timezone=zone, who=gate.who()
            )
        done["file"] = result.files[0]
        uploads.forget(name)
        st.session_state["uploads"] = st.session_state.get("uploads", 0) + 1
    st.session_state["mapping_done"] = done
    st.rerun()


def _done(done: dict[str, Any]) -> None:
    """What became of the mapping, and of the file."""
    with st.container(border=True, key="mapping_done_card"):
        st.markdown(
            f":material/check: The mapping **{numbers.plain(done['name'])}** is kept: files with "
            "the same columns are recognised from now on."
        )
        if done["file"] is not None:
            uploads.file_result(done["file"], 0)
            states.link("overview.py", "See the overview", ":material/monitoring:")


def _known(view: View) -> None:
    """The mappings that there are."""
    st.subheader("Mappings that are known", anchor=False)
    for entry in view.ask("mappings"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            with st.container(gap="xxsmall"):
                st.markdown(f"**{numbers.plain(entry['title'])}**")
                origin = "comes with the product" if entry["origin"] == "shipped" else "your own"
                st.caption(
                    f"{numbers.plain(entry['name'])}, {origin}: "
                    f"{numbers.plain(', '.join(entry['columns'][:6]))}"
                )
            st.download_button(
                "TOML",
                data=entry["text"],
                file_name=f"{entry['name']}.toml",
                mime="application/toml",
                key=f"toml_{entry['name']}",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
            )


@st.cache_resource(max_entries=16, show_spinner="Looking at the columns")
def _guess(
    digest: str, name: str, holds: str | None, version: str, _view: View, _data: bytes
) -> MappingGuess:
    return _view.portfolio.guess_mapping(name, _data, target=holds)


@st.cache_resource(max_entries=64, show_spinner=False)
def _try(
    digest: str,
    name: str,
    toml: str,
    zone: str | None,
    version: str,
    _view: View,
    _data: bytes,
    _mapping: ColumnMapping,
) -> MappingPreview:
    return _view.portfolio.preview_mapping(name, _data, _mapping, timezone=zone)


gate.require()
draw(bar.current())
