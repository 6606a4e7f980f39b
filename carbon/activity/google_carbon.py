"""Google Cloud Carbon Footprint, as BigQuery exports it: the provider's own figures by project.

Three shapes are read alike: nested records (JSON lines, JSON, Parquet), columns flattened with
dots, and columns flattened with underscores. Figures are kgCO2e. `after_offsets` is deprecated and
not read.
"""

from typing import Final

import polars as pl

from carbon.activity.accept import reading_of
from carbon.activity.reported import Figure, read_month, reported_rows
from carbon.activity.sheet import Sheet, open_sheet
from carbon.activity.source import Context, Head, Payload, Reading, Recognition, RefusalError
from carbon.tables.recognition import by_columns

NAME: Final = "google-carbon-footprint"
TITLE: Final = "Google Cloud Carbon Footprint (BigQuery export)"
PROVIDER: Final = "gcp"
EXAMPLE_COLUMNS: Final = (
    "usage_month",
    "project.id",
    "carbon_model_version",
    "carbon_footprint_total_kgCO2e.location_based",
)

FIGURES: Final = (
    Figure("carbon_footprint_total_kgCO2e.location_based", "total", "location"),
    Figure("carbon_footprint_total_kgCO2e.market_based", "total", "market"),
    Figure("carbon_footprint_kgCO2e.scope1", "scope_1", "unspecified"),
    Figure("carbon_footprint_kgCO2e.scope2.location_based", "scope_2", "location"),
    Figure("carbon_footprint_kgCO2e.scope2.market_based", "scope_2", "market"),
    Figure("carbon_footprint_kgCO2e.scope3", "scope_3", "unspecified"),
)

DOTTED: Final = {
    "usage_month": "month",
    "billing_account_id": "payer_account",
    "project.number": "project_number",
    "project.id": "project_id",
    "service.id": "service_id",
    "service.description": "service_name",
    "location.location": "location",
    "location.region": "region",
    "carbon_model_version": "model_version",
    "carbon_footprint_total_kgCO2e.after_offsets": "after_offsets",
    **{figure.name: figure.name for figure in FIGURES},
}

VARIABLE_MAP: Final = {
    **{name.replace(".", "_"): house for name, house in DOTTED.items()},
    **DOTTED,
}

REQUIRED: Final = ("usage_month", "carbon_model_version")


def sniff(head: Head) -> Recognition:
    """Columns usage_month and carbon_model_version, with a figure, dotted or underscored."""
    return by_columns(
        head,
        REQUIRED,
        one_of=(_figure_names(),),
        optional=tuple(VARIABLE_MAP),
        kinds=("json", "jsonl", "text", "xlsx", "parquet"),
    )


def read(payload: Payload, context: Context) -> Reading:
    """Read an export of Carbon Footprint (JSON lines, JSON, CSV or Parquet).

    Args:
        payload: the file.
        context: of which only the evidence id is used; the export's months are UTC labels.

    Returns:
        Reported figures [kgCO2e]: totals by method, scope 1, scope 2 by method, scope 3.

    Raises:
        RefusalError: a required column is missing.
    """
    sheet = open_sheet(payload, VARIABLE_MAP, REQUIRED)
    if not any(sheet.has(figure.name) for figure in FIGURES):
        raise RefusalError(f"{payload.name} has no column of figures, such as {FIGURES[0].name}.")
    sheet.require(["month", "model_version"])
    sheet.reject(
        ~pl.col("model_version").str.contains(r"^\d+(\.\d+)*$"),
        "this is no model version; Google writes a number, such as 15",
        "model_version",
    )
    _reject_misshapen(sheet)
    read_month(sheet)
    sheet.numbers({figure.name: None for figure in FIGURES}, least=None)
    sheet.frame = sheet.frame.with_columns(
        pl.coalesce("project_id", "project_number").alias("account"),
        pl.coalesce("service_name", "service_id").alias("service"),
        pl.coalesce("region", "location").alias("region"),
    )
    rows = reported_rows(sheet, NAME, PROVIDER, FIGURES, context.evidence_id)
    return reading_of(rows, sheet.rows, sheet.rejections, context, sheet.notes, table="reported")


def _reject_misshapen(sheet: Sheet) -> None:
    """Set aside rows in which an object stands where a figure is due, or something else where an
    object of figures is."""
    names = [figure.name for figure in FIGURES]
    objects = {
        ".".join(parts[:depth])
        for parts in (name.split(".") for name in names)
        for depth in range(1, len(parts))
    }
    rows = sheet.extra.insert_column(0, sheet.frame["row_number"])
    for column in sheet.extra.columns:
        inside = any(column.startswith(f"{name}.") for name in names)
        if inside or column in objects:
            sheet.rejections.add_where(
                rows,
                pl.col(column).is_not_null(),
                "a figure is due here, and this is an object; export the table again"
                if inside
                else "an object of figures is due here; export the table again",
                column=column,
                value=column,
            )


def _figure_names() -> tuple[str, ...]:
    names = [figure.name for figure in FIGURES]
    return (*names, *[name.replace(".", "_") for name in names])
