"""AWS Data Exports, table CARBON_EMISSIONS: the provider's own figures by account and region.

AWS writes `MTCO2e` for metric tons. Figures are restated under a new model version, so the version
is part of what a row is. Only the start of the usage period is used: whether its end is exclusive
is not documented.
"""

from typing import Final

import polars as pl

from carbon.activity.accept import reading_of
from carbon.activity.reported import Figure, read_month, reported_rows
from carbon.activity.sheet import Sheet, open_sheet
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.recognition import by_columns
from carbon.units import MASS_KG

NAME: Final = "aws-carbon-export"
TITLE: Final = "AWS carbon emissions (Data Exports)"
PROVIDER: Final = "aws"
EXAMPLE_COLUMNS: Final = (
    "usage_period_start",
    "usage_account_id",
    "model_version",
    "total_lbm_emissions_value",
    "total_mbm_emissions_value",
)

FIGURES: Final = (
    Figure("total_lbm_emissions", "total", "location"),
    Figure("total_mbm_emissions", "total", "market"),
    Figure("total_scope_1_emissions", "scope_1", "unspecified"),
    Figure("total_scope_2_lbm_emissions", "scope_2", "location"),
    Figure("total_scope_2_mbm_emissions", "scope_2", "market"),
    Figure("total_scope_3_lbm_emissions", "scope_3", "location"),
    Figure("total_scope_3_mbm_emissions", "scope_3", "market"),
)
"""Scope 1 is the same under both methods; scope 3 differs, through fuel- and energy-related
activities."""

VALUES: Final = tuple(f"{figure.name}_value" for figure in FIGURES)

VARIABLE_MAP: Final = {
    "last_refresh_timestamp": "refreshed",
    "location": "location",
    "model_version": "model_version",
    "payer_account_id": "payer_account",
    "product_code": "service",
    "region_code": "region",
    "usage_account_id": "account",
    "usage_period_end": "usage_period_end",
    "usage_period_start": "month",
    **{f"{figure.name}_value": figure.name for figure in FIGURES},
    **{f"{figure.name}_unit": f"{figure.name} unit" for figure in FIGURES},
}

REQUIRED: Final = ("usage_period_start", "usage_account_id", "model_version")
ACCOUNT_DIGITS: Final = 12

VIEW: Final = "CarbonEmissionsExport"
"""One view counts per account and month, so that this export and the Sustainability API, which
state the same emissions, are never added up."""


def sniff(head: Head) -> Recognition:
    """Usage period, account and model version, with a total or a scope."""
    return by_columns(head, REQUIRED, one_of=(VALUES,), optional=tuple(VARIABLE_MAP))


def read(payload: Payload, context: Context) -> Reading:
    """Read an export of CARBON_EMISSIONS (CSV or Parquet).

    Args:
        payload: the file; several model versions may stand in it.
        context: of which only the evidence id is used; the export's months are UTC labels.

    Returns:
        Reported figures [kgCO2e]: total, scope 1, 2 and 3 by method, as far as the export has
        them. A row with a unit that is not known is set aside.

    Raises:
        RefusalError: a required column is missing.
    """
    sheet = open_sheet(payload, VARIABLE_MAP, REQUIRED)
    sheet.require(["month", "account", "model_version"])
    read_month(sheet)
    for column in ("payer_account", "account"):
        whole_account(sheet, column)
    sheet.numbers({figure.name: None for figure in FIGURES}, least=None)
    for figure in FIGURES:
        to_kg(sheet, figure.name)
    sheet.frame = sheet.frame.with_columns(
        pl.coalesce("region", "location").alias("region"), pl.lit(VIEW).alias("view")
    )
    rows = reported_rows(sheet, NAME, PROVIDER, FIGURES, context.evidence_id)
    return reading_of(rows, sheet.rows, sheet.rejections, context, sheet.notes, table="reported")


def whole_account(sheet: Sheet, column: str) -> None:
    """Account ids are twelve digits; a spreadsheet eats leading zeros, or worse."""
    account = pl.col(column)
    sheet.reject(
        account.str.contains(r"^\d(\.\d+)?[eE]\+?\d+$"),
        "a spreadsheet turned this account id into a number; import the export as it was",
        column,
    )
    short = account.str.contains(rf"^\d{{1,{ACCOUNT_DIGITS - 1}}}$")
    if sheet.frame.select(short.fill_null(False).any()).item():
        sheet.notes.append(
            Problem(
                "Account ids with fewer than 12 digits lost leading zeros; they were put back.",
                column=sheet.column(column),
            )
        )
    sheet.frame = sheet.frame.with_columns(
        pl.when(short).then(account.str.zfill(ACCOUNT_DIGITS)).otherwise(account).alias(column)
    )


def to_kg(sheet: Sheet, figure: str) -> None:
    """Figures [kgCO2e] by the row's own unit, in place; without a unit they are metric tons."""
    value, unit = pl.col(figure), pl.col(f"{figure} unit")
    if not sheet.has(figure):
        return
    if sheet.has(f"{figure} unit"):
        factor = unit.replace_strict(MASS_KG, default=None, return_dtype=pl.Float64)
        sheet.reject(
            value.is_not_null() & factor.is_null(),
            "this unit is not known; AWS writes MTCO2e",
            f"{figure} unit",
            unit,
        )
    else:
        factor = pl.lit(MASS_KG["MTCO2e"])
        sheet.notes.append(
            Problem(
                f"The export has no column {figure}_unit; metric tons (MTCO2e) were assumed.",
                column=sheet.column(figure),
            )
        )
    sheet.frame = sheet.frame.with_columns((value * factor).alias(figure))
