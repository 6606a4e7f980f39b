"""The instrument template: certificates, PPAs, supplier rates and green tariffs."""

from typing import Final

import polars as pl

from carbon.activity.accept import reading_of
from carbon.activity.period import read_period
from carbon.activity.sheet import Sheet, open_sheet
from carbon.activity.source import Context, Head, Payload, Problem, Reading, Recognition
from carbon.tables.recognition import by_columns
from carbon.units import ENERGY_KWH, INTENSITY_KG_PER_KWH

NAME: Final = "instrument-template"
TITLE: Final = "Instrument template (certificates, PPAs, tariffs)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("instrument_id", "kind", "market", "kwh", "kg_co2e_per_kwh", "q1")

CRITERIA: Final = tuple(f"q{i}" for i in range(1, 9))
"""The eight Scope 2 Quality Criteria; empty = not applicable."""

REQUIRED: Final = (
    "instrument_id",
    "kind",
    "market",
    "period_start",
    "period_end",
    "kwh",
    "kg_co2e_per_kwh",
)
OTHERS: Final = ("technology", "registry", "vintage", "retired_on", "beneficiary", "document")
VARIABLE_MAP: Final = {name: name for name in (*REQUIRED, *OTHERS, *CRITERIA)}

KINDS: Final = {
    "eac": "eac",
    "go": "eac",
    "goo": "eac",
    "guarantee of origin": "eac",
    "rec": "eac",
    "rego": "eac",
    "i-rec": "eac",
    "irec": "eac",
    "ppa": "ppa",
    "vppa": "ppa",
    "supplier_rate": "supplier_rate",
    "supplier rate": "supplier_rate",
    "green_tariff": "green_tariff",
    "green tariff": "green_tariff",
}
"""What registries and contracts call it -> house name."""

ANSWERS: Final = {
    "true": True,
    "yes": True,
    "y": True,
    "1": True,
    "false": False,
    "no": False,
    "n": False,
    "0": False,
}


NAMED_IDS: Final = 20
"""How many instruments a remark names."""


def sniff(head: Head) -> Recognition:
    """Columns instrument_id, kind, market, kwh and a rate."""
    return by_columns(head, REQUIRED, optional=tuple(VARIABLE_MAP))


def read(payload: Payload, context: Context) -> Reading:
    """Read an instrument template (CSV, XLSX or Parquet).

    Args:
        payload: the file.
        context: zones and countries that are known, for the market.

    Returns:
        Instruments: volume [kWh], rate [kgCO2e/kWh], period (end exclusive) and the answers to
        the quality criteria. A row whose market nobody knows is set aside.

    Raises:
        RefusalError: a required column is missing.
    """
    sheet = open_sheet(payload, VARIABLE_MAP, REQUIRED, verbatim=("market",))
    sheet.require(REQUIRED)
    sheet.translate(
        "kind",
        KINDS,
        "kind '{value}' is not known; use eac, ppa, supplier_rate or green_tariff",
    )
    sheet.translate(
        "market",
        {**context.zones, **context.countries},
        "market '{value}' is not known{near}; use a country or a grid zone",
        offered=[*context.zones.values(), *context.countries.values()],
    )
    sheet.numbers({"kwh": ENERGY_KWH, "kg_co2e_per_kwh": INTENSITY_KG_PER_KWH})
    read_period(sheet, "UTC")
    sheet.local_times = False
    for criterion in CRITERIA:
        _answer(sheet, criterion)
    _note_without_cover(sheet)
    return reading_of(
        sheet.frame.with_columns(
            pl.lit(context.evidence_id).alias("evidence_id"),
            pl.col("instrument_id").alias("key"),
            pl.col("period_start").dt.date().alias("period_start"),
            _exclusive_day().alias("period_end"),
        ),
        sheet.rows,
        sheet.rejections,
        context,
        sheet.notes,
        table="instruments",
    )


def _note_without_cover(sheet: Sheet) -> None:
    """Say which instruments will cover no load, and why, before anyone wonders."""
    good = sheet.rejections.keep(sheet.frame)
    failed = pl.any_horizontal(~pl.col(q) for q in CRITERIA).fill_null(False)
    unanswered = pl.all_horizontal(pl.col(q).is_null() for q in CRITERIA)
    for which, why in (
        (failed, "a quality criterion is answered with no"),
        (unanswered, "none of the quality criteria q1 to q8 is answered"),
    ):
        rows = good.filter(which)
        ids = rows["instrument_id"].unique(maintain_order=True).to_list()
        if ids:
            named = ", ".join(ids[:NAMED_IDS])
            more = f" and {len(ids) - NAMED_IDS} more" if len(ids) > NAMED_IDS else ""
            sheet.notes.append(
                Problem(
                    f"{named}{more} will cover no consumption: {why}.",
                    row=int(rows["row_number"][0]),
                )
            )


def _exclusive_day() -> pl.Expr:
    """The day after the last; an end within a day counts that day whole."""
    end = pl.col("period_end")
    return pl.when(end.dt.time() > pl.time(0)).then(end.dt.offset_by("1d")).otherwise(end).dt.date()


def _answer(sheet: Sheet, criterion: str) -> None:
    """True, false, or null for not applicable."""
    word = pl.col(criterion).str.to_lowercase()
    sheet.reject(
        word.is_not_null() & ~word.is_in(list(ANSWERS)),
        "write true, false, or leave it empty where the criterion does not apply",
        criterion,
    )
    sheet.frame = sheet.frame.with_columns(
        word.replace_strict(ANSWERS, default=None, return_dtype=pl.Boolean).alias(criterion)
    )
