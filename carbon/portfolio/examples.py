"""Templates to fill in, and two filled-in rows of each."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from carbon.activity import hardware, instruments, published, template, weather
from carbon.factors import template as factor_template

EXAMPLES: Final[Mapping[str, tuple[Mapping[str, str], ...]]] = {
    template.NAME: (
        {
            "workload": "example-assistant",
            "model": "example-8b",
            "lifecycle": "inference_realtime",
            "owner": "Example owner",
            "provider": "aws",
            "region": "us-west-2",
            "period_start": "2026-01-01",
            "period_end": "2026-01-31",
            "accelerator": "H100",
            "accelerator_count": "8",
            "accelerator_hours": "5952",
            "average_power_w": "420",
            "requests": "1250000",
        },
        {
            "workload": "example-training",
            "model": "example-8b",
            "lifecycle": "training",
            "owner": "Example owner",
            "country": "FR",
            "site": "Lyon",
            "period_start": "2026-01-12",
            "period_end": "2026-01-25",
            "energy_kwh": "12500.5",
            "energy_boundary": "it",
            "pue": "1.3",
        },
    ),
    instruments.NAME: (
        {
            "instrument_id": "EXAMPLE-GO-1",
            "kind": "eac",
            "market": "FR",
            "period_start": "2026-01-01",
            "period_end": "2026-12-31",
            "kwh": "120000",
            "kg_co2e_per_kwh": "0",
            "technology": "wind",
            "registry": "Example registry",
            "vintage": "2026",
            "retired_on": "2027-02-01",
            "beneficiary": "Example organisation",
            "document": "cancellation-statement.pdf",
            **dict.fromkeys(("q1", "q2", "q3", "q4", "q5", "q8"), "true"),
        },
        {
            "instrument_id": "EXAMPLE-RATE-1",
            "kind": "supplier_rate",
            "market": "DE",
            "period_start": "2026-01-01",
            "period_end": "2026-12-31",
            "kwh": "80000",
            "kg_co2e_per_kwh": "0.12",
            "document": "supplier-statement.pdf",
            **dict.fromkeys(("q1", "q2", "q3", "q4", "q5", "q6", "q8"), "true"),
        },
    ),
    hardware.NAME: (
        {
            "asset_id": "EXAMPLE-1",
            "item": "H100",
            "kind": "accelerator",
            "count": "8",
            "purchased_on": "2025-09-15",
            "site": "Lyon",
            "lifetime_years": "5",
        },
        {
            "asset_id": "EXAMPLE-2",
            "item": "Example server R-1",
            "kind": "server",
            "count": "1",
            "purchased_on": "2025-09-15",
            "site": "Lyon",
            "kg_co2e_each": "1650",
            "low_kg_each": "900",
            "high_kg_each": "3200",
            "document": "product-carbon-footprint.pdf",
        },
    ),
    published.NAME: (
        {
            "model": "Example 8B",
            "task": "text generation",
            "per": "1k_queries",
            "energy_wh": "1.2 kWh",
            "boundary": "board",
            "edition": "December 2025",
            "publisher": "Example leaderboard",
            "document": "https://example.org/leaderboard",
            "licence": "plain facts",
            "hardware": "NVIDIA H100",
            "statistic": "mean",
        },
        {
            "model": "Example 70B",
            "per": "training_run",
            "energy_wh": "581 MWh",
            "location_g": "240 t",
            "boundary": "facility",
            "edition": "July 2025",
            "publisher": "Example organisation",
            "document": "model-card.md",
            "with_embodied": "false",
            "statistic": "total",
        },
    ),
    weather.NAME: (
        {
            "site": "Lyon",
            "date": "2025-07-01",
            "mean_temp_c": "27.4",
            "wet_bulb_c": "19.5",
            "facility_kwh": "32640",
            "it_kwh": "24000",
        },
        {
            "site": "Lyon",
            "date": "2020-07-01",
            "mean_temp_c": "23.1",
            "normal": "true",
        },
    ),
    factor_template.NAME: (
        {
            "zone": "FR",
            "valid_from": "2026-01-01",
            "valid_to": "2026-12-31",
            "method": "residual",
            "basis": "direct",
            "kg_co2e_per_kwh": "0.06",
            "gwp_set": "AR5",
            "publisher": "Example publisher",
            "release": "2027",
            "vintage": "2026",
            "licence": "Example licence",
            "document": "residual-mix.pdf",
        },
        {
            "zone": "Example campus",
            "valid_from": "2026-01-01",
            "valid_to": "2026-01-31",
            "method": "location",
            "basis": "direct",
            "kg_co2e_per_kwh": "0.21",
            "gwp_set": "AR5",
            "publisher": "Example publisher",
            "document": "campus-meter.pdf",
        },
    ),
}
"""Invented rows, as one would fill them in; what is left out stays an empty cell."""


def templates() -> dict[str, bytes]:
    """Templates to fill in, by file name: each as a header alone, and with two example rows."""
    columns = {
        template.NAME: template.COLUMNS,
        instruments.NAME: instruments.VARIABLE_MAP,
        hardware.NAME: hardware.VARIABLE_MAP,
        published.NAME: published.VARIABLE_MAP,
        weather.NAME: weather.VARIABLE_MAP,
        factor_template.NAME: factor_template.VARIABLE_MAP,
    }
    files = {}
    for name, header in columns.items():
        empty = dict.fromkeys(header, "")
        filled = pl.DataFrame([{**empty, **row} for row in EXAMPLES[name]])
        files[f"{name}.csv"] = filled.clear().write_csv().encode()
        files[f"{name}-example.csv"] = filled.write_csv(quote_style="necessary").encode()
    return files
