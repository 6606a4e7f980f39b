"""What no slider holds besides moves: other hardware, purchases and prices."""

from typing import Any, Final

import polars as pl
import streamlit as st

from pages.panels import whatif_moves
from pages.panels import whatif_state as state
from pages.ui import numbers
from pages.ui.view import View

RATIOS: Final = {"energy_ratio": "Measured energy", "throughput_ratio": "Throughput"}
"""What is known of the new hardware, new divided by old."""


def hardware(view: View) -> None:
    """Accelerators that are replaced by others."""
    st.subheader("Other hardware", anchor=False)
    kept = state.rest().get("changes", {}).get("hardware", [])
    for index, change in enumerate(kept):
        told = (
            f"{change['energy_ratio']:.4g} of the energy per unit of work"
            if change.get("energy_ratio")
            else f"{change['throughput_ratio']:.4g} times the work per hour, by data sheet"
        )
        whatif_moves.entry(f"{change['from']} to {change['to']}: {told}", "hardware", index)
    there, known = view.ask(
        "whatif_accelerators", view.first_month, view.last_month, scope=view.scope
    )
    if not there:
        st.caption("No load here names its accelerator.")
        return
    with st.form("whatif_hardware", clear_on_submit=True):
        before = st.selectbox("From", there)
        after = st.selectbox("To", known, index=None, placeholder="The accelerator that replaces")
        measured = st.segmented_control(
            "What is known",
            list(RATIOS),
            format_func=RATIOS.__getitem__,
            default="energy_ratio",
            required=True,
            help="Measured: energy of the same work, new divided by old. Throughput: work an "
            "hour, new divided by old; the energy then follows from both TDPs.",
        )
        ratio = st.number_input("New divided by old", min_value=0.01, value=0.6, step=0.05)
        if st.form_submit_button("Add this change") and after:
            state.add("hardware", {"from": before, "to": after, measured: ratio})
            st.rerun()


def purchases(view: View) -> None:
    """Instruments that are bought besides those of today."""
    st.subheader("Purchases", anchor=False)
    kept = state.rest().get("changes", {}).get("procurement", [])
    rows = view.footprint("market", "scope_category").rows
    own = rows.filter(pl.col("scope_category") == "scope_2")["market"]
    markets = own.drop_nulls().unique().sort().to_list()
    st.caption(
        "Instruments for Scope 2 load of a market boundary: they lower the market-based figure, "
        "up to that load, and never the location-based one."
    )
    for index, bought in enumerate(kept):
        whatif_moves.entry(
            f"{numbers.energy(bought['kwh'])} in {bought['market']} at "
            f"{bought.get('kg_co2e_per_kwh', 0.0):.4g} kgCO₂e/kWh",
            "procurement",
            index,
        )
    if not markets:
        st.caption("No Scope 2 load is in view: only own and colocated hardware can be covered.")
        return
    with st.form("whatif_purchases", clear_on_submit=True):
        market = st.selectbox("Market boundary", markets)
        kwh = st.number_input(
            "Energy [kWh]", min_value=0.0, value=100_000.0, step=10_000.0, format="%.0f"
        )
        rate = st.number_input("Rate [kgCO₂e/kWh]", min_value=0.0, value=0.0, format="%.4f")
        if st.form_submit_button("Add this purchase"):
            state.add("procurement", {"market": market, "kwh": kwh, "kg_co2e_per_kwh": rate})
            st.rerun()


def prices(ranked: pl.DataFrame) -> None:
    """What energy costs by place, and what all of it may cost.

    Args:
        ranked: every place that load may go to.
    """
    st.subheader("Prices", anchor=False)
    st.caption(
        "Per kWh of facility energy. Without them cost comes from bills, where they say it. "
        "`aws:*` prices all regions of a provider."
    )
    rest = state.rest()
    with st.form("whatif_prices"):
        currency = st.text_input("Currency", value=rest.get("currency") or "", max_chars=3)
        edited = st.data_editor(
            _prices(rest.get("prices", {})),
            key="whatif_price_rows",
            hide_index=True,
            num_rows="dynamic",
            column_config={
                "place": st.column_config.SelectboxColumn(
                    "Place",
                    options=[*whole_providers(ranked), *ranked["place"].to_list()],
                    required=True,
                ),
                "price": st.column_config.NumberColumn("Price per kWh", min_value=0.0),
            },
        )
        budget = st.number_input(
            "Most that the load may cost in this period",
            min_value=0.0,
            value=rest.get("constraints", {}).get("max_cost"),
            placeholder="No budget",
        )
        if st.form_submit_button("Set these prices"):
            found = {
                row["place"]: row["price"]
                for row in edited.to_dicts()
                if row["place"] and row["price"] is not None
            }
            state.put("prices", found)
            state.put("currency", currency.strip().upper() if found else None)
            limits = {k: v for k, v in rest.get("constraints", {}).items() if k != "max_cost"}
            state.put("constraints", limits | ({} if budget is None else {"max_cost": budget}))
            st.rerun()


def whole_providers(ranked: pl.DataFrame) -> list[str]:
    """All regions of each provider, as `aws:*`."""
    return [f"{name}:*" for name in ranked["provider"].drop_nulls().unique().sort()]


def _prices(kept: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(
        {"place": list(kept), "price": list(kept.values())},
        schema={"place": pl.String, "price": pl.Float64},
    )
