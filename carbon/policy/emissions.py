"""Choices on what turns energy and hardware into emissions: `[factors]` and `[embodied]`."""

from typing import Literal

from pydantic import Field

from carbon.policy.section import Section


class Factors(Section):
    """Which emission factor."""

    gwp_set: Literal["AR4", "AR5", "AR6"] = Field(
        "AR5",
        description="GWP-100 set. Figures published in it are used as published; where the gases "
        "are known apart they are recomputed; otherwise the published set is kept and flagged.",
    )
    preference: tuple[Literal["workspace", "library"], ...] = Field(
        ("workspace", "library"),
        description="Which of two factors equal in zone, basis and period wins: the one that the "
        "user imported, then the shipped library.",
    )
    match_granularity: Literal["annual", "monthly"] = Field(
        "annual",
        description="Period within which instruments cover consumption: the whole period of the "
        "instrument (2015 Scope 2 Guidance), or month by month.",
    )


class Embodied(Section):
    """Amortised embodied carbon: SCI's M = TE x TS x RS (ISO/IEC 21031)."""

    accelerator_lifetime_years: float = Field(
        4.0, gt=0, description="Service life of an accelerator (3 to 6 y in use)."
    )
    server_lifetime_years: float = Field(4.0, gt=0, description="Service life of the server.")
    utilisation: float = Field(
        1.0,
        gt=0,
        le=1,
        description="U in TE / (life x U). With 1 idle life is not charged to used hours; no "
        "separate pool of idle embodied carbon is kept, so it is never counted twice.",
    )
    accelerators_per_server: int = Field(8, ge=1, description="Accelerators that share a server.")
    include_server: bool = Field(
        True, description="Add the server's share to the accelerator's own figure."
    )
