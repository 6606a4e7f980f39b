"""Energy of models that are called through an API: EcoLogits' published method, offline.

    E_IT = n_GPU x tokens x (alpha e^(beta B) P_active + gamma)
         + latency x P_server x n_GPU / n_server / B
    latency = tokens / tokens per second + seconds to the first token

B requests are served together; P_active and the GPUs that hold the model follow from its
parameters, which vendors mostly do not publish: the library gives a range then, and so does this.
The energy is linear in tokens and in requests, so it is kept as Wh of a token and Wh of a request.
Seconds of the whole call, which would bound the latency, are not known of sums of requests.

Source: EcoLogits, methodology "LLM inference" (ecologits.ai, "Methodology"), and the constants,
models and data centres of the installed library. Its request energy is E_IT x PUE of the vendor's
data centres; here the two are kept apart. Its electricity mix (life-cycle) is not taken.
"""

import difflib
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from typing import Final, NamedTuple

from ecologits.impacts.llm import compute_llm_impacts_dag
from ecologits.model_repository import Model, ParametersMoE, models
from ecologits.tracers.utils import PROVIDER_CONFIG_MAP
from ecologits.utils.range_value import RangeValue, ValueOrRange

from carbon.units import W_PER_KW

METHOD: Final = f"EcoLogits {version('ecologits')}"

VENDORS: Final = (
    (r"^openai$|^azure[_. -]?(open)?ai", "openai"),
    (r"^anthropic", "anthropic"),
    (r"^mistral", "mistralai"),
    (r"^cohere", "cohere"),
    (r"^(google|gemini|vertex)", "google_genai"),
    (r"^hugging ?-?_?face", "huggingface_hub"),
)
"""How sources call a vendor of models (any case) -> the library's name."""

CLOUDS: Final = ("aws", "gcp", "azure", "openrouter", "litellm")
"""Who resells models of several vendors: there the model's own name tells the vendor."""

_DECORATION: Final = (
    (r"^arn:[^/]*/", ""),
    (r"^(us|eu|apac|jp|au|ca|global|us-gov)\.(?=[a-z0-9]+\.)", ""),
    (r"^(anthropic|mistral|cohere|meta|amazon|openai|google|ai21|deepseek|qwen)\.", ""),
    (r"^(models|publishers/[^/]+/models)/", ""),
    (r":\d+k?$", ""),
    (r"-v\d+(:\d+)?$", ""),
    (r"@", "-"),
)
"""What resellers put around a model's name."""

_DATED: Final = r"-(20\d{6}|20\d\d-\d\d-\d\d|latest)$"


class ApiModel(NamedTuple):
    """IT energy of a model behind an API, with what the library says of it.

    Attributes:
        vendor: the library's name of the vendor.
        model: the library's name of the model.
        token_low, token_high: IT energy of an output token [Wh].
        request_low, request_high: IT energy of a request up to its first token [Wh].
        pue: mean PUE of the vendor's data centres [1].
        pue_words: that PUE, in words.
    """

    vendor: str
    model: str
    token_low: float
    token_high: float
    request_low: float
    request_high: float
    pue: float
    pue_words: str


@cache
def api_model(provider: str | None, name: str | None, batch_size: int) -> ApiModel | None:
    """The energy of a model by the vendor and the name that a source gives.

    Args:
        provider: vendor, or who resells the model (one of CLOUDS).
        name: the model, decorated as Bedrock, Vertex and others do.
        batch_size: requests that the server handles at a time [1].

    Returns:
        None where the library does not know the model, or neither name is given.
    """
    if provider is None or not name:
        return None
    for vendor in vendors(provider):
        for candidate in _candidates(name):
            found = models.find_model(vendor, candidate)
            if found is not None:
                return _energy(found, batch_size)
    return None


def sells_models(provider: str | None) -> bool:
    """Whether a provider sells models by the token, and nothing else that runs for days."""
    return provider is not None and _vendor(provider) is not None


def vendors(provider: str) -> tuple[str, ...]:
    """The vendors whose model it may be; none where the provider sells no models."""
    vendor = _vendor(provider)
    if vendor is not None:
        return (vendor,)
    if provider.lower() in CLOUDS:
        return tuple(name for _, name in VENDORS)
    return ()


def nearest(provider: str, name: str, most: int = 3) -> tuple[str, ...]:
    """Known models whose names are most like one that is not known, as `vendor/model`."""
    asked = vendors(provider)
    known = {
        known.name.lower(): f"{known.provider.value}/{known.name}"
        for known in models.list_models()
        if known.provider.value in asked
    }
    wanted = list(_candidates(name))[-1]
    found = difflib.get_close_matches(wanted, sorted(known), n=most, cutoff=0.4)
    return tuple(known[one] for one in found)


def _vendor(provider: str) -> str | None:
    word = provider.strip().lower()
    return next((name for pattern, name in VENDORS if re.search(pattern, word)), None)


def _candidates(name: str) -> Iterator[str]:
    """The name as it is written, then with less and less around it."""
    yield name
    word = name.strip().lower()
    for pattern, instead in _DECORATION:
        word = re.sub(pattern, instead, word)
    yield word
    bare = word.rsplit("/", 1)[-1]
    yield bare
    yield re.sub(_DATED, "", bare)


def _energy(model: Model, batch_size: int) -> ApiModel:
    vendor = model.provider.value
    parameters = model.architecture.parameters
    active, total = (
        (parameters.active, parameters.total)
        if isinstance(parameters, ParametersMoE)
        else (parameters, parameters)
    )
    deployment = model.deployment
    speed = deployment.tps if deployment else None
    first_token = deployment.ttft if deployment else None
    # The library pairs the least active with the least total parameters, and the most with the
    # most.
    sizes = list(zip(_ends(active), _ends(total), strict=True))
    (low_token, high_token), (low_request, high_request) = (
        [_it_wh(size, batch_size, tokens, speed, first) for size in sizes]
        for tokens, first in ((1.0, None), (0.0, first_token))
    )
    low, high = _ends(PROVIDER_CONFIG_MAP[vendor].datacenter_pue)
    words = f"mean of {low:g} to {high:g}" if high > low else f"{low:g}"
    return ApiModel(
        vendor=vendor,
        model=model.name,
        token_low=low_token,
        token_high=high_token,
        request_low=low_request,
        request_high=high_request,
        pue=(low + high) / 2,
        pue_words=f"{METHOD}: {vendor}, {words}",
    )


def _it_wh(
    size: tuple[float, float],
    batch_size: int,
    tokens: float,
    tokens_per_second: float | None,
    first_token_s: float | None,
) -> float:
    """IT energy of one request [Wh], by the library's own chain of formulas."""
    active, total = size
    steps = compute_llm_impacts_dag(
        model_active_parameter_count=active,
        model_total_parameter_count=total,
        output_token_count=tokens,
        request_latency=float("inf"),
        # Of its results only the IT energy is read, in which neither the mix nor the PUE stands.
        if_electricity_mix_adpe=0.0,
        if_electricity_mix_pe=0.0,
        if_electricity_mix_gwp=0.0,
        if_electricity_mix_wue=0.0,
        datacenter_pue=1.0,
        datacenter_wue=0.0,
        batch_size=batch_size,
        tps=tokens_per_second,
        ttft=first_token_s,
    )
    energy = steps["request_it_energy"]
    return float(energy.mean if isinstance(energy, RangeValue) else energy) * W_PER_KW


def _ends(value: ValueOrRange) -> tuple[float, float]:
    if isinstance(value, RangeValue):
        return float(value.min), float(value.max)
    return float(value), float(value)
