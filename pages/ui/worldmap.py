"""The map: where the energy is used, and how carbon-intense it is there.

The shapes are shipped (`pages/static/topojson`), so the map is drawn without a network.
"""

import math

import polars as pl

from pages.ui import numbers, theme
from pages.ui.charts import Chart, label

LARGEST_BUBBLE_PX = 30


def places(points: pl.DataFrame, method: str) -> Chart:
    """Countries shaded by intensity, places as bubbles whose area is their emissions.

    Args:
        points: as `Portfolio.map_points` gives them.
        method: `location` or `market`: whose kilograms size the bubbles.
    """
    mass = f"{method}_kg"
    drawn = theme.figure()
    countries = points.drop_nulls(["iso3", "country_kg_per_kwh"]).unique("iso3").sort("iso3")
    drawn.add_choropleth(
        locations=countries["iso3"].to_list(),
        z=(countries["country_kg_per_kwh"] * 1000).to_list(),
        colorscale=[
            [index / (len(theme.INTENSITY) - 1), colour]
            for index, colour in enumerate(theme.INTENSITY)
        ],
        marker={"line": {"color": theme.BACKGROUND, "width": 0.5}},
        colorbar={
            "title": {"text": "g CO₂e per kWh", "font": {"size": 11, "color": theme.TEXT}},
            "orientation": "h",
            "thickness": 8,
            "len": 0.5,
            "y": -0.02,
            "tickfont": {"size": 11, "color": theme.TEXT},
            "outlinewidth": 0,
        },
        hovertemplate="%{location}: %{z:,.0f} g CO₂e per kWh, as used<extra></extra>",
    )
    drawn_points = points.drop_nulls(["latitude", "longitude"]).filter(pl.col(mass) > 0)
    largest = drawn_points[mass].max()
    drawn.add_scattergeo(
        lat=drawn_points["latitude"].to_list(),
        lon=drawn_points["longitude"].to_list(),
        marker={
            "size": [
                max(6.0, LARGEST_BUBBLE_PX * math.sqrt(kg / largest))
                for kg in drawn_points[mass].to_list()
            ],
            "color": theme.METHODS[method],
            "opacity": 0.75,
            "line": {"color": theme.BACKGROUND, "width": 1},
        },
        customdata=[
            [
                label(row["place"]),
                numbers.mass(row[mass]),
                numbers.energy(row["energy_facility_kwh"]),
            ]
            for row in drawn_points.to_dicts()
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]} CO₂e, "
        "%{customdata[2]}<extra></extra>",
    )
    drawn.update_geos(
        projection={"type": "natural earth", "rotation": {"lon": 0}},
        bgcolor="rgba(0,0,0,0)",
        showcoastlines=False,
        showland=True,
        landcolor=theme.LAND,
        showcountries=True,
        countrycolor=theme.LINE,
        countrywidth=0.5,
        showocean=False,
        showlakes=False,
        showframe=False,
        lataxis_range=[-56, 78],
    )
    drawn.update_layout(showlegend=False, height=300, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    if drawn_points.is_empty():
        return drawn, "No place with a known position carries an emission."
    top = drawn_points.sort(mass, "place", descending=[True, False]).row(0, named=True)
    return drawn, (
        f"Map of {drawn_points.height} places; the largest is {top['place']} with "
        f"{numbers.mass(top[mass])} from {numbers.energy(top['energy_facility_kwh'])}."
    )
