"""One card a file: what it was recognised as, why, and what an import would take."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import available_timezones

import polars as pl
import streamlit as st

from carbon.portfolio import FilePreview, FileResult
from pages.ui import numbers, states, tables
from pages.ui.preview import readable
from pages.ui.view import View, open_portfolio

RESULT: Final = "import_result"
"""Where the result of the last import stands until the reader leaves the screen."""

WAITING: Final = "mapping_waits"
"""Where files that were not recognised wait for the Mapping screen."""

_OPTIONS: Final = (
    (r"name it \(--timezone [^)]*\)", "choose it in the box Time zone of times without one"),
    (r"name it with --format", "choose it in the box Read as"),
    (r"Name the format with --format", "Choose the format in the box Read as"),
)
"""How the core points to an option of the command line, and the box that is here instead."""

LIMIT_MB: Final = 500
"""Largest upload; `.streamlit/config.toml` states the same for the server."""


@dataclass(frozen=True)
class Upload:
    """A dropped file and how the reader wants it read.

    Attributes:
        name: file name.
        data: its bytes.
        format: the format to read it as; None is the recognised one.
        timezone: the zone of local times without one; None is the policy's default.
        takable: whether an import would take anything from it.
    """

    name: str
    data: bytes
    format: str | None
    timezone: str | None
    takable: bool


def card(view: View, name: str, data: bytes, key: str) -> Upload:
    """Draw a file's card and say how it is to be read."""
    chosen = st.session_state.get(f"{key}_format")
    zone = st.session_state.get(f"{key}_zone")
    previews = preview(view, name, data, chosen, zone)
    with st.container(border=True):
        for index, found in enumerate(previews):
            _one(view, found, f"{key}_{index}")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if any(found.candidates for found in previews):
                _mapping_link(name, data)
            _format_choice(previews, key)
            asked = next((found for found in previews if found.timezone), None)
            if asked is not None:
                zone_choice(asked, key)
    return Upload(
        name=name,
        data=data,
        format=chosen,
        timezone=zone,
        takable=any(found.refusal is None for found in previews),
    )


def preview(
    view: View, name: str, data: bytes, format: str | None, timezone: str | None
) -> list[FilePreview]:
    """What an import of the file would give; kept until the file or the portfolio changes."""
    return _preview(
        hashlib.sha256(data).hexdigest(), name, format, timezone, view.version, view, data
    )


@st.cache_resource(max_entries=64, show_spinner=False)
def _preview(
    digest: str,
    name: str,
    format: str | None,
    timezone: str | None,
    version: str,
    _view: View,
    _data: bytes,
) -> list[FilePreview]:
    with st.spinner(f"Reading {numbers.plain(name)}"):
        return _view.portfolio.preview(name, _data, format=format, timezone=timezone)


def _one(view: View, found: FilePreview, key: str) -> None:
    """A file, or a member of an archive."""
    if found.refusal:
        st.markdown(f"**{numbers.plain(found.name)}**")
        _refused(found)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{numbers.plain(found.name)}**")
        st.badge(found.title or found.format or "", color="primary", icon=":material/description:")
    st.caption(
        f"Recognised by its content: {numbers.plain(found.reason)} "
        f"({numbers.percent(found.confidence)} sure)."
    )
    counts(found)
    _meaning(view, found)
    if found.head.height:
        with st.expander(
            f"First {numbers.count(found.head.height, 'row')}, as understood",
            icon=":material/table_rows:",
        ):
            tables.show(
                readable(found.head),
                key=f"{key}_head",
                alt=f"The first rows of {found.name}",
                as_stated=True,
            )
    if found.problems:
        problems(found, key)


def _refused(found: FilePreview) -> None:
    """Why a file cannot be taken; where it is only not known, what it may be."""
    st.error(numbers.plain(on_screen(found.refusal or "")), icon=":material/error:")
    if not found.candidates:
        return
    titles = _titles()
    near = [found for found in found.candidates if found[1].confidence > 0]
    for name, recognition in near:
        st.caption(
            f"**{numbers.plain(titles.get(name, name))}** "
            f"({numbers.percent(recognition.confidence)} sure): {numbers.plain(recognition.reason)}"
        )


def _titles() -> dict[str, str]:
    """Format -> its title."""
    own = open_portfolio("own")
    return {entry["name"]: entry["title"] for entry in View("own", own, own.version).ask("formats")}


def counts(found: FilePreview) -> None:
    """How many rows there are, and what becomes of them."""
    facts = [numbers.count(found.rows, "row")]
    facts.append(f"**{numbers.count(found.accepted, 'row')} to take**")
    if found.quarantined:
        facts.append(f":orange[{numbers.count(found.quarantined, 'row')} to set aside]")
    if found.duplicates:
        facts.append(f"{numbers.count(found.duplicates, 'row')} already known")
    if found.period_start:
        facts.append(f"{numbers.day(found.period_start)} to {numbers.last_day(found.period_end)}")
    st.markdown(" · ".join(facts))


def _meaning(view: View, found: FilePreview) -> None:
    """What the figures of this format are taken for."""
    # A provider's bill states use, from which energy follows; its carbon report states results.
    if "kg_co2e" in found.head.columns:
        st.info(
            "Provider's own figures: shown beside the footprint, never added.",
            icon=":material/info:",
        )
    elif found.format == "activity-template":
        default = numbers.stated(view.portfolio.policy.energy.default_pue)
        st.caption(
            ":material/info: Energy is taken as IT energy where energy\\_boundary is empty, and "
            "multiplied by the PUE of the row, the region, or the policy's default "
            f"({default})."
        )


def problems(found: FilePreview, key: str) -> None:
    """Remarks on the file, and why rows would be set aside."""
    note(found.problems)
    set_aside = [problem.to_dict() for problem in found.problems if problem.row is not None]
    if set_aside:
        with st.expander(
            f"Why {numbers.count(found.quarantined, 'row')} would be set aside"
            if found.quarantined
            else "Notes on rows that would be taken",
            icon=":material/rule:",
        ):
            tables.reasons(
                problem_frame(set_aside), key=f"{key}_problems", alt="Rows that would be set aside"
            )


def note(problems: Sequence[Any]) -> None:
    """What is to be known of the file as a whole."""
    for problem in problems:
        if problem.row is None:
            st.caption(f":material/info: {numbers.plain(on_screen(problem.reason))}")


def on_screen(reason: str) -> str:
    """A reader's remark without the words of the command line."""
    for option, box in _OPTIONS:
        reason = re.sub(option, box, reason)
    return reason


def problem_frame(problems: list[dict]) -> pl.DataFrame:  # type: ignore[type-arg]
    """Problems as rows: row, column, value, reason."""
    return pl.DataFrame(
        problems,
        schema={"row": pl.Int64, "column": pl.String, "value": pl.String, "reason": pl.String},
        strict=False,
    )


def file_result(file: FileResult, number: int) -> None:
    """What became of one file."""
    if file.refusal:
        st.error(
            f"**{numbers.plain(file.name)}**: {numbers.plain(file.refusal)}",
            icon=":material/error:",
        )
        return
    st.markdown(
        f":material/check: **{numbers.plain(file.name)}**: "
        f"{numbers.count(file.rows, 'row')} in the file, {numbers.count(file.accepted, 'row')} "
        f"taken, {numbers.count(file.quarantined, 'row')} set aside, "
        f"{numbers.count(file.duplicates, 'row')} already known"
    )
    note(file.problems)
    rows = [problem.to_dict() for problem in file.problems if problem.row is not None]
    if rows:
        tables.reasons(
            problem_frame(rows),
            key=f"result_problems_{number}",
            alt=f"Rows of {file.name} that were set aside",
        )


def _format_choice(previews: list[FilePreview], key: str) -> None:
    titles = _titles()
    recognised = next((found.title for found in previews if found.format), None)
    st.selectbox(
        "Read as",
        [None, *titles],
        format_func=lambda name: (
            titles.get(name, name) if name else f"Recognised: {recognised or 'nothing'}"
        ),
        key=f"{key}_format",
        width=280,
    )


def zone_choice(found: FilePreview, key: str) -> str | None:
    """Ask for the zone of local times, once a source; what was said stands until it is changed."""
    here = st.context.timezone
    zones = sorted(available_timezones())
    near = [here] if here in zones else []
    said = None if found.needs_timezone else found.timezone

    def called(zone: str | None) -> str:
        if zone is None:
            return f"{found.timezone}, as said before" if said else f"Not said: {found.timezone}"
        return f"{zone} (this browser's)" if zone == here else zone

    chosen: str | None = st.selectbox(
        "Time zone of times without one",
        [None, *near, *[zone for zone in zones if zone not in near]],
        format_func=called,
        key=f"{key}_zone",
        width=280,
        help="The file writes local times without saying where. Name the place of the machines; "
        "later files of the same source are read under it too.",
    )
    return chosen


def _mapping_link(name: str, data: bytes) -> None:
    """A link to the Mapping screen, on which the file then waits."""
    st.session_state[WAITING] = {**waiting(), name: data}
    states.link("mapping.py", "Say what its columns mean", ":material/view_column:")


def waiting() -> dict[str, bytes]:
    """The files that were not recognised and wait for a mapping, by name."""
    found: dict[str, bytes] = st.session_state.get(WAITING, {})
    return found


def forget(name: str) -> None:
    """Let go of a file that waited."""
    st.session_state[WAITING] = {k: v for k, v in waiting().items() if k != name}
