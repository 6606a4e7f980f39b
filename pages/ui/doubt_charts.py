"""Doubt as charts: which inputs move a figure most, each on its own."""

from typing import Any, Final

import polars as pl

from pages.ui import numbers, theme, words
from pages.ui.charts import TONNE_KG, Chart, label

SHOWN: Final = 10
"""Inputs of the tornado: the rest stands in the table."""

COLOURS: Final = {**theme.METHODS, "embodied": theme.EMBODIED}


def tornado(drivers: pl.DataFrame, total: dict[str, Any], method: str) -> Chart:
    """A bar an input: from the total when it alone is at its low end to that at its high end.

    Args:
        drivers: kind, label, tier, variance_share [1], low_kg and high_kg [kg], largest first.
        total: kg, the figure itself [kg].
        method: location, market or embodied.
    """
    rows = drivers.head(SHOWN)
    low, high = rows["low_kg"] / TONNE_KG, rows["high_kg"] / TONNE_KG
    drawn = theme.figure()
    drawn.add_bar(
        y=list(range(rows.height)),
        x=(high - low).to_list(),
        base=low.to_list(),
        orientation="h",
        marker={"color": COLOURS[method]},
        text=[numbers.percent(share) for share in rows["variance_share"]],
        textposition="outside",
        textfont={"size": 12, "color": theme.TEXT},
        cliponaxis=False,
        customdata=[
            [label(row["label"], 60), numbers.mass(row["low_kg"]), numbers.mass(row["high_kg"])]
            for row in rows.iter_rows(named=True)
        ],
        hovertemplate="%{customdata[0]}: %{customdata[1]} to %{customdata[2]}<extra></extra>",
    )
    drawn.add_vline(x=total["kg"] / TONNE_KG, line={"color": theme.TEXT, "width": 1})
    drawn.update_layout(
        showlegend=False, margin={"r": 48, "t": 8}, height=70 + 42 * rows.height, bargap=0.45
    )
    drawn.update_xaxes(title_text="t CO₂e")
    drawn.update_yaxes(
        autorange="reversed",
        showgrid=False,
        tickmode="array",
        tickvals=list(range(rows.height)),
        ticktext=[
            f"{label(row['label'], 26)}<br><i>{_what(row)}</i>"
            for row in rows.iter_rows(named=True)
        ],
        tickfont_size=11,
    )
    if rows.is_empty():
        return drawn, "No input of this figure is in doubt."
    first = rows.row(0, named=True)
    return drawn, (
        f"{_what(first)} of {first['label']} makes "
        f"{numbers.percent(first['variance_share'])} of the doubt: alone it moves the figure from "
        f"{numbers.mass(first['low_kg'])} to {numbers.mass(first['high_kg'])}."
    )


def _what(row: dict[str, Any]) -> str:
    """What an input is, and at which tier: `Energy, T5`."""
    kind = words.INPUT_KINDS[row["kind"]]
    return f"{kind}, {row['tier']}" if row["tier"] else kind
