"""Verbs on scenarios: what a footprint would be if load moved or changed.

A scenario is no inventory: none of its figures is in a total of the footprint.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from carbon.analysis.whatif.compute import Outcome, whatif
from carbon.analysis.whatif.places import Places, places
from carbon.analysis.whatif.ranking import ranking
from carbon.analysis.whatif.scenario import EVERY, Scenario
from carbon.analysis.whatif.scenario_file import (
    ScenarioError,
    scenario_from_dict,
    scenario_from_toml,
    scenario_to_toml,
)
from carbon.analysis.whatif.today import Today, today
from carbon.analysis.whatif.words import in_words
from carbon.disclosure.content import Scope
from carbon.factors.library import load
from carbon.policy import Policy
from carbon.portfolio.opened import PortfolioError
from carbon.portfolio.plan_verbs import Plans

MOST_COMPARED: Final = 4
"""Scenarios that stand side by side."""

_KEPT: Final = 8
"""Periods whose arrays are kept at a time."""

Stage = tuple[Today, Places, Policy]
"""What a scenario is computed on: arrays of a period, and the policy of that state."""


class WhatIf(Plans):
    """Scenarios of a workspace."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._whatif_stages: dict[tuple[str, str | None, str | None, str], Stage] = {}

    def whatif(self, scenario: Scenario | Mapping[str, Any] | str) -> Outcome:
        """A scenario beside today, under both methods, with its violations.

        Args:
            scenario: a `Scenario`, the text of a scenario file, or a mapping of its shape.

        Raises:
            PortfolioError: it cannot be read, names what is not known, or there is no activity in
                its months; all faults at once.
        """
        read = self.scenario(scenario)
        now, candidates, policy = self.whatif_stage(read.month_from, read.month_to, read.scope)
        try:
            return whatif(now, candidates, read, policy, load())
        except ScenarioError as error:
            raise PortfolioError(f"{read.name}: {error}") from error

    def scenario(self, scenario: Scenario | Mapping[str, Any] | str) -> Scenario:
        """Read a scenario from a file's text or a mapping of its shape.

        Raises:
            PortfolioError: with every fault, in words.
        """
        if isinstance(scenario, Scenario):
            return scenario
        try:
            if isinstance(scenario, str):
                return scenario_from_toml(scenario)
            return scenario_from_dict(scenario)
        except ScenarioError as error:
            raise PortfolioError(str(error)) from error

    def whatif_places(
        self,
        month_from: str | None = None,
        month_to: str | None = None,
        *,
        workloads: Sequence[str] = (EVERY,),
        scope: Scope = "in",
        constraints: Mapping[str, Any] | None = None,
    ) -> pl.DataFrame:
        """Places where load could run, by what moving it there would take off the figure.

        Args:
            month_from: first month (YYYY-MM); None for the first that there is.
            month_to: last month, inclusive; None for the last.
            workloads: whose load; "*" for all.
            scope: "in" the boundary, or "all".
            constraints: as in a scenario file; the column `allowed` follows them.

        Returns:
            The columns of `carbon.analysis.whatif.ranking.ranking`.

        Raises:
            PortfolioError: a workload is not known, or the constraints cannot be read.
        """
        read = self.scenario({"constraints": dict(constraints or {})})
        now, candidates, policy = self.whatif_stage(month_from, month_to, scope)
        strange = [name for name in workloads if name != EVERY and name not in now.workloads]
        if strange:
            raise PortfolioError(f"Workload {strange[0]!r} has no activity in these months.")
        return ranking(now, candidates, read, policy, load(), workloads=tuple(workloads))

    def whatif_accelerators(
        self, month_from: str | None = None, month_to: str | None = None, *, scope: Scope = "in"
    ) -> tuple[list[str], list[str]]:
        """Accelerators that load of a period runs on, and all that it could be said to run on.

        Raises:
            PortfolioError: there is no activity in the period.
        """
        now = self.whatif_stage(month_from, month_to, scope)[0]
        used = now.rows["accelerator"].drop_nulls().unique().sort().to_list()
        return used, load().accelerators["accelerator"].sort().to_list()

    def whatif_stage(
        self, month_from: str | None = None, month_to: str | None = None, scope: Scope = "in"
    ) -> Stage:
        """Arrays of a period, built once per state of the workspace.

        Raises:
            PortfolioError: there is no activity in the period.
        """
        key = (self.version, month_from, month_to, scope)
        if key not in self._whatif_stages:
            built = self._whatif_build(month_from, month_to, scope)
            kept = {old: stage for old, stage in self._whatif_stages.items() if old[0] == key[0]}
            self._whatif_stages = {**dict(list(kept.items())[1 - _KEPT :]), key: built}
            return built
        return self._whatif_stages[key]

    def _whatif_build(self, month_from: str | None, month_to: str | None, scope: Scope) -> Stage:
        policy = self.policy
        footprint = self._between(month_from, month_to, scope)
        if footprint.lines.is_empty():
            period = f" from {month_from or 'the first month'} to {month_to or 'the last month'}"
            known = self._footprint().lines["month"].unique().sort().to_list()
            there = (
                f"there is some from {known[0]} to {known[-1]}" if known else "import some first"
            )
            raise PortfolioError(f"There is no activity{period}; {there}.")
        now = today(footprint, policy, self._whatif_costs())
        return now, places(now, self._shelf().all(), load(), policy), policy

    def _whatif_costs(self) -> pl.DataFrame:
        """What bills state of each workload and place, by month and currency."""
        key = ["workload", "provider", "region", "month", "currency"]
        share = pl.col("assigned_share").fill_null(1.0)
        return (
            self._ai_activity()
            .filter(pl.col("quantity_kind") == "cost")
            .with_columns(
                workload=pl.col("workload").fill_null("(unassigned)"),
                month=pl.col("period_start").dt.strftime("%Y-%m"),
                cost=pl.col("quantity") * share,
            )
            .sort(*key, "cost", nulls_last=True)
            .group_by(key, maintain_order=True)
            .agg(pl.col("cost").sum())
        )

    # --- scenarios that are kept ------------------------------------------------------------

    def scenarios(self) -> dict[str, dict[str, Any]]:
        """The scenarios that are kept, by name, each in the shape of its file."""
        return {name: dict(body["scenario"]) for name, body in self.plans("scenario").items()}

    def save_scenario(
        self,
        scenario: Scenario | Mapping[str, Any] | str,
        *,
        name: str | None = None,
        in_report: bool | None = None,
        who: str | None = None,
    ) -> str:
        """Keep a scenario under its name, in place of one that has the same.

        Args:
            scenario: as `whatif` takes it.
            name: another name for it.
            in_report: whether reports list it; None leaves it as it is, and a new one out.
            who: who saves it, for the event log.

        Returns:
            The name.

        Raises:
            PortfolioError: it cannot be read, or names what is not known.
        """
        read = self.scenario(scenario)
        kept = " ".join((name or read.name).split())
        read = read.model_copy(update={"name": kept})
        self.whatif(read)
        before = self.plans("scenario").get(kept, {})
        listed = bool(before.get("in_report", False)) if in_report is None else in_report
        body = {"scenario": read.to_dict() | {"name": kept}, "in_report": listed}
        self.save_plan("scenario", kept, body, who)
        return kept

    def delete_scenario(self, name: str, who: str | None = None) -> None:
        """Take a kept scenario back.

        Raises:
            PortfolioError: there is none of that name.
        """
        self.delete_plan("scenario", name, who)

    def rename_scenario(self, name: str, to: str, who: str | None = None) -> str:
        """Give a kept scenario another name.

        Raises:
            PortfolioError: there is none of that name, or the other name is taken.
        """
        body = self._kept_scenario(name)
        to = " ".join(to.split())
        if to == name:
            return name
        if to in self.plans("scenario"):
            raise PortfolioError(f"Another scenario is called {to!r}; choose another name.")
        renamed = self.save_scenario(
            body["scenario"], name=to, in_report=bool(body.get("in_report")), who=who
        )
        self.delete_scenario(name, who)
        return renamed

    def scenario_in_report(self, name: str, listed: bool, who: str | None = None) -> None:
        """Whether reports list a kept scenario."""
        body = self._kept_scenario(name)
        self.save_plan("scenario", name, body | {"in_report": listed}, who)

    def scenarios_in_report(self) -> list[str]:
        """Names of the kept scenarios that reports list."""
        return [name for name, body in self.plans("scenario").items() if body.get("in_report")]

    def scenario_toml(self, scenario: Scenario | Mapping[str, Any] | str) -> str:
        """A scenario as the file that `carbon whatif` takes.

        Args:
            scenario: the name of a kept one, or as `whatif` takes it.
        """
        if isinstance(scenario, str) and scenario in self.plans("scenario"):
            scenario = self._kept_scenario(scenario)["scenario"]
        return scenario_to_toml(self.scenario(scenario))

    def scenarios_reported(
        self,
        scenarios: Sequence[str | Mapping[str, Any]] | None,
        month_from: str,
        month_to: str,
    ) -> list[dict[str, Any]]:
        """Scenarios as a report lists them, beside the inventory.

        Args:
            scenarios: names of kept ones, or mappings of a file's shape; None for the kept ones
                that reports list.
            month_from, month_to: of the report; a scenario that names no month is computed on them.

        Returns:
            name, scope, words (what moves and changes), month_from, month_to, today and scenario
            (R of both), violations, notes, and fault: why it cannot be computed, in words.

        Raises:
            PortfolioError: a name is not kept.
        """
        chosen = self.scenarios_in_report() if scenarios is None else scenarios
        listed = []
        for given in chosen:
            body = self._kept_scenario(given)["scenario"] if isinstance(given, str) else given
            read = self.scenario(body)
            if read.month_from is None and read.month_to is None:
                read = read.model_copy(update={"month_from": month_from, "month_to": month_to})
            listed.append(self._whatif_reported(read))
        return listed

    def _whatif_reported(self, scenario: Scenario) -> dict[str, Any]:
        said = {"name": scenario.name, "scope": scenario.scope, "words": in_words(scenario)}
        try:
            outcome = self.whatif(scenario)
        except PortfolioError as error:
            return said | {"fault": str(error)}
        return said | {
            "month_from": outcome.month_from,
            "month_to": outcome.month_to,
            "today": outcome.baseline,
            "scenario": outcome.scenario,
            "violations": [violation["words"] for violation in outcome.violations],
            "notes": outcome.notes,
            "fault": None,
        }

    def compare_scenarios(self, names: Sequence[str]) -> list[Outcome]:
        """Kept scenarios side by side, up to MOST_COMPARED.

        Raises:
            PortfolioError: too many, or one that is not kept.
        """
        if len(names) > MOST_COMPARED:
            raise PortfolioError(
                f"At most {MOST_COMPARED} scenarios stand side by side; these are {len(names)}."
            )
        return [self.whatif(self._kept_scenario(name)["scenario"]) for name in names]

    def _kept_scenario(self, name: str) -> dict[str, Any]:
        kept = self.plans("scenario")
        if name not in kept:
            there = ", ".join(kept) or "none"
            raise PortfolioError(f"No scenario is called {name!r}; there are: {there}.")
        return kept[name]
