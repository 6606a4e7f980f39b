"""Keeping scenarios, targets and measures; none of them changes a figure of the footprint."""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from carbon.portfolio.computed import Computed
from carbon.portfolio.opened import PortfolioError, local_user
from carbon.schema import PLAN_KINDS, Plan


class Plans(Computed):
    """What a workspace keeps of what its organisation intends or did."""

    def plans(self, kind: str) -> dict[str, dict[str, Any]]:
        """The plans of a kind that stand, by name: each the body that was saved.

        Args:
            kind: one of PLAN_KINDS.
        """
        rows = self._plans(kind).sort("name")
        return {name: json.loads(body) for name, body in rows.select("name", "body").iter_rows()}

    def save_plan(
        self, kind: str, name: str, body: Mapping[str, Any], who: str | None = None
    ) -> None:
        """Save a plan under its name, in place of one that has the same.

        Args:
            kind: one of PLAN_KINDS.
            name: what a person calls it.
            body: what JSON can hold; whoever saves it has checked it.
            who: who saves it, for the event log.

        Raises:
            PortfolioError: it has no name.
        """
        name = " ".join(name.split())
        if not name:
            raise PortfolioError(f"A {kind} needs a name; give it one.")
        before = self.plans(kind).get(name)
        self._write_plan(kind, name, dict(body), before, who)

    def delete_plan(self, kind: str, name: str, who: str | None = None) -> None:
        """Take a plan back; what was saved of it stays in the history.

        Raises:
            PortfolioError: there is none of that name.
        """
        before = self.plans(kind).get(name)
        if before is None:
            there = ", ".join(self.plans(kind)) or "none"
            raise PortfolioError(f"No {kind} is called {name!r}; there are: {there}.")
        self._write_plan(kind, name, None, before, who)

    def _plans(self, kind: str) -> pl.DataFrame:
        if kind not in PLAN_KINDS:
            raise ValueError(f"kind {kind!r} is not one of {', '.join(PLAN_KINDS)}")
        return self._workspace.ledger.plans().filter(pl.col("kind") == kind)

    def _write_plan(
        self,
        kind: str,
        name: str,
        after: dict[str, Any] | None,
        before: dict[str, Any] | None,
        who: str | None,
    ) -> None:
        if after == before:
            return
        dumped = _dumped(after if after is not None else before)
        row = {
            "plan_id": f"{kind}:{name}",
            "kind": kind,
            "name": name,
            "body": dumped,
            "deleted": after is None,
        }
        shape = Plan.create_empty().drop("edit").schema
        self._workspace.ledger.edit_plans(pl.DataFrame([row], schema=shape))
        self._workspace.events.append(
            who or local_user(),
            kind,
            name,
            None if before is None else _dumped(before),
            None if after is None else dumped,
        )


def _dumped(body: dict[str, Any] | None) -> str:
    return json.dumps(body, sort_keys=True, ensure_ascii=False)
