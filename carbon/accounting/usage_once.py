"""One energy: use counts only where no meter and no machine's hours do, and of one source.

Requests and tokens are what energy was spent on; a meter, or the hours of a machine, say how much.
Where both are there of one workload, month, model and endpoint, and their times meet, the use
gives no second energy. Of several sources of use (a log, a bill, a gateway) one counts: the one
with the better figure, then the one that states most.
"""

from typing import Final

import polars as pl

from carbon.accounting.overlap import Resolved
from carbon.accounting.sums import sum_by
from carbon.accounting.superseded import SUPERSEDED
from carbon.schema import HOUR_KINDS, METERED_KINDS, UNASSIGNED, USAGE_KINDS
from carbon.units import W_PER_KW

ESTIMATE: Final = 2
"""`usage_basis` of an estimate for a model behind an API."""

OF_OTHER_LIFE: Final = ("training", "fine_tuning")
"""Stages whose energy is not that of serving requests."""

BY_METER: Final = (
    "A meter or the hours of machines give the energy of this workload's inference in this time; "
    "its requests and tokens give no second one."
)
BY_SOURCE: Final = (
    "Another source states the use of this workload and model in this time; of the two the one "
    "with the better figure, then the one that states most, counts."
)


def once(lines: pl.DataFrame, activity: pl.DataFrame) -> Resolved:
    """Leave out use whose energy is known better.

    A meter stands for use of its workload and month whose times meet its own, unless both name a
    model, or an endpoint, and these differ; where nobody claims either, only where they name the
    same one. An estimate for a model behind an API gives way to that provider's energy alone: a
    machine of the organisation's own is not the vendor's.

    Args:
        lines: parts of rows in months, with power_w and usage_basis, as
            `carbon.accounting.months.spread` gives them.
        activity: every row, in the order in which `row` numbers it.

    Returns:
        The lines that stay, and the columns of SUPERSEDED for those that do not.
    """
    if not lines.select(_of_use().any()).item():
        return Resolved(lines, pl.DataFrame(schema=SUPERSEDED))
    named = lines.hstack(activity.select("endpoint", "resource", "host")[lines["row"]])
    numbered = named.with_row_index("line")
    use = numbered.filter(_of_use())
    metered = _met(use, numbered)
    left = use.join(metered, on="line", how="anti", maintain_order="left")
    behind = pl.concat([metered, _other_source(left)])
    return Resolved(
        numbered.join(behind, on="line", how="anti", maintain_order="left").select(lines.columns),
        _not_used(numbered, behind),
    )


def _of_use() -> pl.Expr:
    return pl.col("quantity_kind").is_in(USAGE_KINDS)


def _met(use: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Lines of use for which a meter or hours stand: line, by, why."""
    key = ["workload", "month", "model", "endpoint", "provider"]
    metered = pl.col("quantity_kind").is_in(METERED_KINDS)
    hours = pl.col("quantity_kind").is_in(HOUR_KINDS) & pl.col("power_w").is_not_null()
    spans = (
        lines.filter(metered | hours, ~pl.col("lifecycle").is_in(OF_OTHER_LIFE).fill_null(False))
        .group_by(key)
        .agg(by=pl.col("line").min(), start=pl.col("use_start").min(), end=pl.col("use_end").max())
    )
    columns = ("line", "workload", "month", "model", "endpoint", "provider")
    both = use.select(*columns, "use_start", "use_end", "usage_basis").join(
        spans, on=["workload", "month"], how="inner", suffix="_by"
    )
    model, endpoint = _same("model"), _same("endpoint")
    nobody = pl.col("workload") == UNASSIGNED
    alike = (
        pl.when(nobody)
        .then(model.fill_null(False) | endpoint.fill_null(False))
        .otherwise(model.fill_null(True) & endpoint.fill_null(True))
    )
    of_vendor = pl.col("provider").eq_missing(pl.col("provider_by"))
    return (
        both.filter(
            pl.col("use_start") < pl.col("end"),
            pl.col("use_end") > pl.col("start"),
            alike,
            (pl.col("usage_basis") != ESTIMATE) | of_vendor,
        )
        .group_by("line")
        .agg(pl.col("by").min())
        .sort("line")
        .with_columns(why=pl.lit(BY_METER))
    )


def _same(column: str) -> pl.Expr:
    """Whether two name the same; null where one of them names none."""
    return pl.col(column) == pl.col(f"{column}_by")


def _other_source(use: pl.DataFrame) -> pl.DataFrame:
    """Lines of use that another source, or a better figure, states: line, by, why."""
    group, view = ["workload", "month", "model"], ["usage_basis", "format"]
    kwh = sum_by(use.with_columns(kwh=_kwh()), [*group, *view], ["kwh"])
    spans = use.group_by(*group, *view).agg(
        by=pl.col("line").min(), start=pl.col("use_start").min(), end=pl.col("use_end").max()
    )
    ranked = (
        kwh.join(spans, on=[*group, *view], how="left", validate="1:1", nulls_equal=True)
        .sort(*group, "usage_basis", -pl.col("kwh"), "format", nulls_last=True)
        .with_columns(place=pl.int_range(pl.len()).over(group))
    )
    placed = use.select("line", *group, *view, "use_start", "use_end").join(
        ranked.select(*group, *view, "place"),
        on=[*group, *view],
        how="left",
        validate="m:1",
        nulls_equal=True,
    )
    return (
        placed.join(
            ranked.select(*group, "by", "start", "end", place_by="place"),
            on=group,
            how="inner",
            nulls_equal=True,
        )
        .filter(
            pl.col("place_by") < pl.col("place"),
            pl.col("use_start") < pl.col("end"),
            pl.col("use_end") > pl.col("start"),
        )
        .sort("line", "place_by")
        .unique("line", keep="first", maintain_order=True)
        .select("line", "by", why=pl.lit(BY_SOURCE))
    )


def _kwh() -> pl.Expr:
    """Energy that the use would give, before any PUE [kWh]."""
    share = pl.col("month_share") * pl.col("assigned_share") * pl.col("equity_share")
    return pl.col("quantity") * share * pl.col("power_w") / W_PER_KW


def _not_used(numbered: pl.DataFrame, behind: pl.DataFrame) -> pl.DataFrame:
    """What is left out, with what counts instead."""
    by = numbered.select("evidence_id", "row_number", "format")[behind["by"]]
    return (
        numbered[behind["line"]]
        .hstack(behind.select("why"))
        .hstack(by.select(pl.all().name.prefix("superseded_by_")))
        .with_columns(
            kwh_not_counted=_kwh(),
            quantity=pl.col("quantity") * pl.col("month_share"),
            counted_share=pl.lit(0.0),
            period_start="use_start",
            period_end="use_end",
            rest_not_counted=pl.lit(False),
        )
        .select(list(SUPERSEDED))
        .cast(pl.Schema(SUPERSEDED))
        .sort("evidence_id", "row_number", "period_start", "component", "resource", "quantity")
    )
