"""95 % intervals of products and sums of lognormal inputs.

A 95 % factor G (GSD squared) means that 95 % of a lognormal quantity lies within [x / G, x G].
Source: pedigree method of ecoinvent; IPCC 2006 Guidelines, volume 1, chapter 3, approach 1 in logs.
"""

import math
from collections.abc import Sequence

import polars as pl

from carbon.accounting.energy import POLICY_DEFAULT
from carbon.accounting.sums import sum_by
from carbon.policy import Policy


def energy_gsd2(policy: Policy) -> pl.Expr:
    """95 % factor of a line's energy, by its tier; null where it has none.

    Overhead that rests on the policy's default PUE is surer neither of the IT energy nor of the
    PUE: `exp sqrt(ln^2 G_tier + ln^2 G_PUE)`.
    """
    by_tier = policy.uncertainty.energy_by_tier
    by_default = (pl.col("component") == "overhead") & (pl.col("pue_source") == POLICY_DEFAULT)
    with_pue = [product(factor, policy.uncertainty.default_pue) for factor in by_tier.values()]
    return (
        pl.when(by_default)
        .then(_of_tier(list(by_tier), with_pue))
        .otherwise(_of_tier(list(by_tier), list(by_tier.values())))
    )


def _of_tier(tiers: list[str], factors: list[float]) -> pl.Expr:
    return pl.col("tier").replace_strict(tiers, factors, default=None, return_dtype=pl.Float64)


def product(*gsd2: float) -> float:
    """95 % factor of a product of independent inputs: `exp sqrt(sum ln^2 G)` [1].

    Args:
        gsd2: 95 % factors of the inputs [1].
    """
    return math.exp(math.sqrt(sum(math.log(factor) ** 2 for factor in gsd2)))


def interval(parts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """95 % factor of each group's sum, with what its parts share drawn once.

    `ln^2 G = sum over workloads (sum_i w_i ln G_energy,i)^2
            + sum over factors (sum_i w_i ln G_factor,i)^2`, `w_i = kg_i / sum kg`:
    the energy of one workload is taken as fully correlated (one meter, one method), and so is a
    factor wherever it is used; different workloads and different factors are independent.

    Args:
        parts: the columns of `by`, workload, factor (its id), kg [kg], energy_gsd2 and
            factor_gsd2 [1]; rows without kg play no part.
        by: columns that make a group, at least one.

    Returns:
        by and gsd2 [1], one row per group that has any kg; null where the kg add up to 0.
    """
    groups = list(by)
    known = parts.filter(pl.col("kg").is_not_null())
    total = sum_by(known, groups, ["kg"]).rename({"kg": "total"})
    energy = _shared(known, groups, "workload", "energy_gsd2").rename({"variance": "energy"})
    factor = _shared(known, groups, "factor", "factor_gsd2").rename({"variance": "factor"})
    share = ((pl.col("energy") + pl.col("factor")).sqrt() / pl.col("total")).exp()
    for part in (energy, factor):
        total = total.join(
            part, on=groups, how="left", validate="1:1", nulls_equal=True, maintain_order="left"
        )
    return total.select(*groups, gsd2=pl.when(pl.col("total") > 0).then(share))


def _shared(parts: pl.DataFrame, groups: list[str], shared: str, gsd2: str) -> pl.DataFrame:
    """`sum over shared (sum_i kg_i ln G_i)^2` of each group [kg^2]."""
    keys = list(dict.fromkeys([*groups, shared]))
    weighted = sum_by(
        parts.with_columns(variance=pl.col("kg") * pl.col(gsd2).log()), keys, ["variance"]
    )
    return sum_by(weighted.with_columns(pl.col("variance").pow(2)), groups, ["variance"])
