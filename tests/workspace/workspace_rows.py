"""Rows for the workspace's tests: only what a test is about is spelled out."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from carbon.schema import Activity, Factor, Quarantine, Reported

JUNE = datetime(2026, 6, 1, tzinfo=UTC)
JULY = datetime(2026, 7, 1, tzinfo=UTC)


def _frame(schema: Any, rows: list[dict[str, Any]]) -> pl.DataFrame:
    types = {name: column.dtype for name, column in schema.columns().items()}
    return pl.DataFrame(rows, schema=types, orient="row")


def activity(*rows: dict[str, Any]) -> pl.DataFrame:
    defaults = {
        "evidence_id": "a",
        "row_number": 2,
        "format": "activity-template",
        "key": "k",
        "superseded_in_file": False,
        "workload": "chat",
        "period_start": JUNE,
        "period_end": JULY,
        "quantity_kind": "energy_it_kwh",
        "quantity": 1.0,
    }
    return _frame(Activity, [{**defaults, **row} for row in rows])


def reported(*rows: dict[str, Any]) -> pl.DataFrame:
    defaults = {
        "evidence_id": "a",
        "row_number": 2,
        "format": "aws-carbon-export",
        "key": "k",
        "month": date(2026, 6, 1),
        "provider": "aws",
        "payer_account": "001",
        "account": "002",
        "scope": "total",
        "method": "location",
        "kg_co2e": 1.0,
    }
    return _frame(Reported, [{**defaults, **row} for row in rows])


def quarantine(*rows: dict[str, Any]) -> pl.DataFrame:
    defaults = {"evidence_id": "a", "row_number": 2, "reason": "zone is not known"}
    return _frame(Quarantine, [{**defaults, **row} for row in rows])


def factor(*rows: dict[str, Any]) -> pl.DataFrame:
    defaults = {
        "evidence_id": "a",
        "row_number": 2,
        "factor_id": "f",
        "zone": "FR",
        "method": "location",
        "valid_from": datetime(2026, 1, 1, tzinfo=UTC),
        "valid_to": datetime(2027, 1, 1, tzinfo=UTC),
        "kg_co2e_per_kwh": 0.05,
        "publisher": "p",
        "licence": "own",
        "document": "d",
        "checked_against_original": False,
    }
    return _frame(Factor, [{**defaults, **row} for row in rows])


def imports(*rows: tuple[int, str]) -> pl.DataFrame:
    """Committed imports as (sequence, evidence_id); the import id is `i<sequence>`."""
    return pl.DataFrame(
        [(f"i{sequence}", sequence, evidence) for sequence, evidence in rows],
        schema={"import_id": pl.String, "sequence": pl.Int64, "evidence_id": pl.String},
        orient="row",
    )


def import_row(evidence_id: str, rows: int, **more: Any) -> dict[str, Any]:
    return {
        "evidence_id": evidence_id,
        "name": f"{evidence_id[:6]}.csv",
        "format": "activity-template",
        "rows": rows,
        "imported_by": "ana",
        **more,
    }
