"""A folder that is watched: which files are new or changed, and have come to rest."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from carbon.portfolio.opened import Opened, PortfolioError
from carbon.workspace import WorkspaceError

UNFINISHED: Final = (
    *(".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".download"),
    *(".swp", ".lock", "~"),
)
"""What names end in while a program still writes the file."""

HIDDEN: Final = (".", "~$", "_SUCCESS", "_temporary")
"""What names begin with that nobody put there to be read: hidden files, locks of Office, and what
Spark writes beside its parts."""


@dataclass(frozen=True)
class Stamp:
    """Size [B] and time of change [ns] of a file: as long as both stay, it is taken to rest."""

    size: int
    changed_ns: int


@dataclass
class Watched:
    """Which files of a folder have not been taken in yet, and rest.

    A file counts once it was met twice with the same stamp, at least `rest_s` [s] apart: a copy in
    progress keeps growing. Nothing here looks at a disk or a clock.

    Attributes:
        rest_s: how long a file must stay as it is [s].
    """

    rest_s: float
    _met: dict[str, tuple[Stamp, float]] = field(default_factory=dict)
    _done: dict[str, Stamp] = field(default_factory=dict)

    def ready(self, files: Mapping[str, Stamp], now: float) -> list[str]:
        """Names of the files to take in now, sorted.

        Args:
            files: the files that there are; one that is gone is forgotten.
            now: any clock that never goes back [s].
        """
        self._met = {name: met for name, met in self._met.items() if name in files}
        self._done = {name: done for name, done in self._done.items() if name in files}
        found = []
        for name, stamp in sorted(files.items()):
            before, since = self._met.get(name, (None, now))
            if before != stamp:
                self._met[name] = (stamp, now)
            elif self._done.get(name) != stamp and now - since >= self.rest_s:
                found.append(name)
        return found

    def taken(self, name: str, stamp: Stamp) -> None:
        """The file was taken in, or refused: it is left alone until it changes."""
        self._done[name] = stamp


def is_whole(name: str) -> bool:
    """Whether a file or folder of this name is there to be read, and is not being written."""
    return not name.startswith(HIDDEN) and not name.casefold().endswith(UNFINISHED)


def files_in(folder: Path, apart: Path) -> dict[str, Stamp]:
    """The files of a folder and the folders in it, by their path in it; links are not followed.

    Args:
        folder: the folder that is watched.
        apart: a folder that is left alone wherever it stands: the workspace.

    Raises:
        OSError: the folder cannot be read.
    """
    found: dict[str, Stamp] = {}
    waiting = [folder]
    kept = apart.resolve()
    while waiting:
        inside = waiting.pop()
        for entry in _entries(inside, must=inside == folder):
            path = Path(entry.path)
            if not is_whole(entry.name) or path.resolve() == kept:
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            elif entry.is_file(follow_symlinks=False):
                stamp = _stamp(entry)
                if stamp is not None:
                    found[path.relative_to(folder).as_posix()] = stamp
    return found


def _entries(folder: Path, *, must: bool) -> list[os.DirEntry[str]]:
    """What is in a folder; of one that is gone meanwhile, or closed to us, nothing."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        if must:
            raise
        return []


def _stamp(entry: os.DirEntry[str]) -> Stamp | None:
    try:
        stat = entry.stat(follow_symlinks=False)
    except OSError:
        return None
    # An empty file is one that nobody has written yet.
    return Stamp(stat.st_size, stat.st_mtime_ns) if stat.st_size else None


class Watching(Opened):
    """The verb that a watched folder needs beside importing."""

    def knows_file(self, path: Path) -> bool:
        """Whether these very bytes were imported before, by their sha256.

        Raises:
            PortfolioError: the file cannot be read.
        """
        try:
            with path.open("rb") as file:
                evidence = hashlib.file_digest(file, "sha256").hexdigest()
            return self._workspace.ledger.knows(evidence)
        except OSError as error:
            raise PortfolioError(f"{path} cannot be read: {error.strerror}.") from error
        except WorkspaceError as error:
            raise PortfolioError(str(error)) from error
