"""Charts of the portfolio as a whole: what it is made of, what makes most of it, how it moves."""

from typing import Final

import polars as pl

from pages.ui import numbers, theme, words
from pages.ui.charts import TONNE_KG, Chart, label, month_axis

WHOLE: Final = "Portfolio"
NOT_STATED: Final = "Not stated"
LEVELS: Final = ("business_unit", "model", "lifecycle")

_QUARTERS: Final = (0, 25, 50, 75, 100)

WIDE: Final = 50.0
"""Figures further apart than this stand on a logarithmic axis, or the small ones vanish."""

MOST_BARS: Final = 12
"""Parts that a Pareto chart draws one by one; the rest are in the table beside it."""


def treemap(nodes: pl.DataFrame, measure: str, shown: str) -> Chart:
    """Business unit, model, lifecycle: areas by size, the leaves in the colour of their lifecycle.

    Args:
        nodes: level, business_unit, model, lifecycle, stated and the measure, one row a node.
        measure: the column that the areas are made of.
        shown: that measure in words.
    """
    drawn = theme.figure()
    known = nodes.filter(pl.col(measure) > 0)
    ids, parents, labels, sizes, colours, said = [], [], [], [], [], []
    write = numbers.energy if measure == "energy_facility_kwh" else numbers.mass
    for row in known.iter_rows(named=True):
        path = [row[level] or NOT_STATED for level in LEVELS[: row["level"]]]
        leaf = row["level"] == len(LEVELS)
        name = WHOLE if not path else path[-1]
        ids.append("/".join([WHOLE, *path]))
        parents.append("/".join([WHOLE, *path[:-1]]) if path else "")
        lifecycle = words.name_of(words.LIFECYCLES, row["lifecycle"])
        labels.append(f"<b>{lifecycle}</b>" if leaf else label(name))
        sizes.append(row[measure])
        colours.append(theme.LIFECYCLES.get(row["lifecycle"]) if leaf else theme.LAND)
        said.append(write(row[measure]))
    drawn.add_treemap(
        ids=ids,
        parents=parents,
        labels=labels,
        values=sizes,
        branchvalues="total",
        marker={"colors": colours, "line": {"width": 1, "color": theme.BACKGROUND}},
        customdata=said,
        texttemplate="%{label}<br>%{customdata}",
        hovertemplate="%{label}: %{customdata}, %{percentParent:.0%} of %{parent}<extra></extra>",
        tiling={"pad": 2},
        pathbar={"visible": True},
    )
    drawn.update_layout(height=460, margin={"t": 28})
    units = known.filter(pl.col("level") == 1).sort(measure, descending=True)
    if units.is_empty():
        return drawn, "Nothing is known of this measure in this period."
    first = units.row(0, named=True)
    return drawn, (
        f"{shown} of the portfolio, {write(known[measure][0])}, by business unit, model and "
        f"lifecycle; the largest business unit is {first['business_unit'] or NOT_STATED} with "
        f"{write(first[measure])}."
    )


def pareto(rows: pl.DataFrame, by: str, measure: str, hue: str) -> Chart:
    """Bars by size, and the line of the share that they and those before them make.

    Args:
        rows: the column `by`, the measure, rank, cumulative_share and vital, largest first.
        by: what the bars are of.
        measure: the column that the bars show: kg or kWh.
        hue: colour of the bars.
    """
    mass = measure != "energy_facility_kwh"
    size, unit = (TONNE_KG, "t CO₂e") if mass else (1000.0, "MWh")
    write = numbers.mass if mass else numbers.energy
    top = rows.head(MOST_BARS)
    names = [label(name or NOT_STATED) for name in top[by]]
    drawn = theme.figure()
    drawn.add_bar(
        x=top["rank"].to_list(),
        y=(top[measure] / size).to_list(),
        marker={"color": hue, "opacity": [1.0 if vital else 0.5 for vital in top["vital"]]},
        name=unit,
        customdata=[[name, write(kg)] for name, kg in zip(names, top[measure], strict=True)],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
    )
    drawn.add_scatter(
        x=top["rank"].to_list(),
        y=(top["cumulative_share"] * 100).to_list(),
        yaxis="y2",
        mode="lines+markers",
        name="Share of the whole, added up",
        line={"color": theme.TEXT, "width": 1.5},
        marker={"size": 5},
        hovertemplate="the first %{x}: %{y:.0f}\u202f%<extra></extra>",
    )
    drawn.update_xaxes(
        tickmode="array", tickvals=top["rank"].to_list(), ticktext=names, tickangle=-40
    )
    drawn.update_yaxes(title_text=unit)
    drawn.update_layout(
        height=420,
        yaxis2={
            "overlaying": "y",
            "side": "right",
            "range": [0, 104],
            "tickmode": "array",
            "tickvals": _QUARTERS,
            "ticktext": [f"{quarter}\u202f%" for quarter in _QUARTERS],
            "showgrid": False,
            "tickfont": {"size": 12, "color": theme.TEXT},
        },
        showlegend=True,
    )
    if rows.is_empty():
        return drawn, "Nothing is known of this measure in this period."
    vital = rows["vital"].sum()
    reach = rows.filter("vital")["cumulative_share"].max()
    return drawn, (
        f"{vital} of {rows.height} make {numbers.percent(reach)} of the whole; the largest is "
        f"{rows[by][0] or NOT_STATED} with {write(rows[measure][0])}."
    )


def per_unit(rows: pl.DataFrame, names: str, value: str, unit: str) -> Chart:
    """Lines of a figure per unit of work by month, one a name.

    Args:
        rows: month (YYYY-MM), the column `names` and the column `value`; null where not known.
        names: what each line is of.
        value: grams per unit of work.
        unit: that unit in words.
    """
    drawn = theme.figure()
    known = rows.drop_nulls(value).filter(pl.col(value) > 0)
    for part in known.partition_by(names, maintain_order=True):
        name = part[names][0]
        months = part.sort("month")
        drawn.add_scatter(
            x=months["month"].to_list(),
            y=months[value].to_list(),
            mode="lines+markers",
            name=label(name or NOT_STATED, 24),
            customdata=[
                [label(name or NOT_STATED), numbers.month_name(month), numbers.significant(grams)]
                for month, grams in zip(months["month"], months[value], strict=True)
            ],
            hovertemplate="%{customdata[0]}, %{customdata[1]}: %{customdata[2]} "
            f"{unit}<extra></extra>",
        )
    month_axis(drawn, known["month"].to_list())
    wide = not known.is_empty() and known[value].max() > WIDE * known[value].min()
    drawn.update_yaxes(title_text=unit, **({"type": "log"} if wide else {"rangemode": "tozero"}))
    drawn.update_layout(height=380, showlegend=True)
    if known.is_empty():
        return drawn, "No month has both work and emissions."
    last = known.filter(pl.col("month") == known["month"].max()).sort(value, descending=True)
    return drawn, (
        f"{unit} by month; in {numbers.month_name(last['month'][0])} the highest is "
        f"{last[names][0] or NOT_STATED} with {numbers.significant(last[value][0])}."
    )
