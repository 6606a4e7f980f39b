"""A source: files of one format that come again and again, month after month."""

import re

from carbon.workspace import Workspace


def source_of(format: str, name: str) -> str:
    """The source that a file belongs to: its format, and its name without dates and counters.

    `emissions-2025.csv` and `emissions-2026-01.csv` of one format are one source: what was said of
    the first (its time zone, its mapping) holds for the next. A counter may be written `v2`.

    Args:
        format: the reader's name.
        name: file name as received; of a member of an archive the member's.
    """
    member = name.rsplit("›", 1)[-1].strip().rsplit("/", 1)[-1].casefold()
    stem = re.sub(r"(\.[a-z]\w{0,7})+$", "", member)
    family = re.sub(r"[\W_]*(?:(?<![^\W_])v)?\d[\dtz]*[\W_]*", "-", stem).strip("-")
    return f"{format} · {family}" if family else format


def zone_of(workspace: Workspace, format: str, name: str) -> str | None:
    """The zone that was named for a source's local times; None where nobody named one."""
    zone = workspace.settings.get(f"timezone:{source_of(format, name)}")
    return zone if isinstance(zone, str) else None


def remember_zone(workspace: Workspace, format: str, name: str, timezone: str) -> None:
    """Keep the zone of a source's local times: later files of it are read under it."""
    if zone_of(workspace, format, name) != timezone:
        workspace.settings.set(f"timezone:{source_of(format, name)}", timezone)
