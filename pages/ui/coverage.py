"""The calendar of sources: which share of each month is there, and what is missing."""

from typing import Final

import polars as pl

from pages.ui import numbers, theme
from pages.ui.charts import Chart, label, month_axis

ROW_HEIGHT: Final = 30

STATES: Final = {
    "covered": "there",
    "gap": "missing between months that are there",
    "overdue": "due by now",
}


def months_by_source(calendar: pl.DataFrame, names: dict[str, str]) -> Chart:
    """A heat map of source and month, the darker the more of the month is there.

    Gaps have a red outline, months that are due by now a dotted one.

    Args:
        calendar: source, month (YYYY-MM), coverage [1] and state.
        names: source -> its name on the axis, in the order of the rows.
    """
    drawn = theme.figure()
    months = calendar["month"].unique().sort().to_list()
    rows = {source: at for at, source in enumerate(names)}
    drawn.add_heatmap(
        x=calendar["month"].to_list(),
        y=[rows[source] for source in calendar["source"]],
        z=calendar["coverage"].to_list(),
        zmin=0,
        zmax=1,
        xgap=2,
        ygap=2,
        colorscale=[
            [index / (len(theme.INTENSITY) - 1), colour]
            for index, colour in enumerate(theme.INTENSITY)
        ],
        showscale=False,
        customdata=[
            [label(names[row["source"]]), numbers.month_name(row["month"]), _said(row)]
            for row in calendar.to_dicts()
        ],
        hovertemplate="%{customdata[0]}, %{customdata[1]}: %{customdata[2]}<extra></extra>",
    )
    month_axis(drawn, months)
    places = {month: at for at, month in enumerate(drawn.layout.xaxis.categoryarray or ())}
    for row in calendar.filter(pl.col("state") != "covered").to_dicts():
        x, y = places[row["month"]], rows[row["source"]]
        drawn.add_shape(
            type="rect",
            x0=x - 0.42,
            x1=x + 0.42,
            y0=y - 0.38,
            y1=y + 0.38,
            line={
                "color": theme.MORE,
                "width": 1.5,
                "dash": "solid" if row["state"] == "gap" else "dot",
            },
        )
    drawn.update_yaxes(
        tickmode="array",
        tickvals=list(rows.values()),
        ticktext=[label(name, 22) for name in names.values()],
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    drawn.update_layout(height=70 + ROW_HEIGHT * len(rows))
    return drawn, _finding(calendar, names)


def _said(row: dict) -> str:  # type: ignore[type-arg]
    if row["state"] == "covered":
        return f"{numbers.percent(row['coverage'])} of the month is there"
    return STATES[row["state"]]


def _finding(calendar: pl.DataFrame, names: dict[str, str]) -> str:
    """What the calendar shows, in one sentence."""
    gaps = calendar.filter(pl.col("state") == "gap")
    late = calendar.filter(pl.col("state") == "overdue")["source"].unique().sort().to_list()
    partial = calendar.filter(pl.col("state") == "covered", pl.col("coverage") < 1)
    said = [
        f"{numbers.count(len(names), 'source')} over "
        f"{numbers.count(calendar['month'].n_unique(), 'month')}"
    ]
    if gaps.height:
        named = ", ".join(
            f"{names[source]} {numbers.month_name(month)}"
            for source, month in gaps.head(3).select("source", "month").iter_rows()
        )
        said.append(f"{numbers.count(gaps.height, 'month')} missing between others: {named}")
    if late:
        said.append("overdue: " + ", ".join(names[source] for source in late[:3]))
    if partial.height:
        least = partial.sort("coverage", "source", "month").row(0, named=True)
        said.append(
            f"{numbers.count(partial.height, 'month')} partly there, the least "
            f"{names[least['source']]} {numbers.month_name(least['month'])} with "
            f"{numbers.percent(least['coverage'])}"
        )
    if len(said) == 1:
        said.append("every month between the first and the last is there")
    return "; ".join(said) + "."
