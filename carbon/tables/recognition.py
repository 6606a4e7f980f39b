"""How a file's format is told by its content, and how sure that is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from carbon.tables import read_table
from carbon.tables.columnar import parquet_columns
from carbon.tables.names import plain
from carbon.tables.payload import Payload, RefusalError
from carbon.tables.records import entries, flatten_keys, scalar_text
from carbon.tables.workbook import sheet_names

THRESHOLD: Final = 0.5
"""Below this a file is not recognised, and the user is asked."""

MARGIN: Final = 0.03
"""Two formats nearer to each other than this are not told apart, and the user is asked."""

PEEK_ENTRIES: Final = 20
PEEK_LINES: Final = 60


@dataclass(frozen=True)
class Head:
    """The beginning of a file, by which its format is recognised.

    Attributes:
        kind: kind of the payload.
        columns: the table's column names; of JSON the dotted keys of the first objects, of which
            the items of a list `data` count as `data.<key>`.
        rows: the first rows, by column, as text.
        lines: the first lines of a text file, for formats that are no table.
        sheets: names of a workbook's sheets.
        refusal: why no table could be made of it; a format that is no table may still fit.
    """

    kind: str
    columns: tuple[str, ...] = ()
    rows: tuple[Mapping[str, str | None], ...] = ()
    lines: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True)
class Recognition:
    """How sure a reader is that a file is its own: 0 (no) to 1 (certain), and why."""

    confidence: float
    reason: str


class Sniffer(Protocol):
    """What recognition needs of a reader."""

    NAME: str
    VARIABLE_MAP: Mapping[str, str]

    def sniff(self, head: Head) -> Recognition: ...


class UnrecognisedError(RefusalError):
    """No format fits well enough, or two fit alike: the user must say which.

    Attributes:
        head: what was seen of the file.
        candidates: formats that may be meant, best first, with how sure each is and why.
    """

    def __init__(self, message: str, head: Head, candidates: Sequence[tuple[str, Recognition]]):
        super().__init__(message)
        self.head = head
        self.candidates = tuple(candidates)


def recognise(
    payload: Payload, readers: Mapping[str, Sniffer], format: str | None = None
) -> tuple[str, Recognition, tuple[tuple[str, Recognition], ...]]:
    """Tell the format of a file by its content.

    Args:
        payload: the file.
        readers: format name -> reader.
        format: the name of a format, where the user named it; then nothing is guessed.

    Returns:
        name of the format, how sure and why, and the runners-up, best first.

    Raises:
        UnrecognisedError: no format fits, or two fit alike; the message says which are near.
        RefusalError: the format that was named is not known, or the file holds nothing readable.
    """
    if format is not None:
        if format not in readers:
            raise RefusalError(f"Format '{format}' is not known. Use one of {', '.join(readers)}.")
        return format, Recognition(1.0, "named by the user"), ()
    head = peek(payload, [c for reader in readers.values() for c in reader.VARIABLE_MAP])
    scores = [(name, reader.sniff(head)) for name, reader in readers.items()]
    ranked = sorted(scores, key=lambda item: -item[1].confidence)
    (name, best), others = ranked[0], tuple(o for o in ranked[1:] if o[1].confidence > 0)
    if best.confidence < THRESHOLD:
        message = head.refusal or _not_recognised(payload, head, name, best)
        raise UnrecognisedError(message, head, ranked[:3])
    if others and best.confidence - others[0][1].confidence < MARGIN:
        raise UnrecognisedError(
            f"{payload.name} may be {name} (it {best.reason}) or {others[0][0]} (it "
            f"{others[0][1].reason}). Name the format with --format.",
            head,
            ranked[:3],
        )
    return name, best, others


def peek(payload: Payload, known: Iterable[str]) -> Head:
    """The columns, first rows and first lines of a file.

    Args:
        payload: the file.
        known: column names that tell a table's header.
    """
    try:
        if payload.kind in ("json", "jsonl"):
            return _peek_json(payload)
        if payload.kind == "parquet":
            return Head(payload.kind, parquet_columns(payload.name, payload.data))
    except RefusalError as refusal:
        return Head(payload.kind, refusal=str(refusal))
    lines = tuple(payload.text[:100_000].split("\n", PEEK_LINES)[:PEEK_LINES])
    sheets = sheet_names(payload.data) if payload.kind == "xlsx" else ()
    try:
        table = read_table(payload, dict.fromkeys(known), peek=True)
    except RefusalError as refusal:
        return Head(payload.kind, lines=lines, sheets=sheets, refusal=str(refusal))
    rows = tuple(table.frame.head(5).to_dicts())
    return Head(payload.kind, tuple(table.columns), rows, lines, sheets)


def by_columns(
    head: Head,
    required: Sequence[str],
    *,
    one_of: Sequence[Sequence[str]] = (),
    optional: Sequence[str] = (),
    kinds: Sequence[str] = ("text", "xlsx", "parquet"),
) -> Recognition:
    """Recognition by column names.

    With every required column, and one of each group: 0.9, and up to 1 by the share of the file's
    columns that the format knows; written in another case, 0.05 less. Otherwise less than half,
    by the share that is there.

    Args:
        head: the beginning of the file.
        required: columns that must be there.
        one_of: groups of which one column must be there.
        optional: every column that the format knows.
        kinds: kinds of payload that the format comes in.
    """
    if head.kind not in kinds:
        return Recognition(0.0, f"the format does not come as {head.kind}")
    exact, loose = set(head.columns), {plain(c) for c in head.columns}
    missing = [name for name in required if plain(name) not in loose]
    missing += [
        " or ".join(group[:4]) for group in one_of if not any(plain(n) in loose for n in group)
    ]
    wanted = len(required) + len(one_of)
    if missing:
        share = 1 - len(missing) / wanted
        return Recognition(round(0.45 * share, 3), f"also needs {', '.join(missing)}")
    known = {plain(name) for name in (*required, *optional)}
    score = 0.9 + 0.1 * len(loose & known) / max(len(loose), 1)
    if not exact.issuperset(required):
        score -= 0.05
    return Recognition(round(score, 3), f"has the columns {', '.join(required)}")


def _peek_json(payload: Payload) -> Head:
    """Dotted keys of the first objects; the items of a list `data` count as `data.<key>`, and the
    items of lists in them as `data.results.<key>`."""
    rows = []
    for item in entries(payload)[:PEEK_ENTRIES]:
        if item.value is None:
            continue
        flat = _with_items(flatten_keys(item.value))
        rows.append({k: None if isinstance(v, list) else scalar_text(v) for k, v in flat.items()})
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    return Head(payload.kind, columns, tuple(rows))


def _with_items(flat: dict[str, Any]) -> dict[str, Any]:
    """Keys of an object, and those of the objects in its lists behind the list's own."""
    whole = dict(flat)
    for name, inner in flat.items():
        for element in inner[:PEEK_ENTRIES] if isinstance(inner, list) else ():
            if isinstance(element, dict):
                items = _with_items(flatten_keys(element))
                whole.update({f"{name}.{key}": value for key, value in items.items()})
    return whole


def _not_recognised(payload: Payload, head: Head, name: str, best: Recognition) -> str:
    columns = ", ".join(head.columns[:20]) or "none"
    more = "" if len(head.columns) <= 20 else f" and {len(head.columns) - 20} more"
    return (
        f"{payload.name} is not recognised: its columns are {columns}{more}. The nearest format is "
        f"{name}, which {best.reason}. If you know the format, name it with --format; else say "
        "what its columns mean on the Mapping screen."
    )
