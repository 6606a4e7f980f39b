"""Verbs on the register of measures: what was done, what was expected, what the record shows.

A measure is kept beside the footprint and is never netted against it: the totals of the inventory
hold its effect already, as far as there is one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from carbon.analysis.like_for_like import months_of
from carbon.analysis.measures import Measure, Shown, months_around, record, shown
from carbon.analysis.observed import Period
from carbon.analysis.targets import MEASURES
from carbon.portfolio.change_verbs import Changes
from carbon.portfolio.opened import PortfolioError
from carbon.portfolio.target_checks import MEASURE_DEFAULTS, wrong_with_measure
from carbon.portfolio.target_verbs import Targets

NOT_NETTED: Final = (
    "No figure of the footprint is changed by a measure: its totals are as measured."
)


@dataclass(frozen=True)
class MeasureResult:
    """A measure with what the record shows of it.

    Attributes:
        measure: as it was saved.
        results: what the record shows of each of targets.MEASURES of which enough is known.
        missing: why nothing is shown of what the expectation is of; None where something is.
    """

    measure: Measure
    results: tuple[Shown, ...]
    missing: str | None

    @property
    def main(self) -> Shown | None:
        """What the record shows of what the expectation is of."""
        return next((found for found in self.results if found.of == self.measure.of), None)


class Measures(Targets, Changes):
    """The register of measures of a workspace."""

    def measures(self) -> dict[str, Measure]:
        """Every measure that stands, by name."""
        return {name: Measure.from_dict(name, body) for name, body in self.plans("measure").items()}

    def save_measure(self, name: str, said: Mapping[str, Any], who: str | None = None) -> Measure:
        """Enter a measure into the register.

        Args:
            name: what to call it.
            said: workloads, taken (YYYY-MM-DD), done, of ("location", "market" or "energy"),
                expected_share [1] or expected_kg [kgCO2e a year, or kWh], scenario, evidence.
            who: who enters it, for the event log.

        Raises:
            PortfolioError: with everything that is wrong, at once.
        """
        said = {**MEASURE_DEFAULTS, **said}
        known = set(self._footprint().lines["workload"].unique())
        faults = wrong_with_measure(name, said, known, set(self.plans("scenario")))
        if faults:
            raise PortfolioError(" ".join(faults))
        measure = Measure.from_dict(" ".join(name.split()), said)
        self.save_plan("measure", measure.name, measure.to_dict(), who)
        return measure

    def measure_results(self) -> tuple[MeasureResult, ...]:
        """Every measure with what the normalised record shows of it, the latest first."""
        entered = sorted(self.measures().values(), key=lambda one: (one.taken, one.name))
        return tuple(self._measure_result(measure) for measure in reversed(entered))

    def measure_result(self, name: str) -> MeasureResult:
        """One measure with what the normalised record shows of it.

        Raises:
            PortfolioError: there is none of that name.
        """
        known = self.measures()
        if name not in known:
            there = ", ".join(known) or "none"
            raise PortfolioError(f"No measure is called {name!r}; there are: {there}.")
        return self._measure_result(known[name])

    def _measure_result(self, measure: Measure) -> MeasureResult:
        months = self._footprint().lines["month"].unique().sort().to_list()
        if not months:
            return MeasureResult(measure, (), "No activity was imported yet.")
        around = months_around(measure, months[-1])
        period = Period(self._footprint(), around[0], around[-1], self._changes_served())
        known = record(period, measure.workloads, around)
        season = self._measure_season(measure)
        results, missing = [], None
        for of in MEASURES:
            try:
                results.append(shown(measure, known, of, season))
            except ValueError as error:
                if of == measure.of:
                    missing = f"Too early, or too little is known: {error}."
        return MeasureResult(measure, tuple(results), missing)

    def _measure_season(self, measure: Measure) -> dict[str, float]:
        """How far the season of the grid lifts each month of the workloads' emissions [1]."""
        indices = self._season_indices(None, None)
        cells = self._season_cells(
            self._between(None, None, "all"), indices, measure.workloads, None
        )
        rows = months_of(cells, indices).filter(pl.col("index").is_not_null())
        return dict(rows.select("month", "index").iter_rows())
