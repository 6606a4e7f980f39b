"""How sure a reader is that a file is its own, by the columns that it finds."""

from collections.abc import Sequence

from carbon.activity.source import Head, Recognition
from carbon.tables.names import plain

THRESHOLD = 0.5
"""Below this a file is not recognised."""


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
