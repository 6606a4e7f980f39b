"""Choices on how far figures are trusted: `[uncertainty]`, `[readiness]`, `[plausibility]`."""

from typing import Literal

from pydantic import Field

from carbon.policy.section import Section


class Uncertainty(Section):
    """95 % factors (GSD squared) of lognormal inputs, until an input brings its own."""

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
        "of 0.56 may be 0.43 to 0.73, as halls of different age and size differ.",
    )
    factor_direct: float = Field(1.10, ge=1, description="Of a direct grid factor of its year.")
    factor_lifecycle: float = Field(1.20, ge=1, description="Of a life-cycle factor.")
    factor_row: float = Field(1.05, ge=1, description="Of a factor that the row itself brings.")
    per_year_of_lag: float = Field(
        1.05, ge=1, description="Multiplied in for each year that a factor lags behind."
    )


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
