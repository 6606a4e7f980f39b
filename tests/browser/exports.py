"""One file of each format, as the documents of its maker describe it; no reader of ours is asked.

The hand calculation, over everything that is uploaded:

    workload   category        kWh facility                     location kg       market kg
    forge      scope_2         100 000 (facility meter)         x 0.05 = 5 000    x 0.02 = 2 000
    cluster    scope_2          20 000 (facility meter)         x 0.05 = 1 000    12 000 certified
                                                                                  x 0 = 0
                                                                                  8 000 residual
                                                                                  x 0.06 = 480
    chat       scope_3_cat_1   1 000 h x 400 W / 1000 x 1.1
                               = 440                            x 0.40 =   176    x 0.50 = 220
    =cmd…      scope_3_cat_1   500 kWh IT x 1.2 = 600           x 0.10 =    60    x 0.10 = 60
    adapter    scope_2         what CodeCarbon measured in two seconds: grams

    Scope 2      6 000 kg = 6.00 t     2 480 kg = 2.48 t
    Category 1     236 kg                280 kg
    Compute      6 236 kg = 6.24 t     2 760 kg = 2.76 t

Clouds report 3 402.117 kg (AWS), 647 kg (Google) and 281.4 kg (Azure); none of it is added.
"""

import csv
import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

FORMULA = "=cmd|'/c calc'!A1"
ADAPTER = "adapter-学習"

SCOPE_2_KG = (6_000.0, 2_480.0)
CATEGORY_1_KG = (236.0, 280.0)


def activity() -> bytes:
    """The activity template with a semicolon and decimal commas, as a French Excel writes it."""
    return f"""\
workload;lifecycle;provider;region;site;country;period_start;period_end;energy_kwh;\
energy_boundary;accelerator_hours;average_power_w;pue;location_factor_kg_per_kwh;\
market_factor_kg_per_kwh;factor_source
forge;training;;;Lyon;FR;2025-01-01;2025-02-28;100000;facility;;;;0,05;0,02;contract.pdf
cluster;training;;;Lyon;FR;2025-01-01;2025-01-31;20000;facility;;;;0,05;;meter.pdf
chat;inference_realtime;aws;us-west-2;;;2025-01-01;2025-01-31;;;1000;400;1,1;0,40;0,50;claim.pdf
{FORMULA};inference_batch;gcp;us-central1;;;2025-02-01;2025-02-28;500;it;;;1,2;0,10;0,10;claim.pdf
nowhere;training;aws;us-wset-2;;;2025-01-01;2025-01-31;10;it;;;;;;
""".encode()


def instruments() -> bytes:
    """A certificate for 12 000 kWh in France, every criterion answered."""
    return b"""\
instrument_id,kind,market,period_start,period_end,kwh,kg_co2e_per_kwh,technology,registry,vintage,\
retired_on,beneficiary,document,q1,q2,q3,q4,q5,q6,q7,q8
GO-1,eac,FR,2025-01-01,2025-12-31,12000,0,wind,AIB,2025,2026-02-01,Test,cert.pdf,\
true,true,true,true,true,,,true
"""


def factors() -> bytes:
    """The organisation's own copy of a residual mix."""
    return b"""\
zone,valid_from,valid_to,method,basis,kg_co2e_per_kwh,gwp_set,publisher,release,vintage,licence,\
document
FR,2025-01-01,2025-12-31,residual,direct,0.06,AR5,Test registry,2026,2025,own,residual.pdf
"""


def aws() -> bytes:
    """AWS Data Exports, table CARBON_EMISSIONS, all 23 columns, gzip."""
    row = {
        "last_refresh_timestamp": "2025-03-20 04:11:09Z",
        "location": "US West (Oregon)",
        "model_version": "v3.0.0",
        "payer_account_id": "012345678901",
        "product_code": "AmazonEC2",
        "region_code": "us-west-2",
        "total_lbm_emissions_unit": "MTCO2e",
        "total_lbm_emissions_value": "3.402117",
        "total_mbm_emissions_unit": "MTCO2e",
        "total_mbm_emissions_value": "0.611030",
        "total_scope_1_emissions_unit": "MTCO2e",
        "total_scope_1_emissions_value": "0.004001",
        "total_scope_2_lbm_emissions_unit": "MTCO2e",
        "total_scope_2_lbm_emissions_value": "2.790310",
        "total_scope_2_mbm_emissions_unit": "MTCO2e",
        "total_scope_2_mbm_emissions_value": "0.000000",
        "total_scope_3_lbm_emissions_unit": "MTCO2e",
        "total_scope_3_lbm_emissions_value": "0.607806",
        "total_scope_3_mbm_emissions_unit": "MTCO2e",
        "total_scope_3_mbm_emissions_value": "0.607029",
        "usage_account_id": "001234567890",
        "usage_period_end": "2025-02-01 00:00:00Z",
        "usage_period_start": "2025-01-01 00:00:00Z",
    }
    text = io.StringIO()
    writer = csv.DictWriter(text, row, lineterminator="\n")
    writer.writeheader()
    writer.writerow(row)
    return gzip.compress(text.getvalue().encode(), mtime=0)


def google() -> bytes:
    """Google Cloud Carbon Footprint, the BigQuery table as JSON lines."""
    row = {
        "usage_month": "2025-01-01",
        "billing_account_id": "01ABCD-234EF5-678901",
        "project": {"number": "802512345678", "id": "ml-prod"},
        "service": {"id": "C7E2-9256-1C43", "description": "Vertex AI"},
        "location": {"location": "us-central1", "region": "us-central1"},
        "carbon_model_version": 15,
        "carbon_footprint_kgCO2e": {
            "scope1": 0.4,
            "scope2": {"location_based": 412.7, "market_based": 96.1},
            "scope3": 233.9,
        },
        "carbon_footprint_total_kgCO2e": {
            "location_based": 647.0,
            "market_based": 330.4,
            "after_offsets": None,
        },
    }
    return (json.dumps(row) + "\n").encode()


def azure() -> bytes:
    """Azure Carbon Optimization, the answer to a MonthlySummaryReport."""
    answer = {
        "value": [
            {
                "dataType": "MonthlySummaryData",
                "date": "2025-01-01",
                "carbonIntensity": 22.0,
                "latestMonthEmissions": 281.4,
                "previousMonthEmissions": 240.1,
                "monthOverMonthEmissionsChangeRatio": 0.172,
                "monthlyEmissionsChangeValue": 41.3,
            }
        ],
        "skipToken": None,
        "subscriptionAccessDecisionList": [
            {"subscriptionId": "6c1f2a5e-0000-0000-0000-000000000001", "decision": "Allowed"}
        ],
    }
    return json.dumps(answer).encode()


def codecarbon(folder: Path) -> bytes:
    """A run of the real tracker, offline, in a process of its own."""
    program = f"""
import time
from codecarbon import OfflineEmissionsTracker
tracker = OfflineEmissionsTracker(project_name={ADAPTER!r}, country_iso_code="FRA",
    output_dir={str(folder)!r}, measure_power_secs=1, log_level="critical",
    allow_multiple_runs=True)
tracker.start()
time.sleep(2)
tracker.stop()
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=folder, timeout=120)
    return (folder / "emissions.csv").read_bytes()


def all_files(folder: Path) -> dict[str, bytes]:
    """Every format once, by file name. The names say nothing: recognition is by content."""
    return {
        "a.csv": activity(),
        "b.csv": codecarbon(folder),
        "c.csv.gz": aws(),
        "d.jsonl": google(),
        "e.json": azure(),
        "f.csv": instruments(),
        "g.csv": factors(),
    }
