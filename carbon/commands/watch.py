"""`carbon import --watch DIR`: takes in what is new in a folder, for as long as it runs.

It looks at the folder time and again rather than being told, so that network folders and bind
mounts work as well. Files stay where they are.
"""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final

import typer

from carbon.commands.imported import finish_import
from carbon.commands.terminal import answer, messages
from carbon.portfolio import ImportResult, Portfolio, PortfolioError
from carbon.portfolio.watching import Stamp, Watched, files_in

REST_S: Final = 2.0
"""A file is taken in once its size and its time of change stayed the same for so long [s]."""

_SLICE_S: Final = 0.1
"""How soon a signal is heeded [s]."""

Importing = Callable[[Sequence[tuple[str, bytes | Path]]], ImportResult]
"""How files are imported: format, time zone and mapping are settled."""


class Signals:
    """SIGTERM and SIGINT end the watching between two files, never within one."""

    def __init__(self) -> None:
        self.stopped = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Signals":
        for number in (signal.SIGTERM, signal.SIGINT):
            self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopped = True

    def wait(self, seconds: float) -> None:
        """Sleep, unless and until a signal comes."""
        until = time.monotonic() + seconds
        while not self.stopped and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE_S))


def watch(
    portfolio: Portfolio,
    folder: Path,
    importing: Importing,
    *,
    anew: bool,
    every_s: float,
    once: bool,
    as_json: bool,
) -> None:
    """Take in what is new in a folder, and what changes; one line a file.

    A file that cannot be taken is named with the reason and left until it changes.

    Args:
        portfolio: where it goes.
        folder: the folder, with the folders in it.
        importing: imports files.
        anew: read files that were imported before, as another format, zone or mapping was named.
        every_s: time between two looks at the folder [s].
        once: take in what rests there now, and end with the exit status of an import.
        as_json: a JSON document of each pass that took in something, one a line; with `once` one.
    """
    watched = Watched(REST_S)
    with Signals() as signals:
        if not once:
            messages.print(f"Watching {folder} every {every_s:g} s. Stop it with Ctrl-C.")
        _pass(portfolio, folder, importing, watched, signals, anew=anew)
        while not signals.stopped:
            signals.wait(REST_S if once else every_s)
            result = _pass(portfolio, folder, importing, watched, signals, anew=anew)
            if once:
                finish_import(result, as_json, say=_say)
                return
            if result.files:
                answer(result.to_dict(), as_json, partial(_say, result.to_dict()))


def _pass(
    portfolio: Portfolio,
    folder: Path,
    importing: Importing,
    watched: Watched,
    signals: Signals,
    *,
    anew: bool,
) -> ImportResult:
    """Import the files that are ready, one by one, until a signal comes."""
    taken: list[Any] = []
    known = 0
    try:
        files: Mapping[str, Stamp] = files_in(folder, portfolio.path)
    except OSError as error:
        messages.print(f"{folder} cannot be read: {error.strerror}. It is looked at again.")
        return ImportResult(())
    for name in watched.ready(files, time.monotonic()):
        if signals.stopped:
            break
        path = folder / name
        try:
            if not anew and portfolio.knows_file(path):
                known += 1
            else:
                taken += importing([(name, path)]).files
        except PortfolioError as error:
            # The workspace is busy, or the file went away: the next pass tries again.
            messages.print(f"{name}: {error}", soft_wrap=True)
            continue
        watched.taken(name, files[name])
    if known:
        messages.print(f"{known} of the files there were imported before.")
    return ImportResult(tuple(taken))


def _say(document: Mapping[str, Any]) -> None:
    """One line a file."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for file in document["files"]:
        typer.echo(f"{now} {file['name']}: {_outcome(file)}")


def _outcome(file: Mapping[str, Any]) -> str:
    if file["format"] is None:
        reasons = [problem["reason"] for problem in file["problems"]]
        return f"not taken. {' '.join(reasons[:1])}"
    parts = [f"{file['accepted']} rows taken"]
    parts += [f"{file['quarantined']} set aside"] if file["quarantined"] else []
    parts += [f"{file['duplicates']} known already"] if file["duplicates"] else []
    return f"{', '.join(parts)} ({file['format']})"
