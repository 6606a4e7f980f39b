"""Which files are generated, and what is in each."""

import random

from . import providers
from .bill import bill
from .codecarbon import codecarbon
from .factors import hourly_factors, monthly_factors
from .mlflow import mlflow_runs
from .plan import MONTHS, uses
from .telemetry import telemetry
from .template import (
    TEMPLATE,
    accelerator_state,
    french,
    instance_state,
    lyon_state,
    reno_state,
    rows_of,
    table,
    workbook,
)
from .weather import weather


def files() -> dict[str, bytes]:
    """File name -> bytes, the same on every call. Each file has its own chance, so that a change
    to one leaves the others alone.
    """
    accelerators = rows_of(uses("accelerators"), random.Random("accelerators"), accelerator_state)
    instances = rows_of(uses("instances"), random.Random("instances"), instance_state)
    cloud = [*accelerators, *instances]
    lyon = rows_of(uses("lyon"), random.Random("lyon"), lyon_state)
    reno = rows_of(uses("reno"), random.Random("reno"), reno_state)
    runs_2025 = codecarbon(range(5), "2.8.4", 1.0, random.Random("2025"))
    runs_2026 = codecarbon(range(5, len(MONTHS)), "3.2.1", 1.3, random.Random("2026"))
    monthly, resources = providers.azure(cloud, random.Random("azure"))
    accelerators_of_reno, server_of_reno = telemetry(random.Random("telemetry"))
    return {
        "cloud-accelerator-hours.csv": table(TEMPLATE, accelerators).encode(),
        "inference-services.xlsx": workbook(TEMPLATE, instances),
        "lyon-meters.csv": b"\xef\xbb\xbf" + french(table(TEMPLATE, lyon, ";")).encode(),
        "reno-cluster.csv": table(TEMPLATE, reno).encode(),
        "grenoble-emissions-2025.csv": runs_2025.encode(),
        "grenoble-emissions-2026.csv": runs_2026.encode(),
        "aws-carbon-v2.csv.gz": providers.aws(cloud, "v2.0.0", range(7), random.Random("v2")),
        "aws-carbon-v3.csv.gz": providers.aws(cloud, "v3.0.0", range(14), random.Random("v3")),
        "google-carbon-footprint.jsonl": providers.google(cloud, random.Random("google")).encode(),
        "azure-carbon-monthly.json": monthly.encode(),
        "azure-carbon-resources.json": resources.encode(),
        "aws-cost-and-usage.csv.gz": bill(random.Random("bill")),
        "france-monthly-factors.csv": monthly_factors(random.Random("factors")).encode(),
        "ireland-hourly-factors.csv.gz": hourly_factors(random.Random("hours")),
        "lyon-weather.csv": weather(random.Random("weather")).encode(),
        "reno-mlflow-runs.csv": mlflow_runs(random.Random("mlflow")).encode(),
        "reno-dcgm-week.json.gz": accelerators_of_reno,
        "reno-ipmi-week.json.gz": server_of_reno,
    }
