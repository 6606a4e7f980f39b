"""A small portfolio whose every figure is worked out here, by hand, in the comments.

January and February 2025, three workloads inside the boundary, one outside:

    workload        category        kWh      location kg          market kg            tier
    cluster-train   scope_2         40 000   x 0.05  = 2 000      30 000 x 0 + 10 000 x 0.1
                    (20 000 a month)                              = 1 000                  T1
    chat            scope_3_cat_1    6 000   x 0.40  = 2 400      x 0.50 = 3 000           T5
                    (2 000 in January, 4 000 in February)
    =cmd|'/c calc'!A1  scope_3_cat_1   500   x 0.20 (row) = 100   x 0.20 (row, typed in)
                    (January)                                     = 100                    T4
    lab-test        scope_2          1 000   x 0.05  =    50      x 0.1  = 100, outside    T1

    Scope 2:     40 000 kWh, 2 000.0 kg location-based, 1 000.0 kg market-based
    Category 1:   6 500 kWh, 2 500.0 kg location-based, 3 100.0 kg market-based
    Compute:     46 500 kWh, 4 500.0 kg location-based, 4 100.0 kg market-based
    Measured:    40 000 / 46 500 = 86.02 %
    January:     20 000 + 2 000 + 500 = 22 500 kWh; 1 000 + 800 + 100 = 1 900 kg location-based
    February:    20 000 + 4 000       = 24 000 kWh; 1 000 + 1 600     = 2 600 kg location-based
    Hardware:    chat 12 kg (category 1), cluster-train 30 kg (memo)
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from carbon.accounting.pipeline import Finding, Footprint
from carbon.disclosure.content import content
from carbon.policy import Boundary, Policy
from carbon.schema import FootprintLine, Instrument, MarketLine

METERED, CLOUD, SHEET = "a" * 64, "b" * 64, "c" * 64
HOSTILE = "=cmd|'/c calc'!A1"


def line(evidence: str, row: int, month: str, workload: str, **given: Any) -> dict[str, Any]:
    """A footprint line; what is not given is not known."""
    component = given.pop("component", "it")
    blank = dict.fromkeys(FootprintLine.column_names())
    return blank | {
        "line_id": f"{evidence[:12]}:{row}:{month}:{component}",
        "evidence_id": evidence,
        "row_number": row,
        "format": "activity-template",
        "month": month,
        "workload": workload,
        "component": component,
        "in_scope": True,
        "quantity_kind": "energy_facility_kwh",
        "quantity": given.get("energy_facility_kwh") or 0.0,
        "month_share": 1.0,
        "location_basis": "direct",
        **given,
    }


def own(row: int, month: str, workload: str, kwh: float, **given: Any) -> dict[str, Any]:
    return line(
        METERED,
        row,
        month,
        workload,
        **{
            "deployment": "own",
            "scope_category": "scope_2",
            "zone": "FR",
            "country": "FR",
            "market": "FR",
            "site": "Lyon",
            "tier": "T1",
            "lifecycle": "training",
            "energy_facility_kwh": kwh,
            "energy_it_kwh": kwh / 1.25,
            "pue": 1.25,
            "pue_source": "row",
            "location_factor_id": "eea-2024-FR",
            "location_factor_kg_per_kwh": 0.05,
            "location_why": "France, 2024, one year old.",
            "location_kg": kwh * 0.05,
            "market_kwh_covered": kwh,
            "energy_gsd2": 1.05,
            "location_gsd2": 1.1,
            "market_gsd2": 1.1,
            **given,
        },
    )


def cloud(row: int, month: str, workload: str, kwh: float, **given: Any) -> dict[str, Any]:
    return line(
        CLOUD,
        row,
        month,
        workload,
        **{
            "deployment": "purchased",
            "scope_category": "scope_3_cat_1",
            "provider": "aws",
            "region": "us-east-1",
            "zone": "SRVC",
            "country": "US",
            "market": "US",
            "model": "assistant-7b",
            "tier": "T5",
            "lifecycle": "inference_realtime",
            "energy_facility_kwh": kwh,
            "energy_it_kwh": kwh / 1.2,
            "power_source": "TDP of NVIDIA H100 SXM (700 W)",
            "pue": 1.2,
            "pue_source": "policy default",
            "location_factor_id": "epa-egrid2023-SRVC",
            "location_factor_kg_per_kwh": 0.4,
            "location_why": "eGRID subregion SRVC, 2023, two years old.",
            "location_kg": kwh * 0.4,
            "market_kwh_covered": kwh,
            "energy_gsd2": 1.5,
            "location_gsd2": 1.2,
            "market_gsd2": 1.2,
            **given,
        },
    )


def portfolio_lines() -> pl.DataFrame:
    rows = [
        own(2, "2025-01", "cluster-train", 20_000.0, market_kg=500.0, embodied_kg=15.0),
        own(3, "2025-02", "cluster-train", 20_000.0, market_kg=500.0, embodied_kg=15.0),
        cloud(2, "2025-01", "chat", 2_000.0, market_kg=1_000.0, embodied_kg=4.0),
        cloud(3, "2025-02", "chat", 4_000.0, market_kg=2_000.0, embodied_kg=8.0),
        cloud(
            4,
            "2025-01",
            HOSTILE,
            500.0,
            evidence_id=SHEET,
            line_id=f"{SHEET[:12]}:4:2025-01:it",
            model=None,
            tier="T4",
            power_source="average_power_w of the row",
            lifecycle=None,
            location_basis="row",
            location_factor_id=f"row:{SHEET[:12]}:4",
            location_factor_kg_per_kwh=0.2,
            location_why="Factor of the row itself, from supplier letter 12.",
            location_kg=100.0,
            market_kg=100.0,
            asserted_kwh=500.0,
        ),
        own(5, "2025-01", "lab-test", 1_000.0, market_kg=100.0, in_scope=False),
    ]
    return pl.DataFrame(rows, schema=FootprintLine.create_empty().schema)


def portfolio_market() -> pl.DataFrame:
    def slices(line_id: str, rung: str, source: str, kwh: float, rate: float) -> dict[str, Any]:
        return {
            "line_id": line_id,
            "rung": rung,
            "source_id": source,
            "kwh": kwh,
            "kg_co2e_per_kwh": rate,
            "kg_co2e": kwh * rate,
            "asserted": rung == "row_factor",
            "gsd2": 1.1,
        }

    a, b, c = METERED[:12], CLOUD[:12], SHEET[:12]
    rows = [
        slices(f"{a}:2:2025-01:it", "instrument", "GO-1", 15_000.0, 0.0),
        slices(f"{a}:2:2025-01:it", "residual", "aib-2024-FR", 5_000.0, 0.1),
        slices(f"{a}:3:2025-02:it", "instrument", "GO-1", 15_000.0, 0.0),
        slices(f"{a}:3:2025-02:it", "residual", "aib-2024-FR", 5_000.0, 0.1),
        slices(f"{b}:2:2025-01:it", "residual", "greene-2024-US", 2_000.0, 0.5),
        slices(f"{b}:3:2025-02:it", "residual", "greene-2024-US", 4_000.0, 0.5),
        slices(f"{c}:4:2025-01:it", "row_factor", f"row:{c}:4", 500.0, 0.2),
        slices(f"{a}:5:2025-01:it", "residual", "aib-2024-FR", 1_000.0, 0.1),
    ]
    return pl.DataFrame(rows, schema=MarketLine.create_empty().schema)


def factor_used(
    factor_id: str, zone: str, method: str, value: float, **given: Any
) -> dict[str, Any]:
    return {
        "zone": zone,
        "month": "2025-01",
        "method": method,
        "factor_id": factor_id,
        "kg_co2e_per_kwh": value,
        "factor_zone": zone,
        "basis": "direct",
        "gwp_set": "AR5",
        "publisher": "European Environment Agency",
        "release": "2025",
        "vintage": "2024",
        "licence": "CC BY 4.0",
        "document": "Greenhouse gas emission intensity of electricity generation",
        "valid_from": dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        "valid_to": dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
        "lag_years": 1,
        "gsd2": 1.1,
        "checked_against_original": False,
        "note": None,
        "why": f"The factor of {zone} for 2024.",
        **given,
    }


def instruments() -> pl.DataFrame:
    blank = dict.fromkeys(Instrument.column_names())
    good = blank | {
        "evidence_id": SHEET,
        "row_number": 2,
        "key": "GO-1",
        "instrument_id": "GO-1",
        "kind": "eac",
        "market": "FR",
        "period_start": dt.date(2025, 1, 1),
        "period_end": dt.date(2026, 1, 1),
        "kwh": 30_000.0,
        "kg_co2e_per_kwh": 0.0,
        "technology": "hydro",
        **dict.fromkeys(("q1", "q2", "q3", "q4", "q5", "q8"), True),
    }
    bad = good | {"instrument_id": "REC-9", "key": "REC-9", "market": "US", "q3": False}
    return pl.DataFrame([good, bad], schema=Instrument.create_empty().schema).with_columns(
        failed=pl.Series([None, "criterion 3 (is tracked and retired for the reporter)"]),
        used_kwh=pl.Series([30_000.0, 0.0]),
        matched=pl.Series([True, False]),
    )


@pytest.fixture
def policy() -> Policy:
    return Policy(boundary=Boundary(organisation="Meridian <script>alert(1)</script> AG"))


@pytest.fixture
def footprint() -> Footprint:
    return Footprint(
        lines=portfolio_lines(),
        market=portfolio_market(),
        factors_used=pl.DataFrame(
            [
                factor_used("eea-2024-FR", "FR", "location", 0.05),
                factor_used(
                    "epa-egrid2023-SRVC",
                    "SRVC",
                    "location",
                    0.4,
                    publisher="US EPA",
                    release="eGRID2023",
                    vintage="2023",
                    lag_years=2,
                    document="eGRID2023 data file",
                    licence="public domain",
                    checked_against_original=True,
                ),
                factor_used("aib-2024-FR", "FR", "residual", 0.1, publisher="AIB"),
                factor_used("greene-2024-US", "US", "residual", 0.5, publisher="Green-e"),
            ]
        ),
        findings=(
            Finding(
                "default_pue", "info", "A default PUE is used", "6 000 kWh rest on it.", 6000.0
            ),
            Finding(
                "asserted",
                "warn",
                "A market factor is asserted",
                "500 kWh rest on a typed-in factor.",
                500.0,
                (HOSTILE,),
            ),
        ),
        instruments=instruments(),
    )


@pytest.fixture
def inventory() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "workload_id": ["cluster-train", "chat", HOSTILE, "lab-test", "学習ジョブ"],
            "name": [None, "Customer chat", None, None, None],
            "lifecycle": ["training", "inference_realtime", None, "training", "training"],
            "owner": ["Ana Petrović", None, None, None, None],
            "in_scope": [None, True, None, False, None],
            "boundary_reason": [None, "customer product", None, "ends in March", None],
        },
        schema_overrides={"in_scope": pl.Boolean},
    )


@pytest.fixture
def evidence() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "evidence_id": [METERED, CLOUD, SHEET],
            "name": ["meters.csv", "cloud.csv", "<b>sheet</b>.xlsx"],
            "format": ["activity-template"] * 3,
            "rows": [5, 3, 9],
        }
    )


@pytest.fixture
def quarantine() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "file": ["meters.csv", "meters.csv", "cloud.csv"],
            "row": [7, 8, 9],
            "column": ["energy_kwh", "energy_kwh", "region"],
            "value": ["-5", "-6", "us-eats-1"],
            "reason": ["negative energy", "negative energy", "no such region"],
        }
    )


@pytest.fixture
def reported() -> pl.DataFrame:
    """What one provider says of itself; March lies outside of the period."""
    return pl.DataFrame(
        {
            "provider": ["aws", "aws", "aws", "aws"],
            "month": ["2025-01", "2025-02", "2025-03", "2025-01"],
            "method": ["location", "location", "location", "market"],
            "kg_co2e": [700.0, 900.0, 5_000.0, 11.0],
        }
    )


@pytest.fixture
def build(request) -> Callable[..., Any]:
    """The content of January and February 2025, with whatever a test wants otherwise."""
    parts = ("footprint", "policy", "inventory", "evidence", "quarantine", "reported")

    def built(**otherwise: Any) -> dict[str, Any]:
        given = {name: request.getfixturevalue(name) for name in parts}
        period = {"period_start": "2025-01", "period_end": "2025-02"}
        return content(**(given | period | otherwise))

    return built


@pytest.fixture
def report(build) -> dict[str, Any]:
    return build()


@pytest.fixture
def nothing(footprint) -> Footprint:
    """A footprint of which nothing is known."""
    return Footprint(
        lines=footprint.lines.clear(),
        market=footprint.market.clear(),
        factors_used=footprint.factors_used.clear(),
    )


@pytest.fixture
def empty_report(build, nothing, inventory, evidence, quarantine) -> dict[str, Any]:
    return build(
        footprint=nothing,
        inventory=inventory.clear(),
        evidence=evidence.clear(),
        quarantine=quarantine.clear(),
        reported=None,
    )
