"""Where a figure comes from: formula, factors with their documents, rows, and the file.

A click on any figure opens a panel at the side. A total opens into its workloads; a workload opens
into the very numbers from which it is recomputed (`Portfolio.explain`).
"""

from dataclasses import replace
from typing import Any

import polars as pl
import streamlit as st

from pages.ui import figure, numbers, tables, words
from pages.ui.view import View

_FACTOR_FACTS = (
    ("publisher", "Publisher"),
    ("release", "Release"),
    ("vintage", "Data year"),
    ("licence", "Licence"),
    ("document", "Document"),
    ("gwp_set", "GWP set"),
    ("basis", "Basis"),
)

_FIRST = (
    "month",
    "row_number",
    "component",
    "energy_facility_kwh",
    "location_kg",
    "market_kg",
    "embodied_kg",
    "tier",
    "quantity_kind",
    "quantity",
    "pue",
    "location_factor_kg_per_kwh",
)
"""Columns of a line of the calculation that are read first."""


def button(view: View, name: str, scope_category: str | None, *, key: str) -> None:
    """The button beside a headline that opens what it is the sum of."""
    if st.button("How is this made up?", key=key, type="tertiary", icon=":material/account_tree:"):
        total(view, name, scope_category)


@st.dialog(
    "Where this figure comes from",
    width=820,
    position="right",
    on_dismiss=tables.panel_closed,
)
def total(view: View, name: str, scope_category: str | None) -> None:
    """A total: the workloads that it is the sum of, each of which opens.

    Args:
        view: the period and boundary.
        name: what the reader clicked on.
        scope_category: only this category; None is all.
    """
    rows = view.rows("workload", "scope_category")
    if scope_category:
        rows = rows.filter(pl.col("scope_category") == scope_category)
    st.header(name, anchor=False)
    st.markdown(
        f"The sum of {numbers.count(rows.height, 'workload')}, "
        f"{numbers.period(view.first_month, view.last_month)}. Location-based and market-based are "
        "two separate totals; the intervals of the parts do not add up, because a factor that "
        "several workloads share is uncertain once."
    )
    tables.show(
        rows,
        key="lineage_parts",
        alt=f"The workloads that make up {name}",
        columns=["workload", "location_kg_co2e", "market_kg_co2e", "energy_facility_kwh", "tier"],
        download="lineage.csv",
        height=260,
    )
    names = rows["workload"].unique(maintain_order=True).to_list()
    chosen = st.selectbox("Open a workload", names, key="lineage_workload") if names else None
    if chosen:
        _explained(view, chosen)


def month(view: View, which: str) -> None:
    """One month of the portfolio: the workloads that it is the sum of."""
    total(replace(view, month_from=which, month_to=which), numbers.month_name(which), None)


@st.dialog(
    "Where this figure comes from",
    width=820,
    position="right",
    on_dismiss=tables.panel_closed,
)
def workload(view: View, name: str) -> None:
    """One workload's figure, down to the rows of its files."""
    st.header(numbers.plain(name), anchor=False)
    _explained(view, name)


def _explained(view: View, name: str) -> None:
    months = view.rows("workload", "month").filter(pl.col("workload") == name)["month"]
    whole = f"The whole period, {numbers.period(view.first_month, view.last_month)}"
    chosen = st.selectbox(
        "Month",
        [None, *months.unique().sort().to_list()],
        format_func=lambda value: numbers.month_name(value) if value else whole,
        key="lineage_month",
    )
    answer = view.ask(
        "explain",
        name,
        chosen,
        month_from=view.month_from,
        month_to=view.month_to,
        scope=view.scope,
    )
    _figure(answer["figure"])
    st.markdown("**Formula**")
    for sentence in _sentences(answer["formula"]):
        st.markdown(numbers.plain(sentence))
    _factors(answer["factors"])
    _lines(answer.get("lines", []), name)
    _evidence(answer["evidence"])


def _sentences(formula: str | list[str]) -> list[str]:
    return formula.splitlines() if isinstance(formula, str) else [str(part) for part in formula]


def _figure(figures: dict[str, Any]) -> None:
    with st.grid(3, min_column_width=170):
        for method in ("location", "market"):
            with st.container():
                figure.draw(figures, method)
        with st.container():
            st.metric(
                "Facility energy",
                numbers.energy(figures["energy_facility_kwh"]),
                help=f"{numbers.full(figures['energy_facility_kwh'])} kWh",
            )
            st.caption(words.name_of(words.TIERS, figures["tier"]))


def _factors(factors: list[dict[str, Any]]) -> None:
    """One card a factor, however many months it serves."""
    by_factor: dict[tuple[Any, Any], list[dict[str, Any]]] = {}
    for factor in factors:
        by_factor.setdefault((factor.get("factor_id"), factor.get("method")), []).append(factor)
    st.markdown(f"**{numbers.count(len(by_factor), 'factor')}**")
    for uses in by_factor.values():
        _factor(uses[0], len(uses) - 1)


def _factor(factor: dict[str, Any], more: int) -> None:
    rate = factor.get("kg_co2e_per_kwh")
    head = str(factor.get("factor_zone") or factor.get("zone") or factor.get("factor_id") or "")
    with st.container(border=True):
        st.markdown(
            f"**{numbers.plain(head)}** · {numbers.plain(factor.get('method') or '')} · "
            + (f"{numbers.full(rate)} kgCO₂e per kWh" if rate is not None else "no factor")
        )
        if factor.get("why"):
            st.markdown(
                numbers.plain(factor["why"])
                + (f" The same for {numbers.count(more, 'more month')}." if more else "")
            )
        st.caption(
            " · ".join(
                f"{title}: {numbers.plain(factor[name], links=name == 'document')}"
                for name, title in _FACTOR_FACTS
                if factor.get(name)
            )
        )


def _lines(lines: list[dict[str, Any]], name: str) -> None:
    if not lines:
        return
    frame = pl.DataFrame(lines, infer_schema_length=None, strict=False)
    flat = frame.select(column for column, kind in frame.schema.items() if not kind.is_nested())
    st.markdown(f"**{numbers.count(flat.height, 'line')} of the calculation**")
    first = [column for column in _FIRST if column in flat.columns]
    tables.show(
        flat.select(*first, pl.exclude(first)),
        key="lineage_lines",
        alt=f"Every line of the calculation of {name}",
        download="lines.csv",
        height=260,
    )


def _evidence(evidence: list[dict[str, Any]]) -> None:
    st.markdown(f"**{numbers.count(len(evidence), 'file')}**")
    for file in evidence:
        rows = [str(row) for row in file.get("rows", [])]
        listed = ", ".join(rows[:20]) + (f" and {len(rows) - 20} more" if len(rows) > 20 else "")
        st.markdown(f"{numbers.plain(file.get('name') or 'file')}, rows {numbers.plain(listed)}")
        st.caption(f"sha256 {file['evidence_id']}")
