"""Where load could go, sorted by what it would lower: the boxes and the table of places."""

from typing import Any, Final

import polars as pl
import streamlit as st

from pages.panels import whatif_controls
from pages.panels import whatif_state as state
from pages.ui import numbers, tables, words
from pages.ui.view import View

STAYS: Final = "Nowhere: it stays where it is"

KINDS: Final = {"region": "Cloud regions", "zone": "Grids", "site": "Own sites"}

TITLES: Final = {
    "place": "Place",
    "name": "Name",
    "allowed": "Within the limits",
    **{
        column.format(method): title.format(words.METHODS_SHORT[method])
        for column, title in (
            ("{}_saving_kg", "Would lower, {} [kgCO₂e]"),
            ("{}_saving_kg_per_kwh", "{}, per kWh moved [kgCO₂e]"),
            ("{}_kg_per_kwh", "{} factor [kgCO₂e/kWh]"),
        )
        for method in ("location", "market")
    },
}

_ORDER: Final = [*TITLES]
"""Both savings stand before both factors."""


def ranked(view: View) -> pl.DataFrame:
    """Every place, by what moving all of the chosen load there would lower, the most first.

    By the bar's first method; places that the limits forbid stand last.
    """
    found: pl.DataFrame = view.ask(
        "whatif_places",
        view.first_month,
        view.last_month,
        workloads=_workloads(view),
        scope=view.scope,
        constraints=state.rest().get("constraints", {}),
    )
    saving = f"{view.methods[0]}_saving_kg"
    return found.sort("allowed", saving, "place", descending=[True, True, False], nulls_last=True)


def _workloads(view: View) -> tuple[str, ...]:
    """The workloads of the chosen load."""
    kind, _, name = st.session_state.get(state.WHAT, state.ALL).partition(":")
    if not name:
        return (state.ALL,)
    rows = view.footprint("workload", *({kind} - {"workload"})).rows
    return tuple(rows.filter(pl.col(kind) == name)["workload"].unique().sort())


def targets(found: pl.DataFrame) -> dict[str, str]:
    """The places of the box -> their names on the screen."""
    return {state.STAYS: STAYS} | {
        place: whatif_controls.place_name(place, name, zone)
        for place, name, zone in found.select("place", "name", "zone").iter_rows()
    }


def best(view: View, found: pl.DataFrame) -> str:
    """The place where load would lower the bar's first figure most, in a sentence.

    Args:
        view: the period and boundary.
        found: `ranked`.
    """
    method = view.methods[0]
    first = found.row(0, named=True)
    saving = first[f"{method}_saving_kg"]
    if not first["allowed"] or not saving or saving <= 0:
        return "No place is known where it would emit less."
    return (
        f"In {first['place']} all of it would lower your {words.METHODS[method].lower()} figure "
        f"by {numbers.mass(saving)}, more than anywhere else."
    )


def can_shift(view: View) -> bool:
    """Whether any grid has hourly factors, so that load can be shifted within a day."""
    granularity: pl.Series = view.ask("factors")["granularity"]
    return bool((granularity == "hour").any())


def draw(view: View, found: pl.DataFrame, what: str) -> None:
    """The table of places.

    Args:
        view: the period and boundary.
        found: `ranked`.
        what: whose load it is, in words.
    """
    st.subheader("Places, by what they would lower", anchor=False)
    st.caption(
        f"What moving there would lower the figure by: {numbers.plain(what)}, in full, "
        f"{numbers.period(view.first_month, view.last_month)}. A click on a row makes the place "
        "the target."
    )
    kind = st.segmented_control(
        "Which places",
        list(KINDS),
        format_func=KINDS.__getitem__,
        default="region",
        required=True,
        key="whatif_kind",
        label_visibility="collapsed",
        persist_state="session",
    )
    shown = found.filter(pl.col("kind") == kind)
    by_method = [
        name
        for method in view.methods
        for name in (f"{method}_saving_kg", f"{method}_saving_kg_per_kwh", f"{method}_kg_per_kwh")
    ]
    tables.show(
        shown,
        key=f"whatif_places_{kind}_{view.method}",
        alt="Places by what moving there would lower",
        columns=["place", "name", "zone", *sorted(by_method, key=_ORDER.index), "pue", "allowed"],
        titles=TITLES,
        height=min(46 + 35 * shown.height, 420),
        select=_aim,
        download=f"places-{kind}.csv",
    )


def _aim(row: dict[str, Any]) -> None:
    state.aim(row["place"])
    st.rerun()
