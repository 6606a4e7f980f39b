"""What changed between two periods: the steps from one total to the other, and who is behind them.

The electricity of the workloads alone is told apart: embodied hardware and water are no part of
either total. Totals are of all scope categories together, so that a move from own hardware to a
cloud is a change of place and not the end of a workload; each category's totals stand beside them.
"""

from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from carbon.accounting.summary import summarise
from carbon.accounting.sums import sum_by
from carbon.analysis.comparability import Note, notes
from carbon.analysis.decomposition import EFFECTS, Decomposition, decompose
from carbon.analysis.observed import Observed, Period, observe
from carbon.exact import ratio

RESTATED: Final = {
    "restated_data": (
        *("new", "gone"),
        *("activity", "efficiency", "overhead", "place", "coverage"),
    ),
    "restated_factors": ("grid", "procurement"),
    "restated_scope": ("boundary",),
}
"""What a period computed again shows: other activity data, other factors, another boundary."""

STEPS: Final = (*RESTATED, *EFFECTS)
"""The steps, in the order in which a chart shows them."""

SHARED: Final = ("model", "project", "business_unit", "lifecycle")
"""What the workloads behind a step may be gathered by, besides themselves."""

_SIDES: Final = ("before", "after")

KG: Final = "kg"
KG_A_DAY: Final = "kg a day"


@dataclass(frozen=True)
class Change:
    """The change of one method's total between two periods.

    Attributes:
        method: "location" or "market".
        unit: "kg", or "kg a day" where each period is divided by its days.
        before: kg_co2e of the first period, with low_kg and high_kg of its 95 % interval; each None
            where nothing is known.
        after: the same of the second.
        steps: step (one of STEPS) and kg_co2e; those of 0 are left out. They add up to
            after - before.
        parts: workload, step, kg_co2e: the steps by workload.
        workloads: as `Decomposition.workloads`, with change_kg and, of each step, its kg;
            figures of a period that it is not in are null.
        categories: scope_category, kg_before, kg_after.
        zones: workload, zone, and before and after of facility_kwh and kg_per_kwh [kgCO2e/kWh]:
            what stands behind place and grid.
        notes: what a careful reader would say of the comparison.
    """

    method: str
    unit: str
    before: dict[str, float | None]
    after: dict[str, float | None]
    steps: pl.DataFrame
    parts: pl.DataFrame
    workloads: pl.DataFrame
    categories: pl.DataFrame
    zones: pl.DataFrame
    notes: tuple[Note, ...]

    def by(self, name: str) -> pl.DataFrame:
        """The steps by what workloads have in common.

        Args:
            name: "workload", or one of SHARED: what most of a workload's energy bears.

        Returns:
            that column, step and kg_co2e: step by step, the largest part first.

        Raises:
            ValueError: name is none of those.
        """
        if name not in ("workload", *SHARED):
            known = ", ".join(("workload", *SHARED))
            raise ValueError(f"a change cannot be told by {name!r}; use one of {known}")
        named = self.parts
        if name != "workload":
            shared = self.workloads.select("workload", name)
            named = named.join(
                shared, on="workload", how="left", validate="m:1", maintain_order="left"
            )
        order = pl.col("step").cast(pl.Enum(STEPS))
        return (
            named.group_by(name, "step", maintain_order=True)
            .agg(kg_co2e=pl.col("kg_co2e").cum_sum().last())
            .sort(order, pl.col("kg_co2e").abs(), name, descending=[False, True, False])
        )

    def behind(self, step: str, name: str = "workload") -> pl.DataFrame:
        """Who is behind one step, the largest part first.

        Args:
            step: one of STEPS.
            name: as for `by`.

        Returns:
            name and kg_co2e; of workloads also unit, and before and after of work, facility_kwh and
            kg.
        """
        rows = self.by(name).filter(pl.col("step") == step).drop("step")
        if name != "workload":
            return rows
        shown = [f"{what}_{side}" for what in ("work", "facility_kwh", "kg") for side in _SIDES]
        return rows.join(
            self.workloads.select("workload", "unit", *shown),
            on="workload",
            how="left",
            validate="1:1",
            maintain_order="left",
        )

    def places(self, step: str) -> pl.DataFrame:
        """The zones of the workloads behind a step, in their order: the columns of `zones`."""
        behind = self.parts.filter(pl.col("step") == step).select("workload", _kg="kg_co2e")
        return (
            self.zones.join(behind, on="workload", how="inner", validate="m:1")
            .sort(pl.col("_kg").abs(), "workload", "zone", descending=[True, False, False])
            .drop("_kg")
        )

    def of(self, step: str) -> float:
        """What a step did [kgCO2e]; 0 where it did nothing."""
        kg = self.steps.filter(pl.col("step") == step)["kg_co2e"]
        return float(kg[0]) if kg.len() else 0.0

    @property
    def with_totals(self) -> pl.DataFrame:
        """step and kg_co2e: the first total as `before`, the steps, the second as `after`."""
        ends = [
            pl.DataFrame(
                {"step": [name], "kg_co2e": [total["kg_co2e"]]}, schema=dict(self.steps.schema)
            )
            for name, total in (("before", self.before), ("after", self.after))
        ]
        return pl.concat([ends[0], self.steps, ends[1]])

    @property
    def difference(self) -> float:
        """after - before, where nothing known counts as 0."""
        return (self.after["kg_co2e"] or 0.0) - (self.before["kg_co2e"] or 0.0)

    @property
    def share(self) -> float | None:
        """The change as a share of the first total [1]; None where that is 0 or not known."""
        first = self.before["kg_co2e"]
        return self.difference / first if first else None

    @property
    def largest(self) -> str | None:
        """The step that did most in the direction of the change; None where nothing changed."""
        way = 1.0 if self.difference >= 0 else -1.0
        steps = self.steps.sort(pl.col("kg_co2e") * way, descending=True)
        return None if steps.is_empty() else str(steps["step"][0])


def compare(
    before: Period,
    after: Period,
    *,
    method: str = "location",
    scope: str = "in",
    per_day: bool = False,
    restated: Period | None = None,
) -> Change:
    """Tell apart why a total changed.

    Args:
        before: the first period, of today's footprint or of a frozen one.
        after: the second.
        method: "location" or "market".
        scope: "in" the declared boundary, or "all".
        per_day: divide each period by its days, so that unequal lengths compare.
        restated: the first period computed again as the second is (today's files, factors and
            policy), where `before` is of another state. What differs between the two is a
            restatement and stands apart; the other steps start from the restated figure.

    Raises:
        ValueError: method or scope is none of those.
    """
    lengths = (before.days(), after.days()) if per_day else (None, None)
    first, last = observe(before, scope, days=lengths[0]), observe(after, scope, days=lengths[1])
    told: list[pl.DataFrame] = []
    start = first
    if restated is not None:
        start = observe(restated, scope, days=lengths[0])
        told.append(_restatement(decompose(first, start, method).parts))
    ordinary = decompose(start, last, method)
    told.append(ordinary.parts.rename({"effect": "step"}))
    parts = pl.concat(told).sort("workload", pl.col("step").cast(pl.Enum(STEPS)))
    lines = pl.concat([before.lines(scope), after.lines(scope)])
    return Change(
        method=method,
        unit=KG_A_DAY if per_day else KG,
        before=_total(before, method, scope, lengths[0]),
        after=_total(after, method, scope, lengths[1]),
        steps=_steps(parts),
        parts=parts,
        workloads=_workloads(ordinary, parts, lines),
        categories=_side_by_side(
            first.categories(method), last.categories(method), ["scope_category"]
        ),
        zones=_zones(start, last, method),
        notes=notes(before, after, ordinary.workloads, scope, per_day=per_day),
    )


def _restatement(parts: pl.DataFrame) -> pl.DataFrame:
    """The difference between two states of one period, by what was restated."""
    names = {effect: step for step, effects in RESTATED.items() for effect in effects}
    return (
        parts.with_columns(step=pl.col("effect").replace_strict(names, return_dtype=pl.String))
        .group_by("workload", "step", maintain_order=True)
        .agg(kg_co2e=pl.col("kg_co2e").cum_sum().last())
    )


def _steps(parts: pl.DataFrame) -> pl.DataFrame:
    return (
        parts.group_by("step", maintain_order=True)
        .agg(kg_co2e=pl.col("kg_co2e").cum_sum().last())
        .sort(pl.col("step").cast(pl.Enum(STEPS)))
    )


def _total(period: Period, method: str, scope: str, days: int | None) -> dict[str, float | None]:
    """A period's total with its 95 % interval, as every other screen gives it."""
    chosen = replace(period.footprint, lines=period.lines(scope))
    row = summarise(chosen, [], chosen.policy).row(0, named=True)
    measures = (f"{method}_kg_co2e", f"{method}_low_kg", f"{method}_high_kg")
    values = [row[measure] for measure in measures]
    return {
        name: None if value is None else value / (days or 1)
        for name, value in zip(("kg_co2e", "low_kg", "high_kg"), values, strict=True)
    }


def _side_by_side(before: pl.DataFrame, after: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Two frames of the same keys beside each other, sorted by them; what one lacks is null."""
    sides = (
        frame.rename({name: f"{name}_{side}" for name in frame.columns if name not in keys})
        for frame, side in zip((before, after), _SIDES, strict=True)
    )
    joined = next(sides).join(
        next(sides), on=keys, how="full", coalesce=True, nulls_equal=True, validate="1:1"
    )
    return joined.sort(keys, nulls_last=True)


def _zones(before: Observed, after: Observed, method: str) -> pl.DataFrame:
    kg, kwh = pl.col(f"{method}_kg"), pl.col(f"{method}_kwh")
    sides = (
        side.cells.select(
            "workload", "zone", "facility_kwh", kg_per_kwh=pl.when(kwh > 0).then(ratio(kg, kwh))
        )
        for side in (before, after)
    )
    return _side_by_side(next(sides), next(sides), ["workload", "zone"])


def _workloads(told: Decomposition, parts: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """One row a workload: what it was, what it became, what it shares, and its steps."""
    wide = parts.pivot("step", index="workload", values="kg_co2e", aggregate_function="sum")
    steps = [step for step in STEPS if step in wide.columns]
    shared = lines.select("workload").unique()
    for name in SHARED:
        of_most = _of_most_energy(lines, name)
        shared = shared.join(of_most, on="workload", how="left", validate="1:1")
    every = pl.concat([told.workloads["workload"], parts["workload"]]).unique()
    change = pl.sum_horizontal(pl.col(step).fill_null(0.0) for step in steps) if steps else 0.0
    return (
        every.to_frame()
        .join(_where_known(told.workloads), on="workload", how="left", validate="1:1")
        .join(shared, on="workload", how="left", validate="1:1")
        .join(wide.select("workload", *steps), on="workload", how="left", validate="1:1")
        .with_columns(change_kg=pl.lit(0.0) + change)
        .sort(pl.col("change_kg").abs(), "workload", descending=[True, False])
    )


def _where_known(workloads: pl.DataFrame) -> pl.DataFrame:
    """Figures of a period that a workload is not in are null: nothing was seen, which is no 0."""
    return workloads.with_columns(
        pl.when(pl.col(f"facility_kwh_{side}") > 0).then(f"{name}_{side}").alias(f"{name}_{side}")
        for name in ("it_kwh", "facility_kwh", "kg")
        for side in _SIDES
    )


def _of_most_energy(lines: pl.DataFrame, name: str) -> pl.DataFrame:
    """What most of a workload's energy bears: a workload may have served several models."""
    kwh = "energy_facility_kwh"
    return (
        sum_by(lines.filter(pl.col(name).is_not_null()), ["workload", name], [kwh])
        .sort("workload", kwh, name, descending=[False, True, False])
        .unique("workload", keep="first", maintain_order=True)
        .select("workload", name)
    )
