"""How rows that were set aside get in, or are discarded.

A correction never touches evidence, and never a row that was taken: it stands beside the file in
this workspace, and the file is read again with it.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Named
from dataclasses import replace
from typing import Any, Final

import polars as pl

from carbon.activity.mapping.model import Mapping
from carbon.portfolio.filed import LINE, Cells, Filed, filed
from carbon.portfolio.importing import Importer
from carbon.portfolio.opened import PortfolioError, local_user
from carbon.portfolio.results import FileResult
from carbon.portfolio.set_aside import SetAside
from carbon.portfolio.sources import zone_of
from carbon.tables import RefusalError, decimal_mark
from carbon.tables.corrections import SHOWN_CHARACTERS
from carbon.tables.fixes import Fix, fixed
from carbon.tables.payload import Correction
from carbon.workspace import WorkspaceError

_CELL: Final = {
    "row_number": pl.Int64,
    "column": pl.String,
    "before": pl.String,
    "after": pl.String,
}


class Corrections(SetAside):
    """Verbs that mend, discard and restore rows that were set aside."""

    def quarantine_cells(self, evidence_id: str) -> pl.DataFrame:
        """The rows of a file that are set aside, cell by cell, as they are read today.

        Returns:
            `(row)`, the columns of the file, and `(whole line)` where a line makes no row. A row
            whose cells cannot be shown (a format that is no plain table) is not there.
        """
        aside = self._open_rows(evidence_id).rename({"row": "row_number"})
        return self._cells(self._filed(evidence_id)).shown(aside)

    def correct(
        self, changes: Sequence[Named[str, Any]], *, reason: str = "", who: str | None = None
    ) -> int:
        """Mend cells of rows that are set aside; `resubmit` then reads their files again.

        Args:
            changes: evidence_id, row, column (`(whole line)` retypes the line) and after, a text
                or None.
            reason: why, for the log.
            who: who mends.

        Returns:
            How many cells now read otherwise than before.

        Raises:
            PortfolioError: a row is not set aside, a file has no such cell, or rows that were
                taken would be read otherwise with these.
        """
        count = 0
        for evidence_id in dict.fromkeys(str(change["evidence_id"]) for change in changes):
            file = self._filed(evidence_id)
            cells = self._stated(
                file, [change for change in changes if change["evidence_id"] == evidence_id]
            )
            self._keep(file, cells, reason, who)
            count += cells.height
        return count

    def preview_corrections(
        self, evidence_id: str, changes: Sequence[Named[str, Any]]
    ) -> pl.DataFrame:
        """What mended cells of one file would come to; nothing is written.

        Returns:
            row, column, before, after, passes (whether the row would be taken) and why (what
            would still be said against it).

        Raises:
            PortfolioError: as of `correct`.
        """
        file = self._filed(evidence_id)
        return self._tried(file, self._stated(file, changes))

    def preview_fix(
        self, evidence_id: str, column: str, fix: Fix, *, kind: str | None = None
    ) -> pl.DataFrame:
        """What one rule for a whole column would come to, as `preview_corrections` gives it.

        Args:
            evidence_id: the file.
            column: its own name of the column.
            fix: the rule.
            kind: only rows that are set aside for this kind of reason; None takes the rows that
                are set aside for a cell of this column.

        Raises:
            PortfolioError: the rule is none, or the file has no such column.
        """
        file = self._filed(evidence_id)
        return self._tried(file, self._by_rule(file, column, fix, kind))

    def fix_column(
        self,
        evidence_id: str,
        column: str,
        fix: Fix,
        *,
        kind: str | None = None,
        reason: str = "",
        who: str | None = None,
    ) -> int:
        """Mend a column of the rows that are set aside by one rule; arguments of `preview_fix`.

        Returns:
            How many cells were mended.
        """
        file = self._filed(evidence_id)
        cells = self._by_rule(file, column, fix, kind)
        words = reason or " ".join(part for part in (fix.kind, fix.value, fix.other) if part)
        self._keep(file, cells, words, who)
        return cells.height

    def resubmit(self, evidence_id: str, *, who: str | None = None) -> FileResult:
        """Read a file again with its corrections: as its last import did, from evidence.

        Rows that were taken before count as duplicates; what is still at fault stays set aside,
        with its reason of now.

        Raises:
            PortfolioError: the file is missing, or cannot be taken with these corrections.
        """
        file = self._filed(evidence_id)
        taken = self._again(file).import_files([(file.name, file.data)], who or local_user())
        result = taken.files[0]
        if result.refusal:
            raise PortfolioError(result.refusal)
        return result

    def discard(
        self, evidence_id: str, rows: Iterable[int], *, reason: str, who: str | None = None
    ) -> int:
        """Decide that rows which are set aside are not to be taken; it can be taken back.

        Raises:
            PortfolioError: no reason is given, or a row is not set aside.
        """
        wanted = sorted(set(rows))
        if not reason.strip():
            raise PortfolioError("Say why these rows are discarded: an auditor will ask.")
        self._must_be_open(self._filed(evidence_id), wanted)
        name = self._filed(evidence_id).name
        self._workspace.mending.discard(
            evidence_id, name, wanted, reason=reason.strip(), who=who or local_user()
        )
        return len(wanted)

    def restore(
        self, evidence_id: str, rows: Iterable[int], *, reason: str = "", who: str | None = None
    ) -> int:
        """Take back that rows were discarded: they are set aside again until they can be taken."""
        decided = self._workspace.mending.discarded(evidence_id)["row_number"]
        wanted = sorted(set(rows) & set(decided))
        if wanted:
            name = self._filed(evidence_id).name
            self._workspace.mending.restore(
                evidence_id, name, wanted, reason=reason, who=who or local_user()
            )
        return len(wanted)

    # --- inside ----------------------------------------------------------------------------

    def _filed(self, evidence_id: str) -> Filed:
        try:
            return filed(self._workspace, evidence_id)
        except LookupError as error:
            raise PortfolioError(
                f"No file with the evidence {evidence_id} was imported."
            ) from error
        except WorkspaceError as error:
            raise PortfolioError(str(error)) from error

    def _cells(self, file: Filed) -> Cells:
        try:
            return Cells.of(self._workspace, file)
        except RefusalError as refusal:
            raise PortfolioError(str(refusal)) from refusal

    def _again(self, file: Filed) -> Importer:
        """An importer that reads a file as its last import did."""
        now = zone_of(self._workspace, file.format, file.name)
        now = now or self.policy.energy.default_timezone
        # A zone that holds anyway is not named once more, as if the user had chosen it.
        importer = self._importer(file.format, None if file.timezone == now else file.timezone)
        if file.mapping is None:
            return importer
        return replace(importer, mapping=Mapping.model_validate_json(file.mapping))

    def _must_be_open(self, file: Filed, rows: Iterable[int]) -> None:
        there = set(self._open_rows(file.evidence_id)["row"])
        for row in rows:
            if row not in there:
                raise PortfolioError(
                    f"Row {row} of {file.name} is not set aside: `carbon quarantine` lists the "
                    "rows that are."
                )

    def _keep(self, file: Filed, cells: pl.DataFrame, reason: str, who: str | None) -> None:
        """Keep corrections, once a reading with them has shown that they unsettle no other row."""
        if cells.height:
            self._tried(file, cells)
            self._workspace.mending.correct(
                file.evidence_id, file.name, cells, reason=reason, who=who or local_user()
            )

    def _stated(self, file: Filed, changes: Sequence[Named[str, Any]]) -> pl.DataFrame:
        """Changes as cells, with what stands in the file; those that change nothing left out."""
        self._must_be_open(file, (int(change["row"]) for change in changes))
        cells = self._cells(file)
        kept = {(item.row, item.column): item.after for item in cells.corrections}
        columns = dict.fromkeys(change["column"] for change in changes)
        said = {column: cells.says(column) for column in columns}
        found = {}
        for change in changes:
            row, there = int(change["row"]), said[change["column"]]
            column = None if change["column"] in (None, LINE) else str(change["column"])
            before = there.get(row)
            after = str(change["after"] or "").strip() or None
            if row not in there or (column is None and after is None):
                named = f"column {column}" if column else "line"
                raise PortfolioError(
                    f"Row {row} of {file.name} has no {named} that can be written here. Correct "
                    "the file and import it again, or discard the row."
                )
            if column is None and before is not None:
                before = before[:SHOWN_CHARACTERS]
            if after != kept.get((row, column), before):
                found[row, column] = (row, column, before, after)
        return pl.DataFrame(list(found.values()), schema=_CELL, orient="row")

    def _by_rule(self, file: Filed, column: str, fix: Fix, kind: str | None) -> pl.DataFrame:
        """The cells of a column that a rule changes, of the rows that are set aside."""
        aside = self._open_rows(file.evidence_id)
        aside = aside.filter(pl.col("column" if kind is None else "kind") == (kind or column))
        cells = self._cells(file)
        shown = cells.shown(aside.rename({"row": "row_number"}))
        if cells.mended is None or column not in shown.columns:
            raise PortfolioError(
                f"{file.name} has no column '{column}' that can be written here. Its columns are "
                f"{', '.join(shown.columns[1:]) or 'not those of a table'}."
            )
        table = cells.mended
        mark = decimal_mark([table.frame[column]], table.delimiter, table.decimal)
        try:
            after = fixed(shown[column], fix, mark)
        except RefusalError as refusal:
            raise PortfolioError(str(refusal)) from refusal
        return self._stated(
            file,
            [
                {"row": row, "column": column, "after": text}
                for row, text in zip(shown["(row)"], after, strict=True)
            ],
        )

    def _tried(self, file: Filed, cells: pl.DataFrame) -> pl.DataFrame:
        """Cells with whether their rows would be taken with them."""
        trial = tuple(Correction(*cell) for cell in cells.iter_rows())
        try:
            left = replace(self._again(file), trial=trial).set_aside(file.name, file.data)
        except RefusalError as refusal:
            raise PortfolioError(str(refusal)) from refusal
        why = left.group_by("row_number").agg(
            why=pl.col("reason").unique(maintain_order=True).str.join("; ")
        )
        return (
            cells.join(why, on="row_number", how="left", validate="m:1", maintain_order="left")
            .with_columns(passes=pl.col("why").is_null(), column=pl.col("column").fill_null(LINE))
            .select(pl.col("row_number").alias("row"), "column", "before", "after", "passes", "why")
            .sort("row", "column")
        )
