"""What another source states better, and does not count: row by row, with what counts instead."""

from typing import Final

import polars as pl

from carbon.policy import Policy
from carbon.schema import BOUNDARIES, METERED_KINDS
from carbon.units import W_PER_KW

SUPERSEDED: Final[dict[str, type[pl.DataType] | pl.DataType]] = {
    "evidence_id": pl.String,
    "row_number": pl.Int64,
    "format": pl.String,
    "resource": pl.String,
    "host": pl.String,
    "workload": pl.String,
    "in_scope": pl.Boolean,
    "month": pl.String,
    "period_start": pl.Datetime("us", "UTC"),
    "period_end": pl.Datetime("us", "UTC"),
    "component": pl.String,
    "quantity_kind": pl.String,
    "quantity": pl.Float64,
    "counted_share": pl.Float64,
    "kwh_not_counted": pl.Float64,
    "superseded_by_evidence_id": pl.String,
    "superseded_by_row_number": pl.Int64,
    "superseded_by_format": pl.String,
    "rest_not_counted": pl.Boolean,
    "why": pl.String,
}
"""Columns of what is superseded: a part of a row in a month. `quantity` is the month's, as stated;
`kwh_not_counted` [kWh] before any PUE is applied; `rest_not_counted`: what supersedes it does not
see all of its equipment."""


def superseded(
    lines: pl.DataFrame,
    activity: pl.DataFrame,
    found: pl.DataFrame,
    shares: pl.DataFrame,
    policy: Policy,
) -> pl.DataFrame:
    """What is superseded, and by what.

    Args:
        lines: the lines that were looked at.
        activity: every row, in the order in which their `row` numbers it.
        found: their parts, as `carbon.accounting.meters.parts` gives them.
        shares: part, line, of_host, counted_share, by, rest, sees and devices of each
            superseded part.
        policy: `overlap.prefer` is named.

    Returns:
        The columns of SUPERSEDED, sorted.
    """
    identity = activity.select("resource", "host")
    own = lines.hstack(identity[lines["row"]])[shares["line"]]
    by_line = found["line"].gather(shares["by"])
    by = lines.select("evidence_id", "row_number", "format")[by_line]
    views = found.select("tier", "rank")
    one, other = views[shares["part"]], views[shares["by"]]
    watts = pl.when("of_host").then("host_w").otherwise("power_w")
    quantity = pl.col("quantity") * pl.col("month_share")
    equity = pl.col("equity_share") * pl.col("assigned_share")
    energy = (
        pl.when(pl.col("quantity_kind").is_in(METERED_KINDS))
        .then(quantity)
        .otherwise(quantity * watts / W_PER_KW)
    )
    return (
        own.hstack(shares.select("of_host", "counted_share", "rest", "sees", "devices"))
        .hstack(one.select(_tier="tier", _rank="rank"))
        .hstack(other.select(_tier_by="tier", _rank_by="rank"))
        .hstack(by.select(pl.all().name.prefix("superseded_by_")))
        .with_columns(
            kwh_not_counted=energy * equity * (1 - pl.col("counted_share")),
            component=pl.when("of_host").then(pl.lit("host")).otherwise("component"),
            quantity=quantity,
            period_start="use_start",
            period_end="use_end",
            rest_not_counted="rest",
            why=_why(policy),
        )
        .select(list(SUPERSEDED))
        .cast(pl.Schema(SUPERSEDED))
        .sort("evidence_id", "row_number", "period_start", "component", "resource", "quantity")
    )


def _why(policy: Policy) -> pl.Expr:
    """In a sentence: what counts instead, and by which rule."""
    view, view_by = (
        pl.concat_str(
            pl.lit("tier "),
            pl.col(f"_tier{end}").fill_null("not known"),
            pl.lit(", "),
            pl.col(f"_rank{end}").replace_strict(
                list(range(len(BOUNDARIES))), list(BOUNDARIES), return_dtype=pl.String
            ),
        )
        for end in ("", "_by")
    )
    rest = pl.when("rest").then(
        pl.lit(" It sees only part of the equipment; the rest is in no figure.")
    )
    fewer = pl.when(pl.col("sees") < pl.col("devices")).then(
        pl.format(
            " It sees {} of {} accelerators.",
            pl.col("sees").cast(pl.Int64),
            pl.col("devices").cast(pl.Int64),
        )
    )
    return pl.concat_str(
        pl.col("superseded_by_format"),
        pl.lit(" ("),
        view_by,
        pl.lit(") counts before this ("),
        view,
        pl.lit(f"): overlap.prefer = {policy.overlap.prefer}."),
        fewer.otherwise(pl.lit("")),
        rest.otherwise(pl.lit("")),
    )
