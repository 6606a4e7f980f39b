"""CodeCarbon's `emissions.csv`, as two of its versions write it."""

import csv
import io
import random
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from .plan import MONTHS, Run, runs

BASE: Final = (
    "timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,"
    "gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,water_consumed,"
    "country_name,country_iso_code,region,cloud_provider,cloud_region,os,python_version,"
    "codecarbon_version,cpu_count,cpu_model,gpu_count,gpu_model,longitude,latitude,"
    "ram_total_size,tracking_mode,cpu_utilization_percent,gpu_utilization_percent,"
    "ram_utilization_percent,ram_used_gb,on_cloud,pue,wue"
)
"""The header since 3.2.1."""

SINCE_3: Final = {
    "water_consumed",
    "cpu_utilization_percent",
    "gpu_utilization_percent",
    "ram_utilization_percent",
    "ram_used_gb",
    "wue",
}


def codecarbon(months: range, version: str, pue: float, chance: random.Random) -> str:
    """`emissions.csv` of the Grenoble workstations. Since 2.2.3 its energies include the PUE.

    The first run of each month was flushed half-way: the same run_id twice, cumulative.
    """
    rows = []
    for month in months:
        for job in runs():
            if job.first <= month <= job.last:
                for number in range(job.runs_a_month):
                    row = finished_run(job, month, version, pue, chance)
                    rows += [half_of(row), row] if number == 0 else [row]
    rows.sort(key=lambda row: row["timestamp"])
    columns = [name for name in BASE.split(",") if version.startswith("3") or name not in SINCE_3]
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def finished_run(
    job: Run, month: int, version: str, pue: float, chance: random.Random
) -> dict[str, Any]:
    """One run, with the energies that its duration and powers give."""
    seconds = job.hours_a_run * 3600 * chance.uniform(0.85, 1.15)
    end = datetime(MONTHS[month].year, MONTHS[month].month, chance.randint(3, 28), 7) + timedelta(
        seconds=chance.randint(0, 50_000)
    )
    power = {
        "gpu": job.gpus * job.gpu_watts * chance.uniform(0.95, 1.05),
        "cpu": 140.0,
        "ram": 64.0,
    }
    energy = {part: value * seconds / 3.6e6 * pue for part, value in power.items()}
    total = sum(energy.values())
    return {
        "timestamp": end.isoformat(timespec="seconds"),
        "project_name": job.workload,
        "run_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "experiment_id": "5b0fa12e-3dd7-45bb-9766-cc326314d9f1",
        "duration": round(seconds, 3),
        "emissions": round(total * 0.056, 6),
        "emissions_rate": round(total * 0.056 / seconds, 9),
        **{f"{part}_power": round(value, 2) for part, value in power.items()},
        **{f"{part}_energy": round(value, 6) for part, value in energy.items()},
        "energy_consumed": round(sum(round(value, 6) for value in energy.values()), 6),
        "water_consumed": 0.0,
        "country_name": "France",
        "country_iso_code": "FRA",
        "region": "auvergne-rhône-alpes",
        "os": "Linux-6.1.0-x86_64-with-glibc2.36",
        "python_version": "3.11.9",
        "codecarbon_version": version,
        "cpu_count": 64,
        "cpu_model": "AMD EPYC 7543 32-Core Processor",
        "gpu_count": job.gpus,
        "gpu_model": f"{job.gpus} x NVIDIA A100-SXM4-80GB",
        "longitude": 5.7,
        "latitude": 45.2,
        "ram_total_size": 503.5,
        "tracking_mode": "machine",
        "cpu_utilization_percent": 21.4,
        "gpu_utilization_percent": 87.2,
        "ram_utilization_percent": 31.0,
        "ram_used_gb": 156.1,
        "on_cloud": "N",
        "pue": pue,
        "wue": 0.0,
    }


def half_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The same run as flushed when half of it was done."""
    half = dict(row)
    seconds = row["duration"] / 2
    end = datetime.fromisoformat(row["timestamp"]) - timedelta(seconds=seconds)
    half["timestamp"] = end.isoformat(timespec="seconds")
    half["duration"] = round(seconds, 3)
    for part in ("cpu", "gpu", "ram"):
        half[f"{part}_energy"] = round(row[f"{part}_energy"] / 2, 6)
    half["energy_consumed"] = round(
        sum(half[f"{part}_energy"] for part in ("cpu", "gpu", "ram")), 6
    )
    half["emissions"] = round(row["emissions"] / 2, 6)
    return half
