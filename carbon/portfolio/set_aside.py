"""Rows that were set aside: which, why, and what was decided on them."""

import polars as pl

from carbon.portfolio.opened import Opened


class SetAside(Opened):
    """Verbs that tell of rows that were set aside; none of them changes anything."""

    def quarantine(self, *, discarded: bool = False) -> pl.DataFrame:
        """Rows not taken: file, row, column, value, reason.

        Args:
            discarded: with the rows that were discarded, whose reason then says so.
        """
        rows = self.quarantine_rows()
        gone = pl.col("discarded").is_not_null()
        if not discarded:
            rows = rows.filter(~gone)
        said = pl.format("discarded ({}): {}", "discarded", "reason")
        return rows.select(
            "file",
            "row",
            "column",
            "value",
            pl.when(gone).then(said).otherwise("reason").alias("reason"),
        ).sort("file", "row", "column", nulls_last=True)

    def quarantine_rows(self) -> pl.DataFrame:
        """Every cell for which a row is set aside today, discarded rows among them.

        Returns:
            evidence_id, file, format, row, column, value, reason, kind (the reason without what
            differs from row to row) and discarded (why the row was discarded, else null), sorted
            by file and row.
        """
        ledger = self._workspace.ledger
        names = ledger.read("imports").unique("evidence_id", keep="last", maintain_order=True)
        decided = self._workspace.mending.discarded().select(
            "evidence_id", "row_number", discarded=pl.col("reason").fill_null("")
        )
        return (
            ledger.current_quarantine()
            .join(
                names.select("evidence_id", "format", file="name"),
                on="evidence_id",
                how="left",
                validate="m:1",
            )
            .join(decided, on=["evidence_id", "row_number"], how="left", validate="m:1")
            .select(
                "evidence_id",
                "file",
                "format",
                pl.col("row_number").alias("row"),
                "column",
                "value",
                "reason",
                _kind("reason").alias("kind"),
                "discarded",
            )
            .sort("file", "evidence_id", "row", "column", "reason", nulls_last=True)
        )

    def quarantine_reasons(self) -> pl.DataFrame:
        """Why rows are set aside, most rows first; discarded rows are left out.

        Returns:
            evidence_id, file, format, column, kind, reason (as it stands, or its kind where it
            differs from row to row) and rows.
        """
        group = ["evidence_id", "file", "format", "column", "kind"]
        return (
            self.quarantine_rows()
            .filter(pl.col("discarded").is_null())
            .group_by(group)
            .agg(
                pl.coalesce(_shared(pl.col("reason")), _shared(_alike("reason")), "kind")
                .first()
                .alias("reason"),
                pl.col("row").n_unique().cast(pl.Int64).alias("rows"),
            )
            .sort("rows", *group, descending=[True, *[False] * len(group)], nulls_last=True)
        )

    def decisions(self) -> pl.DataFrame:
        """Everything that was decided on rows that were set aside, the latest first.

        Returns:
            at, who, what (corrected, discarded, restored), evidence_id, file, row, column,
            before, after, reason, and state: taken, set aside, or discarded today.
        """
        ledger = self._workspace.ledger
        cells = ledger.read("correction").with_columns(what=pl.lit("corrected"))
        rows = ledger.read("discard").with_columns(
            what=pl.when("discarded").then(pl.lit("discarded")).otherwise(pl.lit("restored"))
        )
        names = ledger.read("evidence").select("evidence_id", file="name")
        open_rows = self.quarantine_rows().select(
            "evidence_id", row_number="row", aside=pl.lit(True), gone=pl.col("discarded")
        )
        return (
            pl.concat([cells, rows], how="diagonal")
            .join(names, on="evidence_id", how="left", validate="m:1")
            .join(
                open_rows.unique(["evidence_id", "row_number"]),
                on=["evidence_id", "row_number"],
                how="left",
                validate="m:1",
            )
            .sort("at", "sequence", "what", descending=[True, True, False])
            .select(
                "at",
                "who",
                "what",
                "evidence_id",
                "file",
                pl.col("row_number").alias("row"),
                "column",
                "before",
                "after",
                "reason",
                pl.when(pl.col("gone").is_not_null())
                .then(pl.lit("discarded"))
                .when("aside")
                .then(pl.lit("set aside"))
                .otherwise(pl.lit("taken"))
                .alias("state"),
            )
        )

    def _open_rows(self, evidence_id: str) -> pl.DataFrame:
        rows = self.quarantine_rows()
        return rows.filter(pl.col("evidence_id") == evidence_id, pl.col("discarded").is_null())


def _kind(reason: str) -> pl.Expr:
    """A reason without what differs from row to row: quoted values, suggestions, numbers."""
    return _alike(reason).str.replace_all(r"\d[\d.,]*", "…")


def _alike(reason: str) -> pl.Expr:
    """A reason without quoted values and suggestions."""
    plain = pl.col(reason).str.replace_all(r" \(did you mean [^)]*\)", "")
    return plain.str.replace_all(r"'[^']*'", "'…'")


def _shared(words: pl.Expr) -> pl.Expr:
    """The words that all rows of a group share; null where they differ."""
    return pl.when(words.n_unique() == 1).then(words.first())
