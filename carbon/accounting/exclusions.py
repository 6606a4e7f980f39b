"""Rows from which energy would follow, and that the policy or the model leaves out: never silently.

* `declared`: activity that the policy declares to be outside (`boundary.left_out`);
* `component`: a part of the equipment that the policy leaves out (`boundary.components_out`);
* `gap_estimate`: energy that a reader estimated for the time its meter did not see, where
  `telemetry.estimate_gaps` is off;
* `support`: supporting services, where `support.include` is off;
* `host`: processors and memory that a bill lists for machines with accelerators. The server around
  an accelerator is modelled per accelerator, or measured with it, and would count twice.
"""

from typing import Final

import polars as pl

from carbon.policy import Policy
from carbon.schema import METERED_KINDS, SUPPORT_KINDS
from carbon.units import W_PER_KW

LEFT_OUT: Final[dict[str, type[pl.DataType]]] = {
    "evidence_id": pl.String,
    "row_number": pl.Int64,
    "workload": pl.String,
    "in_scope": pl.Boolean,
    "quantity_kind": pl.String,
    "quantity": pl.Float64,
    "month": pl.String,
    "reason": pl.String,
    "why": pl.String,
    "kwh": pl.Float64,
}
"""Columns of what is left out. `why`: the policy's own words, where it has any; `kwh`: energy that
it would count, before PUE unless a facility metered it [kWh]; null where it is not known."""


def exclude(rows: pl.DataFrame, policy: Policy) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take out what is not to be counted.

    Args:
        rows: quantity_kind, component, coverage, in_scope, workload, a period, and declared_out
            (why the policy declares the row to be outside; null elsewhere).
        policy: `telemetry.estimate_gaps` and `support.include`.

    Returns:
        The rows that count; and those that do not: the columns of LEFT_OUT. Costs are no energy:
        they go with their rows and are not listed.
    """
    support = pl.col("quantity_kind").is_in(SUPPORT_KINDS)
    reasons = [
        pl.when(pl.col("declared_out").is_not_null()).then(pl.lit("declared")),
        pl.when(support & (pl.col("component") == "host")).then(pl.lit("host")),
    ]
    if not policy.support.include:
        reasons.append(pl.when(support).then(pl.lit("support")))
    if not policy.telemetry.estimate_gaps:
        reasons.append(pl.when(pl.col("component") == "gap_estimate").then(pl.lit("gap_estimate")))
    marked = rows.with_columns(_reason=pl.coalesce(reasons))
    energy = pl.col("quantity_kind") != "cost"
    metered = pl.col("quantity_kind").is_in(METERED_KINDS)
    watts = pl.when(pl.col("quantity_kind") == "accelerator_hours").then("average_power_w")
    left_out = marked.filter(pl.col("_reason").is_not_null(), energy).select(
        *("evidence_id", "row_number", "workload", "in_scope", "quantity_kind", "quantity"),
        month=pl.col("period_start").dt.strftime("%Y-%m"),
        reason="_reason",
        why="declared_out",
        kwh=pl.when(metered)
        .then("quantity")
        .otherwise(pl.col("quantity") * watts / W_PER_KW)
        .cast(pl.Float64),
    )
    kept = marked.filter(pl.col("_reason").is_null()) if left_out.height else marked
    return kept.drop("_reason", "declared_out"), left_out.select(list(LEFT_OUT))


def without_parts(lines: pl.DataFrame, policy: Policy) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take out parts of the equipment that the policy leaves out.

    Energy that was metered as a whole (`it`, `facility`) holds all of its parts and stays. A part
    takes the overhead that cools it along; `overhead` itself is taken out when it is known, by
    `without_overhead`.

    Args:
        lines: source x month, with component, host_w and the columns that
            `carbon.accounting.energy` finds energy from.
        policy: `boundary.components_out`.

    Returns:
        lines in which such a part counts for nothing; and what is left out, as LEFT_OUT.
    """
    out = [part for part in policy.boundary.components_out if part != "overhead"]
    if not out:
        return lines, pl.DataFrame(schema=LEFT_OUT)
    own = pl.col("component").is_in(out)
    host = pl.lit("host" in out)
    stated = (
        pl.col("quantity")
        * pl.col("month_share")
        * pl.col("assigned_share")
        * pl.col("equity_share")
    )
    metered = pl.col("quantity_kind").is_in(METERED_KINDS)
    energy = pl.when(metered).then(stated).otherwise(stated * pl.col("power_w") / W_PER_KW)
    parts = [
        _left_out(
            lines.filter(own, pl.col("counted_share") > 0),
            energy * pl.col("counted_share"),
            pl.col("component"),
        ),
        _left_out(
            lines.filter(host, pl.col("host_w") > 0, pl.col("host_share") > 0),
            stated * pl.col("host_share") * pl.col("host_w") / W_PER_KW,
            pl.lit("host"),
        ),
    ]
    kept = lines.with_columns(
        counted_share=pl.when(own).then(0.0).otherwise("counted_share"),
        accelerator_hours=pl.when(~own).then("accelerator_hours"),
        host_share=pl.when(host).then(0.0).otherwise("host_share"),
    )
    return kept, pl.concat(parts)


def without_overhead(lines: pl.DataFrame, policy: Policy) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take out cooling and power distribution, where the policy leaves it out.

    Args:
        lines: as `carbon.accounting.energy.components` gives them.
        policy: `boundary.components_out`.
    """
    if "overhead" not in policy.boundary.components_out:
        return lines, pl.DataFrame(schema=LEFT_OUT)
    overhead = pl.col("component") == "overhead"
    gone = lines.filter(overhead)
    return lines.filter(~overhead), _left_out(
        gone, pl.col("energy_facility_kwh"), pl.col("component")
    )


def _left_out(lines: pl.DataFrame, kwh: pl.Expr, part: pl.Expr) -> pl.DataFrame:
    return lines.select(
        *("evidence_id", "row_number", "workload", "in_scope", "quantity_kind"),
        quantity=pl.col("quantity") * pl.col("month_share") * pl.col("assigned_share"),
        month="month",
        reason=pl.lit("component"),
        why=part,
        kwh=kwh,
    ).select(list(LEFT_OUT))
