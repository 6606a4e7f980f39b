"""One week of a GPU server in Reno as Prometheus answers `query_range`: the accelerators by the
DCGM exporter, and the whole server by the IPMI exporter.
"""

import gzip
import json
import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

HOST: Final = "reno-h100-01"
FROM: Final = datetime(2026, 9, 14, tzinfo=UTC)
STEP_S: Final = 60
MINUTES: Final = 7 * 24 * 60
"""Both ends are asked for: a week of minutes and one."""

RESET: Final = range(2 * 1440 + 13 * 60 + 21, 2 * 1440 + 14 * 60 + 8)
"""Minutes in which the second accelerator was off the bus: Wednesday, 13:21 to 14:07."""

BLANK_AT: Final = 4 * 1440 + 9 * 60 + 30
BLANK: Final = "140737488355328"
"""DCGM's value for a power that it could not read, once: Friday, 9:30."""

CHANGE: Final = 3 * 1440 + 18 * 60 + 24
"""Thursday, 18:24: the second accelerator goes from one job to the other."""

UUIDS: Final = (
    "GPU-5fd4f087-86f3-7a43-b711-4771313afc50",
    "GPU-c1b2a7de-30f9-52d8-9f0e-6b8d1a44e973",
)

Sample = tuple[int, str]


def telemetry(chance: random.Random) -> tuple[bytes, bytes]:
    """Both answers, gzipped: accelerators, and server."""
    first = [_variant_caller(minute, chance) for minute in range(MINUTES + 1)]
    second = [
        _variant_caller(minute, chance) if minute >= CHANGE else chance.uniform(296.0, 327.0)
        for minute in range(MINUTES + 1)
    ]
    for minute in RESET:
        second[minute] = 0.0
    server = [
        # Processors, memory and fans beside what the accelerators draw; losses of the power supply.
        round((one + two + chance.uniform(305.0, 345.0)) * 1.06)
        for one, two in zip(first, second, strict=True)
    ]
    accelerators = [
        _series(_gpu(0, "variant-caller", "7c9d5f6b8-x2lqk"), _watts(first, range(MINUTES + 1))),
        _series(_gpu(1, "docking-screen", "0"), _watts(second, range(CHANGE))),
        _series(
            _gpu(1, "variant-caller", "7c9d5f6b8-m8rtz"),
            _watts(second, range(CHANGE, MINUTES + 1)),
        ),
    ]
    node = [_series(_ipmi(), [(_at(minute), str(watts)) for minute, watts in enumerate(server)])]
    return _answer(accelerators), _answer(node)


def _variant_caller(minute: int, chance: random.Random) -> float:
    """Watts of a job that is busy at night, when the sequencers have delivered."""
    hour = minute // 60 % 24
    busy = 292.0 if hour >= 20 or hour < 7 else 158.0
    return busy + chance.uniform(-17.0, 17.0)


def _watts(watts: list[float], minutes: Iterable[int]) -> list[Sample]:
    """Samples of an accelerator: none while the second was off the bus, and one blank."""
    return [
        (_at(minute), BLANK if minute == BLANK_AT else f"{watts[minute]:.2f}")
        for minute in minutes
        if watts[minute] > 0
    ]


def _at(minute: int) -> int:
    return int((FROM + timedelta(seconds=minute * STEP_S)).timestamp())


def _gpu(index: int, container: str, replica: str) -> dict[str, str]:
    return {
        "__name__": "DCGM_FI_DEV_POWER_USAGE",
        "DCGM_FI_DRIVER_VERSION": "570.124.06",
        "Hostname": HOST,
        "UUID": UUIDS[index],
        "container": container,
        "device": f"nvidia{index}",
        "gpu": str(index),
        "instance": "10.40.3.17:9400",
        "job": "dcgm-exporter",
        "modelName": "NVIDIA H100 PCIe",
        "namespace": "genomics",
        "pci_bus_id": ("00000000:17:00.0", "00000000:CA:00.0")[index],
        "pod": f"{container}-{replica}",
    }


def _ipmi() -> dict[str, str]:
    return {
        "__name__": "ipmi_dcmi_power_consumption_watts",
        "instance": f"{HOST}:9290",
        "job": "ipmi-exporter",
    }


def _series(metric: Mapping[str, str], values: list[Sample]) -> dict[str, Any]:
    return {"metric": metric, "values": values}


def _answer(result: list[dict[str, Any]]) -> bytes:
    answer = {"status": "success", "data": {"resultType": "matrix", "result": result}}
    text = json.dumps(answer, separators=(",", ":"))
    # Without a time in its header the same content packs to the same bytes.
    return gzip.compress(text.encode(), mtime=0)
