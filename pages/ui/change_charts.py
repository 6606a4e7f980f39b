"""The waterfall of a change: from one period's total to another's, step by step."""

import textwrap
from itertools import accumulate, pairwise
from typing import Any, Final

import plotly.graph_objects as go

from pages.ui import numbers, theme, words
from pages.ui.charts import TONNE_KG, Chart, label

_ROW_PX: Final = 38

_SMALL: Final = 0.1
"""Where no step reaches this share of the totals, the axis begins later than at 0."""

_A_DAY: Final = " a day"

_LINE: Final = 15
"""Characters of a step's name on one line, so that a phone leaves room for the bars."""


def waterfall(change: Any, before: str, after: str) -> Chart:
    """Totals as bars of the method's hue, between them what each step adds or takes.

    Args:
        change: as the portfolio's `changed` gives it.
        before: what the first period is called.
        after: what the second is called.
    """
    steps = list(change.steps.iter_rows())
    first, last = (change.before["kg_co2e"] or 0.0), (change.after["kg_co2e"] or 0.0)
    levels = [kg / TONNE_KG for kg in accumulate((kg for _, kg in steps), initial=first)]
    start = _axis_start(levels)
    spans = [(start, levels[0]), *pairwise(levels), (start, last / TONNE_KG)]
    names = [before, *(words.CHANGE_STEPS[step] for step, _ in steps), after]
    told = [
        written(first, change.unit),
        *(signed(kg, change.unit) for _, kg in steps),
        written(last, change.unit),
    ]
    hue = theme.METHODS[change.method]
    rows = list(range(len(names)))
    drawn = theme.figure()
    drawn.add_bar(
        y=rows,
        x=[end - begin for begin, end in spans],
        base=[begin for begin, _ in spans],
        orientation="h",
        width=0.62,
        # No hatch, which marks estimates: each label's sign tells without colour what takes away.
        marker={"color": [hue, *(theme.MORE if kg > 0 else theme.LESS for _, kg in steps), hue]},
        customdata=[
            [label(name, 60), text, step]
            for name, text, step in zip(
                names, told, ["", *(step for step, _ in steps), ""], strict=True
            )
        ],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
    )
    _add_intervals(drawn, change, rows[-1])
    reach = [max(span) for span in spans]
    reach[0], reach[-1] = _high(change.before, reach[0]), _high(change.after, reach[-1])
    drawn.add_scatter(
        y=rows,
        x=reach,
        mode="text",
        text=[f" {text.removesuffix(_A_DAY)}" for text in told],
        textposition="middle right",
        textfont={"size": 12, "color": theme.TEXT},
        cliponaxis=False,
        hoverinfo="skip",
    )
    unit = "t CO₂e a day" if "day" in change.unit else "t CO₂e"
    begins = f", axis begins at {numbers.significant(start)}{numbers.THIN}t" if start else ""
    drawn.update_layout(showlegend=False, height=70 + _ROW_PX * len(names))
    drawn.update_xaxes(
        title_text=unit + begins,
        range=[start, start + (max(reach) - start) * 1.3],
        zeroline=not start,
        nticks=5,
    )
    drawn.update_yaxes(
        autorange="reversed",
        showgrid=False,
        tickmode="array",
        tickvals=rows,
        ticktext=["<br>".join(textwrap.wrap(label(name, 60), _LINE)) for name in names],
    )
    return drawn, _finding(change, names, told)


def written(kg: float | None, unit: str) -> str:
    """A total in words, by the day where it is."""
    return numbers.mass(kg) + (_A_DAY if "day" in unit else "")


def signed(kg: float, unit: str) -> str:
    """A step in words, with its sign."""
    return ("+" if kg > 0 else "") + written(kg, unit)


def _axis_start(levels: list[float]) -> float:
    """0, or a round value below all levels where steps would be too thin to see."""
    low, high = min(levels), max(levels)
    if high - low >= _SMALL * high or high <= 0:
        return 0.0
    room = max(low - (high - low), 0.0)
    return float(f"{room:.2g}") if float(f"{room:.2g}") <= low else 0.0


def _add_intervals(drawn: go.Figure, change: Any, last_row: int) -> None:
    """The 95 % interval of both totals, as a thin line; steps have none."""
    known = [
        (row, total)
        for row, total in ((0, change.before), (last_row, change.after))
        if total["low_kg"] is not None
    ]
    drawn.add_scatter(
        y=[row for row, _ in known],
        x=[total["kg_co2e"] / TONNE_KG for _, total in known],
        mode="markers",
        marker={"size": 1, "color": theme.TEXT},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [(total["high_kg"] - total["kg_co2e"]) / TONNE_KG for _, total in known],
            "arrayminus": [(total["kg_co2e"] - total["low_kg"]) / TONNE_KG for _, total in known],
            "thickness": 1,
            "width": 3,
            "color": theme.TEXT,
        },
        hoverinfo="skip",
    )


def _high(total: Any, otherwise: float) -> float:
    return otherwise if total["high_kg"] is None else total["high_kg"] / TONNE_KG


def _finding(change: Any, names: list[str], told: list[str]) -> str:
    between = ", ".join(
        f"{name} {text}" for name, text in zip(names[1:-1], told[1:-1], strict=True)
    )
    return (
        f"{words.METHODS[change.method]} {told[0]} in {names[0]}, {told[-1]} in {names[-1]}; "
        + (f"between them: {between}." if between else "nothing changed between them.")
    )
