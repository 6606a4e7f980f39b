"""The pedigree matrix: scores of an input's quality give its 95 % factor.

`G = exp sqrt(ln^2 U_basic + sum_i ln^2 U_i)`, with one factor U_i for each of five indicators,
scored 1 (best) to 5. Every U and every G is a 95 % factor, a GSD squared: `sigma_ln = ln(G) / 2`;
a GSD is never mixed in.

Sources: Weidema and Wesnaes 1996; ecoinvent report 1 (2007; expert set, basic factors); Ciroth,
Muller, Weidema and Lesage, Int. J. Life Cycle Assess. 21 (2016) 1338-1348 (empirical set, published
as GSD and squared here); GHG Protocol, Quantitative Inventory Uncertainty (four levels, very good
to poor; not checked against the original).
"""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

import polars as pl

from carbon.accounting.uncertainty import product
from carbon.policy import Policy, Score

INDICATORS: Final = (
    "reliability",
    "completeness",
    "temporal",
    "geographical",
    "technological",
)

PUBLISHED: Final[Mapping[str, Mapping[str, tuple[float, ...]]]] = {
    "expert": {
        "reliability": (1.00, 1.05, 1.10, 1.20, 1.50),
        "completeness": (1.00, 1.02, 1.05, 1.10, 1.20),
        "temporal": (1.00, 1.03, 1.10, 1.20, 1.50),
        "geographical": (1.00, 1.01, 1.02, 1.02, 1.10),
        "technological": (1.00, 1.00, 1.20, 1.50, 2.00),
    },
    "empirical": {
        "reliability": (1.00, 1.54, 1.61, 1.69, 1.69),
        "completeness": (1.00, 1.03, 1.04, 1.08, 1.08),
        "temporal": (1.00, 1.03, 1.10, 1.19, 1.29),
        "geographical": (1.00, 1.04, 1.08, 1.11, 1.11),
        "technological": (1.00, 1.18, 1.65, 2.08, 2.80),
    },
    "ghg_protocol": {
        "reliability": (1.00, 1.10, 1.20, 1.50, 1.50),
        "completeness": (1.00, 1.05, 1.10, 1.20, 1.20),
        "temporal": (1.00, 1.10, 1.20, 1.50, 1.50),
        "geographical": (1.00, 1.02, 1.05, 1.10, 1.10),
        "technological": (1.00, 1.20, 1.50, 2.00, 2.00),
    },
}
"""Figures by score 1 to 5, as they are published: the empirical ones as GSD, the others as 95 %
factors. The GHG Protocol's `precision` is called reliability here; its fourth level stands for 4
and 5."""

AS_GSD: Final = ("empirical",)
"""Sets that are published as geometric standard deviations: "uncertainty is defined here simply as
geometric standard deviation" (Ciroth et al. 2016). Some software reads them as 95 % factors, which
halves the standard deviation."""

SETS: Final[Mapping[str, Mapping[str, tuple[float, ...]]]] = {
    name: {
        indicator: tuple(u**2 if name in AS_GSD else u for u in figures)
        for indicator, figures in published.items()
    }
    for name, published in PUBLISHED.items()
}
"""95 % factors (GSD squared) by score 1 to 5."""

BASIC: Final[Mapping[str, float]] = {"energy": 1.05, "factor": 1.05, "pue": 1.05, "embodied": 3.0}
"""Basic factors by input: electricity demand and combustion CO2 1.05, infrastructure 3."""

ENERGY: Final[Mapping[str, tuple[int, int, int, int, int]]] = {
    "T1": (1, 1, 1, 1, 1),
    "T2": (1, 2, 1, 1, 1),
    "T3": (2, 2, 1, 1, 2),
    "T4": (2, 2, 2, 2, 3),
    "T5": (3, 3, 2, 2, 4),
    "T6": (4, 4, 3, 3, 4),
    "T7": (5, 5, 4, 3, 5),
}
"""Default scores of energy by tier: from a meter of the whole to a guess from money spent."""

_AGE: Final = (3, 6, 10, 15)
"""Years below which the temporal score is 1, 2, 3, 4 (Weidema and Wesnaes 1996)."""


def gsd2(
    scores: Sequence[int], basic: float, pedigree_set: str = "expert", *, lag: float = 1.0
) -> float:
    """95 % factor of an input by its scores.

    Args:
        scores: of INDICATORS in their order, 1 to 5 each.
        basic: the basic factor of what the input is, as BASIC has it [1].
        pedigree_set: one of SETS.
        lag: one more 95 % factor [1].

    Raises:
        KeyError: the set is not known.
        IndexError: a score is not 1 to 5.
    """
    figures = SETS[pedigree_set]
    if any(not 1 <= score <= 5 for score in scores):
        raise IndexError(f"scores {tuple(scores)} are not all 1 to 5")
    chosen = [figures[name][score - 1] for name, score in zip(INDICATORS, scores, strict=True)]
    return product(basic, lag, *chosen)


def of_score(score: Score, pedigree_set: str) -> float:
    """95 % factor of what an analyst scored, with the basic factor of its kind [1]."""
    return gsd2([getattr(score, name) for name in INDICATORS], BASIC[score.of], pedigree_set)


def by_tier(policy: Policy) -> dict[str, float]:
    """95 % factor of energy by tier [1]: the policy's figures, or those of ENERGY's scores."""
    if policy.uncertainty.inputs == "by_tier":
        return policy.uncertainty.energy_by_tier
    chosen = policy.uncertainty.pedigree_set
    return {tier: gsd2(scores, BASIC["energy"], chosen) for tier, scores in ENERGY.items()}


def of_its_year(policy: Policy) -> float:
    """95 % factor of a direct grid factor of the year of use, in its own zone [1]."""
    if policy.uncertainty.inputs == "by_tier":
        return policy.uncertainty.factor_direct
    return gsd2((1, 1, 1, 1, 1), BASIC["factor"], policy.uncertainty.pedigree_set)


def of_answers(answers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The resolver's answers with 95 % factors by pedigree, where the policy asks for it.

    Default scores of a grid factor: reliability 1 (official statistics), completeness 1, temporal
    by lag (less than 3, 6, 10, 15 years: 1 to 4), geographical 1 in the zone itself and 2 in a
    wider one that holds it, technological 1 where direct and 2 where life-cycle. Scores that the
    policy states of a factor's id replace both these and the figures by basis.

    Args:
        answers: zone, factor_zone, basis, lag_years, factor_id, gsd2.
        policy: the choices under `uncertainty`.
    """
    if policy.uncertainty.inputs == "pedigree":
        figures = SETS[policy.uncertainty.pedigree_set]
        lag = pl.sum_horizontal((pl.col("lag_years") >= years).cast(pl.Int64) for years in _AGE)
        wider = (pl.col("factor_zone") != pl.col("zone")).cast(pl.Int64)
        lifecycle = (pl.col("basis") == "lifecycle").cast(pl.Int64)
        logs = [
            score.replace_strict(list(range(5)), list(figures[name]), default=None).log()
            for name, score in (
                ("temporal", lag),
                ("geographical", wider),
                ("technological", lifecycle),
            )
        ]
        basic = pl.lit(BASIC["factor"]).log()
        squares = basic.pow(2) + sum((log.pow(2) for log in logs), start=pl.lit(0.0))
        known = pl.col("factor_id").is_not_null()
        answers = answers.with_columns(gsd2=pl.when(known).then(squares.sqrt().exp()))
    return scored(answers, "factor", "factor_id", "gsd2", policy)


def scored(frame: pl.DataFrame, of: str, name: str, column: str, policy: Policy) -> pl.DataFrame:
    """95 % factors of inputs that the policy scores by name, in place of what is assumed.

    Args:
        frame: the columns `name` and `column`.
        of: kind of input, as `Score.of`.
        name: column that names the input.
        column: column of 95 % factors [1]; nulls stay null.
        policy: `uncertainty.scores` and `uncertainty.pedigree_set`.
    """
    stated = [score for score in policy.uncertainty.scores if score.of == of]
    if not stated or frame.is_empty():
        return frame
    found = {}
    for value in frame[name].drop_nulls().unique().sort():
        fits = next((score for score in stated if fnmatchcase(str(value), score.name)), None)
        if fits is not None:
            found[value] = of_score(fits, policy.uncertainty.pedigree_set)
    if not found:
        return frame
    own = pl.col(name).replace_strict(
        list(found), list(found.values()), default=None, return_dtype=pl.Float64
    )
    known = pl.col(column).is_not_null()
    return frame.with_columns(pl.when(known).then(pl.coalesce(own, column)).alias(column))
