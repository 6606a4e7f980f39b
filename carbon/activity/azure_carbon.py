"""Azure Carbon Optimization: answers of the API, as JSON or as CSV with the API's own columns.

`latestMonthEmissions` is the total over the *requested range*, so a figure has a month only where
its row carries a date or the request covers one month. Scopes are summed in an answer, and the
model does not tell location-based from market-based: the method is `unspecified`.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from carbon.activity.accept import reading_of
from carbon.activity.reported import Figure, read_month, reported_rows
from carbon.activity.sheet import Sheet, open_sheet, sheet_of
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.recognition import by_columns
from carbon.tables.records import Entry, entries, entry, table_of

NAME: Final = "azure-carbon-optimization"
TITLE: Final = "Azure Carbon Optimization"
PROVIDER: Final = "azure"
EXAMPLE_COLUMNS: Final = ("dataType", "latestMonthEmissions", "itemName", "subscriptionId", "date")

FIGURES: Final = (Figure("kg_co2e", "total", "unspecified"),)

VARIABLE_MAP: Final = {
    "dataType": "data_type",
    "latestMonthEmissions": "kg_co2e",
    "previousMonthEmissions": "previous",
    "monthOverMonthEmissionsChangeRatio": "change_ratio",
    "monthlyEmissionsChangeValue": "change",
    "carbonIntensity": "carbon_intensity",
    "date": "month",
    "itemName": "item",
    "categoryType": "category",
    "subscriptionId": "account",
    "resourceGroup": "resource_group",
    "resourceGroupUrl": "resource_group_url",
    "resourceId": "resource",
    "location": "region",
    "resourceType": "service",
    "(requested month)": "requested_month",
    "(requested scopes)": "requested_scopes",
    "(requested subscription)": "requested_account",
}
"""The last three stand in no answer: they are taken from the request kept beside it."""

REQUIRED: Final = ("latestMonthEmissions",)
OTHERS: Final = ("dataType", "itemName", "date", "previousMonthEmissions")

SCOPES: Final = {
    "": "total",
    "scope1,scope2,scope3": "total",
    "scope1": "scope_1",
    "scope2": "scope_2",
    "scope3": "scope_3",
}
"""Scopes asked for -> the house's scope. Two of three are neither."""

_MONTH_IN_NAME: Final = re.compile(r"(?<!\d)(20\d\d)[-_.]?(0[1-9]|1[0-2])(?!\d)")


def sniff(head: Head) -> Recognition:
    """The field latestMonthEmissions, at the top or in the envelope's `value`."""
    inner = Head(head.kind, tuple(c.removeprefix("value.") for c in head.columns), head.rows)
    return by_columns(
        inner,
        REQUIRED,
        one_of=(OTHERS,),
        optional=tuple(VARIABLE_MAP),
        kinds=("json", "jsonl", "text", "xlsx", "parquet"),
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read answers of the Carbon Optimization API.

    Args:
        payload: one answer, a list or lines of answers, their bare rows, or those as CSV.
        context: of which only the evidence id is used; months are UTC labels.

    Returns:
        Reported figures [kgCO2e]; `view` is the kind of report (and its category), of which one
        counts per month. A row whose month or scope cannot be told is set aside.

    Raises:
        RefusalError: the JSON cannot be parsed, or the field latestMonthEmissions is missing.
    """
    sheet = _open(payload)
    sheet.require(["kg_co2e"])
    _fill_month(sheet)
    read_month(sheet)
    sheet.numbers({"kg_co2e": None}, least=None)
    _scope(sheet)
    category, item = pl.col("category").str.to_lowercase(), pl.col("item")
    sheet.frame = sheet.frame.with_columns(
        pl.coalesce(
            "account", pl.when(category == "subscription").then(item), "requested_account"
        ).alias("account"),
        pl.coalesce("region", pl.when(category == "location").then(item)).alias("region"),
        pl.coalesce("service", pl.when(category == "resourcetype").then(item)).alias("service"),
        pl.coalesce(
            "resource",
            "resource_group_url",
            "resource_group",
            pl.when(category.is_in(["resource", "resourcegroup"])).then(item),
        ).alias("resource"),
        pl.concat_str("data_type", "category", separator=":", ignore_nulls=True)
        .replace("", None)
        .alias("view"),
        pl.lit(None, pl.String).alias("payer_account"),
        pl.lit(None, pl.String).alias("model_version"),
    )
    rows = reported_rows(
        sheet,
        NAME,
        PROVIDER,
        FIGURES,
        context.evidence_id,
        key=("view", "account", "service", "region", "resource", "item", "scope", "month"),
    )
    return reading_of(rows, sheet.rows, sheet.rejections, context, sheet.notes, table="reported")


def _open(payload: Payload) -> Sheet:
    if payload.kind not in ("json", "jsonl"):
        return open_sheet(payload, VARIABLE_MAP, REQUIRED)
    rows: list[Entry] = []
    notes: list[Problem] = []
    for answer in entries(payload):
        for item in _items(answer, notes):
            number = len(rows) + 1
            rows.append(Entry(number, item.value, item.fault, item.text))
    table = table_of(payload.name, rows, payload.corrections)
    sheet = sheet_of(payload.name, table, VARIABLE_MAP, REQUIRED)
    sheet.notes.extend(notes)
    return sheet


def _items(answer: Entry, notes: list[Problem]) -> Iterator[Entry]:
    """The rows of an answer, each with what its request says; a bare row is its own answer."""
    envelope = answer.value
    if envelope is None or not isinstance(envelope.get("value"), list):
        yield answer
        return
    notes.extend(_denied(envelope))
    request = _request(envelope)
    for position, raw in enumerate(envelope["value"], start=1):
        item = entry(position, raw)
        if item.value is not None:
            item = Entry(position, {**item.value, **request})
        yield item


def _request(envelope: dict[str, Any]) -> dict[str, str]:
    """Month, scopes and subscription of the request, where each is one and is kept beside it."""
    said: dict[str, str] = {}
    places = [envelope, *[envelope.get(k) for k in ("request", "query", "filter")]]
    for place in (p for p in places if isinstance(p, dict)):
        span = place.get("dateRange")
        if isinstance(span, dict) and span.get("start") and span.get("start") == span.get("end"):
            said.setdefault("(requested month)", str(span["start"]))
        scopes = place.get("carbonScopeList")
        if isinstance(scopes, list) and scopes:
            said.setdefault("(requested scopes)", ",".join(sorted(str(s) for s in scopes)))
        accounts = place.get("subscriptionList")
        if isinstance(accounts, list) and len(accounts) == 1:
            said.setdefault("(requested subscription)", str(accounts[0]))
    return said


def _denied(envelope: dict[str, Any]) -> Iterator[Problem]:
    """One note per subscription that the caller may not read; the API raises nothing."""
    decisions = envelope.get("subscriptionAccessDecisionList")
    for decision in decisions if isinstance(decisions, list) else []:
        if isinstance(decision, dict) and str(decision.get("decision")).casefold() == "denied":
            why = decision.get("denialReason")
            yield Problem(
                f"Azure refused subscription {decision.get('subscriptionId')}"
                f"{f' ({why})' if why else ''}: its emissions are not in this file. Ask for the "
                "role Carbon Optimization Reader on it.",
                column="subscriptionAccessDecisionList",
                value=str(decision.get("subscriptionId")),
            )


def _fill_month(sheet: Sheet) -> None:
    """The row's date, else the requested month, else the one month that the file's name states."""
    sheet.written.setdefault("month", "date")
    sheet.frame = sheet.frame.with_columns(pl.coalesce("month", "requested_month").alias("month"))
    undated = pl.col("month").is_null()
    named = _month_in_name(sheet.name)
    rows = sheet.frame.filter(undated)["row_number"]
    if named and len(rows):
        sheet.notes.append(
            Problem(
                f"{len(rows)} rows carry no date; the month {named} was taken from the file name. "
                "Check that the request covered that month alone.",
                row=int(rows[0]),
            )
        )
        sheet.frame = sheet.frame.with_columns(pl.col("month").fill_null(named))
        return
    sheet.reject(
        undated,
        "the row carries no date, and the request is not kept beside it; ask for one month (start "
        "= end), keep its dateRange in the file, or put the month into the file name, such as "
        "azure-2026-09.json",
        "month",
    )


def _month_in_name(name: str) -> str | None:
    months = {
        f"{year}-{month}"
        for year, month in _MONTH_IN_NAME.findall(name.rsplit(" › ", maxsplit=1)[-1])
    }
    return months.pop() if len(months) == 1 else None


def _scope(sheet: Sheet) -> None:
    asked = pl.col("requested_scopes").str.to_lowercase().fill_null("")
    scope = asked.replace_strict(SCOPES, default=None, return_dtype=pl.String)
    sheet.reject(
        scope.is_null(),
        "the answer sums some of the three scopes; ask for all three, or for one at a time",
        "requested_scopes",
    )
    sheet.frame = sheet.frame.with_columns(scope.alias("scope"))
