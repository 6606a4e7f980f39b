"""Choices on whose emissions and which AI: `[boundary]`."""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from carbon.policy.section import Section

Approach = Literal["operational_control", "financial_control", "equity_share"]
Deployment = Literal["own", "colocated", "purchased"]
Side = Literal["in", "out"]
Lifecycle = Literal[
    "training",
    "fine_tuning",
    "inference_batch",
    "inference_realtime",
    "development",
    "shared",
]
Part = Literal["accelerator", "host", "cpu", "memory", "storage", "network", "idle", "overhead"]
"""Parts of the equipment that may be left out: those that a source or the model tells apart."""

LEAVES_OUT_BY: Final = (
    *("host", "resource", "site", "account", "project", "business_unit", "owner", "service"),
    *("sku", "instance_type", "endpoint", "accelerator", "format", "file", "note"),
)
"""Columns of activity by which rows are declared out; and any tag, as `tag:team`."""


def _day(text: str) -> str:
    if text:
        try:
            date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"'{text}' is not a day; write it as 2026-03-31") from None
    return text


def _column(name: str) -> str:
    if name in LEAVES_OUT_BY or name.removeprefix("tag:") not in ("", name):
        return name
    raise ValueError(f"'{name}' is not known; use one of {', '.join(LEAVES_OUT_BY)}, or tag:NAME")


Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Day = Annotated[str, AfterValidator(_day)]


class BoundaryDecision(Section):
    """That workloads are inside or outside the boundary, and why."""

    of: Literal["workload", "model", "project", "business_unit"]
    name: Said
    side: Side
    reason: Said
    decided_on: Day = ""
    evidence: str = ""

    def __str__(self) -> str:
        """`project labs-*: out (not AI)`."""
        return f"{self.of.replace('_', ' ')} {self.name}: {self.side} ({self.reason})"


class LeftOut(Section):
    """Activity that is declared to be outside: laptops, R&D that is not AI, a hall's other load."""

    column: Annotated[str, AfterValidator(_column)]
    pattern: Said
    reason: Said
    decided_on: Day = ""
    evidence: str = ""

    def __str__(self) -> str:
        """`host laptop-*: laptops are outside`."""
        return f"{self.column} {self.pattern}: {self.reason}"


class Boundary(Section):
    """Whose emissions, and which AI."""

    organisation: str = Field("", description="Name printed on the report.")
    consolidation_approach: Approach = Field(
        "operational_control",
        description="GHG Protocol Corporate Standard, chapter 3: who controls counts.",
    )
    default_deployment: Deployment = Field(
        "own",
        description="Deployment of a row that names neither a cloud provider nor a site.",
    )
    colocated_sites: tuple[str, ...] = Field(
        (), description="Sites that are colocation halls; every other site is the organisation's."
    )
    equity_share: dict[str, float] = Field(
        {},
        description="Share of each site under the equity-share approach; 1 where not named.",
    )
    places: dict[str, str] = Field(
        {},
        description="Where hosts, sites, accounts and workloads stand whose source does not say: "
        "name or pattern (* and ?) -> zone (`FR`, `US-CA`, `CAMX`) or `provider:region`; the "
        "first that fits.",
    )
    in_scope_by_default: bool = Field(
        True, description="Whether a workload that nobody decided on is inside the boundary."
    )
    lifecycles: dict[Lifecycle, Side] = Field(
        {},
        description="Lifecycles that are inside or outside as a whole; what is not named takes the "
        "default. A decision on a workload, model, project or business unit stands above it.",
    )
    decisions: tuple[BoundaryDecision, ...] = Field(
        (),
        description="Who is inside or outside, by name or pattern (* and ?), with the reason. The "
        "most specific that fits wins: workload, then model, project, business unit; a name before "
        "a pattern. The analyst's own statement on a workload stands above all of them.",
    )
    left_out: tuple[LeftOut, ...] = Field(
        (),
        description="Activity that is declared to be outside whatever its workload: laptops, R&D "
        "that is not AI, load of a hall beyond the PUE on AI load. It is listed with its reason.",
    )
    components_out: tuple[Part, ...] = Field(
        (),
        description="Parts of the equipment that are left out, where they are told apart; energy "
        "that was metered as a whole cannot be parted. Supporting services: support.include.",
    )
