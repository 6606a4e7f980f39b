"""A source: files of one format that come again and again, month after month."""

import re


def source_of(format: str, name: str) -> str:
    """The source that a file belongs to: its format, and its name without dates and counters.

    `emissions-2025.csv` and `emissions-2026-01.csv` of one format are one source: what was said of
    the first (its time zone, its mapping) holds for the next.

    Args:
        format: the reader's name.
        name: file name as received; of a member of an archive the member's.
    """
    member = name.rsplit("›", 1)[-1].strip().rsplit("/", 1)[-1].casefold()
    stem = re.sub(r"(\.[a-z]\w{0,7})+$", "", member)
    family = re.sub(r"[\W_]*(\d[\dtz]*)[\W_]*", "-", stem).strip("-")
    return f"{format} · {family}" if family else format
