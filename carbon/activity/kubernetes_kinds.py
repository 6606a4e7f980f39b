"""Kinds of Kubernetes objects that run pods: where their specifications stand, how many run."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from carbon.activity.sightings import at_paths, count_of


@dataclass(frozen=True)
class Kind:
    """How a kind of object runs pods; paths are dotted, lists on the way are walked.

    Attributes:
        groups: where groups of alike pods stand: path of the group ("*" for any key), path of the
            pod's specification in it, path of their number in it (empty: one).
        status: path of their number in the whole object, where the group does not say it.
        sighted_as: of SIGHTED_AS.
        ai: why it is AI whatever it asks for; empty where only accelerators say so.
        lifecycle: what such objects are used for, unless their name says otherwise.
        guess: why that is guessed.
    """

    groups: tuple[tuple[str, str, str], ...]
    status: str = ""
    sighted_as: str = "service"
    ai: str = ""
    lifecycle: str | None = None
    guess: str = ""


def _served(*groups: tuple[str, str, str]) -> Kind:
    guess = "it keeps running, so that it is guessed to answer requests"
    return Kind(groups, "", "service", "", "inference_realtime", guess)


def _training(replicas: str, what: str) -> Kind:
    return Kind(
        ((f"spec.{replicas}.*", "template.spec", "replicas"),),
        sighted_as="job",
        ai=f"a {what} trains a model",
        lifecycle="training",
    )


_SPREAD: Final = ("spec", "template.spec", "replicas")
_RAY: Final = (
    ("headGroupSpec", "template.spec", ""),
    ("workerGroupSpecs", "template.spec", "replicas"),
)


def _ray(prefix: str) -> tuple[tuple[str, str, str], ...]:
    return tuple((f"{prefix}.{group}", spec, number) for group, spec, number in _RAY)


KINDS: Final[Mapping[str, Kind]] = {
    "Pod": Kind((("", "spec", ""),), sighted_as="job"),
    "Deployment": _served(_SPREAD),
    "StatefulSet": _served(_SPREAD),
    "ReplicaSet": _served(_SPREAD),
    "ReplicationController": _served(_SPREAD),
    "Rollout": _served(_SPREAD),
    "LeaderWorkerSet": _served(("spec", "leaderWorkerTemplate.workerTemplate.spec", "replicas")),
    "DaemonSet": Kind((("spec", "template.spec", ""),), "status.desiredNumberScheduled"),
    "Job": Kind(
        (("spec", "template.spec", "parallelism"),),
        sighted_as="job",
        lifecycle="training",
        guess="it runs to an end, so that it is guessed to train",
    ),
    "CronJob": Kind((("spec.jobTemplate.spec", "template.spec", "parallelism"),), sighted_as="job"),
    "JobSet": Kind(
        (("spec.replicatedJobs", "template.spec.template.spec", "replicas"),),
        sighted_as="job",
        lifecycle="training",
        guess="it runs to an end, so that it is guessed to train",
    ),
    "PyTorchJob": _training("pytorchReplicaSpecs", "PyTorchJob"),
    "TFJob": _training("tfReplicaSpecs", "TFJob"),
    "MPIJob": _training("mpiReplicaSpecs", "MPIJob"),
    "XGBoostJob": _training("xgbReplicaSpecs", "XGBoostJob"),
    "PaddleJob": _training("paddleReplicaSpecs", "PaddleJob"),
    "JAXJob": _training("jaxReplicaSpecs", "JAXJob"),
    "RayCluster": Kind(_ray("spec"), sighted_as="cluster"),
    "RayJob": Kind(_ray("spec.rayClusterSpec"), sighted_as="job"),
    "RayService": Kind(
        _ray("spec.rayClusterConfig"),
        sighted_as="endpoint",
        ai="a RayService serves a model",
        lifecycle="inference_realtime",
    ),
    "InferenceService": Kind(
        (("spec.predictor", "", "minReplicas"),),
        sighted_as="endpoint",
        ai="an InferenceService serves a model",
        lifecycle="inference_realtime",
    ),
    "Notebook": Kind(
        (("spec", "template.spec", ""),),
        ai="a notebook of Kubeflow",
        lifecycle="development",
    ),
}
"""Kind -> how it runs pods. Kubernetes API (core, apps, batch); Kubeflow Training Operator v1;
KServe v1beta1; KubeRay v1; JobSet; LeaderWorkerSet; Argo Rollouts."""

_NAMED: Final = (
    (re.compile(r"fine[-_]?tun|\bsft\b|\blora\b|\bdpo\b|rlhf"), "fine_tuning"),
    (
        re.compile(r"batch[-_]?(infer|predict|scor)|\bscor(e|ing)\b|predict"),
        "inference_batch",
    ),
    (re.compile(r"notebook|jupyter|\bdev\b"), "development"),
    (re.compile(r"train"), "training"),
    (re.compile(r"infer|serv(e|ing)\b|vllm|triton|\bchat\b|tgi\b"), "inference_realtime"),
)
"""Words in names, in the order in which they are asked, and what they say of the use."""


@dataclass(frozen=True)
class Group:
    """Alike pods: their specification, where it stands, how many run."""

    spec: dict[str, Any]
    path: str
    number: float


def groups_of(item: dict[str, Any], kind: Kind) -> list[Group]:
    """The groups of pods of an object.

    Raises:
        FaultError: a number of pods is none.
    """
    found: list[Group] = []
    stated = next(at_paths(item, kind.status), None) if kind.status else None
    for path, spec_path, number_path in kind.groups:
        for at, group in _walked(item, path):
            for where, spec in at_paths(group, spec_path):
                if isinstance(spec, dict):
                    counted = count_of(stated[1], stated[0]) if stated else None
                    if number_path and counted is None:
                        number = group.get(number_path) if isinstance(group, dict) else None
                        counted = count_of(number, f"{at}.{number_path}".strip("."))
                    full = ".".join(part for part in (at, where) if part)
                    found.append(Group(spec, full, 1.0 if counted is None else counted))
    return found


def _walked(item: dict[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    """What stands at a path, whose last part may be `*`: every value there."""
    if not path.endswith(".*"):
        yield from at_paths(item, path)
        return
    for at, inside in at_paths(item, path.removesuffix(".*")):
        for key, value in inside.items() if isinstance(inside, dict) else ():
            yield f"{at}.{key}", value


def named_lifecycle(name: str) -> str | None:
    """What the words in a name say of the use, if anything."""
    low = re.sub(r"[_.]", "-", name.casefold())
    return next((use for words, use in _NAMED if words.search(low)), None)
