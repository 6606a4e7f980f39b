"""Metrics of power and energy that exporters publish: what each measures, in which unit, of what.

One row a metric. `scale` turns its value into W (gauge) or J (counter): it is the place to look up
which unit a metric was taken to be in. Metrics that show the same energy again (the cores of a
package, containers beside their node, supply units beside the server) stand in `PARTS_OF`: their
samples are left alone, and a note says so.

Sources: DCGM exporter default-counters.csv; node_exporter rapl_linux.go; Kepler
docs/user/metrics.md (0.10 and later) and pkg/metrics (up to 0.7); Scaphandre
docs_src/references/metrics.md; prometheus-community/ipmi_exporter docs/metrics.md; idrac_exporter
README; PowerNet-MIB (APC rPDU2), Sentry4-MIB, PDU2-MIB (Raritan); Triton
docs/user_guide/metrics.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from carbon.units import J_PER_KWH

Measures = Literal["power", "energy"]

RAPL_RANGE_J: Final = 262_144.0
"""Where the energy counter of a processor wraps: 2^32 steps of 61 µJ, max_energy_range_uj of most
kernels. It is not in any export, and is used only to tell how long a step may safely be."""

CONTAINED: Final = ("HGX_",)
"""How ids of chassis begin that lie inside the server's own, as trays of GPUs do."""

HOST_LABELS: Final = (
    *("Hostname", "hostname", "node_name", "exported_node", "node", "kubernetes_node"),
    *("nodename", "exported_hostname", "host", "exported_instance", "instance"),
)
"""Labels that name the machine, the first that is there; the port of an instance is cut off."""


@dataclass(frozen=True)
class Kind:
    """A kind of meter.

    Attributes:
        component, boundary, tier: of the energy, as in Activity.
        most_w: more than this such a device cannot draw [W].
    """

    component: str
    boundary: str
    tier: str
    most_w: float


KINDS: Final[Mapping[str, Kind]] = {
    "gpu": Kind("accelerator", "board", "T3", 5_000.0),
    "cpu": Kind("cpu", "chip", "T3", 700.0),
    "memory": Kind("memory", "chip", "T3", 700.0),
    "node": Kind("it", "node", "T2", 100_000.0),
    "rack": Kind("it", "rack", "T2", 1_000_000.0),
}


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        kind: of meter, a key of KINDS.
        measures: power (a gauge) or energy (a counter).
        scale: value x scale = W or J.
        rank: of several that tell the energy of one device, the lowest counts.
        device: labels that tell devices of one host apart.
        parts: labels whose values add up to the device.
        keep: label -> values that count; series with another value show parts of those.
        kinds: label -> value -> kind, where one metric serves several.
        model: label that names the device's model.
        wraps: whether the counter is the processor's own, which wraps.
        view: exporters of one view of a host tell it whole; of several views one counts. Empty
            where devices have ids that every exporter knows.
    """

    kind: str
    measures: Measures
    scale: float = 1.0
    rank: int = 0
    device: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    model: str | None = None
    wraps: bool = False
    view: str = ""


_UUID: Final = ("UUID", "uuid", "gpu_uuid")
_ZONES: Final = {"zone": {"package": "cpu", "dram": "memory"}}
_ZONE_KEPT: Final = {"zone": ("package", "dram")}
_RAPL: Final = ("path", "index")

_NVIDIA: Final = {
    # DCGM: the counter is in mJ since the driver was loaded.
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": Metric(
        "gpu", "energy", 1e-3, 0, _UUID, model="modelName"
    ),
    "DCGM_FI_DEV_POWER_USAGE": Metric("gpu", "power", 1.0, 10, _UUID, model="modelName"),
    "DCGM_FI_DEV_POWER_USAGE_INSTANT": Metric("gpu", "power", 1.0, 11, _UUID, model="modelName"),
    "dcgm_total_energy_consumption": Metric("gpu", "energy", 1e-3, 1, _UUID, model="modelName"),
    "dcgm_power_usage": Metric("gpu", "power", 1.0, 12, _UUID, model="modelName"),
    # nvidia-smi's columns.
    "power.draw": Metric("gpu", "power", 1.0, 20, _UUID, model="modelName"),
    "power.draw.average": Metric("gpu", "power", 1.0, 21, _UUID, model="modelName"),
    "power.draw.instant": Metric("gpu", "power", 1.0, 22, _UUID, model="modelName"),
    # Triton: J since the server started.
    "nv_energy_consumption": Metric("gpu", "energy", 1.0, 5, _UUID),
    "nv_gpu_power_usage": Metric("gpu", "power", 1.0, 15, _UUID),
}

_PROCESSORS: Final = {
    "node_rapl_package_joules_total": Metric(
        "cpu", "energy", 1.0, 0, _RAPL, wraps=True, view="rapl"
    ),
    "node_rapl_dram_joules_total": Metric(
        "memory", "energy", 1.0, 0, _RAPL, wraps=True, view="rapl"
    ),
    "scaph_socket_energy_microjoules": Metric(
        "cpu", "energy", 1e-6, 4, ("socket_id",), wraps=True, view="scaphandre-socket"
    ),
    "scaph_socket_power_microwatts": Metric(
        "cpu", "power", 1e-6, 14, ("socket_id",), view="scaphandre-socket"
    ),
    "scaph_host_energy_microjoules": Metric(
        "cpu", "energy", 1e-6, 5, wraps=True, view="scaphandre"
    ),
    "scaph_host_power_microwatts": Metric("cpu", "power", 1e-6, 15, view="scaphandre"),
}

_KEPLER: Final = {
    "kepler_node_cpu_joules_total": Metric(
        "cpu", "energy", 1.0, 2, ("path", "zone"), keep=_ZONE_KEPT, kinds=_ZONES, view="kepler"
    ),
    "kepler_node_cpu_watts": Metric(
        "cpu", "power", 1.0, 12, ("path", "zone"), keep=_ZONE_KEPT, kinds=_ZONES, view="kepler"
    ),
    "kepler_pod_cpu_joules_total": Metric(
        "cpu",
        "energy",
        1.0,
        30,
        ("pod_id", "zone"),
        ("state",),
        _ZONE_KEPT,
        _ZONES,
        view="kepler-pod",
    ),
    "kepler_container_cpu_joules_total": Metric(
        "cpu",
        "energy",
        1.0,
        40,
        ("container_id", "zone"),
        ("state",),
        _ZONE_KEPT,
        _ZONES,
        view="kepler-container",
    ),
    "kepler_node_gpu_joules_total": Metric(
        "gpu", "energy", 1.0, 6, _UUID, ("mode",), model="gpu_name"
    ),
    "kepler_node_gpu_watts": Metric("gpu", "power", 1.0, 16, _UUID, model="gpu_name"),
    "kepler_platform_watts": Metric("node", "power", 1.0, 14, ("source_id",), view="kepler"),
    # Up to 0.7: one metric a zone; the dynamic and the idle part add up.
    "kepler_node_package_joules_total": Metric(
        "cpu", "energy", 1.0, 3, ("package",), ("mode",), view="kepler"
    ),
    "kepler_node_dram_joules_total": Metric(
        "memory", "energy", 1.0, 3, ("package",), ("mode",), view="kepler"
    ),
    "kepler_node_platform_joules_total": Metric(
        "node", "energy", 1.0, 4, (), ("mode",), view="kepler"
    ),
    "kepler_container_package_joules_total": Metric(
        "cpu", "energy", 1.0, 41, ("container_id",), ("mode",), view="kepler-container"
    ),
    "kepler_container_dram_joules_total": Metric(
        "memory", "energy", 1.0, 41, ("container_id",), ("mode",), view="kepler-container"
    ),
}

_SERVERS: Final = {
    "ipmi_dcmi_power_consumption_watts": Metric("node", "power", 1.0, 10, view="ipmi"),
    "ipmi_dcmi_power_consumption_current_watts": Metric("node", "power", 1.0, 10, view="ipmi"),
    "idrac_power_control_consumed_watts": Metric(
        "node", "power", 1.0, 11, keep={"id": ("0",)}, view="idrac"
    ),
    "redfish_power_consumed_watts": Metric("node", "power", 1.0, 12, ("chassis",), view="redfish"),
    "redfish_chassis_power_average_consumed_watts": Metric(
        "node", "power", 1.0, 13, ("chassis_id",), view="redfish"
    ),
}

_REDFISH: Final = {
    # Members of Redfish's own JSON: EnvironmentMetrics, the older Power, metrics of rack PDUs.
    "EnergykWh.Reading": Metric("node", "energy", J_PER_KWH, 5, ("chassis",), view="redfish-json"),
    "PowerWatts.Reading": Metric("node", "power", 1.0, 15, ("chassis",), view="redfish-json"),
    "PowerControl.PowerConsumedWatts": Metric(
        "node", "power", 1.0, 16, ("chassis",), view="redfish-json"
    ),
    "RackPDU.EnergykWh.Reading": Metric("rack", "energy", J_PER_KWH, 1, ("pdu",)),
    "RackPDU.PowerWatts.Reading": Metric("rack", "power", 1.0, 11, ("pdu",)),
}

_PDUS: Final = {
    # Hundredths of a kilowatt, and tenths of a kilowatt-hour.
    "rPDU2DeviceStatusEnergy": Metric(
        "rack", "energy", 0.1 * J_PER_KWH, 0, ("rPDU2DeviceStatusIndex",)
    ),
    "rPDU2DeviceStatusPower": Metric("rack", "power", 10.0, 10, ("rPDU2DeviceStatusIndex",)),
    "st4InputCordEnergy": Metric(
        "rack", "energy", 0.1 * J_PER_KWH, 0, ("st4UnitIndex", "st4InputCordIndex")
    ),
    "st4InputCordActivePower": Metric(
        "rack", "power", 1.0, 10, ("st4UnitIndex", "st4InputCordIndex")
    ),
    # Raritan gives watts and watt-hours with as many decimal digits as the inlet is set to: none,
    # as delivered.
    "measurementsInletSensorValue/activeEnergy": Metric(
        "rack", "energy", 3600.0, 0, ("pduId", "inletId")
    ),
    "measurementsInletSensorValue/activePower": Metric(
        "rack", "power", 1.0, 10, ("pduId", "inletId")
    ),
}

METRICS: Final[Mapping[str, Metric]] = {
    **_NVIDIA,
    **_PROCESSORS,
    **_KEPLER,
    **_SERVERS,
    **_REDFISH,
    **_PDUS,
}
"""Metric name -> what it measures. Raritan's one name serves every sensor: its type stands behind
the name."""

_LAST_REQUEST: Final = (
    "this gauge holds the last request and no sum; export response.impacts of every request as "
    "JSON lines instead"
)

PARTS_OF: Final[Mapping[str, str]] = {
    "node_rapl_core_joules_total": "part of the package",
    "node_rapl_uncore_joules_total": "part of the package",
    "node_rapl_psys_joules_total": "it holds the packages, and not every machine has it",
    "kepler_node_cpu_active_joules_total": "part of kepler_node_cpu_joules_total",
    "kepler_node_cpu_idle_joules_total": "part of kepler_node_cpu_joules_total",
    "kepler_node_cpu_active_watts": "part of kepler_node_cpu_watts",
    "kepler_node_cpu_idle_watts": "part of kepler_node_cpu_watts",
    "kepler_node_core_joules_total": "part of the package",
    "kepler_node_uncore_joules_total": "part of the package",
    "kepler_node_other_joules_total": "the platform less what is metered apart",
    "kepler_process_cpu_joules_total": "part of the node",
    "kepler_vm_cpu_joules_total": "part of the node",
    "kepler_pod_cpu_watts": "kepler_pod_cpu_joules_total tells the same",
    "kepler_container_cpu_watts": "kepler_container_cpu_joules_total tells the same",
    "scaph_process_power_consumption_microwatts": "part of the host",
    "ipmi_power_watts": "sensors overlap; the DCMI reading tells the whole server",
    "redfish_chassis_power_powersupply_last_power_output_watts": "part of the server",
    "rPDU2PhaseStatusPower": "part of the device",
    **dict.fromkeys(
        (
            *("ecologits_energy", "ecologits_energy_joules", "ecologits_pe", "ecologits_pe_joules"),
            *("ecologits_gwp", "ecologits_gwp_gCO2eq", "ecologits_adpe", "ecologits_adpe_gSbeq"),
            *("ecologits_input_tokens", "ecologits_output_tokens"),
            *("ecologits_input_tokens_ratio", "ecologits_output_tokens_ratio"),
        ),
        _LAST_REQUEST,
    ),
}
"""Metrics that are known and never counted, and why."""

SENSOR_TYPES: Final = {"5": "activePower", "8": "activeEnergy"}
"""Raritan's sensor types by number, where the exporter gives no names."""


def metric_key(name: str, labels: Mapping[str, str]) -> str:
    """The key of METRICS under which a series is to be looked up."""
    sensor = labels.get("sensorType") or labels.get("measurementsInletSensorType")
    if name == "measurementsInletSensorValue" and sensor:
        return f"{name}/{SENSOR_TYPES.get(sensor, sensor)}"
    return name if name in METRICS or not name.endswith("_total") else _without_total(name)


def _without_total(name: str) -> str:
    """OpenMetrics adds `_total` to every counter, whatever its exporter calls it."""
    bare = name.removesuffix("_total")
    return bare if bare in METRICS else name
