"""The consequential view: what the grid would emit more or less, by marginal factors. Apart."""

from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from pages.panels import whatif_state as state
from pages.ui import numbers
from pages.ui.view import View

WHY: Final = (
    "Marginal factors say what one more kWh makes a grid emit. This is a consequential view: it "
    "answers what a change causes, is not part of an inventory, and is never added to the "
    "location-based or market-based figure or subtracted from it."
)


def draw(view: View, ranked: pl.DataFrame) -> None:
    """The whole panel.

    Args:
        view: the period and boundary.
        ranked: every place that load may go to.
    """
    st.subheader("Marginal view, consequential", anchor=False)
    st.caption(WHY)
    try:
        found = view.portfolio.whatif(state.scenario(view)).consequential
    except PortfolioError:
        return  # The result above says what cannot be read.
    if found:
        _figure(found)
    _factors(ranked)


def _figure(found: dict[str, Any]) -> None:
    change = found["change_kg"]
    with st.container(border=True):
        st.markdown("**Change of what grids emit, by marginal factors**")
        if change is None:
            missing = ", ".join(numbers.plain(zone) for zone in found["missing"])
            st.markdown(f"Not known: no marginal factor is stated for {missing}.")
        else:
            verb = "less" if change < 0 else "more"
            st.markdown(f"## {numbers.mass(abs(change))} CO₂e {verb}")
        st.caption(f"Source: {numbers.plain(found['source'])}.")


def _factors(ranked: pl.DataFrame) -> None:
    kept = state.rest().get("marginal", {})
    rates = kept.get("kg_per_kwh", {})
    with st.form("whatif_marginal"):
        st.markdown("**Marginal factors of your own**")
        source = st.text_input(
            "Document they are from", value=kept.get("source", ""), placeholder="Name and year"
        )
        edited = st.data_editor(
            pl.DataFrame(
                {"zone": list(rates), "rate": list(rates.values())},
                schema={"zone": pl.String, "rate": pl.Float64},
            ),
            key="whatif_marginal_rows",
            hide_index=True,
            num_rows="dynamic",
            column_config={
                "zone": st.column_config.SelectboxColumn(
                    "Grid zone",
                    options=ranked["zone"].drop_nulls().unique().sort().to_list(),
                    required=True,
                ),
                "rate": st.column_config.NumberColumn("Marginal factor [kgCO₂e/kWh]"),
            },
        )
        if st.form_submit_button("Use these factors"):
            found = {
                row["zone"]: row["rate"]
                for row in edited.to_dicts()
                if row["zone"] and row["rate"] is not None
            }
            if found and not source.strip():
                st.error("Name the document that the factors are from.", icon=":material/error:")
                return
            if found:
                state.rest()["marginal"] = {"source": source.strip(), "kg_per_kwh": found}
            else:
                state.rest().pop("marginal", None)
            st.rerun()
