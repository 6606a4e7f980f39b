"""Header names: the source's columns found as they are written, or nearly so."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from carbon.tables.payload import Problem


@lru_cache(maxsize=10_000)
def plain(name: str) -> str:
    """A name without case, accents of width, and with one underscore for blanks and hyphens."""
    folded = unicodedata.normalize("NFKC", name).strip().lstrip("\ufeff").casefold()
    return re.sub(r"[\s\-_]+", "_", folded)


def match_names(
    columns: Sequence[str], known: Iterable[str]
) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Find known names among the columns of a file: as written first, then without case.

    Args:
        columns: the file's column names.
        known: the names that are looked for.

    Returns:
        known name -> the file's own name, for those that are there; and one note for each that
        is written differently.
    """
    found = {name: name for name in known if name in set(columns)}
    taken = set(found.values())
    loose: Mapping[str, str] = {plain(c): c for c in reversed(columns) if c not in taken}
    notes = []
    for name in known:
        other = loose.get(plain(name))
        if name in found or other is None or other in taken:
            continue
        found[name] = other
        taken.add(other)
        notes.append(Problem(f"Column '{other}' was read as '{name}'.", column=other))
    return found, tuple(notes)


def count_known(cells: Iterable[str | None], known_plain: frozenset[str]) -> int:
    """How many distinct cells of a row are known names, written in any case."""
    return len({plain(c) for c in cells if c} & known_plain)


def find_header(rows: Sequence[Sequence[str | None]], known: Iterable[str]) -> int | None:
    """Index of the header among the first rows of a file.

    The first row that holds two or more known names; else the first that holds one; else the
    first of the widest rows, since a preamble is narrower than the table under it.
    """
    known_plain = frozenset(plain(name) for name in known)
    counts = [count_known(row, known_plain) for row in rows]
    for least in (2, 1):
        for index, count in enumerate(counts):
            if count >= least:
                return index
    widths = [sum(1 for cell in row if cell and cell.strip()) for row in rows]
    widest = max(widths, default=0)
    return widths.index(widest) if widest else None
