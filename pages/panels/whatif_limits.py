"""What moves have to keep: places, shares, residency, latency, accelerators."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from pages.panels import whatif_changes
from pages.panels import whatif_state as state
from pages.ui.view import View


def draw(view: View, ranked: pl.DataFrame) -> None:
    """The form of all limits.

    Args:
        view: the period and boundary.
        ranked: every place that load may go to.
    """
    st.subheader("Limits", anchor=False)
    st.caption(
        "What moves have to keep. A scenario that breaks one says so; a placement never does."
    )
    limits = state.rest().get("constraints", {})
    offered = [*whatif_changes.whole_providers(ranked), *ranked["place"]]
    workloads = view.footprint("workload").rows["workload"].sort().to_list()
    with st.form("whatif_limits", border=True):
        allowed = st.multiselect(
            "Allowed places (none chosen: all)",
            _with(offered, limits.get("allowed_regions")),
            default=state.names(limits.get("allowed_regions")),
        )
        forbidden = st.multiselect(
            "Forbidden places",
            _with(offered, limits.get("forbidden")),
            default=state.names(limits.get("forbidden")),
        )
        most = st.slider(
            "Most of all energy in one place [%]",
            1,
            state.FULL,
            max(1, round(state.FULL * limits.get("max_share_per_region", 1.0))),
        )
        movable = st.slider(
            "Most of a workload that may move [%]",
            0,
            state.FULL,
            round(state.FULL * limits.get("movable_share", {}).get(state.ALL, 1.0)),
        )
        st.markdown("**By workload**")
        rows = _by_workload(workloads, limits)
        edited = st.data_editor(
            rows,
            key="whatif_by_workload",
            hide_index=True,
            height=min(46 + 35 * rows.height, 260),
            column_config={
                "workload": st.column_config.TextColumn("Workload", disabled=True, width=150),
                "residency": st.column_config.TextColumn(
                    "Has to be in",
                    width=110,
                    help="Countries, grid zones, EU or EEA, parted by commas.",
                ),
                "users": st.column_config.TextColumn(
                    "Its users are at",
                    width=120,
                    help="A place as aws:eu-west-3, or latitude, longitude.",
                ),
                "max_latency_ms": st.column_config.NumberColumn(
                    "Round trip [ms]", min_value=0, width=110, help="At most."
                ),
            },
        )
        st.markdown("**By place**")
        offers = st.data_editor(
            _by_place(limits),
            key="whatif_by_place",
            hide_index=True,
            num_rows="dynamic",
            column_config={
                "place": st.column_config.SelectboxColumn(
                    "Place", options=ranked["place"].to_list(), required=True
                ),
                "accelerators": st.column_config.TextColumn(
                    "Accelerators that it offers", help="Parted by commas; empty: any."
                ),
                "capacity_share": st.column_config.NumberColumn(
                    "Most of all energy [1]", min_value=0.0, max_value=1.0
                ),
            },
        )
        if st.form_submit_button("Set these limits", type="primary"):
            found = {
                "allowed_regions": allowed,
                "forbidden": forbidden,
                "max_share_per_region": most / state.FULL if most < state.FULL else None,
                "movable_share": _of_each(limits.get("movable_share"))
                | ({state.ALL: movable / state.FULL} if movable < state.FULL else {}),
                **_of_workloads(edited, limits),
                **_of_places(offers),
            }
            others = {name: limit for name, limit in limits.items() if name not in found}
            state.put("constraints", others | {name: each for name, each in found.items() if each})
            st.rerun()


def _by_workload(workloads: Sequence[str], limits: dict[str, Any]) -> pl.DataFrame:
    latency = limits.get("max_latency_ms", {})
    return pl.DataFrame(
        {
            "workload": workloads,
            "residency": [
                ", ".join(state.names(limits.get("residency", {}).get(name))) for name in workloads
            ],
            "users": [limits.get("users", {}).get(name, "") for name in workloads],
            "max_latency_ms": [latency.get(name) for name in workloads],
        },
        schema_overrides={"max_latency_ms": pl.Float64},
    )


def _of_workloads(edited: pl.DataFrame, limits: dict[str, Any]) -> dict[str, Any]:
    """Limits by workload; what the file says for all of them stays."""
    rows = edited.to_dicts()
    of_all = {
        part: {state.ALL: limits[part][state.ALL]}
        for part in ("residency", "users", "max_latency_ms")
        if state.ALL in limits.get(part, {})
    }
    return {
        "residency": of_all.get("residency", {})
        | {row["workload"]: _parted(row["residency"]) for row in rows if _parted(row["residency"])},
        "users": of_all.get("users", {})
        | {row["workload"]: row["users"] for row in rows if row["users"]},
        "max_latency_ms": of_all.get("max_latency_ms", {})
        | {row["workload"]: row["max_latency_ms"] for row in rows if row["max_latency_ms"]},
    }


def _by_place(limits: dict[str, Any]) -> pl.DataFrame:
    offers, shares = limits.get("accelerators_by_region", {}), limits.get("capacity_share", {})
    places = sorted({*offers, *shares})
    return pl.DataFrame(
        {
            "place": places,
            "accelerators": [", ".join(state.names(offers.get(place))) for place in places],
            "capacity_share": [shares.get(place) for place in places],
        },
        schema={"place": pl.String, "accelerators": pl.String, "capacity_share": pl.Float64},
    )


def _of_places(edited: pl.DataFrame) -> dict[str, Any]:
    rows = [row for row in edited.to_dicts() if row["place"]]
    return {
        "accelerators_by_region": {
            row["place"]: _parted(row["accelerators"])
            for row in rows
            if _parted(row["accelerators"])
        },
        "capacity_share": {
            row["place"]: row["capacity_share"] for row in rows if row["capacity_share"] is not None
        },
    }


def _of_each(limit: dict[str, float] | None) -> dict[str, float]:
    """What goes for single workloads."""
    return {name: share for name, share in (limit or {}).items() if name != state.ALL}


def _with(offered: list[str], chosen: Any) -> list[str]:
    return [*offered, *(name for name in state.names(chosen) if name not in offered)]


def _parted(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]
