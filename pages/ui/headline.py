"""The first thing seen: each scope category under both methods, with its interval."""

from typing import Any

import streamlit as st

from pages.ui import figure, lineage, numbers, words
from pages.ui.view import View


def draw(view: View) -> None:
    """Scope 2, Category 1, and beneath them the compute total that is no GHG Protocol total."""
    headline = view.headline()
    both = [
        ("Scope 2: own and colocated hardware", headline.scope_2, "scope_2"),
        (
            "Category 1: purchased compute, electricity part only",
            headline.scope_3_cat_1,
            "scope_3_cat_1",
        ),
    ]
    with st.grid(2, min_column_width=330):
        for name, figures, category in both:
            with st.container(border=True, height="stretch"):
                _category(view, name, figures, category)
    _total(view, headline.compute_total, headline.share_measured)


def _category(view: View, name: str, figures: dict[str, Any] | None, category: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{name}**", width="stretch")
        if figures is not None:
            lineage.button(view, name, category, key=f"how_{category}")
    if figures is None:
        st.markdown("Nothing of this category lies in the period.")
        return
    with st.grid(len(view.methods), min_column_width=150, gap="medium"):
        for method in view.methods:
            with st.container():
                figure.draw(figures, method)
    notes = [f"{numbers.energy(figures['energy_facility_kwh'])} facility energy"]
    embodied = figures["embodied_kg_co2e"]
    if embodied is not None:
        where = (
            "not in the figure above; belongs to Category 1 as well"
            if category == "scope_3_cat_1"
            else "memo item beside category 2, in no total"
        )
        notes.append(f"amortised hardware {numbers.mass(embodied)} CO₂e ({where})")
    st.caption(" · ".join(notes))


def _total(view: View, total: dict[str, Any], measured: float | None) -> None:
    parts = [
        f"{words.METHODS[method].lower()} **{numbers.mass(total[f'{method}_kg_co2e'])} CO₂e** "
        f"({numbers.interval(total[f'{method}_low_kg'], total[f'{method}_high_kg'])})"
        for method in view.methods
    ]
    coverage = total[f"{view.methods[0]}_coverage"]
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(
            f"Compute total: {', '.join(parts)} from "
            f"**{numbers.energy(total['energy_facility_kwh'])}**",
        )
        st.badge("not a GHG Protocol total", color="gray")
        st.markdown(
            f"Share measured **{numbers.percent(measured)}** · "
            f"energy with a factor **{numbers.percent(coverage)}**",
            help="Share measured: facility energy known from a meter or telemetry (tiers T1 to T3) "
            "as a share of all known energy; the rest is estimated from hours and watts.",
        )
        lineage.button(view, "Compute total", None, key="how_total")
