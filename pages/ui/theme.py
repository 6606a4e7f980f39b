"""Colours by meaning, and the one plotly figure that all charts start from.

Location-based is always one hue, market-based another, embodied a third; lifecycles and rungs take
others, so that a colour has one meaning on every screen.

The colours themselves stand in `.streamlit/config.toml` alone, once for light and once for dark.
Charts name them by the placeholders that Streamlit's plotly theme replaces in the browser. What a
reader must be able to read the moment the theme changes (text, intervals, the map's shapes) takes
its colour from `pages/ui/style.css`.
"""

from collections.abc import Mapping
from typing import Final

import plotly.graph_objects as go
from streamlit.elements.lib import streamlit_plotly_theme as placeholder

FONT: Final = "Inter, system-ui, sans-serif"

METHODS: Final[Mapping[str, str]] = {
    "location": placeholder.CATEGORY_0,
    "market": placeholder.CATEGORY_1,
}
EMBODIED: Final = placeholder.CATEGORY_2

LIFECYCLES: Final[Mapping[str | None, str]] = {
    "training": placeholder.CATEGORY_3,
    "fine_tuning": placeholder.CATEGORY_8,
    "inference_batch": placeholder.CATEGORY_7,
    "inference_realtime": placeholder.CATEGORY_6,
    "development": placeholder.CATEGORY_9,
    "shared": placeholder.CATEGORY_4,
    None: placeholder.CATEGORY_5,
}

RUNGS: Final[Mapping[str, str]] = {
    "row_factor": placeholder.CATEGORY_9,
    "instrument": placeholder.CATEGORY_7,
    "supplier": placeholder.CATEGORY_6,
    "residual": placeholder.CATEGORY_3,
    "grid_average": placeholder.CATEGORY_5,
    "row_location": placeholder.CATEGORY_5,
}

LESS: Final = placeholder.CATEGORY_7
MORE: Final = placeholder.CATEGORY_4
"""What a step takes from a figure, and what it adds."""

INTENSITY: Final = tuple(getattr(placeholder, f"SEQUENTIAL_{index}") for index in range(10))
"""From a clean grid to a dirty one: greys, so that the hues keep their meaning on the map."""

BACKGROUND: Final = placeholder.BG_COLOR
LAND: Final = placeholder.BG_MIX
LINE: Final = placeholder.FADED_TEXT_05
TEXT: Final = placeholder.GRAY_90


def figure() -> go.Figure:
    """An empty figure in the house style; charts add traces to it."""
    axis = {
        "tickfont": {"size": 12, "color": TEXT},
        "title": {"font": {"size": 12, "color": TEXT}, "standoff": 8},
        "automargin": True,
    }
    return go.Figure(
        layout=go.Layout(
            font={"family": FONT, "size": 13, "color": TEXT},
            separators=".\u202f",  # decimal point, narrow no-break space between thousands
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            xaxis=axis,
            yaxis=axis,
            legend={
                "orientation": "h",
                "yanchor": "bottom",
                "y": 1.02,
                "x": 0,
                "font": {"size": 12, "color": TEXT},
                "title": {"text": ""},
            },
            hoverlabel={"font": {"family": FONT, "size": 12}},
            bargap=0.25,
            dragmode=False,
        )
    )


def wordmark() -> str:
    """The product's name beside its mark, as SVG; its hue reads on either theme's sidebar."""
    bars = "".join(
        f'<rect x="{x}" y="{26 - height}" width="4" height="{height}" rx="1" fill="{fill}"/>'
        for x, height, fill in ((7, 9, "#99F6E4"), (14, 14, "#CCFBF1"), (21, 20, "#FFFFFF"))
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 32" width="200" height="32">'
        f'<rect width="32" height="32" rx="7" fill="#0F766E"/>{bars}'
        f'<text x="42" y="22" font-family="{FONT}" font-size="16" font-weight="600" '
        'textLength="154" lengthAdjust="spacingAndGlyphs" fill="#0F8A80">'
        "AI carbon footprint</text></svg>"
    )
