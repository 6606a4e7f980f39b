"""Verbs on the portfolio as a whole: what it is made of, and how that moves."""

from typing import Any

import polars as pl

from carbon.accounting import composition
from carbon.accounting.inference import per_request_and_token
from carbon.accounting.summary import summarise
from carbon.disclosure.content import Scope
from carbon.portfolio.model_verbs import Models


class Composition(Models):
    """What the portfolio is made of."""

    def tree(
        self, month_from: str | None = None, month_to: str | None = None, *, scope: Scope = "in"
    ) -> pl.DataFrame:
        """Business unit, model, lifecycle: every node with its sum; see `composition.tree`."""
        return composition.tree(self._between(month_from, month_to, scope), self.policy)

    def pareto(
        self,
        by: str,
        measure: str,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
    ) -> pl.DataFrame:
        """Parts by size with their cumulative share; see `composition.pareto`.

        Args:
            by: a column of a footprint, as `workload` or `model`.
            measure: one of R's sums, as `location_kg_co2e`.
            month_from: first month.
            month_to: last month.
            scope: `in` the boundary, or `all`.
        """
        rows = summarise(self._between(month_from, month_to, scope), [by], self.policy)
        return composition.pareto(rows.select(by, measure), measure)

    def per_unit_of_work(
        self, month_from: str | None = None, month_to: str | None = None, *, scope: Scope = "in"
    ) -> pl.DataFrame:
        """What a request and 1,000 tokens of each model take and emit, month by month.

        Returns:
            model, month (YYYY-MM), and what `inference.per_request_and_token` gives of them.
        """
        chosen = self._between(month_from, month_to, scope)
        serving = self._serving(chosen, month_from, month_to, scope)
        return per_request_and_token(serving, ["model", "month"], self.policy)

    def moved(
        self,
        measure: str,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        scope: Scope = "in",
    ) -> dict[str, Any] | None:
        """The first and the last month, and the change between them.

        Args:
            measure: one of R's sums, as `location_kg_co2e`.
            month_from: first month.
            month_to: last month.
            scope: `in` the boundary, or `all`.

        Returns:
            first, last (months), before, after and change [1]; None where fewer than two months
            are known, or the first is 0.
        """
        rows = summarise(self._between(month_from, month_to, scope), ["month"], self.policy)
        known = rows.drop_nulls(measure).sort("month")
        if known.height < 2 or known[measure][0] == 0:
            return None
        before, after = known[measure][0], known[measure][-1]
        return {
            "first": known["month"][0],
            "last": known["month"][-1],
            "before": before,
            "after": after,
            "change": after / before - 1,
        }
