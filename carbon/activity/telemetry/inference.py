"""Counters of inference servers and of OpenTelemetry: requests and tokens of a model.

Sources: vllm/v1/metrics/loggers.py; Triton docs/user_guide/metrics.md; OpenTelemetry semantic
conventions for generative AI, as Prometheus names them (dots become underscores). A colon in a name
counts as an underscore. vLLM's prompt tokens hold those that its prefix cache answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from carbon.activity.telemetry.meters import NAME_LABEL, Labels, host_of, user_of


@dataclass(frozen=True)
class Count:
    """One counter.

    Attributes:
        kind: quantity kind.
        service: what publishes it.
        models: labels that name the model, the first that is there.
        rank: of several that count one thing, the lowest counts.
        only: label -> value that a series must have to be this one.
    """

    kind: str
    service: str
    models: tuple[str, ...]
    rank: int = 0
    only: Mapping[str, str] = field(default_factory=dict)


_VLLM: Final = ("model_name", "served_model_name")
_GEN_AI: Final = ("gen_ai_response_model", "gen_ai_request_model")
_TYPE: Final = "gen_ai_token_type"

COUNTS: Final[Mapping[str, tuple[Count, ...]]] = {
    "vllm_prompt_tokens": (Count("input_tokens", "vLLM", _VLLM),),
    "vllm_request_prompt_tokens_sum": (Count("input_tokens", "vLLM", _VLLM, 1),),
    "vllm_generation_tokens": (Count("output_tokens", "vLLM", _VLLM),),
    "vllm_request_generation_tokens_sum": (Count("output_tokens", "vLLM", _VLLM, 1),),
    "vllm_prefix_cache_hits": (Count("cached_tokens", "vLLM", _VLLM),),
    "vllm_request_success": (Count("requests", "vLLM", _VLLM),),
    "nv_inference_request_success": (Count("requests", "Triton", ("model",)),),
    # EcoLogits' other metrics are gauges of the last request: see metrics.PARTS_OF.
    "ecologits_requests": (Count("requests", "EcoLogits", ("model",)),),
    "gen_ai_client_token_usage_sum": (
        Count("input_tokens", "gen_ai", _GEN_AI, only={_TYPE: "input"}),
        Count("output_tokens", "gen_ai", _GEN_AI, only={_TYPE: "output"}),
    ),
    "gen_ai_client_operation_duration_seconds_count": (Count("requests", "gen_ai", _GEN_AI),),
    "gen_ai_client_token_usage_count": (
        Count("requests", "gen_ai", _GEN_AI, 1, only={_TYPE: "input"}),
    ),
}
"""Counter, without `_total` -> what it counts."""

NAMES: Final = tuple(COUNTS)


@dataclass(frozen=True)
class Tally:
    """What one series counts.

    Attributes:
        name: the metric.
        count: its row of COUNTS.
        model, host: of the server.
        workload, project: whose pod the server is; the model where no label tells.
    """

    name: str
    count: Count
    model: str | None
    host: str | None
    workload: str | None
    project: str | None

    @property
    def server(self) -> tuple[str, str | None, str | None, str | None]:
        """What the counters of one server have in common."""
        return self.count.service, self.model, self.host, self.workload


def tally_of(labels: Labels, *, scraped: bool = False) -> Tally | None:
    """What a series counts; None where it counts neither requests nor tokens.

    Args:
        labels: of the series, the metric's name under `__name__`.
        scraped: as in `meters.meter_of`.
    """
    name = labels.get(NAME_LABEL, "")
    plain = name.replace(":", "_").removesuffix("_total").replace("vertex_", "vllm_", 1)
    for count in COUNTS.get(plain, ()):
        if any(labels.get(label) != value for label, value in count.only.items()):
            continue
        model = next((labels[label] for label in count.models if labels.get(label)), None)
        workload, project = user_of(labels, scraped=scraped)
        return Tally(name, count, model, host_of(labels), workload or model, project)
    return None


def counted(tallies: Sequence[Tally]) -> list[bool]:
    """Which series count: of several counters of one thing, that of lowest rank."""
    best: dict[tuple[object, ...], int] = {}
    for tally in tallies:
        thing = (tally.count.kind, *tally.server)
        best[thing] = min(tally.count.rank, best.get(thing, tally.count.rank))
    return [tally.count.rank == best[tally.count.kind, *tally.server] for tally in tallies]
