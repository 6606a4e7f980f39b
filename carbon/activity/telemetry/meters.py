"""Labels of a series -> which meter it is, of which device, and who used the device.

Several series may tell the energy of one device: a counter and a gauge, two exporters, a row per
pod or MIG instance. `choose` says which of them counts; the others stay in the sums of the file's
rows, and give no energy.
"""

import math
import re
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from carbon.activity.telemetry.metrics import (
    CONTAINED,
    HOST_LABELS,
    KINDS,
    METRICS,
    PARTS_OF,
    Kind,
    Metric,
    metric_key,
)

Labels = Mapping[str, str]

TAGGED: Final = ("cluster", "job", "gpu", "rack", "datacenter")
"""Labels that are kept as tags where they are there."""

_PORT: Final = re.compile(r"^(?:https?://)?(\[[^\]]+\]|[^/:]+)(?::\d+)?(?:/.*)?$")
_RAPL_ZONE: Final = re.compile(r"rapl(?:-mmio)?:(\d+)")
_DCGM: Final = re.compile(r"dcgm-exporter")

NAME_LABEL: Final = "__name__"


@dataclass(frozen=True)
class Meter:
    """What one series measures.

    Attributes:
        name: the metric.
        metric: its row of METRICS.
        kind: kind of meter, a key of KINDS.
        host: machine that carries the device; None where nothing names it.
        resource: the device.
        global_id: whether the resource is known by this id everywhere (a UUID).
        part: of a device whose series add up, which.
        accelerator: model of the device.
        workload, project: who used it, by the labels of Kubernetes or of the batch system.
        tags: other labels that are kept.
    """

    name: str
    metric: Metric
    kind: str
    host: str | None
    resource: str
    global_id: bool
    part: str
    accelerator: str | None
    workload: str | None
    project: str | None
    tags: tuple[tuple[str, str], ...]

    @property
    def described(self) -> Kind:
        return KINDS[self.kind]

    @property
    def device(self) -> tuple[str, str | None, str]:
        """What one meter after the other, whatever its metric, tells the energy of."""
        return self.kind, self.host if not self.global_id else None, self.resource


def meter_of(labels: Labels, *, scraped: bool = False) -> Meter | str:
    """The meter that a series is, or why it is none.

    Args:
        labels: of the series, the metric's name under `__name__`.
        scraped: whether labels named `exported_…` stand in the file: then `pod` and `namespace`
            are the exporter's own.
    """
    name = labels.get(NAME_LABEL, "")
    metric = METRICS.get(metric_key(name, labels))
    if metric is None:
        return PARTS_OF.get(name, "not known as a metric of power or energy")
    for label, values in metric.keep.items():
        value = _zone(labels.get(label, values[0]))
        if value not in values:
            return f"of its {label}s only {' and '.join(values)} count"
    if any(labels.get(label, "").startswith(CONTAINED) for label in ("chassis", "chassis_id")):
        return "the chassis lies inside the server's own"
    kind = metric.kind
    for label, by_value in metric.kinds.items():
        kind = by_value.get(_zone(labels.get(label, "")), kind)
    host = host_of(labels)
    resource, global_id = _resource(labels, metric, kind, host)
    workload, project = user_of(labels, scraped=scraped)
    return Meter(
        name=name,
        metric=metric,
        kind=kind,
        host=host,
        resource=resource,
        global_id=global_id,
        part="/".join(labels.get(label, "") for label in metric.parts),
        accelerator=labels.get(metric.model) or None if metric.model else None,
        workload=workload,
        project=project,
        tags=tuple((name, labels[name]) for name in TAGGED if labels.get(name)),
    )


def host_of(labels: Labels) -> str | None:
    """The machine of a series, without the port of its exporter."""
    for label in HOST_LABELS:
        if value := labels.get(label, "").strip():
            found = _PORT.match(value)
            return found[1] if found else value
    return None


def user_of(labels: Labels, *, scraped: bool = False) -> tuple[str | None, str | None]:
    """Workload and project: `namespace/container` of a pod, or the job of a batch system.

    Where Prometheus renamed the workload's labels (`exported_pod`), the plain ones name the
    exporter's own pod.
    """
    if job := labels.get("hpc_job") or labels.get("slurm_job_id"):
        return job, None
    prefix = "exported_" if scraped else ""
    names = {
        what: next((labels[f"{prefix}{n}"] for n in known if labels.get(f"{prefix}{n}")), None)
        for what, known in _KUBERNETES.items()
    }
    container = names["container"] or names["pod"]
    if container is None or _DCGM.search(container) or _DCGM.search(names["pod"] or ""):
        return None, None
    return "/".join(filter(None, (names["namespace"], container))), names["namespace"]


_KUBERNETES: Final = {
    "namespace": ("namespace", "pod_namespace", "container_namespace"),
    "container": ("container", "container_name"),
    "pod": ("pod", "pod_name"),
}


def _zone(value: str) -> str:
    """`package-0` is zone `package`."""
    return re.sub(r"-\d+$", "", value)


def _resource(labels: Labels, metric: Metric, kind: str, host: str | None) -> tuple[str, bool]:
    """Id of the device, and whether it is known by this id everywhere."""
    if kind == "gpu":
        for label in metric.device:
            if labels.get(label):
                return labels[label], True
        index = labels.get("gpu") or labels.get("index") or labels.get("device") or "0"
        return ":".join(filter(None, (host, f"gpu-{index}"))), False
    if kind in ("cpu", "memory"):
        whole = ":".join(filter(None, (host, "-".join(filter(None, (kind, _socket(labels)))))))
        inner = labels.get("container_id") or labels.get("pod_id")
        return (f"{whole}/{inner}", False) if inner else (whole, False)
    inside = [labels[label] for label in metric.device if labels.get(label)]
    return ":".join(filter(None, (host, *inside))) or kind, False


def _socket(labels: Labels) -> str | None:
    """Number of the processor, whichever label tells it."""
    for label in ("index", "package", "socket_id"):
        if labels.get(label, "").strip():
            return labels[label]
    found = _RAPL_ZONE.search(labels.get("path", ""))
    return found[1] if found else None


Extent = tuple[int, int] | None
"""First and last moment at which a series has a value [µs]; None where it has none."""


def choose(meters: Sequence[Meter], extents: Sequence[Extent]) -> tuple[list[bool], list[int]]:
    """Which meters count, and beside which the rows of the others are counted.

    Of several views of a host (the processor's own counters, Kepler, Scaphandre) the one of lowest
    rank counts; in it, of several metrics of one device the one of lowest rank, so that a counter
    goes before a gauge. What saw less than `ENOUGH` of the time that the longest saw does not
    compete: a counter that was switched on yesterday does not stand for a month of watts.

    Args:
        meters: one a series.
        extents: of each series.

    Returns:
        for each whether it counts; and for each the number of a meter that counts: of its own
        device where there is one, else the first of its host.
    """
    views = _best(
        [((m.kind, m.host), (m.metric.rank, m.metric.view)) for m in meters],
        [m.metric.view for m in meters],
        extents,
    )
    viewed = [m.metric.view in ("", views[m.kind, m.host]) for m in meters]
    at = [i for i, counts in enumerate(viewed) if counts]
    names = _best(
        [(meters[i].device, (meters[i].metric.rank, meters[i].name)) for i in at],
        [meters[i].name for i in at],
        [extents[i] for i in at],
    )
    counts = [v and names[m.device] == m.name for m, v in zip(meters, viewed, strict=True)]
    by_device: dict[object, int] = {}
    by_host: dict[object, int] = {}
    for index, meter in enumerate(meters):
        if counts[index]:
            by_device.setdefault(meter.device, index)
            by_host.setdefault((meter.kind, meter.host), index)
    beside = [
        by_device[m.device] if m.device in by_device else by_host[m.kind, m.host] for m in meters
    ]
    return counts, beside


ENOUGH: Final = 0.9
"""Of the time that the longest series of a device saw, another must have seen this share."""


def _best(
    ranked: Sequence[tuple[Hashable, tuple[int, str]]],
    names: Sequence[str],
    extents: Sequence[Extent],
) -> dict[Hashable, str]:
    """Of each group the name of lowest rank among those that saw enough.

    Args:
        ranked: of each series its group, its rank and what breaks a tie.
        names: what is chosen among.
        extents: of each series.
    """
    spans: dict[Hashable, dict[str, tuple[float, float]]] = defaultdict(dict)
    ranks: dict[Hashable, dict[str, tuple[int, str]]] = defaultdict(dict)
    for (group, rank), name, extent in zip(ranked, names, extents, strict=True):
        first, last = extent or (math.inf, -math.inf)
        before = spans[group].get(name, (math.inf, -math.inf))
        spans[group][name] = (min(first, before[0]), max(last, before[1]))
        ranks[group][name] = min(rank, ranks[group].get(name, rank))
    chosen: dict[Hashable, str] = {}
    for group, by_name in spans.items():
        lengths = {name: last - first for name, (first, last) in by_name.items()}
        least = ENOUGH * max(lengths.values())
        enough = [name for name, length in lengths.items() if length >= least]
        chosen[group] = min(enough or list(lengths), key=lambda name: ranks[group][name])
    return chosen
