"""Energy and emissions of lines per something: a request, a thousand tokens, a run, an hour.

    per unit = sum over the lines / units

A figure per unit is physical: the share of a site that counts under equity share is undone, so that
40 % of a site's energy is never divided by all of its requests. Its 95 % interval is that of the
sum; units are taken as counted.
"""

from dataclasses import dataclass
from typing import Final

import polars as pl

from carbon.accounting import ladder
from carbon.accounting.summary import measured
from carbon.accounting.sums import known_sum_by
from carbon.accounting.uncertainty import interval, own_energy, pue_input
from carbon.policy import Policy
from carbon.units import W_PER_KW

FIGURES: Final = (
    *("energy_it_wh", "energy_wh", "energy_low_wh", "energy_high_wh"),
    *("location_g", "location_low_g", "location_high_g"),
    *("market_g", "market_low_g", "market_high_g", "embodied_g"),
    *("idle_wh", "overhead_wh", "boundary_it", "boundary", "tier"),
    *("location_coverage", "market_coverage"),
)
"""What `figures` gives per unit: `energy_wh` is facility energy [Wh], emissions [gCO2e]; idle_wh
and overhead_wh are parts of it."""

_SCALED: Final = (
    *("energy_it_kwh", "energy_facility_kwh", "location_kg", "market_kg", "market_kwh_covered"),
    *("embodied_kg", "accelerator_hours"),
)
_GRAMS: Final = 1000.0


@dataclass(frozen=True)
class Lines:
    """Footprint lines and the market slices of them, as physical amounts."""

    lines: pl.DataFrame
    sliced: pl.DataFrame

    def where(self, *keep: pl.Expr) -> "Lines":
        """Those of which every expression holds."""
        return Lines(self.lines.filter(*keep), self.sliced)

    def within(self, cells: pl.DataFrame, on: list[str]) -> "Lines":
        """Those that lie in cells."""
        kept = self.lines.join(
            cells.select(on).unique(), on=on, how="semi", nulls_equal=True, maintain_order="left"
        )
        return Lines(kept, self.sliced)


def physical(lines: pl.DataFrame, sliced: pl.DataFrame) -> Lines:
    """Lines whose share under equity share is undone, and how much of the machine each sees.

    A site of which nothing counts has no line left to scale up; its lines stay as they are.

    Args:
        lines: `FootprintLine` rows.
        sliced: `MarketLine` rows.
    """
    known = ladder.seen(lines)
    share = pl.col("equity_share").fill_null(1.0)
    partial = (share < 1) & (share > 0)
    if not known.select(partial.any()).item():
        return Lines(known, sliced)
    whole = pl.when(partial).then(share).otherwise(1.0)
    shares = known.select("line_id", _share=whole)
    return Lines(
        known.with_columns(pl.col(_SCALED) / whole),
        sliced.join(shares, on="line_id", how="left", validate="m:1", maintain_order="left")
        .with_columns(pl.col("kwh", "kg_co2e") / pl.col("_share").fill_null(1.0))
        .drop("_share"),
    )


def figures(
    chosen: Lines, groups: list[str], units: pl.DataFrame, policy: Policy, *, with_idle: bool
) -> pl.DataFrame:
    """Per unit: energy, emissions under both methods, embodied carbon, with 95 % intervals.

    Args:
        chosen: the lines whose units are known.
        groups: columns that make a group, at least one.
        units: groups and `units` [1], one row per group.
        policy: of the measures; `readiness.significant_share` for the rung.
        with_idle: whether the lines bear idle capacity.

    Returns:
        groups, units and FIGURES, sorted, one row per group with units above 0; null where nothing
        is known.
    """
    sums = measured(chosen.lines, chosen.sliced, groups, policy)
    for part in (
        _parts(chosen.lines, groups),
        _energy_spread(chosen.lines, groups),
        ladder.rungs(chosen.lines, groups, policy, with_idle=with_idle),
    ):
        sums = sums.join(
            part, on=groups, how="left", validate="1:1", nulls_equal=True, maintain_order="left"
        )
    known = sums.join(
        units.filter(pl.col("units") > 0),
        on=groups,
        how="inner",
        validate="1:1",
        nulls_equal=True,
        maintain_order="left",
    )
    n = pl.col("units")
    spread = pl.col("energy_gsd2").fill_null(1.0)
    energy = pl.col("energy_facility_kwh") * W_PER_KW / n
    grams = {
        f"{method}_{part}g": pl.col(f"{method}_{stem}") * _GRAMS / n
        for method in ("location", "market")
        for part, stem in (("", "kg_co2e"), ("low_", "low_kg"), ("high_", "high_kg"))
    }
    return known.select(
        *groups,
        "units",
        energy_it_wh=pl.col("energy_it_kwh") * W_PER_KW / n,
        energy_wh=energy,
        energy_low_wh=energy / spread,
        energy_high_wh=energy * spread,
        **grams,
        embodied_g=pl.col("embodied_kg_co2e") * _GRAMS / n,
        idle_wh=pl.col("_idle") * W_PER_KW / n,
        overhead_wh=pl.col("_overhead") * W_PER_KW / n,
        boundary_it="boundary_it",
        boundary="boundary",
        tier="tier",
        location_coverage="location_coverage",
        market_coverage="market_coverage",
    ).select(*groups, "units", *FIGURES)


def _parts(lines: pl.DataFrame, groups: list[str]) -> pl.DataFrame:
    """Energy of idle capacity and of the overhead [kWh]; null where there is none of it."""
    kwh = pl.col("energy_facility_kwh")
    parts = {
        f"_{name}": pl.when(pl.col("component") == name).then(kwh) for name in ("idle", "overhead")
    }
    return known_sum_by(lines.select(*groups, **parts), groups, list(parts))


def _energy_spread(lines: pl.DataFrame, groups: list[str]) -> pl.DataFrame:
    """95 % factor of each group's energy: one workload's is one method's, drawn once."""
    keys = dict.fromkeys([*groups, "workload", "pue_gsd2"])
    parts = lines.select(*keys, kg="energy_facility_kwh", energy_gsd2=own_energy(), pue=pue_input())
    return interval(parts, groups).rename({"gsd2": "energy_gsd2"})
