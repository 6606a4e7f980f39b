"""A target as a chart: its path, what the record did, and where the trend leads."""

from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from plotly import graph_objects as go

from pages.ui import numbers, theme
from pages.ui.charts import Chart, month_axis

COLOURS: Final = {**theme.METHODS, "energy": theme.LIFECYCLES[None]}

UNITS: Final = {
    "year": (("t CO₂e a year", 1e-3), ("MWh a year", 1e-3)),
    "1k_requests": (("g CO₂e per 1,000 requests", 1e3), ("kWh per 1,000 requests", 1.0)),
    "1k_output_tokens": (("g CO₂e per 1,000 tokens", 1e3), ("Wh per 1,000 tokens", 1e3)),
    "kwh_it": (("g CO₂e per kWh of IT", 1e3), ("kWh per kWh of IT", 1.0)),
}
"""What a target is per -> axis and factor of an emission [kg], then of an energy [kWh]."""


@dataclass(frozen=True)
class _Sheet:
    """What is drawn on: the figure, the unit of its axis, and the factor to that unit."""

    drawn: go.Figure
    unit: str
    scale: float

    def line(
        self, rows: pl.DataFrame, column: str, name: str, line: dict[str, Any], **marks: Any
    ) -> None:
        """A column by month."""
        self.drawn.add_scatter(
            x=rows["month"].to_list(),
            y=(rows[column] * self.scale).to_list(),
            mode="lines+markers" if marks else "lines",
            line=line,
            name=name,
            customdata=[[numbers.month_name(month)] for month in rows["month"]],
            hovertemplate=f"{name}, %{{customdata[0]}}: %{{y:,.4~g}} {self.unit}<extra></extra>",
            **marks,
        )

    def band(self, rows: pl.DataFrame, low: str, high: str, colour: str) -> None:
        """A 95 % interval, behind the lines."""
        for edge, fill in ((low, None), (high, "tonexty")):
            self.drawn.add_scatter(
                x=rows["month"].to_list(),
                y=(rows[edge] * self.scale).to_list(),
                mode="lines",
                line={"width": 0, "color": theme.LINE},
                fill=fill,
                fillcolor=colour,
                showlegend=False,
                hoverinfo="skip",
            )


def path(target: Any, progress: Any, forecast: Any | None) -> Chart:
    """The twelve months up to each month beside the target's path, and the trend carried on.

    Args:
        target: measure, per, level, until, planned.
        progress: rows and ahead, as the portfolio's `progress` gives them.
        forecast: rows, as `forecast` gives them; None where there is none.
    """
    sheet = _Sheet(theme.figure(), *UNITS[target.per][target.measure == "energy"])
    colour = COLOURS[target.measure]
    if forecast is not None:
        sheet.band(forecast.rows, "low", "high", theme.INTENSITY[1])
        sheet.line(
            forecast.rows, "value", "By the trend", {"color": colour, "width": 2, "dash": "dot"}
        )
        if target.planned:
            sheet.band(forecast.rows, "planned_low", "planned_high", theme.INTENSITY[3])
            sheet.line(
                forecast.rows,
                "planned",
                "With planned scenarios",
                {"color": colour, "width": 2, "dash": "dashdot"},
            )
    steps = pl.concat([progress.rows.select("month", "path"), progress.ahead])
    sheet.line(
        steps.drop_nulls("path"), "path", "Path", {"color": theme.TEXT, "width": 2, "dash": "dash"}
    )
    known = progress.rows.drop_nulls("actual")
    shapes = ["circle-open" if estimated else "circle" for estimated in known["estimated"]]
    sheet.line(
        known,
        "actual",
        "Twelve months up to it",
        {"color": colour, "width": 2.5},
        marker={"size": 6, "symbol": shapes},
    )
    sheet.drawn.update_layout(showlegend=True, height=400)
    sheet.drawn.update_yaxes(title_text=sheet.unit, rangemode="tozero")
    month_axis(sheet.drawn, [*progress.rows["month"], *progress.ahead["month"]])
    return sheet.drawn, (
        f"The path leads to {numbers.significant(target.level * sheet.scale)} {sheet.unit} in "
        f"{numbers.month_name(target.until)}. Open circles are estimated from part of a year."
    )
