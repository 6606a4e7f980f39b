"""Where a bill's file holds what is needed of it, and what is handed on of its lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from carbon.activity.bill_lines import NUMBERS
from carbon.activity.source import Problem, RefusalError
from carbon.tables import Rejections, blank_to_null
from carbon.tables.cells import ERROR_VALUES, MAX_CHARACTERS
from carbon.tables.columnar import as_text
from carbon.tables.names import match_names

MOMENTS: Final = ("start", "end")


@dataclass(frozen=True)
class Layout:
    """The columns of a bill.

    Attributes:
        names: the source's column name -> house name. Of several for one house name the first
            that the file has is read.
        required: groups of source names; the file must have one of each.
        long: house columns whose cells may be longer than a name: records as JSON, tags.
        tags: prefixes of columns that hold one tag each; what follows is its key.
        dates: house columns, beside the moments, whose dates tell the order of day and month.
        day: whether a line without an end is of the whole day on which it starts.
    """

    names: Mapping[str, str]
    required: Sequence[Sequence[str]]
    long: Sequence[str] = ("tags",)
    tags: Sequence[str] = ()
    dates: Sequence[str] = ()
    day: bool = False


@dataclass(frozen=True)
class Found:
    """Where a file holds the columns of its layout.

    Attributes:
        columns: house name -> the file's own column name.
        tags: the file's column -> key of the tag that it holds.
        notes: columns whose names are written differently.
    """

    columns: Mapping[str, str]
    tags: Mapping[str, str]
    notes: tuple[Problem, ...] = ()

    def keys(self, layout: Layout) -> list[str]:
        """House columns that are short texts."""
        apart = (*MOMENTS, *NUMBERS, *layout.long)
        return [house for house in self.columns if house not in apart]

    def carried(self, layout: Layout) -> list[str]:
        """Columns that are compared by hash: long texts, records, tags."""
        return [*[house for house in layout.long if house in self.columns], *self.tags]


@dataclass
class Lines:
    """Sums of the lines of a bill, and what is said of the rest.

    Attributes:
        sums: as `bill_lines.sum_lines` gives them, without odd lines; every house column of the
            layout is there as text, without blanks and words that state nothing.
        found: where the columns stand.
        rows: lines of the file.
        rejections, notes: as of a `Sheet`.
    """

    sums: pl.DataFrame
    found: Found
    rows: int
    rejections: Rejections = field(default_factory=Rejections)
    notes: list[Problem] = field(default_factory=list)


def find_columns(name: str, columns: Sequence[str], layout: Layout) -> Found:
    """Where the columns of a layout stand.

    Raises:
        RefusalError: a required one is missing.
    """
    matched, notes = match_names(columns, layout.names)
    for group in layout.required:
        if not any(column in matched for column in group):
            raise RefusalError(
                f"{name} lacks the column {' or '.join(group)}. Its columns are "
                f"{', '.join(columns[:30])}."
            )
    chosen: dict[str, str] = {}
    for known, house in layout.names.items():
        if known in matched:
            chosen.setdefault(house, matched[known])
    taken = set(chosen.values())
    tags = {
        column: column[len(prefix) :]
        for prefix in layout.tags
        for column in columns
        if column.startswith(prefix) and len(column) > len(prefix) and column not in taken
    }
    return Found(chosen, tags, tuple(note for note in notes if note.column in taken))


def clean(sums: pl.DataFrame, found: Found, layout: Layout) -> pl.DataFrame:
    """Sums with every house column of the layout as text, null where nothing is stated."""
    keys = found.keys(layout)
    absent = [
        pl.lit(None, pl.String).alias(house)
        for house in dict.fromkeys(layout.names.values())
        if house not in sums.columns and house not in (*MOMENTS, *NUMBERS)
    ]
    texts = sums.with_columns(as_text(sums[key]) for key in keys)
    return texts.with_columns(*[blank_to_null(key).alias(key) for key in keys], *absent)


def unusable(keys: Sequence[str]) -> pl.Expr:
    """Whether a text is longer than a name can be, or a spreadsheet's error."""
    return pl.any_horizontal(
        pl.lit(False),
        *[
            ((pl.col(key).str.len_chars() > MAX_CHARACTERS) | pl.col(key).is_in(_ERRORS)).fill_null(
                False
            )
            for key in keys
        ],
    )


_ERRORS: Final = list(ERROR_VALUES.values())


def period_end(layout: Layout) -> pl.Expr:
    """End of a line: as stated; where it is the start (a purchase is a moment) the hour after it;
    where none is stated the end of the day, or of the hour, that begins with it."""
    start, end = pl.col("start"), pl.col("end")
    least = start.dt.offset_by("1d" if layout.day else "1h")
    stated = pl.when(end == start).then(start.dt.offset_by("1h")).otherwise(end)
    return pl.coalesce(stated, least).alias("end")
