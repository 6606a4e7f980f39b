"""The footprint of a workspace, computed once per state of it."""

from pathlib import Path

import polars as pl

from carbon.accounting.pipeline import Footprint, Inputs, footprint
from carbon.accounting.summary import select
from carbon.disclosure.content import Scope
from carbon.factors.library import load
from carbon.inventory import ai_use
from carbon.inventory.assignment.assign import assign
from carbon.inventory.assignment.rules import Rule, rules_of
from carbon.portfolio.opened import Opened


class Computed(Opened):
    """What groups of verbs on figures start from.

    Raises:
        PortfolioError: the folder cannot be used, or its policy cannot be read.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._computed: tuple[str, Footprint] | None = None

    def _between(self, month_from: str | None, month_to: str | None, scope: Scope) -> Footprint:
        return select(self._footprint(), month_from, month_to, scope)

    def _footprint(self) -> Footprint:
        """The whole footprint, computed once per state of the workspace."""
        version = self.version
        if self._computed is None or self._computed[0] != version:
            self._computed = (version, footprint(self._inputs(), self.policy))
        return self._computed[1]

    def _inputs(self) -> Inputs:
        """Everything that the footprint is computed from."""
        ledger = self._workspace.ledger
        return Inputs(
            activity=ledger.current_activity(),
            workloads=ledger.workloads(),
            instruments=ledger.current_instruments(),
            factors=self._shelf().all(),
            library=load(),
            rules=self._rules(),
            files=self._files(),
        )

    def _rules(self) -> tuple[Rule, ...]:
        """The rules of assignment that stand, in the order in which they are asked."""
        return rules_of(self._workspace.ledger.rules())

    def _files(self) -> dict[str, str]:
        """evidence_id -> name of the file."""
        names = self._workspace.ledger.read("evidence")
        return dict(names.select("evidence_id", "name").iter_rows())

    def _ai_activity(self) -> pl.DataFrame:
        """Activity that is AI, each row with the workloads that rules give it."""
        activity, _ = ai_use.split(
            self._workspace.ledger.current_activity(), self.policy, load().instances
        )
        return assign(activity, self._rules(), self._files())
