"""Charts of a model: how its runs ended, and its figures beside those of others."""

import textwrap
from typing import Final

import polars as pl

from pages.ui import numbers, theme, words
from pages.ui.charts import TONNE_KG, Chart, label

MOST_BARS: Final = 12
"""Figures that the comparison draws; the rest are in the table beneath."""

WIDE: Final = 50.0
"""Figures further apart than this stand on a logarithmic axis, or the small ones vanish."""

_HATCHED: Final = {"shape": "/", "fillmode": "overlay", "solidity": 0.2}


def endings(rows: pl.DataFrame, method: str) -> Chart:
    """One bar: what finished runs took, and what failed, preempted and search runs took.

    Args:
        rows: ended, runs and the measures.
        method: `location` or `market`.
    """
    drawn = theme.figure()
    measure = f"{method}_kg_co2e"
    colours = dict(
        zip(
            words.ENDINGS,
            (theme.LIFECYCLES["training"], theme.MORE, theme.LIFECYCLES["development"],
             theme.LIFECYCLES["fine_tuning"], theme.LIFECYCLES["inference_realtime"],
             theme.LIFECYCLES[None]),
            strict=True,
        )
    )  # fmt: skip
    for ended, name in words.ENDINGS.items():
        part = rows.filter(pl.col("ended") == ended).drop_nulls(measure)
        if part.is_empty():
            continue
        drawn.add_bar(
            y=[""],
            x=(part[measure] / TONNE_KG).to_list(),
            orientation="h",
            name=name,
            marker={
                "color": colours[ended],
                "pattern": {} if ended == "finished" else _HATCHED,
            },
            customdata=[
                [numbers.count(row["runs"], "run"), numbers.mass(row[measure])]
                for row in part.iter_rows(named=True)
            ],
            hovertemplate=f"{name}: %{{customdata[1]}}, %{{customdata[0]}}<extra></extra>",
        )
    drawn.update_layout(barmode="stack", height=150, showlegend=True, legend_traceorder="normal")
    drawn.update_xaxes(title_text=f"t CO₂e, {words.METHODS[method].lower()}")
    drawn.update_yaxes(showticklabels=False, showgrid=False)
    said = ", ".join(
        f"{words.ENDINGS[row['ended']].lower()} {numbers.mass(row[measure])}"
        for row in rows.iter_rows(named=True)
    )
    return drawn, f"Training by how its runs ended: {said}."


def beside(rows: pl.DataFrame, mine: str) -> Chart:
    """Energy per request of this model and of others that see as much of the machine.

    Args:
        rows: name, energy_wh and whose (`own` or one of words.WHOSE), smallest first.
        mine: the model of the page.
    """
    drawn = theme.figure()
    shown = rows.head(MOST_BARS)
    hues = {
        "own": theme.METHODS["location"],
        "portfolio": theme.LIFECYCLES[None],
        "published": theme.EMBODIED,
        "imported": theme.LIFECYCLES["training"],
    }
    called = {"own": "This model", **words.WHOSE}
    names = ["<br>".join(textwrap.wrap(label(name, 44), 24)) for name in shown["name"]]
    for whose, colour in hues.items():
        at = [n for n, other in enumerate(shown["whose"]) if other == whose]
        if not at:
            continue
        drawn.add_bar(
            y=at,
            x=[shown["energy_wh"][n] for n in at],
            orientation="h",
            name=called[whose],
            marker={"color": colour},
            text=[numbers.watt_hours(shown["energy_wh"][n]) for n in at],
            textposition="outside",
            textfont={"size": 12, "color": theme.TEXT},
            cliponaxis=False,
            customdata=[[label(shown["name"][n], 60)] for n in at],
            hovertemplate="%{customdata[0]}: %{text} a request<extra></extra>",
        )
    drawn.update_layout(
        barmode="overlay", height=96 + 34 * len(names), showlegend=True, margin={"r": 70}
    )
    drawn.update_yaxes(
        autorange="reversed",
        showgrid=False,
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=names,
    )
    drawn.update_xaxes(title_text="Wh a request")
    least, most = shown["energy_wh"].min(), shown["energy_wh"].max()
    if least and most and most > WIDE * least:
        drawn.update_xaxes(type="log", title_text="Wh a request, logarithmic")
    own = rows.with_row_index("rank", offset=1).filter(pl.col("whose") == "own")
    if own.is_empty():
        return drawn, f"{mine} has no figure per request."
    place = own.row(0, named=True)
    return drawn, (
        f"{mine} takes {numbers.watt_hours(place['energy_wh'])} a request: number {place['rank']} "
        f"of {rows.height} with the same boundary, from the least."
    )
