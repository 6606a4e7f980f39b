"""Cells that no reader can use, whatever column they stand in."""

from collections.abc import Iterable
from typing import Final

import polars as pl

from carbon.tables.rejections import Rejections

MAX_CHARACTERS: Final = 500
"""A longer cell is no name, number or date: a quotation mark or a delimiter went missing."""

SHOWN_CHARACTERS: Final = 80

ERROR_VALUES: Final = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
"""What a spreadsheet shows where a formula has no result, by the name of the error."""


def reject_unusable(rejections: Rejections, frame: pl.DataFrame, columns: Iterable[str]) -> None:
    """Set aside rows in which a column holds a spreadsheet's error, or more than a name can be.

    Args:
        rejections: where they go.
        frame: row_number and the columns, as text.
        columns: the file's own names of them.
    """
    names = list(dict.fromkeys(columns))
    # One pass tells the columns that hold such a cell: as a rule none does.
    holds = frame.select(
        (
            pl.col(name).is_in(list(ERROR_VALUES.values()))
            | (pl.col(name).str.len_chars() > MAX_CHARACTERS)
        ).any()
        for name in names
    )
    for name in names:
        if holds[name][0]:
            _reject_cells(rejections, frame, name)


def _reject_cells(rejections: Rejections, frame: pl.DataFrame, column: str) -> None:
    cell = pl.col(column)
    rejections.add_where(
        frame,
        cell.is_in(list(ERROR_VALUES.values())),
        "the spreadsheet could not compute this cell; mend its formula, or write the value",
        column=column,
        value=cell,
    )
    rejections.add_where(
        frame,
        cell.str.len_chars() > MAX_CHARACTERS,
        pl.format(
            f"this cell has {{}} characters, and at most {MAX_CHARACTERS} are read; shorten it, or "
            "look for a quotation mark that is not closed",
            cell.str.len_chars(),
        ),
        column=column,
        value=pl.concat_str(cell.str.head(SHOWN_CHARACTERS), pl.lit("…")),
    )


def not_stated(cell: str, column: str) -> pl.Expr:
    """Why a cell of a column that every row needs is not enough: it is empty, or says nothing.

    Args:
        cell: the column of the frame that holds the text as it stands in the file.
        column: the file's own name of it.
    """
    return (
        pl.when(pl.col(cell).is_null())
        .then(pl.lit(f"{column} is empty; every row needs it"))
        .otherwise(
            pl.concat_str(
                pl.lit(f"{column} says '"),
                pl.col(cell),
                pl.lit("', which states nothing; every row needs it"),
            )
        )
    )
