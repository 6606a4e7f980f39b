"""The methodology's chapters on analysis: how sure figures are, what seasons and changes do."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl

from carbon.accounting import pedigree
from carbon.accounting.energy import POLICY_DEFAULT
from carbon.accounting.result import Footprint
from carbon.analysis.seasonal_cells import ANNUAL, NO_INDEX, OTHER_PERIOD, ROW_FACTOR, treatments
from carbon.disclosure.numbers import fixed, percent
from carbon.policy import Policy

SETS: Final = {
    "expert": "the expert set of ecoinvent 2",
    "empirical": "the empirical set of Ciroth et al. 2016, whose GSD are squared",
    "ghg_protocol": "the four levels of the GHG Protocol's tool",
}
"""Pedigree set -> what it is called."""

SCORED: Final = {
    "energy": "energy of",
    "factor": "factor",
    "pue": "PUE of",
    "embodied": "embodied figure of",
}
"""What a score is of -> how its input is named in a sentence."""

WITHOUT_SEASON: Final = {
    ANNUAL: "annual factors, which bear none",
    OTHER_PERIOD: "factors of another period that stand in for theirs",
    ROW_FACTOR: "factors of the rows themselves",
}
"""What an index says nothing of -> how it is named in a sentence."""

INDEX: Final = {
    "ratio": "the median ratio of a month to its centred 2 x 12 moving average",
    "stl": "a robust STL of the logarithms with a period of 12",
}
"""Method of the seasonal index -> what it is."""

_YEAR: Final = 12


def uncertainty(tiers: Sequence[str], lines: pl.DataFrame, policy: Policy) -> dict[str, Any]:
    """The chapter on intervals: the 95 % factors that were taken, and what is drawn once.

    Args:
        tiers: of the energy in this report.
        lines: its `FootprintLine` rows.
        policy: the choices under `uncertainty`.
    """
    choice = policy.uncertainty
    by_tier = pedigree.by_tier(policy)
    energy = "; ".join(f"{tier} {fixed(by_tier[tier], 2)}" for tier in tiers if tier in by_tier)
    from_row = f"from the row {fixed(choice.factor_row, 2)}"
    if choice.inputs == "pedigree":
        factors = (
            f"{from_row}, others by the pedigree matrix: their lag, whether they are of the zone "
            "itself, and whether they are direct or life-cycle"
        )
    else:
        factors = (
            f"direct {fixed(choice.factor_direct, 2)}, life-cycle "
            f"{fixed(choice.factor_lifecycle, 2)}, {from_row}, and "
            f"{fixed(choice.per_year_of_lag, 2)} more for each year that a factor lags"
        )
    paragraphs = [
        "Inputs are taken to be lognormal, each with a 95 % factor G (a GSD squared): the interval "
        "runs from x ÷ G to x × G."
        + (f" Of energy, by tier: {energy}." if energy else "")
        + f" Of factors: {factors}.{_of_pue(lines, policy)}",
        "Energy of one workload is taken as wholly correlated. A factor, a PUE and an embodied "
        "figure that many rows share are drawn once, so that the interval does not shrink with "
        "their number. The sum is of first order in the logs; Monte Carlo draws of the same inputs "
        "stand beside it in the tool.",
    ]
    if choice.inputs == "pedigree" or choice.scores:
        paragraphs.append(_by_scores(policy))
    return {
        "id": "uncertainty",
        "title": "Uncertainty",
        "paragraphs": paragraphs,
        "formulae": [
            "ln²G = Σ_workload (Σ w ln G_energy)² + Σ_factor (Σ w ln G_factor)² "
            "+ Σ_PUE (Σ w ln G_PUE)², w: share in sum"
        ]
        + (["G = exp √(ln² G_basic + Σ ln² U_score)"] if len(paragraphs) > 2 else []),
    }


def _of_pue(lines: pl.DataFrame, policy: Policy) -> str:
    """The 95 % factors of PUE that nobody stated, where any energy rests on one."""
    source = lines["pue_source"]
    choice = policy.uncertainty
    parts = [
        f"{what} {fixed(gsd2, 2)}"
        for what, gsd2, used in (
            ("the default PUE", choice.default_pue, source == POLICY_DEFAULT),
            ("a region's published PUE", choice.region_pue, source.str.starts_with("region ")),
        )
        if used.any()
    ]
    return f" Of the overhead on {' and on '.join(parts)}, beside its tier." if parts else ""


def _by_scores(policy: Policy) -> str:
    choice = policy.uncertainty
    stated = "; ".join(
        f"{SCORED[score.of]} {score.name} {fixed(pedigree.of_score(score, choice.pedigree_set), 2)}"
        f" ({score.reason})"
        for score in choice.scores
    )
    text = f"Scores by the pedigree matrix rest on {SETS[choice.pedigree_set]}."
    return f"{text} Scored by the analyst: {stated}." if stated else text


def seasons(footprint: Footprint, months: int, policy: Policy) -> dict[str, Any] | None:
    """The chapter on seasons of the grid; None where a report of whole years rests on annual
    factors alone, in which there is none.

    Args:
        footprint: of this report.
        months: calendar months that it covers.
        policy: the choices under `seasonal`.
    """
    kwh = treatments(footprint)
    total = sum(kwh.values())
    if not total:
        return None
    share = {name: value / total for name, value in kwh.items()}
    bare = {name: share[name] for name in WITHOUT_SEASON if share.get(name)}
    fine = kwh.get(NO_INDEX, 0.0)
    if months % _YEAR == 0 and not fine:
        return None
    parts = [f"{percent(value, 1)} on {WITHOUT_SEASON[name]}" for name, value in bare.items()]
    if fine:
        parts.insert(0, f"{percent(fine / total, 1)} on factors of the month itself, with a season")
    paragraphs = [
        "No figure of this report is adjusted for season or weather. Of the facility energy with a "
        f"location-based figure rest {'; '.join(parts)}."
    ]
    if months % _YEAR:
        paragraphs.append(
            f"The report covers {months} calendar {'month' if months == 1 else 'months'}, which is "
            "no whole year: multiplying its totals up to one adds the season of its months to "
            "every month."
        )
    if fine:
        choice = policy.seasonal
        paragraphs.append(
            "Where the tool makes a year of a part of one or compares two periods, it takes the "
            "season out by an index of each grid zone: "
            f"{INDEX[choice.method]}, over at least {choice.least_years} full years of monthly "
            "factors of one publisher, scaled to a mean of 1; weak where a month varies more than "
            f"{percent(choice.weak_spread)} between years. A zone without an index of its own "
            "takes no other's, and annual factors are not adjusted. What results is called "
            "normalised and is in no total."
        )
    formulae = ["L = Σ_observed w × EF ÷ S, year = Σ_observed actual + Σ_other E × L × S"]
    return {
        "id": "seasons",
        "title": "Seasons",
        "paragraphs": paragraphs,
        "formulae": formulae if fine else [],
    }


def changes(lines: pl.DataFrame) -> dict[str, Any] | None:
    """The chapter on changes between periods; None where the report has one month alone.

    Args:
        lines: its `FootprintLine` rows.
    """
    if lines["month"].n_unique() < 2:
        return None
    return {
        "id": "changes",
        "title": "Changes between periods",
        "paragraphs": [
            "Where two periods are compared, the change of a total is told apart by additive "
            "log-mean decomposition (LMDI-I): for each workload its work, the energy per unit of "
            "that work and what a kWh emitted; the last by grid zone into place (the mix of "
            "zones), overhead (PUE), grid intensity and, market-based, procurement. Workloads that "
            "are new, gone or moved over the boundary stand apart. The parts add up to the change, "
            "without a rest; a factor that is 0 at one end takes the whole change. Work is "
            "requests, tokens, runs or accelerator-hours, the first that both periods know; where "
            "none is, energy counts as work and no efficiency is told.",
        ],
        "formulae": ["ΔC_k = Σ L(C₁, C₀) ln(x_k,₁ ÷ x_k,₀), L(a, b) = (a − b) ÷ ln(a ÷ b)"],
    }
