"""Cells that a user mended, put in the place of what the file says before anything is read of it.

A correction names a row, a column and the text that stands there. It is applied only where that
text is found, so that it never mends another file, or a row that is numbered otherwise. A
correction without a column retypes a whole line.
"""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from carbon.tables.payload import Correction, Problem

SHOWN_CHARACTERS = 200
"""Of a whole line so many characters are kept as what stood there."""

TWIN_MARK = " / "
"""Between the values of columns that share a name, where they differ."""


def latest(corrections: Iterable[Correction]) -> tuple[Correction, ...]:
    """One correction a cell: the last; one that puts back what the file says is none."""
    last = {(item.row, item.column): item for item in corrections}
    return tuple(item for item in last.values() if item.column is None or item.after != item.before)


def lines_of(corrections: Iterable[Correction]) -> Mapping[int, Correction]:
    """Row -> the correction that retypes it as a whole."""
    return {item.row: item for item in latest(corrections) if item.column is None and item.after}


def retyped(line: str, correction: Correction | None) -> str | None:
    """The line as the user retyped it; None where this is not the line that was meant."""
    if correction is None or line[:SHOWN_CHARACTERS] != (correction.before or ""):
        return None
    return correction.after


def corrected(
    raw: pl.DataFrame, names: Mapping[str, str], corrections: Sequence[Correction]
) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    """Cells with the corrections applied.

    Args:
        raw: `row_number` and the cells as text, blanks trimmed, empty ones null.
        names: column of `raw` -> the file's own name of it; columns of one name are one cell.
        corrections: what is to be mended; those of whole lines are left alone.

    Returns:
        The frame, and a note for each correction whose cell does not say what it should.
    """
    cells = [item for item in latest(corrections) if item.column is not None]
    notes: list[Problem] = []
    for name in dict.fromkeys(item.column for item in cells):
        fields = [field for field, title in names.items() if title == name]
        wanted = [item for item in cells if item.column == name]
        raw, missed = _column(raw, fields, wanted) if fields else (raw, wanted)
        notes.extend(
            Problem(
                "A correction of this cell was left out: the file does not say "
                f"'{item.before or ''}' there.",
                row=item.row,
                column=item.column,
                value=item.after,
            )
            for item in missed
        )
    return raw, tuple(notes)


def _column(
    raw: pl.DataFrame, fields: Sequence[str], wanted: Sequence[Correction]
) -> tuple[pl.DataFrame, list[Correction]]:
    """One column with its corrections, and those that found another text."""
    patch = pl.DataFrame(
        {
            "row_number": [item.row for item in wanted],
            "(before)": [_trimmed(item.before) for item in wanted],
            "(after)": [_trimmed(item.after) for item in wanted],
        },
        schema={"row_number": pl.Int64, "(before)": pl.String, "(after)": pl.String},
    ).with_columns(pl.lit(True).alias("(named)"))
    there = pl.concat_list(fields).list.drop_nulls().list.unique(maintain_order=True)
    said = there.list.join(TWIN_MARK).replace("", None)
    joined = raw.join(
        patch, on="row_number", how="left", validate="1:1", maintain_order="left"
    ).with_columns(
        (pl.col("(named)") & said.eq_missing(pl.col("(before)"))).alias("(meant)"),
        (pl.col("(named)") & said.eq_missing(pl.col("(after)"))).alias("(mended)"),
    )
    met = set(joined.filter(pl.col("(meant)") | pl.col("(mended)"))["row_number"])
    mended = joined.with_columns(
        pl.when("(meant)").then(pl.col("(after)")).otherwise(pl.col(field)).alias(field)
        for field in fields
    )
    return mended.select(raw.columns), [item for item in wanted if item.row not in met]


def _trimmed(text: str | None) -> str | None:
    return (text or "").strip() or None
