"""Choices on how evidence is read: `[telemetry]` and `[billing]`."""

from typing import Literal

from pydantic import Field

from carbon.policy.section import Section


class Telemetry(Section):
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


class Billing(Section):
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
