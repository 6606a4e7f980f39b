"""The bar: workspace, period, method and boundary, chosen once and kept in the address.

The widgets live in the main script, so they are the same on every screen, and each is bound to a
query parameter, so that a link shows a colleague the very same figures.
"""

import streamlit as st

from pages.ui import numbers, words
from pages.ui.view import View, WorkspaceName, open_portfolio

WORKSPACES: dict[WorkspaceName, str] = {"own": "My workspace", "sample": "Sample portfolio"}

_FIRST = "first"
_LAST = "last"


def draw() -> View:
    """Draw the bar and say what it is set to."""
    with st.container(key="bar", horizontal=True, vertical_alignment="bottom"):
        workspace = _workspace()
        portfolio = open_portfolio(workspace)
        version = portfolio.version
        months = View(workspace, portfolio, version).ask("months")
        month_from, month_to = _period(months)
        method = st.segmented_control(
            "Method",
            list(words.METHODS),
            format_func=words.METHODS_SHORT.__getitem__,
            default="both",
            required=True,
            key="method",
            bind="query-params",
            wrap=False,
            help="Location-based: the grid average where the energy is used. Market-based: "
            "what was bought. Two totals, never mixed.",
        )
        scope = st.segmented_control(
            "Boundary",
            list(words.SCOPES),
            format_func=words.SCOPES.__getitem__,
            default="in",
            required=True,
            key="boundary",
            bind="query-params",
            wrap=False,
            help="In scope: the workloads inside the boundary that the AI inventory declares.",
        )
    return View(
        workspace=workspace,
        portfolio=portfolio,
        version=version,
        months=tuple(months),
        month_from=month_from,
        month_to=month_to,
        scope=scope,
        method=method,
    )


def without_period() -> None:
    """Leave only the workspace in sight, on a screen that no period, method or boundary changes.

    The other boxes are hidden and not left out: their choices, and the address, stay as they are.
    """
    hidden = ", ".join(f".st-key-{key}" for key in ("from", "to", "method", "boundary"))
    st.html(f"<style>{hidden} {{ display: none; }}</style>")


def use(workspace: WorkspaceName) -> None:
    """Change to a workspace; for the `on_click` of a button."""
    st.session_state.update({"workspace": workspace, "from": _FIRST, "to": _LAST})


def _workspace() -> WorkspaceName:
    """The sample comes first for who has nothing yet; else the user's own."""
    first: WorkspaceName = "sample" if open_portfolio("own").is_empty else "own"
    return st.selectbox(
        "Workspace",
        sorted(WORKSPACES, key=lambda name: name != first),
        format_func=WORKSPACES.__getitem__,
        key="workspace",
        bind="query-params",
        width=158,
    )


def _period(months: list[str]) -> tuple[str | None, str | None]:
    """First and last month; None stands for the earliest and the latest there is."""
    start, latest = "No month yet", "No month yet"
    if months:
        start = f"Start, {numbers.month_name(months[0])}"
        latest = f"Latest, {numbers.month_name(months[-1])}"
    month_from = _month("From", _FIRST, start, months, width=150)
    later = [month for month in months if month_from is None or month >= month_from]
    return month_from, _month("To", _LAST, latest, later, width=155)


def _month(label: str, edge: str, edge_name: str, months: list[str], *, width: int) -> str | None:
    """One of the months, or None where the reader stays at the edge of what there is."""
    chosen = st.selectbox(
        label,
        [edge, *months],
        format_func=lambda month: edge_name if month == edge else numbers.month_name(month),
        key=label.lower(),
        bind="query-params",
        width=width,
    )
    return None if chosen == edge else chosen


def current() -> View:
    """The view that the main script drew the bar for; a page's first call after the gate."""
    return st.session_state["view"]
