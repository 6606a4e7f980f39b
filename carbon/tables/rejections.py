"""Rows that are set aside: gathered while a file is read, handed on as a Quarantine frame."""

import polars as pl

from carbon.schema import Quarantine

REJECTION_SCHEMA = {
    "row_number": pl.Int64,
    "column": pl.String,
    "value": pl.String,
    "reason": pl.String,
}


class Rejections:
    """Every reason for which a row of one file is not taken.

    A row may be named several times, once per faulty cell, so that the user mends it in one go.
    """

    def __init__(self) -> None:
        self._parts: list[pl.DataFrame] = [pl.DataFrame(schema=REJECTION_SCHEMA)]

    def add(self, frame: pl.DataFrame) -> None:
        """Set rows aside; `frame` has row_number, column, value, reason."""
        if frame.height:
            self._parts.append(
                frame.select(pl.col(name).cast(dtype) for name, dtype in REJECTION_SCHEMA.items())
            )

    def add_where(
        self,
        frame: pl.DataFrame,
        failed: pl.Expr,
        reason: str | pl.Expr,
        *,
        column: str | None = None,
        value: str | pl.Expr | None = None,
    ) -> None:
        """Set aside the rows of `frame` for which `failed` holds.

        Args:
            frame: rows with a `row_number` column.
            failed: which of them fail.
            reason: the sentence, or an expression that makes one per row.
            column: the file's own column name; None when the whole row is at fault.
            value: column of `frame` that holds the text as it stands in the file, or an expression.
        """
        shown = pl.lit(None, pl.String) if value is None else value
        shown = pl.col(shown) if isinstance(shown, str) else shown
        found = frame.filter(failed)
        if found.is_empty():
            return
        self.add(
            found.select(
                "row_number",
                pl.lit(column, pl.String).alias("column"),
                shown.alias("value"),
                (pl.lit(reason) if isinstance(reason, str) else reason).alias("reason"),
            )
        )

    @property
    def rows(self) -> pl.Series:
        """Distinct numbers of the rows that were set aside, ascending."""
        return self._all()["row_number"].unique().sort()

    def keep(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of `frame` that nothing was said against."""
        return frame.filter(~pl.col("row_number").is_in(self.rows.implode()))

    def frame(self, evidence_id: str) -> pl.DataFrame:
        """Everything set aside, as a Quarantine frame ordered by row."""
        return Quarantine.validate(
            self._all()
            .unique(maintain_order=True)
            .sort("row_number", maintain_order=True)
            .select(
                pl.lit(None, pl.String).alias("import_id"),
                pl.lit(evidence_id).alias("evidence_id"),
                *REJECTION_SCHEMA,
            )
        )

    def _all(self) -> pl.DataFrame:
        return pl.concat(self._parts)
