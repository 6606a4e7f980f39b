"""Figures, moments and zones of a publisher's file, in the house's terms.

Every reader of published intensities needs the same four things: a figure in kg/kWh that a grid
can have, the moment it belongs to, the zone by its id, and a factor id that the next edition of
the file gives again.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from carbon.factors.source import Context
from carbon.tables import Rejections, Table, day_first, decimal_mark, parse_instant, parse_number
from carbon.tables.cells import reject_unusable

MOST_PLAUSIBLE: Final = 3.0
"""More than any grid emits [kgCO2e/kWh]: oil alone gives about 1."""

MARGINAL: Final = (
    "An inventory counts the average emissions of the grid; a marginal factor says what one more "
    "kilowatt-hour would cause, and belongs to decisions. Import average factors instead."
)
"""Why marginal data is refused (GHG Protocol Scope 2 Guidance, 6.5 and 6.11)."""


def intensities(
    table: Table,
    columns: Mapping[str, str],
    factor: float,
    rejections: Rejections,
    *,
    required: bool = True,
    negative: str = "an emission factor cannot be negative",
) -> pl.DataFrame:
    """Columns of figures in kg/kWh, numbered; what no grid can have is set aside.

    Args:
        table: the file.
        columns: house name -> the file's own name.
        factor: the publisher's unit in kg/kWh.
        rejections: where rows go whose figure is no number, negative, or beyond any grid.
        required: whether a row without any of these figures is set aside.
        negative: what is said of a negative one.

    Returns:
        row_number, the house's names, and each as it stands in the file (`name (raw)`).
    """
    frame = table.numbered()
    mark = decimal_mark([table.frame[own] for own in columns.values()], *_marks(table))
    found = {"row_number": frame["row_number"]}
    for name, own in columns.items():
        values, reasons = parse_number(table.frame[own], None, mark)
        kg = values * factor
        checked = frame.select("row_number", pl.col(own).alias("raw")).with_columns(
            kg.alias("kg"), reasons.alias("reason")
        )
        for failed, reason in (
            (pl.col("reason").is_not_null(), pl.col("reason")),
            ((pl.col("kg") < 0).fill_null(False), pl.lit(negative)),
            (
                (pl.col("kg") > MOST_PLAUSIBLE).fill_null(False),
                pl.lit(f"this is more than any grid emits ({MOST_PLAUSIBLE:g} kg/kWh); mend it"),
            ),
        ):
            rejections.add_where(checked, failed, reason, column=own, value="raw")
        found |= {name: kg, f"{name} (raw)": table.frame[own]}
    result = pl.DataFrame(found)
    if required:
        names = " and ".join(columns.values())
        rejections.add_where(
            result,
            pl.all_horizontal(pl.col(name).is_null() for name in columns),
            f"{names} {'is' if len(columns) == 1 else 'are'} empty; a factor needs a figure",
            column=next(iter(columns.values())),
        )
    return result


def _marks(table: Table) -> tuple[str | None, str | None]:
    return table.delimiter, table.decimal


def moments(
    table: Table, own: str, rejections: Rejections, *, timezone: str = "UTC"
) -> pl.DataFrame:
    """row_number, `start` (UTC) and `start (raw)` of a column of moments.

    Args:
        table: the file.
        own: the file's own column name.
        rejections: where rows go whose moment is empty or cannot be read.
        timezone: of times that name no zone: publishers of grid data write UTC.
    """
    cells = table.frame[own]
    # A bare year is its first day.
    dated = pl.select(
        pl.when(cells.str.contains(r"^\d{4}$")).then(cells + "-01-01").otherwise(cells)
    ).to_series()
    parsed = parse_instant(dated, timezone, day_first([dated]), serial_dates=table.serial_dates)
    frame = pl.DataFrame(
        {
            "row_number": table.row_numbers,
            "start": parsed["instant"],
            "start (raw)": cells,
            "reason": parsed["reason"],
        }
    )
    for failed, reason in (
        (pl.col("reason").is_not_null(), pl.col("reason")),
        (
            pl.col("start").is_null() & pl.col("reason").is_null(),
            pl.lit(f"{own} is empty; every row needs it"),
        ),
    ):
        rejections.add_where(frame, failed, reason, column=own, value="start (raw)")
    return frame.drop("reason")


def reject_empty(table: Table, own: str, rejections: Rejections) -> None:
    """Set aside rows in which a column that every row needs is empty, or holds no usable cell."""
    frame = table.numbered()
    rejections.add_where(
        frame, pl.col(own).is_null(), f"{own} is empty; every row needs it", column=own
    )
    reject_unusable(rejections, frame, [own])


def zone_of(written: pl.Expr, context: Context) -> pl.Expr:
    """The zone's id: known ids, alpha-3 codes and names by theirs, any other as written."""
    known = written.str.strip_chars().str.to_lowercase()
    return pl.coalesce(
        known.replace_strict(context.zones, default=None, return_dtype=pl.String),
        written.str.strip_chars(),
    )


def known_zone(written: pl.Expr, context: Context) -> pl.Expr:
    """The zone's id where an id, a code or a name is known; else null."""
    return (
        written.str.strip_chars()
        .str.to_lowercase()
        .replace_strict(context.zones, default=None, return_dtype=pl.String)
    )


def identified(
    frame: pl.DataFrame,
    prefix: str,
    *,
    publisher: str,
    licence: str,
    document: str,
    original: bool = True,
    **columns: Any,
) -> pl.DataFrame:
    """Factors with provenance and an id that later editions of the file give again.

    Args:
        frame: zone, method, basis, valid_from, granularity and the figures; a `release` that it
            has is a part of the id.
        prefix: the publisher's part of the id.
        publisher, licence, document: as in schema Factor.
        original: whether the file is the publisher's own.
        columns: further columns, alike in every row, where the frame lacks them.
    """
    moment = (
        pl.when(pl.col("granularity") == "hour")
        .then(pl.col("valid_from").dt.strftime("%Y-%m-%dT%H"))
        .when(pl.col("granularity") == "month")
        .then(pl.col("valid_from").dt.strftime("%Y-%m"))
        .otherwise(pl.col("valid_from").dt.strftime("%Y"))
    )
    constant = {
        "gases": "CO2e",
        "publisher": publisher,
        "licence": licence,
        "document": document,
        "checked_against_original": original,
        **columns,
    }
    release = pl.col("release") if "release" in frame.columns else pl.lit(None, pl.String)
    parts = (pl.lit(prefix), _slug(release), "zone", "method", "basis", moment)
    return frame.with_columns(
        *(
            pl.lit(value).alias(name)
            for name, value in constant.items()
            if name not in frame.columns
        ),
        pl.concat_str(*parts, separator="-", ignore_nulls=True).alias("factor_id"),
        pl.col("valid_from").dt.strftime("%Y").alias("vintage"),
    )


def _slug(text: pl.Expr) -> pl.Expr:
    return text.str.to_lowercase().str.replace_all(r"[^a-z0-9]+", "-").str.strip_chars("-")


def find_column(columns: Sequence[str], *words: str, without: Sequence[str] = ()) -> str | None:
    """The first column whose name holds all of these words, and none of the others.

    Names are compared in lower case, with a subscript two as a two.
    """
    for column in columns:
        name = column.casefold().replace("₂", "2")
        if all(word in name for word in words) and not any(word in name for word in without):
            return column
    return None
