"""Verbs on the AI inventory: what there is, and what analysts state about it."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from carbon.inventory import edits
from carbon.inventory.workloads import inventory
from carbon.portfolio.computed import Computed
from carbon.portfolio.opened import PortfolioError, local_user


class Inventory(Computed):
    """The AI inventory of a workspace."""

    def workloads(self) -> pl.DataFrame:
        """The AI inventory: what the sources say, overlaid with what the analyst stated."""
        return inventory(self._ai_activity(), self._workspace.ledger.workloads(), self.policy)

    def edit_workloads(self, changes: Sequence[Mapping[str, Any]], who: str | None = None) -> None:
        """State metadata or boundary of workloads; the event log keeps before and after.

        Args:
            changes: one mapping a workload: workload_id and the columns to set. Putting a workload
                inside or outside the boundary needs a boundary_reason.
            who: who states it.

        Raises:
            PortfolioError: a workload or column nobody knows, or a boundary without a reason.
        """
        ledger = self._workspace.ledger
        with ledger.lock():
            stated = ledger.workloads()
            try:
                after = edits.apply_edits(self.workloads(), stated, changes)
            except edits.EditError as error:
                raise PortfolioError(str(error)) from error
            before = {row["workload_id"]: row for row in stated.to_dicts()}
            ledger.edit_workloads(after)
            for row in after.iter_rows(named=True):
                workload = row["workload_id"]
                self._workspace.events.append(
                    who or local_user(), "edit", workload, before.get(workload), row
                )
