"""Scenarios by hand: rows of activity, a footprint, and what a scenario makes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl
from accounting_rows import FACTORS, LIBRARY, SOURCED, Row, account, frame, use

from carbon.accounting.result import Footprint
from carbon.accounting.summary import summarise
from carbon.analysis.whatif.compute import Outcome, whatif
from carbon.analysis.whatif.places import Places, places
from carbon.analysis.whatif.scenario_file import scenario_from_dict
from carbon.analysis.whatif.today import Today, today
from carbon.policy import Policy
from carbon.schema import Accelerator, CloudRegion, Factor, RegionEfficiency, Zone

SWEDEN = {
    **SOURCED,
    "zone": "SE",
    "name": "Sweden",
    "kind": "country",
    "country": "SE",
    "iso3": "SWE",
    "latitude": 59.0,
    "longitude": 18.0,
}

NORTH = {
    **SOURCED,
    "provider": "aws",
    "region": "eu-north-1",
    "name": "Stockholm",
    "zone": "SE",
    "country": "SE",
    "latitude": 59.0,
    "longitude": 18.0,
    "water_l_per_kwh": 3.0,
}

WHATIF_LIBRARY = replace(
    LIBRARY,
    zones=pl.concat([LIBRARY.zones, frame(Zone, [SWEDEN])]),
    regions=pl.concat([LIBRARY.regions, frame(CloudRegion, [NORTH])]),
    efficiency=pl.concat(
        [
            LIBRARY.efficiency,
            frame(
                RegionEfficiency,
                [
                    {
                        **SOURCED,
                        "provider": "aws",
                        "region": "eu-north-1",
                        "year": 2023,
                        "pue": 1.1,
                        "wue_l_per_kwh": 0.25,
                    }
                ],
            ),
        ]
    ),
    accelerators=pl.concat(
        [
            LIBRARY.accelerators,
            frame(
                Accelerator,
                [{**SOURCED, "accelerator": "NVIDIA B200", "tdp_w": 1050.0, "aliases": "b200"}],
            ),
        ]
    ),
)
"""The library of the other tests, and Sweden with a region (PUE 1.1) and a faster accelerator."""

WHATIF_FACTORS = (
    *FACTORS,
    {**FACTORS[0], "factor_id": "SE-location", "zone": "SE", "kg_co2e_per_kwh": 0.01},
    {
        **FACTORS[0],
        "factor_id": "SE-residual",
        "zone": "SE",
        "method": "residual",
        "kg_co2e_per_kwh": 0.02,
    },
)
"""CAMX 0.2, DE 0.4 (residual 0.6), FR 0.05, SE 0.01 (residual 0.02) kg/kWh."""


def stage(
    rows: Sequence[Row], *, costs: pl.DataFrame | None = None, **given: Any
) -> tuple[Footprint, Today, Places, Policy]:
    """The footprint of rows, its arrays, and where its load may go."""
    policy = given.get("policy") or Policy()
    factors = given.pop("factors", WHATIF_FACTORS)
    result = account(rows, factors=factors, library=WHATIF_LIBRARY, **given)
    now = today(result, policy, costs)
    return result, now, places(now, frame(Factor, factors), WHATIF_LIBRARY, policy), policy


def outcome(rows: Sequence[Row], scenario: Mapping[str, Any], **given: Any) -> Outcome:
    """What a scenario makes of rows."""
    _, now, candidates, policy = stage(rows, **given)
    return whatif(now, candidates, scenario_from_dict(scenario), policy, WHATIF_LIBRARY)


def measures(result: Footprint, policy: Policy) -> dict[str, Any]:
    """R of the whole."""
    return summarise(result, [], policy).to_dicts()[0]


def it(kwh: float, **columns: Any) -> dict[str, Any]:
    """A row of metered IT energy, of own hardware in France with PUE 1.2, unless told otherwise."""
    return use(
        **{
            "quantity_kind": "energy_it_kwh",
            "quantity": kwh,
            "tier": "T2",
            "pue": 1.2,
            "zone": "FR",
            "site": "Hall",
            **columns,
        }
    )
