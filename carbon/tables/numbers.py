"""Text -> numbers: decimal commas, thousands separators and units in cells.

How a mark is read, value by value:

* both marks in one number: the last one is the decimal mark (`1.234,5`, `1,234.5`);
* a mark that occurs twice groups thousands (`1,234,567`);
* one mark that is not followed by exactly three digits, or follows a leading zero or more than
  three digits, is the decimal mark (`12,5`, `0,125`, `1234,567`);
* one mark with one to three digits before and exactly three behind (`1,234`) could be either. The
  other numbers of the same columns decide; then the kind of file (typed cells and comma- or
  tab-separated files: `.` is decimal; semicolons: `,` is decimal). What is still open is refused:
  `1.234` in a semicolon file, or any such number where the file contradicts itself.

Blanks and apostrophes between digits group thousands (`1 234,5`, `1'234.5`).
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

import polars as pl

Mark = Literal[".", ",", ";", "?"]
"""Decimal mark of a file. ";": a comma, by the delimiter alone, so that `1.234` stays open;
"?": the file contradicts itself, and only unambiguous numbers may be taken."""

NULL_WORDS: Final = ("", "na", "n/a", "#n/a", "null", "none", "nan", "-", "–", "—")
"""Cells that mean *not stated*, in any case."""

OUTWEIGHS: Final = 10
"""A file that uses both marks as decimal marks contradicts itself, unless one is used this many
times as often: a single slip of the pen must not make every other number doubtful."""

_NUMBER: Final = r"^([+-]?)((?:\d[\d.,' ]*|[.,]\d+))(?:[eE]([+-]?\d{1,4}))?\s*(\D.*)?$"

_PLAIN_WHOLE: Final = r"^-?[0-9]+$"
_PLAIN_DOT: Final = r"^-?[0-9]+(\.[0-9]+)?$"
_CLEARLY_DOT: Final = r"^-?[0-9]+\.([0-9]{1,2}|[0-9]{4,})$"
_EASY_LENGTH: Final = 300
"""Digits of more bytes than this could pass the range of a float."""

_GROUPED_COMMA: Final = r"^\d{1,3}(,\d{2,3})*,\d{3}$"
_GROUPED_DOT: Final = r"^\d{1,3}(\.\d{3})+$"
_GROUPED_BLANK: Final = r"^\d{1,3}([ ']\d{3})+([.,]\d+)?$"
_AMBIGUOUS: Final = r"^[1-9]\d{0,2}[.,]\d{3}$"
_PLAIN: Final = r"^(\d+(\.\d*)?|\.\d+)$"


def blank_to_null(column: str | pl.Expr) -> pl.Expr:
    """Null where a cell means *not stated* (NULL_WORDS); the trimmed text elsewhere."""
    expr = pl.col(column) if isinstance(column, str) else column
    trimmed = expr.str.strip_chars()
    return pl.when(trimmed.str.to_lowercase().is_in(NULL_WORDS)).then(None).otherwise(trimmed)


def decimal_mark(columns: Iterable[pl.Series], delimiter: str | None, implied: str | None) -> Mark:
    """The decimal mark by which numbers that could be read two ways are read.

    Args:
        columns: the number columns of a file, as text.
        delimiter: its field delimiter, None where it has none.
        implied: the mark that the kind of file implies (typed cells), else None.
    """
    texts = [series.cast(pl.String) for series in columns]
    joined = pl.concat(texts) if texts else pl.Series(dtype=pl.String)
    clear = joined.str.contains(_CLEARLY_DOT)
    rest = joined.filter(~clear & joined.str.contains("[.,]"))
    marks = _split(rest).select(_evidence().alias("mark")).to_series()
    dots = int(clear.sum()) + int((marks == ".").sum())
    commas = int((marks == ",").sum())
    if dots > commas * OUTWEIGHS:
        return "."
    if commas > dots * OUTWEIGHS:
        return ","
    if dots or commas:
        return "?"
    if implied == "." or delimiter in (",", "\t", "|", None):
        return "."
    return ";"


def parse_number(
    series: pl.Series,
    units: Mapping[str, float] | None = None,
    mark: Mark = ".",
    *,
    bare: float = 1.0,
    strict: bool = False,
) -> tuple[pl.Series, pl.Series]:
    """Numbers of a text column in the house's unit.

    Args:
        series: cells as text.
        units: unit that may follow the number -> factor to the house's unit. None: no unit may
            follow.
        mark: decimal mark of the file, from `decimal_mark`, or as the user states it.
        bare: factor of a number without a unit to the house's unit.
        strict: the user stated the mark: a number that only the other mark explains is refused.

    Returns:
        values (Float64, null where nothing is stated or the cell failed) and reasons (text, null
        where the cell is fine).
    """
    cells = pl.DataFrame({"cell": series.cast(pl.String)})
    plain = _PLAIN_DOT if mark == "." else _PLAIN_WHOLE
    easy = pl.col("cell").str.contains(plain) & (pl.col("cell").str.len_bytes() < _EASY_LENGTH)
    number = pl.when(easy).then(pl.col("cell").cast(pl.Float64, strict=False) * bare)
    # Most cells are plain digits; the others are parsed once for each distinct text.
    hard = cells.filter(~easy).unique(maintain_order=True)
    if hard.is_empty():
        fine = pl.Series("reason", [None], dtype=pl.String).new_from_index(0, cells.height)
        return cells.select(number.alias("value")).to_series().alias(series.name), fine
    parsed = cells.join(
        _parse(hard, units or {}, mark, bare, strict),
        on="cell",
        how="left",
        validate="m:1",
        maintain_order="left",
    ).select(pl.coalesce(number, "value"), "reason")
    return parsed.to_series(0).alias(series.name), parsed["reason"]


def _parse(
    cells: pl.DataFrame, units: Mapping[str, float], mark: Mark, bare: float, strict: bool
) -> pl.DataFrame:
    """`cell`, `value`, `reason` of distinct cells."""
    factor = pl.col("unit").replace_strict(dict(units), default=None, return_dtype=pl.Float64)
    exponent = pl.col("exponent").fill_null("0")
    parts = (
        _split(cells["cell"])
        .lazy()
        .with_columns(
            pl.when(pl.col("unit").is_null()).then(bare).otherwise(factor).alias("factor"),
            _plain_digits(mark, strict).alias("digits"),
            _ambiguous(mark).alias("ambiguous"),
        )
        .with_columns(
            pl.concat_str("sign", "digits", pl.lit("e"), exponent)
            .cast(pl.Float64, strict=False)
            .alias("number")
        )
        .with_columns((pl.col("number") * pl.col("factor")).alias("value"))
        .with_columns(_reason(units, mark if strict else None).alias("reason"))
    )
    return parts.select(
        pl.col("raw").alias("cell"),
        pl.when(pl.col("reason").is_null()).then(pl.col("value")).alias("value"),
        "reason",
    ).collect()


def _split(series: pl.Series) -> pl.DataFrame:
    """Sign, digits as written, exponent and unit of each cell; all null where it is no number."""
    text = (
        pl.col("raw")
        .str.normalize("NFKC")
        .str.replace_all("\u2212", "-", literal=True)
        .str.replace_all("\u2019", "'", literal=True)
        .str.replace_all("\u03bc", "µ", literal=True)
        .str.replace_all(r"\s+", " ")
    )
    frame = pl.DataFrame({"raw": series.cast(pl.String)}).with_columns(
        blank_to_null(text).alias("text")
    )
    groups = pl.col("text").str.extract_groups(_NUMBER)
    spaced = groups.struct.field("2").str.strip_chars()
    return frame.with_columns(
        groups.struct.field("1").replace("+", "").alias("sign"),
        pl.when(~spaced.str.contains("[ ']") | spaced.str.contains(_GROUPED_BLANK))
        .then(spaced.str.replace_all("[ ']", ""))
        .alias("written"),
        groups.struct.field("3").alias("exponent"),
        groups.struct.field("4").str.strip_chars().alias("unit"),
    )


def _evidence() -> pl.Expr:
    """The decimal mark that a number proves by itself, null where it proves none."""
    w = pl.col("written")
    dot, comma = w.str.contains(".", literal=True), w.str.contains(",", literal=True)
    last_dot = w.str.contains(r"\.[^,]*$") & comma
    twice_comma, twice_dot = w.str.count_matches(",") > 1, w.str.count_matches(r"\.") > 1
    return (
        pl.when(dot & comma)
        .then(pl.when(last_dot).then(pl.lit(".")).otherwise(pl.lit(",")))
        .when(w.str.contains(_AMBIGUOUS) | ~(dot | comma))
        .then(None)
        .when(comma)
        .then(pl.when(twice_comma).then(pl.lit(".")).otherwise(pl.lit(",")))
        .otherwise(pl.when(twice_dot).then(pl.lit(",")).otherwise(pl.lit(".")))
    )


def _ambiguous(mark: Mark) -> pl.Expr:
    both_ways = pl.col("written").str.contains(_AMBIGUOUS)
    if mark == "?":
        return both_ways
    if mark == ";":
        return both_ways & pl.col("written").str.contains(".", literal=True)
    return pl.lit(False)


def _plain_digits(mark: Mark, strict: bool) -> pl.Expr:
    """The digits with `.` as the only mark, null where the marks make no number."""
    w = pl.col("written")
    by_itself = pl.lit(None, pl.String) if strict else _evidence()
    decimal = pl.coalesce(by_itself, pl.lit("," if mark in (",", ";") else "."))
    comma_decimal = w.str.extract(r"^(.*),(\d*)$", 1)
    comma_whole_ok = comma_decimal.str.contains(r"^\d*$") | comma_decimal.str.contains(_GROUPED_DOT)
    as_comma = (
        pl.when(w.str.contains(_GROUPED_DOT) & ~w.str.contains(",", literal=True))
        .then(w.str.replace_all(".", "", literal=True))
        .when(comma_whole_ok)
        .then(w.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .when(w.str.contains(r"^\d+$"))
        .then(w)
    )
    dot_whole = w.str.extract(r"^([^.]*)(?:\.\d*)?$", 1)
    dot_whole_ok = dot_whole.str.contains(r"^\d*$") | dot_whole.str.contains(_GROUPED_COMMA)
    as_dot = pl.when(dot_whole_ok).then(w.str.replace_all(",", "", literal=True))
    digits = pl.when(decimal == ",").then(as_comma).otherwise(as_dot)
    return pl.when(digits.str.contains(_PLAIN)).then(digits)


def _reason(units: Mapping[str, float], stated: Mark | None) -> pl.Expr:
    """Why a cell failed, null where it is fine or states nothing."""
    known = ", ".join(units) or "no unit"
    no_number = "this is not a number"
    if stated is not None:
        no_number += f" with '{stated}' as its decimal mark"
    two_ways = pl.col("written")
    as_decimal = two_ways.str.replace(",", ".", literal=True)
    as_group = two_ways.str.replace_all(r"[.,]", "")
    return (
        pl.when(pl.col("text").is_null())
        .then(None)
        .when(pl.col("written").is_null())
        .then(pl.lit("this is not a number"))
        .when(pl.col("unit").is_not_null() & pl.col("factor").is_null())
        .then(pl.format("unit '{}' is not known; use one of {}", "unit", pl.lit(known)))
        .when("ambiguous")
        .then(
            pl.format(
                "this could mean {} or {}; write it without a thousands separator and with two "
                "or four decimals",
                as_decimal,
                as_group,
            )
        )
        .when(pl.col("number").is_null())
        .then(pl.lit(no_number))
        .when(~pl.col("value").is_finite())
        .then(pl.lit("this number is too large to be meant"))
    )
