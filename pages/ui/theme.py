"""Colours and the one plotly template, in light and in dark.

Location-based is always one hue, market-based another, embodied a third; lifecycles take others, so
that a colour has one meaning on every screen. The colours are those of `.streamlit/config.toml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import plotly.graph_objects as go
import streamlit as st

FONT: Final = "Inter, system-ui, sans-serif"


@dataclass(frozen=True)
class Palette:
    """The colours of one theme."""

    name: Literal["light", "dark"]
    background: str
    surface: str
    text: str
    muted: str
    border: str
    location: str
    market: str
    embodied: str
    warning: str
    reported: str
    land: str
    sequence: tuple[str, ...]
    rungs: Mapping[str, str]
    lifecycles: Mapping[str | None, str]
    intensity: tuple[str, ...]
    """From a clean grid to a dirty one."""

    def method(self, method: str) -> str:
        """The hue of a method: `location` or `market`."""
        return self.location if method == "location" else self.market


LIGHT: Final = Palette(
    name="light",
    background="#FFFFFF",
    surface="#F4F7F6",
    text="#12211F",
    muted="#5B6B69",
    border="#D9E2E0",
    location="#0F766E",
    market="#2563EB",
    embodied="#D97706",
    warning="#B45309",
    reported="#64748B",
    land="#EEF2F1",
    sequence=(
        *("#0F766E", "#2563EB", "#D97706", "#7C3AED", "#DC2626"),
        *("#64748B", "#0891B2", "#65A30D", "#BE185D", "#92400E"),
    ),
    rungs={
        "row_factor": "#92400E",
        "instrument": "#65A30D",
        "supplier": "#0891B2",
        "residual": "#7C3AED",
        "grid_average": "#64748B",
        "row_location": "#64748B",
    },
    lifecycles={
        "training": "#7C3AED",
        "fine_tuning": "#BE185D",
        "inference_realtime": "#0891B2",
        "inference_batch": "#65A30D",
        "development": "#92400E",
        "shared": "#DC2626",
        None: "#64748B",
    },
    intensity=("#DDF3EF", "#A7D8CF", "#6FB5A8", "#3F8C80", "#1C5F57", "#0B3B36"),
)

DARK: Final = Palette(
    name="dark",
    background="#0B1412",
    surface="#12201D",
    text="#E6F0EE",
    muted="#9DB0AC",
    border="#24403A",
    location="#2DD4BF",
    market="#60A5FA",
    embodied="#FBBF24",
    warning="#FBBF24",
    reported="#94A3B8",
    land="#182825",
    sequence=(
        *("#2DD4BF", "#60A5FA", "#FBBF24", "#A78BFA", "#F87171"),
        *("#94A3B8", "#22D3EE", "#A3E635", "#F472B6", "#FDBA74"),
    ),
    rungs={
        "row_factor": "#FDBA74",
        "instrument": "#A3E635",
        "supplier": "#22D3EE",
        "residual": "#A78BFA",
        "grid_average": "#94A3B8",
        "row_location": "#94A3B8",
    },
    lifecycles={
        "training": "#A78BFA",
        "fine_tuning": "#F472B6",
        "inference_realtime": "#22D3EE",
        "inference_batch": "#A3E635",
        "development": "#FDBA74",
        "shared": "#F87171",
        None: "#94A3B8",
    },
    intensity=("#123A35", "#1C5F57", "#2B867A", "#4FB0A2", "#8AD3C7", "#D3F1EB"),
)


def palette() -> Palette:
    """The palette of the theme that this reader sees."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def figure(colours: Palette) -> go.Figure:
    """An empty figure in the house style; charts add traces to it."""
    axis = {
        "gridcolor": colours.border,
        "zerolinecolor": colours.border,
        "linecolor": colours.border,
        "tickcolor": colours.border,
        "tickfont": {"color": colours.muted, "size": 12},
        "title": {"font": {"color": colours.muted, "size": 12}, "standoff": 8},
        "automargin": True,
    }
    return go.Figure(
        layout=go.Layout(
            font={"family": FONT, "size": 13, "color": colours.text},
            paper_bgcolor="rgba(0,0,0,0)",
            plot_bgcolor="rgba(0,0,0,0)",
            colorway=list(colours.sequence),
            separators=".\u202f",  # decimal point, narrow no-break space between thousands
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            xaxis=axis,
            yaxis=axis,
            legend={
                "orientation": "h",
                "yanchor": "bottom",
                "y": 1.02,
                "x": 0,
                "font": {"color": colours.muted, "size": 12},
                "itemclick": "toggle",
            },
            hoverlabel={
                "bgcolor": colours.surface,
                "bordercolor": colours.border,
                "font": {"family": FONT, "size": 12, "color": colours.text},
            },
            bargap=0.25,
            dragmode=False,
        )
    )


def style(colours: Palette) -> str:
    """The colours that `style.css` names and Streamlit does not give it.

    Streamlit writes white on a primary button, which has a contrast of 1.9 on the dark theme's
    bright teal; the background's own colour has 10.
    """
    on_primary = "#FFFFFF" if colours.name == "light" else colours.background
    return f"<style>:root {{ --primary: {colours.location}; --on-primary: {on_primary}; }}</style>"


def wordmark(colours: Palette) -> str:
    """The product's name beside its mark, as SVG."""
    bars = "".join(
        f'<rect x="{x}" y="{26 - height}" width="4" height="{height}" rx="1" fill="{fill}"/>'
        for x, height, fill in ((7, 9, "#99F6E4"), (14, 14, "#CCFBF1"), (21, 20, "#FFFFFF"))
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 32" width="200" height="32">'
        f'<rect width="32" height="32" rx="7" fill="#0F766E"/>{bars}'
        f'<text x="42" y="22" font-family="{FONT}" font-size="16" font-weight="600" '
        f'textLength="154" lengthAdjust="spacingAndGlyphs" fill="{colours.text}">'
        "AI carbon footprint</text></svg>"
    )
