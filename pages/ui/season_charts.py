"""Charts of seasons: months beside what the season alone would make of them, a year estimated from
a part of it, hours of a day, and PUE by temperature."""

from typing import Any, Final

import polars as pl

from pages.ui import numbers, theme
from pages.ui.charts import TONNE_KG, Chart, month_axis

GRAMS: Final = 1000.0

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_BAND: Final = {"width": 0, "color": theme.LINE}

SEASON: Final = theme.LIFECYCLES[None]
"""Without season: grey, since it is no method and no total."""


def trend(rows: pl.DataFrame, *, per_kwh: bool) -> Chart:
    """Months as they are and without season, before the band that the season alone would give: the
    mean without season, times the least and the greatest ratio of the calendar month.

    Args:
        rows: month, actual_kg, normalised_kg, intensity, normalised_intensity, low, high, one row
            a month in order; low and high null where no index applies.
        per_kwh: intensities [gCO2e/kWh] instead of emissions [tCO2e].
    """
    actual, flat = ("intensity", "normalised_intensity") if per_kwh else (
        "actual_kg", "normalised_kg")  # fmt: skip
    scale = GRAMS if per_kwh else 1 / TONNE_KG
    unit = "gCO₂e per kWh" if per_kwh else "t CO₂e"
    names = [[numbers.month_name(month)] for month in rows["month"]]
    drawn = theme.figure()
    banded = rows.drop_nulls(["low", "high", flat])
    # A level line times the season: what the months would be if nothing else had changed.
    level = banded[flat].mean() or 0.0
    for edge, fill in (("low", None), ("high", "tonexty")):
        drawn.add_scatter(
            x=banded["month"].to_list(),
            y=(banded[edge] * level * scale).to_list(),
            mode="lines",
            line=_BAND,
            fill=fill,
            fillcolor=theme.INTENSITY[2],
            name="If only the season changed",
            showlegend=fill is not None,
            hoverinfo="skip",
        )
    lines = [(actual, "As it is", theme.METHODS["location"], "solid")]
    if banded.height:
        lines.insert(0, (flat, "Without season", SEASON, "dash"))
    for column, name, colour, dash in lines:
        drawn.add_scatter(
            x=rows["month"].to_list(),
            y=(rows[column] * scale).to_list(),
            mode="lines+markers",
            line={"color": colour, "width": 2.5, "dash": dash},
            marker={"size": 6},
            name=name,
            customdata=names,
            hovertemplate=f"{name}, %{{customdata[0]}}: %{{y:,.4~g}} {unit}<extra></extra>",
        )
    drawn.update_layout(showlegend=True, legend_traceorder="reversed", height=360)
    drawn.update_yaxes(title_text=f"{unit}, location-based", rangemode="tozero")
    month_axis(drawn, rows["month"].to_list())
    return drawn, _of_trend(rows, actual, per_kwh=per_kwh)


def _of_trend(rows: pl.DataFrame, column: str, *, per_kwh: bool) -> str:
    known = rows.drop_nulls(column)
    if known.is_empty():
        return "No month of this place carries an emission."
    ranked = known.sort(column, "month", descending=[True, False])
    top, least = ranked.row(0, named=True), ranked.row(-1, named=True)
    write = _intensity if per_kwh else numbers.mass
    flat = (
        "no index applies, so there is no line without season."
        if rows["index"].is_null().all()
        else "the dashed line shows the same without season."
    )
    return (
        f"As it is, {numbers.month_name(top['month'])} is the highest month with "
        f"{write(top[column])} and {numbers.month_name(least['month'])} the lowest with "
        f"{write(least[column])}; {flat}"
    )


def _intensity(kg_per_kwh: float) -> str:
    return f"{numbers.grams(kg_per_kwh * GRAMS)} a kWh"


def index(rows: pl.DataFrame) -> Chart:
    """How far each calendar month lies above or below its year, with the range between years.

    Args:
        rows: zone, month (1 to 12), index, low and high [1], of one index.
    """
    ordered = rows.sort("month")
    drawn = theme.figure()
    drawn.add_bar(
        x=list(MONTHS),
        y=ordered["index"].to_list(),
        marker={"color": SEASON},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": (ordered["high"] - ordered["index"]).to_list(),
            "arrayminus": (ordered["index"] - ordered["low"]).to_list(),
            "thickness": 1,
            "width": 3,
            "color": theme.TEXT,
        },
        hovertemplate="%{x}: %{y:.3f} times the year's mean<extra></extra>",
    )
    drawn.add_hline(y=1, line={"color": theme.TEXT, "width": 1, "dash": "dot"})
    drawn.update_layout(showlegend=False, height=280)
    drawn.update_yaxes(title_text="Month / year's mean", rangemode="tozero")
    drawn.update_xaxes(showgrid=False)
    top = rows.sort("index", descending=True).row(0, named=True)
    least = rows.sort("index").row(0, named=True)
    return drawn, (
        f"The grid of {top['zone']} is dirtiest in {MONTHS[top['month'] - 1]}, "
        f"{top['index']:.2f} times its year, and cleanest in {MONTHS[least['month'] - 1]}, "
        f"{least['index']:.2f} times."
    )


def hours(rows: pl.DataFrame) -> Chart:
    """Which hours of a day are dirtier, by calendar month: a map, the darker the dirtier.

    Args:
        rows: month (1 to 12), hour (0 to 23, UTC) and ratio [1] to the mean of the day.
    """
    ordered = rows.sort("month", "hour")
    drawn = theme.figure()
    months = ordered["month"].unique(maintain_order=True).to_list()
    drawn.add_heatmap(
        x=ordered["hour"].to_list(),
        y=[MONTHS[month - 1] for month in ordered["month"]],
        z=ordered["ratio"].to_list(),
        xgap=1,
        ygap=1,
        colorscale=[
            [step / (len(theme.INTENSITY) - 1), colour]
            for step, colour in enumerate(theme.INTENSITY)
        ],
        colorbar={
            "title": {"text": "Hour / day", "side": "right", "font": {"size": 12}},
            "thickness": 12,
        },
        hovertemplate="%{y}, %{x}:00 UTC: %{z:.2f} times the day's mean<extra></extra>",
    )
    drawn.update_layout(height=120 + 28 * len(months))
    drawn.update_xaxes(title_text="Hour of the day (UTC)", showgrid=False, dtick=3)
    drawn.update_yaxes(autorange="reversed", showgrid=False)
    return drawn, _of_hours(ordered)


def _of_hours(rows: pl.DataFrame) -> str:
    """The cleanest and the dirtiest hour of the whole map."""
    ranked = rows.sort("ratio", "month", "hour")
    least, top = ranked.row(0, named=True), ranked.row(-1, named=True)
    return (
        f"Cleanest is {least['hour']:02d}:00 UTC in {MONTHS[least['month'] - 1]} with "
        f"{least['ratio']:.2f} times its day, dirtiest {top['hour']:02d}:00 UTC in "
        f"{MONTHS[top['month'] - 1]} with {top['ratio']:.2f} times."
    )


def year(found: Any) -> Chart:
    """The year by hours alone and, where an index applies, by season; beside what was observed.

    Args:
        found: what the verb `seasonal` answers.
    """
    bars = [
        ("Observed", found.actual_kg, theme.METHODS["location"], ""),
        ("Year, by hours alone", found.annualised_naive_kg, SEASON, "/"),
    ]
    reach = (0.0, 0.0)
    if not found.rows.is_empty():
        seasonal = found.annualised_seasonal_kg
        bars.append(("Year, by season", seasonal, theme.METHODS["location"], "/"))
        reach = ((found.high_kg - seasonal) / TONNE_KG, (seasonal - found.low_kg) / TONNE_KG)
    drawn = theme.figure()
    drawn.add_bar(
        y=[name for name, *_ in bars],
        x=[kg / TONNE_KG for _, kg, *_ in bars],
        orientation="h",
        marker={
            "color": [colour for *_, colour, _ in bars],
            "pattern": {"shape": [shape for *_, shape in bars], "fillmode": "overlay",
                        "solidity": 0.2},
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [0, 0, reach[0]],
            "arrayminus": [0, 0, reach[1]],
            "thickness": 1,
            "width": 3,
            "color": theme.TEXT,
        },
        text=[numbers.mass(kg) for _, kg, *_ in bars],
        textposition="outside",
        textfont={"size": 12, "color": theme.TEXT},
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )  # fmt: skip
    drawn.update_layout(showlegend=False, height=210, margin={"r": 64})
    drawn.update_yaxes(autorange="reversed", showgrid=False)
    drawn.update_xaxes(title_text="t CO₂e, location-based", rangemode="tozero")
    said = (
        f"Of {found.year}, {numbers.mass(found.actual_kg)} are observed; by hours alone the year "
        f"would be {numbers.mass(found.annualised_naive_kg)}"
    )
    if not found.rows.is_empty():
        said += f", by season {numbers.mass(found.annualised_seasonal_kg)}"
    return drawn, f"{said}."


def pue(points: pl.DataFrame, fit: Any) -> Chart:
    """PUE of each span by temperature, and the regression through it.

    Args:
        points: temperature [°C] and pue [1].
        fit: the regression, or None.
    """
    drawn = theme.figure()
    drawn.add_scattergl(
        x=points["temperature"].to_list(),
        y=points["pue"].to_list(),
        mode="markers",
        marker={"color": SEASON, "size": 5, "opacity": 0.5},
        name="Measured",
        hovertemplate="%{x:.1f} °C: PUE %{y:.3f}<extra></extra>",
    )
    if fit is not None and fit.driver == "mean_temp_c":
        coldest, warmest = points["temperature"].min(), points["temperature"].max()
        knees = [fit.base_cooling_c, fit.base_heating_c]
        along = sorted({coldest, warmest, *(knee for knee in knees if knee is not None)})
        drawn.add_scatter(
            x=along,
            y=[_on_line(fit, celsius) for celsius in along],
            mode="lines",
            line={"color": theme.TEXT, "width": 2},
            name="Regression",
            hoverinfo="skip",
        )
    drawn.update_layout(showlegend=True, height=320)
    drawn.update_xaxes(title_text="Mean temperature outdoors [°C]")
    drawn.update_yaxes(title_text="PUE")
    if fit is None:
        return drawn, f"{numbers.count(points.height, 'value')} of PUE by temperature."
    return drawn, (
        f"Above {fit.base_cooling_c:g} °C the PUE rises by {fit.per_cooling:.4f} for each degree; "
        f"this explains {numbers.percent(fit.r_squared)} of its variance."
    )


def _on_line(fit: Any, celsius: float) -> float:
    above = max(0.0, celsius - fit.base_cooling_c)
    below = 0.0 if fit.base_heating_c is None else max(0.0, fit.base_heating_c - celsius)
    return float(fit.intercept + fit.per_cooling * above + fit.per_heating * below)


def weather_months(rows: pl.DataFrame) -> Chart:
    """PUE of each month as it was, and in a normal year's weather.

    Args:
        rows: month, pue, pue_normal, in order.
    """
    drawn = theme.figure()
    for column, name, colour, dash in (
        ("pue_normal", "In a normal year's weather", SEASON, "dash"),
        ("pue", "As it was", theme.TEXT, "solid"),
    ):
        drawn.add_scatter(
            x=rows["month"].to_list(),
            y=rows[column].to_list(),
            mode="lines+markers",
            name=name,
            line={"color": colour, "width": 2.5, "dash": dash},
            customdata=[[numbers.month_name(month)] for month in rows["month"]],
            hovertemplate=f"{name}, %{{customdata[0]}}: PUE %{{y:.3f}}<extra></extra>",
        )
    drawn.update_layout(showlegend=True, legend_traceorder="reversed", height=320)
    drawn.update_yaxes(title_text="PUE")
    month_axis(drawn, rows["month"].to_list())
    top = rows.sort("pue", "month", descending=[True, False]).row(0, named=True)
    return drawn, (
        f"The PUE was highest in {numbers.month_name(top['month'])} with {top['pue']:.3f}; in a "
        f"normal year's weather it would have been {top['pue_normal']:.3f}."
    )
