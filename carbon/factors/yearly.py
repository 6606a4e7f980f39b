"""Tables of yearly figures: the year that a column or the title names, and each figure once."""

import polars as pl

from carbon.factors.calendar import periods_of
from carbon.tables import RefusalError, Rejections, Table


def year_column(columns: list[str]) -> str | None:
    """The column that holds the data year."""
    plain = {column.strip().casefold().replace("_", " "): column for column in columns}
    return next((plain[name] for name in ("data year", "year", "time") if name in plain), None)


def with_year(
    frame: pl.DataFrame, table: Table, told: int | None, name: str, rejections: Rejections
) -> pl.DataFrame:
    """Add the period of each row: of its own year, else of the year that the title tells.

    Args:
        frame: row_number and figures.
        table: the file.
        told: the year of the title; None where it tells none, or several.
        name: of the file, for messages.
        rejections: where rows go whose year cannot be read.

    Raises:
        RefusalError: neither a column nor the title names the year.
    """
    column = year_column(table.columns)
    if column is not None:
        periods = periods_of(
            table.numbered().select("row_number", column), column, column, rejections, table
        )
        return frame.join(
            periods, on="row_number", how="left", validate="1:1", maintain_order="left"
        )
    if told is None:
        raise RefusalError(
            f"{name} does not say of which year its figures are. Add a column Year, or write the "
            "year into the name of the file."
        )
    return frame.with_columns(
        pl.datetime(told, 1, 1, time_unit="us", time_zone="UTC").alias("valid_from"),
        pl.datetime(told + 1, 1, 1, time_unit="us", time_zone="UTC").alias("valid_to"),
        pl.lit("year").alias("granularity"),
    )


def reject_second(frame: pl.DataFrame, rejections: Rejections) -> None:
    """Set aside figures of a zone and period for which an earlier row states another.

    Args:
        frame: row_number, zone, valid_from, valid_to, kg_co2e_per_kwh, `raw` (the figure as it
            stands in the file) and `column` (the file's own name of it).
        rejections: where the rows go. Rows that it names already are no earlier ones.
    """
    key = ("zone", "valid_from", "valid_to")
    ordered = rejections.keep(frame).sort("row_number", maintain_order=True)
    first = ordered.select(
        "row_number",
        "column",
        "raw",
        pl.col("row_number").first().over(key).alias("(first)"),
        pl.col("kg_co2e_per_kwh")
        .ne_missing(pl.col("kg_co2e_per_kwh").first().over(key))
        .alias("(other)"),
    )
    for (column,), rows in first.filter("(other)").partition_by("column", as_dict=True).items():
        rejections.add_where(
            rows,
            pl.lit(True),
            pl.format(
                "row {} states this zone's figure already, and another; keep one of the two",
                "(first)",
            ),
            column=str(column),
            value="raw",
        )
