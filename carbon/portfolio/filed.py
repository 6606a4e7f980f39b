"""A file in the evidence store, opened again: its cells, as they stand and as they were mended."""

from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from carbon import activity
from carbon.activity import intake
from carbon.activity.mapping.model import Mapping
from carbon.activity.mapping.reader import MappedReader
from carbon.factors import readers as factor_files
from carbon.portfolio.decisions import corrections_of
from carbon.tables import Payload, RefusalError, Table, read_table
from carbon.tables.corrections import SHOWN_CHARACTERS
from carbon.tables.lines import parse_records
from carbon.tables.payload import Correction
from carbon.workspace import Workspace

ROW: Final = "(row)"
LINE: Final = "(whole line)"
"""Columns of the cells that are no column of the file: in brackets, as none of a file's is."""

_LINED: Final = ("text", "jsonl")
"""Kinds of files in which a row is a line, or some of them, and can be retyped as such."""


@dataclass(frozen=True)
class Filed:
    """A file that was imported.

    Attributes:
        evidence_id: sha256 of its bytes.
        name: its name as received.
        data: its bytes.
        format: the format that its last import had.
        timezone: zone under which its local times were read; None where it had none.
        mapping: the mapping by which it was read, JSON; None where a reader knew the format.
    """

    evidence_id: str
    name: str
    data: bytes
    format: str
    timezone: str | None
    mapping: str | None


def filed(workspace: Workspace, evidence_id: str) -> Filed:
    """The file as its last import read it.

    Raises:
        LookupError: no import names this file.
        WorkspaceError: its bytes are missing, or no longer those received.
    """
    imports = workspace.ledger.read("imports").filter(pl.col("evidence_id") == evidence_id)
    if imports.is_empty():
        raise LookupError(evidence_id)
    last = imports.row(-1, named=True)
    return Filed(
        evidence_id=evidence_id,
        name=last["name"],
        data=workspace.evidence.get(evidence_id),
        format=last["format"],
        timezone=last["timezone"],
        mapping=last["mapping"],
    )


@dataclass(frozen=True)
class Cells:
    """The rows of a file as a table of text.

    Attributes:
        stands: the table as it stands in the file; None where the file is no plain table.
        mended: the same with the corrections that the workspace keeps.
        payload: the file, its packing removed.
        corrections: those corrections.
    """

    stands: Table | None
    mended: Table | None
    payload: Payload
    corrections: tuple[Correction, ...] = ()

    @classmethod
    def of(cls, workspace: Workspace, file: Filed) -> "Cells":
        """Read the cells of a file under the names that its format knows."""
        found = intake.open_payloads(file.name, file.data)[0]
        if not isinstance(found, Payload):
            raise RefusalError(found.reason)
        reader, records = _reader(file)
        kept = corrections_of(workspace, file.evidence_id)
        mended = replace(found, corrections=kept)
        try:
            stands = read_table(found, reader.VARIABLE_MAP, records=records)
            read = read_table(mended, reader.VARIABLE_MAP, records=records) if kept else stands
        except RefusalError:
            return cls(None, None, found, kept)
        return cls(stands, read, found, kept)

    def shown(self, aside: pl.DataFrame) -> pl.DataFrame:
        """The rows that are set aside, as they are read today.

        A row is shown only where its cells are those that were found at fault: a format that
        numbers its rows in its own way would otherwise show another row.

        Args:
            aside: row_number, column, value: what is set aside, and for which cell.

        Returns:
            `(row)`, the columns of the file, and `(whole line)` where a line makes no row.
        """
        if self.mended is None:
            return pl.DataFrame(schema={ROW: pl.Int64})
        table = self.mended
        named = [name for name in table.columns if name not in (ROW, LINE)]
        rows = aside.select(pl.col("row_number").alias(ROW)).unique()
        frame = table.frame.select(table.row_numbers.alias(ROW), *named)
        there = frame.join(rows, on=ROW, how="semi")
        sure = there.filter(~pl.col(ROW).is_in(sorted(self._doubtful(there, aside))))
        broken = self._broken().join(rows, on=ROW, how="semi")
        lines = [LINE] if LINE in broken.columns else []
        whole = pl.concat([sure, broken], how="diagonal") if broken.height else sure
        return whole.sort(ROW).select(ROW, *named, *lines)

    def _broken(self) -> pl.DataFrame:
        """Rows that no table can hold: the cells, or the line, for which that is so."""
        table = self.mended
        if table is None or table.defects.is_empty():
            return pl.DataFrame(schema={ROW: pl.Int64})
        defects = table.defects
        if self.payload.kind not in _LINED:
            defects = defects.filter(pl.col("column").is_not_null())
        whole = pl.col("column").is_null()
        cut = defects.filter(whole, pl.col("value").str.len_chars() >= SHOWN_CHARACTERS)
        full = pl.DataFrame(
            list(self._lines(set(cut["row_number"])).items()),
            schema={"row_number": pl.Int64, "line": pl.String},
            orient="row",
        )
        return (
            defects.join(full, on="row_number", how="left", validate="m:1")
            .with_columns(
                value=pl.when(whole).then(pl.coalesce("line", "value")).otherwise("value"),
                column=pl.col("column").fill_null(LINE),
            )
            .pivot(on="column", index="row_number", values="value", aggregate_function="first")
            .rename({"row_number": ROW})
        )

    def _doubtful(self, there: pl.DataFrame, aside: pl.DataFrame) -> set[int]:
        """Rows whose cells are not those that were found at fault, and that nobody mended."""
        mended = {item.row for item in self.corrections}
        said = aside.filter(
            pl.col("column").is_not_null(),
            pl.col("value").is_not_null(),
            ~pl.col("row_number").is_in(sorted(mended)),
        )
        doubtful: set[int] = set()
        for (column,), part in said.group_by("column", maintain_order=True):
            if column not in there.columns:
                doubtful |= set(part["row_number"])
                continue
            cells = there.select(row_number=ROW, cell=pl.col(str(column)).fill_null(""))
            found = part.join(cells, on="row_number", validate="m:1")
            # Of a long value only the beginning was kept.
            begins = pl.col("cell").str.starts_with(pl.col("value").str.strip_suffix("…"))
            doubtful |= set(found.filter(~begins)["row_number"])
        return doubtful

    def says(self, column: str | None) -> dict[int, str | None]:
        """Row -> what the file says in a column; None or `(whole line)`: in lines that make no row.

        Rows that have no such cell are not there.
        """
        if self.stands is None:
            return {}
        whole = column is None or column == LINE
        if whole and self.payload.kind not in _LINED:
            return {}
        named = pl.lit(None if whole else column, pl.String)
        defects = self.stands.defects.filter(pl.col("column").eq_missing(named))
        said = dict(defects.select("row_number", "value").iter_rows())
        if not whole and column in self.stands.columns:
            said |= dict(zip(self.stands.row_numbers, self.stands.frame[column], strict=True))
        return said

    def _lines(self, rows: set[int]) -> dict[int, str]:
        """Lines by row number, whole."""
        written = self.payload.text.split("\n")
        if self.payload.kind == "jsonl" or '"' not in self.payload.text:
            return {row: written[row - 1] for row in rows if row <= len(written)}
        delimiter = (self.stands.delimiter if self.stands else None) or ","
        width = self.stands.frame.width if self.stands else None
        records = parse_records(written, delimiter, width)
        return {row: delimiter.join(fields) for row, fields, _ in records if row in rows}


def _reader(file: Filed) -> tuple[Any, str]:
    """The reader of a file's format, and the path of its rows in nested JSON."""
    if file.mapping:
        mapping = Mapping.model_validate_json(file.mapping)
        return MappedReader(mapping), mapping.records
    readers: dict[str, Any] = {**activity.READERS, **factor_files.READERS}
    if file.format not in readers:
        raise RefusalError(
            f"{file.name} was read as {file.format}, which is no format any more. Import it again."
        )
    return readers[file.format], ""
