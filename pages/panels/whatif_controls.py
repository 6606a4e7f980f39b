"""The sliders of the What-if screen: what moves, how much of it, where to, what else changes."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl
import streamlit as st

from pages.panels import whatif_state as state
from pages.ui import words
from pages.ui.view import View

_PLACE: Final = ("provider", "region", "site", "zone")

TITLES: Final = {
    "energy_per_unit": (
        "Energy per unit of work",
        "IT energy of the same work: better software, another model or newer hardware.",
    ),
    "growth": ("Activity", "More or less work of the same kind."),
    "utilisation": (
        "Use of the hardware",
        "The same work on fewer hours of hardware: embodied carbon falls with the hours. Energy "
        "changes only where a share that is drawn idle is stated in the scenario file.",
    ),
}


def loads(view: View) -> dict[str, str]:
    """Whose load can be moved -> its name on the screen."""
    rows = view.footprint("workload", "model", "business_unit").rows
    named = {state.ALL: "All workloads"}
    for kind, title in reversed(state.KINDS.items()):
        for name in rows[kind].drop_nulls().unique().sort():
            named[f"{kind}:{name}"] = f"{title}: {name}"
    return named


def sources(view: View, what: str) -> dict[str, str]:
    """Where that load runs today -> its name on the screen."""
    kind, _, name = what.partition(":")
    rows = view.footprint(*([kind] if name else []), *_PLACE).rows
    if name:
        rows = rows.filter(pl.col(kind) == name)
    return {state.ANYWHERE: "Wherever it runs"} | {
        place: place_name(place, None, row["zone"])
        for row in rows.sort("location_kg_co2e", *_PLACE, descending=True).to_dicts()
        if (place := place_id(row))
    }


def place_id(row: Mapping[str, Any]) -> str | None:
    """A place as scenario files name it: `aws:eu-north-1`, `site:Lyon`, `zone:FR`."""
    if row["provider"] and row["region"]:
        return f"{row['provider']}:{row['region']}"
    return next((f"{kind}:{row[kind]}" for kind in ("site", "zone") if row[kind]), None)


def place_name(place: str, name: str | None, zone: str | None) -> str:
    """A place as the analyst calls it: `AWS eu-north-1, Stockholm (SE)`.

    Args:
        place: as scenario files name it.
        name: what its provider calls it; None where nobody calls it otherwise.
        zone: grid zone.
    """
    kind, _, code = place.partition(":")
    called = f", {name}" if name and name not in (code, zone) else ""
    if kind == "zone":
        return f"Grid {code}{called}"
    whose = "Site" if kind == "site" else words.PROVIDERS.get(kind, kind)
    return f"{whose} {code}{called}" + (f" ({zone})" if zone else "")


def sentence(view: View, named: Mapping[str, str], targets: Mapping[str, str]) -> None:
    """What moves, from where, to where: three boxes that read as a sentence."""
    linked(state.WHAT, named)
    linked(state.TO, targets)
    with st.container(key="whatif_sentence", horizontal=True, vertical_alignment="bottom"):
        what = st.selectbox(
            "Move",
            list(named),
            format_func=lambda code: named.get(code, code),
            key=state.WHAT,
            bind="query-params",
            width=245,
        )
        froms = sources(view, what)
        if st.session_state.get(state.FROM) not in froms:
            st.session_state.pop(state.FROM, None)
        st.selectbox(
            "From",
            list(froms),
            format_func=lambda code: froms.get(code, code),
            key=state.FROM,
            persist_state="session",
            width=245,
        )
        st.selectbox(
            "To, least carbon first",
            list(targets),
            format_func=lambda code: targets.get(code, code),
            key=state.TO,
            bind="query-params",
            width=400,
        )


def linked(key: str, titles: Mapping[str, str]) -> None:
    """Open what the address names by its code, as `target=aws:eu-north-1`.

    The box itself knows titles alone; links and people write codes.

    Args:
        key: of the box, and of the address.
        titles: code -> its title.
    """
    written = str(st.query_params.get(key, ""))
    if written in titles and titles[written] != written:
        st.query_params[key] = titles[written]
        st.session_state[key] = written


def share() -> None:
    """How much of it moves."""
    st.slider(
        "Share that moves [%]",
        0,
        state.FULL,
        state.FULL,
        key=state.SHARE,
        bind="query-params",
        disabled=st.session_state.get(state.TO, state.STAYS) == state.STAYS,
    )


def sliders(*, shifting: bool) -> None:
    """What else changes, for every workload.

    Args:
        shifting: whether any grid has hourly factors.
    """
    for change, (title, told) in TITLES.items():
        low, high = state.ENDS[change]
        st.slider(
            f"{title} [% of change]",
            low,
            high,
            0,
            key=state.PERCENTS[change],
            help=told,
            persist_state="session",
        )
    if state.move():
        _pue(
            "PUE at the target",
            "as published, else as it is today",
            state.TARGET_PUE,
            "A cloud region's published figure of the year applies unless another is stated.",
        )
    _pue(
        "PUE of what stays",
        "as it is today",
        state.PUE,
        "Facility energy divided by IT energy, of load that stays where it is.",
    )
    if shifting:
        st.slider(
            "Moved into the day's cleanest six hours [%]",
            0,
            state.FULL,
            0,
            key=state.SHIFT,
            persist_state="session",
            help="Load that may wait within its day (UTC), where a grid's own hourly factors are "
            "known. Location-based only.",
        )
    else:
        st.caption(
            "Time of day: no grid here has hourly factors of its own. Import hourly factors to "
            "shift load within a day."
        )


def _pue(title: str, unset: str, key: str, told: str) -> None:
    st.select_slider(
        title,
        state.PUES,
        format_func=lambda step: unset if step is None else f"{step:.2f}",
        key=key,
        help=told,
        persist_state="session",
    )
