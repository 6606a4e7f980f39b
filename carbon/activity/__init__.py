"""One module per input format, each with the same verbs: `sniff` and `read`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from carbon.activity import (
    aws_carbon,
    azure_carbon,
    codecarbon,
    google_carbon,
    instruments,
    template,
)
from carbon.activity.recognition import THRESHOLD, by_columns
from carbon.activity.source import (
    Context,
    Head,
    Payload,
    Problem,
    Reading,
    Recognition,
    RefusalError,
)
from carbon.tables import read_table
from carbon.tables.columnar import flatten, read_parquet
from carbon.tables.records import entries, flatten_keys, scalar_text

__all__ = ["FACTOR_TEMPLATE", "READERS", "peek", "read", "recognise"]


class Reader(Protocol):
    """What a module of this room offers."""

    NAME: str
    TITLE: str
    PROVIDER: str | None
    EXAMPLE_COLUMNS: Sequence[str]
    VARIABLE_MAP: Mapping[str, str]

    def sniff(self, head: Head) -> Recognition: ...

    def read(self, payload: Payload, context: Context) -> Reading: ...


READERS: Final[Mapping[str, Reader]] = {
    module.NAME: module
    for module in (
        template,
        codecarbon,
        aws_carbon,
        google_carbon,
        azure_carbon,
        instruments,
    )
}
"""Format name -> reader. To add a format, write its module and name it here."""

FACTOR_TEMPLATE: Final = "factor-template"
"""Recognised here so that it is not mistaken for activity; read by the factor library."""

_FACTOR_REQUIRED: Final = ("zone", "valid_from", "valid_to", "method")
_FACTOR_VALUES: Final = ("kg_co2e_per_kwh", "co2_kg_per_kwh")
_FACTOR_OTHERS: Final = (
    "basis",
    "ch4_kg_per_kwh",
    "n2o_kg_per_kwh",
    "gwp_set",
    "publisher",
    "release",
    "vintage",
    "licence",
    "document",
)

PEEK_ENTRIES: Final = 20


def recognise(
    payload: Payload, format: str | None = None
) -> tuple[str, Recognition, tuple[tuple[str, Recognition], ...]]:
    """Tell the format of a file by its content.

    Args:
        payload: the file.
        format: the name of a format, where the user named it; then nothing is guessed.

    Returns:
        name of the format, how sure and why, and the runners-up, best first.

    Raises:
        RefusalError: no format fits; the message names the nearest and what it also needs.
    """
    if format is not None:
        if format not in (*READERS, FACTOR_TEMPLATE):
            raise RefusalError(
                f"Format '{format}' is not known. Use one of "
                f"{', '.join((*READERS, FACTOR_TEMPLATE))}."
            )
        return format, Recognition(1.0, "named by the user"), ()
    head = peek(payload)
    scores = {name: reader.sniff(head) for name, reader in READERS.items()}
    scores[FACTOR_TEMPLATE] = by_columns(
        head,
        _FACTOR_REQUIRED,
        one_of=(_FACTOR_VALUES,),
        optional=(*_FACTOR_VALUES, *_FACTOR_OTHERS),
    )
    ranked = sorted(scores.items(), key=lambda item: -item[1].confidence)
    name, best = ranked[0]
    if best.confidence < THRESHOLD:
        raise RefusalError(_not_recognised(payload, head, name, best))
    return name, best, tuple(other for other in ranked[1:] if other[1].confidence > 0)


def read(payload: Payload, context: Context, format: str | None = None) -> Reading:
    """Read a file: every row accepted or set aside.

    Args:
        payload: the file.
        context: what may be known of the world.
        format: the name of its format; None recognises it.

    Raises:
        RefusalError: no format fits, it is a factor file, or the whole file cannot be taken.
    """
    name, _, _ = recognise(payload, format)
    if name == FACTOR_TEMPLATE:
        raise RefusalError(
            f"{payload.name} holds emission factors. Import it on the Factors screen, or with "
            "`carbon factors import`."
        )
    reading = READERS[name].read(payload, context)
    if not payload.warnings:
        return reading
    warnings = tuple(Problem(warning) for warning in payload.warnings)
    return replace(reading, notes=(*warnings, *reading.notes))


def peek(payload: Payload) -> Head:
    """The columns and first rows of a file.

    Raises:
        RefusalError: the file holds no table and no objects.
    """
    if payload.kind in ("json", "jsonl"):
        return _peek_json(payload)
    if payload.kind == "parquet":
        flat = flatten(read_parquet(payload.name, payload.data, PEEK_ENTRIES))
        return Head(payload.kind, tuple(flat.columns))
    known = dict.fromkeys(column for reader in READERS.values() for column in reader.VARIABLE_MAP)
    known.update(dict.fromkeys((*_FACTOR_REQUIRED, *_FACTOR_VALUES, *_FACTOR_OTHERS)))
    table = read_table(payload, known, peek=True)
    return Head(payload.kind, tuple(table.columns), tuple(table.frame.head(5).to_dicts()))


def _peek_json(payload: Payload) -> Head:
    """Dotted keys of the first objects; the items of a list `value` count as `value.<key>`."""
    rows = []
    for item in entries(payload)[:PEEK_ENTRIES]:
        if item.value is None:
            continue
        flat = flatten_keys(item.value)
        inner = flat.get("value")
        if isinstance(inner, list):
            for element in inner[:PEEK_ENTRIES]:
                if isinstance(element, dict):
                    flat.update({f"value.{k}": v for k, v in flatten_keys(element).items()})
        rows.append(
            {key: scalar_text(v) for key, v in flat.items() if not isinstance(v, list)}
            | {key: None for key, v in flat.items() if isinstance(v, list)}
        )
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    return Head(payload.kind, columns, tuple(rows))


def _not_recognised(payload: Payload, head: Head, name: str, best: Recognition) -> str:
    columns = ", ".join(head.columns[:20]) or "none"
    more = "" if len(head.columns) <= 20 else f" and {len(head.columns) - 20} more"
    return (
        f"{payload.name} is not recognised: its columns are {columns}{more}. The nearest format is "
        f"{name}, which {best.reason}. If you know the format, name it with --format."
    )
