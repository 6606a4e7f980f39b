"""Every methodological choice, in one frozen object <-> `policy.toml`.

Nothing else may hold a choice: a constant that an analyst could reasonably set otherwise is here,
with the reason for its default beside it, and the methodology chapter of the report is printed
from these very fields.
"""

import difflib
import hashlib
import json
import tomllib
from datetime import date
from typing import Annotated, Any, Final, Literal

import tomlkit
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

Approach = Literal["operational_control", "financial_control", "equity_share"]
Deployment = Literal["own", "colocated", "purchased"]
ScopeCategory = Literal["scope_2", "scope_3_cat_1"]
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


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BoundaryDecision(_Part):
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


class LeftOut(_Part):
    """Activity that is declared to be outside: laptops, R&D that is not AI, a hall's other load."""

    column: Annotated[str, AfterValidator(_column)]
    pattern: Said
    reason: Said
    decided_on: Day = ""
    evidence: str = ""

    def __str__(self) -> str:
        """`host laptop-*: laptops are outside`."""
        return f"{self.column} {self.pattern}: {self.reason}"


class Boundary(_Part):
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


class Energy(_Part):
    """How energy is found where nobody metered it."""

    default_pue: float = Field(
        1.56,
        ge=1,
        description="PUE where neither the row nor the region's operator gives one "
        "(Uptime Institute Global Data Center Survey 2024, industry average).",
    )
    default_pue_by_provider: dict[str, float] = Field(
        {}, description="PUE of a provider's region that has no published figure."
    )
    tdp_utilisation: float = Field(
        1.0, gt=0, le=1.5, description="u_P in E = hours x (TDP x u_P + host); 1 is TDP throughout."
    )
    host_w_per_accelerator: float = Field(
        150.0,
        ge=0,
        description="Power of the server without its accelerators, per accelerator, added where "
        "energy is modelled from TDP: 1.2 kW / 8, as EcoLogits uses.",
    )
    default_timezone: str = Field("UTC", description="Zone of local times that carry none.")


class Factors(_Part):
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


class Embodied(_Part):
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


class Uncertainty(_Part):
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


class Readiness(_Part):
    """What is asked before figures are handed on."""

    mode: Literal["warn", "block"] = Field("warn", description="Whether findings stop a freeze.")
    significant_share: float = Field(
        0.05, gt=0, lt=1, description="Share of energy above which a tier or a gap is named."
    )


class Telemetry(_Part):
    """How samples of meters become energy."""

    gap_limit_s: float = Field(
        600.0, gt=0, description="A pause between two samples longer than this [s] is a gap."
    )
    gap_limit_steps: float = Field(
        5.0,
        ge=1,
        description="So is one longer than this many of the device's median steps; the shorter of "
        "the two limits holds. A gap is never bridged.",
    )
    estimate_gaps: bool = Field(
        True,
        description="Whether the energy of a gap is estimated from the device's neighbouring "
        "hours, as the component gap_estimate at tier T4.",
    )
    resolution: Literal["hour", "day"] = Field(
        "hour",
        description="Span (UTC) that one row of reduced telemetry covers: hours, so that hourly "
        "factors and certificates apply, or days, which large fleets are read faster by.",
    )


class Billing(_Part):
    """Which lines of a bill are AI. Patterns: * and ? as in file names, in any case."""

    accelerators_are_ai: bool = Field(
        True, description="Whether machines and devices with an accelerator are AI by themselves."
    )
    ai_services: tuple[str, ...] = Field(
        (
            "AmazonSageMaker*",
            "AmazonBedrock*",
            "Vertex AI*",
            "Cloud AI*",
            "Gemini*",
            "Cloud TPU*",
            "Azure Machine Learning*",
            "Azure OpenAI*",
            "Cognitive Services*",
            "Azure AI*",
            "Foundry*",
            "AI and Machine Learning",
        ),
        description="Services, or service categories of FOCUS, whose lines are AI.",
    )
    ai_skus: tuple[str, ...] = Field(
        ("*GPU*", "*TPU*", "*-tokens*", "*tokens", "* token count*"),
        description="SKUs, meters and usage types whose lines are AI.",
    )
    ai_tags: tuple[str, ...] = Field(
        (),
        description="Tags or labels that make a line AI, whatever its service: `team=ml*`; also "
        "account=... and project=....",
    )
    not_ai: tuple[str, ...] = Field(
        (),
        description="Exceptions, which win: a tag as above, or service=... or sku=....",
    )
    workload_tags: tuple[str, ...] = Field(
        ("workload", "ai-workload", "ml-workload"),
        description="Tags or labels that name the workload of a line, the first that is there.",
    )


class Support(_Part):
    """Energy of supporting services, at tier T6: coefficients of Cloud Carbon Footprint."""

    include: bool = Field(
        True,
        description="Whether processors, memory, storage and network of AI workloads count.",
    )
    vcpu_utilisation: float = Field(
        0.5, ge=0, le=1, description="Mean use of a vCPU, between its idle and its full power."
    )
    memory_w_per_gb: float = Field(
        0.392, ge=0, description="Memory [W per GB] (Cloud Carbon Footprint: 0.000392 kWh/GBh)."
    )
    ssd_w_per_tb: float = Field(
        1.2, ge=0, description="Storage on SSD [W per TB] (Cloud Carbon Footprint: 1.2 Wh/TBh)."
    )
    hdd_w_per_tb: float = Field(
        0.65, ge=0, description="Storage on HDD [W per TB] (Cloud Carbon Footprint: 0.65 Wh/TBh)."
    )
    network_kwh_per_gb: float = Field(
        0.001,
        ge=0,
        description="Data moved between data centres [kWh per GB] (Cloud Carbon Footprint).",
    )


class Inference(_Part):
    """Energy of inference that nobody metered, at tier T6: use x a benchmark."""

    prefer: Literal["tokens", "requests"] = Field(
        "tokens",
        description="Which of a workload's stated figures counts where both are stated: Wh per "
        "1,000 output tokens (energy follows the tokens that are generated) or Wh per request. "
        "Never both.",
    )
    estimate_api: bool = Field(
        True,
        description="Whether models behind an API are estimated by EcoLogits' method (output "
        "tokens x energy of a token) where nothing better is known.",
    )
    api_batch_size: int = Field(
        64, ge=1, description="Requests that an API's server handles at a time, as EcoLogits takes."
    )
    api_zone: str = Field(
        "",
        description="Grid zone of models behind an API whose place no source says; empty: it is "
        "not known, and their energy takes no factor until a place is stated. EcoLogits itself "
        "takes the vendor's country (`US`, for Mistral `SE`) with a life-cycle mix.",
    )
    include_idle_pool: bool = Field(
        True,
        description="Whether figures per request and per token bear a share of the energy that "
        "nobody claims on the same host, site or account, by reserved accelerator-hours, as "
        "providers count provisioned idle capacity. Shown apart either way; no total of the "
        "inventory changes.",
    )


class Overlap(_Part):
    """The same kWh seen by several meters, trackers and bills: exactly one counts."""

    prefer: Literal["tier", "widest", "narrowest"] = Field(
        "tier",
        description="Which of them counts: the best tier (then the widest boundary), or the "
        "widest or narrowest boundary (then the best tier). The others are shown as superseded.",
    )
    same_workload: Literal["report", "resolve"] = Field(
        "report",
        description="What happens to sources that name one workload, place and time, but no "
        "device in common: a finding, or one of them counts as above.",
    )


class Plausibility(_Part):
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


class Policy(_Part):
    """Every methodological choice of a footprint."""

    boundary: Boundary = Boundary()
    energy: Energy = Energy()
    telemetry: Telemetry = Telemetry()
    billing: Billing = Billing()
    support: Support = Support()
    inference: Inference = Inference()
    overlap: Overlap = Overlap()
    factors: Factors = Factors()
    embodied: Embodied = Embodied()
    uncertainty: Uncertainty = Uncertainty()
    readiness: Readiness = Readiness()
    plausibility: Plausibility = Plausibility()

    @property
    def hash(self) -> str:
        """sha256 of the canonical JSON of every choice."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_toml(self) -> str:
        """The policy as `policy.toml`; `from_toml` of it gives an equal policy."""
        return tomlkit.dumps(self.model_dump(mode="json"))

    @classmethod
    def from_toml(cls, text: str) -> "Policy":
        """Read `policy.toml`; what it does not name keeps its default.

        Raises:
            PolicyError: naming the entry and what it may be.
        """
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise PolicyError(f"policy.toml is not valid TOML: {error}") from error
        except ValidationError as error:
            wrong = "; ".join(_in_words(entry) for entry in error.errors())
            raise PolicyError(f"policy.toml: {wrong}") from error

    @classmethod
    def revise(cls, text: str, part: str, name: str, value: Any) -> str:
        """The text of `policy.toml` with one choice set; comments and the rest stay as they are.

        Raises:
            PolicyError: the choice does not exist, or may not have that value.
        """
        document = tomlkit.parse(text)
        document.setdefault(part, tomlkit.table())[name] = value
        revised = tomlkit.dumps(document)
        cls.from_toml(revised)
        return revised

    def choices(self) -> list[dict[str, Any]]:
        """Every choice as (part, name, value, default, why), in the order of the document."""
        rows = []
        for part_name in type(self).model_fields:
            part = getattr(self, part_name)
            for name, field in type(part).model_fields.items():
                rows.append(
                    {
                        "part": part_name,
                        "name": name,
                        "value": getattr(part, name),
                        "default": field.get_default(call_default_factory=True),
                        "why": field.description or "",
                    }
                )
        return rows


def _in_words(error: Any) -> str:
    """One wrong entry of a policy: where it stands, what is wrong, and what may be meant."""
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] != "extra_forbidden":
        return f"{where}: {error['msg']}"
    *parts, name = error["loc"]
    if len(parts) > 1:
        return f"{where}: there is no such entry; leave it out"
    fields = Policy.model_fields
    if parts:
        fields = type(getattr(Policy(), str(parts[0]))).model_fields
    near = difflib.get_close_matches(str(name), list(fields), n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(fields)}"
    return f"{where}: there is no such choice; {hint}"


class PolicyError(ValueError):
    """`policy.toml` cannot be read; the message names the entry and the remedy."""
