"""Choices on how energy is found, and counted once: `[energy]` to `[overlap]`."""

from typing import Literal

from pydantic import Field

from carbon.policy.section import Section


class Energy(Section):
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


class Support(Section):
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


class Inference(Section):
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


class Overlap(Section):
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
