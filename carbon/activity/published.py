"""The references template: figures of models that others published, and that you bring.

Any published figure: energy or emissions per request, per tokens, per training or per
accelerator-hour, with its boundary, edition, publisher and document. It stands beside your own
figures (Models) and is in no total. A row whose `reference_id` (or, without one, whose publisher,
edition, model, task, unit and boundary) a later file states again is replaced by it; another
edition stands beside. `per` may be 1k_queries, 1m_tokens or token too: the figure is then divided
or multiplied. `boundary` says what the figure sees, and only figures of one boundary are compared;
left empty, it is compared with none.
"""

from typing import Final

import polars as pl

from carbon.activity.accept import joined_key, reading_of
from carbon.activity.sheet import Sheet, open_sheet
from carbon.activity.source import Context, Head, Payload, Reading, Recognition
from carbon.schema import FIGURE_BOUNDARIES
from carbon.tables.recognition import by_columns
from carbon.units import ENERGY_KWH, MASS_KG

NAME: Final = "references-template"
TITLE: Final = "References template (published figures of models)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("model", "task", "per", "energy_wh", "boundary", "edition", "document")

REQUIRED: Final = ("model", "per", "publisher", "document")
FIGURES: Final = ("energy_wh", "location_g", "market_g")
VARIABLE_MAP: Final = {
    "model": "model",
    "task": "task",
    "per": "per",
    **{name: name for name in FIGURES},
    "boundary": "boundary",
    "edition": "release",
    "publisher": "publisher",
    "document": "document",
    "licence": "licence",
    **{
        name: name
        for name in (
            *("reference_id", "organisation", "statistic", "with_embodied", "hardware"),
            *("vintage", "note"),
        )
    },
}

PERS: Final[dict[str, tuple[str, float]]] = {
    "query": ("query", 1.0),
    "1k_queries": ("query", 1e3),
    "token": ("1k_tokens", 1e-3),
    "1k_tokens": ("1k_tokens", 1.0),
    "1m_tokens": ("1k_tokens", 1e3),
    "output_token": ("1k_output_tokens", 1e-3),
    "1k_output_tokens": ("1k_output_tokens", 1.0),
    "1m_output_tokens": ("1k_output_tokens", 1e3),
    "training_run": ("training_run", 1.0),
    "gpu_hour": ("gpu_hour", 1.0),
}
"""What a document's figure is per -> the house's unit, and how many of it."""

_WORDS: Final = {
    **{name: name for name in PERS},
    **dict.fromkeys(("request", "prompt", "response", "image"), "query"),
    **dict.fromkeys(
        ("1k_requests", "1000 queries", "1,000 queries", "1000 requests", "1,000 requests"),
        "1k_queries",
    ),
    "training": "training_run",
    "accelerator_hour": "gpu_hour",
}
_TRUTH: Final = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false",
                 "0": "false"}  # fmt: skip

ENERGY_WH: Final = {unit: kwh * 1e3 for unit, kwh in ENERGY_KWH.items()}
MASS_G: Final = {unit: kg * 1e3 for unit, kg in MASS_KG.items()}


def sniff(head: Head) -> Recognition:
    """Columns model, per, publisher and document, and a figure."""
    return by_columns(head, REQUIRED, one_of=(FIGURES,), optional=tuple(VARIABLE_MAP))


def read(payload: Payload, context: Context) -> Reading:
    """Read a references template (CSV, XLSX or Parquet).

    Args:
        payload: the file.
        context: the evidence.

    Returns:
        References: energy [Wh] and emissions [gCO2e] per one of PER_UNITS. A number without a unit
        is in the column's; one with a unit (0.3 kWh, 25 t) is converted.

    Raises:
        RefusalError: a required column is missing.
    """
    sheet = open_sheet(payload, VARIABLE_MAP, REQUIRED)
    sheet.require(REQUIRED)
    sheet.translate("per", _WORDS, "'{value}' is not known; use one of " + ", ".join(PERS),
                    offered=list(PERS))  # fmt: skip
    sheet.translate("boundary", {name: name for name in FIGURE_BOUNDARIES},
                    "boundary '{value}' is not known; use one of " + ", ".join(FIGURE_BOUNDARIES)
                    + ", or leave it empty where the document does not say")  # fmt: skip
    sheet.translate("with_embodied", _TRUTH, "'{value}' is neither true nor false")
    sheet.numbers({"energy_wh": ENERGY_WH, "location_g": MASS_G, "market_g": MASS_G})
    sheet.reject(
        pl.all_horizontal(pl.col(name).is_null() for name in FIGURES),
        "no figure stands in the row; write energy_wh, location_g or market_g",
        next((name for name in FIGURES if sheet.has(name)), None),
    )
    divisor = pl.col("per").replace_strict(
        {name: count for name, (_, count) in PERS.items()}, default=None, return_dtype=pl.Float64
    )
    per = pl.col("per").replace_strict(
        {name: unit for name, (unit, _) in PERS.items()}, default=None, return_dtype=pl.String
    )
    sheet.frame = sheet.frame.with_columns(
        *(pl.col(name) / divisor for name in FIGURES),
        per=per,
        with_embodied=pl.col("with_embodied") == "true",
    )
    return references(sheet, context, NAME)


def references(sheet: Sheet, context: Context, name: str) -> Reading:
    """The rows of a sheet under the house's names as a Reading of references.

    Args:
        sheet: columns of `OwnReference`; figures per one of PER_UNITS.
        context: the evidence.
        name: the format.
    """
    own = ("publisher", "release", "model", "task", "per", "boundary")
    told = pl.concat_str([pl.col(each).fill_null("") for each in own], separator="|")
    sheet.frame = sheet.frame.with_columns(reference_id=pl.coalesce("reference_id", told))
    good = sheet.rejections.keep(sheet.frame)
    again = good.filter(~pl.col("reference_id").is_first_distinct())["row_number"].implode()
    sheet.reject(
        pl.col("row_number").is_in(again),
        "a row before states this figure (publisher, edition, model, task, unit and boundary, or "
        "reference_id); name what tells them apart in task",
        "model",
    )
    return reading_of(
        sheet.frame.with_columns(
            joined_key(name, "reference_id"),
            evidence_id=pl.lit(context.evidence_id),
            format=pl.lit(name),
            checked_against_original=pl.lit(False),
        ),
        sheet.rows,
        sheet.rejections,
        context,
        sheet.notes,
        table="references",
    )
