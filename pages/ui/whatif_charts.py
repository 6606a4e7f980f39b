"""Charts of a scenario: its months and places beside today's, and what carbon costs to lower.

Small figures with few traces: they are drawn again at every move of a slider.
"""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any, Final

import polars as pl

from pages.ui import numbers, theme, words
from pages.ui.charts import TONNE_KG, Chart, label, month_axis

Rows = Sequence[Mapping[str, Any]]

STATES: Final = (("today", "Today", 0.35), ("scenario", "Scenario", 1.0))
"""What stands side by side, its name, and how opaque its bars are."""

MOST_PLACES: Final = 10
"""Places that are drawn one by one; the table has all."""

MOST_TARGETS: Final = 3
"""Of them, places where load goes, which may emit little."""

MOST_LINES: Final = 3

LINE_LETTERS: Final = 11
"""Letters of a line beneath a bar, so that five names stand side by side in a narrow window."""

HEIGHT: Final = 280


def months(rows: Rows, methods: tuple[str, ...]) -> Chart:
    """Each month as it was and as it would have been.

    Args:
        rows: month (YYYY-MM), and the measures `today` and in the `scenario`, one row a month.
        methods: `location`, `market` or both.
    """
    drawn = theme.figure()
    every = [row["month"] for row in rows]
    for method in methods:
        for state, name, opacity in STATES:
            drawn.add_bar(
                x=every,
                y=_tonnes(rows, state, method),
                name=f"{words.METHODS_SHORT[method]}, {name.lower()}",
                marker={"color": theme.METHODS[method]},
                opacity=opacity,
                hovertemplate=f"{words.METHODS[method]}, {name.lower()}: "
                "%{y:,.4~g} t<extra></extra>",
            )
    drawn.update_layout(barmode="group", height=HEIGHT, bargap=0.3)
    drawn.update_yaxes(title_text="t CO₂e", rangemode="tozero")
    month_axis(drawn, every)
    if not rows:
        return drawn, "No month carries an emission in this period."
    top = max(rows, key=lambda row: row["today"][f"{methods[0]}_kg_co2e"] or 0.0)
    return drawn, (
        f"By month; in {numbers.month_name(top['month'])}, the highest today, "
        f"{_from_to(top, methods[0])}."
    )


def places(rows: Rows, method: str) -> Chart:
    """What each place emits today and would emit, largest first; where load goes is among them.

    Args:
        rows: place, and the measures `today` and in the `scenario`, one row a place.
        method: `location` or `market`.
    """
    by_size = sorted(rows, key=lambda row: (-_most(row, method), row["place"]))
    goes_to = [row for row in by_size if _grows(row)][:MOST_TARGETS]
    others = [row for row in by_size if row not in goes_to][: MOST_PLACES - len(goes_to)]
    top = [row for row in by_size if row in goes_to or row in others]
    labels = [label(row["place"], 26) for row in top]
    drawn = theme.figure()
    for state, name, opacity in STATES:
        drawn.add_bar(
            y=list(range(len(top))),
            x=_tonnes(top, state, method),
            orientation="h",
            name=name,
            marker={"color": theme.METHODS[method]},
            opacity=opacity,
            customdata=[[place] for place in labels],
            hovertemplate=f"%{{customdata[0]}}, {name.lower()}: %{{x:,.4~g}} t<extra></extra>",
        )
    drawn.update_layout(barmode="group", height=HEIGHT + 40, legend_traceorder="normal")
    drawn.update_xaxes(title_text=f"t CO₂e, {words.METHODS[method].lower()}", rangemode="tozero")
    drawn.update_yaxes(
        autorange="reversed",
        showgrid=False,
        tickmode="array",
        tickvals=list(range(len(top))),
        ticktext=labels,
    )
    if not top:
        return drawn, "No place carries an emission in this period."
    return drawn, (
        f"By place, {labels[0]} {_from_to(top[0], method)}; "
        f"{numbers.count(len(top), 'place')} of {numbers.integer(len(rows))} shown."
    )


def compared(rows: pl.DataFrame, methods: tuple[str, ...]) -> Chart:
    """Today and saved scenarios side by side, each with its 95 % interval as a thin line.

    Args:
        rows: name and the measures R, one row a scenario.
        methods: `location`, `market` or both.
    """
    drawn = theme.figure()
    names = [label(name, 26) for name in rows["name"]]
    for method in methods:
        value = rows[f"{method}_kg_co2e"] / TONNE_KG
        drawn.add_bar(
            x=list(range(rows.height)),
            y=value.to_list(),
            name=words.METHODS[method],
            marker={"color": theme.METHODS[method]},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": (rows[f"{method}_high_kg"] / TONNE_KG - value).to_list(),
                "arrayminus": (value - rows[f"{method}_low_kg"] / TONNE_KG).to_list(),
                "thickness": 1,
                "width": 3,
                "color": theme.TEXT,
            },
            customdata=[[name] for name in names],
            hovertemplate=f"%{{customdata[0]}}, {words.METHODS[method].lower()}: "
            "%{y:,.4~g} t<extra></extra>",
        )
    drawn.update_layout(barmode="group", height=340)
    drawn.update_yaxes(title_text="t CO₂e, with 95\u202f% interval", rangemode="tozero")
    drawn.update_xaxes(
        tickmode="array",
        tickvals=list(range(rows.height)),
        ticktext=[_lines(name) for name in rows["name"]],
        tickangle=0,
        showgrid=False,
    )
    least = rows.sort(f"{methods[0]}_kg_co2e", "name", nulls_last=True).row(0, named=True)
    return drawn, (
        f"{numbers.count(rows.height, 'bar')}; the lowest {words.METHODS[methods[0]].lower()} "
        f"figure is {numbers.mass(least[f'{methods[0]}_kg_co2e'])}, {least['name']}."
    )


def frontier(rows: pl.DataFrame, method: str, currency: str, now: tuple[float, float]) -> Chart:
    """The least carbon for each cost: no placement lies below the line.

    Args:
        rows: cost and kg, one row a point, by cost.
        method: `location` or `market`.
        currency: of the costs.
        now: cost and kg of today.
    """
    drawn = theme.figure()
    hover = f"%{{x:,.4~g}} {label(currency)}: %{{y:,.4~g}} t<extra></extra>"
    drawn.add_scatter(
        x=rows["cost"].to_list(),
        y=(rows["kg"] / TONNE_KG).to_list(),
        mode="lines+markers",
        name="Least carbon at that cost",
        line={"color": theme.METHODS[method], "width": 2},
        marker={"size": 7},
        hovertemplate=hover,
    )
    drawn.add_scatter(
        x=[now[0]],
        y=[now[1] / TONNE_KG],
        mode="markers",
        name="Today",
        marker={"color": theme.TEXT, "size": 10, "symbol": "diamond"},
        hovertemplate="Today, " + hover,
    )
    drawn.update_layout(height=340, showlegend=True)
    drawn.update_xaxes(title_text=f"Cost of the period [{label(currency)}]")
    drawn.update_yaxes(title_text=f"t CO₂e, {words.METHODS[method].lower()}")
    first, last = rows.row(0, named=True), rows.row(-1, named=True)
    return drawn, (
        f"The cheapest placement emits {numbers.mass(first['kg'])} and costs "
        f"{numbers.significant(first['cost'])} {currency}; the one with least carbon emits "
        f"{numbers.mass(last['kg'])} and costs {numbers.significant(last['cost'])} {currency}."
    )


def _lines(name: str) -> str:
    """A name in lines short enough to stand beneath a bar."""
    return "<br>".join(
        label(line) for line in wrap(name, LINE_LETTERS, max_lines=MOST_LINES, placeholder="…")
    )


def _tonnes(rows: Rows, state: str, method: str) -> list[float | None]:
    kg = [row[state][f"{method}_kg_co2e"] for row in rows]
    return [None if figure is None else figure / TONNE_KG for figure in kg]


def _most(row: Mapping[str, Any], method: str) -> float:
    return max(row[state][f"{method}_kg_co2e"] or 0.0 for state, _, _ in STATES)


def _grows(row: Mapping[str, Any]) -> bool:
    return bool((row["scenario"]["energy_it_kwh"] or 0) > (row["today"]["energy_it_kwh"] or 0))


def _from_to(row: Mapping[str, Any], method: str) -> str:
    measure = f"{method}_kg_co2e"
    return (
        f"{words.METHODS[method].lower()} from {numbers.mass(row['today'][measure])} to "
        f"{numbers.mass(row['scenario'][measure])}"
    )
