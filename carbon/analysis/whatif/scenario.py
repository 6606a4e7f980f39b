"""A scenario: what moves, what changes, and within which limits it has to stay."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"

EVERY = "*"
"""Every workload."""

GROUPS = ("model", "business_unit", "project", "lifecycle")
"""Columns of a workload by which a move may name it."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def _listed(value: Any) -> Any:
    """One name or several."""
    return (value,) if isinstance(value, str) else value


def _by_workload(value: Any) -> Any:
    """A number for all, or a number for each workload."""
    return {EVERY: value} if isinstance(value, int | float) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Pue = Annotated[float, Field(ge=1, allow_inf_nan=False)]
ByWorkload = Annotated[dict[str, Positive], BeforeValidator(_by_workload)]
PueByWorkload = Annotated[dict[str, Pue], BeforeValidator(_by_workload)]
ShareByWorkload = Annotated[dict[str, Share], BeforeValidator(_by_workload)]
AmountByWorkload = Annotated[dict[str, Amount], BeforeValidator(_by_workload)]


class Move(_Part):
    """Load that runs elsewhere.

    Moves are applied in order. Each takes its share of the energy of the workloads that it names,
    wherever the moves before it have put that energy; `from_...` narrows it to what lies there by
    then. What already is at the target stays as it is.

    Attributes:
        workload: names, or "*"; beside model, business_unit, project or lifecycle both must hold.
        share: of its energy [1].
        from_place: what runs in this place today, as `aws:us-east-1`, `zone:DE` or `unknown`, and
            has not moved yet; what earlier moves brought there stays.
        to_zone: grid zone; the load stays own hardware, or purchased compute, as it is today.
        to_provider, to_region: region of a cloud; the load becomes purchased compute.
        to_site: own site that today's footprint knows.
        pue: PUE at the target [1]; None: the region's published figure, else as it is today.
    """

    workload: Names = (EVERY,)
    model: Names = ()
    business_unit: Names = ()
    project: Names = ()
    lifecycle: Names = ()
    share: Share = 1.0
    from_zone: str | None = None
    from_provider: str | None = None
    from_region: str | None = None
    from_site: str | None = None
    from_place: str | None = None
    to_zone: str | None = None
    to_provider: str | None = None
    to_region: str | None = None
    to_site: str | None = None
    pue: Pue | None = None

    @model_validator(mode="after")
    def _one_target(self) -> "Move":
        targets = [self.to_zone, self.to_region, self.to_site]
        if sum(target is not None for target in targets) != 1:
            raise ValueError(
                "a move goes to one place: give to_zone, or to_provider with to_region, or to_site"
            )
        if (self.to_provider is None) != (self.to_region is None):
            raise ValueError('to_provider and to_region go together, as "aws" and "eu-north-1"')
        return self


class Hardware(_Part):
    """Work that runs on another accelerator.

    Energy per unit of work changes by `energy_ratio` where it was measured; else by data sheet:
    (TDP to / TDP from) / throughput_ratio.

    Attributes:
        from_accelerator: as the library names it; file: `from`.
        to_accelerator: file: `to`.
        workload: names, or "*".
        energy_ratio: energy per unit of work, new / old, measured [1].
        throughput_ratio: work per accelerator-hour, new / old, measured or by data sheet [1]. It
            also divides the accelerator-hours, and so embodied carbon.
    """

    from_accelerator: str = Field(alias="from")
    to_accelerator: str = Field(alias="to")
    workload: Names = (EVERY,)
    energy_ratio: Positive | None = None
    throughput_ratio: Positive | None = None

    @model_validator(mode="after")
    def _some_ratio(self) -> "Hardware":
        if self.energy_ratio is None and self.throughput_ratio is None:
            raise ValueError(
                "state energy_ratio (energy per unit of work, new / old, measured) or "
                "throughput_ratio (work per accelerator-hour, new / old)"
            )
        return self


class TimeShift(_Part):
    """A share of each day's load runs in the day's cleanest hours instead of evenly.

    Attributes:
        workload: names, or "*".
        share: of each day's energy that may wait [1].
        hours: how many of the day's 24 hours (UTC) take it.
    """

    workload: Names = (EVERY,)
    share: Share
    hours: int = Field(6, ge=1, le=24)


class Procurement(_Part):
    """Instruments to be bought for Scope 2 load of a market boundary.

    Attributes:
        market: country, or the zone where no country is known.
        kwh: volume over the months of the scenario [kWh].
        kg_co2e_per_kwh: its emission rate [kg/kWh].
    """

    market: str
    kwh: Amount
    kg_co2e_per_kwh: Amount = 0.0


class Changes(_Part):
    """What changes besides the place, for all ("*") or by workload. Nothing named: no change.

    Attributes:
        growth: activity, scenario / today [1].
        energy_per_unit: IT energy per unit of activity, scenario / today [1].
        utilisation: mean use of the hardware, scenario / today [1]: hours of hardware, and with
            them embodied carbon and idle energy, are divided by it.
        idle_share: share of today's IT energy that hardware draws whether used or not [1], stated
            by whoever knows it; 0 where not: then utilisation changes no energy.
        pue: PUE of load that stays where it is, or goes where no PUE is known [1].
        hardware: accelerators replaced by others.
        time_shift: load that may wait for cleaner hours, location-based, where a zone has hourly
            factors.
        procurement: instruments to be bought.
    """

    growth: ByWorkload = {}
    energy_per_unit: ByWorkload = {}
    utilisation: ByWorkload = {}
    idle_share: ShareByWorkload = {}
    pue: PueByWorkload = {}
    hardware: tuple[Hardware, ...] = ()
    time_shift: tuple[TimeShift, ...] = ()
    procurement: tuple[Procurement, ...] = ()


class Constraints(_Part):
    """Limits. Places are written `aws:eu-north-1`, `zone:FR`, `site:Lyon`, or `aws:*`.

    `zone:FR` means every place in that zone, also of clouds.

    Attributes:
        allowed_regions: where moves may take load; empty: anywhere.
        forbidden: where they may not.
        residency: workload -> countries, zones, "EU" or "EEA" where all of it has to be, also what
            does not move.
        max_share_per_region: most of all IT energy that one place may have [1].
        capacity_share: place -> most of all IT energy that it may have [1].
        capacity_kwh: place -> most IT energy over the months of the scenario [kWh].
        accelerators_by_region: place -> accelerators that it offers; a place that is not named
            offers any.
        max_latency_ms: most round-trip time to the users [ms].
        users: workload -> where its users are: a place, or "48.85, 2.35" (latitude, longitude).
        route_factor: length of the fibre / great circle [1]. 1 is the least that physics allows.
        movable_share: most of a workload's energy that may be moved [1].
        max_cost: most that the load may cost over the months of the scenario.
    """

    allowed_regions: Names = ()
    forbidden: Names = ()
    residency: dict[str, Names] = {}
    max_share_per_region: Share | None = None
    capacity_share: dict[str, Share] = {}
    capacity_kwh: dict[str, Amount] = {}
    accelerators_by_region: dict[str, Names] = {}
    max_latency_ms: AmountByWorkload = {}
    users: dict[str, str] = {}
    route_factor: float = Field(1.0, ge=1, allow_inf_nan=False)
    movable_share: ShareByWorkload = {}
    max_cost: Amount | None = None


class Marginal(_Part):
    """Marginal factors of the user's own, for the consequential view alone.

    Attributes:
        source: the document they are from.
        kg_per_kwh: zone -> marginal factor [kgCO2e/kWh].
    """

    source: str
    kg_per_kwh: dict[str, float] = {}


class Scenario(_Part):
    """A scenario.

    Attributes:
        name: what a person calls it.
        month_from, month_to: the months that it is computed on, YYYY-MM; file: `from`, `to`.
        scope: "in" for what is inside the boundary, "all" for everything.
        moves: applied in order.
        changes: what changes besides the place.
        constraints: what it has to keep; a violated one is reported.
        prices: place -> price per kWh of facility energy, in `currency`. Where any is stated, what
            bills state plays no part.
        currency: of prices and of max_cost.
        marginal: factors for the consequential view.
    """

    name: str = "Scenario"
    month_from: str | None = Field(None, alias="from", pattern=MONTH)
    month_to: str | None = Field(None, alias="to", pattern=MONTH)
    scope: Literal["in", "all"] = "in"
    moves: tuple[Move, ...] = ()
    changes: Changes = Changes()
    constraints: Constraints = Constraints()
    prices: dict[str, Amount] = {}
    currency: str | None = None
    marginal: Marginal | None = None

    @model_validator(mode="after")
    def _period_in_order(self) -> "Scenario":
        if self.month_from and self.month_to and self.month_from > self.month_to:
            raise ValueError(f"from {self.month_from} is after to {self.month_to}; swap them")
        return self

    def to_dict(self) -> dict[str, Any]:
        """The scenario as its file says it: only what is stated, with the file's names."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def sequential_shares(wanted: list[float]) -> list[float]:
    """Shares of moves of one workload which, applied in order, leave each target with its share.

    A later move also takes of what earlier ones moved, so that with `w_i` wanted at target i and
    `r_i = 1 - sum(w_j, j > i)` the i-th move takes `w_i / r_i`.

    Args:
        wanted: share of the workload's energy at each target in the end; together at most 1.

    Returns:
        The share of each move, in the same order.
    """
    shares = []
    later = sum(wanted)
    for share in wanted:
        later -= share
        rest = 1 - later
        shares.append(min(1.0, share / rest) if rest > 0 else 0.0)
    return shares
