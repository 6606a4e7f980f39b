"""A tabular source in house names: the steps that every reader of columns takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

import polars as pl

from carbon.activity.source import Payload, Problem, RefusalError
from carbon.tables import (
    Rejections,
    Table,
    blank_to_null,
    day_first,
    decimal_mark,
    match_names,
    parse_instant,
    parse_number,
    read_table,
)
from carbon.tables.cells import not_stated, reject_unusable
from carbon.tables.rejections import REJECTION_SCHEMA

MAX_SUGGESTIONS = 50
"""Suggestions are looked for this many distinct unknown values; a file has few of them."""


@dataclass
class Sheet:
    """The rows of a file under house names, with what is said against them.

    Attributes:
        name: file name.
        frame: `row_number` and one column per house name, all there, text until parsed.
        written: house name -> the file's own column name.
        cells: the rows as they stand in the file, under house names: a cell that states nothing
            ("N/A") still has its text here.
        extra: columns of the file that have no house name.
        rows: data rows in the file.
        delimiter, decimal, serial_dates: of the table, for numbers and dates.
        rejections: rows set aside so far.
        notes: remarks that lose no row.
        local_times: whether a local time without a zone was met.
    """

    name: str
    frame: pl.DataFrame
    written: dict[str, str]
    cells: pl.DataFrame
    extra: pl.DataFrame
    rows: int
    delimiter: str | None = None
    decimal: str | None = None
    serial_dates: bool = False
    rejections: Rejections = field(default_factory=Rejections)
    notes: list[Problem] = field(default_factory=list)
    local_times: bool = False

    def column(self, house: str) -> str:
        """The file's own name of a house column."""
        return self.written.get(house, house)

    def has(self, house: str) -> bool:
        return house in self.written

    def reject(
        self,
        failed: pl.Expr,
        reason: str | pl.Expr,
        house: str | None = None,
        value: str | pl.Expr | None = None,
    ) -> None:
        """Set aside the rows for which `failed` holds, naming the file's own column."""
        column = None if house is None else self.column(house)
        shown = value if value is not None else self._raw(house)
        self.rejections.add_where(self.frame, failed, reason, column=column, value=shown)

    def _raw(self, house: str | None) -> pl.Expr | None:
        if house is None:
            return None
        raw = f"{house} (raw)"
        return pl.col(raw if raw in self.frame.columns else house).cast(pl.String)

    def require(self, houses: Iterable[str]) -> None:
        """Set aside rows in which one of these columns is empty."""
        for house in houses:
            column, empty = self.column(house), self.frame[house].is_null()
            cell = self.cells[house] if self.has(house) else self.frame[house]
            rows = self.frame.select("row_number", cell.alias("cell")).filter(empty)
            self.rejections.add_where(
                rows, pl.lit(True), not_stated("cell", column), column=column, value="cell"
            )

    def numbers(
        self, units: Mapping[str, Mapping[str, float] | None], *, least: float | None = 0.0
    ) -> None:
        """Parse columns of numbers in place; the text stays beside them as `<house> (raw)`.

        Args:
            units: house name -> unit table (None: no unit may follow).
            least: smallest value that can be; None for no bound.
        """
        present = [house for house in units if self.has(house)]
        mark = decimal_mark((self.frame[house] for house in present), self.delimiter, self.decimal)
        for house, table in units.items():
            text = self.frame[house]
            if not self.has(house):
                absent = pl.lit(None, pl.Float64).alias(house)
                self.frame = self.frame.with_columns(absent, text.alias(f"{house} (raw)"))
                continue
            values, reasons = parse_number(text, table, mark)
            self.frame = self.frame.with_columns(
                values.alias(house), text.alias(f"{house} (raw)"), reasons.alias("(reason)")
            )
            self.reject(pl.col("(reason)").is_not_null(), pl.col("(reason)"), house)
            self.frame = self.frame.drop("(reason)")
            if least is not None:
                bound = "negative" if least == 0 else f"below {least:g}"
                self.reject(
                    pl.col(house) < least,
                    f"{self.column(house)} is {bound}, which cannot be",
                    house,
                )

    def instants(self, houses: Sequence[str], timezone: str) -> None:
        """Parse columns of dates in place, adding `<house> (raw)` and `<house> (precision)`."""
        order = day_first(self.frame[house] for house in houses)
        for house in houses:
            text = self.frame[house]
            parsed = parse_instant(text, timezone, order, serial_dates=self.serial_dates)
            self.frame = self.frame.with_columns(
                parsed["instant"].alias(house),
                parsed["precision"].alias(f"{house} (precision)"),
                text.alias(f"{house} (raw)"),
                parsed["reason"].alias("(reason)"),
            )
            self.reject(pl.col("(reason)").is_not_null(), pl.col("(reason)"), house)
            self.frame = self.frame.drop("(reason)")
            self.local_times = self.local_times or bool(parsed["local"].any())

    def translate(
        self,
        house: str,
        words: Mapping[str, str],
        reason: str,
        *,
        offered: Sequence[str] | None = None,
    ) -> None:
        """Replace words by the house's own, in place; what is unknown is set aside.

        Args:
            house: the column.
            words: lower-case word -> canonical value.
            reason: sentence with `{value}` and `{near}`.
            offered: canonical values among which a near one is suggested.
        """
        values = [v for v in self.frame[house].unique(maintain_order=True) if v is not None]
        mapping = {v: words[v.strip().casefold()] for v in values if v.strip().casefold() in words}
        unknown = {
            v: reason.format(
                value=v, near=near(v, offered or list(words)) if i < MAX_SUGGESTIONS else ""
            )
            for i, v in enumerate(v for v in values if v not in mapping)
        }
        self.frame = self.frame.with_columns(
            pl.col(house).alias(f"{house} (raw)"),
            _lookup(house, mapping).alias(house),
            _lookup(house, unknown).alias("(reason)"),
        )
        self.reject(pl.col("(reason)").is_not_null(), pl.col("(reason)"), house)
        self.frame = self.frame.drop("(reason)")


def open_sheet(
    payload: Payload,
    variable_map: Mapping[str, str],
    required: Iterable[str],
    *,
    verbatim: Iterable[str] = (),
) -> Sheet:
    """Read a tabular file under house names.

    Args:
        payload: the file.
        variable_map: the source's column name -> house name.
        required: source columns without which the file cannot be read.
        verbatim: house columns in which "NA" is a value (Namibia), not a blank.

    Raises:
        RefusalError: no table, or a required column is missing.
    """
    table = read_table(payload, variable_map)
    return sheet_of(payload.name, table, variable_map, required, verbatim=verbatim)


def sheet_of(
    name: str,
    table: Table,
    variable_map: Mapping[str, str],
    required: Iterable[str],
    *,
    verbatim: Iterable[str] = (),
) -> Sheet:
    """A table under house names; arguments and errors as of `open_sheet`."""
    found, notes = match_names(table.columns, variable_map)
    missing = [column for column in required if column not in found]
    if missing:
        raise RefusalError(
            f"{name} lacks the column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)}. Its columns are {', '.join(table.columns[:30])}."
        )
    written = {variable_map[known]: column for known, column in found.items()}
    numbered = table.numbered()
    cells = numbered.select(pl.col(column).alias(house) for house, column in written.items())
    exprs = [
        _text(written[h], h in set(verbatim)).alias(h)
        if h in written
        else pl.lit(None, pl.String).alias(h)
        for h in dict.fromkeys(variable_map.values())
    ]
    sheet = Sheet(
        name=name,
        frame=numbered.select("row_number", *exprs),
        written=written,
        cells=cells,
        extra=numbered.drop("row_number", *[c for c in found.values() if c in numbered.columns]),
        rows=table.rows,
        delimiter=table.delimiter,
        decimal=table.decimal,
        serial_dates=table.serial_dates,
        notes=[*table.notes, *notes],
    )
    sheet.rejections.add(table.defects.select(list(REJECTION_SCHEMA)))
    reject_unusable(sheet.rejections, numbered, written.values())
    return sheet


def near(value: str, offered: Iterable[str]) -> str:
    """` (did you mean X?)` where one of the offered names is close, else nothing."""
    names = {name.casefold(): name for name in offered}
    close = get_close_matches(value.strip().casefold(), names, n=1, cutoff=0.6)
    return f" (did you mean {names[close[0]]}?)" if close else ""


def tags(extra: pl.DataFrame) -> pl.Series:
    """Other columns of each row as a JSON object of strings, keys sorted; null where all empty."""
    names = sorted(extra.columns)
    if not names:
        return pl.Series("tags", [None] * extra.height, dtype=pl.String)
    pieces = [
        pl.when(pl.col(name).is_not_null()).then(
            pl.struct(pl.col(name)).struct.json_encode().str.slice(1).str.head(-1)
        )
        for name in names
    ]
    joined = pl.concat_list(pieces).list.drop_nulls().list.join(",")
    return extra.select(
        pl.when(joined != "").then(pl.concat_str(pl.lit("{"), joined, pl.lit("}"))).alias("tags")
    ).to_series()


def _text(column: str, verbatim: bool) -> pl.Expr:
    return pl.col(column) if verbatim else blank_to_null(column)


def _lookup(house: str, mapping: Mapping[str, str]) -> pl.Expr:
    if not mapping:
        return pl.lit(None, pl.String)
    return pl.col(house).replace_strict(dict(mapping), default=None, return_dtype=pl.String)
