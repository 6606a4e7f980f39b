"""What the doubt of a sum comes from, and what measuring next would narrow most.

First order in the logs, as `accounting.uncertainty.interval`: the variance of ln(total) is the sum
over inputs of `(sum_i kg_i ln G_i)^2 / total^2`, so that each input has a share of it.
"""

import math
from collections.abc import Mapping
from typing import Final

import polars as pl

from carbon.accounting.sums import sum_by
from carbon.accounting.uncertainty import INPUTS
from carbon.analysis.parts import KINDS

MEASURED_TIERS: Final = ("T1", "T2", "T3")
"""Tiers of energy that rests on a meter or telemetry."""

NOTHING: Final = 1e-9
"""Share of an interval's width below which a narrowing is rounding."""


def drivers(parts: pl.DataFrame) -> pl.DataFrame:
    """Each input's share of the variance, and the total when it alone varies: a tornado.

    Args:
        parts: as `analysis.parts.parts` gives them.

    Returns:
        kind (one of KINDS), name, tier (the worst of a workload's parts; null of other kinds), kg
        that rests on it [kgCO2e], gsd2 (its 95 % factor, kg-weighted in the logs [1]),
        variance_share [1], low_kg and high_kg of the whole sum when only this input is at its
        own ends [kgCO2e]; largest share first. Inputs that add no doubt are left out.
    """
    total = float(parts["kg"].sum())
    found = _inputs(parts)
    variance = pl.col("spread").pow(2)
    whole = math.fsum(found["spread"].pow(2))
    return found.select(
        "kind",
        "name",
        "tier",
        "kg",
        gsd2=(pl.col("spread") / pl.col("kg")).exp(),
        variance_share=variance / whole if whole > 0 else pl.lit(0.0),
        low_kg=total - pl.col("less"),
        high_kg=total + pl.col("more"),
    ).sort("variance_share", "kind", "name", descending=[True, False, False], nulls_last=True)


def _inputs(parts: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([_of_kind(parts, kind) for kind in KINDS])


def _of_kind(parts: pl.DataFrame, kind: str) -> pl.DataFrame:
    """kg that rests on each input of a kind, its spread [kg], and what its own ends add or take."""
    gsd2 = pl.col(INPUTS[kind])
    own = parts.filter(gsd2.is_not_null(), pl.col("kg") > 0).with_columns(
        spread=pl.col("kg") * gsd2.log(),
        less=pl.col("kg") * (1 - 1 / gsd2),
        more=pl.col("kg") * (gsd2 - 1),
    )
    worst = own.group_by(kind, maintain_order=True).agg(pl.col("tier").max())
    return (
        sum_by(own, [kind], ["kg", "spread", "less", "more"])
        .join(worst, on=kind, how="left", validate="1:1", nulls_equal=True, maintain_order="left")
        .select(
            kind=pl.lit(kind),
            name=kind,
            tier="tier" if kind == "workload" else pl.lit(None, pl.String),
            kg="kg",
            spread="spread",
            less="less",
            more="more",
        )
    )


def measure_next(parts: pl.DataFrame, would_be: Mapping[str, float]) -> pl.DataFrame:
    """How much narrower the total would be if one thing were measured, or looked up, next.

    The energy of a workload that is not at tiers T1 to T3 takes the 95 % factor of a meter, a PUE
    that is assumed or published of a region that of a stated one, a grid factor that of a factor
    of its year. The central figure stays: knowing better would move it too, nobody knows where to.

    Args:
        parts: as `analysis.parts.parts` gives them.
        would_be: kind of input -> its 95 % factor then [1]; other kinds are no candidates.

    Returns:
        kind (of KINDS), name, tier, kg that rests on it [kgCO2e], low_kg and high_kg of
        the total then, and narrowing_kg, by how much its 95 % interval would shrink [kgCO2e]; the
        largest first. Only what would narrow it at all is listed.
    """
    total = float(parts["kg"].sum())
    now = _inputs(parts)
    variance = math.fsum(now["spread"].pow(2))
    width = _width(total, variance)
    then = pl.concat(
        [_then(parts, kind, gsd2) for kind, gsd2 in would_be.items()] or [now.clear()]
    ).join(
        now.select("kind", "name", now="spread"),
        on=["kind", "name"],
        how="left",
        validate="1:1",
        nulls_equal=True,
        maintain_order="left",
    )
    left = (variance - pl.col("now").pow(2) + pl.col("spread").pow(2)).clip(lower_bound=0.0)
    gsd2 = (left.sqrt() / total).exp()
    return (
        then.with_columns(low_kg=total / gsd2, high_kg=total * gsd2)
        .with_columns(narrowing_kg=width - (pl.col("high_kg") - pl.col("low_kg")))
        .filter(pl.col("narrowing_kg") > NOTHING * width)
        .select("kind", "name", "tier", "kg", "low_kg", "high_kg", "narrowing_kg")
        .sort("narrowing_kg", "kind", "name", descending=[True, False, False], nulls_last=True)
    )


def _width(total: float, variance: float) -> float:
    """high - low of a sum whose inputs' spreads, squared, add up to this [kgCO2e]."""
    if total <= 0:
        return 0.0
    gsd2 = math.exp(math.sqrt(variance) / total)
    return total * (gsd2 - 1 / gsd2)


def _then(parts: pl.DataFrame, kind: str, would_be: float) -> pl.DataFrame:
    """Inputs of a kind, with the spread that would be left of each [kg]."""
    column = INPUTS[kind]
    better = pl.min_horizontal(column, pl.lit(would_be))
    if kind == "workload":
        measured = pl.col("tier").is_in(MEASURED_TIERS).fill_null(False)
        better = pl.when(measured).then(column).otherwise(better)
    return _of_kind(parts.with_columns(better.alias(column)), kind)
