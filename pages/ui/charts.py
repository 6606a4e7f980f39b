"""The charts: frames in, plotly figures out, each with the sentence that it shows.

Every builder returns `(figure, finding)`; the finding is the chart's alternative text, and says
what is seen rather than that there is a chart. Names that users typed are escaped: plotly reads
`<b>` and `<a>` in labels as markup.
"""

import html
import textwrap
from collections.abc import Callable, Mapping
from datetime import date
from itertools import accumulate
from typing import Any, Final

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from pages.ui import numbers, theme, words

TONNE_KG: Final = 1000.0
_HOVER_MASS: Final = "%{y:,.4~g} t"

_PATTERNS: Final = {
    "row_factor": ".",
    "instrument": "",
    "supplier": "|",
    "residual": "/",
    "grid_average": "",
    "row_location": "x",
}
"""So that the rungs can be told apart without colour."""

_QUARTERS: Final = (0, 25, 50, 75, 100)

MOST_MONTHS_NAMED: Final = 12
"""Beyond this many months only every second, third, … is named, so that the names do not touch."""

FEWEST_MONTHS: Final = 6
"""Fewer months leave room on the right, so that a single bar does not fill the chart."""

Chart = tuple[go.Figure, str]


def show(chart: Chart, *, key: str, height: int | None = None, select: bool = False) -> Any:
    """Draw a chart with its finding as alternative text; returns the selection, if asked for."""
    drawn, finding = chart
    if height:
        drawn.update_layout(height=height)
    return st.plotly_chart(
        drawn,
        key=key,
        alt=finding,
        on_select="rerun" if select else "ignore",
        selection_mode="points",
        config={"displayModeBar": False, "topojsonURL": "app/static/topojson/"},
    )


def opened(key: str, event: Any, act: Callable[[Mapping[str, Any]], None]) -> None:
    """Act on the point that was clicked, once: a selection outlives the click that made it."""
    points = event["selection"]["points"]
    seen = f"{key}_opened"
    if points and st.session_state.get(seen) != points:
        act(points[0])
    st.session_state[seen] = points


def label(text: object, longest: int = 34) -> str:
    """User text for a plotly label: never markup, and no longer than fits."""
    clean = " ".join(str(text).split())
    return html.escape(clean if len(clean) <= longest else clean[: longest - 1] + "…")


def month_axis(drawn: go.Figure, months: list[str]) -> None:
    """A place for every month from the first to the last, each name under its own bar.

    A date axis would choose its own ticks, which fall between the bars where months are few.

    Args:
        drawn: the figure, whose bars stand at months, YYYY-MM.
        months: those months, in any order.
    """
    if not months:
        return
    every = _every_month(min(months), max(months))
    named = every[:: -(-len(every) // MOST_MONTHS_NAMED)]
    drawn.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=every,
        range=[-0.5, max(len(every), FEWEST_MONTHS) - 0.5],
        tickmode="array",
        tickvals=named,
        ticktext=[
            f"{date.fromisoformat(f'{month}-01'):%b}"
            + (f"<br>{month[:4]}" if before is None or before[:4] != month[:4] else "")
            for before, month in zip([None, *named], named, strict=False)
        ],
        tickangle=0,
        showgrid=False,
    )


def _every_month(first: str, last: str) -> list[str]:
    """Each YYYY-MM from the first to the last, both included."""
    start, end = (12 * int(month[:4]) + int(month[5:]) - 1 for month in (first, last))
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(start, end + 1)]


def _names(months: pl.Series) -> list[list[str]]:
    """What hovering over each month's bar calls it."""
    return [[numbers.month_name(month)] for month in months]


def months_by_lifecycle(rows: pl.DataFrame, totals: pl.DataFrame, method: str) -> Chart:
    """Stacked monthly bars of one method, by lifecycle.

    Args:
        rows: month (YYYY-MM), lifecycle and the measures, one row each.
        totals: month and the measures, one row each.
        method: `location` or `market`.
    """
    measure = f"{method}_kg_co2e"
    drawn = theme.figure()
    for lifecycle, name in words.LIFECYCLES.items():
        part = rows.filter(pl.col("lifecycle").eq_missing(lifecycle)).sort("month")
        if part[measure].sum() == 0:
            continue
        drawn.add_bar(
            x=part["month"].to_list(),
            y=(part[measure] / TONNE_KG).to_list(),
            name=name,
            marker={"color": theme.LIFECYCLES[lifecycle]},
            customdata=_names(part["month"]),
            hovertemplate=f"{name}, %{{customdata[0]}}: {_HOVER_MASS}<extra></extra>",
        )
    drawn.update_layout(
        barmode="stack",
        legend_traceorder="normal",
        showlegend=True,
        # Two names a line, so that the legend leaves room for the bars on a phone.
        legend_font_size=11,
        legend_entrywidth=0.47,
        legend_entrywidthmode="fraction",
    )
    drawn.update_yaxes(title_text="t CO₂e")
    month_axis(drawn, totals["month"].to_list())
    known = totals.drop_nulls(measure).sort(measure, "month", descending=[True, False])
    if known.is_empty():
        return drawn, "No month carries an emission in this period."
    top = known.row(0, named=True)
    return drawn, (
        f"{words.METHODS[method]} emissions by month and lifecycle; the highest month is "
        f"{numbers.month_name(top['month'])} with {numbers.mass(top[measure])}."
    )


def ranked(rows: pl.DataFrame, by: str, methods: tuple[str, ...]) -> Chart:
    """Horizontal bars of the largest rows, one bar a method, the 95 % interval as a thin line.

    Args:
        rows: the column `by` and the measures, largest first.
        by: the column that names the bars.
        methods: `location`, `market` or both.
    """
    drawn = theme.figure()
    names = [label(name) for name in rows[by].to_list()]
    for method in methods:
        value = rows[f"{method}_kg_co2e"] / TONNE_KG
        drawn.add_bar(
            y=list(range(len(names))),
            x=value.to_list(),
            orientation="h",
            name=words.METHODS[method],
            marker={"color": theme.METHODS[method]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (rows[f"{method}_high_kg"] / TONNE_KG - value).to_list(),
                "arrayminus": (value - rows[f"{method}_low_kg"] / TONNE_KG).to_list(),
                "thickness": 1,
                "width": 3,
                "color": theme.TEXT,
            },
            customdata=[[name] for name in names],
            hovertemplate=f"%{{customdata[0]}}<br>{words.METHODS[method]}: "
            "%{x:,.4~g} t<extra></extra>",
        )
    drawn.update_layout(
        barmode="group",
        height=max(160, 60 + 30 * len(names) * max(1, len(methods) * 0.75)),
    )
    drawn.update_xaxes(title_text="t CO₂e, with 95\u202f% interval")
    drawn.update_yaxes(
        autorange="reversed",
        showgrid=False,
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=names,
    )
    if rows.is_empty():
        return drawn, "Nothing to rank in this period."
    first, measure = rows.row(0, named=True), f"{methods[0]}_kg_co2e"
    return drawn, (
        f"The largest is {first[by]} with {numbers.mass(first[measure])} "
        f"({words.METHODS[methods[0]].lower()}), of {len(names)} shown."
    )


def bridge(steps: list[tuple[str, float]]) -> Chart:
    """From the location-based to the market-based figure: what each rung adds or takes.

    Args:
        steps: (name, kg); the first is the location-based total, the last the market-based one,
            those between are differences.
    """
    names = ["<br>".join(textwrap.wrap(label(name, 40), 11)) for name, _ in steps]
    values = [kg / TONNE_KG for _, kg in steps]
    colour = [
        theme.METHODS["location"],
        *(theme.MORE if value > 0 else theme.LESS for value in values[1:-1]),
        theme.METHODS["market"],
    ]
    # A difference starts where the steps before it end.
    starts = [0.0, *accumulate(values[:-2]), 0.0]
    drawn = theme.figure()
    drawn.add_bar(
        x=names,
        y=values,
        base=starts,
        marker={"color": colour},
        text=[numbers.mass(kg) for _, kg in steps],
        textposition="outside",
        textfont={"size": 12, "color": theme.TEXT},
        cliponaxis=False,
        customdata=[[label(name, 60), numbers.mass(kg)] for name, kg in steps],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
    )
    drawn.update_layout(showlegend=False, margin={"t": 28})
    drawn.update_xaxes(showgrid=False, tickangle=0, tickfont_size=10)
    drawn.update_yaxes(title_text="t CO₂e", rangemode="tozero")
    return drawn, (
        f"Location-based {numbers.mass(steps[0][1])}, market-based {numbers.mass(steps[-1][1])}; "
        + "between them: "
        + ", ".join(f"{name} {numbers.mass(kg)}" for name, kg in steps[1:-1])
        + "."
    )


def rungs_by_market(rows: pl.DataFrame) -> Chart:
    """One bar of 100 % a market boundary: which rung of the hierarchy supplies its energy.

    Args:
        rows: market, rung and kwh [kWh].
    """
    drawn = theme.figure()
    markets = rows["market"].unique().sort(nulls_last=True).to_list()
    for rung, title in words.RUNGS.items():
        part = rows.filter(pl.col("rung") == rung)
        if part.is_empty():
            continue
        drawn.add_bar(
            y=[label(market or "Not stated") for market in part["market"]],
            x=part["kwh"].to_list(),
            orientation="h",
            name=title,
            marker={
                "color": theme.RUNGS[rung],
                "pattern": {"shape": _PATTERNS[rung], "fillmode": "overlay", "solidity": 0.2},
            },
            customdata=[[numbers.energy(kwh)] for kwh in part["kwh"]],
            hovertemplate=f"%{{y}}, {title}: %{{customdata[0]}} (%{{x:.0f}}\u202f%)<extra></extra>",
        )
    drawn.update_layout(
        barmode="stack",
        barnorm="percent",
        height=110 + 30 * len(markets),
        legend_traceorder="normal",
        showlegend=True,
        margin={"r": 28},
    )
    drawn.update_xaxes(
        range=[0, 100],
        tickvals=_QUARTERS,
        ticktext=[f"{quarter}\u202f%" for quarter in _QUARTERS],
        showgrid=False,
    )
    drawn.update_yaxes(showgrid=False, type="category", autorange="reversed")
    largest = rows.sort("kwh", descending=True).row(0, named=True)
    return drawn, (
        f"The largest slice is {numbers.energy(largest['kwh'])} in "
        f"{largest['market'] or 'a market not stated'}: {words.RUNGS[largest['rung']].lower()}."
    )


def methods_by_month(rows: pl.DataFrame) -> Chart:
    """Both methods month by month, each with its 95 % interval as a thin line.

    Args:
        rows: month (YYYY-MM) and the measures, one row each, in order.
    """
    drawn = theme.figure()
    for method in ("location", "market"):
        value = rows[f"{method}_kg_co2e"] / TONNE_KG
        drawn.add_bar(
            x=rows["month"].to_list(),
            y=value.to_list(),
            name=words.METHODS[method],
            marker={"color": theme.METHODS[method]},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": (rows[f"{method}_high_kg"] / TONNE_KG - value).to_list(),
                "arrayminus": (value - rows[f"{method}_low_kg"] / TONNE_KG).to_list(),
                "thickness": 1,
                "width": 2,
                "color": theme.TEXT,
            },
            customdata=_names(rows["month"]),
            hovertemplate=f"{words.METHODS[method]}, %{{customdata[0]}}: "
            f"{_HOVER_MASS}<extra></extra>",
        )
    drawn.update_layout(barmode="group")
    drawn.update_yaxes(title_text="t CO₂e, with 95\u202f% interval")
    month_axis(drawn, rows["month"].to_list())
    location, market = rows["location_kg_co2e"].sum(), rows["market_kg_co2e"].sum()
    return drawn, (
        f"Over {numbers.count(rows.height, 'month')} location-based {numbers.mass(location)} and "
        f"market-based {numbers.mass(market)}."
    )
