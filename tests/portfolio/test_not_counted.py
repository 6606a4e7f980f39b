"""What no figure holds, summed up for a reader."""

import polars as pl
import pytest

from carbon.accounting.superseded import SUPERSEDED
from carbon.inventory.ai_use import GENERAL
from carbon.portfolio.not_counted import by_device, by_service
from carbon.schema import Activity


def superseded(*rows: dict) -> pl.DataFrame:
    usual = {
        "evidence_id": "node",
        "superseded_by_evidence_id": "chips",
        "resource": "dgx-07",
        "workload": "chat",
        "month": "2026-09",
        "why": "narrowest",
    }
    return pl.DataFrame(
        [dict.fromkeys(SUPERSEDED) | usual | row for row in rows], schema=SUPERSEDED
    )


def general(*rows: dict) -> pl.DataFrame:
    activity = Activity.create_empty().schema
    schema = {name: activity[name] for name in GENERAL} | {"month": pl.String}
    usual = {"evidence_id": "bill", "service": "AmazonRDS", "sku": "db", "month": "2026-09"}
    return pl.DataFrame([dict.fromkeys(schema) | usual | row for row in rows], schema=schema)


def test_hours_of_one_device_are_one_line_of_a_month():
    """0.5 + 0.25 kWh of two rows, one of which is in two parts; August apart, energy unknown."""
    rows = superseded(
        {"row_number": 1, "kwh_not_counted": 0.5},
        {"row_number": 1, "kwh_not_counted": 0.125},
        {"row_number": 2, "kwh_not_counted": 0.125},
        {"row_number": 3, "month": "2026-08"},
    )
    found = by_device(rows, {"node": "ipmi.json", "chips": "dcgm.json"})
    shown = found.select("file", "month", "rows", "kwh_not_counted", "instead").rows()
    assert shown == [
        ("ipmi.json", "2026-08", 1, None, "dcgm.json"),
        ("ipmi.json", "2026-09", 2, pytest.approx(0.75), "dcgm.json"),
    ]


def test_a_line_of_a_bill_counts_once_with_its_cost():
    """Row 2 sums up 30 lines: hours, and 12 USD. Row 32 is one line of August for 3 USD. Row 33
    is of another service, and the bill states no cost.
    """
    rows = general(
        {"row_number": 2, "source_rows": 30, "quantity_kind": "instance_hours", "quantity": 720.0},
        {"row_number": 2, "source_rows": 30, "quantity_kind": "cost", "quantity": 12.0,
         "currency": "USD"},
        {"row_number": 32, "quantity_kind": "cost", "quantity": 3.0, "currency": "USD",
         "month": "2026-08"},
        {"row_number": 33, "service": "AmazonS3", "quantity_kind": "gb_hours", "quantity": 9.0},
    )  # fmt: skip
    found = by_service(rows)
    assert found.select("service", "lines", "cost", "currency", "first_month").rows() == [
        ("AmazonRDS", 31, 15.0, "USD", "2026-08"),
        ("AmazonS3", 1, None, None, "2026-09"),
    ]


def test_nothing_gives_nothing():
    assert by_device(superseded(), {}).is_empty()
    assert by_service(general()).is_empty()
