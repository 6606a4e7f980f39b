"""AWS Sustainability API: pages of `GetEstimatedCarbonEmissions`, the provider's own figures.

How the file is got: `aws sustainability get-estimated-carbon-emissions --time-period
Start=2026-01-01T00:00:00Z,End=2026-10-01T00:00:00Z --granularity MONTHLY --group-by
USAGE_ACCOUNT_ID REGION SERVICE --emissions-types TOTAL_LBM_CARBON_EMISSIONS
TOTAL_MBM_CARBON_EMISSIONS ... > carbon.json`; the pages may stand in one file, one after the other,
one a line, or as a list.

AWS writes `MTCO2e` for metric tons. The API knows only the newest model version of a month; the
history of versions is in the Data Export (`aws_carbon`), which counts where both were imported.
A figure of a quarter or a year has no month, so it is not taken. Water is not carbon.
"""

from collections.abc import Iterable
from typing import Any, Final

import polars as pl

from carbon.activity.accept import reading_of
from carbon.activity.aws_carbon import to_kg, whole_account
from carbon.activity.documents import document_sheet, inner_rows
from carbon.activity.reported import Figure, read_month, reported_rows
from carbon.activity.runs import epochs_as_dates
from carbon.activity.sheet import Sheet
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.payload import RefusalError
from carbon.tables.recognition import by_columns

NAME: Final = "aws-sustainability-api"
TITLE: Final = "AWS Sustainability API (JSON)"
PROVIDER: Final = "aws"
EXAMPLE_COLUMNS: Final = (
    "TimePeriod.Start",
    "DimensionsValues.USAGE_ACCOUNT_ID",
    "ModelVersion",
    "EmissionsValues.TOTAL_LBM_CARBON_EMISSIONS.Value",
)

FIGURES: Final = (
    Figure("TOTAL_LBM_CARBON_EMISSIONS", "total", "location"),
    Figure("TOTAL_MBM_CARBON_EMISSIONS", "total", "market"),
    Figure("TOTAL_SCOPE_1_CARBON_EMISSIONS", "scope_1", "unspecified"),
    Figure("TOTAL_SCOPE_2_LBM_CARBON_EMISSIONS", "scope_2", "location"),
    Figure("TOTAL_SCOPE_2_MBM_CARBON_EMISSIONS", "scope_2", "market"),
    Figure("TOTAL_SCOPE_3_LBM_CARBON_EMISSIONS", "scope_3", "location"),
    Figure("TOTAL_SCOPE_3_MBM_CARBON_EMISSIONS", "scope_3", "market"),
)

DIMENSIONS: Final = ("USAGE_ACCOUNT_ID", "SERVICE", "REGION")
WATER: Final = "AllocationValues.TOTAL_WATER_WITHDRAWALS.Value"

VARIABLE_MAP: Final = {
    "TimePeriod.Start": "month",
    "TimePeriod.End": "end",
    "ModelVersion": "model_version",
    "DimensionsValues.USAGE_ACCOUNT_ID": "account",
    "DimensionsValues.SERVICE": "service",
    "DimensionsValues.REGION": "region",
    **{f"EmissionsValues.{f.name}.Value": f.name for f in FIGURES},
    **{f"EmissionsValues.{f.name}.Unit": f"{f.name} unit" for f in FIGURES},
    WATER: "water",
    "AllocationValues.TOTAL_WATER_WITHDRAWALS.Unit": "water unit",
    "(view)": "view",
}
"""The last stands in no answer: it says by which dimensions its page is grouped."""

REQUIRED: Final = ("TimePeriod.Start", "ModelVersion")
VALUES: Final = (*[f"EmissionsValues.{f.name}.Value" for f in FIGURES], WATER)


def sniff(head: Head) -> Recognition:
    """Time period, model version and emission (or water) values, in `Results` or bare."""
    inner = Head(head.kind, tuple(c.removeprefix("Results.") for c in head.columns), head.rows)
    return by_columns(
        inner, REQUIRED, one_of=(VALUES,), optional=tuple(VARIABLE_MAP), kinds=("json", "jsonl")
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read pages of the Sustainability API.

    Args:
        payload: one answer, a list or lines of answers, or their bare results.
        context: of which only the evidence id is used; months are UTC labels.

    Returns:
        Reported figures [kgCO2e] of every emissions type that the answer has, by method. A result
        of more than a month, of water, or with an unknown unit is set aside.

    Raises:
        RefusalError: no result, no period, or an answer of water alone.
    """
    sheet = document_sheet(payload, inner_rows(payload, _results), VARIABLE_MAP, REQUIRED)
    if sheet.has("water") and not any(sheet.has(figure.name) for figure in FIGURES):
        raise RefusalError(
            f"{payload.name} holds AWS's water allocation, which is no carbon figure. Ask for "
            "get-estimated-carbon-emissions instead."
        )
    sheet.require(["month", "model_version"])
    _whole_months_only(sheet)
    whole_account(sheet, "account")
    sheet.numbers({figure.name: None for figure in FIGURES}, least=None)
    sheet.reject(
        pl.col("water").is_not_null(),
        "this result is an allocation of water; only carbon is taken",
        "water",
    )
    for figure in FIGURES:
        to_kg(sheet, figure.name)
    read_month(sheet)
    absent = pl.lit(None, pl.String).alias("payer_account")
    sheet.frame = sheet.frame.with_columns(absent, pl.col("view").fill_null(_view({})))
    rows = reported_rows(
        sheet,
        NAME,
        PROVIDER,
        FIGURES,
        context.evidence_id,
        key=("view", "account", "service", "region", "month", "model_version"),
    )
    return reading_of(rows, sheet.rows, sheet.rejections, context, sheet.notes, table="reported")


def _results(answer: dict[str, Any]) -> Iterable[Any] | None:
    """The results of an answer, each with the dimensions by which all of them are grouped."""
    results = answer.get("Results")
    if not isinstance(results, list):
        if isinstance(answer.get("TimePeriod"), dict):
            return [answer | {"(view)": _view(_dimensions(answer))}]
        return None
    grouped = {name for item in results for name in _dimensions(item)}
    return [
        item | {"(view)": _view(grouped)} if isinstance(item, dict) else item for item in results
    ]


def _dimensions(result: Any) -> Iterable[str]:
    values = result.get("DimensionsValues") if isinstance(result, dict) else None
    return values if isinstance(values, dict) else ()


def _view(grouped: Iterable[str]) -> str:
    named = [name for name in DIMENSIONS if name in set(grouped)]
    return f"SustainabilityApi{len(named)}:{','.join(named)}"


def _whole_months_only(sheet: Sheet) -> None:
    """Set aside quarters and years: their month cannot be told."""
    # The first version of the AWS CLI prints moments as they are sent: seconds since 1970.
    epochs_as_dates(sheet, "month", "end")
    sheet.instants(["month", "end"], "UTC")
    start, end = pl.col("month"), pl.col("end")
    sheet.reject(
        end.is_not_null() & (end > start.dt.offset_by("1mo")),
        "this figure covers more than a month; ask for it with --granularity MONTHLY",
        "end",
    )
    sheet.reject(
        start.dt.day() != 1, "a figure of a month starts on the first of the month", "month"
    )
    raw = pl.col("month (raw)").alias("month")
    sheet.frame = sheet.frame.with_columns(raw).drop("month (raw)", "month (precision)")
    if not sheet.has("end"):
        sheet.notes.append(
            Problem("The results name no end of their period; each was taken as one month.")
        )
