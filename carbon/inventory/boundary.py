"""Whether each workload is inside the declared boundary, who says so, and why.

Precedence: what the analyst stated on the workload itself; else the most specific decision of the
policy; else what the policy says of its lifecycle; else the policy's default. A decision that names
the workload is more specific than one on its model, its project, its business unit; a name is more
specific than a pattern, a longer pattern than a shorter one; of equals the first counts.
"""

from typing import Final

import polars as pl

from carbon.inventory.patterns import matches
from carbon.policy import Boundary, BoundaryDecision, Policy
from carbon.schema import UNASSIGNED

SPECIFIC: Final = ("workload", "model", "project", "business_unit")
"""What a decision may be about, the most specific first."""

COLUMN: Final = {"workload": "workload_id"}
"""Column of the inventory that a decision is about, where it is called otherwise."""

BASES: Final = ("statement", "decision", "lifecycle", "default")
"""Who decided: the analyst on the workload, the policy by name, by lifecycle, or by default."""


def decide(workloads: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Which side of the boundary each workload is on.

    Activity that nobody claims is of many workloads, whatever its latest row says of a project or
    a lifecycle: only a statement or a decision on `(unassigned)` itself moves it.

    Args:
        workloads: workload_id, model, project, business_unit, lifecycle, and what the analyst
            stated: in_scope, boundary_reason, boundary_decided_on (null where nothing).
        policy: `boundary.decisions`, `boundary.lifecycles` and `boundary.in_scope_by_default`.

    Returns:
        workloads, in their order, with in_scope (never null), boundary_reason (null where the
        default holds), boundary_decided_on and boundary_basis, one of BASES.
    """
    boundary = policy.boundary
    sides = pl.DataFrame(
        {
            "lifecycle": list(boundary.lifecycles),
            "_lifecycle_in": [side == "in" for side in boundary.lifecycles.values()],
        },
        schema={"lifecycle": pl.String, "_lifecycle_in": pl.Boolean},
    )
    decision = _decision(boundary)
    claimed = pl.col("workload_id") != UNASSIGNED
    stated, decided = pl.col("in_scope").is_not_null(), decision.struct.field("side").is_not_null()
    by_lifecycle = pl.col("_lifecycle_in").is_not_null() & claimed
    words = pl.format(
        "policy: {} is {}",
        pl.col("lifecycle").str.replace_all("_", " "),
        pl.when("_lifecycle_in").then(pl.lit("inside")).otherwise(pl.lit("outside")),
    )
    return (
        workloads.join(sides, on="lifecycle", how="left", validate="m:1", maintain_order="left")
        .with_columns(
            boundary_basis=pl.when(stated)
            .then(pl.lit("statement"))
            .when(decided)
            .then(pl.lit("decision"))
            .when(by_lifecycle)
            .then(pl.lit("lifecycle"))
            .otherwise(pl.lit("default")),
            in_scope=pl.coalesce(
                "in_scope",
                decision.struct.field("side"),
                pl.when(claimed).then(pl.col("_lifecycle_in")),
                pl.lit(boundary.in_scope_by_default),
            ),
            boundary_reason=pl.when(stated | pl.col("boundary_reason").is_not_null())
            .then("boundary_reason")
            .when(decided)
            .then(decision.struct.field("reason"))
            .when(by_lifecycle)
            .then(words),
            boundary_decided_on=pl.when(stated)
            .then("boundary_decided_on")
            .otherwise(decision.struct.field("decided_on")),
        )
        .drop("_lifecycle_in")
    )


def in_order(boundary: Boundary) -> list[BoundaryDecision]:
    """The decisions of a policy, the most specific first."""
    return sorted(boundary.decisions, key=_specificity)


def _specificity(decision: BoundaryDecision) -> tuple[int, bool, int]:
    wild = any(mark in decision.name for mark in "*?")
    literal = len(decision.name.replace("*", "").replace("?", ""))
    return SPECIFIC.index(decision.of), wild, -literal


def _decision(boundary: Boundary) -> pl.Expr:
    """The decision that holds for each workload: side (true: inside), reason, decided_on."""
    choices = [
        pl.when(_holds(decision)).then(
            pl.struct(
                side=pl.lit(decision.side == "in"),
                reason=pl.lit(_reason(decision)),
                decided_on=pl.lit(decision.decided_on or None, pl.String),
            )
        )
        for decision in in_order(boundary)
    ]
    none = pl.struct(
        side=pl.lit(None, pl.Boolean),
        reason=pl.lit(None, pl.String),
        decided_on=pl.lit(None, pl.String),
    )
    return pl.coalesce(*choices, none)


def _holds(decision: BoundaryDecision) -> pl.Expr:
    column = COLUMN.get(decision.of, decision.of)
    if decision.of == "workload" and decision.name == UNASSIGNED:
        return pl.col(column) == UNASSIGNED
    return matches(column, [decision.name]) & (pl.col("workload_id") != UNASSIGNED)


def _reason(decision: BoundaryDecision) -> str:
    of = decision.of.replace("_", " ")
    evidence = f" ({decision.evidence})" if decision.evidence else ""
    return f"policy: {of} {decision.name}: {decision.reason}{evidence}"
