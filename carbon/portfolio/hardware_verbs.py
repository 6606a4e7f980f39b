"""Verbs on hardware: what was booked when it was bought, and what models are charged."""

from collections.abc import Sequence

from carbon.accounting import hardware as bought
from carbon.accounting.hardware import Hardware
from carbon.disclosure.content import Scope
from carbon.factors.library import load
from carbon.portfolio.computed import Computed


class HardwareVerbs(Computed):
    """What category 2 books of hardware, and what its users bear of it."""

    def hardware(self, year: int | None = None, *, scope: Scope = "in") -> Hardware | None:
        """Purchases of a year, what was charged to models in it, and what lies between.

        Args:
            year: the calendar year; None for the latest that has any.
            scope: "in" for workloads inside the declared boundary, "all" for everything.

        Returns:
            None where nothing was bought or charged in any year.
        """
        assets = self._workspace.ledger.current_assets()
        lines = self._between(None, None, scope).lines
        known = bought.years(assets, lines)
        if not known:
            return None
        return bought.hardware(assets, lines, load(), self.policy, year or known[-1])

    def hardware_years(self, *, scope: Scope = "in") -> Sequence[int]:
        """Years of which there is hardware bought or charged, in order."""
        assets = self._workspace.ledger.current_assets()
        return bought.years(assets, self._between(None, None, scope).lines)
