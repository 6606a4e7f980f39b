"""A table as a person sees it in a spreadsheet: named columns of text, with row numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from carbon.tables.corrections import corrected
from carbon.tables.names import plain
from carbon.tables.payload import Correction, Problem, RefusalError
from carbon.tables.rejections import REJECTION_SCHEMA

DAMAGED = "\ufffd"
"""What decoding puts where the bytes made no character."""


@dataclass(frozen=True)
class Table:
    """Every data row of a file, as text.

    Attributes:
        frame: one string column per header name; blanks trimmed, an empty cell is null.
        row_numbers: row in the file as a spreadsheet shows it: the header is row 1 where nothing
            stands before it, blank lines count, a cell with line breaks stays in one row.
        defects: data rows that are not in `frame`, with row_number, column, value, reason.
        header_row: row number of the header.
        delimiter: field delimiter of a text file, else None.
        decimal: decimal mark that the kind of file implies ("." for typed cells), else None.
        serial_dates: whether a bare number may be a spreadsheet's day number.
        notes: remarks that lose no row.
    """

    frame: pl.DataFrame
    row_numbers: pl.Series
    defects: pl.DataFrame
    header_row: int = 1
    delimiter: str | None = None
    decimal: str | None = None
    serial_dates: bool = False
    notes: tuple[Problem, ...] = field(default=())

    @property
    def columns(self) -> list[str]:
        return self.frame.columns

    @property
    def rows(self) -> int:
        """Data rows: those in `frame` and those in `defects`."""
        return self.frame.height + self.defects["row_number"].n_unique()

    def numbered(self) -> pl.DataFrame:
        """`frame` with a leading `row_number` column, which no source column may shadow."""
        frame = self.frame
        if "row_number" in frame.columns:
            frame = frame.rename({"row_number": "row_number (file)"})
        return frame.insert_column(0, self.row_numbers.alias("row_number"))


def no_defects() -> pl.DataFrame:
    """An empty frame of defects."""
    return pl.DataFrame(schema=REJECTION_SCHEMA)


def build_table(
    name: str,
    cells: pl.DataFrame,
    row_numbers: pl.Series,
    header: Sequence[str | None],
    header_row: int,
    *,
    defects: pl.DataFrame | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
    serial_dates: bool = False,
    known: Iterable[str] | None = None,
    corrections: Sequence[Correction] = (),
) -> Table:
    """Make a table of raw cells: trim, drop blank rows and repeated headers, merge twin columns.

    Args:
        name: file name, for messages.
        cells: one string column per field, in the order of `header`.
        row_numbers: their row numbers.
        header: the header's cells.
        header_row: the header's row number.
        defects: data rows already set aside.
        delimiter, decimal, serial_dates: as in `Table`.
        known: names of which a cell must be one thing; twins of any other name stay apart, the
            second as `x (2)`. None: of every name.
        corrections: cells that a user mended.

    Raises:
        RefusalError: no column has a name, or there is a header and no row.
    """
    written = [(cell or "").strip().lstrip("\ufeff").strip() for cell in header]
    titles, apart = _twins_apart(written, known)
    raw = pl.DataFrame([cells.to_series(i).alias(f"c{i}") for i in range(len(titles))])
    raw = raw.with_columns(pl.all().str.strip_chars().replace("", None))
    raw = raw.with_columns(row_numbers.cast(pl.Int64).alias("row_number"))
    fields = [f"c{i}" for i in range(len(titles))]
    raw = raw.filter(~pl.all_horizontal(pl.col(fields).is_null()))
    raw, notes = _without_repeated_header(raw, fields, written)
    names = {f: t or f"column {i}" for i, (f, t) in enumerate(zip(fields, titles, strict=True), 1)}
    raw, left_out = corrected(raw, names, corrections)
    raw, damaged = _without_damaged(raw, fields, titles)
    frame, conflicts, twin_notes = _named(raw, fields, titles)
    if not frame.width:
        raise RefusalError(f"{name}: no header was found. The first row must name the columns.")
    aside = pl.concat([no_defects() if defects is None else defects, damaged, conflicts])
    if not frame.height and not aside.height:
        raise RefusalError(
            f"{name} holds a header and no rows. Check that the export covers the period you want."
        )
    bad = conflicts["row_number"].unique()
    keep = ~raw["row_number"].is_in(bad.implode())
    return Table(
        frame=frame.filter(keep),
        row_numbers=raw["row_number"].filter(keep),
        defects=aside.sort("row_number", maintain_order=True),
        header_row=header_row,
        delimiter=delimiter,
        decimal=decimal,
        serial_dates=serial_dates,
        notes=(*notes, *apart, *twin_notes, *left_out),
    )


def _twins_apart(
    titles: list[str], known: Iterable[str] | None
) -> tuple[list[str], tuple[Problem, ...]]:
    """Number the later of columns that share a name which nobody reads."""
    if known is None:
        return titles, ()
    sought = frozenset(plain(name) for name in known)
    taken, apart = set(titles), list(titles)
    notes = []
    for index, title in enumerate(titles):
        if not title or plain(title) in sought or title not in titles[:index]:
            continue
        count = titles[: index + 1].count(title)
        while f"{title} ({count})" in taken:
            count += 1
        apart[index] = f"{title} ({count})"
        taken.add(apart[index])
        notes.append(
            Problem(
                f"Column {index + 1} is named '{title}' like another; it was read as "
                f"'{apart[index]}'.",
                column=title,
            )
        )
    return apart, tuple(notes)


def _without_repeated_header(
    raw: pl.DataFrame, fields: list[str], titles: list[str]
) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    """Leave out rows that repeat the header, as concatenated files have them."""
    named = [(f, t) for f, t in zip(fields, titles, strict=True) if t]
    if len(named) < 2 or not raw.height:
        return raw, ()
    again = raw.select(pl.all_horizontal(pl.col(f).eq_missing(pl.lit(t)) for f, t in named))
    repeated = again.to_series()
    rows = raw["row_number"].filter(repeated)
    notes = tuple(Problem("The header stands here again; it is no data row.", row=r) for r in rows)
    return raw.filter(~repeated), notes


def _without_damaged(
    raw: pl.DataFrame, fields: list[str], titles: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Set aside rows with characters that the file's encoding does not know."""
    broken = raw.filter(pl.any_horizontal(pl.col(fields).str.contains(DAMAGED, literal=True)))
    if not broken.height:
        return raw, no_defects()
    defects = (
        broken.unpivot(fields, index="row_number", variable_name="field", value_name="value")
        .filter(pl.col("value").str.contains(DAMAGED, literal=True))
        .select(
            "row_number",
            pl.col("field").replace(dict(zip(fields, titles, strict=True))).alias("column"),
            "value",
            pl.lit("some characters are damaged; save the file as UTF-8 and import it again").alias(
                "reason"
            ),
        )
        .sort("row_number", "column")
    )
    return raw.join(broken.select("row_number"), on="row_number", how="anti"), defects


def _named(
    raw: pl.DataFrame, fields: list[str], titles: list[str]
) -> tuple[pl.DataFrame, pl.DataFrame, tuple[Problem, ...]]:
    """Columns under their names. Twins are merged; where the two disagree the row is set aside."""
    columns: list[pl.Expr] = []
    conflicts, notes = [no_defects()], []
    counts = Counter(titles)
    for index, title in enumerate(titles):
        if not title:
            if raw[fields[index]].null_count() < raw.height:
                spare = f"column {index + 1}"
                while spare in counts:
                    spare += " (no name)"
                columns.append(pl.col(fields[index]).alias(spare))
            continue
        if title in titles[:index]:
            continue
        twins = [f for f, other in zip(fields, titles, strict=True) if other == title]
        columns.append(pl.coalesce(twins).alias(title))
        if len(twins) > 1:
            places = " and ".join(str(int(f[1:]) + 1) for f in twins)
            notes.append(
                Problem(
                    f"Column '{title}' stands {len(twins)} times in the header (columns {places}); "
                    "rows in which they differ are set aside. Delete or rename one.",
                    column=title,
                )
            )
            conflicts.append(_disagreeing(raw, twins, title))
    return raw.select(columns), pl.concat(conflicts), tuple(notes)


def _disagreeing(raw: pl.DataFrame, twins: list[str], title: str) -> pl.DataFrame:
    values = pl.concat_list(twins).list.drop_nulls().list.unique(maintain_order=True)
    return (
        raw.select("row_number", values.alias("values"))
        .filter(pl.col("values").list.len() > 1)
        .select(
            "row_number",
            pl.lit(title).alias("column"),
            pl.col("values").list.join(" / ").alias("value"),
            pl.lit(
                f"the header names '{title}' twice and the two cells differ; keep one of them"
            ).alias("reason"),
        )
    )
