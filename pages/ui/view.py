"""What the reader looks at: a workspace, a period, a boundary and a method, and its figures.

The choices are made once, in the bar (`pages/ui/bar.py`), and every screen asks the portfolio
through the same `View`. Answers are immutable frames; they are kept by (workspace, version,
question), so a click elsewhere on the page computes nothing again, and an import makes all of
them fresh.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl
import streamlit as st

from carbon.portfolio import Headline, Portfolio, Result

WorkspaceName = Literal["own", "sample"]


@dataclass(frozen=True)
class View:
    """One reader's choices, and the portfolio that answers under them.

    Attributes:
        workspace: the user's own, or the sample portfolio.
        portfolio: the portfolio of that workspace.
        version: changes whenever anything that a figure depends on changes.
        months: every month with activity, YYYY-MM.
        month_from, month_to: the period; None is the first or the last month.
        scope: `in` the boundary, or `all` workloads.
        method: `both`, `location` or `market`.
    """

    workspace: WorkspaceName
    portfolio: Portfolio
    version: str
    months: tuple[str, ...] = ()
    month_from: str | None = None
    month_to: str | None = None
    scope: str = "in"
    method: str = "both"

    @property
    def is_sample(self) -> bool:
        return self.workspace == "sample"

    @property
    def is_empty(self) -> bool:
        """Whether nothing was imported that carries activity."""
        return not self.months

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods to show, location-based first."""
        return ("location", "market") if self.method == "both" else (self.method,)

    @property
    def first_month(self) -> str | None:
        return self.month_from or (self.months[0] if self.months else None)

    @property
    def last_month(self) -> str | None:
        return self.month_to or (self.months[-1] if self.months else None)

    def ask(self, verb: str, *args: Any, **options: Any) -> Any:
        """A portfolio verb that only reads; its answer is kept until something changes."""
        return _answer(
            str(self.portfolio.path), self.version, verb, args, options, _portfolio=self.portfolio
        )

    def of_period(self, verb: str, *args: Any) -> Any:
        """A verb on the period and boundary that the bar shows."""
        return self.ask(verb, *args, self.month_from, self.month_to, scope=self.scope)

    def footprint(self, *by: str) -> Result:
        """The footprint by columns."""
        return self.of_period("footprint", by)

    def headline(self) -> Headline:
        """Each scope category on its own."""
        return self.of_period("headline")

    def rows(self, *by: str) -> pl.DataFrame:
        """The footprint's rows by columns, largest location-based figure first."""
        return self.footprint(*by).rows.sort(
            "location_kg_co2e", *by, descending=[True, *[False] * len(by)], nulls_last=True
        )


def own_path() -> Path:
    """The user's workspace: $CARBON_WORKSPACE, else ./workspace."""
    return Path(os.environ.get("CARBON_WORKSPACE") or "workspace")


def sample_path() -> Path:
    """The sample portfolio's workspace, beside the user's own."""
    own = own_path()
    return own.with_name(f"{own.name}.sample")


@st.cache_resource(show_spinner=False)
def _own(path: str) -> Portfolio:
    return Portfolio(Path(path))


@st.cache_resource(show_spinner="Opening the sample portfolio; the first time takes some seconds.")
def _sample(path: str) -> Portfolio:
    return Portfolio.sample(Path(path))


def open_portfolio(workspace: WorkspaceName) -> Portfolio:
    """The portfolio of a workspace, one object a server."""
    return _sample(str(sample_path())) if workspace == "sample" else _own(str(own_path()))


@st.cache_resource(max_entries=256, show_spinner=False)
def _answer(
    path: str,
    version: str,
    verb: str,
    args: tuple[Any, ...],
    options: dict[str, Any],
    _portfolio: Portfolio,
) -> Any:
    return getattr(_portfolio, verb)(*args, **options)
