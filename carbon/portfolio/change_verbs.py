"""Verbs on what changed between two periods."""

import re
from pathlib import Path
from typing import Final

import polars as pl

from carbon.accounting.usage import usage
from carbon.analysis import compared_periods
from carbon.analysis.changes import SHARED, Change, compare
from carbon.analysis.compared_periods import Pair
from carbon.analysis.decomposition import METHODS
from carbon.analysis.observed import Period
from carbon.disclosure.content import Scope
from carbon.portfolio.computed import Computed
from carbon.portfolio.opened import PortfolioError

AGAINST: Final = {
    "a_year_before": compared_periods.a_year_before,
    "just_before": compared_periods.just_before,
}
"""What a period may be compared with."""

BY: Final = ("workload", *SHARED)
"""Whom a step may be told by."""


class Changes(Computed):
    """Why a figure is up or down."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._changes_usage: tuple[str, pl.DataFrame] | None = None

    def changed(
        self,
        before_from: str,
        before_to: str,
        after_from: str,
        after_to: str,
        *,
        method: str = "location",
        scope: Scope = "in",
        per_day: bool = False,
        earlier: Path | None = None,
    ) -> Change:
        """What led from one period's total to another's, in steps that add up; see `Change`.

        Args:
            before_from: first month of the first period, YYYY-MM.
            before_to: its last month, inclusive.
            after_from: first month of the second period.
            after_to: its last month.
            method: "location" or "market".
            scope: `in` the boundary, or `all`.
            per_day: divide each period by its days, so that unequal lengths compare.
            earlier: a copy of this workspace from when the first period's figure was made; what
                differs since (data, factors, policy, boundary) is a restatement and stands apart.

        Raises:
            PortfolioError: a month is none, a period ends before it begins or holds no activity,
                the method is none of the two, or `earlier` holds no workspace.
        """
        if method not in METHODS:
            raise PortfolioError(
                f"Method {method!r} is not known; use location or market: each has a total of its "
                "own."
            )
        before = self._changes_period(before_from, before_to, scope)
        after = self._changes_period(after_from, after_to, scope)
        as_now = None
        if earlier is not None:
            frozen = self._changes_opened(earlier)
            before, as_now = frozen._changes_period(before_from, before_to, scope), before
        return compare(before, after, method=method, scope=scope, per_day=per_day, restated=as_now)

    def _changes_opened(self, path: Path) -> "Changes":
        if not (path / "ledger").is_dir():
            raise PortfolioError(
                f"{path} holds no workspace; name a copy of this one that was made with the "
                "earlier figure."
            )
        return type(self)(path)

    def comparable(
        self,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
    ) -> dict[str, Pair]:
        """What a period may be compared with, the best first: AGAINST's names -> the two periods.

        Args:
            month_from: first month of the later period; None lets the record choose.
            month_to: its last month; None is the last that activity fills to its end.
            scope: `in` the boundary, or `all`.

        Raises:
            PortfolioError: a month is none.
        """
        for month in (month_from, month_to):
            if month is not None:
                _check(month)
        lines = self._between(None, None, scope).lines
        found = {name: pair(lines, month_from, month_to) for name, pair in AGAINST.items()}
        return {name: pair for name, pair in found.items() if pair is not None}

    def _changes_period(self, month_from: str, month_to: str, scope: Scope) -> Period:
        for month in (month_from, month_to):
            _check(month)
        if month_to < month_from:
            raise PortfolioError(f"The period {month_from} to {month_to} ends before it begins.")
        period = Period(self._footprint(), month_from, month_to, self._changes_served())
        if period.lines(scope).is_empty():
            known = self._footprint().lines["month"].unique().sort().to_list()
            there = f"{known[0]} to {known[-1]}" if known else "none yet"
            raise PortfolioError(
                f"No activity lies in {month_from} to {month_to}; months with activity: {there}. "
                "Choose another period, or import those months."
            )
        return period

    def _changes_served(self) -> pl.DataFrame:
        """Requests and tokens of the whole record, gathered once per state of the workspace."""
        version = self.version
        if self._changes_usage is None or self._changes_usage[0] != version:
            served = usage(
                self._ai_activity(),
                self._workspace.ledger.workloads(),
                self._footprint().lines,
                self.policy,
                self._files(),
            )
            self._changes_usage = (version, served)
        return self._changes_usage[1]


def _check(month: str) -> None:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise PortfolioError(f"{month!r} is no month; write it as 2025-03.")
