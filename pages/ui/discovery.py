"""What the panels on discovery share: words, amounts, the evidence of a proposal, a choice."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import polars as pl
import streamlit as st

from carbon.portfolio import PortfolioError
from carbon.schema import UNASSIGNED
from pages.ui import numbers, tables, theme
from pages.ui.charts import Chart, label
from pages.ui.view import View

SOURCES: Final = {
    "terraform": "Terraform",
    "kubernetes": "Kubernetes",
    "billing": "Bill",
    "mlflow": "MLflow",
    "wandb": "Weights & Biases",
    "slurm": "Slurm",
    "telemetry": "Meters",
    "codecarbon": "CodeCarbon",
    "otel-genai": "OpenTelemetry",
    "activity-template": "Spreadsheet",
}
"""Systems, as a person calls them."""

_SAID: Final = "discovery_said"

MOST_BARS: Final = 12


def source(name: str) -> str:
    """A system in words."""
    return SOURCES.get(name, name)


def money(cost: Mapping[str, float], *, short: bool = False) -> str:
    """Amounts in their currencies: `524.36 USD`; short, to three significant digits."""
    pairs = [
        (numbers.significant(amount) if short else f"{amount:,.2f}".replace(",", numbers.THIN))
        + f"{numbers.THIN}{currency}"
        for currency, amount in cost.items()
    ]
    return " + ".join(pairs) or "no cost stated"


def evidence(rows: Sequence[Mapping[str, Any]], *, key: str) -> None:
    """What each system says, where it stands."""
    frame = pl.DataFrame(
        [
            {
                "source": source(row["source"]),
                "says": row["says"],
                "reference": row["reference"],
                "state": row["state"],
                "file": row["file"],
                "row": row["row"],
            }
            for row in rows
        ],
        infer_schema_length=None,
    )
    tables.show(
        frame,
        key=key,
        alt="What each system says",
        titles={
            "source": "Seen by",
            "says": "What it says",
            "reference": "Address there",
            "state": "State",
        },
    )


def workloads(view: View) -> list[str]:
    """Names of the inventory to choose from."""
    names: list[str] = view.ask("workloads")["workload_id"].to_list()
    return [name for name in names if name != UNASSIGNED]


def decide(act: Callable[[], str]) -> None:
    """Do it, say it on the fresh screen; what stands in the way is said here."""
    try:
        st.session_state[_SAID] = act()
    except PortfolioError as error:
        st.error(numbers.plain(str(error)), icon=":material/error:")
        return
    st.rerun()


def said() -> None:
    """What the last decision did."""
    if text := st.session_state.pop(_SAID, None):
        st.success(text, icon=":material/check:")


def by_and_by(
    things: Sequence[Any], draw: Callable[[Any], None], *, key: str, at_once: int
) -> None:
    """Draw the first of many things, and more of them whenever the reader asks.

    Args:
        things: all of them, most important first.
        draw: draws one.
        key: of the panel that they stand in.
        at_once: how many there are at first, and how many are added.
    """
    shown = st.session_state.get(f"{key}_shown", at_once)
    for thing in things[:shown]:
        draw(thing)
    if len(things) > shown:
        st.button(
            f"Show more, of {numbers.integer(len(things))}",
            icon=":material/expand_more:",
            key=f"{key}_more",
            on_click=_show,
            args=(f"{key}_shown", shown + at_once),
        )


def _show(key: str, count: int) -> None:
    st.session_state[key] = count


def by_account(places: pl.DataFrame) -> Chart:
    """Horizontal bars of unclaimed energy by account or site, most first.

    Args:
        places: where and energy_kwh [kWh], most first.
    """
    known = places.filter(pl.col("energy_kwh") > 0).head(MOST_BARS)
    finding = "No energy is known of what nobody claims."
    if known.height:
        top = known.row(0, named=True)
        finding = (
            f"Most unclaimed energy is in {top['where']}: {numbers.energy(top['energy_kwh'])}."
        )
    return _bars(known, "energy_kwh", "kWh", theme.MORE), finding


def by_cost(paid: pl.DataFrame, currency: str) -> Chart:
    """Horizontal bars of what is paid for unclaimed use, dearest first.

    Args:
        paid: where, currency and cost, dearest first.
        currency: the one to draw.
    """
    known = paid.filter(pl.col("cost") > 0, pl.col("currency") == currency).head(MOST_BARS)
    finding = "No cost is stated of what nobody claims."
    if known.height:
        top = known.row(0, named=True)
        finding = f"Most is paid in {top['where']}: {money({currency: top['cost']})}."
    return _bars(known, "cost", currency, theme.LIFECYCLES[None]), finding


def _bars(rows: pl.DataFrame, measure: str, unit: str, colour: str) -> Any:
    drawn = theme.figure()
    names = [label(source(name), 24) for name in rows["where"].to_list()]
    drawn.add_bar(
        y=list(range(len(names))),
        x=rows[measure].to_list(),
        orientation="h",
        marker={"color": colour},
        customdata=[[name] for name in names],
        hovertemplate=f"%{{customdata[0]}}: %{{x:,.4~g}} {unit}<extra></extra>",
    )
    drawn.update_layout(height=max(150, 70 + 32 * len(names)), showlegend=False)
    drawn.update_xaxes(title_text=unit, rangemode="tozero")
    drawn.update_yaxes(
        autorange="reversed",
        showgrid=False,
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=names,
    )
    return drawn
