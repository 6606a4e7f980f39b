"""Choices on how far figures are trusted: `[uncertainty]`, `[readiness]`, `[plausibility]`."""

from typing import Annotated, Literal

from pydantic import Field

from carbon.policy.boundary import Said
from carbon.policy.section import Section

Quality = Annotated[int, Field(ge=1, le=5)]
"""A score of the pedigree matrix: 1 is best, 5 is worst."""


class Score(Section):
    """Scores that an analyst gives an input by the pedigree matrix, in place of its tier's."""

    of: Literal["energy", "factor", "pue", "embodied"]
    name: Said
    reliability: Quality
    completeness: Quality
    temporal: Quality
    geographical: Quality
    technological: Quality
    reason: Said
    evidence: str = ""

    def __str__(self) -> str:
        """`energy chat-*: 2 2 2 2 3 (wall meter of the rack)`."""
        scores = f"{self.reliability} {self.completeness} {self.temporal} {self.geographical}"
        return f"{self.of} {self.name}: {scores} {self.technological} ({self.reason})"


class Uncertainty(Section):
    """95 % factors (GSD squared) of lognormal inputs, until an input brings its own."""

    inputs: Literal["by_tier", "pedigree"] = Field(
        "by_tier",
        description="Where the 95 % factors of inputs without scores of their own are from: the "
        "figures below, by tier and basis, or the pedigree matrix under default scores (of energy "
        "by tier, of factors by lag, place and basis).",
    )
    pedigree_set: Literal["expert", "empirical", "ghg_protocol"] = Field(
        "expert",
        description="Figures behind scores: ecoinvent's expert set (version 2), the empirical set "
        "(Ciroth et al. 2016, whose GSD are squared), or the four levels of the GHG Protocol's "
        "tool, whose worst level stands for 4 and 5. The set is named wherever an interval is "
        "explained.",
    )
    scores: tuple[Score, ...] = Field(
        (),
        description="Scores of inputs by name or pattern (* and ?): energy of a workload, a factor "
        "by its id, a PUE, an embodied figure. They replace what is assumed; the first that fits.",
    )

    energy_by_tier: dict[str, float] = Field(
        {
            "T1": 1.05,
            "T2": 1.10,
            "T3": 1.20,
            "T4": 1.30,
            "T5": 1.50,
            "T6": 2.00,
            "T7": 3.00,
        },
        description="Of energy, by tier. T1 is the pedigree method's basic factor for metered "
        "electricity; the others widen with what is assumed.",
    )
    default_pue: float = Field(
        1.30,
        ge=1,
        description="Of the overhead that rests on the default PUE, beside its tier: an overhead "
        "of 0.56 may be 0.43 to 0.73, as halls of different age and size differ. All that rests on "
        "one default PUE is drawn once.",
    )
    region_pue: float = Field(
        1.10,
        ge=1,
        description="Of the overhead that rests on a PUE published for a region, beside its tier: "
        "a mean of the region's halls over a year, whichever of them ran the workload.",
    )
    embodied: float = Field(
        3.00,
        ge=1,
        description="Of embodied carbon of hardware of which no range is published: the pedigree "
        "method's basic factor of infrastructure. Where a range is, its farther end holds.",
    )
    factor_direct: float = Field(1.10, ge=1, description="Of a direct grid factor of its year.")
    factor_lifecycle: float = Field(1.20, ge=1, description="Of a life-cycle factor.")
    factor_row: float = Field(1.05, ge=1, description="Of a factor that the row itself brings.")
    per_year_of_lag: float = Field(
        1.05, ge=1, description="Multiplied in for each year that a factor or PUE lags behind."
    )
    draws: int = Field(10_000, ge=100, le=1_000_000, description="Draws of the Monte Carlo run.")
    seed: int = Field(1, ge=0, description="Seed of its random numbers (PCG64).")


class Readiness(Section):
    """What is asked before figures are handed on."""

    mode: Literal["warn", "block"] = Field("warn", description="Whether findings stop a freeze.")
    significant_share: float = Field(
        0.05, gt=0, lt=1, description="Share of energy above which a tier or a gap is named."
    )


class Plausibility(Section):
    """Bounds beyond which a row is flagged; a flag never removes a row."""

    min_power_of_tdp: float = Field(0.1, description="Implied watts below this share of TDP.")
    max_power_of_tdp: float = Field(1.5, description="Implied watts above this share of TDP.")
    factor_ratio: float = Field(
        3.0, description="Row factor this many times above or below the zone's own."
    )
    hours_slack: float = Field(
        0.01,
        ge=0,
        description="By how much hours may exceed what the stated accelerators can run in their "
        "period: clocks change, and periods are rounded to days.",
    )
