"""Rows and reference tables by hand, small enough to calculate with on paper."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import dataframely as dy
import polars as pl

from carbon.accounting.pipeline import Footprint, Inputs, footprint
from carbon.accounting.summary import summarise
from carbon.factors.library import Library
from carbon.policy import Policy
from carbon.schema import (
    Accelerator,
    Activity,
    CloudInstance,
    CloudRegion,
    Embodied,
    Factor,
    Instrument,
    RegionEfficiency,
    Workload,
    Zone,
)

Row = Mapping[str, Any]
EVIDENCE = "e" * 64

SOURCED: Row = {
    "publisher": "test",
    "licence": "none",
    "document": "by hand",
    "checked_against_original": False,
}


def frame(schema: type[dy.Schema], rows: Sequence[Row]) -> pl.DataFrame:
    """A frame of a schema; columns that a row leaves out are null. Invalid rows fail the test."""
    empty = schema.create_empty()
    if not rows:
        return empty
    blank = dict.fromkeys(empty.columns)
    return schema.validate(pl.DataFrame([{**blank, **row} for row in rows], schema=empty.schema))


def at(text: str) -> dt.datetime:
    """A moment in UTC: `2024-01` or `2024-01-15` or `2024-01-15T12`."""
    parts = text.replace("T", "-").split("-")
    return dt.datetime(*[*map(int, parts), 1, 1][: max(3, len(parts))], tzinfo=dt.UTC)


def use(**columns: Any) -> dict[str, Any]:
    """An activity row: January 2024, unless told otherwise."""
    defaults = {
        "evidence_id": EVIDENCE,
        "row_number": 2,
        "format": "activity-template",
        "key": "k",
        "superseded_in_file": False,
        "workload": "w",
        "period_start": at("2024-01"),
        "period_end": at("2024-02"),
    }
    return {**defaults, **columns}


def grid(zone: str, rate: float, year: int = 2024, **columns: Any) -> dict[str, Any]:
    """A factor of a year: direct and location-based, unless told otherwise."""
    method, basis = columns.get("method", "location"), columns.get("basis", "direct")
    return {
        **SOURCED,
        "factor_id": f"{zone}-{method}-{basis}-{year}",
        "origin": "library",
        "zone": zone,
        "method": method,
        "basis": basis,
        "gwp_set": "AR5",
        "valid_from": at(f"{year}-01"),
        "valid_to": at(f"{year + 1}-01"),
        "granularity": "year",
        "kg_co2e_per_kwh": rate,
        **columns,
    }


def certificate(name: str, kwh: float, market: str = "DE", **columns: Any) -> dict[str, Any]:
    """A zero-rate certificate of 2024 that meets the criteria, unless told otherwise."""
    return {
        "evidence_id": "c" * 64,
        "row_number": 2,
        "key": name,
        "instrument_id": name,
        "kind": "eac",
        "market": market,
        "period_start": dt.date(2024, 1, 1),
        "period_end": dt.date(2025, 1, 1),
        "kwh": kwh,
        "kg_co2e_per_kwh": 0.0,
        **{f"q{n}": True for n in range(1, 6)},
        **columns,
    }


LIBRARY = Library(
    factors=frame(Factor, []),
    zones=frame(
        Zone,
        [
            {**SOURCED, "zone": "US", "name": "USA", "kind": "country", "country": "US",
             "iso3": "USA"},
            {**SOURCED, "zone": "CAMX", "name": "California", "kind": "egrid_subregion",
             "parent": "US", "country": "US", "iso3": "USA"},
            {**SOURCED, "zone": "DE", "name": "Germany", "kind": "country", "country": "DE",
             "iso3": "DEU"},
            {**SOURCED, "zone": "FR", "name": "France", "kind": "country", "country": "FR",
             "iso3": "FRA"},
        ],
    ),
    generation=pl.DataFrame(),
    regions=frame(
        CloudRegion,
        [{**SOURCED, "provider": "aws", "region": "us-west-1", "name": "California",
          "zone": "CAMX", "country": "US", "water_l_per_kwh": 2.0}],
    ),
    efficiency=frame(
        RegionEfficiency,
        [
            {**SOURCED, "provider": "aws", "region": "us-west-1", "year": 2021, "pue": 1.3},
            {**SOURCED, "provider": "aws", "region": "us-west-1", "year": 2024, "pue": 1.2,
             "wue_l_per_kwh": 0.5},
        ],
    ),
    accelerators=frame(
        Accelerator,
        [
            {**SOURCED, "accelerator": "NVIDIA H100", "tdp_w": 700.0,
             "aliases": "h100|nvidia h100"},
            {**SOURCED, "accelerator": "Google TPU v9", "tdp_w": None, "aliases": "tpu v9"},
        ],
    ),
    instances=frame(
        CloudInstance,
        [
            {**SOURCED, "provider": "aws", "instance_type": "p5.48xlarge",
             "accelerator": "NVIDIA H100", "accelerator_count": 8.0},
            {**SOURCED, "provider": "aws", "instance_type": "m5.large", "power_50_w": 20.0},
        ],
    ),
    embodied=frame(
        Embodied,
        [
            {**SOURCED, "item": "NVIDIA H100", "kind": "accelerator", "central_kg": 164.0,
             "boundary": "card"},
            {**SOURCED, "item": "server-8-accelerators", "kind": "server", "central_kg": 5700.0,
             "boundary": "server"},
        ],
    ),
    gwp=pl.DataFrame(
        {"gwp_set": ["AR5"] * 3, "gas": ["CO2", "CH4", "N2O"], "gwp": [1.0, 28.0, 265.0]}
    ),
    zip_zones=pl.DataFrame(),
    grid_loss=pl.DataFrame(),
    cpus=pl.DataFrame(),
    vcpu_power=pl.DataFrame(
        {
            "provider": ["aws", "aws", "gcp"],
            "architecture": ["One", "Two", "One"],
            "min_w_per_vcpu": [0.5, 1.5, 2.0],
            "max_w_per_vcpu": [2.0, 4.0, 6.0],
        }
    ),
    country_names=pl.DataFrame(),
)  # fmt: skip

FACTORS = (
    grid("CAMX", 0.2),
    grid("DE", 0.4),
    grid("FR", 0.05),
    grid("DE", 0.6, method="residual"),
)
"""Germany has a residual mix; California and France have none."""


def account(
    rows: Sequence[Row],
    *,
    factors: Sequence[Row] = FACTORS,
    instruments: Sequence[Row] = (),
    overlay: Sequence[Row] = (),
    policy: Policy | None = None,
    library: Library = LIBRARY,
) -> Footprint:
    """The footprint of rows written by hand."""
    inputs = Inputs(
        activity=frame(Activity, rows),
        workloads=frame(Workload, overlay),
        instruments=frame(Instrument, instruments),
        factors=frame(Factor, factors),
        library=library,
    )
    return footprint(inputs, policy or Policy())


def totals(result: Footprint, policy: Policy | None = None) -> dict[str, Any]:
    """The measures R of the whole."""
    return summarise(result, [], policy or Policy()).row(0, named=True)


def policy(text: str) -> Policy:
    """A policy that differs from the defaults in what the TOML says."""
    return Policy.from_toml(text)


def component(result: Footprint, name: str) -> dict[str, Any]:
    """The one line of a component."""
    lines = result.lines.filter(pl.col("component") == name)
    assert lines.height == 1, result.lines["component"].to_list()
    return lines.row(0, named=True)


def codes(result: Footprint) -> list[str]:
    """Codes of the findings."""
    return [finding.code for finding in result.findings]
