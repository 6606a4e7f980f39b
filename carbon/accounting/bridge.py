"""From the location-based figure to the market-based one: what each rung adds or takes."""

from typing import Final

import polars as pl

from carbon.accounting.result import Footprint
from carbon.accounting.sums import ordered_sum

START: Final = "location"
END: Final = "market"
UNMATCHED: Final = "one_method_only"


def bridge(footprint: Footprint, market: str | None = None) -> pl.DataFrame:
    """The steps that lead from one method's total to the other's.

    Each rung's step is `sum(kwh x (market rate - location rate))` over the energy that it
    supplies. Energy that found a factor under one method only is a step of its own, so that the
    steps always add up to the difference.

    Args:
        footprint: the lines that count.
        market: only this market boundary; None is all.

    Returns:
        step (`location`, the rungs, `one_method_only`, `market`), kg_co2e [kg], kwh [kWh]: the
        totals in the first and the last row, differences between them; rungs sorted by name.
    """
    lines = footprint.lines
    if market is not None:
        lines = lines.filter(pl.col("market") == market)
    slices = footprint.market.join(
        lines.select("line_id", "location_factor_kg_per_kwh"),
        on="line_id",
        how="inner",
        validate="m:1",
    )
    both = slices.drop_nulls("location_factor_kg_per_kwh").with_columns(
        difference=pl.col("kwh")
        * (pl.col("kg_co2e_per_kwh") - pl.col("location_factor_kg_per_kwh"))
    )
    rungs = (
        both.group_by(step="rung")
        .agg(kg_co2e=ordered_sum(pl.col("difference")), kwh=ordered_sum(pl.col("kwh")))
        .sort("step")
    )
    start, end = _sum(lines["location_kg"]), _sum(slices["kg_co2e"])
    rest = end - start - _sum(rungs["kg_co2e"])
    kwh = _sum(lines["energy_facility_kwh"])
    steps = [_step(START, start, kwh), rungs]
    if abs(rest) > 1e-9 * max(abs(start), abs(end)):
        steps.append(_step(UNMATCHED, rest, kwh - _sum(rungs["kwh"])))
    return pl.concat([*steps, _step(END, end, kwh)])


def _step(name: str, kg: float, kwh: float) -> pl.DataFrame:
    return pl.DataFrame(
        {"step": [name], "kg_co2e": [kg], "kwh": [kwh]},
        schema={"step": pl.String, "kg_co2e": pl.Float64, "kwh": pl.Float64},
    )


def _sum(values: pl.Series) -> float:
    return float(pl.select(values.sum()).item())
