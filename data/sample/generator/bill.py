"""AWS's Cost and Usage Report 2.0, daily, gzipped CSV. `bill.csv` beside this module is its plan.

What it bills is in no other file of the sample, but for the storage of one workload whose machines
stand in the workbook.
"""

import csv
import gzip
import io
import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from .plan import after
from .providers import AWS_ACCOUNTS, AWS_PAYER

BILLED: Final = [date(2026, month, 1) for month in (4, 5, 6, 8, 9)]
"""July was never exported."""

COLUMNS: Final = (
    *("bill_payer_account_id", "bill_billing_period_start_date", "line_item_usage_account_id"),
    *("line_item_line_item_type", "line_item_usage_start_date", "line_item_usage_end_date"),
    *("line_item_product_code", "line_item_usage_type", "line_item_operation"),
    *("line_item_availability_zone", "line_item_resource_id", "line_item_usage_amount"),
    *("line_item_currency_code", "line_item_unblended_cost", "product_region_code"),
    *("pricing_unit", "resource_tags"),
)

TAX_RATE: Final = 0.21
CREDIT: Final = -1500.0
"""One credit in the last month [USD]."""


def bill(chance: random.Random) -> bytes:
    """The lines of every billed month: what was used day by day, then tax, then the credit."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    plan = _plan()
    for month in BILLED:
        lines = [line for day in _days(month) for line in _used(plan, month, day, chance)]
        writer.writerows(lines)
        writer.writerows(_charges(month, lines))
    # Without a time in its header the same content packs to the same bytes.
    return gzip.compress(out.getvalue().encode(), mtime=0)


def _plan() -> list[dict[str, str]]:
    with (Path(__file__).parent / "bill.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _days(month: date) -> Iterator[date]:
    day = month
    while day < after(month):
        yield day
        day += timedelta(days=1)


def _used(
    plan: list[dict[str, str]], month: date, day: date, chance: random.Random
) -> Iterator[dict[str, Any]]:
    """One line for each entry of the plan that is used on a day.

    What is steady (growth 1) is the same every day; the rest grows by the month and varies.
    """
    for row in plan:
        if not row["first_day"] <= day.isoformat() <= row["last_day"]:
            continue
        if row["weekday"] and day.weekday() != int(row["weekday"]):
            continue
        growth = float(row["growth"])
        amount = float(row["a_day"])
        if growth != 1:
            amount *= growth ** (month.month - 4) * chance.uniform(0.9, 1.1)
        yield _line(month, day, day + timedelta(days=1), row["charge"], row["account"]) | {
            "line_item_product_code": row["service"],
            "line_item_usage_type": row["usage_type"],
            "line_item_operation": row["operation"],
            "line_item_availability_zone": row["zone"],
            "line_item_resource_id": row["resource"],
            "line_item_usage_amount": f"{amount:.6f}",
            "line_item_unblended_cost": f"{amount * float(row['price']):.6f}",
            "product_region_code": row["region"],
            "pricing_unit": row["unit"],
            "resource_tags": _tags(row["tags"]),
        }


def _line(month: date, start: date, end: date, charge: str, account: str) -> dict[str, Any]:
    """What every line says."""
    return {
        "bill_payer_account_id": AWS_PAYER,
        "bill_billing_period_start_date": f"{month}T00:00:00Z",
        "line_item_usage_account_id": account,
        "line_item_line_item_type": charge,
        "line_item_usage_start_date": f"{start}T00:00:00Z",
        "line_item_usage_end_date": f"{end}T00:00:00Z",
        "line_item_currency_code": "USD",
    }


def _charges(month: date, lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What a month costs beside its use: tax by account and product, and one credit."""
    spent: dict[tuple[str, str], float] = {}
    for line in lines:
        key = (line["line_item_usage_account_id"], line["line_item_product_code"])
        spent[key] = spent.get(key, 0.0) + float(line["line_item_unblended_cost"])
    for (account, product), cost in sorted(spent.items()):
        yield _line(month, month, after(month), "Tax", account) | {
            "line_item_product_code": product,
            "line_item_usage_amount": "1",
            "line_item_unblended_cost": f"{cost * TAX_RATE:.2f}",
        }
    if month == BILLED[-1]:
        yield _line(month, month, after(month), "Credit", AWS_ACCOUNTS[0]) | {
            "line_item_product_code": "AmazonBedrock",
            "line_item_usage_amount": "0",
            "line_item_unblended_cost": f"{CREDIT:.2f}",
        }


def _tags(text: str) -> str:
    """`key=value key=value` as the map of a user's tags."""
    pairs = [pair.split("=") for pair in text.split()]
    return json.dumps({f"user_{key}": value for key, value in pairs}) if pairs else ""
