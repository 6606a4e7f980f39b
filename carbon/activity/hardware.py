"""The hardware template: accelerators and servers that the organisation bought."""

from typing import Final

import polars as pl

from carbon.activity.accept import joined_key, reading_of
from carbon.activity.sheet import Sheet, open_sheet
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.recognition import by_columns
from carbon.units import COUNT, MASS_KG

NAME: Final = "hardware-template"
TITLE: Final = "Hardware template (accelerators and servers bought)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("asset_id", "item", "count", "purchased_on", "kg_co2e_each")

REQUIRED: Final = ("asset_id", "item", "count", "purchased_on")
OTHERS: Final = (
    *("kind", "retired_on", "site", "lifetime_years", "kg_co2e_each", "low_kg_each"),
    *("high_kg_each", "document", "note"),
)
VARIABLE_MAP: Final = {name: name for name in (*REQUIRED, *OTHERS)}

KINDS: Final = {
    "accelerator": "accelerator",
    "gpu": "accelerator",
    "tpu": "accelerator",
    "card": "accelerator",
    "server": "server",
    "node": "server",
    "host": "server",
    "machine": "server",
}
"""What asset registers call it -> house name."""

SERVER_WORDS: Final = r"(?i)\b(server|node|host|machine|chassis|poweredge|proliant)"
"""Words of an item that is a server, where the row does not say its kind."""

YEARS: Final[dict[str, float]] = {
    **dict.fromkeys(("y", "yr", "year", "years", "a"), 1.0),
    **dict.fromkeys(("month", "months", "mo"), 1 / 12),
}


def sniff(head: Head) -> Recognition:
    """Columns asset_id, item, count and purchased_on."""
    return by_columns(head, REQUIRED, optional=tuple(VARIABLE_MAP))


def read(payload: Payload, context: Context) -> Reading:
    """Read a hardware template (CSV, XLSX or Parquet).

    Args:
        payload: the file.
        context: the evidence.

    Returns:
        Assets: pieces [1], day of purchase, service life [y] and, where a document gives it, the
        cradle-to-gate carbon of one piece with its low and high [kgCO2e]. A row whose kind is not
        stated is a server where its item is called one, else an accelerator.

    Raises:
        RefusalError: a required column is missing.
    """
    sheet = open_sheet(payload, VARIABLE_MAP, REQUIRED)
    sheet.require(REQUIRED)
    sheet.translate("kind", KINDS, "kind '{value}' is not known; use accelerator or server")
    sheet.numbers(
        {
            "count": COUNT,
            "lifetime_years": YEARS,
            "kg_co2e_each": MASS_KG,
            "low_kg_each": MASS_KG,
            "high_kg_each": MASS_KG,
        }
    )
    sheet.instants(["purchased_on", "retired_on"], "UTC")
    sheet.local_times = False
    _check(sheet)
    _note_bare_figures(sheet)
    server = pl.col("item").str.contains(SERVER_WORDS)
    return reading_of(
        sheet.frame.with_columns(
            joined_key(NAME, "asset_id"),
            pl.col("purchased_on", "retired_on").dt.date(),
            evidence_id=pl.lit(context.evidence_id),
            format=pl.lit(NAME),
            kind=pl.coalesce(
                "kind", pl.when(server).then(pl.lit("server")).otherwise(pl.lit("accelerator"))
            ),
        ),
        sheet.rows,
        sheet.rejections,
        context,
        sheet.notes,
        table="assets",
    )


def _check(sheet: Sheet) -> None:
    """Set aside what cannot be: no pieces, a life of 0 years, ends in the wrong order."""
    each, low, high = (pl.col(name) for name in ("kg_co2e_each", "low_kg_each", "high_kg_each"))
    for failed, reason, column in (
        (pl.col("count") != pl.col("count").floor(), "pieces are whole; write a whole number",
         "count"),
        (pl.col("count") == 0, "the count is 0; write how many pieces were bought",
         "count"),
        (pl.col("lifetime_years") <= 0, "a service life is above 0 years", "lifetime_years"),
        (pl.col("retired_on") < pl.col("purchased_on"), "it left service before it was bought",
         "retired_on"),
        (each.is_null() & (low.is_not_null() | high.is_not_null()),
         "low and high stand beside kg_co2e_each, which is empty", "kg_co2e_each"),
        (low > each, "the low is above kg_co2e_each", "low_kg_each"),
        (high < each, "the high is at least kg_co2e_each", "high_kg_each"),
    ):  # fmt: skip
        sheet.reject(failed, reason, column)
    good = sheet.rejections.keep(sheet.frame)
    again = good.filter(~pl.col("asset_id").is_first_distinct())["row_number"].implode()
    sheet.reject(
        pl.col("row_number").is_in(again),
        "this asset_id stands in the file before; give every lot an id of its own",
        "asset_id",
    )


def _note_bare_figures(sheet: Sheet) -> None:
    """Say which figures have no document, before an auditor asks."""
    bare = sheet.rejections.keep(sheet.frame).filter(
        pl.col("kg_co2e_each").is_not_null() & pl.col("document").is_null()
    )
    if bare.height:
        sheet.notes.append(
            Problem(
                f"{bare.height} rows give kg_co2e_each without a document: name the product carbon "
                "footprint that it is from.",
                row=int(bare["row_number"][0]),
            )
        )
