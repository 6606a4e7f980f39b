"""The rows of a file under house names, as a mapping says: text first, then numbers."""

from typing import Final

import polars as pl

from carbon.activity.mapping.fields import CLOCK, FACTORS, FIELDS, FieldSpec
from carbon.activity.mapping.model import NUMBER_STYLES, Mapping, Origin, Skip, house_unit
from carbon.activity.sheet import Sheet
from carbon.activity.source import Payload, Problem, RefusalError
from carbon.tables import blank_to_null, decimal_mark, match_names, parse_number, read_table
from carbon.tables.cells import reject_unusable
from carbon.tables.rejections import REJECTION_SCHEMA

VERBATIM: Final = ("country", "zone")
"""House columns in which "NA" is a value (Namibia), not a blank."""

_CLOCK: Final = r"^(?:(\d+)[- ])?(\d+):(\d{2})(?::(\d{2}(?:\.\d+)?))?$"

_LISTED: Final = 8


def open_mapped(payload: Payload, mapping: Mapping, *, peek: bool = False) -> Sheet:
    """Read a file under house names, all of them text; rows that `skip` names are left out.

    Args:
        payload: the file.
        mapping: what its columns mean.
        peek: read only the beginning of the file.

    Raises:
        RefusalError: no table, or a column of the mapping is missing.
    """
    known = dict.fromkeys((*mapping.header, *mapping.used))
    table = read_table(payload, known, peek=peek, records=mapping.records)
    found, notes = match_names(table.columns, mapping.used)
    missing = [column for column in mapping.needed if column not in found]
    if missing:
        raise RefusalError(
            f"{payload.name} lacks the column{'s' if len(missing) > 1 else ''} "
            f"{', '.join(missing)} of the mapping '{mapping.name}'. Its columns are "
            f"{', '.join(table.columns[:30])}."
        )
    whole = table.numbered()
    # A column of the file that is called as the row's own number was renamed to make room.
    places = {c: _held(column, whole) for c, column in found.items()}
    numbered, left_out = _without_skipped(whole, mapping, places)
    written, cells = _named(mapping, numbered, places)
    sheet = Sheet(
        name=payload.name,
        frame=numbered.select("row_number", *_texts(mapping, places)),
        written=written,
        cells=cells,
        extra=numbered.drop("row_number", *set(places.values())),
        rows=table.rows - (whole.height - numbered.height),
        delimiter=table.delimiter,
        decimal=table.decimal,
        serial_dates=table.serial_dates,
        notes=[*table.notes, *notes, *left_out],
    )
    sheet.rejections.add(table.defects.select(list(REJECTION_SCHEMA)))
    reject_unusable(sheet.rejections, numbered, places.values())
    if not sheet.rows:
        raise RefusalError(
            f"{payload.name}: the mapping '{mapping.name}' leaves out every row. Check its "
            "rows to skip."
        )
    return sheet


def _held(column: str, whole: pl.DataFrame) -> str:
    shadow = f"{column} (file)"
    return shadow if column == "row_number" and shadow in whole.columns else column


def _without_skipped(
    whole: pl.DataFrame, mapping: Mapping, places: dict[str, str]
) -> tuple[pl.DataFrame, list[Problem]]:
    """The data rows, and a note for each rule that left rows out."""
    kept, notes = whole, []
    for rule in mapping.skip:
        skipped = _skipped(rule, places[rule.column]).fill_null(False)
        rows = kept.filter(skipped)["row_number"]
        kept = kept.filter(~skipped)
        if not len(rows):
            continue
        numbers = ", ".join(str(row) for row in rows.head(_LISTED))
        more = f" and {len(rows) - _LISTED} more" if len(rows) > _LISTED else ""
        said = " or ".join(f"'{value}'" for value in rule.values) or "empty"
        notes.append(
            Problem(
                f"{len(rows)} row{'s are' if len(rows) > 1 else ' is'} no data row by the mapping, "
                f"because {rule.column} is {said}: row{'s' if len(rows) > 1 else ''} "
                f"{numbers}{more}.",
                column=rule.column,
            )
        )
    return kept, notes


def _skipped(rule: Skip, column: str) -> pl.Expr:
    cell = pl.col(column).str.strip_chars().str.to_lowercase()
    if not rule.values:
        return cell.is_null() | (cell == "")
    return cell.is_in([value.strip().lower() for value in rule.values])


def _named(
    mapping: Mapping, numbered: pl.DataFrame, places: dict[str, str]
) -> tuple[dict[str, str], pl.DataFrame]:
    """House column -> what the file calls it, and the cells as they stand."""
    specs = FIELDS[mapping.target]
    written: dict[str, str] = {}
    cells: dict[str, pl.Expr] = {}
    for name, origin in mapping.fields.items():
        held = [places[column] for column in origin.columns if column in places]
        if not held and not origin.constant:
            continue
        house = specs[name].house
        written[house] = ", ".join(held) or f"{name} (of the mapping)"
        cells[house] = _joined(origin, places, verbatim=True)
    return written, numbered.select(expr.alias(house) for house, expr in cells.items())


def _texts(mapping: Mapping, places: dict[str, str]) -> list[pl.Expr]:
    """Every house column of the target as text; constants of numbers and dates come later."""
    exprs = []
    for name, spec in FIELDS[mapping.target].items():
        origin = mapping.fields.get(name, Origin())
        if spec.kind == "number":
            exprs.extend(_summands(spec.house, origin, places))
            continue
        text = _joined(origin, places, verbatim=spec.house in VERBATIM)
        if spec.kind == "text" and origin.constant:
            text = text.fill_null(origin.constant)
        exprs.append(text.alias(spec.house))
    return exprs


def _summands(house: str, origin: Origin, places: dict[str, str]) -> list[pl.Expr]:
    """The columns of a number: the first under the house's name, others numbered behind it."""
    held = [places[column] for column in origin.columns if column in places]
    if not held:
        return [pl.lit(None, pl.String).alias(house)]
    return [
        blank_to_null(column).alias(house if index == 0 else f"{house} + {index}")
        for index, column in enumerate(held)
    ]


def _joined(origin: Origin, places: dict[str, str], *, verbatim: bool) -> pl.Expr:
    """The cells of a field, several columns joined; null where all are empty."""
    held = [places[column] for column in origin.columns if column in places]
    if not held:
        return pl.lit(None, pl.String)
    parts = [pl.col(column) if verbatim else blank_to_null(column) for column in held]
    if len(parts) == 1:
        return parts[0]
    joined = pl.concat_str(parts, separator=origin.separator, ignore_nulls=True)
    return pl.when(pl.any_horizontal(part.is_not_null() for part in parts)).then(joined)


def read_numbers(sheet: Sheet, mapping: Mapping) -> None:
    """Parse every number in place, in the house's unit; the text stays as `<house> (raw)`.

    Several columns of one number are added up; cells that state nothing count as nothing.
    """
    specs = {name: spec for name, spec in FIELDS[mapping.target].items() if spec.kind == "number"}
    origins = {name: mapping.fields.get(name, Origin()) for name in specs}
    terms = {name: _terms(sheet, spec.house) for name, spec in specs.items()}
    told = [term for name, found in terms.items() for term in found if origins[name].unit != CLOCK]
    mark = decimal_mark(told, sheet.delimiter, sheet.decimal)
    for name, spec in specs.items():
        style = NUMBER_STYLES[origins[name].style or mapping.numbers]
        _number(sheet, spec, origins[name], terms[name], style or mark, strict=style is not None)


def _terms(sheet: Sheet, house: str) -> list[pl.Series]:
    """The columns that make up a number."""
    return [sheet.frame[column] for column in sheet.frame.columns if _is_term(column, house)]


def _is_term(column: str, house: str) -> bool:
    return column == house or column.startswith(f"{house} + ")


def _number(
    sheet: Sheet,
    spec: FieldSpec,
    origin: Origin,
    terms: list[pl.Series],
    mark: str,
    *,
    strict: bool,
) -> None:
    """Parse one number in place."""
    unit = origin.unit or house_unit(spec)
    parsed = []
    for text in terms:
        if unit == CLOCK:
            parsed.append(_clock(text))
        else:
            parsed.append(
                parse_number(
                    text,
                    dict(spec.in_cells),
                    mark,  # type: ignore[arg-type]
                    bare=FACTORS[unit],
                    strict=strict,
                )
            )
    values = pl.DataFrame([v.alias(str(i)) for i, (v, _) in enumerate(parsed)])
    reasons = pl.DataFrame([r.alias(str(i)) for i, (_, r) in enumerate(parsed)])
    written = pl.DataFrame([text.alias(str(i)) for i, text in enumerate(terms)])
    total = values.select(
        pl.when(pl.any_horizontal(pl.all().is_not_null())).then(pl.sum_horizontal(pl.all()))
    ).to_series()
    raw = written.select(pl.concat_str(pl.all(), separator=" + ", ignore_nulls=True)).to_series()
    raw = raw.set(raw == "", None)
    if origin.constant:
        total = total.set(raw.is_null(), float(origin.constant) * FACTORS[unit])
    sheet.frame = sheet.frame.drop(text.name for text in terms).with_columns(
        total.alias(spec.house),
        raw.alias(f"{spec.house} (raw)"),
        reasons.select(pl.coalesce(pl.all())).to_series().alias("(reason)"),
    )
    sheet.reject(pl.col("(reason)").is_not_null(), pl.col("(reason)"), spec.house)
    sheet.frame = sheet.frame.drop("(reason)")
    if not spec.negative:
        sheet.reject(
            pl.col(spec.house) < 0,
            f"{sheet.column(spec.house)} is negative, which cannot be",
            spec.house,
        )


def _clock(text: pl.Series) -> tuple[pl.Series, pl.Series]:
    """`1:30:00` or `2-01:30:00` as hours, and why a cell is none."""
    groups = pl.col("t").str.strip_chars().str.extract_groups(_CLOCK).struct
    days, hours, minutes, seconds = (
        groups.field(str(n)).cast(pl.Float64).fill_null(0.0) for n in (1, 2, 3, 4)
    )
    fits = pl.col("t").str.strip_chars().str.contains(_CLOCK)
    frame = pl.DataFrame({"t": text.cast(pl.String)}).select(
        pl.when(fits).then(days * 24 + hours + minutes / 60 + seconds / 3600).alias("value"),
        pl.when(pl.col("t").is_not_null() & ~fits)
        .then(pl.lit("this is no length of time; write it as 1:30:00 or 2-01:30:00"))
        .alias("reason"),
    )
    return frame["value"].alias(text.name), frame["reason"]
