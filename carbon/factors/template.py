"""The factor template: the user's own emission factors, one row per zone, period and method.

For factors that cannot be shipped (IEA, AIB, Green-e, a supplier's rate) and for hourly or monthly
ones. Whatever zone the file names is a zone from then on.
"""

from typing import Final

import polars as pl

from carbon.factors.accept import as_factors
from carbon.factors.library import context_maps, load
from carbon.factors.source import Context, FactorReading, Head, Recognition
from carbon.factors.validity import read_validity
from carbon.schema import FACTOR_METHODS
from carbon.tables import (
    Payload,
    RefusalError,
    Rejections,
    Table,
    blank_to_null,
    decimal_mark,
    match_names,
    parse_number,
    read_table,
)
from carbon.tables.cells import not_stated, reject_unusable
from carbon.tables.recognition import by_columns
from carbon.units import INTENSITY_KG_PER_KWH

NAME: Final = "factor-template"
TITLE: Final = "Factor template (emission factors)"
PROVIDER: Final = None
EXAMPLE_COLUMNS: Final = ("zone", "valid_from", "valid_to", "method", "kg_co2e_per_kwh")

COLUMNS: Final = (
    "zone",
    "valid_from",
    "valid_to",
    "method",
    "basis",
    "kg_co2e_per_kwh",
    "co2_kg_per_kwh",
    "ch4_kg_per_kwh",
    "n2o_kg_per_kwh",
    "gwp_set",
    "publisher",
    "release",
    "vintage",
    "licence",
    "document",
)
"""The template's header, in its order."""

VARIABLE_MAP: Final = {name: name for name in COLUMNS}
"""The template's names are the house's."""

REQUIRED: Final = ("zone", "valid_from", "valid_to", "method", "basis")
_GASES: Final = {"CO2": "co2_kg_per_kwh", "CH4": "ch4_kg_per_kwh", "N2O": "n2o_kg_per_kwh"}
_NUMBERS: Final = ("kg_co2e_per_kwh", *_GASES.values())
_NOT_STATED: Final = "not stated"

_METHOD_WORDS: Final = {
    **{method: method for method in FACTOR_METHODS},
    "location_based": "location",
    "residual_mix": "residual",
    "supplier_rate": "supplier",
    "t_d_loss": "td_loss",
    "td_losses": "td_loss",
    "t_d_losses": "td_loss",
    "wtt": "upstream",
}
_BASIS_WORDS: Final = {
    "direct": "direct",
    "combustion": "direct",
    "lifecycle": "lifecycle",
    "life_cycle": "lifecycle",
    "lca": "lifecycle",
}
_GWP_WORDS: Final = {"sar": "SAR", "ar4": "AR4", "ar5": "AR5", "ar6": "AR6"}

MOST_PLAUSIBLE: Final = 3.0
"""More than any grid emits [kgCO2e/kWh]: oil alone gives about 1. Above it stands g or lb."""


def sniff(head: Head) -> Recognition:
    """The template is known by zone, validity and method, and a figure."""
    return by_columns(
        head,
        ("zone", "valid_from", "valid_to", "method"),
        one_of=(("kg_co2e_per_kwh", "co2_kg_per_kwh"),),
        optional=COLUMNS,
    )


def read(payload: Payload, context: Context) -> FactorReading:
    """A factor template as a FactorReading; see `read_factor_template`."""
    factors, quarantine, rows = read_factor_template(payload, context.evidence_id)
    return FactorReading(rows, factors, quarantine)


def read_factor_template(
    payload: Payload, evidence_id: str
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Read a factor template (CSV, XLSX or Parquet).

    Figures are kg/kWh; a unit in the cell (`195 g/kWh`, `430 lb/MWh`) is converted. Where
    kg_co2e_per_kwh is empty it is CO2 + GWP(CH4) x CH4 + GWP(N2O) x N2O of the row's gwp_set.
    `valid_to` is exclusive when it has a time or is the first of a month; any other day, month or
    year counts whole.

    Args:
        payload: the file.
        evidence_id: sha256 of the file.

    Returns:
        factors (schema Factor, origin "workspace"), rows set aside (schema Quarantine), and how
        many data rows the file has.

    Raises:
        RefusalError: the file holds no table, or lacks a required column.
    """
    table = read_table(payload, COLUMNS)
    found, _ = match_names(table.columns, COLUMNS)
    missing = [name for name in REQUIRED if name not in found]
    if "kg_co2e_per_kwh" not in found and not set(_GASES.values()) <= set(found):
        missing.append("kg_co2e_per_kwh")
    if missing:
        raise RefusalError(
            f"{payload.name} lacks the column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)}. Its columns are {', '.join(table.columns[:30])}."
        )
    rejections = Rejections()
    rejections.add(table.defects)
    frame = _named(table, found)
    for name in REQUIRED:
        cell = table.numbered().select("row_number", pl.col(found[name]).alias("cell"))
        rejections.add_where(
            cell.filter(frame[name].is_null()),
            pl.lit(True),
            not_stated("cell", found[name]),
            column=found[name],
            value="cell",
        )
    reject_unusable(rejections, table.numbered(), found.values())
    frame = _zones(frame)
    frame = _words(frame, "method", _METHOD_WORDS, rejections, found)
    frame = _words(frame, "basis", _BASIS_WORDS, rejections, found)
    frame = _words(frame, "gwp_set", _GWP_WORDS, rejections, found)
    frame = read_validity(frame, rejections, found, serial_dates=table.serial_dates)
    frame = _figures(frame, table, rejections, found)
    frame = _identified(rejections.keep(frame), payload.name)
    _reject_contradictions(frame, rejections)
    return (
        as_factors(rejections.keep(frame), evidence_id),
        rejections.frame(evidence_id),
        table.rows,
    )


def _named(table: Table, found: dict[str, str]) -> pl.DataFrame:
    """The rows under the template's names, all there; "NA" stays a zone (Namibia)."""
    return table.numbered().select(
        "row_number",
        *(
            pl.lit(None, pl.String).alias(name)
            if name not in found
            else pl.col(found[name]).alias(name)
            if name == "zone"
            else blank_to_null(found[name]).alias(name)
            for name in COLUMNS
        ),
    )


def _zones(frame: pl.DataFrame) -> pl.DataFrame:
    """Known zones by their id, whatever case or code they are written in; others as they are."""
    known = context_maps(load(), load().factors.clear())["zones"]
    written = pl.col("zone").str.strip_chars()
    canonical = written.str.to_lowercase().replace_strict(
        known, default=None, return_dtype=pl.String
    )
    return frame.with_columns(pl.coalesce(canonical, written).alias("zone"))


def _words(
    frame: pl.DataFrame,
    name: str,
    words: dict[str, str],
    rejections: Rejections,
    found: dict[str, str],
) -> pl.DataFrame:
    """Words of a column -> the house's; an unknown one is set aside with the list."""
    plain = pl.col(name).str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "_").str.strip_chars("_")
    mapped = plain.replace_strict(words, default=None, return_dtype=pl.String)
    rejections.add_where(
        frame,
        pl.col(name).is_not_null() & mapped.is_null(),
        f"this {name} is not known; use one of {', '.join(dict.fromkeys(words.values()))}",
        column=found.get(name),
        value=name,
    )
    return frame.with_columns(mapped.alias(name))


def _figures(
    frame: pl.DataFrame, table: Table, rejections: Rejections, found: dict[str, str]
) -> pl.DataFrame:
    """Parse the figures to kg/kWh, and compute CO2e from the gases where it is empty."""
    present = [frame[name] for name in _NUMBERS if name in found]
    mark = decimal_mark(present, table.delimiter, table.decimal)
    for name in _NUMBERS:
        values, reasons = parse_number(frame[name], INTENSITY_KG_PER_KWH, mark)
        frame = frame.with_columns(
            pl.col(name).alias(f"{name} (raw)"), values.alias(name), reasons.alias("(reason)")
        )
        value = pl.col(name)
        for failed, reason in (
            (pl.col("(reason)").is_not_null(), pl.col("(reason)")),
            (value < 0, pl.lit("an emission factor cannot be negative")),
            (
                value > MOST_PLAUSIBLE,
                pl.lit("this looks like g/kWh or lb/MWh; give kg/kWh, or write the unit behind it"),
            ),
        ):
            rejections.add_where(
                frame,
                failed.fill_null(False),
                reason,
                column=found.get(name),
                value=f"{name} (raw)",
            )
    computed = _from_gases()
    rejections.add_where(
        frame,
        pl.all_horizontal(pl.col(f"{name} (raw)").is_null() for name in ("kg_co2e_per_kwh",))
        & computed.is_null(),
        "kg_co2e_per_kwh is empty; give it, or CO2, CH4 and N2O together with gwp_set",
        column=found.get("kg_co2e_per_kwh"),
    )
    return frame.with_columns(
        pl.coalesce("kg_co2e_per_kwh", computed).alias("kg_co2e_per_kwh"),
        pl.when(pl.col("kg_co2e_per_kwh").is_null())
        .then(pl.lit("CO2e computed from the three gases of the row."))
        .alias("note"),
    )


def _from_gases() -> pl.Expr:
    """CO2 + GWP(CH4) x CH4 + GWP(N2O) x N2O [kgCO2e/kWh]; null where a part is not stated."""
    total = pl.lit(0.0)
    for gas, column in _GASES.items():
        of_gas = dict(load().gwp.filter(gas=gas).select("gwp_set", "gwp").iter_rows())
        potential = pl.col("gwp_set").replace_strict(of_gas, default=None, return_dtype=pl.Float64)
        total = total + pl.col(column) * potential
    return total


def _identified(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Provenance that the row leaves out, and the factor's id."""
    words = [_slug(pl.col(part)) for part in ("publisher", "release", "zone", "method", "basis")]
    moment = (
        pl.when(pl.col("granularity") == "hour")
        .then(pl.col("valid_from").dt.strftime("%Y-%m-%dT%H%M"))
        .when(pl.col("granularity") == "month")
        .then(pl.col("valid_from").dt.strftime("%Y-%m"))
        .otherwise(pl.col("valid_from").dt.strftime("%Y-%m-%d"))
    )
    return frame.with_columns(
        pl.concat_str(pl.lit("own"), *words, moment, separator="-", ignore_nulls=True).alias(
            "factor_id"
        ),
        pl.lit("CO2e").alias("gases"),
        pl.col("publisher", "licence").fill_null(_NOT_STATED),
        pl.col("document").fill_null(name),
        pl.lit(False).alias("checked_against_original"),
    )


def _slug(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(r"[^\p{L}\p{N}_]+", "-").str.strip_chars("-")


def _reject_contradictions(frame: pl.DataFrame, rejections: Rejections) -> None:
    """Set aside rows that give a factor of an earlier row again with another figure."""
    first = pl.col("kg_co2e_per_kwh").first().over("factor_id", "valid_to")
    row = pl.col("row_number").first().over("factor_id", "valid_to")
    frame = frame.sort("row_number").with_columns(
        (pl.col("kg_co2e_per_kwh") != first).alias("(differs)"), row.alias("(first row)")
    )
    rejections.add_where(
        frame,
        pl.col("(differs)"),
        pl.format(
            "row {} gives this factor already with another figure; keep one of them, or tell them "
            "apart by publisher or release",
            "(first row)",
        ),
        column="kg_co2e_per_kwh",
        value="kg_co2e_per_kwh (raw)",
    )
