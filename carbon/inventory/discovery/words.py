"""Names as systems differ in them: tags and labels by meaning, and names of machines and runs."""

import json
import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from carbon.schema import BILL_FORMATS

CLUSTERS: Final = (
    "aws-eks-cluster-name",
    "eks-cluster-name",
    "alpha.eksctl.io/cluster-name",
    "goog-k8s-cluster-name",
    "aks-managed-cluster-name",
    "parallelcluster-cluster-name",
    "aws-parallelcluster-cluster-name",
    "k8s-cluster-name",
    "ray-cluster-name",
    "cluster-name",
    "clustername",
    "cluster",
    "aws-autoscaling-groupname",
    "eks-nodegroup-name",
    "goog-k8s-node-pool-name",
    "karpenter.sh/nodepool",
)
"""Tags that name the cluster or the scaling group of a machine, the widest first. AWS: "Tagging
your Amazon EKS resources" and the tags of split cost allocation; Google: "View detailed breakdown
of cluster costs" (GKE)."""

LABELS: Final = (
    "app.kubernetes.io/name",
    "app.kubernetes.io/part-of",
    "aws-eks-deployment",
    "k8s-app",
    "app",
    "application",
    "service",
    "name",
)
"""Tags under which people write what a thing is for."""

OWNERS: Final = (
    *("owner", "contact", "team", "squad"),
    *("aws-createdby", "createdby", "created-by", "creator", "user"),
)
"""Tags that say whose a thing is, the best first; `createdby` AWS sets by itself."""

_SOURCES: Final[Mapping[str, str]] = {
    "terraform-json": "terraform",
    "terraform-hcl": "terraform",
    "kubectl-json": "kubernetes",
    **dict.fromkeys(BILL_FORMATS, "billing"),
    "mlflow-runs": "mlflow",
    "wandb-runs": "wandb",
    "wandb-system": "wandb",
    "slurm-sacct": "slurm",
    "zeus-monitor": "zeus",
    **dict.fromkeys(
        (
            *("nvidia-smi", "openmetrics", "dcgmi-dmon", "prometheus-json", "prometheus-csv"),
            *("redfish-json", "grafana"),
        ),
        "telemetry",
    ),
}
"""Format -> the system that it is of; any other format is a system of its own."""

BY_HAND: Final = ("activity-template", "mcfs", "boamps")
"""Formats that a person fills in: what they name, somebody declared."""

TRACKERS: Final = (*("mlflow", "wandb", "slurm", "codecarbon", "eco2ai", "carbontracker", "zeus"),)
"""Systems whose resource is a run."""

COMMON: Final = frozenset(
    {
        *("default", "main", "primary", "master", "system", "localhost", "workspace", "cluster"),
        *("node", "nodes", "gpu", "gpus", "worker", "workers", "unknown", "none", "null"),
        *("prod", "production", "staging", "dev", "test", "train", "training", "trainer"),
        *("inference", "serving", "true", "false"),
    }
)
"""Names that anything might bear."""

REMEMBERED: Final = 1 << 17
"""Names, and pairs of them, that a comparison remembers: an estate bears few names many times."""

_PATH: Final = re.compile(r"^(?:/|arn:|https?:|projects/|azure:|aws:|gce:).*[/:]([^/:]+)/*$")
_PORT: Final = re.compile(r":\d{1,5}$")
_ADDRESS: Final = re.compile(r"^\d{1,3}(?:\.\d{1,3}){3}$")


def source_of(format: str) -> str:
    """The system that a file of this format is of."""
    return _SOURCES.get(format, format)


def formats_of(source: str) -> tuple[str, ...]:
    """The formats of a system."""
    return tuple(name for name, system in _SOURCES.items() if system == source) or (source,)


def word(name: str) -> str:
    """A tag's name as systems differ in it: case, separators, the prefix of a user's own tag."""
    plain = name.strip().casefold().replace("_", "-").replace(" ", "-").replace(":", "-")
    return plain.removeprefix("resource-tags-").removeprefix("user-")


@lru_cache(maxsize=16384)
def tags_of(text: str | None) -> Mapping[str, str]:
    """Tags of a JSON object by their word; nothing where the text is none."""
    try:
        members = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(members, dict):
        return {}
    pairs = ((word(str(key)), str(value).strip()) for key, value in members.items() if value)
    return {key: value for key, value in pairs if value}


def first_of(tags: Mapping[str, str], names: Iterable[str]) -> tuple[str, str] | None:
    """The first of these tags that is there, with its value."""
    return next(((name, tags[name]) for name in names if name in tags), None)


def all_of(tags: Mapping[str, str], names: Iterable[str]) -> frozenset[str]:
    """The values of these tags, in lower case."""
    return frozenset(tags[name].casefold() for name in names if name in tags)


def ids_of(*names: str | None) -> frozenset[str]:
    """The spellings under which other systems may know a thing of these names.

    A path of a cloud stands for its last part too, a host for its name without domain and port.
    Names that anything might bear (`default`, `gpu`, `localhost`) are no proof and left out.
    """
    found = set()
    for name in names:
        plain = _PORT.sub("", (name or "").strip().casefold())
        spellings = {plain}
        if path := _PATH.match(plain):
            spellings.add(path[1])
        elif "." in plain and "/" not in plain and not _ADDRESS.match(plain):
            spellings.add(plain.split(".", 1)[0])
        found |= {each for each in spellings if len(each) > 2 and each not in COMMON}
    return frozenset(found)


@lru_cache(maxsize=REMEMBERED)
def squashed(name: str | None) -> str:
    """A name without case and separators: `LLM ft`, `llm-ft` and `llm_ft` are one."""
    return "".join(c for c in (name or "").casefold() if c.isalnum())


@lru_cache(maxsize=REMEMBERED)
def similarity(one: str | None, other: str | None, least: float = 0.0) -> float:
    """How alike two names are [1]: 1 where they differ in case and separators alone.

    Below `least` it may be 0 instead: what nobody asks for is not worked out.
    """
    left, right = sorted((squashed(one), squashed(other)))
    if not left or not right:
        return 0.0
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    # Both are upper bounds of the ratio, and far quicker.
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    return matcher.ratio()
