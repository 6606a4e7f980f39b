"""What the three providers report, invented near what the uses would give: the ratio of the two is
what a reconciliation looks at.
"""

import csv
import gzip
import io
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from .plan import MONTHS, Use, after, uses

HOST_W: Final = 150.0
"""Server power per accelerator that the provider's own figures are built on [W]."""

ROUGH_GRID: Final = {
    "us-west-2": 0.29,
    "us-east-1": 0.28,
    "eu-west-1": 0.25,
    "eu-central-1": 0.31,
    "us-central1": 0.43,
    "europe-west4": 0.25,
    "asia-northeast1": 0.47,
    "swedencentral": 0.01,
    "eastus": 0.28,
    "japaneast": 0.47,
}
"""Round grid intensities, to invent plausible provider-reported figures with [kgCO2e/kWh]."""
ROUGH_WATTS: Final = {"NVIDIA L4": 72, "TPU v4": 170, "NVIDIA A100 80GB PCIe": 300}
"""Round powers of accelerators nobody measured; 400 for the rest [W]."""

INSTANCE_W: Final = {
    "Standard_ND96isr_H100_v5": 8 * 850,
    "Standard_NC24ads_A100_v4": 450,
    "g4dn.12xlarge": 880,
    "g4dn.xlarge": 220,
    "g6.12xlarge": 888,
    "g6e.12xlarge": 2000,
    "g5.xlarge": 300,
    "p4d.24xlarge": 4400,
    "g2-standard-12": 222,
    "g2-standard-24": 444,
    "g2-standard-48": 888,
    "a2-highgpu-8g": 4400,
}
"""Round instance powers, for the provider-reported figures only [W]."""


def cloud_energy(use: Use, row: Mapping[str, Any]) -> float:
    """What a provider would find for a row [kWh]; rough, only to invent its reported figure."""
    if "instance_hours" in row:
        watts = INSTANCE_W[use.hardware] * 0.8
        return float(row["instance_hours"]) * watts / 1000 * 1.13
    watts = use.watts or ROUGH_WATTS.get(use.hardware, 400) + HOST_W
    return float(row["accelerator_hours"]) * watts / 1000 * 1.13


def reported_kg(rows: Iterable[Mapping[str, Any]], provider: str) -> dict[tuple[str, str], float]:
    """(month, region) -> location-based Scope 2 of a provider's rows [kgCO2e], rough."""
    by_name = {use.workload: use for use in (*uses("accelerators"), *uses("instances"))}
    sums: dict[tuple[str, str], float] = {}
    for row in rows:
        if row["provider"] == provider:
            key = (row["period_start"], row["region"])
            kg = cloud_energy(by_name[row["workload"]], row) * ROUGH_GRID[row["region"]]
            sums[key] = sums.get(key, 0.0) + kg
    return sums


AWS_PAYER, AWS_ACCOUNTS = "004512873301", ("004512873302", "310092847561")
AWS_NAMES: Final = {
    "us-west-2": "US West (Oregon)",
    "us-east-1": "US East (N. Virginia)",
    "eu-west-1": "Europe (Ireland)",
    "eu-central-1": "Europe (Frankfurt)",
}
AWS_SERVICES: Final = (
    ("AmazonEC2", AWS_ACCOUNTS[0], 0.62),
    ("AmazonSageMaker", AWS_ACCOUNTS[1], 0.35),
    ("AmazonS3", AWS_ACCOUNTS[0], 0.03),
)
AWS_REFRESHED: Final = {"v2.0.0": "2026-03-20 04:11:09Z", "v3.0.0": "2026-10-20 04:11:09Z"}


def aws(
    rows: Iterable[Mapping[str, Any]], version: str, months: Iterable[int], chance: random.Random
) -> bytes:
    """AWS's carbon Data Export, gzipped CSV. The model before 3.0 has no scope 3 and no scope
    columns; the newer one restates the same months with them.
    """
    wanted = {MONTHS[n].isoformat() for n in months}
    figures = aws_old_model if version == "v2.0.0" else aws_new_model
    records = []
    for (month, region), kg in sorted(reported_kg(rows, "aws").items()):
        tonnes = kg / 1000 * chance.uniform(0.82, 1.22)
        for service, account, share in AWS_SERVICES if month in wanted else ():
            row = {
                "last_refresh_timestamp": AWS_REFRESHED[version],
                "location": AWS_NAMES[region],
                "model_version": version,
                "payer_account_id": AWS_PAYER,
                "product_code": service,
                "region_code": region,
                "usage_account_id": account,
                "usage_period_start": f"{month} 00:00:00Z",
                "usage_period_end": f"{after(date.fromisoformat(month))} 00:00:00Z",
            }
            for name, value in figures(tonnes * share).items():
                row[f"total_{name}_unit"] = "MTCO2e"
                row[f"total_{name}_value"] = f"{value:.6f}"
            records.append(row)
    out = io.StringIO()
    writer = csv.DictWriter(out, sorted(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return gzip.compress(out.getvalue().encode(), mtime=0)


def aws_old_model(tonnes: float) -> dict[str, float]:
    """Totals without scope 3 [t]: the same energy reads a tenth lower."""
    return {"lbm_emissions": tonnes * 0.904, "mbm_emissions": tonnes * 0.014}


def aws_new_model(tonnes: float) -> dict[str, float]:
    """Totals and scopes [t]. AWS matches its electricity, so market-based scope 2 is nearly
    nothing and scope 3 is what is left.
    """
    scope_1, scope_3_lbm, scope_3_mbm = tonnes * 0.004, tonnes * 0.31, tonnes * 0.29
    return {
        "lbm_emissions": scope_1 + tonnes + scope_3_lbm,
        "mbm_emissions": scope_1 + tonnes * 0.01 + scope_3_mbm,
        "scope_1_emissions": scope_1,
        "scope_2_lbm_emissions": tonnes,
        "scope_2_mbm_emissions": tonnes * 0.01,
        "scope_3_lbm_emissions": scope_3_lbm,
        "scope_3_mbm_emissions": scope_3_mbm,
    }


GOOGLE_SERVICES: Final = (
    (
        {"id": "C7E2-9256-1C43", "description": "Vertex AI"},
        0.55,
        {"number": "802512345678", "id": "meridian-ml-prod"},
    ),
    (
        {"id": "6F81-5844-456A", "description": "Compute Engine"},
        0.43,
        {"number": "390718812044", "id": "meridian-research"},
    ),
    ({"id": "95FF-2EF5-5EA1", "description": "Cloud Storage"}, 0.02, {"number": "", "id": None}),
)


def google(rows: Iterable[Mapping[str, Any]], chance: random.Random) -> str:
    """Google's Carbon Footprint table as BigQuery exports it, JSON lines."""
    lines = []
    for (month, region), kg in sorted(reported_kg(rows, "gcp").items()):
        ratio = chance.uniform(0.75, 1.15)
        for service, share, project in GOOGLE_SERVICES:
            lines.append(google_record(month, region, service, project, kg * share * ratio))
    return "\n".join(json.dumps(line) for line in lines) + "\n"


def google_record(
    month: str, region: str, service: Mapping[str, Any], project: Mapping[str, Any], kg: float
) -> dict[str, Any]:
    location, market = round(kg, 4), round(kg * 0.21, 4)
    direct, embodied = round(kg * 0.002, 4), round(kg * 0.27, 4)
    return {
        "usage_month": month,
        "billing_account_id": "01ABCD-234EF5-678901",
        "project": project,
        "service": service,
        "location": {"location": region, "region": region},
        "carbon_model_version": 14 if month < "2026-02" else 15,
        "carbon_footprint_kgCO2e": {
            "scope1": direct,
            "scope2": {"location_based": location, "market_based": market},
            "scope3": embodied,
        },
        "carbon_footprint_total_kgCO2e": {
            "location_based": round(direct + location + embodied, 4),
            "market_based": round(direct + market + embodied, 4),
            "after_offsets": None,
        },
    }


SUBSCRIPTION: Final = "7d4f0c1e-52aa-4b7e-9d15-0a61c3b8e2f4"
AZURE_PLACES: Final = {
    "swedencentral": "sweden central",
    "eastus": "east us",
    "japaneast": "japan east",
}
AZURE_RESOURCES: Final = {
    "swedencentral": (("clinical-llm", "train-nd96-0", 0.8), ("patient-chat", "chat-nd96-0", 0.2)),
    "eastus": (
        ("copilot", "copilot-nc24-0", 0.6),
        ("speech", "speech-nc24-0", 0.25),
        ("claims", "claims-nc24-0", 0.15),
    ),
    "japaneast": (("monshin", "monshin-nc24-0", 1.0),),
}


def azure(rows: Sequence[Mapping[str, Any]], chance: random.Random) -> tuple[str, str]:
    """Azure's Carbon Optimization API, as saved to disk: the monthly summary, and what each
    resource emitted, one answer a month with the request that it answers.
    """
    resources = [
        envelope("ItemDetailsReport", month, month, azure_items(rows, month, chance), "Resource")
        for month in (m.isoformat() for m in MONTHS)
    ]
    sums = {
        e["request"]["dateRange"]["start"]: sum(v["latestMonthEmissions"] for v in e["value"])
        for e in resources
    }
    months = sorted(sums)
    summary = [
        {
            "dataType": "MonthlySummaryData",
            "date": month,
            "carbonIntensity": 22.0,
            "latestMonthEmissions": round(sums[month], 3),
            "previousMonthEmissions": round(sums.get(before, 0.0), 3),
        }
        for before, month in zip(["", *months[:-1]], months, strict=True)
    ]
    # The API answers for at most twelve months at a time.
    pages = [
        envelope("MonthlySummaryReport", part[0]["date"], part[-1]["date"], part)
        for part in (summary[:12], summary[12:])
    ]
    return json.dumps(pages, indent=1) + "\n", json.dumps(resources, indent=1) + "\n"


def azure_items(
    rows: Iterable[Mapping[str, Any]], month: str, chance: random.Random
) -> list[dict[str, Any]]:
    items = []
    for (when, region), kg in sorted(reported_kg(rows, "azure").items()):
        if when != month:
            continue
        # Embodied and upstream emissions are in Azure's figures: in Sweden they are most of them.
        whole = kg * chance.uniform(0.9, 1.3) + (900.0 if region == "swedencentral" else 120.0)
        for group, name, share in AZURE_RESOURCES[region]:
            path = f"/subscriptions/{SUBSCRIPTION}/resourcegroups/{group}"
            items.append(
                {
                    "dataType": "ResourceItemDetailsData",
                    "itemName": name,
                    "categoryType": "Resource",
                    "subscriptionId": SUBSCRIPTION,
                    "resourceGroup": group,
                    "resourceId": f"{path}/providers/microsoft.compute/virtualmachines/{name}",
                    "location": AZURE_PLACES[region],
                    "resourceType": "microsoft.compute/virtualmachines",
                    "latestMonthEmissions": round(whole * share, 3),
                    "previousMonthEmissions": 0.0,
                }
            )
    return items


def envelope(
    report: str, start: str, end: str, value: list[dict[str, Any]], category: str | None = None
) -> dict[str, Any]:
    """The API's answer, saved together with the request, which alone names the months."""
    return {
        "request": {
            "reportType": report,
            **({"categoryType": category} if category else {}),
            "dateRange": {"start": start, "end": end},
            "subscriptionList": [SUBSCRIPTION],
            "carbonScopeList": ["Scope1", "Scope2", "Scope3"],
        },
        "value": value,
        "skipToken": None,
        "subscriptionAccessDecisionList": [{"subscriptionId": SUBSCRIPTION, "decision": "Allowed"}],
    }
