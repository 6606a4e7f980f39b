"""Models: what does each model cost the climate, once and per use?"""

from typing import Any, Final

import polars as pl
import streamlit as st

from pages.ui import bar, gate, model_page, numbers, states, tables, words
from pages.ui.view import View

ALL: Final = "All models"
NEXT: Final = "model_next"
"""The model that a click in the table asks for: the box above it is drawn before the click is."""

TITLES: Final = {
    "location_kg_co2e": "Period, location [kg]",
    "training_location_kg": "Training, location [kg]",
    "location_g_query": "Request, location [g]",
    "location_g_1k_output_tokens": "1k tokens out, location [g]",
    "market_kg_co2e": "Period, market [kg]",
    "training_market_kg": "Training, market [kg]",
    "market_g_query": "Request, market [g]",
    "market_g_1k_output_tokens": "1k tokens out, market [g]",
    "months": "Months",
    "energy_wh_query": "Request, energy [Wh]",
    "boundary_query": "What the figure per request sees",
}


def draw(view: View) -> None:
    """The whole screen: all models, or one."""
    states.title(
        "Models", "What each model costs the climate, once for training and again per use.", view
    )
    if view.is_empty:
        states.empty(
            "Here every model will stand: its training, a request, a thousand tokens.",
            "No activity was imported yet.",
        )
        return
    if states.nothing_in_view(view):
        return
    rows = view.of_period("models")
    if rows.is_empty():
        st.info(
            "No activity names its model. State the model of each workload in the AI inventory.",
            icon=":material/info:",
        )
        states.link("inventory.py", "AI inventory", ":material/inventory_2:")
        return
    chosen = _choose(rows["model"].to_list())
    if chosen == ALL:
        _list(view, rows)
    else:
        model_page.draw(view, chosen)


def _choose(names: list[str]) -> str:
    """The model of the page, kept in the address."""
    if NEXT in st.session_state:
        st.session_state["model"] = st.session_state.pop(NEXT)
    return st.selectbox(
        "Model",
        [ALL, *names],
        key="model",
        bind="query-params",
        width=360,
        label_visibility="collapsed",
    )


def _list(view: View, rows: pl.DataFrame) -> None:
    _lead(view, rows)
    method_columns = [
        column
        for method in view.methods
        for column in (
            f"training_{method}_kg",
            f"{method}_g_query",
            f"{method}_g_1k_output_tokens",
            f"{method}_kg_co2e",
        )
    ]
    order = sorted(method_columns, key=list(TITLES).index)
    shown = rows.join(_months(view), on="model", how="left").with_columns(
        pl.col("boundary_query").replace(
            {code: word for code, word in words.FIGURE_BOUNDARIES.items() if code}
        )
    )
    tables.show(
        shown,
        key="models",
        alt="One row a model: training once, a request, a thousand tokens, this period",
        columns=["model", *order[:4], "months", *order[4:], "energy_wh_query", "boundary_query"],
        titles=TITLES,
        bars={"months": "Emissions of each month, " + words.METHODS[view.methods[0]].lower()},
        height=min(46 + 35 * rows.height, 640),
        select=_open,
        download="models.csv",
    )
    st.caption(
        "A click on a row opens the model. Kilograms and grams of CO₂e; location: the "
        "location-based figure, market: the market-based one. Training is of the whole record, "
        "whatever period is chosen; it is in no figure per request. Figures per request compare "
        "only where they see as much of the machine."
    )


def _lead(view: View, rows: pl.DataFrame) -> None:
    """What matters most, in a sentence."""
    method = view.methods[0]
    used = rows.drop_nulls(f"{method}_g_query").sort(
        f"{method}_g_query", "model", descending=[True, False]
    )
    trained = rows.drop_nulls(f"training_{method}_kg").sort(
        f"training_{method}_kg", "model", descending=[True, False]
    )
    first = rows.row(0, named=True)
    sentences = [
        f"**{numbers.plain(first['model'])}** emitted most in this period, "
        f"**{numbers.mass(first[f'{method}_kg_co2e'])}**."
    ]
    if trained.height:
        top = trained.row(0, named=True)
        sentences.append(
            f"The largest training is that of **{numbers.plain(top['model'])}**, "
            f"**{numbers.mass(top[f'training_{method}_kg'])}** once."
        )
    if used.height:
        top = used.row(0, named=True)
        sentences.append(
            f"The most carbon a request takes **{numbers.plain(top['model'])}**, "
            f"**{numbers.grams(top[f'{method}_g_query'])}**."
        )
    st.markdown(" ".join(sentences) + f" All {words.METHODS[method].lower()}.")
    unknown = rows.height - used.height
    if unknown:
        st.caption(
            f"{numbers.count(unknown, 'model')} of {numbers.integer(rows.height)} have no figure "
            "per request: no requests are known beside their energy."
        )


def _months(view: View) -> pl.DataFrame:
    """Each model's months as a list, for the small bars."""
    return view.of_period("model_months", view.methods[0])


def _open(row: dict[str, Any]) -> None:
    st.session_state[NEXT] = row["model"]
    st.rerun()


gate.require()
draw(bar.current())
