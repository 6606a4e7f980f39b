"""Verbs on targets: set one, how far the record is from its path, where its trend leads.

A target is kept beside the footprint: none of these verbs changes a figure of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import polars as pl

from carbon.accounting.inference import per_request_and_token
from carbon.accounting.summary import summarise
from carbon.analysis import forecast as trend
from carbon.analysis.forecast import Forecast
from carbon.analysis.targets import (
    MONTHLY,
    Planned,
    Progress,
    Target,
    Value,
    progress,
    twelve_month_value,
    value_of,
)
from carbon.analysis.windows import months_between, observed_window
from carbon.disclosure.content import Scope
from carbon.portfolio.opened import PortfolioError
from carbon.portfolio.seasonal_verbs import Seasons
from carbon.portfolio.seasonal_view import MONTHLY_BASIS
from carbon.portfolio.target_checks import DEFAULTS, wrong_with_target
from carbon.portfolio.whatif_verbs import WhatIf

_R: Final = {
    "location": "location_kg_co2e",
    "market": "market_kg_co2e",
    "energy": "energy_facility_kwh",
}
"""A target's measure -> the measure of R."""

_WORK: Final = {"1k_requests": "query", "1k_output_tokens": "1k_output_tokens"}
"""What a target is per -> what an intensity is per."""

_PER_UNIT: Final = {"location": "location_g", "market": "market_g", "energy": "energy_wh"}
_THOUSAND: Final = 1000.0
_SAME: Final = 1e-3


class Targets(Seasons, WhatIf):
    """The targets of a workspace."""

    def targets(self) -> dict[str, Target]:
        """Every target that stands, by name."""
        return {name: Target.from_dict(name, body) for name, body in self.plans("target").items()}

    def target(self, name: str) -> Target:
        """One target.

        Raises:
            PortfolioError: there is none of that name.
        """
        known = self.targets()
        if name not in known:
            there = ", ".join(known) or "none"
            raise PortfolioError(f"No target is called {name!r}; there are: {there}.")
        return known[name]

    def save_target(self, name: str, said: Mapping[str, Any], who: str | None = None) -> Target:
        """Set a target; its base value is computed now and kept with the policy it rests on.

        Args:
            name: what to call it.
            said: measure, per, base_from, base_to, until, reduction [1] or level [kgCO2e or kWh a
                year, or per unit], path, scope, planned (scenario and start of each); what is left
                out is as in `target_checks.DEFAULTS`.
            who: who sets it, for the event log.

        Returns:
            the target with its base value.

        Raises:
            PortfolioError: with everything that is wrong, at once.
        """
        said = {**DEFAULTS, **said}
        months = self._footprint().lines["month"].unique().sort().to_list()
        faults = wrong_with_target(name, said, months, set(self.plans("scenario")))
        if faults:
            raise PortfolioError(" ".join(faults))
        base = self._target_base(said)
        if base.value is None or base.value <= 0:
            raise PortfolioError(
                f"The base period gives no figure: {base.how}. Choose months in which it is known."
            )
        level = said["level"]
        if level is None:
            level = base.value * (1.0 - said["reduction"])
        if said["path"] == "geometric" and level <= 0:
            raise PortfolioError("A geometric path never reaches 0: choose a linear one.")
        target = Target(
            name=" ".join(name.split()),
            **{key: said[key] for key in ("measure", "per", "base_from", "base_to")},
            base_value=base.value,
            base_how=base.how,
            policy_hash=self.policy.hash,
            **{key: said[key] for key in ("until", "path", "scope")},
            level=float(level),
            planned=tuple(Planned(**plan) for plan in said["planned"]),
        )
        self.save_plan("target", target.name, target.to_dict(), who)
        return target

    def progress(self, name: str) -> Progress:
        """How far the latest twelve months are from a target's path.

        Raises:
            PortfolioError: there is no such target, or nothing is recorded.
        """
        target = self.target(name)
        try:
            found = progress(target, self._target_series(target))
        except ValueError as error:
            raise PortfolioError(f"{name}: {error}. Import activity.") from error
        return replace(found, notes=(*found.notes, *self._target_beside(target, found)))

    def forecast(self, name: str, scenarios: Sequence[Mapping[str, str]] | None = None) -> Forecast:
        """Where the trend of a target's measure leads, with a 95 % prediction interval.

        Args:
            name: of the target.
            scenarios: planned scenarios, each with scenario (its name) and start (YYYY-MM); None
                for those that the target names.

        Raises:
            PortfolioError: there is no such target or scenario, or too few months carry a trend.
        """
        target = self.target(name)
        planned = target.planned
        if scenarios is not None:
            planned = tuple(Planned(**plan) for plan in scenarios)
        changes = [self._target_change(target, plan) for plan in planned]
        series = self._target_series(target)
        try:
            return trend.forecast(
                series, target.until, absolute=target.per == "year", planned=changes
            )
        except ValueError as error:
            raise PortfolioError(f"No forecast: {error}.") from error

    def _target_series(self, target: Target) -> pl.DataFrame:
        """The record of a target's measure by month: MONTHLY, without a month left out."""
        return self._target_months(target.measure, target.per, _scope(target.scope))

    def _target_months(self, measure: str, per: str, scope: Scope) -> pl.DataFrame:
        whole = self._between(None, None, scope)
        if whole.lines.is_empty():
            return pl.DataFrame(schema=MONTHLY)
        known = whole.lines["month"].unique().sort().to_list()
        spans = whole.lines.select("month", "use_start", "use_end")
        every = observed_window(
            spans, months_between(known[0], known[-1]), known[0], known[-1]
        ).months
        if per in _WORK:
            rows = self._target_work(measure, per, scope)
        else:
            units = pl.col("energy_it_kwh") if per == "kwh_it" else pl.lit(None, pl.Float64)
            rows = summarise(whole, ["month"], self.policy).select(
                "month", amount=_R[measure], units=units
            )
        return (
            every.join(rows, on="month", how="left", validate="1:1").sort("month").select(*MONTHLY)
        )

    def _target_work(self, measure: str, per: str, scope: Scope) -> pl.DataFrame:
        """Amount and thousands of requests or output tokens of each month that knows both."""
        serving = self._serving(self._between(None, None, scope), None, None, scope)
        rows = per_request_and_token(serving, ["month"], self.policy)
        # Requests are counted singly, tokens in thousands; figures are in g or Wh per unit.
        units = pl.col("units") / (_THOUSAND if per == "1k_requests" else 1.0)
        return rows.filter(pl.col("per") == _WORK[per]).select(
            "month", amount=pl.col(_PER_UNIT[measure]) * pl.col("units") / _THOUSAND, units=units
        )

    def _target_base(self, said: Mapping[str, Any]) -> Value:
        """The base period as of a year: by seasonal index where one applies, else by hours."""
        scope, absolute = _scope(said["scope"]), said["per"] == "year"
        months = months_between(said["base_from"], said["base_to"])
        value = value_of(
            self._target_months(said["measure"], said["per"], scope), months, absolute=absolute
        )
        if not value.estimated or said["measure"] != "location":
            return value
        found = self.seasonal(said["base_from"], said["base_to"], scope=scope)
        if found.basis != MONTHLY_BASIS:
            return value
        how = f"estimated: {months[0]} to {months[-1]}, scaled to {found.year} by seasonal index"
        return replace(value, value=found.annualised_seasonal_kg, how=how)

    def _target_beside(self, target: Target, found: Progress) -> tuple[str, ...]:
        """What must stand beside a progress, so that it says no more than it shows."""
        said = []
        if target.policy_hash != self.policy.hash:
            today = self._target_base(target.to_dict()).value
            if today is None or abs(today / target.base_value - 1) > _SAME:
                said.append(
                    "The policy has changed since the target was set, and the base value would be "
                    "another today: set the target again, or say why it stays."
                )
        others = []
        if target.measure == "market":
            others.append(("location", target.per, "The location-based figure"))
        if target.per != "year":
            others.append((target.measure, "year", "In absolute terms the figure"))
        for measure, per, words in others:
            base = self._target_base({**target.to_dict(), "measure": measure, "per": per}).value
            series = self._target_months(measure, per, _scope(target.scope))
            now = twelve_month_value(series, found.month, absolute=per == "year").value
            if base and now is not None:
                said.append(f"{words} changed by {now / base - 1:+.1%} since the base period.")
        return tuple(said)

    def _target_change(self, target: Target, plan: Planned) -> trend.Change:
        """What a saved scenario changes of the target's measure, relative to today."""
        saved = self.scenarios()
        if plan.scenario not in saved:
            there = ", ".join(saved) or "none"
            raise PortfolioError(
                f"No scenario is called {plan.scenario!r}; there are: {there}. Save it in What-if."
            )
        found = self.whatif(saved[plan.scenario])
        measure = _R[target.measure]
        before, after = found.baseline[measure], found.scenario[measure]
        if not before or after is None:
            raise PortfolioError(f"Scenario {plan.scenario!r} gives no figure to compare with.")
        return trend.Change(plan.scenario, plan.start, after / before - 1.0)


def _scope(value: str) -> Scope:
    return "all" if value == "all" else "in"
