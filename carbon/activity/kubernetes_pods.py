"""What a pod of Kubernetes asks for: accelerators by resource name, where, and which model."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from carbon.activity.sightings import FaultError, count_of, first_text, text_of

WHOLE: Final = {
    "nvidia.com/gpu": "NVIDIA GPU",
    "amd.com/gpu": "AMD GPU",
    "google.com/tpu": "Google TPU",
    "habana.ai/gaudi": "Intel Gaudi",
    "gpu.intel.com/i915": "Intel GPU",
    "gpu.intel.com/xe": "Intel GPU",
    "aws.amazon.com/neuron": "AWS Neuron device",
    "aws.amazon.com/neurondevice": "AWS Neuron device",
}
"""Resource of a device plugin that counts whole accelerators -> what it counts.

Documents of the device plugins of NVIDIA, AMD, Intel, Habana and AWS Neuron, and of GKE for TPUs.
"""

_PART: Final = re.compile(
    r"^(nvidia\.com/mig-[\w.]+|nvidia\.com/gpu\.shared|aws\.amazon\.com/neuroncore)$"
)
"""Resources that count parts of an accelerator: slices, shares of time, cores."""

TYPE_LABELS: Final = ("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type")
REGION_LABELS: Final = (
    "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/zone",
)
ACCELERATOR_LABELS: Final = (
    "nvidia.com/gpu.product",
    "cloud.google.com/gke-accelerator",
    "cloud.google.com/gke-tpu-accelerator",
    "karpenter.k8s.aws/instance-gpu-name",
    "amd.com/gpu.product-name",
)
POOL_LABELS: Final = (
    "eks.amazonaws.com/nodegroup",
    "alpha.eksctl.io/nodegroup-name",
    "karpenter.sh/nodepool",
    "cloud.google.com/gke-nodepool",
    "kubernetes.azure.com/agentpool",
    "agentpool",
)
CLUSTER_LABELS: Final = ("alpha.eksctl.io/cluster-name", "kubernetes.azure.com/cluster")
"""Labels of nodes, by which pods choose them."""

_MODEL_OPTION: Final = re.compile(
    r"(?:^|\s)--(?:model|model-id|model_id|served-model-name|model-name|model_name|model-path)"
    r"(?:=|\s+)['\"]?([^\s'\"-][^\s'\"]*)"
)
_MODEL_VARIABLES: Final = ("MODEL_ID", "HF_MODEL_ID", "MODEL_NAME", "NIM_MODEL_NAME")


@dataclass
class Wanted:
    """Accelerators that one pod asks for.

    Attributes:
        whole: resource -> how many.
        parts: resource of parts of accelerators -> how many.
    """

    whole: dict[str, float] = field(default_factory=dict)
    parts: dict[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.whole or self.parts)

    def __str__(self) -> str:
        items = [*self.whole.items(), *self.parts.items()]
        return ", ".join(f"{count:g} × {name}" for name, count in items)

    @property
    def number(self) -> float | None:
        """Whole accelerators; None where it asks for parts, which are not counted as wholes."""
        return None if self.parts or not self.whole else sum(self.whole.values())


def wanted_by(spec: Any, path: str) -> Wanted:
    """The accelerators that a pod of this specification holds.

    Containers run together, so theirs are added; of those that run before them the largest counts.

    Args:
        spec: specification of the pod.
        path: where it stands, for faults.

    Raises:
        FaultError: a quantity is no number.
    """
    inside = spec if isinstance(spec, dict) else {}
    total: dict[str, float] = {}
    for at, container in _containers(inside, "containers", path):
        for name, count in _asked(container, at).items():
            total[name] = total.get(name, 0.0) + count
    for at, container in _containers(inside, "initContainers", path):
        for name, count in _asked(container, at).items():
            total[name] = max(total.get(name, 0.0), count)
    return sorted_out(total)


def sorted_out(counts: Mapping[str, float]) -> Wanted:
    """Counts of resources, into whole accelerators and parts of them; others left out."""
    kept = {name: count for name, count in sorted(counts.items()) if count > 0}
    return Wanted(
        {name: count for name, count in kept.items() if name in WHOLE},
        {name: count for name, count in kept.items() if _PART.match(name)},
    )


def quantities(resources: Any, path: str) -> dict[str, float]:
    """Quantities of accelerators in a `limits`, `requests` or `capacity`.

    Raises:
        FaultError: one is no number.
    """
    found: dict[str, float] = {}
    for name, value in resources.items() if isinstance(resources, dict) else ():
        if name in WHOLE or _PART.match(name):
            count = count_of(value, f"{path}.{name}")
            if count is None:
                raise FaultError("the number of accelerators is empty", f"{path}.{name}")
            found[name] = count
    return found


def _asked(container: dict[str, Any], path: str) -> dict[str, float]:
    """Limits, or requests where there are none: of a device both are the same."""
    resources = container.get("resources")
    inside = resources if isinstance(resources, dict) else {}
    limits = quantities(inside.get("limits"), f"{path}.resources.limits")
    return limits or quantities(inside.get("requests"), f"{path}.resources.requests")


def _containers(spec: dict[str, Any], key: str, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    listed = spec.get(key)
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(item, dict):
            yield f"{path}.{key}.{index}".strip("."), item


def chosen_nodes(spec: Any) -> dict[str, str]:
    """Labels that the pod's nodes must have: node selector, and affinity with one value."""
    inside = spec if isinstance(spec, dict) else {}
    selector = inside.get("nodeSelector")
    found = {
        key: text
        for key, value in (selector.items() if isinstance(selector, dict) else ())
        if (text := text_of(value))
    }
    for term in _expressions(inside.get("affinity")):
        values = term.get("values")
        key = text_of(term.get("key"))
        if key and term.get("operator") == "In" and isinstance(values, list) and len(values) == 1:
            found.setdefault(key, text_of(values[0]) or "")
    return {key: value for key, value in found.items() if value}


def _expressions(affinity: Any) -> Iterator[dict[str, Any]]:
    """Expressions that a node must match."""
    path = (
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
    )
    inside = affinity
    for key in path:
        inside = inside.get(key) if isinstance(inside, dict) else None
    for term in inside if isinstance(inside, list) else ():
        listed = term.get("matchExpressions") if isinstance(term, dict) else None
        yield from (e for e in (listed if isinstance(listed, list) else ()) if isinstance(e, dict))


def served_model(specs: Iterable[Any]) -> str | None:
    """The model that a container is started with: an option such as `--model`, or a variable.

    Nothing else of commands and variables is read: they may hold secrets.
    """
    for spec in specs:
        inside = spec if isinstance(spec, dict) else {}
        for _, container in _containers(inside, "containers", ""):
            words = [*_texts(container.get("command")), *_texts(container.get("args"))]
            option = _MODEL_OPTION.search(" ".join(words))
            if option:
                return option[1]
            listed = container.get("env")
            for variable in listed if isinstance(listed, list) else ():
                named = isinstance(variable, dict) and variable.get("name") in _MODEL_VARIABLES
                if named and (model := text_of(variable.get("value"))):
                    return model
    return None


def label(labels: Mapping[str, str], names: Iterable[str]) -> str | None:
    """The first of some labels that is there."""
    return first_text(*(labels.get(name) for name in names))


def _texts(value: Any) -> list[str]:
    return [text for item in value if (text := text_of(item))] if isinstance(value, list) else []
