"""Rows from which energy would follow, and that the policy or the model leaves out: never silently.

* `gap_estimate`: energy that a reader estimated for the time its meter did not see, where
  `telemetry.estimate_gaps` is off;
* `support`: supporting services, where `support.include` is off;
* `host`: processors and memory that a bill lists for machines with accelerators. The server around
  an accelerator is modelled per accelerator, or measured with it, and would count twice.
"""

import polars as pl

from carbon.policy import Policy
from carbon.schema import SUPPORT_KINDS


def exclude(rows: pl.DataFrame, policy: Policy) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take out what is not to be counted.

    Args:
        rows: quantity_kind, component, coverage, in_scope, workload, a period.
        policy: `telemetry.estimate_gaps` and `support.include`.

    Returns:
        The rows that count; and those that do not: reason, evidence_id, row_number, workload,
        in_scope, month (YYYY-MM), quantity_kind and quantity.
    """
    support = pl.col("quantity_kind").is_in(SUPPORT_KINDS)
    reasons = [pl.when(support & (pl.col("component") == "host")).then(pl.lit("host"))]
    if not policy.support.include:
        reasons.append(pl.when(support).then(pl.lit("support")))
    if not policy.telemetry.estimate_gaps:
        reasons.append(pl.when(pl.col("component") == "gap_estimate").then(pl.lit("gap_estimate")))
    reason = pl.coalesce(reasons)
    left_out = rows.filter(reason.is_not_null()).select(
        *("evidence_id", "row_number", "workload", "in_scope", "quantity_kind", "quantity"),
        month=pl.col("period_start").dt.strftime("%Y-%m"),
        reason=reason,
    )
    return (rows.filter(reason.is_null()) if left_out.height else rows), left_out
