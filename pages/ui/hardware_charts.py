"""Embodied carbon of hardware: from what was bought in a year to what models are charged in it."""

import textwrap
from itertools import accumulate
from typing import Final

import polars as pl

from pages.ui import numbers, theme
from pages.ui.charts import TONNE_KG, Chart

TOTALS: Final = ("booked", "due", "charged")
"""Steps that are figures of their own; the others lead from one to the next."""

SHORT: Final = {
    "booked": "Bought",
    "later": "Borne by later years",
    "earlier": "Of earlier purchases",
    "due": "Due by straight line",
    "difference": "Idle, other hardware",
    "charged": "Charged to models",
}
"""Steps as they stand under their bars."""


def steps(rows: pl.DataFrame) -> Chart:
    """What was booked, what the year bears by straight line, what models are charged.

    Args:
        rows: step and kg, in order; a step without a figure is not drawn.
    """
    known = rows.filter(pl.col("kg").is_not_null()).with_columns(
        tonnes=pl.col("kg") / TONNE_KG, total=pl.col("step").is_in(TOTALS)
    )
    moves = [row["tonnes"] if not row["total"] else 0.0 for row in known.iter_rows(named=True)]
    first = known["tonnes"][0]
    reached = [first, *accumulate(moves[1:], initial=first)][: known.height]
    drawn = theme.figure()
    drawn.add_bar(
        x=["<br>".join(textwrap.wrap(SHORT[step], 10)) for step in known["step"]],
        y=known["tonnes"].abs().to_list(),
        # A bar downwards is drawn from its lower end, so that its text stands above it.
        base=[
            0.0 if total else at + min(tonnes, 0.0)
            for total, at, tonnes in zip(known["total"], reached, known["tonnes"], strict=True)
        ],
        marker={
            "color": [
                # Steps between years are bookkeeping: neither good nor bad.
                theme.EMBODIED if total else theme.LIFECYCLES[None]
                for total in known["total"]
            ]
        },
        text=[numbers.mass(kg) for kg in known["kg"]],
        textposition="outside",
        textfont={"size": 12, "color": theme.TEXT},
        cliponaxis=False,
        customdata=[
            [what, numbers.mass(kg)] for what, kg in known.select("what", "kg").iter_rows()
        ],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
    )
    drawn.update_layout(showlegend=False, margin={"t": 28}, height=360)
    drawn.update_xaxes(showgrid=False, tickangle=0, tickfont_size=10)
    drawn.update_yaxes(title_text="t CO₂e", rangemode="tozero")
    said = "; ".join(
        f"{what}: {numbers.mass(kg)}" for what, kg in known.select("what", "kg").iter_rows()
    )
    return drawn, f"{said}."
