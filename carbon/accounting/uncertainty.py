"""95 % intervals of products and sums of lognormal inputs.

A 95 % factor G (GSD squared) means that 95 % of a lognormal quantity lies within [x / G, x G].
Source: pedigree method of ecoinvent; IPCC 2006 Guidelines, volume 1, chapter 3, approach 1 in logs.
"""

import math
from collections.abc import Sequence
from typing import Final

import polars as pl

from carbon.accounting.energy import POLICY_DEFAULT
from carbon.accounting.sums import sum_by
from carbon.policy import Policy

INPUTS: Final = {
    "workload": "energy_gsd2",
    "factor": "factor_gsd2",
    "pue": "pue_gsd2",
    "embodied": "embodied_gsd2",
}
"""What parts of a sum may share -> the column of its 95 % factor."""

_LAG: Final = r", (\d+) years? before the use"
"""How `pue_source` says how far a published PUE lies back."""


def product(*gsd2: float) -> float:
    """95 % factor of a product of independent inputs: `exp sqrt(sum ln^2 G)` [1].

    Args:
        gsd2: 95 % factors of the inputs [1].
    """
    return math.exp(math.sqrt(sum(math.log(factor) ** 2 for factor in gsd2)))


def of_tier(by_tier: dict[str, float]) -> pl.Expr:
    """95 % factor of a line's own energy, by its tier [1]; null where it has none.

    Args:
        by_tier: tier -> 95 % factor, as `pedigree.by_tier` gives it.
    """
    return pl.col("tier").replace_strict(
        list(by_tier), list(by_tier.values()), default=None, return_dtype=pl.Float64
    )


def of_pue(policy: Policy) -> pl.Expr:
    """95 % factor of the PUE behind an overhead that rests on an assumed or published one.

    The policy's default, or a region's published figure, wider for each year that it lags. Null
    elsewhere: a PUE that the row states, or the meter holds, is as sure as the row's tier.
    """
    choice = policy.uncertainty
    overhead = pl.col("component") == "overhead"
    source = pl.col("pue_source")
    lag = source.str.extract(_LAG).cast(pl.Float64).fill_null(0.0)
    published = choice.region_pue * pl.lit(choice.per_year_of_lag).pow(lag)
    return (
        pl.when(overhead & (source == POLICY_DEFAULT))
        .then(pl.lit(choice.default_pue))
        .when(overhead & source.str.starts_with("region "))
        .then(published)
    )


def pue_input() -> pl.Expr:
    """Which PUE a line rests on, where others rest on it too; null elsewhere.

    One default, and one region's published figures, are one input, whatever years they are of.
    """
    by_default = pl.col("pue_source") == POLICY_DEFAULT
    return pl.when(pl.col("pue_gsd2").is_not_null()).then(
        pl.when(by_default)
        .then(pl.format("policy default {}", pl.col("pue")))
        .otherwise(pl.format("{} {}", pl.col("provider"), pl.col("region")))
    )


def both(own: pl.Expr, pue: pl.Expr) -> pl.Expr:
    """95 % factor of a line's energy with the PUE in it: `exp sqrt(ln^2 G_own + ln^2 G_PUE)`."""
    return (own.log().pow(2) + pue.fill_null(1.0).log().pow(2)).sqrt().exp()


def own_energy() -> pl.Expr:
    """95 % factor of a line's energy without what its shared PUE adds: `both`, undone."""
    whole, pue = pl.col("energy_gsd2"), pl.col("pue_gsd2")
    rest = (whole.log().pow(2) - pue.log().pow(2)).clip(lower_bound=0.0).sqrt().exp()
    return pl.when(pue.is_null()).then(whole).otherwise(rest)


def shared_factor(source_id: str, rate: str) -> pl.Expr:
    """Which factor parts share: its id; of rows that bring their own, the file and the rate.

    Rows of one file that state the same rate took it from one place: they are one input, however
    many they are.

    Args:
        source_id: column of factor ids, `row:<evidence, 12 digits>:<row>` where the row's own.
        rate: column of the factor [kgCO2e/kWh].
    """
    named = pl.col(source_id)
    of_file = pl.format("{}:{} kg/kWh", named.str.head(len("row:") + 12), pl.col(rate))
    return pl.when(named.str.starts_with("row:")).then(of_file).otherwise(named)


def interval(parts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """95 % factor of each group's sum, with what its parts share drawn once.

    `ln^2 G = sum over workloads (sum_i w_i ln G_energy,i)^2
            + sum over factors (sum_i w_i ln G_factor,i)^2
            + sum over PUEs (sum_i w_i ln G_PUE,i)^2`, `w_i = kg_i / sum kg`:
    the energy of one workload is taken as fully correlated (one meter, one method), and so are a
    factor, a PUE and an embodied figure wherever they are used; different inputs are independent.
    First order in the logs: exact for one part, within 3 % of the drawn interval for usual sums.

    Args:
        parts: the columns of `by`, kg [kg], and of INPUTS those that play a part: the name of what
            is shared, and its 95 % factor [1], null where it adds none. Rows without kg play no
            part.
        by: columns that make a group, at least one.

    Returns:
        by and gsd2 [1], one row per group that has any kg; null where the kg add up to 0.
    """
    groups = list(by)
    known = parts.filter(pl.col("kg").is_not_null())
    total = sum_by(known, groups, ["kg"]).rename({"kg": "total"})
    kinds = [kind for kind, gsd2 in INPUTS.items() if {kind, gsd2} <= set(parts.columns)]
    for kind in kinds:
        variance = _shared(known, groups, kind, INPUTS[kind]).rename({"variance": f"of_{kind}"})
        total = total.join(
            variance, on=groups, how="left", validate="1:1", nulls_equal=True, maintain_order="left"
        )
    variance_kg2 = sum((pl.col(f"of_{kind}").fill_null(0.0) for kind in kinds), start=pl.lit(0.0))
    share = (variance_kg2.sqrt() / pl.col("total")).exp()
    return total.select(*groups, gsd2=pl.when(pl.col("total") > 0).then(share))


def _shared(parts: pl.DataFrame, groups: list[str], shared: str, gsd2: str) -> pl.DataFrame:
    """`sum over shared (sum_i kg_i ln G_i)^2` of each group [kg^2]."""
    keys = list(dict.fromkeys([*groups, shared]))
    spread = parts.filter(pl.col(gsd2).is_not_null())
    weighted = sum_by(
        spread.with_columns(variance=pl.col("kg") * pl.col(gsd2).log()), keys, ["variance"]
    )
    return sum_by(weighted.with_columns(pl.col("variance").pow(2)), groups, ["variance"])
