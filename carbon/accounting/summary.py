"""The measures R of a footprint, summed by any of its dimensions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import polars as pl

from carbon.accounting.findings import find
from carbon.accounting.result import Footprint
from carbon.accounting.sums import known_sum_by, sum_by
from carbon.accounting.uncertainty import interval, own_energy, pue_input, shared_factor
from carbon.policy import Policy
from carbon.schema import MEASURES

COMMON_DIMENSIONS: Final = (
    "workload",
    "model",
    "project",
    "month",
    "zone",
    "region",
    "lifecycle",
    "business_unit",
    "component",
    "scope_category",
)
"""Those of DIMENSIONS that the command line offers."""

DIMENSIONS: Final = (
    *COMMON_DIMENSIONS,
    "deployment",
    "provider",
    "country",
    "market",
    "site",
    "in_scope",
)
"""Columns by which a footprint may be summed."""

EVERYTHING: Final = "_everything"
"""The one group of a total."""


def select(
    footprint: Footprint,
    month_from: str | None = None,
    month_to: str | None = None,
    scope: str = "in",
) -> Footprint:
    """The part of a footprint in a period, inside the boundary or all of it.

    Args:
        footprint: the whole.
        month_from: first month (YYYY-MM); None for no limit.
        month_to: last month, inclusive; None for no limit.
        scope: "in" for what is inside the declared boundary, "all" for everything.

    Returns:
        Its lines, their market slices, the factors that they use, and the findings about them.

    Raises:
        ValueError: scope is neither of the two.
    """
    if scope not in ("in", "all"):
        raise ValueError(f"scope {scope!r} is not known; use 'in' or 'all'")
    keep = _months(month_from, month_to)
    if scope == "in":
        keep &= pl.col("in_scope")
    lines = footprint.lines.filter(keep)
    sliced = footprint.market.join(lines, on="line_id", how="semi", maintain_order="left")
    used = pl.concat([lines["location_factor_id"].drop_nulls(), sliced["source_id"]]).unique()
    part = replace(
        footprint,
        lines=lines,
        market=sliced,
        factors_used=footprint.factors_used.filter(
            pl.col("factor_id").is_in(used.implode()),
            pl.col("month").is_in(lines["month"].unique().implode()),
        ),
        unmetered=_within(footprint.unmetered, keep),
        superseded=_within(footprint.superseded, keep),
        left_out=_within(footprint.left_out, keep),
        unplaced=_within(footprint.unplaced, keep),
        unknown_models=_within(footprint.unknown_models, keep),
        usage_twice=_within(footprint.usage_twice, keep),
        general_it=_within(footprint.general_it, _months(month_from, month_to)),
    )
    return replace(part, findings=find(part))


def _months(month_from: str | None, month_to: str | None) -> pl.Expr:
    keep = pl.lit(True)
    if month_from is not None:
        keep &= pl.col("month") >= month_from
    if month_to is not None:
        keep &= pl.col("month") <= month_to
    return keep


def _within(frame: pl.DataFrame, keep: pl.Expr) -> pl.DataFrame:
    return frame.filter(keep) if frame.width else frame


def summarise(footprint: Footprint, by: Sequence[str], policy: Policy) -> pl.DataFrame:
    """The measures R of each group.

    A sum is over what is known and null where nothing is; coverage is the share of facility energy
    that found a factor; tier is the worst that carries more than `readiness.significant_share`
    (5 %) of the group's energy; low and high bound 95 %.

    Args:
        footprint: the lines that count; `select` cuts them to a period and a boundary.
        by: some of DIMENSIONS; none gives one row, the total.
        policy: `readiness.significant_share` is used.

    Returns:
        The columns of `by` and of MEASURES, sorted by `by`.

    Raises:
        ValueError: a column of `by` is not one of DIMENSIONS.
    """
    unknown = [column for column in by if column not in DIMENSIONS]
    if unknown:
        raise ValueError(
            f"a footprint cannot be summed by {unknown[0]!r}; use some of {', '.join(DIMENSIONS)}"
        )
    lines = footprint.lines.rechunk().with_columns(pl.lit("").alias(EVERYTHING))
    groups = [*dict.fromkeys(by)] or [EVERYTHING]
    return measured(lines, footprint.market, groups, policy).select(*dict.fromkeys(by), *MEASURES)


def measured(
    lines: pl.DataFrame, sliced: pl.DataFrame, groups: list[str], policy: Policy
) -> pl.DataFrame:
    """The measures R of each group of lines, by any of their columns.

    Args:
        lines: `FootprintLine` rows, with whatever columns they are to be grouped by.
        sliced: `MarketLine` rows; those of other lines play no part.
        groups: columns that make a group, at least one.
        policy: `readiness.significant_share` is used.

    Returns:
        groups and the columns of MEASURES, sorted by groups.
    """
    rows = _sums(lines, groups)
    for part in (
        _interval(location_parts(lines), groups, "location"),
        _interval(market_parts(sliced, lines, groups), groups, "market"),
        _tier(lines, groups, policy.readiness.significant_share),
    ):
        rows = rows.join(
            part, on=groups, how="left", validate="1:1", nulls_equal=True, maintain_order="left"
        )
    for method in ("location", "market"):
        kg, gsd2 = pl.col(f"{method}_kg_co2e"), pl.col(f"{method}_gsd2")
        # Nothing emitted for certain: a sum of zero has no spread.
        spread = pl.when(kg == 0).then(1.0).otherwise(gsd2)
        rows = rows.with_columns(
            (kg / spread).alias(f"{method}_low_kg"), (kg * spread).alias(f"{method}_high_kg")
        )
    return rows.sort(groups, nulls_last=True).select(*groups, *MEASURES)


def _sums(lines: pl.DataFrame, groups: list[str]) -> pl.DataFrame:
    kwh = pl.col("energy_facility_kwh")
    measures = {
        "energy_it_kwh": pl.col("energy_it_kwh"),
        "energy_facility_kwh": kwh,
        "location_kg_co2e": pl.col("location_kg"),
        "market_kg_co2e": pl.col("market_kg"),
        "embodied_kg_co2e": pl.col("embodied_kg"),
        "water_l": pl.col("water_l"),
        "location_coverage": pl.when(pl.col("location_kg").is_not_null()).then(kwh),
        "market_coverage": pl.col("market_kwh_covered"),
    }
    sums = known_sum_by(lines.select(*groups, **measures), groups, list(measures))
    if groups == [EVERYTHING] and lines.is_empty():
        sums = pl.DataFrame({EVERYTHING: [""]}).with_columns(
            pl.lit(None, pl.Float64).alias(measure) for measure in measures
        )
    return sums.with_columns(
        pl.when(kwh > 0).then(pl.col(coverage).fill_null(0.0) / kwh).alias(coverage)
        for coverage in ("location_coverage", "market_coverage")
    )


def location_parts(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines as the parts of a location-based sum, as `uncertainty.interval` takes them."""
    return lines.with_columns(
        kg="location_kg",
        factor=shared_factor("location_factor_id", "location_factor_kg_per_kwh"),
        factor_gsd2="location_gsd2",
        energy_gsd2=own_energy(),
        pue=pue_input(),
    )


def market_parts(sliced: pl.DataFrame, lines: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    """Slices as the parts of a market-based sum, as `uncertainty.interval` takes them.

    Args:
        sliced: `MarketLine` rows.
        lines: `FootprintLine` rows; slices of others play no part.
        groups: columns of lines that the parts are to have.
    """
    keys = dict.fromkeys(["line_id", "workload", *groups, "pue_gsd2"])
    of_line = lines.select(*keys, energy_gsd2=own_energy(), pue=pue_input())
    return sliced.join(
        of_line, on="line_id", how="inner", validate="m:1", maintain_order="left"
    ).with_columns(
        kg="kg_co2e", factor=shared_factor("source_id", "kg_co2e_per_kwh"), factor_gsd2="gsd2"
    )


def _interval(parts: pl.DataFrame, groups: list[str], method: str) -> pl.DataFrame:
    return interval(parts, groups).rename({"gsd2": f"{method}_gsd2"})


def _tier(lines: pl.DataFrame, groups: list[str], threshold: float) -> pl.DataFrame:
    """The worst tier that carries more than a share of each group's energy."""
    kwh = pl.col("energy_facility_kwh")
    keys = list(dict.fromkeys([*groups, "tier"]))
    known = lines.filter(kwh.is_not_null() & pl.col("tier").is_not_null())
    return (
        sum_by(known, keys, ["energy_facility_kwh"])
        .with_columns(_share=(kwh / kwh.sum().over(groups)).fill_nan(1.0))
        .filter(pl.col("_share") > threshold)
        .group_by(groups, maintain_order=True)
        .agg(pl.col("tier").max())
    )
