"""Microsoft Cloud for Sustainability: pages of the emissions API (OData), metric tons by scope.

How the file is got: `GET https://api.mcfs.microsoft.com/api/v1.0/instances/{instance}/enrollments/
{enrollment}/emissions`, following `@odata.nextLink`; the pages may stand in one file, one a line or
as a list. The same columns as CSV are read too.

`mtCO2e` is a metric ton. A row is one scope of a subscription, service and region in a month, so
its figure stands under its scope and is also a part of the total. The API does not say whether
electricity is location- or market-based: the method is `unspecified`.
"""

from collections.abc import Iterable
from typing import Any, Final

import polars as pl

from carbon.activity.accept import reading_of
from carbon.activity.documents import document_sheet, inner_rows
from carbon.activity.reported import Figure, read_month, reported_rows
from carbon.activity.sheet import Sheet, open_sheet
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.recognition import by_columns
from carbon.units import MASS_KG

NAME: Final = "azure-cloud-for-sustainability"
TITLE: Final = "Microsoft Cloud for Sustainability (API)"
PROVIDER: Final = "azure"
EXAMPLE_COLUMNS: Final = ("dateKey", "subscriptionId", "azureServiceName", "scope")

VARIABLE_MAP: Final = {
    "dateKey": "month",
    "enrollmentId": "payer_account",
    "orgName": "organisation",
    "subscriptionId": "account",
    "subscriptionName": "account_name",
    "azureServiceName": "service",
    "subService": "sub_service",
    "azureRegionName": "region",
    "scope": "scope",
    "scopeId": "scope_id",
    "totalEmissions": "kg_co2e",
}

REQUIRED: Final = ("dateKey", "scope", "totalEmissions")
OTHERS: Final = ("enrollmentId", "subscriptionId", "azureServiceName", "azureRegionName")

SCOPES: Final = {
    "scope1": "scope_1",
    "scope 1": "scope_1",
    "scope2": "scope_2",
    "scope 2": "scope_2",
    "scope3": "scope_3",
    "scope 3": "scope_3",
    "1": "scope_1",
    "2": "scope_2",
    "3": "scope_3",
}

VIEW: Final = "EnrollmentEmission"
"""One view counts per subscription and month: Carbon Optimization states the same emissions."""


def sniff(head: Head) -> Recognition:
    """dateKey, scope and totalEmissions, at the top or in the page's `value`."""
    inner = Head(head.kind, tuple(c.removeprefix("value.") for c in head.columns), head.rows)
    return by_columns(
        inner,
        REQUIRED,
        one_of=(OTHERS,),
        optional=tuple(VARIABLE_MAP),
        kinds=("json", "jsonl", "text", "xlsx", "parquet"),
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read pages of the emissions API.

    Args:
        payload: one page, a list or lines of pages, their bare rows, or those as a table.
        context: of which only the evidence id is used; months are UTC labels.

    Returns:
        Reported figures [kgCO2e]: each row's scope, and the same figure as its part of the total.

    Raises:
        RefusalError: there are no rows, or a required field stands in none.
    """
    sheet = _open(payload)
    sheet.require(["month", "scope", "kg_co2e"])
    sheet.translate("scope", SCOPES, "scope '{value}' is not known; it is Scope1, Scope2 or Scope3")
    read_month(sheet)
    sheet.numbers({"kg_co2e": None}, least=None)
    _note_scopes(sheet)
    kilograms = pl.col("kg_co2e") * MASS_KG["mtCO2e"]
    sheet.frame = sheet.frame.with_columns(
        kilograms,
        pl.coalesce("sub_service", "service").alias("resource"),
        pl.col("account").str.to_lowercase(),
        pl.lit(VIEW).alias("view"),
        pl.lit(None, pl.String).alias("model_version"),
    )
    rows = reported_rows(
        sheet,
        NAME,
        PROVIDER,
        (Figure("kg_co2e", "total", "unspecified"),),
        context.evidence_id,
        key=("view", "account", "service", "resource", "region", "scope", "month"),
    )
    total = rows.with_columns(pl.lit("total").alias("scope"))
    return reading_of(
        pl.concat([rows, total]),
        sheet.rows,
        sheet.rejections,
        context,
        sheet.notes,
        table="reported",
    )


def _open(payload: Payload) -> Sheet:
    if payload.kind not in ("json", "jsonl"):
        return open_sheet(payload, VARIABLE_MAP, REQUIRED)
    return document_sheet(payload, inner_rows(payload, _page), VARIABLE_MAP, REQUIRED)


def _page(document: dict[str, Any]) -> Iterable[Any] | None:
    rows = document.get("value")
    return rows if isinstance(rows, list) else None


def _note_scopes(sheet: Sheet) -> None:
    """A total is whole only with all three scopes."""
    found = sheet.rejections.keep(sheet.frame)["scope"].unique().drop_nulls().to_list()
    absent = [f"Scope{n}" for n in "123" if f"scope_{n}" not in found]
    if absent and found:
        sheet.notes.append(
            Problem(
                f"The file has no rows of {', '.join(absent)}; its totals are of the other scopes "
                "alone.",
                column=sheet.column("scope"),
            )
        )
