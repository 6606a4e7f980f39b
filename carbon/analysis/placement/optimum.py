"""The placement of a scenario's load that emits least, told as moves that the what-if takes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import polars as pl

from carbon.analysis.placement.answer import moves_of
from carbon.analysis.placement.conflicts import conflicts
from carbon.analysis.placement.frontier import frontier
from carbon.analysis.placement.prices import ShadowPrice, shadow_prices
from carbon.analysis.placement.problem import Floats, Placement
from carbon.analysis.placement.question import Method, Question, question
from carbon.analysis.placement.solve import place
from carbon.analysis.placement.words import (
    WHOLE_YEARS,
    conflict_in_words,
    per_year,
    price_in_words,
    several,
)
from carbon.analysis.whatif.compute import Outcome, whatif
from carbon.analysis.whatif.places import Places
from carbon.analysis.whatif.scenario import Scenario
from carbon.analysis.whatif.today import Today
from carbon.factors.library import Library
from carbon.policy import Policy

PRICED: Final = 10
"""Shadow prices that are told."""

PLACED: Final = ", least carbon"
"""What follows the name of a scenario whose moves are an answer."""

AGREES: Final = 1e-6
"""Relative difference between the program and the what-if that is rounding."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Stage:
    """What scenarios of a period are computed on."""

    today: Today
    places: Places
    policy: Policy
    library: Library

    def outcome(self, scenario: Scenario) -> Outcome:
        """What a scenario makes of it."""
        return whatif(self.today, self.places, scenario, self.policy, self.library)

    def names(self) -> dict[str, str]:
        """Place -> what people call it."""
        pairs = self.places.table.filter(pl.col("name").is_not_null()).select("place", "name")
        return dict(pairs.iter_rows())


@dataclass(frozen=True)
class Optimum:
    """The placement that emits least, or why there is none.

    Attributes:
        name: of the scenario.
        method: whose kg are least: "location" or "market".
        month_from, month_to: the months that it is computed on.
        feasible: whether a placement keeps every constraint.
        conflicts: else which constraints cannot be kept together, a sentence each.
        before, after: measures of a footprint, as `whatif` gives them: with the scenario's changes
            and nothing moved, and with the moves; `after` is None where there is no placement.
        moves: as entries `[[moves]]` of a scenario file.
        scenario: the whole scenario with these moves, in the shape of its file.
        by_place: place, name, energy_kwh_before, energy_kwh_after (what counts against shares and
            capacities), share_before and share_after of all of it; places with any.
        shadow_prices: what each constraint costs, the dearest first: constraint, subject, change,
            step, kg (of the period), kg_per_year, kg_per_unit, and words.
        violations: constraint, where and words, as `whatif` gives them; of limits that name what
            is not known, since others are kept.
        cost: as of `whatif`, with the moves.
        gap: by how much of the figure another placement of whole loads might be better at most.
        notes: what a reader should know.
    """

    name: str
    method: Method
    month_from: str | None
    month_to: str | None
    before: Row
    feasible: bool = False
    conflicts: list[str] = field(default_factory=list)
    after: Row | None = None
    moves: list[Row] = field(default_factory=list)
    scenario: Row | None = None
    by_place: list[Row] = field(default_factory=list)
    shadow_prices: list[Row] = field(default_factory=list)
    violations: list[dict[str, str]] = field(default_factory=list)
    cost: Row | None = None
    gap: float = 0.0
    notes: list[str] = field(default_factory=list)

    @property
    def kg_before(self) -> float | None:
        """By the method, nothing moved [kgCO2e]."""
        found: float | None = self.before[f"{self.method}_kg_co2e"]
        return found

    @property
    def kg_after(self) -> float | None:
        """By the method, with the moves [kgCO2e]; None where there is no placement."""
        return None if self.after is None else self.after[f"{self.method}_kg_co2e"]

    def to_dict(self) -> Row:
        """The answer of `carbon optimise`."""
        return dict(vars(self))


@dataclass(frozen=True)
class TradeOff:
    """Placements that no other beats on carbon and cost together.

    Attributes:
        method: whose kg.
        currency: of costs.
        today: cost and kg with nothing moved.
        points: cost, kg, and kg_per_cost (what the next unit of money would change, 0 at the end),
            from the cheapest to the one that emits least; empty without prices.
        scenarios: of each point, in the shape of a scenario file.
        notes: what a reader should know.
    """

    method: Method
    currency: str | None
    today: tuple[float, float]
    points: list[Row]
    scenarios: list[Row]
    notes: list[str]

    def to_dict(self) -> Row:
        """Part of the answer of `carbon optimise --frontier`."""
        return dict(vars(self))


def least_carbon(
    stage: Stage, scenario: Scenario, *, method: Method = "location", whole: bool = False
) -> Optimum:
    """The placement that emits least under a scenario's constraints.

    Args:
        stage: of the scenario's months.
        scenario: changes, constraints and prices; its moves are left out.
        method: whose kg are to be least.
        whole: what a workload runs in one place today is not divided.

    Raises:
        ScenarioError: the scenario names what is not known, or limits cost without prices.
    """
    asked = _asked(stage, scenario, method=method, whole=whole)
    found = place(asked.problem)
    still = scenario.model_copy(update={"moves": ()})
    before, names = stage.outcome(still), stage.names()
    answer = Optimum(
        name=scenario.name,
        method=method,
        month_from=before.month_from,
        month_to=before.month_to,
        before=before.scenario,
    )
    if not found.feasible:
        said = [
            conflict_in_words(conflict, names, scenario.currency)
            for conflict in conflicts(asked.problem)
        ]
        return replace(answer, conflicts=said, notes=_pinned(asked))
    chosen = _with(scenario, asked, found.shares)
    after = stage.outcome(chosen)
    prices = shadow_prices(asked.problem, found, PRICED)
    document = chosen.to_dict()
    return replace(
        answer,
        feasible=True,
        after=after.scenario,
        moves=document.get("moves", []),
        scenario=document,
        by_place=_by_place(asked, found.shares, names),
        shadow_prices=[_priced(price, asked, scenario, method, names) for price in prices],
        violations=after.violations,
        cost=after.cost,
        gap=found.gap,
        notes=[*_notes(asked, found, (before, after), prices, method), *after.notes],
    )


def trade_off(
    stage: Stage, scenario: Scenario, *, method: Method = "location", points: int = 12
) -> TradeOff:
    """The least carbon for each cost, by the scenario's prices.

    Load of which no price is known today stays, so that costs compare.

    Args:
        stage: of the scenario's months.
        scenario: changes, constraints and prices; its moves are left out.
        method: whose kg.
        points: how many budgets are tried, at least 2; points alike are one.

    Raises:
        ScenarioError: as for `least_carbon`.
        ValueError: fewer than two points.
    """
    asked = _asked(stage, scenario, method=method, priced=True)
    found = frontier(asked.problem, points)
    problem = asked.problem
    home = problem.today
    costs = 0.0 if problem.cost is None else problem.total(problem.cost, home)
    notes = _pinned(asked)
    if asked.unpriced and found:
        notes.append(
            f"No price is known where {several(asked.unpriced)} runs today; it stays there, and "
            "its cost is not counted."
        )
    return TradeOff(
        method=method,
        currency=scenario.currency,
        today=(costs, problem.total(problem.kg, home)),
        points=[
            {"cost": point.cost, "kg": point.kg, "kg_per_cost": point.kg_per_cost + 0.0}
            for point in found
        ],
        scenarios=[_with(scenario, asked, point.shares).to_dict() for point in found],
        notes=notes,
    )


def _asked(stage: Stage, scenario: Scenario, **options: Any) -> Question:
    return question(stage.today, stage.places, scenario, stage.policy, stage.library, **options)


def _with(scenario: Scenario, asked: Question, shares: Floats) -> Scenario:
    """The scenario with the moves of a placement, under a name of its own."""
    name = f"{scenario.name.removesuffix(PLACED)}{PLACED}"
    return scenario.model_copy(update={"name": name, "moves": moves_of(asked, shares)})


def _by_place(asked: Question, shares: Floats, names: dict[str, str]) -> list[Row]:
    """Energy of each place before and after, most energy after first."""
    problem = asked.problem
    before, after = problem.energy_at(problem.today), problem.energy_at(shares)
    whole = float(problem.energy_kwh.sum()) or 1.0
    rows = [
        {
            "place": name,
            "name": names.get(name),
            "energy_kwh_before": float(old),
            "energy_kwh_after": float(new),
            "share_before": float(old) / whole,
            "share_after": float(new) / whole,
        }
        for name, old, new in zip(problem.places, before, after, strict=True)
        if old > 0 or new > 0
    ]
    return sorted(rows, key=lambda row: (-row["energy_kwh_after"], row["place"]))


def _priced(
    price: ShadowPrice, asked: Question, scenario: Scenario, method: Method, names: dict[str, str]
) -> Row:
    return dict(vars(price)) | {
        "kg_per_year": price.kg * per_year(asked.hours),
        "words": price_in_words(price, method, asked.hours, names, scenario.currency),
    }


def _pinned(asked: Question) -> list[str]:
    if not asked.pinned:
        return []
    return [
        f"{several(asked.pinned)} stays, since today's figure is not known in full: what moving "
        "it would save is not known either."
    ]


def _notes(
    asked: Question,
    found: Placement,
    outcomes: tuple[Outcome, Outcome],
    prices: Sequence[ShadowPrice],
    method: Method,
) -> list[str]:
    said = _pinned(asked)
    if prices and asked.hours not in WHOLE_YEARS:
        said.append(
            f"What limits cost in a year is that of the period, by hours: {asked.hours:,.0f} h "
            f"x {per_year(asked.hours):.4g}. Seasons are left out."
        )
    if prices and asked.problem.whole:
        said.append("What limits cost is computed for load that may be divided.")
    if found.gap > 0:
        said.append(
            f"Not every combination of whole workloads was looked at: another may emit up to "
            f"{found.gap * 100:.2g} % less."
        )
    before, after = (outcome.scenario[f"{method}_kg_co2e"] for outcome in outcomes)
    home = asked.problem.total(asked.problem.kg, asked.problem.today)
    if before is not None and after is not None and found.kg is not None:
        promised = before + found.kg - home
        if not np.isclose(after, promised, rtol=AGREES, atol=AGREES * abs(before)):
            said.append(
                "Contracts that moved load leaves behind, or that are to be bought, cover other "
                f"load: placements were compared without that, by which it would be "
                f"{promised:,.0f} kg instead of {after:,.0f} kg."
            )
    return said
