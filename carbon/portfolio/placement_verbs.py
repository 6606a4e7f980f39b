"""Verbs on placement: where load would emit least within limits, and what limits cost.

As with scenarios, none of these figures is in a total of the footprint.
"""

from collections.abc import Mapping
from typing import Any, Final

from carbon.analysis.placement.optimum import Optimum, Stage, TradeOff, least_carbon, trade_off
from carbon.analysis.placement.question import Method
from carbon.analysis.whatif.scenario import Scenario
from carbon.analysis.whatif.scenario_file import ScenarioError
from carbon.factors.library import load
from carbon.portfolio.opened import PortfolioError
from carbon.portfolio.whatif_verbs import WhatIf

MOST_POINTS: Final = 100
"""Points of a frontier."""

Asked = Scenario | Mapping[str, Any] | str


class Placements(WhatIf):
    """Placements that emit least."""

    def optimise(
        self,
        scenario: Asked,
        *,
        method: Method = "location",
        month_from: str | None = None,
        month_to: str | None = None,
        whole: bool = False,
        budget: float | None = None,
    ) -> Optimum:
        """The placement that emits least under a scenario's constraints.

        The scenario's changes hold; its moves are left out, and new ones take their place.

        Args:
            scenario: as `whatif` takes it; `{"constraints": {…}}` will do.
            method: "location" or "market": whose kg are to be least.
            month_from, month_to: other months than the scenario's.
            whole: what a workload runs in one place today is not divided.
            budget: instead of the constraint `max_cost`, in the currency of the prices.

        Raises:
            PortfolioError: it cannot be read, names what is not known, limits cost without prices,
                or there is no activity in its months.
        """
        read = self._placement_asked(scenario, month_from, month_to, budget)
        stage = self._placement_stage(read)
        try:
            return least_carbon(stage, read, method=method, whole=whole)
        except ScenarioError as error:
            raise PortfolioError(f"{read.name}: {error}") from error

    def frontier(
        self,
        scenario: Asked,
        *,
        method: Method = "location",
        month_from: str | None = None,
        month_to: str | None = None,
        points: int = 12,
        budget: float | None = None,
    ) -> TradeOff:
        """The least carbon for each cost, from the cheapest placement to the one that emits least.

        Args:
            scenario: as `optimise` takes it; without prices there is no point.
            method: "location" or "market".
            month_from, month_to: other months than the scenario's.
            points: how many budgets are tried, 2 to MOST_POINTS.
            budget: where the frontier ends, instead of `max_cost`.

        Raises:
            PortfolioError: as `optimise`, or the number of points is out of range.
        """
        if not 2 <= points <= MOST_POINTS:
            raise PortfolioError(f"A frontier has 2 to {MOST_POINTS} points; {points} were asked.")
        read = self._placement_asked(scenario, month_from, month_to, budget)
        stage = self._placement_stage(read)
        try:
            return trade_off(stage, read, method=method, points=points)
        except ScenarioError as error:
            raise PortfolioError(f"{read.name}: {error}") from error

    def _placement_asked(
        self, scenario: Asked, month_from: str | None, month_to: str | None, budget: float | None
    ) -> Scenario:
        """The scenario with what is asked otherwise, read anew so that it is checked."""
        read = self.scenario(scenario)
        other: dict[str, Any] = {}
        if month_from is not None:
            other["from"] = month_from
        if month_to is not None:
            other["to"] = month_to
        document = read.to_dict() | other
        if budget is not None:
            document["constraints"] = document.get("constraints", {}) | {"max_cost": budget}
        return self.scenario(document)

    def _placement_stage(self, read: Scenario) -> Stage:
        now, places, policy = self.whatif_stage(read.month_from, read.month_to, read.scope)
        return Stage(now, places, policy, load())
